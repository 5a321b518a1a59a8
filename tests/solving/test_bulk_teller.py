"""Donors of packages: every rule of funding is kept, small and earmarked money is used while it can be, and no less."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from models import problem as p
from models.bulk.desk import Paid
from models.listing.funding import Purse, Treasury
from optimizer.solving.bulk_teller import Teller, _Flow
from optimizer.solving.highs import Limits
from tests.builders import a_need, a_pledge, an_item, bare_problem, day
from tests.models.bulk.books import master_of

LIMITS = Limits(20.0, 1e-6, 1, 0)
AIR, ART = "air_defence", "artillery"


def book(pledges: Sequence[p.Pledge], **policy: object) -> p.Problem:
    """Two categories; packages of 100 million USD, three donors at most, of five million or more."""
    given = {"target_usd_m": 100.0, "tolerance": 0.2, "max_new": 9, "max_donors": 3, "min_contribution_usd_m": 5.0}
    missile, shell = ("missile", AIR, 5.0), ("shell", ART, 1.0)
    return bare_problem(
        items=tuple(an_item(name, category=kind, unit_price_usd_m=price) for name, kind, price in (missile, shell)),
        needs=(a_need("M", item="missile", quantity=60), a_need("S", item="shell", quantity=300)),
        pledges=tuple(pledges),
        package_policy=p.PackagesPolicy(contract_weeks=0, max_releases_per_period=3, **(given | policy)),  # type: ignore[arg-type]
    )  # fmt: skip


def told(
    problem: p.Problem, packages: Mapping[int, Sequence[Mapping[str, float]]]
) -> tuple[dict[int, list[Paid]], Treasury]:
    """What comes of the packages of every release, one release after the other."""
    rows = master_of(problem).rows
    assert rows.policy is not None
    teller, treasury = Teller(rows, LIMITS, lambda: False), Treasury(problem, rows.facts.calendar, rows.policy)
    later = np.zeros((len(rows.categories), len(rows.releases)))
    for release, values in packages.items():
        for value in values:
            for category, amount in value.items():
                later[rows.categories.index(category), release] += amount
    found = {}
    for release, values in packages.items():
        found[release] = teller.pay(release, treasury.left(), values, later)
        for one in found[release]:
            treasury.pay(one.shares)
    return found, treasury


def assert_paid(problem: p.Problem, value: Mapping[str, float], paid: Paid, purses: Mapping[str, Purse]) -> None:
    """The package is paid to the last digit, by few enough donors, each with enough, in its dates, for its earmark."""
    assert paid.missing == {}
    policy = problem.package_policy
    assert policy is not None
    by_category: dict[str, float] = defaultdict(float)
    by_pledge: Counter[str] = Counter()
    for pledge, category, amount in paid.shares:
        assert purses[pledge].earmark in (None, category)
        by_category[category] += amount
        by_pledge[pledge] += amount  # type: ignore[assignment]
    assert dict(by_category) == pytest.approx(dict(value), abs=1e-9)
    assert len(by_pledge) <= policy.max_donors
    assert min(by_pledge.values()) >= policy.min_contribution_usd_m - 1e-6


def test_packages_are_paid_by_the_rules() -> None:
    pledges = [a_pledge(f"G{k}", amount_usd_m=amount) for k, amount in enumerate((80.0, 60.0, 40.0, 20.0, 12.0, 8.0))]
    pledges.append(a_pledge("E", amount_usd_m=30.0, earmark=ART))
    problem = book(pledges)
    values = [{AIR: 60.0, ART: 40.0}, {AIR: 100.0}]
    found, treasury = told(problem, {0: values})
    purses = {pledge.pledge: Purse(pledge.pledge, pledge.earmark, pledge.amount_usd_m, 0, 8) for pledge in pledges}
    for value, paid in zip(values, found[0], strict=True):
        assert_paid(problem, value, paid, purses)
    spent = sum(pledge.amount_usd_m for pledge in pledges) - sum(purse.left for purse in treasury.left())
    assert spent == pytest.approx(200.0, abs=5.0 * len(pledges))  # what is left below the least contribution is lost


def test_small_pledges_are_not_left_for_last() -> None:
    """Two large pledges could pay the first package alone; then the last one would need six donors."""
    pledges = [a_pledge("L1", amount_usd_m=80.0), a_pledge("L2", amount_usd_m=80.0)]
    pledges += [a_pledge(f"S{k}", amount_usd_m=10.0) for k in range(4)]
    found, _ = told(book(pledges), {0: [{AIR: 100.0}], 1: [{AIR: 100.0}]})
    assert [paid.missing for release in found.values() for paid in release] == [{}, {}]


def test_earmarked_money_is_used_while_there_is_something_for_it() -> None:
    """Only the first package has shells: general money must not pay for them."""
    pledges = [
        a_pledge("E", amount_usd_m=60.0, earmark=ART),
        a_pledge("A", amount_usd_m=70.0),
        a_pledge("B", amount_usd_m=70.0),
    ]
    found, _ = told(book(pledges), {0: [{AIR: 40.0, ART: 60.0}], 1: [{AIR: 100.0}]})
    assert [paid.missing for release in found.values() for paid in release] == [{}, {}]
    assert {name for name, category, _ in found[0][0].shares if category == ART} == {"E"}


def test_money_that_expires_goes_first() -> None:
    pledges = [
        a_pledge("late", amount_usd_m=100.0, available_on=day(0), expires_on=None),
        a_pledge("soon", amount_usd_m=100.0, available_on=day(0), expires_on=day(0)),
    ]
    found, _ = told(book(pledges), {0: [{AIR: 100.0}], 2: [{AIR: 100.0}]})
    assert [name for name, _, _ in found[0][0].shares] == ["soon"]
    assert [name for name, _, _ in found[2][0].shares] == ["late"]


def test_what_nobody_pays_is_said() -> None:
    found, _ = told(book([a_pledge("A", amount_usd_m=70.0)]), {0: [{AIR: 100.0}]})
    (paid,) = found[0]
    assert paid.shares == ()
    assert paid.missing == pytest.approx({AIR: 30.0})


def test_no_more_donors_than_a_package_may_have() -> None:
    pledges = [a_pledge(f"S{k}", amount_usd_m=30.0) for k in range(4)]
    assert told(book(pledges), {0: [{AIR: 100.0}]})[0][0][0].missing == pytest.approx({AIR: 10.0})
    assert told(book(pledges, max_donors=4), {0: [{AIR: 100.0}]})[0][0][0].missing == {}


def test_a_share_is_the_least_contribution_or_more() -> None:
    pledges = [a_pledge("A", amount_usd_m=98.0), a_pledge("B", amount_usd_m=98.0)]
    (paid,) = told(book(pledges), {0: [{AIR: 100.0}]})[0][0]
    assert min(amount for _, _, amount in paid.shares) >= 5.0 - 1e-6
    assert sum(amount for _, _, amount in paid.shares) == pytest.approx(100.0)


def test_money_that_comes_later_pays_nothing_yet() -> None:
    pledges = [a_pledge("early", amount_usd_m=20.0), a_pledge("late", amount_usd_m=90.0, available_on=day(4))]
    (paid,) = told(book(pledges), {0: [{AIR: 100.0}]})[0][0]
    assert paid.missing == pytest.approx({AIR: 80.0})


def test_a_pledge_pays_no_more_than_it_holds() -> None:
    pledges = [a_pledge("A", amount_usd_m=120.0), a_pledge("B", amount_usd_m=40.0)]
    found, _ = told(book(pledges), {0: [{AIR: 100.0}, {AIR: 100.0}]})
    assert sum(sum(paid.missing.values()) for paid in found[0]) == pytest.approx(40.0)


def test_what_is_planned_is_what_may_be_paid() -> None:
    """By dates and earmark of the pledge."""
    problem = book([a_pledge("A", amount_usd_m=50.0)])
    rows = master_of(problem).rows
    due = np.zeros((len(rows.categories), len(rows.releases)))
    due[[rows.categories.index(AIR), rows.categories.index(ART)], [0, 2]] = 100.0
    purses = [Purse("any", None, 50.0, 0, 9), Purse("marked", ART, 50.0, 0, 9), Purse("soon", None, 50.0, 0, 1)]
    flow = _Flow(rows, purses, due, {name: c for c, name in enumerate(rows.categories)})
    may = {(purses[g].pledge, int(flow.when[n])) for g, n in zip(flow.who, flow.what, strict=True)}
    assert may == {("any", 0), ("any", 2), ("marked", 2), ("soon", 0)}
