"""Who pays for a package: payments that cover it exactly, by the rules of pledges."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.listing.funding import Purse, split
from tests.baselines.pledged import assert_payable, policy


def purse(name: str, left: float, earmark: str | None = None) -> Purse:
    return Purse(name, earmark, left, 0, 9)


def test_pledges_are_asked_in_order() -> None:
    shares = split({"a": 60.0}, [purse("first", 40.0), purse("second", 90.0)], policy(5.0, 8))
    assert shares == (("first", "a", 40.0), ("second", "a", 20.0))


def test_the_first_steps_back_for_the_least_contribution_of_the_second() -> None:
    shares = split({"a": 42.0}, [purse("first", 40.0), purse("second", 90.0)], policy(5.0, 8))
    assert shares == (("first", "a", 37.0), ("second", "a", 5.0))


def test_earmarked_pledges_step_back_for_general_ones() -> None:
    shares = split({"a": 42.0}, [purse("marked", 40.0, "a"), purse("general", 90.0)], policy(5.0, 8))
    assert shares == (("marked", "a", 37.0), ("general", "a", 5.0))


@pytest.mark.parametrize(
    ("purses", "least", "donors"),
    [
        ([purse("marked", 90.0, "b")], 0.0, 8),  # for something else
        ([purse("first", 30.0), purse("second", 29.0)], 0.0, 8),  # too little
        ([purse("first", 30.0), purse("second", 30.0)], 0.0, 1),  # too many
        ([purse("first", 59.0), purse("second", 59.0)], 31.0, 8),  # neither alone, and together more than all
    ],
)
def test_none_where_nothing_can_cover_it(purses: list[Purse], least: float, donors: int) -> None:
    assert split({"a": 60.0}, purses, policy(least, donors)) is None


values = st.fixed_dictionaries({}, optional={"a": st.integers(1, 30), "b": st.integers(1, 30)}).filter(bool)
purse_lists = st.lists(
    st.builds(lambda left, earmark: purse("", left, earmark), st.integers(5, 30), st.sampled_from([None, "a", "b"])),
    max_size=5,
).map(lambda found: [purse(f"G{k}", p.left, p.earmark) for k, p in enumerate(found)])


@given(values, purse_lists, st.integers(0, 5), st.integers(1, 4))
@settings(max_examples=300, deadline=None)
def test_payments_keep_every_rule(value: dict[str, float], purses: list[Purse], least: int, donors: int) -> None:
    shares = split(value, purses, policy(least, donors))
    if shares is None:
        return
    assert_payable(value, purses, shares, least, donors)


@given(values, purse_lists, st.integers(1, 4))
@settings(max_examples=300, deadline=None)
def test_with_one_kind_of_money_nothing_payable_is_missed(
    value: dict[str, Any], purses: list[Purse], donors: int
) -> None:
    """Without earmarks and least contributions the value is payable exactly if the largest pledges cover it."""
    general = [purse(p.pledge, p.left) for p in purses]
    payable = any(
        sum(p.left for p in some) >= sum(value.values())
        for size in range(1, donors + 1)
        for some in combinations(general, size)
    )
    assert (split(value, general, policy(0.0, donors)) is not None) == payable
