"""Blocks solved whole at the relaxation's prices: a bound between the relaxation's and the optimum, at any prices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from scipy import sparse

from models import problem as p
from models.bulk.money import money
from models.bulk.tables import Floats, Tables
from models.facts import Facts
from optimizer.solving import bulk, bulk_bounds
from optimizer.solving.bulk import Bulk
from optimizer.solving.bulk_bounds import Blocks, Bounds, is_wide, within
from optimizer.solving.clock import clock_of, going_by
from optimizer.solving.highs import Limits, run
from optimizer.solving.places.where import Where
from optimizer.solving.program import Program
from tests.builders import a_need, a_pledge, an_item, an_order, bare_problem, day, small_problem
from tests.models.bulk.books import master_of, relaxed, slack, some_duals
from tests.models.cases import Case, all_cases
from tests.models.solved import SLOTS, solved
from tests.strategies import problems

WEIGHTED = [case for case in all_cases() if case.objective is not None and not case.lexicographic]
DRAWN = settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
LIMITS = Limits(seconds=20.0)


@pytest.fixture(autouse=True)
def all_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small instances, of which a block may be all: every column is written down."""
    monkeypatch.setattr(bulk_bounds, "WRITTEN", 10.0)


def bounds(problem: p.Problem, dual: Floats, *, wide: bool = False) -> list[float]:
    """The bound to begin with, and all that follow."""
    blocks = Blocks(problem, dual, LIMITS, wide=wide)
    return [blocks.bound, *blocks.run()]


def assert_between(problem: p.Problem, optimum: float, count: int, least: float = 1.0) -> float:
    """At the relaxation's prices no less than this share of its bound, at none above the optimum; the former."""
    master = master_of(problem)
    found, _ = relaxed(master)
    assert found is not None
    most = optimum + slack(optimum)
    raised = bounds(problem, found.dual)
    assert raised == sorted(raised)
    assert least * found.bound - slack(optimum) <= raised[-1] <= most
    for dual in some_duals(master, found.dual, count):
        assert bounds(problem, dual)[-1] <= most
        assert bounds(problem, dual, wide=True)[-1] <= most
    packages = bounds(problem, found.dual, wide=True)
    assert packages[0] <= packages[-1] <= most
    return raised[-1]


@pytest.mark.parametrize("case", WEIGHTED, ids=lambda case: case.name)
def test_the_bound_of_a_case_lies_between_its_relaxation_and_its_optimum(case: Case) -> None:
    assert case.objective is not None
    assert_between(case.problem, case.objective, 2)


@DRAWN
@given(problems())
def test_the_bound_of_a_drawn_instance_lies_between_its_relaxation_and_its_optimum(problem: p.Problem) -> None:
    optimum = solved(problem, SLOTS).value
    if optimum is not None:
        assert_between(problem, optimum, 2)


