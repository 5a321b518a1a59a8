"""What a plan means for every demand: delivered when, how late, what is missing.

Derived from `Plan` and `Problem` alone. Quantities of a need are in units of the need, whatever substitute is sent;
`delay` is in the objective's units (weight × million USD × weeks), as `problem.md`, "What is minimised", counts it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from models.calendar import Calendar
from models.plan import Dispatch, Kind, Plan
from models.priority import Priority, need_weight, order_weight
from models.problem import Offer, Problem
from optimizer.explaining.reasons import Code

State = Literal["on_time", "late", "short", "none", "not_due"]
"""How a demand ends; `not_due`: units are missing, but due after the horizon only."""


@dataclass(frozen=True, slots=True)
class DemandFacts:
    """One order, need or replacement.

    `delivered`, `on_time`, `undelivered`: units of the demand; `first`, `last`: days of the first and last arrival;
    `completed`: the day from which it counts as whole (None = never); `weeks_late`: the mean over all its units as the
    objective counts them; `latest_weeks`: of the latest unit delivered; `delay`: its part of the objective (0 for a
    replacement, which is a promise); `reason`: why it is late or short, the leading reason of its explanation, None if
    it is neither; `owed`: whether what is missing is due in the horizon; `sent_units`: units of the demand in each row
    of `sent`.
    """

    demand: str
    kind: Kind
    recipient: str
    item: str
    quantity: int
    due: dt.date
    weight: float
    price: float
    delivered: int
    on_time: int
    undelivered: int
    first: dt.date | None
    last: dt.date | None
    completed: dt.date | None
    weeks_late: float
    latest_weeks: int
    delay: float
    reason: Code | None
    owed: bool
    sent: tuple[Dispatch, ...]
    sent_units: tuple[int, ...]

    @property
    def state(self) -> State:
        """How it ends: in full by its date, in full but late, with units missing, or not due yet."""
        if self.undelivered == 0:
            return "late" if self.on_time < self.delivered else "on_time"
        if not self.owed:
            return "not_due"
        return "short" if self.delivered else "none"

    @property
    def late(self) -> int:
        """Units that arrive, but after the due date."""
        return self.delivered - self.on_time


@dataclass(frozen=True)
class Accounts:
    """Every demand of a plan: orders and needs in the order of the tables, then replacements of accepted offers."""

    orders: tuple[DemandFacts, ...]
    needs: tuple[DemandFacts, ...]
    replacements: tuple[DemandFacts, ...]


def replacement_due(offer: Offer) -> dt.date:
    """The promised date of an offer's replacement: `available_on` + `replacement_within_weeks`."""
    return offer.available_on + dt.timedelta(weeks=offer.replacement_within_weeks)


def due_dates(problem: Problem) -> dict[tuple[Kind, str], dt.date]:
    """The date every demand is due, by kind and name."""
    found: dict[tuple[Kind, str], dt.date] = {("order", o.order): o.due_date for o in problem.orders}
    found.update({("need", n.need): n.needed_by for n in problem.needs})
    found.update({("replacement", v.offer): replacement_due(v) for v in problem.offers})
    return found


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked: the part of a `DemandFacts` that the instance gives."""

    demand: str
    kind: Kind
    recipient: str
    item: str
    quantity: int
    due: dt.date
    weight: float
    whole: bool = False


@dataclass(frozen=True)
class _Accounting:
    """Turns what is asked and what is sent into facts."""

    problem: Problem
    plan: Plan
    calendar: Calendar

    @cached_property
    def _price(self) -> dict[str, float]:
        return {item.item: item.unit_price_usd_m for item in self.problem.items}

    @cached_property
    def _per_unit(self) -> dict[tuple[str, str], int]:
        return {(row.item, row.substitute): row.units_per_unit for row in self.problem.substitutes}

    @cached_property
    def _sent(self) -> dict[tuple[Kind, str], list[Dispatch]]:
        sent: dict[tuple[Kind, str], list[Dispatch]] = defaultdict(list)
        for dispatch in sorted(self.plan.dispatches, key=lambda row: (row.period, row.arrival, row)):
            sent[dispatch.kind, dispatch.demand].append(dispatch)
        return sent

    def orders(self, weights: dict[str, Priority]) -> Iterator[DemandFacts]:
        """Every order, in the order of the table."""
        for order in self.problem.orders:
            weight = order_weight(self.problem, order, weights)
            whole = order.delivery == "complete"
            yield self._account(
                _Asked(order.order, "order", order.recipient, order.item, order.quantity, order.due_date, weight, whole)
            )

    def needs(self) -> Iterator[DemandFacts]:
        """Every need, in the order of the table."""
        for need in self.problem.needs:
            weight = need_weight(self.problem, need)
            yield self._account(_Asked(need.need, "need", "", need.item, need.quantity, need.needed_by, weight))

    def replacements(self) -> Iterator[DemandFacts]:
        """The replacement of every accepted offer, in the order of the table."""
        accepted = set(self.plan.accepted_offers)
        for offer in self.problem.offers:
            if offer.offer in accepted:
                due, item, quantity = replacement_due(offer), offer.replacement_item, offer.replacement_quantity
                yield self._account(_Asked(offer.offer, "replacement", offer.donor, item, quantity, due, 0.0))

    def _account(self, asked: _Asked) -> DemandFacts:
        calendar, never = self.calendar, self.calendar.count
        rows = tuple(self._sent.get((asked.kind, asked.demand), ()))
        units_of = tuple(row.quantity // self._units(asked, row) for row in rows)
        arrivals = sorted((row.arrival, units) for row, units in zip(rows, units_of, strict=True))
        delivered = sum(units for _, units in arrivals)
        missing = max(0, asked.quantity - delivered)
        late = sum(units * calendar.late(asked.due, t) for t, units in arrivals)
        late += missing * calendar.late(asked.due, never)
        last = arrivals[-1][0] if arrivals else never
        done = last if missing == 0 else never
        if asked.whole:
            late = asked.quantity * calendar.late(asked.due, done)
        price = self._price[asked.item]
        return DemandFacts(
            demand=asked.demand,
            kind=asked.kind,
            recipient=asked.recipient,
            item=asked.item,
            quantity=asked.quantity,
            due=asked.due,
            weight=asked.weight,
            price=price,
            delivered=delivered,
            on_time=sum(units for t, units in arrivals if calendar.late(asked.due, t) == 0),
            undelivered=missing,
            first=calendar.day(arrivals[0][0]) if arrivals else None,
            last=calendar.day(last) if arrivals else None,
            completed=calendar.day(done) if done < never else None,
            weeks_late=late / asked.quantity if asked.quantity else 0.0,
            latest_weeks=calendar.late(asked.due, last) if arrivals else 0,
            delay=asked.weight * price * late,
            reason=None,
            owed=calendar.late(asked.due, never) > 0,
            sent=rows,
            sent_units=units_of,
        )

    def _units(self, asked: _Asked, row: Dispatch) -> int:
        return self._per_unit.get((asked.item, row.item), 1) if asked.kind == "need" and row.item != asked.item else 1


def accounts_of(problem: Problem, plan: Plan, calendar: Calendar, weights: dict[str, Priority]) -> Accounts:
    """Account for every demand of a plan."""
    found = _Accounting(problem, plan, calendar)
    return Accounts(tuple(found.orders(weights)), tuple(found.needs()), tuple(found.replacements()))
