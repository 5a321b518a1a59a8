"""When to release packages: rounding of the relaxation, then local search led by tangents (`tangents`).

A schedule says how many new packages are released in each period and when each proposed one is. With it fixed, what
is left of the guide's relaxation is a linear program that a dual simplex solves from the basis before, in a fraction
of a second.

Sources: rounding by thresholds after Shmoys, Tardos & Aardal (1997); shift neighbourhoods as in lot-sizing heuristics
(Pochet & Wolsey, 2006, ch. 3).
"""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations, product

import numpy as np
from scipy import sparse

from models.build import Built
from models.matrix import Vector
from optimizer.solving.clock import now
from optimizer.solving.highs import Limits
from optimizer.solving.program import Program
from optimizer.solving.schedule_master import ScheduleMaster
from optimizer.solving.tangents import TangentSearch

log = logging.getLogger(__name__)
THRESHOLDS = (0.7, 0.85, 0.5, 0.3, 1.0)
"""The j-th package is released as soon as the relaxation has spent, or released, j − 1 + threshold of them."""
FIRST = 2
"""Roundings that are valued before the best of them is improved; the others follow where nothing near is better."""
FARTHER = 1.0
"""How long the master looks for a better schedule, as a multiple of the time until then."""
FAR = 0.01
"""How far above the relaxation, as a share, a schedule is for which that is done: on weekly order books local search
ends within half a per cent of it, and the seconds are worth more elsewhere."""
SHIFTS = (1, 2, 3, 5, 8)
"""By how many periods, counted among those that may hold a release, one is moved."""
BOTH = (-3, -2, -1, 1, 2, 3)
"""By how many such periods two releases are moved at once."""


@dataclass(frozen=True)
class Schedule:
    """`new`: periods of the new packages, ascending, one entry each; `proposed`: period by package, if released."""

    new: tuple[int, ...]
    proposed: tuple[tuple[str, int], ...] = ()

    def moved(self, number: int, period: int | None) -> Schedule:
        """The schedule with one new package in another period (None: not released)."""
        left = [*self.new[:number], *self.new[number + 1 :]]
        return replace(self, new=tuple(sorted(left if period is None else [*left, period])))

    def added(self, period: int) -> Schedule:
        """The schedule with one more new package."""
        return replace(self, new=tuple(sorted([*self.new, period])))

    def with_proposed(self, package: str, period: int | None) -> Schedule:
        """The schedule with a proposed package in a period (None: not released)."""
        left = [pair for pair in self.proposed if pair[0] != package]
        return replace(self, proposed=tuple(sorted(left if period is None else [*left, (package, period)])))


@dataclass(frozen=True)
class Valued:
    """A schedule with the objective and the solution of the relaxation under it."""

    schedule: Schedule
    objective: float
    x: Vector


