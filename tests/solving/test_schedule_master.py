"""The master over schedules: what it promises is a bound, what it chooses keeps the rules, and it finds the best."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from optimizer.solving import schedule, schedule_master
from optimizer.solving.highs import Limits
from optimizer.solving.schedule import Schedule, ScheduleSearch
from tests.solving.tasks import led

LIMITS = Limits(60.0, 1e-9)
NAMES = ["case-001", "case-004", "case-005", "case-010", "case-015", "case-026", "case-029", "mixed-102"]
"""Cases with 31 to 605 schedules."""


def search_in(name: str) -> ScheduleSearch:
    task = led(name)
    assert task.guide is not None
    assert task.guide_program is not None
    return ScheduleSearch(task.guide, task.guide_program, LIMITS, lambda: False)


def every(search: ScheduleSearch) -> Iterator[Schedule]:
    """All schedules that the rules on releases allow."""
    options = [[None, *at] for at in search.proposed.values()]
    for count in range(search.most + 1):
        for new in itertools.combinations_with_replacement(search.periods, count):
            for chosen in itertools.product(*options):
                picked = [(p, t) for p, t in zip(search.proposed, chosen, strict=True) if t is not None]
                found = Schedule(new, tuple(sorted(picked)))
                if search._allowed(found) and keeps_rules(search, search._values(found)):
                    yield found


def keeps_rules(search: ScheduleSearch, point: np.ndarray) -> bool:
    return search.master.rules.violation(point) <= 1e-6


def distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one - other).sum())


def test_rules_are_those_of_releases_alone() -> None:
    for name in NAMES:
        search = search_in(name)
        assert search.master.rules.A.shape[1] == len(search.columns)
        assert search.master.rules.A.shape[0] > 0
        assert not keeps_rules(search, np.ones(len(search.columns))), "all packages in all periods"
        assert keeps_rules(search, np.zeros(len(search.columns)))


@pytest.mark.parametrize("name", NAMES)
def test_what_it_promises_no_schedule_within_the_radius_is_below(name: str) -> None:
    search = search_in(name)
    assert search.root() is not None
    all_schedules = list(every(search))
    assert search.try_out(Schedule(()))
    values = {found: search_in(name).search.look(search._values(found)) for found in all_schedules[:400]}
    for radius in (1, 2, 4, 16):
        found = search.master.best(
            search.search.tangents, search.search.point, search.search.value, radius, lambda: False
        )
        assert found is not None
        point, promised = found
        assert keeps_rules(search, point)
        assert distance(point, search.search.point) <= radius + 1e-6
        for at, value in values.items():
            if value is not None and distance(search._values(at), search.search.point) <= radius:
                assert value[0] >= promised - 1e-6 * max(1.0, abs(promised))
        search.try_out(search._schedule(point))


@pytest.mark.parametrize("name", NAMES)
def test_from_nothing_it_finds_the_best_of_all(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Local search left out, and no limit: the best schedule of all, with fewer programs than there are schedules."""
    monkeypatch.setattr(schedule_master, "RADII", (1, 2, 4, 8, 16, 64))
    search = search_in(name)
    root = search.root()
    assert root is not None
    search.try_out(Schedule(()))
    while search._farther(float("inf")):
        pass
    assert search.best is not None
    other, all_schedules = search_in(name), list(every(search))
    values = [found[0] for found in (other.search.look(other._values(at)) for at in all_schedules) if found is not None]
    assert search.best.objective == pytest.approx(min(values), rel=2e-5)
    assert search.valued < 0.7 * len(all_schedules)


def test_schedules_and_points_are_the_same() -> None:
    for name in NAMES:
        search = search_in(name)
        for found in itertools.islice(every(search), 50):
            assert search._schedule(search._values(found)) == found


@pytest.mark.parametrize("far", [0.0, 1e9])
def test_it_looks_farther_only_where_the_relaxation_leaves_room(far: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "FAR", far)
    search, asked = search_in("case-004"), []
    monkeypatch.setattr(search, "_farther", asked.append)
    root = search.root()
    assert root is not None
    best = search.run(root)
    assert best is not None
    assert best.objective > search.program.value(root) * (1 + 1e-6)
    assert len(asked) == (far == 0.0)


def test_time_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    search = search_in("case-005")
    search.root()
    search.try_out(Schedule(()))
    valued = search.valued
    assert not search._farther(0.0)
    assert search.valued == valued
