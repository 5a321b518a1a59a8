"""A plan's folder planned on from: what is read, refused, rolled on, and said. The solver runs once for all."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from models.catalog import DEFAULT, FORMULATIONS
from models.checker import check_plan
from models.formulation import Formulation
from models.problem import Problem
from optimizer.batch.rerun import rerun
from optimizer.continuing import left_starts, standing_anew, stood_in
from optimizer.explaining.facts import facts_of
from optimizer.findings import Finding
from optimizer.generating.generate import generate
from optimizer.pipeline import Result, solve_instance
from optimizer.reading.instance import read_instance
from optimizer.reporting.html import page
from optimizer.reporting.previous import Rolled, read_previous, roll_on
from optimizer.reporting.replanned import Replanning
from optimizer.reporting.replanning import replanning
from optimizer.reporting.replanning_words import headline, sentences
from optimizer.reporting.summary import Report, Summary
from optimizer.settings import Settings
from optimizer.solving.outcome import Outcome

TOY = Path(__file__).parents[2] / "instances" / "toy"
QUICK = Settings(seconds=20.0, threads=1)
STILL = "periods = [[8, 1]]\ndepth = [[1, 1]]"


@pytest.fixture(scope="module")
def week0(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy with a calendar that is not deepened, solved to the optimum."""
    folder = tmp_path_factory.mktemp("planned")
    source = edited(TOY, folder / "toy", "instance.toml", "periods = [[8, 1]]", STILL)
    assert solve_instance(source, folder / "week0", settings=QUICK).code == 0
    return folder / "week0"


def edited(source: Path, to: Path, file: str = "", old: str = "", new: str = "") -> Path:
    """A copy of an instance with one edit; a file that is not there is written."""
    shutil.copytree(source, to)
    path = to / file
    if file:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        assert old in text
        path.write_text(text.replace(old, new) if old else new, encoding="utf-8")
    return to


def asked(week0: Path, to: Path, file: str = "", old: str = "", new: str = "") -> Path:
    return edited(week0 / "instance", to / "asked", file, old, new)


def refused(instance: Path, previous: Path) -> tuple[str, str | None]:
    rolled, findings = roll_on(instance, previous)
    assert rolled is None
    errors = [finding for finding in findings if finding.severity == "error"]
    assert errors[0].message
    return errors[0].code, errors[0].column


def continued(rolled: Rolled, settings: Settings) -> Outcome | None:
    """The outcome where nothing has changed."""
    stood = stood_in(rolled, settings, hold=True)
    return None if stood is None else standing_anew(rolled.problem, stood, FORMULATIONS[DEFAULT], settings)


def told(rolled: Rolled) -> Replanning:
    """The account for the plan that is left, put off where it has to be."""
    ((_, plan),) = left_starts(rolled)
    verdict = check_plan(rolled.problem, plan)
    return replanning(rolled, plan, facts_of(rolled.problem, plan), verdict.terms)


def test_nothing_changed_stands_with_its_bound_and_without_the_solver(week0: Path) -> None:
    rolled, _ = roll_on(week0 / "instance", week0)
    assert rolled is not None
    assert rolled.unchanged
    assert rolled.loosened == ()
    outcome = continued(rolled, QUICK)
    assert outcome is not None
    assert (outcome.status, outcome.method, outcome.plan) == ("optimal", "standing", rolled.advanced.carried)
    assert outcome.bound == pytest.approx(862.0)


@pytest.mark.parametrize(
    ("given", "proving"),
    [
        (Settings(seconds=20.0), Settings(seconds=6.0)),
        (Settings(work=20.0), Settings(work=6.0, seconds=600.0)),
        (Settings(work=20.0, seconds=40.0), Settings(work=6.0, seconds=40.0)),
    ],
)
def test_a_bound_proven_anew_gets_its_share_of_what_is_asked(
    week0: Path, monkeypatch: pytest.MonkeyPatch, given: Settings, proving: Settings
) -> None:
    """Of seconds, or of work: then seconds are a net, and stay as they are."""
    limits: list[Settings] = []

    def solved(problem: Problem, formulation: Formulation, settings: Settings, **rest: Any) -> Outcome:
        limits.append(settings)
        assert rest["hold"]
        return Outcome("time_limit", None, None, 800.0, formulation.name, "direct", None, {})

    monkeypatch.setattr("optimizer.continuing.solve", solved)
    rolled, _ = roll_on(week0 / "instance", week0)
    assert rolled is not None
    loosened = replace(rolled, loosened=("objective",))
    outcome = continued(loosened, given)
    assert limits == [proving]
    assert outcome is not None
    assert (outcome.status, outcome.plan, outcome.bound) == ("time_limit", rolled.advanced.carried, 800.0)
    assert "proven anew" in outcome.messages[-1]


