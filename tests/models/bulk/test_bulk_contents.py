"""Packages near a relaxation: whole, of allowed value, paid by the rules, with as much of the money as there is."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from models import problem as p
from models.bulk.contents import contents
from models.bulk.releasing import chosen_proposals, countings
from models.facts import Facts
from models.listing.bundles import Bundle
from optimizer.solving.bulk_master import Master, Relaxed
from optimizer.solving.bulk_packages import whole_packages
from tests.builders import a_need, a_pledge, an_item, bare_problem, day
from tests.models.bulk.books import LIMITS, master_of, relaxed
from tests.solving.tasks import toy
from tests.strategies import problems

DRAWN = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
POLICY = p.PackagesPolicy(20.0, 0.25, 5, 8, 1.0, 0)


def packed(problem: p.Problem) -> tuple[Bundle, ...] | None:
    """The packages of an instance, the better ones of two kinds; None where its relaxation has no solution."""
    master = master_of(problem)
    found, _ = relaxed(master)
    if found is None:
        return None
    both = whole_packages(master, found, LIMITS, lambda: False)
    assert 1 <= len(both) <= 2
    for one in both:
        assert_legal(problem, one.bundles)
    return min(both, key=lambda one: one.relaxed.value).bundles


def assert_legal(problem: p.Problem, bundles: tuple[Bundle, ...]) -> None:
    """Rules of packages and funding, without the checker, as nothing leaves yet."""
    policy, facts = problem.package_policy, Facts(problem)
    assert policy is not None
    pledges = {pledge.pledge: pledge for pledge in problem.pledges}
    paid: dict[str, float] = defaultdict(float)
    held: Counter[str] = Counter()
    for bundle in bundles:
        held.update(bundle.content)
        value: dict[str, float] = defaultdict(float)
        for need, units in bundle.content.items():
            value[facts.category(need)] += facts.price(need) * units
        if bundle.status == "new":
            worth = sum(value.values())
            assert policy.target_usd_m * (1 - policy.tolerance) - 1e-6 <= worth
            assert worth <= policy.target_usd_m * (1 + policy.tolerance) + 1e-6
        by_category: dict[str, float] = defaultdict(float)
        by_pledge: dict[str, float] = defaultdict(float)
        for name, category, amount in bundle.shares:
            assert pledges[name].earmark in {None, category}
            assert facts.calendar.period(pledges[name].available_on) <= bundle.period
            by_category[category] += amount
            by_pledge[name] += amount
            paid[name] += amount
        assert {c: v for c, v in by_category.items() if v > 1e-9} == pytest.approx(
            {c: v for c, v in value.items() if v > 1e-9}
        )
        assert len(by_pledge) <= policy.max_donors
        assert all(amount >= policy.min_contribution_usd_m - 1e-6 for amount in by_pledge.values())
    assert all(amount <= pledges[name].amount_usd_m + 1e-6 for name, amount in paid.items())
    new = [bundle for bundle in bundles if bundle.status == "new"]
    assert len(new) <= policy.max_new
    assert len({bundle.package for bundle in bundles}) == len(bundles)
    if policy.max_releases_per_period is not None:
        periods = Counter(bundle.period for bundle in bundles)
        assert max(periods.values(), default=0) <= policy.max_releases_per_period
    assert all(held[need.need] <= need.quantity for need in problem.needs)


@DRAWN
@given(problems())
def test_packages_of_drawn_instances_keep_every_rule(problem: p.Problem) -> None:
    if problem.package_policy is None:
        return
    bundles = packed(problem)
    if bundles is not None:
        assert_legal(problem, bundles)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_packages_of_a_generated_instance_spend_what_the_relaxation_spends(seed: int) -> None:
    """All but what no whole package can be made of."""
    problem = toy(seed)
    master = master_of(problem)
    found, _ = relaxed(master)
    assert found is not None
    names, policy = master.rows.names, problem.package_policy
    assert policy is not None
    spent = float(found.x[names["content_value"]].sum())
    for one in whole_packages(master, found, LIMITS, lambda: False):
        assert_legal(problem, one.bundles)
        facts = Facts(problem)
        worth = sum(facts.price(need) * units for bundle in one.bundles for need, units in bundle.content.items())
        assert worth >= spent - policy.target_usd_m


def problem_of(*pledges: p.Pledge, **changes: object) -> p.Problem:
    """Ten units of a need at 5 million USD each, for these pledges."""
    need = a_need("N", quantity=10, needed_by=day(0))
    policy = replace(POLICY, **changes)  # type: ignore[arg-type]
    return bare_problem(items=(an_item(unit_price_usd_m=5.0),), needs=(need,), pledges=pledges, package_policy=policy)


def test_all_money_is_spent_where_packages_can_be_made_of_it() -> None:
    bundles = packed(problem_of(a_pledge("G", amount_usd_m=50.0)))
    assert bundles is not None
    assert sum(units for bundle in bundles for units in bundle.content.values()) == 10


def test_where_packages_are_scarce_they_are_large() -> None:
    bundles = packed(problem_of(a_pledge("G", amount_usd_m=50.0), max_new=2))
    assert bundles is not None
    assert [sum(bundle.content.values()) for bundle in bundles] == [5, 5]


def test_a_package_that_cannot_be_paid_is_smaller() -> None:
    """One donor a package: of two pledges of 23 million each pays for four units, not for five."""
    problem = problem_of(a_pledge("A", amount_usd_m=23.0), a_pledge("B", amount_usd_m=23.0), max_donors=1)
    bundles = packed(problem)
    assert bundles is not None
    assert_legal(problem, bundles)
    assert [sum(bundle.content.values()) for bundle in bundles] == [4, 4]


def test_a_period_has_no_more_releases_than_it_may_have() -> None:
    """Two large packages in the first two periods, as three of them would take one period more."""
    problem = problem_of(a_pledge("A", amount_usd_m=50.0), max_releases_per_period=1)
    bundles = packed(problem)
    assert bundles is not None
    assert_legal(problem, bundles)
    assert [bundle.period for bundle in bundles] == [0, 1]


def test_a_proposed_package_that_has_no_room_pays_later_and_once() -> None:
    """Two of 20 million USD in a period that may have one, for a pledge of just 40."""
    problem = replace(
        problem_of(a_pledge("A", amount_usd_m=40.0), max_releases_per_period=1, max_new=0),
        packages=(p.Package("P1", "proposed"), p.Package("P2", "proposed")),
        package_contents=(p.PackageContent("P1", "N", 4), p.PackageContent("P2", "N", 4)),
    )
    master = master_of(problem)
    found, _ = relaxed(master)
    assert found is not None
    chosen = np.zeros_like(chosen_proposals(master.rows, standing_of(master, found)))
    chosen[:, 0] = 1.0
    bundles = contents(master.pricing, [], found.x, np.zeros(chosen.shape[1]), chosen)
    assert_legal(problem, tuple(bundles))
    assert [(bundle.package, bundle.period) for bundle in bundles] == [("P1", 0), ("P2", 1)]


def test_a_package_waits_for_money_that_comes_later() -> None:
    bundles = packed(
        problem_of(a_pledge("A", amount_usd_m=20.0), a_pledge("B", amount_usd_m=20.0, available_on=day(3)))
    )
    assert bundles is not None
    assert [bundle.period for bundle in bundles] == [0, 3]


def standing_of(master: Master, found: Relaxed) -> np.ndarray:
    return found.x[: master.rows.standing.count]


def test_a_release_is_whole_as_soon_as_there_is_money_for_it() -> None:
    master = master_of(
        problem_of(a_pledge("A", amount_usd_m=14.0), a_pledge("B", amount_usd_m=30.0, available_on=day(2)))
    )
    found, _ = relaxed(master)
    assert found is not None
    chosen = chosen_proposals(master.rows, standing_of(master, found))
    assert chosen.size == 0
    ways = countings(master.rows, standing_of(master, found), chosen)
    assert len({tuple(counts.tolist()) for counts in ways}) == len(ways)
    periods = [dict(zip(master.rows.releases.tolist(), counts.tolist(), strict=True)) for counts in ways]
    assert periods[0] == {0: 0.0, 2: 2.0}
    assert all(found[0] == 0.0 for found in periods)


def test_without_packages_there_are_none() -> None:
    master = master_of(bare_problem())
    found, _ = relaxed(master)
    assert found is not None
    chosen = chosen_proposals(master.rows, standing_of(master, found))
    (counts,) = countings(master.rows, standing_of(master, found), chosen)
    assert (counts.size, chosen.size) == (0, 0)
    assert contents(master.pricing, [], found.x, counts, chosen) == []
