"""Ways for a unit to reach Ukraine, and what is left on the lanes (`problem.md`, "Routes"; `lane_capacity`)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from models.calendar import Calendar
from models.capacity import lane_tonnes
from models.problem import Problem
from models.routes import Route, routes_by_origin

_DUST = 1e-9


class Way(NamedTuple):
    """Leave `origin` in period `dispatch` over `lanes`, arrive in `arrival`; `uses`: limited lanes with the period."""

    arrival: int
    choice: int
    dispatch: int
    origin: str
    lanes: tuple[str, ...]
    uses: tuple[tuple[str, int], ...]


class Network:
    """Every way of every origin that arrives in the horizon."""

    def __init__(self, problem: Problem, calendar: Calendar) -> None:
        """Derive the ways; no capacity is used yet."""
        self._calendar = calendar
        self.tonnes = lane_tonnes(problem, calendar)
        self._routes = routes_by_origin(problem)
        self._ways: dict[str, list[Way]] = {}
        self._merged: dict[tuple[str, ...], list[Way]] = {}

    def _of(self, origin: str) -> list[Way]:
        if origin not in self._ways:
            self._ways[origin] = [
                way for choice, route in enumerate(self._routes[origin]) for way in self._along(origin, choice, route)
            ]
        return self._ways[origin]

    def _along(self, origin: str, choice: int, route: Route) -> Iterable[Way]:
        for t in range(self._calendar.count):
            arrival = self._calendar.shift(t, route.weeks)
            if arrival == self._calendar.count:
                return
            uses = tuple(
                (lane, self._calendar.shift(t, before))
                for lane, before in zip(route.lanes, route.before, strict=True)
                if lane in self.tonnes
            )
            yield Way(arrival, choice, t, origin, route.lanes, uses)

    def ways(self, origins: tuple[str, ...], first: int, last: int) -> list[Way]:
        """Ways from the origins that arrive in periods `first` to `last`.

        By arrival, then route in the order of the list, then latest departure: of ways that arrive together the latest
        leaves most to others.
        """
        if origins not in self._merged:
            position = {origin: index for index, origin in enumerate(origins)}
            every = [way for origin in origins for way in self._of(origin)]
            every.sort(key=lambda way: (way.arrival, way.choice, -way.dispatch, position[way.origin]))
            self._merged[origins] = every
        every = self._merged[origins]
        begin = bisect_left(every, first, key=lambda way: way.arrival)
        return every[begin : bisect_right(every, last, key=lambda way: way.arrival)]

    def last_departure(self, origin: str, last_arrival: int) -> int:
        """The last period in which a unit can leave to arrive by `last_arrival`; -1 if there is none."""
        return max((way.dispatch for way in self._of(origin) if way.arrival <= last_arrival), default=-1)


class Lanes:
    """Tonnes left on every limited lane, period by period."""

    def __init__(self, tonnes: dict[str, list[float]]) -> None:
        """Everything is still free."""
        self._left = {lane: list(left) for lane, left in tonnes.items()}

    def copy(self) -> Lanes:
        """An independent copy."""
        return Lanes(self._left)

    def room(self, way: Way, tonnes: float, wanted: int) -> int:
        """How many of `wanted` units of `tonnes` each can go this way."""
        if tonnes > 0:
            for lane, t in way.uses:
                wanted = min(wanted, int((self._left[lane][t] + _DUST) / tonnes))
        return max(0, wanted)

    def use(self, way: Way, tonnes: float, units: int) -> None:
        """Send `units` units of `tonnes` each."""
        for lane, t in way.uses:
            self._left[lane][t] -= tonnes * units
