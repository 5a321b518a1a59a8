"""The rules of pledges, for tests of the ways to share a package among them."""

from __future__ import annotations

from collections import defaultdict

import pytest

from models.listing.funding import Purse, Share
from models.problem import PackagesPolicy


def policy(least: float, donors: int) -> PackagesPolicy:
    """A policy of packages with this least contribution and number of donors."""
    return PackagesPolicy(100.0, 0.1, 3, donors, least, 0)


def assert_payable(
    value: dict[str, float], purses: list[Purse], shares: tuple[Share, ...], least: float, donors: int
) -> None:
    """The shares cover the value by category, and no pledge pays too much, too little or for something else."""
    by_pledge, by_category = defaultdict[str, float](float), defaultdict[str, float](float)
    for pledge, category, amount in shares:
        assert amount > 0
        assert next(p for p in purses if p.pledge == pledge).earmark in {None, category}
        by_pledge[pledge] += amount
        by_category[category] += amount
    assert by_category == pytest.approx(value)
    assert len(by_pledge) <= donors
    for p in purses:
        if p.pledge in by_pledge:
            assert max(0.0, least - 1e-9) <= by_pledge[p.pledge] <= p.left + 1e-9
