"""Methods "components", "started" and "improving": each reaches and proves every case, with starts and without."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.baselines import first_come_first_served
from models.build import Built
from models.catalog import FORMULATIONS
from models.checker import check_plan
from models.plan import Plan
from models.problem import Problem
from optimizer.settings import Settings
from optimizer.solving import improving, started
from optimizer.solving.child import Job
from optimizer.solving.highs import Limits, run
from optimizer.solving.methods import METHODS
from optimizer.solving.outcome import Outcome
from optimizer.solving.search import Search
from optimizer.solving.started import NO_PERIOD, periods, windows
from tests.builders import an_order, bare_problem, day
from tests.models.cases import Case, all_cases
from tests.solving.tasks import TIGHT, case, led, led_toy, named, run_here, search_of, task_of

WAYS = ("components", "started", "improving")
ACCURACY = 1e-4
CALM = Settings(seconds=120.0, gap=ACCURACY / 10, threads=1)


def assert_reached(found: Case, outcome: Outcome, method: str) -> None:
    """The proven optimum with a plan that the checker passes; or that there is no plan."""
    assert outcome.method == method
    if found.objective is None:
        assert (outcome.status, outcome.plan) == ("infeasible", None)
        return
    assert outcome.status == "optimal"
    assert outcome.plan is not None
    verdict = check_plan(found.problem, outcome.plan)
    assert verdict.violations == ()
    for term, value in found.terms.items() if found.lexicographic else ():
        assert getattr(verdict.terms, term) == pytest.approx(value, rel=ACCURACY, abs=ACCURACY), term
    if not found.lexicographic:
        assert verdict.terms.total == pytest.approx(found.objective, rel=ACCURACY, abs=ACCURACY)
        assert outcome.bound == pytest.approx(found.objective, rel=ACCURACY, abs=ACCURACY)
        assert outcome.root_bound is not None
        assert outcome.bound is not None
        assert outcome.root_bound <= outcome.bound <= found.objective * (1 + 1e-6) + 1e-6


@pytest.mark.parametrize("method", WAYS)
@pytest.mark.parametrize("found", all_cases(), ids=lambda case: case.name)
def test_every_case_is_reached(found: Case, method: str) -> None:
    assert_reached(found, run_here(Job(found.problem, replace(TIGHT, method=method), CALM)), method)


@pytest.mark.parametrize("method", WAYS)
@pytest.mark.parametrize("formulation", ["textbook", "cumulative", "classes", "ordered", "unindexed"])
def test_in_other_formulations(formulation: str, method: str) -> None:
    for name in ("case-014", "mixed-111"):
        found = case(name)
        chosen = replace(FORMULATIONS[formulation], method=method)
        assert_reached(found, run_here(Job(found.problem, chosen, CALM)), method)


@pytest.mark.parametrize("method", WAYS)
@pytest.mark.parametrize("seconds", [0.0, 0.1])
def test_out_of_time_they_keep_the_start_and_claim_nothing_wrong(method: str, seconds: float) -> None:
    found = case("mixed-112")
    assert found.objective is not None
    start = first_come_first_served(found.problem)
    job = Job(found.problem, replace(TIGHT, method=method), replace(CALM, seconds=seconds), named(start))
    outcome = run_here(job)
    assert outcome.status in ("time_limit", "no_plan")
    assert outcome.bound is None or outcome.bound <= found.objective * (1 + 1e-6)
    if outcome.plan is not None:
        verdict = check_plan(found.problem, outcome.plan)
        assert verdict.violations == ()
        assert found.objective * (1 - 1e-6) <= verdict.terms.total <= check_plan(found.problem, start).terms.total


def promised() -> Problem:
    """Two complete orders on one line: the one that is worth less has a promise."""
    heavy = an_order("O-heavy", quantity=9, due_date=day(0), weight_multiplier=9.0, delivery="complete")
    light = an_order("O-light", quantity=9, due_date=day(1), firm_by=day(3), weight_multiplier=0.1, delivery="complete")
    return bare_problem(orders=(heavy, light))


@pytest.mark.parametrize("method", WAYS)
def test_without_any_baseline(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan comes of the method itself, and is the best one all the same."""
    for module in (started, improving):
        monkeypatch.setattr(module, "offer_baselines", lambda _search: None)
    first: list[str] = []
    for name in ("case-023", "mixed-112"):
        first.clear()
        search = search_of(led(name), report=lambda s: first.append(s.phase) if s.best is not None else None)
        METHODS[method].run(search)
        assert search.proven
        assert search.objective == pytest.approx(case(name).objective, rel=ACCURACY)
        if method == "started":
            assert first[0].startswith("window"), "relax-and-fix gave the first plan"


