"""Why a demand is late or short: its weeks shared out among typed reasons, and each reason tested.

Shared out: with every limit lifted the demand is as early as dates and distances allow; then the limits come back one
by one, in the order in which a demand meets them (`Case.limits`), and each is charged with the weeks that it adds. What
is left at the end, to the plan itself, was possible and left out. The parts add up to all unit-weeks late.

Tested: lifted alone, all else in the plan as it is, does the demand do better? If not, is there a least set of limits
that must be lifted together? See `reasons.STANDINGS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.plan import POOL
from models.problem import Need, Order
from models.routes import Route
from optimizer.explaining.case import AS_IS, Case
from optimizer.explaining.holders import Competitors
from optimizer.explaining.left_out import left_out
from optimizer.explaining.reasons import Code, Explanation, Holder, Reason, Standing
from optimizer.explaining.room import FLOOR, Freed, Limit
from optimizer.explaining.serving import Serving

CODES: Mapping[str, Code] = {
    "earliest_date": "earliest_date",
    "approval": "waiting_for_approval",
    "funding": "package_not_funded",
    "release": "released_too_late",
    "floor": "stock_at_floor",
    "component": "component_short",
    "slots": "no_slot",
    "lane": "lane_full",
}
"""The reason that a kind of limit stands for."""
CONTESTED: tuple[Code, ...] = ("no_slot", "no_stock", "component_short")
"""Reasons that come with competitors."""


@dataclass(frozen=True)
class Why:
    """Explains the demands of one plan."""

    serving: Serving
    competitors: Competitors

    def demand(self, asked: Order | Need) -> Explanation | None:
        """Why an order or a need is late or short; None if it is neither."""
        kind, name = ("order", asked.order) if isinstance(asked, Order) else ("need", asked.need)
        case = Case(self.serving, asked, self.competitors.weights[kind, name])  # type: ignore[index]
        if case.planned == 0:
            missing = float(case.quantity - case.delivered)
            if missing <= 0:
                return None
            only = Reason("due_after_horizon", "bound", amount=missing, unit="units", since=case.due)
            return Explanation(case.subject, case.name, (only,))
        reasons = [*_bounds(case), *_tested(case)]
        reasons += [] if (extra := left_out(case)) is None else [extra]
        if any(reason.code in CONTESTED for reason in reasons):
            holders = self.competitors.holders(case)
            reasons = [replace(one, holders=holders) if one.code in CONTESTED else one for one in reasons]
            reasons += [_promise(holder) for holder in holders if holder.right == "promise" and holder.gain > 0]
        reasons.sort(key=lambda reason: (-reason.weeks, not reason.established, -reason.gain))
        return Explanation(case.subject, case.name, tuple(reasons), case.planned, case.as_is)


def _promise(holder: Holder) -> Reason:
    """A replacement that has what is lacking; its weeks are part of those without a slot."""
    entities, units = (("offer", holder.demand),), float(holder.units)
    return Reason("replacement_promise", "alone", entities, units, "units", gain=holder.gain, holders=(holder,))


def _bounds(case: Case) -> Iterator[Reason]:
    """What no plan could avoid, then what only an offer could, and what nothing could be made for."""
    calendar = case.calendar
    before = min(case.unavoidable, case.quantity * calendar.late(case.due, 0))
    if before:
        yield _bound(case, "due_before_start", before, 0)
    rest = case.unavoidable - before
    if case.soonest is None:
        ways = [*case.pool_ways, *(way for ways in case.offer_ways.values() for way in ways)]
        yield _bound(case, _no_way(case, ways), rest, None)
    elif rest > 0:
        yield _bound(case, "transport_time", rest, case.soonest)
    more = case.unavoidable_from_pool - case.unavoidable
    if more > 0:
        yield _only_given(case, more)
    lacking = case.without_limits - case.unavoidable - more
    if lacking > 0:
        yield _no_stock(case, lacking)


def _no_way(case: Case, ways: Sequence[tuple[int, Route]]) -> Code:
    """Why none of the ways (first period of leaving, route) brings anything."""
    calendar = case.calendar
    if any(calendar.shift(begin, route.weeks) < calendar.count for begin, route in ways):
        return "expired"
    return "beyond_horizon" if ways else "no_route"


def _bound(case: Case, code: Code, weeks: int, until: int | None) -> Reason:
    day = None if until is None else case.calendar.day(until)
    return Reason(code, "bound", amount=float(case.quantity), unit="units", since=case.due, until=day, weeks=weeks)


def _only_given(case: Case, weeks: int) -> Reason:
    """The pool's way is too long, or there is none, and an offer could be there sooner. No plan was looked for."""
    at, calendar = case.soonest_from_pool, case.calendar
    code: Code = _no_way(case, case.pool_ways) if at is None else "transport_time"
    latest = calendar.count if at is None else at
    could = [name for name, ways in case.offer_ways.items() if min(case.arrivals(ways), default=latest) < latest]
    return Reason(
        code,
        "contributing",
        tuple(("offer", name) for name in could),
        amount=float(case.quantity),
        unit="units",
        since=case.due,
        until=None if at is None else calendar.day(at),
        weeks=weeks,
    )