def test_a_bound_proven_anew_by_work_is_the_same_again(week0: Path) -> None:
    rolled, _ = roll_on(week0 / "instance", week0)
    assert rolled is not None
    loosened = replace(rolled, loosened=("objective",))
    first, second = (continued(loosened, Settings(work=10.0)) for _ in "12")
    assert first is not None
    assert second is not None
    assert (first.status, first.plan, first.bound) == ("optimal", rolled.advanced.carried, pytest.approx(862.0))
    assert first.repeatable
    assert (first.bound, first.nodes, first.root_bound) == (second.bound, second.nodes, second.root_bound)


def test_written_folder_is_one_to_plan_on_from(week0: Path, tmp_path: Path) -> None:
    result: Result = solve_instance(week0 / "instance", tmp_path / "week1", settings=QUICK, previous=week0)
    assert result.code == 0
    summary = json.loads((tmp_path / "week1" / "summary.json").read_text(encoding="utf-8"))
    assert Summary.from_dict(summary).as_dict()["replanning"] == summary["replanning"]
    assert summary["replanning"]["bound"] == "carried_over"
    assert summary["replanning"]["later"]["planned_units"] == summary["replanning"]["later"]["kept_units"]
    manifest = json.loads((tmp_path / "week1" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["rolled_from"]["previous"] == "week0"
    assert manifest["rolled_from"]["plan"].keys() >= {"dispatches.csv", "instance/orders.csv"}
    again, findings = read_previous(tmp_path / "week1")
    assert again is not None, findings
    assert again.problem.as_of == again.problem.start
    assert roll_on(tmp_path / "week1" / "instance", tmp_path / "week1")[0] is not None
    assert "Since the plan before" in (tmp_path / "week1" / "report.html").read_text(encoding="utf-8")


def test_edits_and_actuals_are_why(week0: Path, tmp_path: Path) -> None:
    source = asked(week0, tmp_path, "orders.csv", "O1,C1,ALP,MISSILE,4", "O1,C1,ALP,MISSILE,5")
    (source / "actuals.csv").write_text(
        "event,entity,item,origin,package,date,quantity\nproduced,LS,,,,2026-01-06,0\n", encoding="utf-8"
    )
    rolled, _ = roll_on(source, week0)
    assert rolled is not None
    assert not rolled.unchanged
    assert continued(rolled, QUICK) is None
    found = told(rolled)
    assert [(row.event, row.entity, row.planned, row.actual) for row in found.actuals] == [("produced", "LS", 2.0, 0.0)]
    assert any("O1" in said for said in found.changed)
    assert found.moved_units > 0
    why = {row.demand: row.why for row in found.moved}
    assert why["O1"].startswith("because of its own row")
    assert headline(found) == f"{found.moved_units} units of {found.planned_units} moved"
    assert any(said.startswith("What changed since") for said in sentences(found))


def test_broken_promise_is_a_warning_and_first_on_the_page(week0: Path, tmp_path: Path) -> None:
    source = asked(week0, tmp_path, "orders.csv", "O2,C2,GAM,MISSILE,3,2026-01-12,2024-01-15,,complete,,",
                   "O2,C2,GAM,MISSILE,3,2026-01-12,2024-01-15,,complete,2026-01-05,")  # fmt: skip
    rolled, findings = roll_on(source, week0)
    assert rolled is not None
    assert [finding.code for finding in findings if finding.severity == "warning"][:1] == ["promise_broken"]
    found = told(rolled)
    assert [(row.rule, row.demand, row.units) for row in found.broken] == [("firm_date", "O2", 3)]
    assert sum(said.startswith("Promise broken (firm_date)") for said in sentences(found)) == 1


def test_paid_content_that_a_new_plan_gives_up_is_a_broken_promise(week0: Path, tmp_path: Path) -> None:
    """No rule keeps it, so the account does: in the summary, and first on the page."""
    source = asked(week0, tmp_path, "instance.toml", "start = 2026-01-05", "start = 2026-01-26")
    rolled, _ = roll_on(source, week0)
    assert rolled is not None
    paid = {row.package for row in rolled.problem.packages if row.status == "funded"}
    needs = {row.need for row in rolled.problem.package_contents if row.package in paid}
    ((_, plan),) = left_starts(rolled)
    assert any(row.demand in needs and row.origin == "pool" for row in plan.dispatches)
    less = replace(plan, dispatches=tuple(row for row in plan.dispatches if row.demand not in needs))
    terms = check_plan(rolled.problem, less).terms
    found = replanning(rolled, less, facts_of(rolled.problem, less), terms)
    assert {(row.rule, row.demand) for row in found.broken} <= {("promise_kept", need) for need in needs}
    assert found.broken
    assert any(line.startswith("Promise broken (promise_kept)") for line in sentences(found))
    assert told(rolled).broken == ()
    assert Replanning.from_dict(json.loads(json.dumps(asdict(found)))).broken == found.broken


def test_texts_of_a_user_are_escaped(week0: Path, tmp_path: Path) -> None:
    source = asked(week0, tmp_path, "orders.csv", "O1,", "<script>alert(1)</script>,")
    rolled, _ = roll_on(source, week0)
    assert rolled is not None
    ((_, plan),) = left_starts(rolled)
    verdict, facts = check_plan(rolled.problem, plan), facts_of(rolled.problem, plan)
    account = replanning(rolled, plan, facts, verdict.terms)
    assert any("<script>" in row.demand for row in account.moved)
    summary = Summary("toy", "optimal", 1.0, 1.0, 0.0, None, "tight", {}, "passed", None, replanning=account)
    text = page(Report(rolled.problem, plan, verdict, facts, summary))
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


@pytest.mark.parametrize(
    ("start", "code"),
    [("2026-01-14", "not_a_monday"), ("2025-12-29", "not_a_period_start"), ("2026-06-01", "not_a_period_start")],
)
def test_start_that_does_not_follow_is_refused(week0: Path, tmp_path: Path, start: str, code: str) -> None:
    source = asked(week0, tmp_path, "instance.toml", "start = 2026-01-05", f"start = {start}")
    assert refused(source, week0) == (code, "start")


def test_later_start_is_the_new_first_day(week0: Path, tmp_path: Path) -> None:
    source = asked(week0, tmp_path, "instance.toml", "start = 2026-01-05", "start = 2026-01-19")
    rolled, _ = roll_on(source, week0)
    assert rolled is not None
    assert (rolled.advanced.elapsed, rolled.problem.start.isoformat()) == (2, "2026-01-19")
    assert rolled.unchanged


def test_quantities_that_stand_are_not_rolled_twice(week0: Path, tmp_path: Path) -> None:
    both = "start = 2026-01-12\nas_of = 2026-01-12"
    source = asked(week0, tmp_path, "instance.toml", "start = 2026-01-05", both)
    rolled, _ = roll_on(source, week0)
    assert rolled is not None
    assert not rolled.rolled
    assert {row.order: row.quantity for row in rolled.problem.orders}["O1"] == 4
    assert {note.entities[0] for note in rolled.advanced.notes} == {"MISSILE", "SHELL"}
    wrong = asked(
        week0, tmp_path / "wrong", "instance.toml", "start = 2026-01-05", "start = 2026-01-12\nas_of = 2026-02-02"
    )
    assert refused(wrong, week0) == ("wrong_as_of", "as_of")


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("produced,LX,SHELL,,,2026-01-06,1", "unknown_key", "entity"),
        ("produced,LS,SHELL,,,2026-01-12,1", "actual_outside", "date"),
        ("dispatched,O1,,,,2026-01-06,9", "actual_cannot_be", "quantity"),
        ("arrived,O1,SHELL,,,2026-01-06,1", "value_unexpected", "entity"),
    ],
)
def test_actuals_are_judged_with_file_and_row(week0: Path, tmp_path: Path, row: str, code: str, column: str) -> None:
    header = "event,entity,item,origin,package,date,quantity"
    source = asked(week0, tmp_path, "actuals.csv", "", f"{header}\n\n{row}\n")
    rolled, findings = roll_on(source, week0)
    assert rolled is None
    found = [(f.code, f.column, f.file, f.row) for f in findings if f.severity == "error"]
    assert (code, column, "actuals.csv", 3) in found