@pytest.mark.parametrize("written", [0.0, 1e-2, 0.1])
@pytest.mark.parametrize("case", WEIGHTED[::3], ids=lambda case: case.name)
def test_columns_may_be_left_out(case: Case, written: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """With hardly any columns written down the blocks say less, and nothing that is not so."""
    monkeypatch.setattr(bulk_bounds, "WRITTEN", written)
    assert case.objective is not None
    assert_between(case.problem, case.objective, 3, 0.0)


def late_orders() -> p.Problem:
    """Three complete orders that are all due at once, four units each, of a line that makes three a week."""
    orders = [an_order(f"O{k}", quantity=4, delivery="complete", due_date=day(0)) for k in range(3)]
    return bare_problem(orders=tuple(orders))


def test_whole_orders_cost_more_than_their_relaxation() -> None:
    """Nothing is shared here, so that the only block is all there is, and its best solution the optimum."""
    problem = late_orders()
    found, _ = relaxed(master_of(problem))
    optimum = solved(problem, SLOTS).value
    assert found is not None
    assert optimum is not None
    assert found.bound < optimum * 0.999
    assert bounds(problem, found.dual)[-1] == pytest.approx(optimum, rel=1e-5)


def test_committed_units_of_a_complete_order_are_kept_whole() -> None:
    """With orders whose dispatches of the plan before stand, the only block is all there is as well."""
    problem = late_orders()
    problem = replace(
        problem,
        commitments=(p.Commitment("O1", "missile", day(1), 2), p.Commitment("O2", "missile", day(2), 1)),
        stability=p.StabilityPolicy(4, 52.0, 1.0),
    )
    assert_between(problem, optimum := solved(problem, SLOTS).value or 0.0, 10)
    found, _ = relaxed(master_of(problem))
    assert found is not None
    assert bounds(problem, found.dual)[-1] == pytest.approx(optimum, rel=1e-5)


def test_committed_substitutes_are_kept_by_the_piece() -> None:
    """Three committed pieces at two a unit: a unit and a half are kept, and no bound takes that for one."""
    problem = replace(
        late_orders(),
        items=(an_item(), an_item("drone"), an_item("shell")),
        needs=(a_need("N", item="shell", quantity=2, needed_by=day(0)),),
        substitutes=(p.Substitute("shell", "drone", 2),),
        stocks=(p.Stock("drone", 4),),
        commitments=(p.Commitment("N", "drone", day(0), 3),),
        stability=p.StabilityPolicy(4, 52.0, 1.0),
    )
    optimum = solved(problem, SLOTS).value
    assert optimum == pytest.approx(240.0)
    assert assert_between(problem, optimum, 10) == pytest.approx(optimum, rel=1e-5)


def test_units_of_an_order_that_is_never_completed_are_kept() -> None:
    """More than can be made: only the committed units leave."""
    problem = bare_problem(
        orders=(an_order("O", quantity=30, delivery="complete", due_date=day(0)),),
        commitments=(p.Commitment("O", "missile", day(1), 3),),
        stability=p.StabilityPolicy(4, 52.0, 1.0),
    )
    optimum = solved(problem, SLOTS).value
    assert optimum is not None
    assert assert_between(problem, optimum, 10) == pytest.approx(optimum, rel=1e-5)


def test_committed_units_are_kept_from_new_packages() -> None:
    problem = replace(
        late_orders(),
        items=(an_item(), an_item("shell")),
        needs=(a_need("N", item="shell", quantity=4, needed_by=day(0)),),
        stocks=(p.Stock("shell", 4),),
        package_policy=p.PackagesPolicy(20.0, 0.0, 2, 8, 0.0, 0),
        pledges=(a_pledge("G", amount_usd_m=40.0),),
        commitments=(p.Commitment("N", "shell", day(0), 2),),
        stability=p.StabilityPolicy(4, 52.0, 1.0),
    )
    optimum = solved(problem, SLOTS).value
    assert optimum == pytest.approx(240.0)
    assert assert_between(problem, optimum, 10) == pytest.approx(optimum, rel=1e-5)


def test_a_release_is_paid_what_units_of_its_need_cost() -> None:
    """At prices that make content dear and gain it as much, nothing leaves: the copy in the block makes up for it."""
    problem = replace(
        late_orders(),
        items=(an_item(), an_item("shell")),
        needs=(a_need("N", item="shell", quantity=4, needed_by=day(0)),),
        stocks=(p.Stock("shell", 4),),
        package_policy=p.PackagesPolicy(40.0, 0.0, 0, 8, 0.0, 0),
        packages=(p.Package("P", "proposed", None),),
        package_contents=(p.PackageContent("P", "N", 4),),
        pledges=(a_pledge("G", amount_usd_m=40.0),),
    )
    optimum = solved(problem, SLOTS).value
    assert optimum == pytest.approx(240.0)
    assert assert_between(problem, optimum, 10) == pytest.approx(optimum, rel=1e-5)
    master = master_of(problem)
    found, _ = relaxed(master)
    assert found is not None
    for price in (10.0, 1e3, 1e5):
        dual = found.dual.copy()
        dual[master.rows.layout.rows["needed_quantity"]] -= price
        dual[master.rows.layout.rows["promise_kept"]] -= price
        assert bounds(problem, dual)[-1] <= optimum + slack(optimum)


def paid_in_two_halves(**changes: object) -> p.Problem:
    """One package that is wanted at once; half of the money comes three weeks later."""
    problem = bare_problem(
        items=(an_item(), an_item("shell")),
        needs=(a_need("N", item="shell", quantity=2, needed_by=day(0)),),
        stocks=(p.Stock("shell", 4),),
        package_policy=p.PackagesPolicy(20.0, 0.0, 2, 8, 0.0, 0),
        pledges=(a_pledge("G", amount_usd_m=10.0), a_pledge("H", amount_usd_m=10.0, available_on=day(3))),
    )
    return replace(problem, **changes)  # type: ignore[arg-type]


def test_packages_are_released_whole() -> None:
    """The relaxation releases half a package at once; money and packages alone raise its bound to the optimum."""
    problem = paid_in_two_halves()
    found, _ = relaxed(master_of(problem))
    optimum = solved(problem, SLOTS).value
    assert found is not None
    assert optimum is not None
    assert found.bound < 0.8 * optimum
    assert bounds(problem, found.dual, wide=True)[-1] == pytest.approx(optimum, rel=1e-4)
    assert bounds(problem, found.dual)[-1] == pytest.approx(optimum, rel=1e-4)


def test_money_that_comes_at_once_raises_nothing() -> None:
    problem = paid_in_two_halves(pledges=(a_pledge("G", amount_usd_m=20.0),))
    found, _ = relaxed(master_of(problem))
    assert found is not None
    assert bounds(problem, found.dual, wide=True) == [pytest.approx(found.bound)]


def test_proposed_packages_are_released_whole() -> None:
    problem = paid_in_two_halves(
        package_policy=p.PackagesPolicy(20.0, 0.0, 0, 8, 0.0, 0),
        packages=(p.Package("P", "proposed", None),),
        package_contents=(p.PackageContent("P", "N", 2),),
    )
    optimum = solved(problem, SLOTS).value
    assert optimum is not None
    assert assert_between(problem, optimum, 10) == pytest.approx(optimum, rel=1e-4)
    found, _ = relaxed(master_of(problem))
    assert found is not None
    assert found.bound < 0.8 * optimum


def test_where_there_are_no_packages_money_is_no_block() -> None:
    problem = late_orders()
    found, _ = relaxed(master_of(problem))
    assert found is not None
    assert money(master_of(problem).rows, found.dual) is None
    assert len(bounds(problem, found.dual, wide=True)) == 1


def test_time_is_over_before_anything_is_proven() -> None:
    problem = late_orders()
    found, _ = relaxed(master_of(problem))
    assert found is not None
    assert list(Blocks(problem, found.dual, LIMITS, lambda: True).run()) == []


def test_a_block_too_large_is_left_as_its_relaxation_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_bounds, "LARGEST", 0)
    problem = late_orders()
    found, _ = relaxed(master_of(problem))
    assert found is not None
    assert bounds(problem, found.dual)[-1] == pytest.approx(found.bound)


