"""Funding without payments, and in groups: necessary always, sufficient where only money decides."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, combinations, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import problem as p
from models.blocks.funding_grouped import groups
from models.blocks.funding_separated import Pair, Pairs, money_for, nested, separated_with, starved
from models.build import Built, compile_draft, compile_model
from models.catalog import FORMULATIONS
from models.draft import Draft
from models.facts import Facts
from models.problem import Problem
from models.refinement import Refinement, refined
from tests.builders import START, a_weights_policy
from tests.models.package_worlds import CATEGORIES, packagings, week
from tests.models.solved import SLOTS, lp_bound, solve_built, solved, without_rule

GROUPED = replace(SLOTS, name="slots with groups", funding="grouped")
SEPARATED = replace(SLOTS, name="slots without payments", funding="separated")
POOLED = replace(SLOTS, name="slots with purses", funding="pooled")
PAIRS: list[Pair] = [(t, c) for t in range(3) for c in CATEGORIES]
SETS: list[Pairs] = [
    frozenset(s) for s in chain.from_iterable(combinations(PAIRS, k) for k in range(1, len(PAIRS) + 1))
]
SUBSETS = [frozenset(s) for k in range(5) for s in combinations(range(4), k)]
drawn = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
amounts = st.sampled_from((0.0, 1.0, 2.5, 4.0, 7.0))


def slack(value: float) -> float:
    return 1e-6 * max(1.0, abs(value))


@st.composite
def purses_of(draw: st.DrawFn) -> Facts:
    """Facts of an instance with up to five pledges, three periods and two categories."""
    pledges = []
    for k in range(draw(st.integers(0, 5))):
        first = draw(st.integers(0, 2))
        last = draw(st.sampled_from((None, first, 2)))
        ends = None if last is None else week(max(first, last))
        earmark = draw(st.sampled_from((None, *CATEGORIES)))
        pledges.append(p.Pledge(f"G{k}", "POL", draw(st.sampled_from((1.0, 3.0, 5.5))), week(first), ends, earmark))
    policy = p.PackagesPolicy(10.0, 0.5, 2, 2, 0.0, 0)
    items = tuple(p.Item(c, c, c, "each", 1.0) for c in CATEGORIES)
    return Facts(p.Problem("purses", START, ((3, 1),), 4, items, pledges=tuple(pledges), package_policy=policy))


@given(purses_of(), st.tuples(*[amounts for _ in PAIRS]))
@settings(drawn, max_examples=200)
def test_a_set_is_starved_exactly_if_some_set_is(facts: Facts, values: tuple[float, ...]) -> None:
    """Gale's theorem, over all 63 sets; and the set that is found is one of those."""
    demand = dict(zip(PAIRS, values, strict=True))

    def lacks(pairs: Pairs) -> bool:
        return sum(demand[pair] for pair in pairs) > money_for(facts, pairs) + 1e-9

    found = starved(facts, demand)
    assert (found is not None) == any(map(lacks, SETS))
    if found is not None:
        assert lacks(found)


@given(purses_of())
@settings(drawn, max_examples=30)
def test_sets_left_out_at_the_start_say_nothing_more(facts: Facts) -> None:
    """A nested set that is not written is part of a written one with the same money."""
    written = nested(facts, PAIRS)
    for c in (None, *CATEGORIES):
        for b in range(3):
            for chosen in (
                frozenset(pair for pair in PAIRS if pair[0] <= b and c in (None, pair[1])),
                frozenset(pair for pair in PAIRS if pair[0] >= b and c in (None, pair[1])),
            ):
                assert any(chosen <= s and money_for(facts, s) <= money_for(facts, chosen) + 1e-9 for s in written)


def without_proposed(problem: Problem) -> Problem:
    """Of a package half released twice purses know more than pledges do, and sets of pairs more than purses."""
    return replace(problem, packages=(), package_contents=())


def with_cuts(problem: Problem, cuts: list[Pairs]) -> Built:
    """Release slots without payments, with these cuts."""
    blocks = tuple(separated_with(cuts) if b.name == "separated" else b for b in SEPARATED.blocks())
    draft = Draft(Facts(problem))
    for block in blocks:
        block.build(draft)
    return compile_draft(draft, blocks)


