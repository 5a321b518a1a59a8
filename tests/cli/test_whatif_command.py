"""`burdenshare whatif`: both plans and the comparison, what is refused, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from models.checker import check_plan
from models.plan import Plan
from models.problem import Problem
from optimizer import pipeline
from optimizer.batch import whatif
from optimizer.batch.recipe import recipe_of
from optimizer.reading.instance import read_instance
from optimizer.reading.plan import read_plan
from optimizer.reading.write import write_folder
from optimizer.scenarios.scenario_file import read_scenarios
from optimizer.settings import Settings
from optimizer.solving.outcome import Outcome
from tests.cli.runs import INFEASIBLE, TOY, Command, answers, copy_of, files, use

ASKED = ("--set", "orders.O1.quantity=6")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers at once, with the plan that it was started from last; nothing is valued."""
    asked(monkeypatch, answers("optimal", bound=1.0))
    monkeypatch.setattr(pipeline, "valued", lambda problem, outcome, settings, stop: (None, outcome))


def asked(monkeypatch: pytest.MonkeyPatch, solve: Callable[..., Outcome]) -> None:
    """Let it be solved so; the plan of the base, if it was given to start from, comes last."""

    def given_last(*args: object, **given: object) -> Outcome:
        starts = list(given["starts"])  # type: ignore[call-overload]
        given["starts"] = sorted(starts, key=lambda start: start[0] == whatif.START)
        return solve(*args, **given)

    monkeypatch.setattr(whatif, "solve", given_last)


def judged(folder: Path) -> tuple[Problem, Plan]:
    """Instance and plan of a folder, which the checker passes."""
    problem = read_instance(folder / "instance").problem
    assert problem is not None
    plan, _ = read_plan(folder, problem)
    assert plan is not None
    assert check_plan(problem, plan).passed
    return problem, plan


def test_it_writes_both_plans_and_what_differs(burdenshare: Command, tmp_path: Path) -> None:
    out = tmp_path / "what"
    run = burdenshare("whatif", TOY, *ASKED, "--out", out)
    assert run.code == 0
    assert "because of its own row: quantity 4 → 6" in run.out
    assert {path.name for path in out.iterdir()} == {
        *("base", "changed", "comparison.html", "comparison.json", "comparison.xlsx"),
        *("manifest.json", "scenario.toml", "summary.json"),
    }
    (base, _), (changed, _) = judged(out / "base"), judged(out / "changed")
    assert changed.orders[0].quantity == 6
    assert replace(changed, orders=base.orders) == base
    names = {path.name for path in (out / "base").iterdir()}
    assert {path.name for path in (out / "changed").iterdir()} == names | {"starts"}, "the start is kept for a rerun"
    found = json.loads((out / "comparison.json").read_text(encoding="utf-8"))
    assert [(row["key"], row["old"], row["new"]) for row in found["inputs"]] == [(["O1"], 4, 6)]
    assert "What moved" in (out / "comparison.html").read_text(encoding="utf-8")
    scenarios, findings = read_scenarios(out / "scenario.toml")
    assert findings == ()
    assert scenarios is not None
    assert [patch.as_dict()["changes"] for patch in scenarios.patches.values()] == [
        [{"set": "orders.O1.quantity", "to": 6}]
    ]


def test_what_it_wrote_can_be_compared_and_asked_again(burdenshare: Command, tmp_path: Path) -> None:
    assert burdenshare("whatif", TOY, *ASKED, "--out", tmp_path / "a").code == 0
    run = burdenshare("compare", tmp_path / "a" / "base", tmp_path / "a" / "changed", "--json")
    assert (
        json.loads(run.out)["difference"] == json.loads((tmp_path / "a" / "comparison.json").read_text())["difference"]
    )
    scenario = ("--scenario", tmp_path / "a" / "scenario.toml")
    assert burdenshare("whatif", TOY, *scenario, "--out", tmp_path / "b").code == 0
    ours, theirs = files(tmp_path / "a" / "changed" / "instance"), files(tmp_path / "b" / "changed" / "instance")
    assert ours == theirs
    assert burdenshare("whatif", TOY, *ASKED, "--out", tmp_path / "a").code == 0, "a what-if may be written again"


def test_json_is_one_document(burdenshare: Command, tmp_path: Path) -> None:
    run = burdenshare("whatif", TOY, *ASKED, "--out", tmp_path / "what", "--json")
    found = json.loads(run.out)
    assert (run.code, set(found)) == (0, {"scenario", "base", "changed", "comparison", "notes"})
    assert found["comparison"]["significance"] == "proven"
    assert found["comparison"]["demands"]
    written = json.loads((tmp_path / "what" / "summary.json").read_text(encoding="utf-8"))
    assert written["base"] == found["base"]
    assert written["comparison"]["difference"] == found["comparison"]["difference"]
    assert "demands" not in written["comparison"]