def test_folder_without_a_plan_is_refused(week0: Path, tmp_path: Path) -> None:
    assert refused(week0 / "instance", tmp_path)[0] == "no_previous_plan"
    assert refused(week0 / "instance", tmp_path / "nowhere")[0] == "no_previous_plan"
    broken = tmp_path / "broken"
    shutil.copytree(week0, broken)
    text = (broken / "dispatches.csv").read_text(encoding="utf-8")
    (broken / "dispatches.csv").write_text(text.replace("MISSILE,4,", "MISSILE,9,"), encoding="utf-8")
    assert refused(week0 / "instance", broken)[0] == "no_previous_plan"


def test_plan_of_another_instance_is_refused(week0: Path, tmp_path: Path) -> None:
    """Its lines and items may have the same names; nobody's demand does."""
    generate("toy", 3, tmp_path / "other")
    (rolled, findings) = roll_on(tmp_path / "other", week0)
    assert rolled is None
    assert [(f.code, f.file, f.column) for f in findings] == [("no_previous_plan", "instance.toml", "name")]
    assert str(week0) in findings[0].message
    same_names = asked(week0, tmp_path, "instance.toml", 'name = "', 'name = "renamed ')
    assert roll_on(same_names, week0)[0] is not None, "a new name alone is an edit"


