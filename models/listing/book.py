"""What an instance says about its demands, looked up once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from models.calendar import calendar_of
from models.listing.movement import Network
from models.plan import POOL
from models.problem import Need, Offer, Problem


class DemandBook:
    """Orders, needs and offers by name, with the periods and the items that matter to them."""

    def __init__(self, problem: Problem) -> None:
        """Derive everything that does not depend on the order of service."""
        self.problem = problem
        self.calendar = calendar_of(problem)
        self.network = Network(problem, self.calendar)
        self.orders = {order.order: order for order in problem.orders}
        self.needs = {need.need: need for need in problem.needs}
        self.offers = {offer.offer: offer for offer in problem.offers}
        self.tonnes = {item.item: item.tonnes for item in problem.items}
        self.substitutes: dict[str, list[tuple[str, int]]] = {item.item: [] for item in problem.items}
        for row in problem.substitutes:
            self.substitutes[row.item].append((row.substitute, row.units_per_unit))
        self.last_arrival = {need.need: self._last_arrival(need) for need in problem.needs}

    def _last_arrival(self, need: Need) -> int:
        """The last period that starts before the need expires; -1 if there is none."""
        return self.calendar.count - 1 if need.expires_on is None else self.last_on_time(need.expires_on)

    def last_departure(self) -> dict[str, int]:
        """For every need the last period in which its units can leave the pool; -1 if there is none."""
        departure = {last: self.network.last_departure(POOL, last) for last in set(self.last_arrival.values())}
        return {need: departure[last] for need, last in self.last_arrival.items()}

    def last_on_time(self, due: dt.date) -> int:
        """The last period of the horizon with `late(due, t) = 0`; -1 if even period 0 is late."""
        if due < self.calendar.start:
            return -1
        return min(self.calendar.period(due), self.calendar.count - 1)

    def earliest(self, approved: Mapping[str, int], reviewed: Collection[str]) -> dict[str, int]:
        """For every order the first period in which its units may leave (T: never), given the approvals.

        Rules `after_approval` and "Earliest period".
        """
        never, policy = self.calendar.count, self.problem.approval
        ready = {}
        for order in self.problem.orders:
            first = 0 if order.earliest_date is None else self.calendar.period(order.earliest_date)
            if policy is not None and order.case in reviewed:
                after = approved.get(order.case, never)
                first = max(first, self.calendar.shift(after, policy.processing_weeks))
            ready[order.order] = first
        return ready

    def replacement_deadline(self, offer: Offer) -> int:
        """The last period in which the replacement is on time; -1 if there is none (`replacement_on_time`)."""
        return self.last_on_time(offer.available_on + dt.timedelta(weeks=offer.replacement_within_weeks))
