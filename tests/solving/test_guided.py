"""Method "guided" on small instances: what it says is allowed, bounded rightly, and proven once time suffices.

`solve` takes it for large instances only; here it is called in this process, or the size from which it is taken is 0.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.checker import check_plan
from models.extract import extract
from optimizer.settings import Settings
from optimizer.solving import child
from optimizer.solving.guided import guided
from optimizer.solving.highs import Limits, run
from optimizer.solving.leads import Link
from optimizer.solving.methods import METHODS
from optimizer.solving.search import Search, whole_units
from tests.models.cases import Case
from tests.solving.tasks import SLOTS, TIGHT, Ear, case, led_toy, run_here, search_of, task_of, toy

ACCURACY = 1e-4
ALONE = ["case-014", "case-022", "case-024", "mixed-104", "mixed-107", "mixed-111"]
"""Cases with and without packages, with proposed packages, offers and reviews; each takes about a second."""
BESIDE = ["case-019", "mixed-110"]
"""Cases solved with the bound in a process of its own."""


def near(value: float) -> object:
    return pytest.approx(value, rel=ACCURACY, abs=ACCURACY)


def assert_sound(found: Case, search: Search) -> None:
    """bound ≤ optimum ≤ objective, and the plan is allowed and worth what the search says."""
    optimum = found.objective
    assert optimum is not None
    if search.bound is not None:
        assert search.bound <= optimum * (1 + 1e-5) + 1e-5
    if search.best is None:
        return
    assert search.objective is not None
    assert search.objective >= optimum * (1 - 1e-5) - 1e-5
    settled = whole_units(search.task, search.best, search)
    verdict = check_plan(found.problem, extract(search.task.exact, settled))
    assert verdict.violations == ()
    # an interrupted solve may hand over a plan that is better than its variables say, never a worse one
    assert verdict.terms.total <= search.objective * (1 + 1e-6) + 1e-5
    assert verdict.terms.total >= optimum * (1 - 1e-5) - 1e-5


@pytest.mark.parametrize(("name", "threads"), [*((n, 1) for n in ALONE), *((n, 2) for n in BESIDE)])
def test_guided_proves_the_optimum(name: str, threads: int) -> None:
    phases: list[str] = []
    found = case(name)
    search = search_of(task_of(found.problem, guide=True), threads=threads, report=lambda s: phases.append(s.phase))
    guided(search)
    assert search.proven
    assert search.objective == near(found.objective or 0.0)
    assert_sound(found, search)
    if threads == 1:  # a bound beside the search may prove a plan at any moment
        assert {"releases", "deliveries"} <= set(phases)


@pytest.mark.parametrize("threads", [1, 2])
def test_guided_knows_the_infeasible(threads: int) -> None:
    search = search_of(task_of(case("mixed-109").problem, guide=True), threads=threads)
    guided(search)
    assert (search.infeasible, search.best, search.objective) == (True, None, None)


@pytest.mark.parametrize("seconds", [0.02, 0.3])
@pytest.mark.parametrize("name", ["case-004", "mixed-112"])
def test_guided_out_of_time_claims_nothing_wrong(name: str, seconds: float) -> None:
    found = case(name)
    search = search_of(task_of(found.problem, guide=True), seconds=seconds)
    guided(search)
    assert not search.infeasible
    assert_sound(found, search)
    assert search.left <= 0 or search.proven


def test_guided_stops_with_the_plan_in_hand() -> None:
    found = case("mixed-112")
    hand: list[Search] = []
    search = search_of(
        task_of(found.problem, guide=True), report=hand.append, stop=lambda: bool(hand and hand[0].best is not None)
    )
    guided(search)
    assert search.best is not None
    assert search.left > 30
    assert_sound(found, search)


def test_first_plan_comes_before_branch_and_bound() -> None:
    """The relaxation leads to a plan by itself; the last resort is not what finds it."""
    first: dict[str, str] = {}

    def report(search: Search) -> None:
        if search.best is not None:
            first.setdefault("phase", search.phase)

    for name in ("case-014", "case-024", "mixed-111"):
        first.clear()
        guided(search_of(task_of(case(name).problem, guide=True), report=report))
        assert first["phase"] == "deliveries", name


@pytest.mark.parametrize("name", ["case-014", "case-019", "mixed-111"])
def test_guide_is_a_relaxation(name: str) -> None:
    """Its optimum is not above the exact one, and it shares every decision with it but who pays."""
    task = task_of(case(name).problem, guide=True)
    assert task.guide is not None
    assert task.guide_program is not None
    answer = run(task.guide_program, Limits(20.0, 1e-6))
    assert answer.bound is not None
    assert answer.bound <= (case(name).objective or 0.0) * (1 + 1e-6)
    link = Link.of(task.guide, task.exact)
    assert [task.guide.matrix.kinds[k] for k in link.guide] == [task.exact.matrix.kinds[k] for k in link.exact]
    left = set(np.delete(task.guide.matrix.kinds, link.guide).tolist())
    assert left <= {"pays", "gives"}
    assert set(np.delete(task.exact.matrix.kinds, link.exact).tolist()) <= {"pays", "takes_part"}


@pytest.mark.parametrize("name", ["stages-055", "stages-051", "mixed-105"])
def test_guided_stage_by_stage(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METHODS, "guided", replace(METHODS["guided"], least_whole=0))
    found = case(name)
    outcome = run_here(child.Job(found.problem, SLOTS, Settings(seconds=60.0, gap=1e-5, threads=1)))
    assert outcome.method == "guided"
    assert outcome.status in ("optimal", "gap_reached")
    assert [stage.term for stage in outcome.stages] == list(found.problem.objective.stages)
    for stage in outcome.stages:
        assert stage.value == near(found.terms[stage.term])
        assert stage.bound <= stage.value
    assert outcome.plan is not None
    verdict = check_plan(found.problem, outcome.plan)
    assert verdict.violations == ()
    assert verdict.terms.total == near(found.objective or 0.0)


def test_size_decides_the_method(monkeypatch: pytest.MonkeyPatch) -> None:
    job = child.Job(case("case-021").problem, SLOTS, Settings(seconds=60.0, threads=1))
    assert run_here(job).method == "direct"
    monkeypatch.setitem(METHODS, "guided", replace(METHODS["guided"], least_whole=0))
    ear = Ear()
    outcome = run_here(job, ear)
    assert outcome.method == "guided"
    assert any("guided" in message for message in outcome.messages)
    assert outcome.objective == near(case("case-021").objective or 0.0)
    assert "releases" in {progress.phase for progress in ear.of("progress")}


@pytest.mark.parametrize("name", ["case-014", "case-022", "case-030", "mixed-107"])
def test_guided_proves_the_optimum_of_the_default_formulation(name: str) -> None:
    found = case(name)
    search = search_of(task_of(found.problem, guide=True, formulation=TIGHT))
    guided(search)
    assert search.proven
    assert search.objective == near(found.objective or 0.0)
    assert_sound(found, search)


@pytest.mark.parametrize(("seed", "threads"), [(1, 1), (2, 2)])
def test_guided_on_generated_instances(seed: int, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From job to plan: allowed by the checker, worth what it says, and no bound above what branch and bound finds."""
    monkeypatch.setitem(METHODS, "guided", replace(METHODS["guided"], least_whole=0))
    problem = toy(seed)
    outcome = run_here(child.Job(problem, TIGHT, Settings(seconds=60.0, gap=5e-3, threads=threads)))
    assert outcome.method == "guided"
    assert outcome.status in ("optimal", "gap_reached")
    assert outcome.plan is not None
    assert outcome.objective is not None
    assert outcome.bound is not None
    verdict = check_plan(problem, outcome.plan)
    assert verdict.violations == ()
    assert verdict.terms.total == pytest.approx(outcome.objective, rel=1e-6)
    plain = run(led_toy(seed).program, Limits(60.0, 5e-3))
    assert plain.objective is not None
    assert plain.bound is not None
    assert outcome.bound <= plain.objective * (1 + 1e-6)
    assert plain.bound <= outcome.objective * (1 + 1e-6)