def test_bounds_within_a_step_keep_all_that_costs_no_more() -> None:
    """Drawn covering programs: the best solution is within any step that is as wide as its distance."""
    random = np.random.default_rng(3)
    for _ in range(20):
        A = sparse.csr_array(random.integers(0, 6, (5, 8)).astype(float))
        free = np.full(8, 4.0)
        program = Program(
            random.integers(1, 20, 8).astype(float), 0.0, A, np.minimum(A @ free, random.integers(5, 30, 5)),
            np.full(5, np.inf), np.zeros(8), free, np.ones(8, dtype=bool),
        )  # fmt: skip
        loose, best = run(program.relaxed(), LIMITS), run(program, replace(LIMITS, gap=0.0))
        assert loose.duals is not None
        assert loose.objective is not None
        assert best.objective is not None
        reduced = program.cost - program.A.T @ loose.duals
        step = best.objective - loose.objective
        again = run(within(program, reduced, step), replace(LIMITS, gap=0.0))
        assert again.objective == pytest.approx(best.objective)


def test_another_process_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # the other process has the module as it is
    problem = late_orders()
    found, _ = relaxed(master_of(problem))
    assert found is not None
    here, there = bounds(problem, found.dual)[-1], Bounds(problem, found.dual, LIMITS)
    there.join(60.0)
    assert there.hear() == pytest.approx(here)
    there.close()
    assert there.hear() == pytest.approx(here)


def test_a_process_that_is_ended_says_nothing_more() -> None:
    problem = late_orders()
    found, _ = relaxed(master_of(problem))
    assert found is not None
    there = Bounds(problem, found.dual, LIMITS)
    there.close()
    assert there.hear() is None


def run_with(workers: int, problem: p.Problem) -> float:
    """The bound in which the method ends with so many processes."""
    limits = replace(LIMITS, seconds=90.0, gap=1e-9)
    found = Bulk(Facts(problem), limits, Where(workers=workers), lambda _found: None, lambda: False).run(())
    assert found.bound is not None
    return found.bound


def test_a_method_with_two_processes_waits_for_the_bound() -> None:
    """Its search is over at once; the relaxation's bound is far from the optimum, that of money and packages is it."""
    problem = paid_in_two_halves()
    optimum = solved(problem, SLOTS).value
    assert optimum is not None
    assert run_with(1, problem) < 0.8 * optimum
    assert run_with(2, problem) == pytest.approx(optimum, rel=1e-4)


class Slow:
    """A process that is never as fast as the search: what it has comes with the third look after that is over."""

    looks = 0

    def __init__(self, *about: object, **more: object) -> None:
        pass

    @property
    def running(self) -> bool:
        return Slow.looks < 3

    def join(self, _seconds: float) -> None:
        Slow.looks += 1

    def hear(self) -> float | None:
        return 1.0 if Slow.looks == 3 else None

    def close(self) -> None:
        pass


def test_what_comes_after_the_search_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "Bounds", Slow)
    monkeypatch.setattr(Slow, "looks", 0)
    problem = paid_in_two_halves()
    method = Bulk(Facts(problem), replace(LIMITS, gap=1e-9), Where(workers=2), lambda _found: None, lambda: False)
    monkeypatch.setattr(method, "_bounded", lambda bound: setattr(method.found, "bound", bound or method.found.bound))
    found = method.run(())
    assert (Slow.looks, found.bound, found.phase) == (3, 1.0, "bound")


def test_by_work_no_other_process_raises_the_bound() -> None:
    """How far it comes is chance."""
    problem = paid_in_two_halves()
    with going_by(clock_of(30.0, 90.0)):
        counted = run_with(2, problem)
    assert counted == pytest.approx(run_with(1, problem))


def test_only_instances_with_few_ways_have_their_blocks_solved(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = Tables(Facts(small_problem()))
    assert not is_wide(tables)
    monkeypatch.setattr(bulk_bounds, "WIDEST", 10)
    assert is_wide(tables)