@pytest.mark.parametrize("method", WAYS)
def test_baselines_that_break_a_promise_are_no_start(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans that deliver nothing stand for them."""
    for name in ("priority_list", "first_come_first_served"):
        monkeypatch.setattr(started, name, lambda _problem: Plan())
    problem = promised()
    search = search_of(task_of(problem, formulation=TIGHT))
    started.offer_baselines(search)
    assert search.best is None
    direct = run_here(Job(problem, replace(TIGHT, method="direct"), CALM))
    outcome = run_here(Job(problem, replace(TIGHT, method=method), CALM))
    assert (outcome.status, direct.status) == ("optimal", "optimal")
    assert outcome.objective == pytest.approx(direct.objective)


# --- relax-and-fix ----------------------------------------------------------------------------------------------------


def test_windows_cover_the_calendar_and_share_the_decisions() -> None:
    at = np.array([3, 0, 0, NO_PERIOD, 1, 5, 5, 5, 5])
    assert windows(at, 2) == [(0, 3), (4, 5)]
    for count in range(1, 9):
        found = windows(at, count)
        assert len(found) <= count
        assert [t for first, last in found for t in range(first, last + 1)] == list(range(6))
    assert windows(np.array([NO_PERIOD]), 3) == []


def test_periods_are_read_off_the_names() -> None:
    built: Built = led_toy(0).exact
    at = periods(built)
    moves, horizon = built.draft.notes["moves"], built.draft.facts.T
    seen = set()
    for j, (kind, key) in enumerate(zip(built.matrix.kinds, built.matrix.column_keys, strict=True)):
        seen.add(str(kind))
        expected = {
            "sent": lambda key: moves[key[0]].period,
            "made": lambda key: key[2],
            "dispatched": lambda key: key[1],
            "is_completed": lambda key: key[1],
            "is_released": lambda key: key[0],
            "content": lambda key: key[1],
            "is_approved": lambda key: key[1],
            "is_accepted": lambda _key: NO_PERIOD,
        }.get(str(kind))
        if expected is not None:
            assert at[j] == min(expected(key), horizon - 1), (kind, key)
    assert {"sent", "made", "dispatched", "is_released", "content"} <= seen


def test_a_window_that_what_is_fixed_leaves_no_solution_frees_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first look at the second window is made to fail: its second look has both windows free."""
    looks: list[tuple[int, int]] = []
    step = started.Calendar._step

    def failing(self: started.Calendar, x: object, first: int, last: int, k: int) -> object:
        looks.append((first, last))
        return None if looks.count((first, last)) == 1 and len(looks) == 2 else step(self, x, first, last, k)  # type: ignore[arg-type]

    monkeypatch.setattr(started.Calendar, "_step", failing)
    search = search_of(led("mixed-112"))
    found = started.Calendar(search).run()
    assert looks[1][1] == looks[2][1]
    assert looks[2][0] == looks[0][0]
    assert found is not None
    assert search.task.program.violation(found) < 1e-5


def test_relax_and_fix_alone_gives_a_good_plan() -> None:
    """Within a tenth of the optimum on a generated instance, and better than the best baseline."""
    whole = led_toy(0)
    search = search_of(whole)
    started.offer_baselines(search)
    baseline = search.objective
    assert search.offer(started.Calendar(search).run())
    best = run(whole.program, Limits(60.0, 1e-3)).objective
    assert baseline is not None
    assert best is not None
    assert search.objective is not None
    assert search.objective < baseline
    assert search.objective <= 1.1 * best


# --- fix-and-optimize -------------------------------------------------------------------------------------------------


def test_neighbourhoods_improve_the_baseline_before_branch_and_bound() -> None:
    values: dict[str, float] = {}

    def report(search: Search) -> None:
        if search.objective is not None:
            values[search.phase] = search.objective

    search = search_of(led_toy(0), report=report, gap=1e-3)
    improving.improving(search)
    assert search.proven
    improved = [value for phase, value in values.items() if phase.startswith("improving")]
    assert min(improved) < 0.9 * values["baselines"]
    assert search.root_bound is not None
    relaxed = run(led_toy(0).program.relaxed(), Limits(20.0)).objective
    assert search.root_bound == pytest.approx(relaxed, rel=1e-6)
