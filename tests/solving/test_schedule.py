"""Local search over schedules of releases: each valued as its linear program is, and in the end none near is better."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.solving.highs import Limits, run
from optimizer.solving.schedule import Schedule, ScheduleSearch, Valued
from optimizer.solving.tangents import WORTH_IT
from tests.solving.tasks import case, led, task_of

LIMITS = Limits(60.0, 1e-9)
NAMES = ["case-001", "case-005", "case-010", "case-015", "case-026", "mixed-101"]
"""Cases with new packages only, with proposed ones, and where releasing nothing is best."""
periods = st.integers(0, 9)
some = st.lists(periods, max_size=6).map(lambda new: tuple(sorted(new)))


def search_in(name: str) -> ScheduleSearch:
    task = led(name)
    assert task.guide is not None
    assert task.guide_program is not None
    return ScheduleSearch(task.guide, task.guide_program, LIMITS, lambda: False)


def value_of(search: ScheduleSearch, name: str, found: Schedule) -> float:
    """The relaxation under a schedule, solved from scratch, with releases read off the names of columns."""
    task = led(name)
    assert task.guide is not None
    assert task.guide_program is not None
    new, proposed = Counter(found.new), dict(found.proposed)
    n = task.guide.matrix.shape[1]
    x, mask = np.zeros(n), np.zeros(n, dtype=bool)
    for (kind, key), j in task.guide.matrix.column_of.items():
        if kind == "is_released":
            mask[j], x[j] = True, float(key[1] < new[key[0]])  # the slots of a period are used in order
        elif kind == "proposed_released":
            mask[j], x[j] = True, float(proposed.get(key[0]) == key[1])
    assert set(np.flatnonzero(mask)) == set(search.columns.tolist())
    answer = run(task.guide_program.relaxed().fixed(mask, x), LIMITS)
    return np.inf if answer.objective is None else answer.objective


def ended(name: str) -> tuple[ScheduleSearch, np.ndarray, Valued]:
    search = search_in(name)
    root = search.root()
    assert root is not None
    best = search.run(root)
    assert best is not None
    assert best is search.best
    return search, root, best


@pytest.mark.parametrize("name", NAMES)
def test_the_best_is_worth_what_its_linear_program_says(name: str) -> None:
    search, root, best = ended(name)
    task = led(name)
    assert task.guide_program is not None
    assert task.guide is not None
    assert best.objective == pytest.approx(value_of(search, name, best.schedule), rel=1e-7)
    assert best.objective == pytest.approx(task.guide_program.value(best.x))
    assert best.objective >= task.guide_program.value(root) * (1 - 1e-9)
    assert task.guide_program.relaxed().violation(best.x) <= 1e-6
    released = [key[0] for (kind, key), j in task.guide.matrix.column_of.items()
                if kind == "is_released" and best.x[j] > 0.5]  # fmt: skip
    proposed = [key for (kind, key), j in task.guide.matrix.column_of.items()
                if kind == "proposed_released" and best.x[j] > 0.5]  # fmt: skip
    assert tuple(sorted(released)) == best.schedule.new
    assert tuple(sorted(proposed)) == best.schedule.proposed
    assert np.abs(best.x[search.columns] - np.round(best.x[search.columns])).max() <= 1e-9


@pytest.mark.parametrize("name", NAMES)
def test_no_rounding_and_no_move_is_better(name: str) -> None:
    """The search ends at a schedule that none of its roundings beats, and none that is one move away."""
    search, root, best = ended(name)
    roundings = [found for found in search._roundings(root) if search._allowed(found)]
    assert roundings
    moves = itertools.chain(search._single(best.schedule), search._pairs(best.schedule))
    tried = {*roundings, *(found for found in moves if search._allowed(found))}
    assert len(tried) > len(set(roundings))
    for found in tried:
        assert value_of(search, name, found) >= best.objective * (1 - 2 * WORTH_IT)


def test_moves_beat_roundings_somewhere() -> None:
    """Local search is worth its time: on one of the cases it ends below the best rounding."""
    better = []
    for name in ("case-005", "case-010", "case-019", "case-026"):
        search, root, best = ended(name)
        least = min(value_of(search, name, found) for found in search._roundings(root) if search._allowed(found))
        better.append(best.objective < least * (1 - 1e-6))
    assert any(better)


@pytest.mark.parametrize("name", NAMES)
def test_schedules_keep_to_the_policy(name: str) -> None:
    """No more new packages than allowed, none in a period without a slot, no schedule valued twice."""
    search, _, _ = ended(name)
    policy = case(name).problem.package_policy
    assert policy is not None
    assert search.valued == len(search.seen)
    for found in search.seen:
        assert len(found.new) <= policy.max_new
        assert all(count <= len(search.slots[t]) for t, count in Counter(found.new).items())
        assert len({package for package, _ in found.proposed}) == len(found.proposed)
        assert all(t in search.proposed[package] for package, t in found.proposed)


def test_what_the_policy_forbids_is_not_tried() -> None:
    search = search_in("case-001")
    t = search.periods[0]
    assert not search.try_out(Schedule((t,) * (len(search.slots[t]) + 1)))
    assert not search.try_out(Schedule(tuple(search.periods[k % len(search.periods)] for k in range(search.most + 1))))
    assert not search.try_out(Schedule((max(search.periods) + 1,)))
    assert (search.valued, search.best) == (0, None)


def test_only_a_better_schedule_is_taken() -> None:
    search, _, best = ended("case-026")
    again = search_in("case-026")
    assert again.try_out(best.schedule)
    for found in search.seen - {best.schedule}:
        assert not again.try_out(found), found
    assert again.best is not None
    assert again.best.schedule == best.schedule


def test_time_over_keeps_the_best_so_far() -> None:
    """After as many looks at the clock as it takes, the best of those valued is in hand; at once, nothing is."""
    search = search_in("case-005")
    root = search.root()
    assert root is not None
    search.over = search.search.over = lambda: search.valued >= 3
    best = search.run(root)
    assert search.valued == 3
    assert best is not None
    assert best.objective == pytest.approx(min(value_of(search, "case-005", found) for found in search.seen), rel=1e-7)
    late = search_in("case-005")
    late.over = lambda: True
    assert late.run(root) is None
    assert late.valued == 0


def test_no_root_where_there_is_no_plan() -> None:
    task = task_of(case("mixed-109").problem, guide=True)
    assert task.guide is not None
    assert task.guide_program is not None
    assert ScheduleSearch(task.guide, task.guide_program, LIMITS, lambda: False).root() is None


@settings(max_examples=60, deadline=None)
@given(some.filter(bool), st.data())
def test_moving_one_package(new: tuple[int, ...], data: st.DataObject) -> None:
    number, to = data.draw(st.integers(0, len(new) - 1)), data.draw(st.none() | periods)
    found = Schedule(new, (("P", 3),)).moved(number, to)
    expected = Counter(new) - Counter([new[number]]) + Counter([] if to is None else [to])
    assert Counter(found.new) == expected
    assert found.new == tuple(sorted(found.new))
    assert found.proposed == (("P", 3),)


@settings(max_examples=60, deadline=None)
@given(some, periods, st.dictionaries(st.sampled_from("PQR"), periods), st.sampled_from("PQR"), st.none() | periods)
def test_adding_and_proposing(
    new: tuple[int, ...], period: int, proposed: dict[str, int], package: str, at: int | None
) -> None:
    found = Schedule(new, tuple(sorted(proposed.items())))
    assert found.added(period).new == tuple(sorted([*new, period]))
    expected = {p: t for p, t in proposed.items() if p != package} | ({} if at is None else {package: at})
    moved = found.with_proposed(package, at)
    assert dict(moved.proposed) == expected
    assert moved.proposed == tuple(sorted(moved.proposed))
    assert moved.new == new