def _no_stock(case: Case, weeks: int) -> Reason:
    """Nothing makes it, or not enough of it: had there been more in stock, would it come sooner?"""
    more = np.zeros(case.calendar.count, dtype=np.int64)
    more[0] = case.quantity
    gain = case.as_is - case.weeks(AS_IS, Freed({case.item: more}, {}, {}))
    entities = tuple(("item", item) for item in case.items)
    short = float(case.quantity - case.units(case.served(frozenset(case.limits)).rows))
    standing: Standing = "alone" if gain > 0 else "contributing"
    return Reason("no_stock", standing, entities, short or None, "units", case.due, weeks=weeks, gain=gain)


def _tested(case: Case) -> Iterator[Reason]:
    """Every limit that adds weeks, or whose lifting helps, with what the test says."""
    lifted, before, shares = set(case.limits), case.without_limits, dict[Limit, int]()
    for limit in case.limits:
        lifted.discard(limit)
        now = max(before, case.weeks(frozenset(lifted)))
        shares[limit], before = now - before, now
    for limit in case.limits:
        if case.weeks(frozenset((limit,))) < case.as_is:
            yield _reason(case, limit, "alone", shares[limit], (limit,))
        elif shares[limit] > 0:
            group = _least(case, limit)
            yield _reason(case, limit, "together" if limit in group else "contributing", shares[limit], group)


def _least(case: Case, limit: Limit) -> tuple[Limit, ...]:
    """A least set of limits that must be lifted together, this one kept in it for as long as it can be."""
    kept = list(case.limits)
    # the stock below the floor would help nearly everybody: a set without it says more
    order = sorted(case.limits, key=lambda one: (one == limit, one != FLOOR, -case.limits.index(one)))
    for other in order:
        rest = [one for one in kept if one != other]
        if case.weeks(frozenset(rest)) < case.as_is:
            kept = rest
    return tuple(kept)


def _reason(case: Case, limit: Limit, standing: Standing, weeks: int, group: tuple[Limit, ...]) -> Reason:
    """The reason that a limit stands for, lifted with its group."""
    group = group if standing != "contributing" else ()
    better = frozenset(group)
    sooner = case.ahead(case.served(better).rows, case.served().rows)
    came = case.ends < case.calendar.count
    reason = Reason(
        CODES[limit[0]],
        standing,
        _entities(case, limit),
        amount=float(sooner) or None,
        unit="units",
        since=max(case.due, case.calendar.day(0)),
        until=case.calendar.day(max(row.arrival for row in case.rows)) if came and case.rows else None,
        weeks=weeks,
        gain=case.as_is - case.weeks(better),
        along=tuple(dict.fromkeys(CODES[other[0]] for other in group if other != limit)),
        lifted=group,
    )
    return replace(reason, **_dates(case, limit))


def _entities(case: Case, limit: Limit) -> tuple[tuple[str, str], ...]:
    """What the reason names."""
    kind, name = limit
    if kind in ("component", "lane"):
        return ((kind, name),)
    if kind == "slots":
        return tuple(("line", line) for line in dict.fromkeys(ln for i in case.items for ln, _ in case.room.makers[i]))
    if kind == "floor":
        return tuple(("item", item) for item in case.items)
    if kind == "approval" and isinstance(case.asked, Order):
        return (("case", case.asked.case),)
    if kind == "release":
        return tuple(("package", package) for _, package in _late_packages(case))
    return ((case.subject, case.name),)


def _late_packages(case: Case) -> list[tuple[int, str]]:
    """Packages that let its units leave only after it is due: (first period of dispatch, package)."""
    held = sorted((first, package.package) for first, _, package in case.serving.contents.get(case.name, ()))
    best = min((way.weeks for way in case.room.routes[POOL]), default=0)
    calendar = case.calendar
    return [pair for pair in held if calendar.late(case.due, calendar.shift(pair[0], best)) > 0]


def _dates(case: Case, limit: Limit) -> dict[str, Any]:
    """What is known more closely of some limits: since when, until when, how much."""
    kind, calendar = limit[0], case.calendar
    if kind == "approval" and isinstance(case.asked, Order):
        ready = case.serving.approved[case.asked.case]
        return {"until": calendar.day(ready) if ready < calendar.count else None}
    if kind == "earliest_date" and isinstance(case.asked, Order):
        return {"until": case.asked.earliest_date}
    if kind == "release":
        late = [first for first, _ in _late_packages(case) if first < calendar.count]
        return {"until": calendar.day(max(late)) if late else None}
    if kind == "funding":
        held = sum(units for _, units, _ in case.serving.contents.get(case.name, ()))
        return {"amount": float(case.quantity - held), "until": None}
    return {}