def test_the_changed_solve_starts_from_the_base(
    burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []

    def spy(problem: Problem, formulation: object, settings: Settings, **given: object) -> Outcome:
        seen.append([name for name, _ in given["starts"]])  # type: ignore[attr-defined]
        return answers("optimal", bound=1.0)(problem, formulation, settings, **given)

    asked(monkeypatch, spy)
    assert burdenshare("whatif", TOY, "--shift", "orders.O1.due_date=3", "--out", tmp_path / "a").code == 0
    assert [names[-1] for names in seen] == ["priority_list", "unchanged"]
    assert judged(tmp_path / "a" / "base")[1] == judged(tmp_path / "a" / "changed")[1], "so nothing moved by chance"


def test_a_base_that_is_no_legal_start_is_said(burdenshare: Command, tmp_path: Path) -> None:
    run = burdenshare("whatif", TOY, "--scale", "line_rates.*.slots_per_week=0.5", "--out", tmp_path / "a")
    assert run.code == 0
    assert "put off where it has to be" in run.out
    promised = ("--set", "orders.O1.firm_by=2026-01-05", "--scale", "line_rates.*.slots_per_week=0")
    assert "no legal start" in burdenshare("whatif", TOY, *promised, "--out", tmp_path / "b").out


def test_what_is_found_for_the_changed_one_counts_for_the_base(
    burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first: list[Plan] = []

    def worse_at_first(problem: Problem, formulation: object, settings: Settings, **given: object) -> Outcome:
        starts = dict(given["starts"])  # type: ignore[call-overload]
        plan = starts["priority_list"] if first else starts["first_come_first_served"]
        first.append(plan)
        value = check_plan(problem, plan).terms.total
        return Outcome("time_limit", plan, value, 0.0, "tight", "quick", None, {"build": 0.0, "solve": 0.0})

    asked(monkeypatch, worse_at_first)
    change = ("--set", "items.SHELL.name=Another name")
    run = burdenshare("whatif", TOY, *change, "--out", tmp_path / "a", "--json")
    found = json.loads(run.out)
    assert run.code == 3
    assert len(first) == 2
    assert found["comparison"]["difference"] == 0, "the same question under another name has no effect"
    assert any("taken over" in said for said in found["base"]["warnings"])


def test_a_plan_given_is_the_base_and_is_not_solved_again(
    burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, answers("time_limit", bound=0.5))
    assert burdenshare("solve", TOY, "--out", tmp_path / "plan", "--gap", "0.03", "--seconds", "7").code == 3
    seen: list[Settings] = []

    def spy(problem: Problem, formulation: object, settings: Settings, **given: object) -> Outcome:
        seen.append(settings)
        return answers("optimal", bound=1.0)(problem, formulation, settings, **given)

    asked(monkeypatch, spy)
    before = files(tmp_path / "plan")
    for number, words in enumerate(((tmp_path / "plan",), (TOY, "--base", tmp_path / "plan"))):
        out = tmp_path / f"what{number}"
        run = burdenshare("whatif", *words, *ASKED, "--out", out)
        assert run.code == 3, "the base is not proven, so the worst of both is said"
        assert files(out / "base") == before == files(tmp_path / "plan")
    assert len(seen) == 2
    assert {(settings.gap, settings.seconds) for settings in seen} == {(0.03, 7.0)}, "as the base was solved"
    out = tmp_path / "other"
    assert burdenshare("whatif", tmp_path / "plan", *ASKED, "--gap", "0.5", "--out", out).code == 3
    assert seen[-1].gap == 0.5


def test_scenarios_and_options_are_made_in_order(burdenshare: Command, tmp_path: Path) -> None:
    (tmp_path / "s:1.toml").write_text(
        '[scenario.six]\nchanges = [{ set = "orders.O1.quantity", to = 6 }]\n'
        '[scenario.double]\nchanges = [{ scale = "orders.O1.quantity", by = 2 }]\n',
        encoding="utf-8",
    )
    scenario = tmp_path / "s:1.toml"
    words = ("--scenario", f"{scenario}:six", "--scenario", f"{scenario}:double", "--shift", "orders.O1.quantity=-1")
    assert burdenshare("whatif", TOY, *words, "--out", tmp_path / "a").code == 0
    assert judged(tmp_path / "a" / "changed")[0].orders[0].quantity == 11
    run = burdenshare("whatif", TOY, "--scenario", f"{scenario}:sixx", "--out", tmp_path / "b")
    assert (run.code, "Maybe six" in run.err, (tmp_path / "b").exists()) == (2, True, False)
    assert (
        "2 scenarios: which is meant?"
        in burdenshare("whatif", TOY, "--scenario", scenario, "--out", tmp_path / "b").err
    )


@pytest.mark.parametrize(
    ("words", "table", "expected"),
    [
        (("--set", "packages.max_new=3"), "package_policy", {"max_new": 3}),
        (("--set", "start=2026-01-12"), "", {}),
        (("--set", "orders[recipient=ALP|GAM, due_date<2026-01-15].quantity=9"), "orders", {"O2": 9, "O4": 9}),
        (("--set", "orders[recipient!=ALP, quantity>=4].quantity=9"), "orders", {"O3": 9}),
        (("--set", "line_rates.LM,2026-01-05.slots_per_week=3"), "line_rates", {"LM": 3}),
        (("--add", "receipts item=SHELL date=2026-02-02 quantity=8"), "receipts", {"SHELL": 8}),
        (("--remove", "offers[donor=BET]"), "offers", {}),
        (("--remove", "[stability]"), "stability", None),
        (("--set", "weights.urgency=[8, 4, 2, 1, 1]"), "weights", {"urgency": (8, 4, 2, 1, 1)}),
    ],
)
def test_ways_to_say_a_change(
    burdenshare: Command, tmp_path: Path, words: tuple[str, ...], table: str, expected: dict[str, object] | None
) -> None:
    run = burdenshare("whatif", TOY, *words, "--out", tmp_path / "a")
    assert run.code == 0, run.err
    problem = judged(tmp_path / "a" / "changed")[0]
    if expected is None or not table:
        assert table == "" or getattr(problem, table) is None
        return
    rows = getattr(problem, table)
    if not isinstance(rows, tuple):
        assert {key: getattr(rows, key) for key in expected} == expected
        return
    names = {
        "orders": ("order", "quantity"),
        "line_rates": ("line", "slots_per_week"),
        "receipts": ("item", "quantity"),
    }
    name, value = names.get(table, ("offer", "quantity"))
    found = {getattr(row, name): getattr(row, value) for row in rows}
    assert expected.items() <= found.items()
    assert expected or not found


def test_a_name_with_an_equals_sign_and_dots(burdenshare: Command, tmp_path: Path) -> None:
    problem = read_instance(TOY).problem
    assert problem is not None
    orders = (replace(problem.orders[0], order="=1+1.a=b"), *problem.orders[1:])
    write_folder(replace(problem, orders=orders), tmp_path / "instance")
    run = burdenshare("whatif", tmp_path / "instance", "--set", "orders.=1+1.a=b.quantity=2", "--out", tmp_path / "a")
    assert run.code == 0, run.err
    assert judged(tmp_path / "a" / "changed")[0].orders[0].quantity == 2


def test_everything_wrong_comes_at_once_and_nothing_is_written(burdenshare: Command, tmp_path: Path) -> None:
    wrong = (
        *("--set", "orders.O1.quantity=abc", "--set", "orders.O9.quantity=1", "--scale", "orders.O1.due_date=2"),
        *("--set", "order.O1.quantity=1", "--remove", "needs", "--add", "receipts item", "--set", "orders.O1.quantity"),
        *("--scenario", str(tmp_path / "none.toml"), "--set", "orders[recipient].quantity=2"),
    )
    run = burdenshare("whatif", TOY, *wrong, "--out", tmp_path / "a", "--json")
    found = json.loads(run.out)["findings"]
    assert run.code == 2
    assert sorted(row["code"] for row in found) == sorted(
        [
            *("no_such_path", "not_a_number", "nothing_selected", "wrong_change", "unknown_table"),
            *("bad_scenario", "bad_scenario", "bad_scenario", "bad_scenario"),
        ]
    )
    assert {row["file"] for row in found} == {"--set", "--scale", "--remove", "--add", str(tmp_path / "none.toml")}
    assert list(tmp_path.iterdir()) == []


def test_usage(burdenshare: Command, tmp_path: Path) -> None:
    assert "nothing is changed" in burdenshare("whatif", TOY, "--out", tmp_path / "a").err
    assert burdenshare("whatif", TOY, *ASKED).code == 2
    assert burdenshare("whatif", TOY, *ASKED, "--out", tmp_path / "a", "--formulation", "tigt").code == 2
    assert burdenshare("whatif", TOY, *ASKED, "--out", tmp_path / "a", "--seconds", "0").code == 2
    assert burdenshare("whatif", TOY, *ASKED, "--out", tmp_path / "a", "--gap", "-1").code == 2
    assert list(tmp_path.iterdir()) == []


def test_where_it_may_not_be_written(burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, answers("optimal", bound=1.0))
    plan = tmp_path / "plan"
    assert burdenshare("solve", TOY, "--out", plan).code == 0
    before = files(plan)
    for out in (plan, plan / "inside", tmp_path):
        run = burdenshare("whatif", plan, *ASKED, "--out", out, "--json")
        codes = {row["code"] for row in json.loads(run.out)["findings"]}
        assert (run.code, codes) == (2, {"target_exists"}), out
    full = copy_of(TOY, tmp_path / "full")
    assert burdenshare("whatif", TOY, *ASKED, "--out", full).code == 2
    assert files(plan) == before


def test_a_base_of_another_instance(burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert burdenshare("whatif", TOY, *ASKED, "--out", tmp_path / "a").code == 0
    run = burdenshare("whatif", TOY, *ASKED, "--base", tmp_path / "a" / "changed", "--out", tmp_path / "b")
    assert run.code == 2
    assert "quantity 6 → 4" in run.err
    run = burdenshare("whatif", tmp_path / "a", *ASKED, "--out", tmp_path / "b")
    assert (run.code, "which holds two plans" in run.err) == (2, True)
    base = tmp_path / "a" / "base"
    assert burdenshare("whatif", base, *ASKED, "--base", base, "--out", tmp_path / "b").code == 2
    (base / "production.csv").write_text("line,item,date,quantity\n", encoding="utf-8")
    run = burdenshare("whatif", base, *ASKED, "--out", tmp_path / "b")
    assert (run.code, "breaks rules of its own instance" in run.err) == (2, True)


def test_both_plans_can_be_run_again(burdenshare: Command, tmp_path: Path) -> None:
    change = ("--set", "orders.O2.quantity=0", "--shift", "orders.*.earliest_date=1")
    assert burdenshare("whatif", TOY, *change, "--work", "8", "--out", tmp_path / "a").code == 0
    for name, given in (("base", []), ("changed", ["unchanged"])):
        recipe, findings = recipe_of(tmp_path / "a" / name)
        assert findings == ()
        assert recipe is not None
        assert [start for start, _ in recipe.given] == given
        assert recipe.settings.work == 4, "half of it each"
    manifest = json.loads((tmp_path / "a" / "changed" / "manifest.json").read_text(encoding="utf-8"))
    assert list(manifest["inputs"]) == sorted(manifest["inputs"])
    assert [said.partition(":")[2].split(",")[0] for said in manifest["warnings"]] == [" orders.csv"], "as it is read"


def test_no_plan_can_exist_for_one_of_the_two(
    burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def solve(problem: Problem, formulation: object, settings: Settings, **given: object) -> Outcome:
        status = "infeasible" if problem.orders and problem.orders[0].quantity == 6 else "optimal"
        return answers(status, bound=1.0)(problem, formulation, settings, **given)  # type: ignore[arg-type]

    asked(monkeypatch, solve)
    run = burdenshare("whatif", TOY, *ASKED, "--out", tmp_path / "a")
    assert (run.code, "not two plans to compare" in run.out) == (4, True)
    assert "Both plans" not in run.err
    assert (tmp_path / "a" / "base" / "dispatches.csv").is_file()
    assert (tmp_path / "a" / "changed" / "summary.json").is_file()
    assert not (tmp_path / "a" / "comparison.json").exists()
    asked(monkeypatch, answers("infeasible"))
    run = burdenshare("whatif", INFEASIBLE, "--set", "after_horizon_weeks=3", "--out", tmp_path / "b", "--json")
    assert (run.code, json.loads(run.out)["comparison"]) == (4, None)


def test_codes_from_best_to_worst(burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for status, code in (("gap_reached", 0), ("time_limit", 3), ("interrupted", 130)):
        asked(monkeypatch, answers(status, bound=0.5))  # type: ignore[arg-type]
        assert burdenshare("whatif", TOY, *ASKED, "--out", tmp_path / "a").code == code
    assert "Not significant" in (tmp_path / "a" / "summary.json").read_text(encoding="utf-8")


def test_the_time_is_shared(burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []

    def spy(problem: Problem, formulation: object, settings: Settings, **given: object) -> Outcome:
        seen.append(settings.seconds)
        return answers("optimal", seconds={"build": 1.0, "solve": 9.0})(problem, formulation, settings, **given)

    asked(monkeypatch, spy)
    assert burdenshare("whatif", TOY, *ASKED, "--out", tmp_path / "a", "--seconds", "40").code == 0
    assert seen == [20.0, 30.0], "half for the base, then all that is left"


def test_names_of_users_are_escaped(burdenshare: Command, tmp_path: Path) -> None:
    problem = read_instance(TOY).problem
    assert problem is not None
    items = (replace(problem.items[0], name="<script>alert(1)</script>"), *problem.items[1:])
    write_folder(replace(problem, items=items), tmp_path / "instance")
    out = tmp_path / "a"
    change = ("--set", "items.SHELL.name=<img src=x>")
    assert burdenshare("whatif", tmp_path / "instance", *change, *ASKED, "--out", out).code == 0
    page = (out / "comparison.html").read_text(encoding="utf-8")
    assert "<img src=x>" not in page
    assert "&lt;img src=x&gt;" in page
