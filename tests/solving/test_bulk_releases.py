"""Releases of an order book by local search: as good as branch and bound where that is small, and all rules kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from models import problem as p
from models.bulk.releasing import countings
from models.bulk.rows import Rows
from optimizer.solving import bulk_packages, bulk_releases
from optimizer.solving.bulk_held import releasing, solved
from optimizer.solving.bulk_packages import _Search
from optimizer.solving.bulk_releases import ReleaseSearch
from optimizer.solving.highs import run
from tests.models.bulk.books import LIMITS
from tests.solving.tasks import toy
from tests.solving.test_bulk_packages import POLICY, fifty, search_of

BOOKS: list[Callable[[], p.Problem]] = [
    lambda: toy(1), lambda: toy(3), lambda: toy(5), fifty,
    lambda: fifty(package_policy=replace(POLICY, max_releases_per_period=2)),
]  # fmt: skip


def found_in(search: _Search, rows: Rows, ways: list[np.ndarray]) -> tuple[ReleaseSearch, float]:
    releases = ReleaseSearch(search.small, rows, LIMITS, lambda: False)
    value = releases.run(ways)
    assert value is not None
    return releases, value


def value(search: _Search, rows: Rows, counts: np.ndarray) -> float:
    return solved(releasing(search.small, rows, counts, 0.0), LIMITS, lambda: False)[1]


def least(search: _Search, rows: Rows) -> float:
    """By branch and bound."""
    whole = np.zeros(len(search.small.cost), dtype=bool)
    whole[rows.names["released"].ravel()] = True
    answer = run(replace(search.small, whole=whole), LIMITS)
    assert answer.end == "optimal"
    assert answer.objective is not None
    return answer.objective


@pytest.mark.parametrize("book", BOOKS)
def test_from_nothing_it_ends_at_the_best(book: Callable[[], p.Problem], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_releases, "FARTHER", 1e6)
    search, master, _ = search_of(book())
    rows = master.rows
    releases, reached = found_in(search, rows, [np.zeros(len(rows.releases))])
    assert reached == pytest.approx(least(search, rows), rel=2e-5)
    assert reached == pytest.approx(value(search, rows, releases.counts), rel=1e-6)


@pytest.mark.parametrize("book", BOOKS)
def test_what_it_finds_keeps_the_policy_and_is_no_worse_than_any_way(book: Callable[[], p.Problem]) -> None:
    search, master, found = search_of(book())
    rows, policy = master.rows, master.rows.policy
    assert policy is not None
    ways = countings(rows, found.x[: rows.standing.count], search.chosen)
    releases, reached = found_in(search, rows, ways)
    counts = releases.counts
    assert np.array_equal(counts, np.round(counts))
    assert counts.sum() <= policy.max_new
    assert policy.max_releases_per_period is None or counts.max() <= policy.max_releases_per_period
    assert reached <= min(value(search, rows, way) for way in ways) * (1 + 1e-6)


def test_moves_are_of_one_release_or_two() -> None:
    search, master, _ = search_of(fifty(package_policy=replace(POLICY, max_releases_per_period=2)))
    releases = ReleaseSearch(search.small, master.rows, LIMITS, lambda: False)
    low, high = releases.search.lower, releases.search.upper
    assert (high - low).max() == 2.0, "the case has periods that may hold two"
    point = low.copy()
    point[:2] = 1.0
    single, double = list(releases._single(point)), list(releases._double(point))
    assert {(step.sum(), np.abs(step).sum()) for step in single} == {(0.0, 2.0), (1.0, 1.0), (-1.0, 1.0)}
    assert {step.sum() for step in double} == {0.0}
    assert {float(np.abs(step).sum()) for step in double} == {2.0, 4.0}
    for step in [*single, *double]:
        assert ((point + step >= low) & (point + step <= high)).all()
    assert any(step.max() == 1.0 and point[step.argmax()] == 1.0 for step in single), "two in one period"
    full = low.copy()
    full[:3] = 2.0, 2.0, 1.0
    assert full.sum() == releases.most
    assert not any(step.sum() > 0 for step in releases._single(full)), "no more than the policy allows"


def test_time_ends_it_with_what_is_in_hand() -> None:
    search, master, found = search_of(toy(1))
    ways = countings(master.rows, found.x[: master.rows.standing.count], search.chosen)
    looked = 0

    def over() -> bool:
        nonlocal looked
        looked += 1
        return looked > 3

    releases = ReleaseSearch(search.small, master.rows, LIMITS, over)
    if releases.run(ways) is not None:
        assert any(np.array_equal(releases.counts, way) for way in ways)
    assert ReleaseSearch(search.small, master.rows, LIMITS, lambda: True).run(ways) is None


def test_a_book_too_large_for_branch_and_bound_looks_nearby(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_packages, "COUNTABLE", 0)
    search, master, found = search_of(toy(1))
    ways = countings(master.rows, found.x[: master.rows.standing.count], search.chosen)
    search.try_all(ways)
    before = len(search._ways)
    search.look_nearby()
    assert len(search._ways) == before + 1
    assert search._ways[-1].value < min(way.value for way in search._ways[:-1])
    search.look_nearby()
    assert len(search._ways) == before + 1, "nothing better is near"
