"""Payments with an eye on the packages to come: the rules of pledges hold, and large pledges stay for later."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.listing.funding import Purse, Share, split, thrifty
from tests.baselines.pledged import assert_payable, policy


def purse(name: str, left: float, earmark: str | None = None, last: int = 9) -> Purse:
    return Purse(name, earmark, left, 0, last)


def after(purses: list[Purse], shares: tuple[Share, ...] | None) -> list[Purse]:
    """What is left in the purses."""
    assert shares is not None
    paid: dict[str, float] = defaultdict(float)
    for pledge, _, amount in shares:
        paid[pledge] += amount
    return [replace(p, left=p.left - paid[p.pledge]) for p in purses]


def test_a_later_package_finds_donors_that_split_leaves_without() -> None:
    """Two packages of 60, the second of a donor who can pay all of it alone: `split` spends that one first."""
    purses, value = [purse("large", 60.0), purse("b", 30.0), purse("c", 30.0)], {"a": 60.0}
    two, one = policy(5.0, 2), policy(5.0, 1)
    assert split(value, purses, two) == (("large", "a", 60.0),)
    assert split(value, after(purses, split(value, purses, two)), one) is None
    first = thrifty(value, purses, two)
    assert first == (("b", "a", 30.0), ("c", "a", 30.0))
    assert split(value, after(purses, first), one) == (("large", "a", 60.0),)


def test_what_expires_first_pays_first() -> None:
    purses = [purse("late", 60.0), purse("soon", 60.0, last=1)]
    assert thrifty({"a": 50.0}, purses, policy(5.0, 8)) == (("soon", "a", 50.0),)


def test_small_remainders_pay_only_if_the_places_suffice() -> None:
    """With three places the two least and the largest cover it, with two only the two largest do."""
    purses = [purse("a", 10.0), purse("b", 20.0), purse("c", 70.0)]
    three = thrifty({"x": 100.0}, purses, policy(0.0, 3))
    assert three is not None
    assert {pledge for pledge, _, _ in three} == {"a", "b", "c"}
    two = thrifty({"x": 90.0}, purses, policy(0.0, 2))
    assert two is not None
    assert {pledge for pledge, _, _ in two} == {"b", "c"}
    assert thrifty({"x": 95.0}, purses, policy(0.0, 2)) is None


@pytest.mark.parametrize(
    ("purses", "least", "donors"),
    [
        ([], 0.0, 8),
        ([purse("marked", 90.0, "b")], 0.0, 8),  # for something else
        ([purse("first", 30.0), purse("second", 29.0)], 0.0, 8),  # too little
        ([purse("first", 30.0), purse("second", 30.0)], 0.0, 1),  # too many
        ([purse("first", 59.0), purse("second", 59.0)], 60.0, 8),  # too small to count
    ],
)
def test_none_where_nothing_can_cover_it(purses: list[Purse], least: float, donors: int) -> None:
    assert thrifty({"a": 60.0}, purses, policy(least, donors)) is None


values = st.fixed_dictionaries({}, optional={"a": st.integers(1, 30), "b": st.integers(1, 30)}).filter(bool)
purse_lists = st.lists(
    st.builds(
        lambda left, earmark, last: purse("", left, earmark, last),
        st.integers(5, 30),
        st.sampled_from([None, "a", "b"]),
        st.integers(0, 3),
    ),
    max_size=6,
).map(lambda found: [replace(p, pledge=f"G{k}") for k, p in enumerate(found)])


@given(values, purse_lists, st.integers(0, 5), st.integers(1, 4))
@settings(max_examples=400, deadline=None, derandomize=True)
def test_payments_keep_every_rule(value: dict[str, float], purses: list[Purse], least: int, donors: int) -> None:
    shares = thrifty(value, purses, policy(least, donors))
    if shares is None:
        return
    assert_payable(value, purses, shares, least, donors)


@given(purse_lists, st.integers(1, 30), st.integers(1, 4))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_with_one_kind_of_money_it_pays_what_split_pays(purses: list[Purse], value: int, donors: int) -> None:
    general = [replace(p, earmark=None) for p in purses]
    limits = policy(0.0, donors)
    assert (thrifty({"a": value}, general, limits) is None) == (split({"a": value}, general, limits) is None)
