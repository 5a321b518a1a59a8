"""Why an offer is not accepted, why a sales case waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from models import capacity
from models.plan import ApprovedCase
from models.problem import Approval, Offer
from optimizer.explaining.accounts import replacement_due
from optimizer.explaining.case import Case
from optimizer.explaining.reasons import Explanation, Holder, Reason, Standing
from optimizer.explaining.room import FLOOR, SLOTS, Limit
from optimizer.explaining.serving import Serving


@dataclass(frozen=True)
class Others:
    """Explains offers and sales cases of one plan. `explained`: what is said of the orders."""

    serving: Serving
    explained: Mapping[str, Explanation]

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
        """Whether some need would be served sooner with what the offer gives."""
        room = self.serving.room
        plan = replace(room.plan, accepted_offers=(*room.plan.accepted_offers, offer.offer))
        other = Serving(replace(room, plan=plan), self.serving.packages)
        return any(
            Case(other, need, 0.0).as_is < Case(self.serving, need, 0.0).as_is
            for need in room.problem.needs
            if any(item == offer.item for item, _ in self.serving.ratios[need.item])
        )

    @cached_property
    def _effort(self) -> Mapping[str, float]:
        return capacity.review_effort(self.serving.room.problem)

    def case(self, row: Approval) -> Explanation | None:
        """Why a case is approved later than it could be by itself, or never; None if it is not."""
        problem, calendar = self.serving.room.problem, self.serving.room.calendar
        if problem.approval is None:
            return None
        approved = {case.case: case.period for case in self.serving.room.plan.approvals}
        period, soonest = approved.get(row.case, calendar.count), self._soonest(row)
        orders = [order for order in problem.orders if order.case == row.case]
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
        standing: Standing = "alone" if helped and self._sooner_helps(helped[0][0].order, soonest) else "contributing"
        holders = tuple(self._before(row, period))
        only = Reason(
            *("reviewers_busy", standing, (("case", row.case),), effort, "weeks of review", since, until),
            holders=holders,
        )
        return Explanation("case", row.case, (only,))

    def _soonest(self, row: Approval) -> int:
        """The period in which the case would be through if the reviewers did nothing else; T: never."""
        calendar, done = self.serving.room.calendar, 0.0
        effort = self._effort.get(row.case, row.review_weeks)
        per_period = capacity.review_capacity(self.serving.room.problem, calendar)
        for period in range(calendar.period(row.submitted_on), calendar.count):
            done += per_period[period]
            if done >= effort - 1e-9:
                return period
        return calendar.count

    def _sooner_helps(self, name: str, soonest: int) -> bool:
        """Whether the order would come sooner, were its case approved at the soonest."""
        room = self.serving.room
        order = next(order for order in room.problem.orders if order.order == name)
        approvals = [case for case in room.plan.approvals if case.case != order.case]
        if soonest < room.calendar.count:
            approvals.append(ApprovedCase(order.case, soonest))
        other = Serving(replace(room, plan=replace(room.plan, approvals=tuple(approvals))), self.serving.packages)
        return Case(other, order, 0.0).as_is < Case(self.serving, order, 0.0).as_is

    def _before(self, row: Approval, period: int) -> Iterator[Holder]:
        """Cases that the reviewers were through with before this one, since it was there."""
        problem, calendar = self.serving.room.problem, self.serving.room.calendar
        owner = {order.case: order.recipient for order in problem.orders}
        first = calendar.period(row.submitted_on)
        for case in sorted(self.serving.room.plan.approvals, key=lambda case: (case.period, case.case)):
            if case.case != row.case and first <= case.period <= period:
                effort = round(self._effort.get(case.case, 0.0))
                yield Holder("case", case.case, owner.get(case.case, ""), "", effort, 0.0, "weight", 0)
