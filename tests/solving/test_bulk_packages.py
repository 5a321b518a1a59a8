"""Ways to make releases whole, and contents decided: which are tried, and what is tried again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models import problem as p
from models.bulk.batch import DIRECT, NEW
from models.bulk.releasing import chosen_proposals, countings
from optimizer.solving import bulk_filled, bulk_packages
from optimizer.solving.bulk_held import at_any_time, first_batches, releasing, roomy, solved
from optimizer.solving.bulk_master import Master, Relaxed
from optimizer.solving.bulk_packages import _Search, _Tried, _Way, whole_packages
from optimizer.solving.highs import run
from tests.builders import a_need, a_pledge, an_item, bare_problem, day
from tests.models.bulk.books import LIMITS, master_of, relaxed
from tests.solving.tasks import toy

POLICY = p.PackagesPolicy(20.0, 0.25, 5, 8, 1.0, 0, 1)


def fifty(**changes: object) -> p.Problem:
    """Ten units at 5 million USD, one package a period: two of 25 million, or three smaller ones."""
    need = a_need("N", quantity=10, needed_by=day(0))
    problem = bare_problem(
        items=(an_item(unit_price_usd_m=5.0),),
        needs=(need,),
        pledges=(a_pledge("A", amount_usd_m=50.0),),
        package_policy=POLICY,
    )
    return replace(problem, **changes)  # type: ignore[arg-type]


BOOKS: list[Callable[[], p.Problem]] = [lambda: toy(3), lambda: toy(5), fifty]


def search_of(problem: p.Problem) -> tuple[_Search, Master, Relaxed]:
    master = master_of(problem)
    found, _ = relaxed(master)
    assert found is not None
    rows = master.rows
    batches = first_batches(master.batches, len(found.x) - rows.standing.count)
    chosen = chosen_proposals(rows, found.x[: rows.standing.count])
    return _Search(master, batches, found, chosen, limits=LIMITS, stop=lambda: False), master, found


@pytest.mark.parametrize("book", BOOKS)
def test_whole_releases_are_as_good_as_any_way(book: Callable[[], p.Problem]) -> None:
    search, master, found = search_of(book())
    (counts,), proven = search.whole_releases()
    assert proven
    assert np.array_equal(counts, np.round(counts))

    def value(way: np.ndarray) -> float:
        return solved(releasing(search.small, master.rows, way, 0.0), LIMITS, lambda: False)[1]

    standing = found.x[: master.rows.standing.count]
    others = [value(way) for way in countings(master.rows, standing, search.chosen)]
    assert value(counts) <= min(others) * (1 + 2 * bulk_packages.ENOUGH) + 1e-6


def test_whole_releases_may_be_better_than_every_other_way() -> None:
    search, master, found = search_of(toy(1))
    (counts,), _ = search.whole_releases()
    standing = found.x[: master.rows.standing.count]
    whole = solved(releasing(search.small, master.rows, counts, 0.0), LIMITS, lambda: False)[1]
    values = [
        solved(releasing(search.small, master.rows, way, 0.0), LIMITS, lambda: False)[1]
        for way in countings(master.rows, standing, search.chosen)
    ]
    assert whole < 0.95 * min(values)


def held_to(room: float) -> float:
    """Value of 50 million USD, as it comes, spent on two packages of at most 25, less this share of the tolerance."""
    search, master, _ = search_of(fifty())
    counts = np.zeros(len(master.rows.releases))
    counts[:2] = 1.0
    return solved(releasing(roomy(search.small, master.rows, room), master.rows, counts, 0.0), LIMITS, lambda: False)[1]


def test_room_makes_packages_smaller() -> None:
    """Half of the tolerance less: 45 million in two packages, and no less than 17.5 in one."""
    assert held_to(0.0) < held_to(0.5) < held_to(1.0) < np.inf
    search, master, _ = search_of(fifty(pledges=(a_pledge("A", amount_usd_m=16.0),)))
    counts = np.zeros(len(master.rows.releases))
    counts[0] = 1.0
    values = [
        solved(releasing(roomy(search.small, master.rows, room), master.rows, counts, 0.0), LIMITS, lambda: False)[1]
        for room in (0.0, 0.5)
    ]
    assert values[0] < np.inf
    assert values[1] == np.inf


@pytest.mark.parametrize("dear", [False, True])
def test_room_is_kept_where_it_costs_little(monkeypatch: pytest.MonkeyPatch, dear: bool) -> None:
    rooms: list[float] = []
    make = bulk_packages.roomy

    def noted(program: Any, rows: Any, room: float) -> Any:
        rooms.append(room)
        return make(program, rows, room)

    search, _, _ = search_of(fifty())
    search.value = 0.0 if dear else 1e9
    monkeypatch.setattr(bulk_packages, "roomy", noted)
    (counts,), _ = search.whole_releases()
    assert rooms == ([bulk_packages.ROOM, 0.0] if dear else [bulk_packages.ROOM])
    assert counts.sum() == 2


def test_a_program_too_large_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_packages, "COUNTABLE", 0)
    search, _, _ = search_of(fifty())
    assert search.whole_releases() == ([], False)


@pytest.mark.parametrize("proven", [True, False])
@pytest.mark.parametrize("complete", [True, False])
def test_other_ways_are_tried_as_well_unless_none_is_better(
    monkeypatch: pytest.MonkeyPatch, proven: bool, complete: bool
) -> None:
    """None is better than one that is proven the best, and whose packages all find donors."""
    master = master_of(toy(3))
    found, _ = relaxed(master)
    assert found is not None
    tried: list[np.ndarray] = []
    ours = np.zeros(len(master.rows.releases))
    ways = [ours + k for k in range(1, 10)]
    monkeypatch.setattr(bulk_packages, "countings", lambda *_: ways)
    monkeypatch.setattr(_Search, "whole_releases", lambda _self: ([ours], proven))
    monkeypatch.setattr(_Search, "_try", lambda _self, counts, _spare: tried.append(counts))
    monkeypatch.setattr(_Search, "decide", lambda self: setattr(self, "complete", complete))
    whole_packages(master, found, LIMITS, lambda: False)
    expected = [ours, *ways[: bulk_packages.BESIDE]] if proven and complete else [ours, *ways]
    assert [way.tolist() for way in tried] == [way.tolist() for way in expected]


def test_of_ways_about_as_good_the_one_with_packages_near_their_target_is_decided() -> None:
    search, master, _ = search_of(fifty())

    def way(value: float, packages: int, worth: float) -> _Way:
        x = np.zeros(len(search.small.cost))
        x[master.rows.names["content_value"].ravel()[0]] = worth
        counts = np.zeros(len(master.rows.releases))
        counts[0] = packages
        return _Way(counts, x, value, np.inf)

    full, even, dear = way(100.0, 2, 50.0), way(100.01, 3, 60.0), way(101.0, 2, 40.0)
    ranked = sorted([dear, full, even], key=lambda way: search._rank(way, 100.0))
    assert ranked == [even, full, dear]


@pytest.mark.parametrize("seed", [3, 5])
def test_with_few_packages_needs_may_leave_at_any_time(seed: int) -> None:
    """A column for every period in which a unit may leave, and the relaxation as before."""
    master = master_of(toy(seed))
    found, _ = relaxed(master)
    assert found is not None
    wide, pricing = at_any_time(master, found), master.pricing
    assert len(wide.x) == master.rows.standing.count + master.count > len(found.x)
    assert wide.x[: len(found.x)].tolist() == found.x.tolist()
    assert not wide.x[len(found.x) :].any()
    program = master.program()
    assert run(program.relaxed(), LIMITS).objective == pytest.approx(found.value)
    ways = pricing.tables.ways
    there = {
        (int(ways.need[w]), int(t))
        for batch in master.batches
        for w, t in zip(batch.who, batch.when, strict=True)
        if batch.kind in {NEW, DIRECT}
    }
    open_ = {
        (int(ways.need[w]), int(t))
        for w, t in zip(*np.nonzero(pricing.open_way), strict=True)
        if ways.offer[w] < 0 and pricing.need_price[ways.need[w]] <= master.rows.highest
    }
    assert open_ <= there


def test_needs_and_periods_too_many_get_no_more_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: list[int] = []
    for most in (10**9, 0):
        monkeypatch.setattr(bulk_packages, "ANY_TIME", most)
        master = master_of(toy(3))
        found, _ = relaxed(master)
        assert found is not None
        whole_packages(master, found, LIMITS, lambda: False)
        counts.append(master.count)
    assert counts[0] > counts[1]


def test_the_best_way_is_tried_without_spare_room_once(monkeypatch: pytest.MonkeyPatch) -> None:
    search, _, _ = search_of(fifty())
    tried: list[tuple[float, float]] = []

    def noted(self: _Search, counts: np.ndarray, spare: float) -> None:
        tried.append((float(counts.sum()), spare))
        self._ways.append(_Way(counts, np.zeros(0), 0.0, counts.sum()))

    monkeypatch.setattr(_Search, "_try", noted)
    two, three, one = (np.array([count, 0.0]) for count in (2.0, 3.0, 1.0))
    search.try_all([two])
    search.try_all([three])
    search.try_all([one])
    spare = bulk_packages.SPARE
    assert tried == [(2.0, spare), (2.0, 0.0), (3.0, spare), (1.0, spare), (1.0, 0.0)]


@pytest.mark.parametrize(("most", "kept"), [(10**9, 1e-3), (0, bulk_packages.DEAR)])
def test_with_few_packages_dear_columns_stay_as_far_as_there_is_room(
    monkeypatch: pytest.MonkeyPatch, most: int, kept: float
) -> None:
    said: list[float] = []
    make = bulk_packages.without_dear

    def noted(program: Any, begin: int, near: Relaxed, dear: float) -> Any:
        said.append(dear)
        return make(program, begin, near, dear)

    monkeypatch.setattr(bulk_packages, "without_dear", noted)
    monkeypatch.setattr(bulk_packages, "COUNTABLE", most)
    master = master_of(fifty())
    found, _ = relaxed(master)
    assert found is not None
    whole_packages(master, found, LIMITS, lambda: False)
    assert said[-2:] == [kept, max(kept, bulk_packages.DEAREST)]


def test_a_way_is_decided_once(monkeypatch: pytest.MonkeyPatch) -> None:
    search, _, _ = search_of(fifty())
    counts: list[float] = []

    def decide(_self: _Search, way: Any, _form: Any, _lost: float) -> tuple[None, float]:
        counts.append(way.counts.sum())
        return None, 0.0

    monkeypatch.setattr(_Search, "_decide", decide)
    monkeypatch.setattr(_Search, "_lost", lambda _self: [0.1])
    search.try_all(search.whole_releases()[0])
    search.decide()
    search.decide()
    assert counts == [2.0]


def decided(monkeypatch: pytest.MonkeyPatch, values: dict[float, float]) -> list[float]:
    """The shares of money left that are tried where contents are decided at 100, by what comes of each."""
    shares: list[float] = []

    def decide(_self: _Search, way: Any, _form: Any, lost: float) -> tuple[_Tried, float]:
        shares.append(lost)
        return _Tried(values[lost], (), way.x), 100.0

    monkeypatch.setattr(bulk_packages, "DECIDED", 1)
    monkeypatch.setattr(_Search, "_lost", lambda _self: list(values))
    monkeypatch.setattr(_Search, "_decide", decide)
    search, _, _ = search_of(fifty())
    search.try_all(search.whole_releases()[0])
    search.decide()
    assert search.decided is not None
    assert search.decided.value == min(values[share] for share in shares)
    assert search.complete == (search.decided.value <= 100.1)
    return shares


def test_more_money_is_left_where_donors_are_found_for_something_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    assert decided(monkeypatch, {0.1: 99.0, 0.2: 98.0, 0.3: 97.0}) == [0.1]
    assert decided(monkeypatch, {0.1: 100.05, 0.2: 98.0, 0.3: 97.0}) == [0.1]
    assert decided(monkeypatch, {0.1: 101.0, 0.2: 100.05, 0.3: 97.0}) == [0.1, 0.2]
    assert decided(monkeypatch, {0.1: 101.0, 0.2: 103.0, 0.3: 102.0}) == [0.1, 0.2, 0.3]


def test_money_left_is_a_part_of_a_package_and_a_small_share_of_all() -> None:
    """Of 50 million no more than 0.3 and 0.9 %; of 10,000 million 0.14 and 0.25 packages of 20."""
    assert search_of(fifty())[0]._lost() == [pytest.approx(0.003), pytest.approx(0.009)]
    rich = fifty(pledges=(a_pledge("A", amount_usd_m=1e4),))
    assert search_of(rich)[0]._lost() == [pytest.approx(0.14 * 20 / 1e4), pytest.approx(0.25 * 20 / 1e4)]


def test_what_the_relaxation_deals_whole_is_held_only_where_there_is_a_solution(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first look at whole contents finds nothing: the second has none of them held."""
    fixed: list[int] = []
    solve = bulk_filled.solved
    monkeypatch.setattr(bulk_filled, "DIVABLE", 0)

    def solved(program: Any, limits: Any, stop: Any) -> Any:
        if program.whole.any() and not program.whole[: len(search.small.cost)].any():
            fixed.append(int(np.sum(program.lower[program.whole] == program.upper[program.whole])))
            if len(fixed) == 1:
                return None, np.inf
        return solve(program, limits, stop)

    search, _, _ = search_of(toy(3))
    search.try_all(search.whole_releases()[0])
    monkeypatch.setattr(bulk_filled, "solved", solved)
    monkeypatch.setattr(_Search, "_lost", lambda _self: [0.001])
    monkeypatch.setattr(bulk_packages, "DECIDED", 1)
    search.decide()
    assert len(fixed) == 2
    assert fixed[0] > fixed[1]
    assert search.decided is not None