def test_item_that_moved_and_is_gone_is_named(week0: Path, tmp_path: Path) -> None:
    """All of a cancelled item's rows are taken out, and last week's plan made some."""
    source = asked(week0, tmp_path)
    made = {row.split(",")[1] for row in (week0 / "production.csv").read_text(encoding="utf-8").splitlines()[1:]}
    gone = "SHELL"
    assert gone in made
    for file in source.glob("*.csv"):
        rows = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text("".join(row for row in rows if gone not in row), encoding="utf-8")
    rolled, findings = roll_on(source, week0)
    assert rolled is None
    errors = [(f.code, f.file, f.column, f.value) for f in findings if f.severity == "error"]
    assert errors == [("unknown_key", "items.csv", "item", gone)]


def test_actuals_without_a_plan_before_are_ignored_with_a_note(week0: Path, tmp_path: Path) -> None:
    header = "event,entity,item,origin,package,date,quantity"
    source = asked(week0, tmp_path, "actuals.csv", "", f"{header}\nproduced,LS,SHELL,,,2026-01-06,0\n")
    assert read_instance(source).findings == ()
    result = solve_instance(source, tmp_path / "out", settings=Settings(seconds=20.0, threads=1))
    assert result.code == 0
    assert [finding.code for finding in result.findings] == ["actuals_ignored"]
    assert result.summary is not None
    assert result.summary.replanning is None


def rolled_with_another_objective(instance: Path, previous: Path) -> tuple[Rolled | None, tuple[Finding, ...]]:
    rolled, found = roll_on(instance, previous)
    return rolled and replace(rolled, loosened=("objective",)), found


@pytest.mark.parametrize("loosened", [False, True])
def test_a_plan_that_stood_stands_again(
    week0: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, loosened: bool
) -> None:
    """With the bound that was carried over, or proven anew once more; the plan before is not needed for it."""
    gone = shutil.copytree(week0, tmp_path / "week0")
    if loosened:
        monkeypatch.setattr("optimizer.pipeline.roll_on", rolled_with_another_objective)
    settings = Settings(work=20.0, threads=1)
    assert solve_instance(gone / "instance", tmp_path / "week1", settings=settings, previous=gone).code == 0
    shutil.rmtree(gone)
    manifest = json.loads((tmp_path / "week1" / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["stood"]["bound"] is None) == loosened
    assert list(manifest["starts"]) == ["1.json"]
    found = rerun(tmp_path / "week1", tmp_path / "again")
    assert (found.code, found.findings, found.promised, found.identical) == (0, (), True, True)
    assert "dispatches.csv" in (found.files or {})
    then, now = (Summary.from_dict(json.loads((tmp_path / name / "summary.json").read_text(encoding="utf-8")))
                 for name in ("week1", "again"))  # fmt: skip
    assert (now.status, now.objective, now.bound) == (then.status, then.objective, then.bound)


@pytest.mark.parametrize(
    "stood", [{}, 7, {"bound": "low", "enough": 0.1, "why": ""}, {"bound": 1.0, "enough": None, "why": ""}]
)
def test_a_manifest_that_does_not_say_how_a_plan_stood_is_refused(week0: Path, tmp_path: Path, stood: object) -> None:
    solve_instance(week0 / "instance", tmp_path / "week1", settings=QUICK, previous=week0)
    file = tmp_path / "week1" / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**manifest, "stood": stood}), encoding="utf-8")
    assert [(row.code, row.column) for row in rerun(tmp_path / "week1").findings] == [("cannot_rerun", "stood")]