class ScheduleSearch:
    """Local search over release schedules of a guide. `over` is polled; the best found so far stays in hand."""

    def __init__(self, guide: Built, program: Program, limits: Limits, over: Callable[[], bool]) -> None:
        """`program`: a relaxation of the task whose columns are the guide's (more rows do no harm)."""
        self.over, self.program = over, program
        self.matrix = guide.matrix
        self.slots: dict[int, list[int]] = defaultdict(list)
        self.proposed: dict[str, dict[int, int]] = defaultdict(dict)
        for j, (kind, key) in enumerate(zip(guide.matrix.kinds, guide.matrix.column_keys, strict=True)):
            if kind == "is_released":
                self.slots[key[0]].append(j)
            elif kind == "proposed_released":
                self.proposed[key[0]][key[1]] = j
        self.periods = sorted(self.slots)
        self.columns = np.array(
            [j for t in self.periods for j in self.slots[t]]
            + [j for at in self.proposed.values() for j in at.values()],
            dtype=np.int64,
        )
        self.place = {int(j): k for k, j in enumerate(self.columns)}
        policy = guide.draft.facts.problem.package_policy
        self.most = policy.max_new if policy is not None else 0
        self.target = policy.target_usd_m if policy is not None else 0.0
        self.facts = guide.draft.facts
        self.search = TangentSearch(program, self.columns, limits, self.over)
        self.master = ScheduleMaster(program, self.columns, limits)
        self.seen: set[Schedule] = set()
        self.best: Valued | None = None

    @property
    def valued(self) -> int:
        """How many schedules were valued."""
        return len(self.seen)

    def root(self) -> Vector | None:
        """The relaxation's own solution; None if there is none."""
        found = self.search.look(self.search.lower, self.search.upper)
        if found is None:
            return None
        self.search.basis = self.search.simplex.keep()
        return found[1]

    def run(self, root: Vector) -> Valued | None:
        """Rounds the relaxation's solution and improves the best rounding until nothing near is better or time is over.

        Then the master looks farther, each time for as long as all took so far, if the relaxation leaves room for that.
        None if no schedule that was valued can be.
        """
        began, relaxed = now(), self.program.value(root)
        wanting = relaxed + FAR * abs(relaxed)
        roundings = [*self._roundings(root), Schedule(())]
        for schedule in roundings:
            if self.over() or (self.best is not None and len(self.seen) >= FIRST):
                break
            self.try_out(schedule)
        self._near(roundings)
        while self.best is not None and self.best.objective > wanting:
            if not self._farther(now() + FARTHER * (now() - began)):
                break
            self._near(roundings)
        log.debug("schedules: %d valued, best %s", self.valued, self.best and (self.best.objective, self.best.schedule))
        return self.best

    def _near(self, roundings: list[Schedule]) -> None:
        """Improves the best schedule until none of its neighbours is better."""
        pools = (self._single, self._pairs, lambda _: iter(roundings))
        widest = 0
        while self.best is not None and widest < len(pools) and not self.over():
            widest = 0 if self._improve(pools[widest](self.best.schedule)) else widest + 1

    def _farther(self, until: float) -> bool:
        """Values what the master promises most of, nearest first, until a schedule is better than the best."""
        points = self.master.candidates(self.search, lambda: now() > until or self.over())
        return any(self.try_out(self._schedule(point)) for point in points)

    def _schedule(self, point: Vector) -> Schedule:
        """The schedule with these values of the columns."""
        new = (t for t in self.periods for j in self.slots[t] if point[self.place[j]] > 0.5)
        proposed = ((p, t) for p, at in self.proposed.items() for t, j in at.items() if point[self.place[j]] > 0.5)
        return Schedule(tuple(sorted(new)), tuple(sorted(proposed)))

    def try_out(self, schedule: Schedule) -> bool:
        """Values a schedule; takes it if it is better than the best."""
        if schedule in self.seen or not self._allowed(schedule):
            return False
        self.seen.add(schedule)
        if not self.search.try_out(self._values(schedule)):
            return False
        self.best = Valued(schedule, self.search.value, self.search.x)
        return True

    def _improve(self, pool: Iterable[Schedule]) -> bool:
        """Values schedules of the pool until one is better; False if none can be."""
        open_ = [schedule for schedule in dict.fromkeys(pool) if schedule not in self.seen and self._allowed(schedule)]
        if not open_:
            return False
        points = np.array([self._values(schedule) for schedule in open_])
        changes = sparse.csr_array(points - self.search.point)
        row = self.search.improve(changes, lambda row: self.seen.add(open_[row]))
        if row is not None:
            self.best = Valued(open_[row], self.search.value, self.search.x)
        return row is not None

    def _allowed(self, schedule: Schedule) -> bool:
        if len(schedule.new) > self.most:
            return False
        count: dict[int, int] = defaultdict(int)
        for t in schedule.new:
            count[t] += 1
        return all(n <= len(self.slots.get(t, ())) for t, n in count.items())

    def _values(self, schedule: Schedule) -> Vector:
        values = self.search.lower.copy()
        count: dict[int, int] = defaultdict(int)
        for t in schedule.new:
            values[self.place[self.slots[t][count[t]]]] = 1.0
            count[t] += 1
        for package, t in schedule.proposed:
            values[self.place[self.proposed[package][t]]] = 1.0
        return values

    # --- roundings ----------------------------------------------------------------------------------------------------

    def _roundings(self, x: Vector) -> Iterator[Schedule]:
        """Schedules that release the j-th package when the relaxation has released, or spent, as much."""
        counts = [sum(x[j] for j in self.slots[t]) for t in self.periods]
        spent: dict[int, float] = defaultdict(float)
        for j, (kind, key) in enumerate(zip(self.matrix.kinds, self.matrix.column_keys, strict=True)):
            if kind == "content":
                spent[key[1]] += self.facts.price(key[0]) * x[j]
        proposed: list[tuple[str, int]] = []
        for package, at in self.proposed.items():
            if sum(x[j] for j in at.values()) > 0.5:
                proposed.append((package, max(at, key=lambda t: (x[at[t]], -t))))
        values = [spent[t] / max(self.target, 1e-9) for t in self.periods]
        for parts in (values, counts):
            for threshold in THRESHOLDS:
                total, new = 0.0, list[int]()
                for t, part in zip(self.periods, parts, strict=True):
                    total += part
                    room = len(self.slots[t])
                    while room and len(new) < self.most and total >= len(new) + threshold - 1e-6:
                        new.append(t)
                        room -= 1
                yield Schedule(tuple(new), tuple(sorted(proposed)))
                yield Schedule(tuple(new))

    # --- local search -------------------------------------------------------------------------------------------------

    def _single(self, schedule: Schedule) -> Iterator[Schedule]:
        """One release earlier, later, added or left out."""
        yield from self._shifts(schedule)
        yield from self._additions(schedule)
        yield from self._proposals(schedule)

    def _shifts(self, schedule: Schedule) -> Iterator[Schedule]:
        for step in SHIFTS:
            for number, t in enumerate(schedule.new):
                at = bisect_left(self.periods, t)
                for to in (at - step, at + step):
                    if 0 <= to < len(self.periods):
                        yield schedule.moved(number, self.periods[to])

    def _pairs(self, schedule: Schedule) -> Iterator[Schedule]:
        """Two new packages moved at once."""
        at = [bisect_left(self.periods, t) for t in schedule.new]
        for one, other in combinations(range(len(at)), 2):
            for step, stride in product(BOTH, BOTH):
                to = (at[one] + step, at[other] + stride)
                if min(to) >= 0 and max(to) < len(self.periods):
                    new = list(schedule.new)
                    new[one], new[other] = (self.periods[k] for k in to)
                    yield replace(schedule, new=tuple(sorted(new)))

    def _additions(self, schedule: Schedule) -> Iterator[Schedule]:
        for t in self.periods:
            yield schedule.added(t)
        for number in range(len(schedule.new)):
            yield schedule.moved(number, None)

    def _proposals(self, schedule: Schedule) -> Iterator[Schedule]:
        chosen = dict(schedule.proposed)
        for package, at in self.proposed.items():
            options = sorted(at)
            if package in chosen:
                yield schedule.with_proposed(package, None)
                near = bisect_left(options, chosen[package])
                options = options[max(0, near - 3) : near + 4]
            for t in options:
                yield schedule.with_proposed(package, t)
