"""Patterns: the knapsack of a package lists what it allows and no more; its hull loses nothing to what is left out."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from models import problem as p
from models.build import build
from models.catalog import FORMULATIONS
from models.facts import Facts
from models.patterns import Knapsack, Pattern, extreme, knapsacks, payable
from models.problem import Problem
from optimizer.solving.highs import run
from optimizer.solving.program import Program
from tests.builders import START
from tests.models.package_worlds import packagings, week
from tests.models.solved import LIMITS, solved
from tests.models.test_packages_unindexed import dear_units

drawn = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@st.composite
def knapsacks_drawn(draw: st.DrawFn) -> Knapsack:
    """Two to four needs of two categories; amounts of money that do not lie on a grid."""
    count = draw(st.integers(1, 4))
    prices = draw(st.lists(st.sampled_from((7.0, 4.1, 3.3, 1.7, 0.9, 0.0)), min_size=count, max_size=count))
    most = draw(st.lists(st.integers(1, 4), min_size=count, max_size=count))
    category = draw(st.lists(st.sampled_from(("air", "ammo")), min_size=count, max_size=count))
    low = draw(st.sampled_from((9.0, 5.0, 0.0)))
    tops = draw(st.sampled_from(((), (("air", 6.5),), (("air", 4.0), ("ammo", 8.2)))))
    return Knapsack(
        tuple(f"N{k}" for k in range(count)), tuple(prices), tuple(most), tuple(category), low, low + 2.5, tops
    )


def by_trying(knapsack: Knapsack) -> set[Pattern]:
    """Every vector of units that the definition allows, said in other words."""
    found = set()
    for units in product(*(range(most + 1) for most in knapsack.most)):
        worth = [price * count for price, count in zip(knapsack.price, units, strict=True)]
        tops = dict(knapsack.payable)
        by_category = {
            c: sum(w for w, own in zip(worth, knapsack.category, strict=True) if own == c) for c in knapsack.category
        }
        if knapsack.low - 1e-6 <= sum(worth) <= knapsack.high + 1e-6 and all(
            w <= tops.get(c, np.inf) + 1e-6 for c, w in by_category.items()
        ):
            found.add(tuple((n, u) for n, u in zip(knapsack.needs, units, strict=True) if u))
    return found


@given(knapsacks_drawn())
@settings(drawn, max_examples=150)
def test_every_pattern_is_listed_and_nothing_else(knapsack: Knapsack) -> None:
    expected = by_trying(knapsack)
    found = knapsack.patterns(1000)
    assert found is not None
    assert len(found) == len(set(found))
    assert set(found) == expected
    assert all(knapsack.allows(pattern) for pattern in found)


@given(knapsacks_drawn(), st.data())
@settings(drawn, max_examples=80)
def test_it_allows_what_is_listed_only(knapsack: Knapsack, data: st.DataObject) -> None:
    units = [data.draw(st.integers(0, most + 1)) for most in knapsack.most]
    pattern = tuple((n, u) for n, u in zip(knapsack.needs, units, strict=True) if u)
    assert knapsack.allows(pattern) == (pattern in by_trying(knapsack))


def in_hull(pattern: Pattern, others: list[Pattern], needs: tuple[str, ...]) -> bool:
    """Whether the pattern is a convex combination of others, as a linear program."""
    points = np.array([[dict(other).get(n, 0) for other in others] for n in needs], dtype=float)
    A = sparse.csr_array(np.vstack([points, np.ones(len(others))]))
    target = np.array([*(dict(pattern).get(n, 0) for n in needs), 1], dtype=float)
    n = len(others)
    hull = Program(np.zeros(n), 0.0, A, target, target, np.zeros(n), np.ones(n), np.zeros(n, dtype=bool))
    return run(hull, LIMITS).end == "optimal"


@given(knapsacks_drawn())
@settings(drawn, max_examples=60)
def test_what_is_left_out_lies_in_the_hull_of_the_rest(knapsack: Knapsack) -> None:
    every = knapsack.patterns(1000)
    assert every is not None
    kept = extreme(every)
    assert set(kept) <= set(every)
    assert bool(kept) == bool(every)
    for pattern in set(every) - set(kept):
        assert in_hull(pattern, kept, knapsack.needs)


def test_the_middle_of_a_line_is_left_out() -> None:
    """Two, three or four units: the hull needs two and four."""
    knapsack = Knapsack(("N0",), (3.0,), (9,), ("air",), 5.0, 13.0)
    every = knapsack.patterns(10)
    assert every == [(("N0", 2),), (("N0", 3),), (("N0", 4),)]
    assert extreme(every) == [(("N0", 2),), (("N0", 4),)]


def test_too_many_are_not_listed() -> None:
    knapsack = Knapsack(tuple("ABCDEF"), (1.0,) * 6, (9,) * 6, ("air",) * 6, 9.0, 11.0)
    assert knapsack.patterns(100) is None
    assert knapsack.patterns(100_000) is not None
    hard = Knapsack(tuple("ABCDEF"), (1.0, 1.1, 1.2, 1.3, 1.4, 1.5), (9,) * 6, ("air",) * 6, 9.01, 9.02)
    assert hard.patterns(3) is None, "dead ends count, too"


# --- the knapsacks of a problem ---------------------------------------------------------------------------------------


def of(problem: Problem) -> dict[int, Knapsack]:
    return knapsacks(build(problem, FORMULATIONS["unindexed"]))


def test_a_knapsack_says_what_the_policy_says() -> None:
    problem = dear_units((3, 2), (7.0, 4.0), 0.3)
    knapsack = of(problem)[0]
    assert (knapsack.needs, knapsack.price, knapsack.most) == (("N0", "N1"), (7.0, 4.0), (1, 2))
    assert (knapsack.low, knapsack.high, knapsack.payable) == (7.0, 13.0, ())
    assert of(replace(problem, package_policy=None)) == {}


def test_money_of_so_many_donors_limits_a_package() -> None:
    """Pledges of 9, 6 and 5, of which two may pay; the one for ammunition does not pay for aircraft."""
    pledges = (
        p.Pledge("G0", "POL", 6.0, START),
        p.Pledge("G1", "POL", 5.0, week(1)),
        p.Pledge("G2", "POL", 9.0, START, None, "ammo"),
    )
    problem = dear_units((3, 2), (7.0, 4.0), 0.3)
    policy = problem.package_policy
    assert policy is not None
    items = (problem.items[0], replace(problem.items[1], category="ammo"))
    problem = replace(problem, pledges=pledges, items=items, package_policy=replace(policy, max_donors=2))
    facts = Facts(problem)
    assert payable(facts, 0) == {"": 15.0, "air": 6.0, "ammo": 15.0}
    assert payable(facts, 1) == {"": 15.0, "air": 11.0, "ammo": 15.0}
    assert dict(of(problem)[0].payable) == {"air": 6.0}
    assert dict(of(problem)[1].payable) == {"air": 11.0}
    assert of(problem)[0].high == 13.0
    assert not of(problem)[0].allows((("N0", 1), ("N1", 1)))
    assert of(problem)[1].allows((("N0", 1), ("N1", 1)))


def test_units_that_funded_packages_hold_are_not_held_again() -> None:
    problem = dear_units((3, 2), (3.0, 4.0), 0.3)
    funded = replace(
        problem,
        packages=(p.Package("P0", "funded", START),),
        package_contents=(p.PackageContent("P0", "N0", 2), p.PackageContent("P0", "N1", 2)),
    )
    assert of(problem)[0].most == (3, 2)
    assert (of(funded)[0].needs, of(funded)[0].most) == (("N0",), (1,))


@given(packagings())
@settings(drawn, max_examples=25)
def test_every_package_of_a_best_plan_is_a_pattern(problem: Problem) -> None:
    held = of(problem)
    best = solved(problem, FORMULATIONS["slots"])
    assert best.value is not None
    order = list(Facts(problem).needs)
    for release in best.plan.releases:
        if release.status == "new":
            units = {row.need: row.quantity for row in best.plan.contents if row.package == release.package}
            pattern = tuple((need, units[need]) for need in order if units.get(need))
            assert held[release.period].allows(pattern)
            listed = held[release.period].patterns(1000)
            assert listed is not None
            assert pattern in listed


@pytest.mark.parametrize("pattern", [(("N9", 1),), (("N0", 4),), (("N0", -1), ("N1", 4))])
def test_what_no_package_may_hold_is_no_pattern(pattern: Pattern) -> None:
    knapsack = Knapsack(("N0", "N1"), (3.0, 4.0), (3, 4), ("air", "air"), 3.0, 13.0)
    assert not knapsack.allows(pattern)
