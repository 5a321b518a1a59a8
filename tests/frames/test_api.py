"""`optimizer.api`: what scripts build on."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.checker import check_plan
from optimizer import api
from optimizer.solving.outcome import Outcome
from tests.cli.runs import INFEASIBLE, answers, copy_of
from tests.scenarios.worlds import TOY, toy


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A solver that answers at once, with the plan that it was started from last."""
    monkeypatch.setattr(api, "solve_model", answers("gap_reached", bound=0.9))


def test_all_names_are_there() -> None:
    assert [name for name in api.__all__ if not hasattr(api, name)] == []
    assert api.__all__ == sorted(api.__all__, key=lambda name: (name[0].islower(), name))


def test_read_and_write(tmp_path: Path) -> None:
    problem = api.read(str(TOY))
    assert problem == toy()
    for target in (tmp_path / "folder", tmp_path / "book.xlsx"):
        api.write(problem, target)
        assert api.read(target) == problem
        assert {finding.severity for finding in api.findings(target)} <= {"note", "warning"}
    spoilt = copy_of(TOY, tmp_path / "spoilt")
    (spoilt / "needs.csv").write_text("need\n", encoding="utf-8")
    with pytest.raises(api.InputError, match="missing_column") as raised:
        api.read(spoilt)
    assert len(raised.value.findings) >= 4


def test_solve_and_its_start() -> None:
    problem = api.read(TOY)
    solution = api.solve(problem)
    assert solution.plan is not None
    assert solution.verdict == check_plan(problem, solution.plan)
    assert solution.terms is not None
    assert (solution.status, solution.objective) == ("gap_reached", solution.terms.total)
    assert solution.bound == pytest.approx(0.9 * solution.terms.total)
    assert solution.gap == pytest.approx(0.1)
    changed = api.patched(problem, set={"items.SHELL.name": "another"})
    assert api.solve(changed, start=solution).plan == solution.plan
    with pytest.raises(KeyError):
        api.solve(problem, "no such formulation")


def test_a_start_that_is_not_legal_is_left_out() -> None:
    problem = api.read(TOY)
    solution = api.solve(problem)
    stopped = api.patched(problem, scale={"line_rates.*.slots_per_week": 0})
    found = api.solve(stopped, start=solution)
    assert found.verdict is not None
    assert found.verdict.passed


def test_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "solve_model", answers("infeasible"))
    none = api.solve(api.read(INFEASIBLE))
    assert (none.status, none.plan, none.verdict, none.facts, none.terms) == ("infeasible", None, None, None, None)
    for use in (lambda: api.tables(none), lambda: api.compare(none, none)):
        with pytest.raises(api.InputError, match="status is infeasible"):
            use()


def test_a_solver_without_a_plan_gives_the_better_of_the_two_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: object, **__: object) -> Outcome:
        return Outcome("no_plan", None, None, None, "tight", "direct", None, {"build": 0.0, "solve": 1.0})

    monkeypatch.setattr(api, "solve_model", nothing)
    solution = api.solve(api.read(TOY))
    assert (solution.status, solution.plan is not None) == ("time_limit", True)


def test_patches() -> None:
    problem = api.read(TOY)
    half = api.patch("half", {"scale": "pledges.*.amount_usd_m", "by": 0.5}, set={"packages.max_new": 2}, about="Less.")
    assert (half.name, half.about, len(half.changes)) == ("half", "Less.", 2)
    changed = api.patched(
        problem,
        half,
        remove=["needs.N2"],
        add={"receipts": [{"item": "SHELL", "date": "2026-02-02", "quantity": 1}]},
        shift={"orders.O1.quantity": 1},
    )
    assert [row.amount_usd_m for row in changed.pledges] == [12.5, 10]
    assert (len(changed.needs), len(changed.receipts), changed.orders[0].quantity) == (1, 1, 5)
    assert api.patched(problem) == problem
    again = api.patched(changed, api.difference(changed, problem))
    assert again == problem
    with pytest.raises(api.InputError) as raised:
        api.patched(problem, half, set={"orders.O1.quantty": 1}, remove=["needs.N9"])
    assert [finding.code for finding in raised.value.findings] == ["unknown_column", "nothing_selected"]
    with pytest.raises(api.InputError, match="unknown_column"):
        api.patch("wrong", set={"orders.O1.quantty": 1})


def test_scenarios(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text('[scenario.a]\nchanges = [{ remove = "needs.N2" }]\n', encoding="utf-8")
    assert [change.do for change in api.scenarios(tmp_path / "s.toml")["a"].changes] == ["remove"]
    with pytest.raises(api.InputError, match="no_such_path"):
        api.scenarios(tmp_path / "t.toml")


def test_compare() -> None:
    problem = api.read(TOY)
    old, new = api.solve(problem), api.solve(api.patched(problem, set={"orders.O1.quantity": 6}))
    comparison = api.compare(old, new)
    assert [(change.key, change.new) for change in comparison.inputs] == [(("O1",), 6)]
    assert api.compare(old, old).same


def test_plans_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(api.InputError, match="missing_file"):
        api.read_plan(tmp_path)


def test_tables_both_ways() -> None:
    problem = api.read(TOY)
    assert api.problem_from(api.tables(problem)) == problem
    solution = api.solve(problem)
    plan = api.plan_from(problem, api.tables(solution))
    assert check_plan(problem, plan) == solution.verdict
    with pytest.raises(api.InputError, match="unknown_table"):
        api.problem_from({"order": api.tables(problem)["orders"]}, problem)
    with pytest.raises(api.InputError, match="missing_file"):
        api.plan_from(problem, {})
