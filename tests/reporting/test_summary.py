"""`summary.json`: its fields, its way back, and whose word it is."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import pytest
from rich.console import Console, RenderableType

from models.checker import RULES, check_plan
from models.priority import priorities
from models.problem import TERMS
from optimizer.reporting.manifest import manifest
from optimizer.reporting.numbers import clean, percent, short, text
from optimizer.reporting.progress_line import ProgressLine, progress_text
from optimizer.reporting.summary import Summary, summarise
from optimizer.reporting.terminal import clash_lines, objective_table, status_lines, verdict_table, weights_table
from optimizer.reporting.weights import added, factors
from optimizer.settings import Settings
from optimizer.solving.outcome import Clash, MatrixSize, Phase, Progress, Stage
from tests.builders import small_plan, small_problem, with_dispatch
from tests.reporting.reports import a_baseline, a_report, an_outcome


def plain(what: RenderableType) -> str:
    console = Console(width=200, force_terminal=False, color_system=None)
    with console.capture() as capture:
        console.print(what)
    return " ".join(capture.get().split())


def test_the_fields_are_those_of_the_interface() -> None:
    found = a_report().summary.as_dict()
    for key in [
        "instance",
        "status",
        "objective",
        "bound",
        "gap",
        "terms",
        "formulation",
        "seconds",
        "checker",
        "unmet",
        "baselines",
    ]:
        assert key in found
    assert list(found["terms"]) == list(TERMS)
    assert found["objective"] == pytest.approx(sum(found["terms"].values()))
    assert found["checker"] == "passed"
    assert found["baselines"][0]["checker"] != "passed"
    assert "firm_date" in found["baselines"][0]["checker"]


def test_it_goes_through_json_and_back() -> None:
    stages = (Stage("needs_delay", 1.0, 0.5),)
    clashes = (Clash("promise", "firm_date", ("O1",), 2.0, "units", "O1 cannot be there in time"),)
    summary = dataclasses.replace(a_report().summary, stages=stages, clashes=clashes, warnings=("slow",))
    back = Summary.from_dict(json.loads(json.dumps(summary.as_dict(), allow_nan=False)))
    assert back.as_dict() == summary.as_dict()
    assert back.stages == stages
    assert back.clashes == clashes


def test_the_objective_is_the_checkers_and_the_bound_never_above_it() -> None:
    problem, plan = small_problem(), small_plan()
    verdict = check_plan(problem, plan)
    ended = an_outcome(plan, verdict.terms.total * (1 + 1e-7))
    found = summarise(problem, ended, verdict=verdict, facts=None, baselines=(), seconds={})
    assert found.objective == verdict.terms.total
    assert (found.bound, found.gap) == (verdict.terms.total, 0.0)


def test_what_is_not_known_is_none() -> None:
    ended = an_outcome(None, None, "no_plan", bound=None)
    found = summarise(small_problem(), ended, verdict=None, facts=None, baselines=(), seconds={}).as_dict()
    assert [found[key] for key in ("objective", "bound", "gap", "terms", "checker", "unmet")] == [None] * 6


def test_the_manifest_tells_how_to_find_the_plan_again() -> None:
    ended = an_outcome(None, None, "no_plan", matrix=MatrixSize(3, 4, 5, 2), trace=(Progress("lp", None, 1.0, 0.5),))
    ended = dataclasses.replace(ended, nodes=7, root_bound=1.0, root_seconds=0.45678)
    ended = dataclasses.replace(ended, phases=(Phase("relaxation", 2.34567, 1.23456, 3),))
    found = manifest(
        "toy",
        files=[],
        outcome=ended,
        settings=Settings(seed=7, threads=3),
        seconds={"total": 1.23456},
        started=dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC),
        warnings=["w"],
    )
    json.dumps(found, allow_nan=False)
    assert (found["program"], found["seed"], found["threads"]) == ("burdenshare", 7, 3)
    assert found["matrix"] == {"rows": 3, "columns": 4, "nonzeros": 5, "integers": 2}
    assert found["seconds"] == {"total": 1.235}
    assert found["started"] == "2026-01-05T12:00:00+00:00"
    assert found["versions"]["highspy"]
    assert (found["nodes"], found["root_bound"], found["root_seconds"]) == (7, 1.0, 0.457)
    assert found["phases"] == [{"phase": "relaxation", "seconds": 2.346, "simplex_seconds": 1.235, "rounds": 3}]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (3, "3"),
        (3.0, "3"),
        (-0.0, "0"),
        (0.1 + 0.2, "0.3"),
        (1e-12, "0"),
        (2.5, "2.5"),
        (123456.123456789, "123456.123456789"),
        (dt.date(2026, 1, 5), "2026-01-05"),
        ("a", "a"),
    ],
)
def test_cells(value: object, cell: str) -> None:
    assert text(value) == cell


def test_numbers_for_people() -> None:
    assert [short(v) for v in (0.0, 0.004, 0.5, 2.25, 12.34, 999.0, 12345.6)] == [
        "0",
        "0.004",
        "0.5",
        "2.25",
        "12.3",
        "999",
        "12,346",
    ]
    assert [percent(v) for v in (None, 0.0, 0.1234)] == ["unknown", "0.00 %", "12.34 %"]
    assert str(clean(-1e-15)) == "0.0"


def test_the_end_of_a_solve_in_words() -> None:
    summary = dataclasses.replace(a_report().summary, baselines=(a_baseline(),))
    table = plain(objective_table(summary))
    assert "needs delay" in table
    assert "Priority list" in table
    assert "Optimal" in plain(status_lines(summary))
    unproven = dataclasses.replace(summary, status="time_limit", bound=None, gap=None)
    assert "No lower bound is known yet." in plain(status_lines(unproven))
    illegal = dataclasses.replace(a_baseline(), checker=["firm_date"])
    assert "breaks firm_date" in plain(status_lines(dataclasses.replace(summary, baselines=(illegal,))))


def test_a_clash_is_told_by_rule_place_and_amount() -> None:
    clash = Clash("promise", "firm_date", ("O1", "[bold]"), 2.0, "units", "two units too few")
    found = plain(clash_lines(dataclasses.replace(a_report().summary, clashes=(clash,))))
    assert "firm_date [O1, [bold]]: two units too few (by 2 units)" in found


def test_the_verdict_names_every_rule() -> None:
    problem = small_problem()
    legal = plain(verdict_table(RULES, check_plan(problem, small_plan())))
    assert all(f"{rule} │ holds" in legal for rule in RULES)
    broken = plain(verdict_table(RULES, check_plan(problem, with_dispatch(small_plan(), "O-firm", 1, quantity=0))))
    assert "firm_date │ broken" in broken


def test_what_contributions_add_makes_up_the_weight() -> None:
    problem = small_problem()
    policy = problem.weights
    assert policy is not None
    for priority in priorities(problem).values():
        assert policy.minimum + sum(added(priority, policy).values()) == pytest.approx(priority.weight)
        product = policy.minimum
        for factor in factors(priority, policy).values():
            product *= factor
        assert product == pytest.approx(priority.weight)
    names = {row.recipient: row.name for row in problem.recipients}
    assert "16.00" in plain(weights_table(names, priorities(problem), policy))
    assert "POL" in plain(weights_table(names, priorities(small_problem(weights=None)), None))


def test_progress_is_one_line_on_a_terminal_and_nothing_elsewhere() -> None:
    assert progress_text(Progress("search", 100.0, 90.0, 1.0), 3.0) == "search  plan 100  bound 90  gap 10.00 %  3 s"
    assert progress_text(Progress("model", None, None, 0.0), 0.4) == "model  plan none yet  bound none yet  gap –  0 s"
    quiet = Console(force_terminal=False, width=100)
    with quiet.capture() as capture, ProgressLine(quiet) as line:
        line(Progress("search", 1.0, None, 0.0))
    assert capture.get() == ""