@given(packagings())
@settings(drawn, max_examples=12)
def test_with_all_cuts_it_is_as_tight_as_payments_by_purse(problem: Problem) -> None:
    """Benders: every set written, the linear relaxation is that of the model with payments from purses."""
    problem = without_proposed(problem)
    cuts = [
        frozenset({*((t, "air") for t in a), *((t, "ammo") for t in b)}) for a in SUBSETS for b in SUBSETS if a or b
    ]
    full = lp_bound(with_cuts(problem, cuts))
    none = lp_bound(compile_model(problem, SEPARATED))
    purse = lp_bound(compile_model(problem, POOLED))
    assert full is not None
    assert none is not None
    assert purse is not None
    assert none <= full + slack(full)
    assert full == pytest.approx(purse, abs=slack(purse))


@given(packagings())
@settings(drawn, max_examples=25)
def test_relaxations_are_ordered(problem: Problem) -> None:
    """Without payments ≤ in purses ≤ in groups ≤ by pledge: whole, and without proposed packages as relaxations."""
    ways = (SEPARATED, POOLED, GROUPED, SLOTS)
    bare = without_proposed(problem)
    for values in (
        [lp_bound(compile_model(bare, formulation)) for formulation in ways],
        [solved(problem, formulation).value for formulation in ways],
    ):
        known = [v for v in values if v is not None]
        assert len(known) == 4
        assert all(a <= b + slack(b) for a, b in pairwise(known))


@given(packagings())
@settings(drawn, max_examples=25)
def test_every_pledge_by_itself_is_exact(problem: Problem) -> None:
    refinement = Refinement(pledges=frozenset(g.pledge for g in problem.pledges))
    for formulation in (GROUPED, SEPARATED):
        draft = Draft(Facts(problem))
        blocks = refined(formulation.blocks(), refinement)
        for block in blocks:
            block.build(draft)
        found = solve_built(compile_draft(draft, blocks)).value
        best = solved(problem, SLOTS).value
        assert best is not None
        assert found == pytest.approx(best, abs=slack(best))


def few_donors() -> Problem:
    """Two units of 10 in one package each; three pledges of 4, and two donors at most: no package can be paid."""
    return p.Problem(
        "few donors",
        START,
        ((3, 1),),
        4,
        (p.Item("I0", "I0", "air", "each", 10.0),),
        recipients=(p.Recipient("POL", "POL"),),
        stocks=(p.Stock("I0", 9),),
        needs=(p.Need("N0", "I0", 2, 1, START),),
        pledges=tuple(p.Pledge(f"G{k}", "POL", 4.0, START) for k in range(3)),
        package_policy=p.PackagesPolicy(10.0, 0.0, 2, 2, 0.0, 0),
        weights=a_weights_policy(),
    )


def test_groups_count_donors_by_their_largest_pledge() -> None:
    """12 million in money, 8 from two donors: groups know that, purses do not, and this row is the reason."""
    problem = few_donors()
    grouped = compile_model(problem, GROUPED)
    purse, loose, exact = (
        solved(problem, POOLED).value,
        solve_built(without_rule(grouped, "donors_per_package")).value,
        solved(problem, SLOTS).value,
    )
    assert purse is not None
    assert exact is not None
    assert loose == pytest.approx(purse)
    assert solve_built(grouped).value == pytest.approx(exact)
    assert purse < exact - 1.0


def test_groups_are_pledges_alike() -> None:
    facts = Facts(few_donors())
    assert [(g.name, g.amount, g.largest, g.alone) for g in groups(facts, ())] == [("G0", 12.0, 4.0, False)]
    assert [(g.name, g.amount, g.alone) for g in groups(facts, {"G1"})] == [("G0", 8.0, False), ("G1", 4.0, True)]


def test_the_catalogue_names_them() -> None:
    assert FORMULATIONS["separated"].funding == "separated"
    assert FORMULATIONS["unindexed"].funding == "grouped"
