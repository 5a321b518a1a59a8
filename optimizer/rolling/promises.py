"""The promises of a roll: who was promised what, by when, and what became of it. None is ever dropped silently.

| kind | made | kept if |
|---|---|---|
| `firm_date` | by the instance | every unit of the order has left by its firm date |
| `replacement` | when an offer is accepted (by the instance, or by a plan) | every unit of the replacement has left by its date |
| `package_content` | when a package is released: its units of a need, by the day on which the plan of that day has them all there, packages that were paid earlier served first | as many units have arrived from the pool by then |
| `frozen` | when a dispatch of the plan enters the frozen weeks | as many units leave for that demand on that day |

A promise is *kept*, *broken*, *open* (its day is still to come), or *lapsed* (an offer was withdrawn, and its
replacement with it). So made = kept + broken + open + lapsed, in promises and in units.
"""  # noqa: E501

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from models.calendar import calendar_of
from models.plan import POOL, Plan
from models.problem import Problem
from optimizer.rolling.happened import per_unit
from optimizer.rolling.history import Elapsed
from optimizer.rolling.nervousness import kept_in_frozen

PromiseKind = Literal["firm_date", "replacement", "package_content", "frozen"]
PromiseStatus = Literal["kept", "broken", "open", "lapsed"]
PROMISE_KINDS: tuple[PromiseKind, ...] = ("firm_date", "replacement", "package_content", "frozen")
Units = Counter[str]
"""Units of each need that have left the pool."""
STATUSES: tuple[PromiseStatus, ...] = ("kept", "broken", "open", "lapsed")


@dataclass(frozen=True, slots=True)
class Made:
    """A promise as it was made: `units` of `item` to `demand` by `due`, on the day of planning `made_on`.

    `package` is given for the content of one; then `target` units of the need are to have arrived from the pool by
    then, all that was promised for it before included.
    """

    kind: PromiseKind
    demand: str
    item: str
    units: int
    made_on: dt.date
    due: dt.date
    package: str = ""
    target: int = 0


@dataclass(frozen=True, slots=True)
class Promise:
    """What became of a promise; `missing` units if it was broken."""

    made: Made
    status: PromiseStatus
    missing: int = 0


def of_the_instance(problem: Problem) -> Iterator[Made]:
    """What the instance itself promises: firm orders, and replacements of the offers that are accepted."""
    for order in problem.orders:
        if order.firm_by is not None and order.quantity:
            yield Made("firm_date", order.order, order.item, order.quantity, problem.start, order.firm_by)
    for offer in problem.offers:
        if offer.status == "accepted":
            yield from _replacement(problem, offer.offer)


def of_a_plan(problem: Problem, carried: Plan | None, plan: Plan, sent: Counter[str]) -> Iterator[Made]:
    """What a plan promises on its first day, beyond what was promised before.

    `carried`: what was left of the plan before, None of the first; `sent`: units of each need that had left the pool
    before that day.
    """
    open_offers = {row.offer for row in problem.offers if row.status == "open"}
    for name in plan.accepted_offers:
        if name in open_offers:
            yield from _replacement(problem, name)
    yield from _contents(problem, plan, sent)
    if carried is not None:
        for (demand, item, day), (units, _) in kept_in_frozen(problem, carried, carried).items():
            yield Made("frozen", demand, item, units, problem.start, day)


def _replacement(problem: Problem, name: str) -> Iterator[Made]:
    offer = next(row for row in problem.offers if row.offer == name)
    if offer.replacement_quantity:
        due = offer.available_on + dt.timedelta(weeks=offer.replacement_within_weeks)
        yield Made("replacement", name, offer.replacement_item, offer.replacement_quantity, problem.start, due)


def _contents(problem: Problem, plan: Plan, sent: Counter[str]) -> Iterator[Made]:
    released = [row.package for row in plan.releases if row.period == 0]
    if not released:
        return
    calendar = calendar_of(problem)
    contents: dict[str, Counter[str]] = defaultdict(Counter)
    for row in problem.package_contents:
        contents[row.package][row.need] += row.quantity
    for new in plan.contents:
        contents[new.package][new.need] += new.quantity
    item = {row.need: row.item for row in problem.needs}
    paid = Counter[str]()
    for package in problem.packages:
        if package.status == "funded":
            paid.update(contents[package.package])
    for name in sorted(released):
        for need, units in sorted(contents[name].items()):
            if not units:
                continue
            paid[need] += units
            arrivals = sorted(_arrivals(problem, plan, need))
            reached, due = 0, None
            for t, there in arrivals:
                reached, due = reached + there, calendar.day(t)
                if reached >= paid[need]:
                    break
            if due is not None:
                target = sent[need] + min(reached, paid[need])
                yield Made("package_content", need, item[need], units, problem.start, due, name, target)


