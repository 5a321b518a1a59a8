"""Packages without index: a relaxation as tight as release slots; what splits, splits; what does not, is told."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import problem as p
from models.blocks.packages_unindexed import room, unindexed_with
from models.build import Built, compile_draft, compile_model
from models.catalog import FORMULATIONS
from models.draft import Draft
from models.facts import Facts
from models.problem import Problem
from models.refinement import Refinement, refined
from models.splitting import Released, split
from optimizer.solving.highs import run
from optimizer.solving.program import program_of
from tests.builders import START, a_weights_policy
from tests.models.package_worlds import packagings
from tests.models.solved import LIMITS, SLOTS, lp_bound, solve_built, solved, without_rule
from tests.strategies import problems

UNINDEXED = FORMULATIONS["unindexed"]
LINKED = FORMULATIONS["linked"]
GROUPED = replace(SLOTS, name="slots with groups", funding="grouped")
drawn = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
with_money = problems().filter(lambda problem: problem.package_policy is not None and bool(problem.pledges))


def slack(value: float) -> float:
    return 1e-6 * max(1.0, abs(value))


def built_with(problem: Problem, refinement: Refinement) -> Built:
    """The unindexed formulation, refined."""
    draft = Draft(Facts(problem))
    blocks = refined(UNINDEXED.blocks(), refinement)
    for block in blocks:
        block.build(draft)
    return compile_draft(draft, blocks)


def assert_same(one: float | None, other: float | None) -> None:
    assert (one is None) == (other is None)
    if one is not None:
        assert other == pytest.approx(one, abs=slack(one))


# --- bounds in their order --------------------------------------------------------------------------------------------


@given(st.one_of(packagings(), with_money))
@settings(drawn, max_examples=25)
def test_without_its_links_it_is_as_tight_as_release_slots(problem: Problem) -> None:
    """Spread evenly over the slots of a period, a fractional solution of one solves the other."""
    built = compile_model(problem, UNINDEXED)
    if "content_by_release" in built.matrix.rules:
        built = without_rule(built, "content_by_release")
    assert_same(lp_bound(compile_model(problem, GROUPED)), lp_bound(built))


@given(st.one_of(packagings(), with_money))
@settings(drawn, max_examples=25)
def test_bounds_are_ordered(problem: Problem) -> None:
    """slots ≤ linked ≤ optimum, as linear relaxations; unindexed ≤ optimum, whole."""
    best = solved(problem, SLOTS).value
    if best is None:
        return
    loose, tight = (lp_bound(compile_model(problem, formulation)) for formulation in (SLOTS, LINKED))
    assert loose is not None
    assert tight is not None
    assert loose <= tight + slack(tight)
    assert tight <= best + slack(best)
    whole = solved(problem, UNINDEXED).value
    assert whole is not None
    assert whole <= best + slack(best)


def test_links_are_tighter_somewhere() -> None:
    """Of two units of 7 a package of 13 holds one, not 1.86: the linear relaxation knows it with the links only."""
    problem = dear_units((1, 1), (7.0, 7.0))
    policy = problem.package_policy
    assert policy is not None
    problem = replace(problem, package_policy=replace(policy, max_new=1))
    loose, tight = (lp_bound(compile_model(problem, formulation)) for formulation in (SLOTS, LINKED))
    assert loose is not None
    assert tight is not None
    assert tight > loose + 1.0


# --- agreement --------------------------------------------------------------------------------------------------------


@given(st.one_of(packagings(), problems()))
@settings(drawn, max_examples=25)
def test_linked_slots_agree(problem: Problem) -> None:
    assert_same(solved(problem, SLOTS).value, solved(problem, LINKED).value)


@given(packagings())
@settings(drawn, max_examples=15)
def test_refined_everywhere_it_is_exact(problem: Problem) -> None:
    periods, pledges = frozenset(room(Facts(problem))), frozenset(g.pledge for g in problem.pledges)
    built = built_with(problem, Refinement(periods, pledges))
    assert_same(solved(problem, SLOTS).value, solve_built(built).value)


@given(packagings(), st.data())
@settings(drawn, max_examples=15)
def test_refining_raises_the_optimum_and_stays_below(problem: Problem, data: st.DataObject) -> None:
    best = solved(problem, SLOTS).value
    assert best is not None
    periods = data.draw(st.frozensets(st.integers(0, 3)))
    pledges = data.draw(st.frozensets(st.sampled_from([g.pledge for g in problem.pledges])))
    values = [
        solve_built(built_with(problem, Refinement(frozenset(some), frozenset(alone)))).value
        for some, alone in (((), ()), (periods, ()), (periods, pledges))
    ]
    chain = [value for value in values if value is not None]
    assert len(chain) == 3
    assert all(a <= b + slack(b) for a, b in zip(chain, [*chain[1:], best], strict=True))


def test_choices_that_need_release_slots_say_so() -> None:
    with pytest.raises(ValueError, match="block 'joint' needs 'is_released', which no block of 'mine' adds"):
        replace(UNINDEXED, name="mine", funding="joint").blocks()
    assert UNINDEXED.exact.packages == "slots"
    assert UNINDEXED.exact.funding == "joint"
    assert SLOTS.exact == SLOTS
    assert unindexed_with(()).name == "unindexed"


# --- splitting --------------------------------------------------------------------------------------------------------


def dear_units(
    quantities: tuple[int, ...] = (3,), prices: tuple[float, ...] = (7.0,), tolerance: float = 0.3
) -> Problem:
    """Needs in stock and two packages of 10 ± 3 at most, paid by one pledge that is large enough."""
    needs = range(len(prices))
    return p.Problem(
        "dear units",
        START,
        ((3, 1),),
        4,
        tuple(p.Item(f"I{k}", f"I{k}", "air", "each", prices[k]) for k in needs),
        recipients=(p.Recipient("POL", "POL"),),
        stocks=tuple(p.Stock(f"I{k}", 9) for k in needs),
        needs=tuple(p.Need(f"N{k}", f"I{k}", quantities[k], 1, START) for k in needs),
        pledges=(p.Pledge("G0", "POL", 100.0, START),),
        package_policy=p.PackagesPolicy(10.0, tolerance, 2, 1, 0.0, 0),
        weights=a_weights_policy(),
    )


def splits(problem: Problem, released: Released, paid: bool = True) -> bool:
    """Whether the model finds packages and payers."""
    return run(program_of(compile_draft(split(Facts(problem), released, paid)).matrix), LIMITS).x is not None


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from((7.0, 6.0, 4.0, 3.0, 5.0))), min_size=1, max_size=3),
    st.sampled_from((0.1, 0.3, 0.0)),
    st.integers(1, 3),
)
@settings(drawn, max_examples=60)
def test_contents_split_if_some_assignment_does(rows: list[tuple[int, float]], tolerance: float, count: int) -> None:
    quantities, prices = tuple(q for q, _ in rows), tuple(price for _, price in rows)
    problem = dear_units(quantities, prices, tolerance)
    units = [price for q, price in rows for _ in range(q)]
    low, high = 10.0 * (1 - tolerance), 10.0 * (1 + tolerance)
    possible = any(
        all(
            low - 1e-9 <= sum(v for v, b in zip(units, bins, strict=True) if b == k) <= high + 1e-9
            for k in range(count)
        )
        for bins in product(range(count), repeat=len(units))
    )
    released = Released({0: count}, {(f"N{k}", 0): q for k, q in enumerate(quantities) if q}, {})
    assert splits(problem, released, paid=False) == possible


def test_payers_of_a_split_keep_number_and_least_contribution() -> None:
    problem = replace(
        dear_units((2,), (10.0,), 0.0),
        pledges=tuple(p.Pledge(f"G{k}", "POL", amount, START) for k, amount in enumerate((10.0, 6.0, 4.0))),
    )
    policy = problem.package_policy
    assert policy is not None
    released = Released({0: 2}, {("N0", 0): 2}, {})
    for donors, least, possible in ((2, 0.0, True), (1, 0.0, False), (2, 5.0, False), (2, 4.0, True)):
        changed = replace(problem, package_policy=replace(policy, max_donors=donors, min_contribution_usd_m=least))
        assert splits(changed, released) == possible, (donors, least)
        assert splits(changed, released, paid=False)
    late = replace(problem, pledges=(*problem.pledges[:2], p.Pledge("G2", "POL", 4.0, START.replace(day=12))))
    assert not splits(late, released)
    marked = replace(problem, pledges=(*problem.pledges[:2], p.Pledge("G2", "POL", 4.0, START, None, "ammo")))
    assert not splits(marked, released)


def test_proposed_packages_take_their_payers_too() -> None:
    problem = replace(
        dear_units((2,), (10.0,), 0.0),
        packages=(p.Package("P0", "proposed"),),
        package_contents=(p.PackageContent("P0", "N0", 1),),
        pledges=(p.Pledge("G0", "POL", 15.0, START),),
    )
    assert splits(problem, Released({}, {}, {"P0": 0}))
    assert splits(problem, Released({0: 1}, {("N0", 0): 1}, {}))
    assert not splits(problem, Released({0: 1}, {("N0", 0): 1}, {"P0": 0}))
