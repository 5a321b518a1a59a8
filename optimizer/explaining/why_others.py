"""Why an offer is not accepted, why a sales case waits."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models import capacity
from models.problem import Approval, Need, Offer, Order
from optimizer.explaining.accounts import replacement_due
from optimizer.explaining.case import Case
from optimizer.explaining.reasons import Explanation, Holder, Reason, Standing
from optimizer.explaining.room import FLOOR, SLOTS, Limit
from optimizer.explaining.serving import Serving


@dataclass(frozen=True)
class Others:
    """Explains offers and sales cases of one plan. `explained`, `late`: what is said of the orders, of the needs."""

    serving: Serving
    explained: Mapping[str, Explanation]
    late: Mapping[str, Explanation]

    def offer(self, offer: Offer) -> Explanation | None:
        """Why an offer is not accepted; None if it is."""
        if offer.offer in self.serving.room.plan.accepted_offers:
            return None
        reasons = tuple(self._rejected(offer))
        return Explanation("offer", offer.offer, reasons)

    def _rejected(self, offer: Offer) -> Iterator[Reason]:
        room, calendar = self.serving.room, self.serving.room.calendar
        due = replacement_due(offer)
        in_time = [t for t in range(calendar.count) if calendar.late(due, t) == 0]
        short = offer.replacement_quantity - self._by(offer, in_time, frozenset())
        if short > 0:
            limits: list[Limit] = [SLOTS] if room.makers[offer.replacement_item] else []
            limits += [("component", part) for part, _ in room.recipe.get(offer.replacement_item, ())]
            limits += [FLOOR] if room.supply.hard_floors[offer.replacement_item] > 0 else []
            helping = [
                one for one in limits if self._by(offer, in_time, frozenset((one,))) >= offer.replacement_quantity
            ]
            standing: Standing = "alone" if helping else "contributing"
            if not helping and self._by(offer, in_time, frozenset(limits)) >= offer.replacement_quantity:
                standing = "together"
            entities = [("line", line) for line, _ in room.makers[offer.replacement_item]] if SLOTS in helping else []
            entities += [(kind, name) for kind, name in helping if kind == "component"]
            found = tuple(entities) or (("item", offer.replacement_item),)
            yield Reason(
                *("replacement_too_late", standing, found, float(short), "units", offer.available_on, due),
                lifted=tuple(helping[:1]),
            )
        if not self._helps(offer):
            yield Reason("not_needed", "alone", (("item", offer.item),), float(offer.quantity), "units")
        elif short <= 0:
            yield Reason("left_out", "contributing", (("item", offer.item),), float(offer.quantity), "units")

    def _by(self, offer: Offer, in_time: list[int], lifted: frozenset[Limit]) -> int:
        """Units of the replacement that could leave by the promised date."""
        none = np.zeros(self.serving.room.calendar.count, dtype=np.int64)
        upto = self.serving.room.available(offer.replacement_item, none, lifted)
        return int(upto[in_time[-1]]) if in_time else 0

    def _helps(self, offer: Offer) -> bool:
        """Whether some need would be served sooner with what the offer gives; one on time cannot be."""
        late = [need for need in self._served_by.get(offer.item, ()) if self.late.get(need.need)]
        return any(self.serving.need(need, also=offer).unit_weeks < self.late[need.need].improved for need in late)

    @cached_property
    def _served_by(self) -> Mapping[str, Sequence[Need]]:
        """By item, the needs that it may serve, itself or as a substitute."""
        found: dict[str, list[Need]] = defaultdict(list)
        for need in self.serving.room.problem.needs:
            for item, _ in self.serving.ratios[need.item]:
                found[item].append(need)
        return found

    @cached_property
    def _orders(self) -> Mapping[str, Sequence[Order]]:
        """Orders of every case."""
        found: dict[str, list[Order]] = defaultdict(list)
        for order in self.serving.room.problem.orders:
            found[order.case].append(order)
        return found

    @cached_property
    def _periods(self) -> Mapping[str, int]:
        """Period of approval of every case that the plan approves."""
        return {case.case: case.period for case in self.serving.room.plan.approvals}

    @cached_property
    def _capacity(self) -> Sequence[float]:
        return capacity.review_capacity(self.serving.room.problem, self.serving.room.calendar)

    @cached_property
    def _effort(self) -> Mapping[str, float]:
        return capacity.review_effort(self.serving.room.problem)

    def case(self, row: Approval) -> Explanation | None:
        """Why a case is approved later than it could be by itself, or never; None if it is not."""
        problem, calendar = self.serving.room.problem, self.serving.room.calendar
        if problem.approval is None:
            return None
        period, soonest = self._periods.get(row.case, calendar.count), self._soonest(row)
        orders = self._orders.get(row.case, ())
        waiting = [
            (order, reason)
            for order in orders
            if (said := self.explained.get(order.order)) is not None
            for reason in said.reasons
            if reason.code == "waiting_for_approval"
        ]
        since = calendar.day(min(calendar.period(row.submitted_on), calendar.count - 1))
        until = calendar.day(period) if period < calendar.count else None
        effort = self._effort.get(row.case, row.review_weeks)
        if period <= soonest:
            if not waiting:
                return None
            only = Reason("submitted_late", "bound", (("case", row.case),), effort, "weeks of review", since, until)
            return Explanation("case", row.case, (only,))
        helped = [(order, reason) for order, reason in waiting if reason.standing == "alone"]
        if not waiting:
            only = Reason(
                "no_use", "alone", tuple(("order", o.order) for o in orders), effort, "weeks of review", since, until
            )
            return Explanation("case", row.case, (only,))
        sooner = any(self._sooner_helps(order, soonest) for order, _ in helped)
        standing: Standing = "alone" if sooner else "contributing"
        only = Reason(
            *("reviewers_busy", standing, (("case", row.case),), effort, "weeks of review", since, until),
            holders=self._before(row, period),
        )
        return Explanation("case", row.case, (only,))

    def _soonest(self, row: Approval) -> int:
        """The period in which the case would be through if the reviewers did nothing else; T: never."""
        calendar, done = self.serving.room.calendar, 0.0
        effort = self._effort.get(row.case, row.review_weeks)
        for period in range(calendar.period(row.submitted_on), calendar.count):
            done += self._capacity[period]
            if done >= effort - 1e-9:
                return period
        return calendar.count

    def _sooner_helps(self, order: Order, soonest: int) -> bool:
        """Whether the order would come sooner, were its case approved at the soonest."""
        policy, calendar = self.serving.room.problem.approval, self.serving.room.calendar
        ready = soonest if policy is None else calendar.shift(soonest, policy.processing_weeks)
        return self.serving.order(order, ready=ready).unit_weeks < Case(self.serving, order, 0.0).as_is

    def _before(self, row: Approval, period: int) -> tuple[Holder, ...]:
        """Cases that the reviewers were through with before this one, since it was there."""
        periods, holders = self._approved
        first = bisect_left(periods, self.serving.room.calendar.period(row.submitted_on))
        found = holders[first : bisect_right(periods, period)]
        return tuple(one for one in found if one.demand != row.case)

    @cached_property
    def _approved(self) -> tuple[Sequence[int], Sequence[Holder]]:
        """Periods of all approvals, the first first, and the cases that were approved then."""
        owner = {order.case: order.recipient for order in self.serving.room.problem.orders}
        cases = sorted(self.serving.room.plan.approvals, key=lambda case: (case.period, case.case))
        return [case.period for case in cases], [
            Holder("case", case.case, owner.get(case.case, ""), "", self._effort.get(case.case, 0.0), 0.0, "weight", 0)
            for case in cases
        ]