def _arrivals(problem: Problem, plan: Plan, need: str) -> Iterator[tuple[int, int]]:
    """Period of arrival and units of the need, of what leaves the pool for it."""
    for row in plan.dispatches:
        if (row.kind, row.demand, row.origin) == ("need", need, POOL):
            yield row.arrival, row.quantity // per_unit(problem, need, row.item)


def settled(
    original: Problem,
    made: Iterable[Made],
    elapsed: Sequence[Elapsed],
    now: dt.date,
    *,
    withdrawn: Collection[str] = (),
    given_up: Collection[tuple[str, str]] = (),
) -> tuple[Promise, ...]:
    """What became of the promises by the day `now`.

    `original`: the instance with every demand there ever was; `withdrawn`: offers that were; `given_up`: (kind, demand)
    of promises that no plan could hold, and that were moved to another day or dropped.
    """
    record = _Record(original, elapsed)
    return tuple(
        _settled(promise, record.by_day(promise), now, withdrawn, given_up) for promise in _largest(list(made))
    )


def _settled(
    promise: Made, done: int, now: dt.date, withdrawn: Collection[str], given_up: Collection[tuple[str, str]]
) -> Promise:
    wanted = promise.target or promise.units
    if done >= wanted:
        return Promise(promise, "kept")
    if promise.demand in withdrawn:
        return Promise(promise, "lapsed")
    if promise.due < now or (promise.kind, promise.demand) in given_up:
        return Promise(promise, "broken", min(promise.units, wanted - done))
    return Promise(promise, "open")


def _largest(made: Sequence[Made]) -> Iterator[Made]:
    """Of a dispatch inside the frozen weeks, which is promised again every week, the most units that ever were."""
    most: dict[tuple[str, str, dt.date], Made] = {}
    for promise in made:
        if promise.kind != "frozen":
            yield promise
            continue
        key = promise.demand, promise.item, promise.due
        known = most.get(key)
        if known is None or promise.units > known.units:
            most[key] = promise if known is None else replace(promise, made_on=known.made_on)
    yield from most.values()


class _Record:
    """What has left, and what has arrived, by demand and day."""

    def __init__(self, original: Problem, elapsed: Sequence[Elapsed]) -> None:
        self.left: dict[tuple[str, str], Counter[dt.date]] = defaultdict(Counter)
        self.gone: dict[str, Counter[dt.date]] = defaultdict(Counter)
        self.arrived: dict[str, Counter[dt.date]] = defaultdict(Counter)
        weeks = {row.lane: row.weeks for row in original.lanes}
        for part in elapsed:
            for row in part.plan.dispatches:
                if row.origin != POOL:
                    continue
                self.left[row.demand, row.item][part.begin] += row.quantity
                self.gone[row.demand][part.begin] += row.quantity
                if row.kind == "need":
                    day = part.begin + dt.timedelta(weeks=sum(weeks.get(lane, 0) for lane in row.route))
                    self.arrived[row.demand][day] += row.quantity // per_unit(original, row.demand, row.item)

    def by_day(self, promise: Made) -> int:
        """Units that count for a promise."""
        if promise.kind == "frozen":
            return self.left[promise.demand, promise.item][promise.due]
        rows = self.arrived if promise.kind == "package_content" else self.gone
        return sum(units for day, units in rows[promise.demand].items() if day <= promise.due)


def units_from_pool(problem: Problem, elapsed: Iterable[Elapsed]) -> Counter[str]:
    """Units of each need that have left the pool."""
    found: Counter[str] = Counter()
    for part in elapsed:
        for row in part.plan.dispatches:
            if row.kind == "need" and row.origin == POOL:
                found[row.demand] += row.quantity // per_unit(problem, row.demand, row.item)
    return found


def units_by_demand(plan: Plan, kind: str) -> Counter[str]:
    """Units that a plan sends, by demand."""
    found: Counter[str] = Counter()
    for row in plan.dispatches:
        if row.kind == kind:
            found[row.demand] += row.quantity
    return found
