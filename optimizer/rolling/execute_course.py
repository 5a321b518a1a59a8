"""A script played in many worlds at once: who gets what when, week by week.

All worlds go through the same makings and sendings in the same order, so that each step is one operation on a row with
one number a world (numpy); what is done already in every world is not looked at again. The rule itself is stated in
`docs/stress.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.plan import Payment
from optimizer.rolling.execute_before import Beforehand, Desk
from optimizer.rolling.execute_script import Sending, Way
from optimizer.rolling.execute_supply import Element, Supply

Numbers = np.ndarray
_TONNE = 1e-7
"""Tonnes that rounding may add to a lane; the checker forgives ten times that."""


@dataclass(frozen=True, slots=True)
class Course:
    """What came of it. Arrays have one column a world, W in all; Q demands in the order of `Script.asked`.

    `delivered`, `arrival_weeks`, `late_weeks` (Q, W): units that arrive; weeks to arrival and weeks late of all units
    together, those that never arrive included (of a `complete` order all count when its last unit arrives).
    `in_time` (Q, W): units by the promised date; `from_pool` (Q, W): units that left the pool.
    `owed` (Q, W): units of the demand that are asked for; of the replacement of an offer withdrawn, none.
    `kept` ((demand, item, period) → W): units that leave the pool where the plan before committed some; `committed`:
    how many that is.
    `releases` (P, W), `approvals` (C, W): periods, T = never, in the order of `Desk`; `payments`: by world.
    `shortfall`, `change`, `unplanned` (W): two terms of the objective, and the delay of needs the plan does not know.
    `made`, `sent`: (making, period, units by world), (sending, way, period, units of the demand by world).
    """

    delivered: Numbers
    arrival_weeks: Numbers
    late_weeks: Numbers
    in_time: Numbers
    from_pool: Numbers
    owed: Numbers
    kept: dict[tuple[str, str, int], Numbers]
    committed: dict[tuple[str, str, int], Numbers]
    releases: Numbers
    approvals: Numbers
    payments: tuple[tuple[Payment, ...], ...]
    shortfall: Numbers
    change: Numbers
    unplanned: Numbers
    made: list[tuple[int, int, Numbers]]
    sent: list[tuple[int, int, int, Numbers]]


def course_of(desk: Desk, worlds: Sequence[Supply]) -> Course:
    """The course of the desk's script in every world."""
    play = _Play(desk, worlds)
    for t in range(desk.script.T):
        play.week(t)
    return play.course()


@dataclass
class _Play:
    """The state of all worlds, period after period."""

    desk: Desk
    worlds: Sequence[Supply]
    made: list[tuple[int, int, Numbers]] = field(default_factory=list)
    sent: list[tuple[int, int, int, Numbers]] = field(default_factory=list)

    def __post_init__(self) -> None:
        script, worlds = self.desk.script, self.worlds
        self.script, self.W = script, len(worlds)
        facts = script.facts
        self.before: list[Beforehand] = [self.desk.settle(world) for world in worlds]
        self.slots = self._rows("line", script.lines)
        self.supply = self._rows("component", script.components)
        self.received = self._rows("receipt", script.items)
        self.room = self._rows("lane", script.lanes, float)
        self.limited = [bool(np.isfinite(rows).any()) for rows in self.room]
        gifts = [self._stacked(Element("offer", name)) for name in script.offers]
        self.gift_from = [rows[0] for rows in gifts]
        self.gift_left = [rows[1].astype(np.int64) for rows in gifts]
        owed = dict(zip(script.offers, (rows[2].astype(np.int64) for rows in gifts), strict=True))
        self.stock = [
            np.full(self.W, facts.on_hand[item] - facts.hard_floors[item], dtype=np.int64) for item in script.items
        ]
        self.free = self._shared([found.free for found in self.before])
        self.ready = self._shared([found.ready for found in self.before])
        Q = len(script.asked)
        self.quantity = np.array([[row.quantity] for row in script.asked], dtype=np.int64).reshape(Q, 1)
        self.quantity = np.repeat(self.quantity, self.W, axis=1)
        self.make_left = [np.full(self.W, row.quantity, dtype=np.int64) for row in script.makings]
        self.send_left = [np.full(self.W, row.units, dtype=np.int64) for row in script.sendings]
        for k, row in enumerate(script.asked):
            if row.kind == "replacement":
                self.quantity[k] = np.minimum(self.quantity[k], owed[row.demand])
        self._forget_what_is_not_owed()
        self.making = self._by_period([row.period for row in script.makings])
        self.sending = self._by_period([row.period for row in script.sendings])
        self.makings_open: list[int] = []
        self.sendings_open: list[int] = []
        self.delivered, self.arrival, self.late, self.in_time, self.from_pool = (
            np.zeros((Q, self.W), dtype=np.int64) for _ in range(5)
        )
        self.kept = {
            (demand, item, t): np.zeros(self.W, dtype=np.int64)
            for demand, rows in script.committed.items()
            for item, t in rows
        }
        self.shortfall = np.zeros(self.W)
        self.weeks = script.weeks_to()

    def _rows(self, kind: Any, names: Iterable[str], numbers: type = np.int64) -> list[Numbers]:
        """By name, an array (T, W)."""
        return [self._stacked(Element(kind, name)).astype(numbers) for name in names]

    def _stacked(self, element: Element) -> Numbers:
        first = self.worlds[0][element]
        if all(world[element] is first for world in self.worlds):
            return np.repeat(first[:, None], self.W, axis=1)
        return np.stack([world[element] for world in self.worlds], axis=-1)

    def _shared(self, arrays: list[Numbers]) -> Numbers:
        """Arrays of all worlds side by side, the worlds last."""
        return np.stack(arrays, axis=-1)

    def _forget_what_is_not_owed(self) -> None:
        """A replacement owed in part only (its offer shrank or was withdrawn) leaves off its last dispatches."""
        left: dict[int, Numbers] = {}
        for k in sorted(range(len(self.send_left)), key=lambda k: self.script.sendings[k].period):
            row = self.script.sendings[k]
            if self.script.asked[row.asked].kind == "replacement":
                still = left.setdefault(row.asked, self.quantity[row.asked].copy())
                self.send_left[k] = np.minimum(self.send_left[k], still)
                still -= self.send_left[k]

    def _by_period(self, periods: Sequence[int]) -> list[list[int]]:
        found: list[list[int]] = [[] for _ in range(self.script.T)]
        for k, period in enumerate(periods):
            found[period].append(k)
        return found

    def week(self, t: int) -> None:
        """One period: what is made and received, then what leaves."""
        self.makings_open = sorted([*self.makings_open, *self.making[t]])
        slots = [rows[t].copy() for rows in self.slots]
        self.makings_open = [k for k in self.makings_open if self._make(k, t, slots)]
        for item, rows in enumerate(self.received):
            self.stock[item] += rows[t]
        self.sendings_open = sorted([*self.sendings_open, *self.sending[t]])
        self.sendings_open = [k for k in self.sendings_open if self._send(k, t)]
        self._count_shortfall(t)

    def _make(self, k: int, t: int, slots: list[Numbers]) -> bool:
        """As many of a making as slots and components allow; whether something of it is left to make."""
        row, left = self.script.makings[k], self.make_left[k]
        units = slots[row.line] if row.slots == 1 else slots[row.line] // row.slots
        units = np.minimum(left, units)
        for component, per_unit in row.parts:
            units = np.minimum(units, self.supply[component][t] // per_unit)
        if not units.any():
            return bool(left.any())
        slots[row.line] -= units * row.slots
        for component, per_unit in row.parts:
            # what is used now is missing ever after
            self.supply[component][t:] -= units * per_unit
        self.stock[row.item] += units
        left -= units
        self.made.append((k, t, units))
        return bool(left.any())

    def _send(self, k: int, t: int) -> bool:
        """As many of a sending as there are, are allowed and can travel; whether something of it is left to send."""
        row, left = self.script.sendings[k], self.send_left[k]
        asked = self.script.asked[row.asked]
        units = np.minimum(left, self._there(row, t))
        if asked.kind == "order":
            units = np.where(self.ready[row.asked] <= t, units, 0)
        elif asked.kind == "need" and row.offer < 0:
            units = np.minimum(units, self.free[self.at_need(row.asked), t] - self.from_pool[row.asked])
        units = np.maximum(units, 0)
        able = False
        for at, way in enumerate(row.ways):
            if way.arrivals[t] < 0:
                continue
            able = True
            if not units.any():
                break
            now = self._carried(row, way, t, units)
            if now.any():
                self._leave(k, at, t, now)
                units = units - now
        return able and bool(left.any())

    def at_need(self, asked: int) -> int:
        """A need's place in its table: orders come before needs in `Script.asked`."""
        return asked - len(self.script.problem.orders)

    def _there(self, row: Sending, t: int) -> Numbers:
        """Units of the demand that the source holds."""
        held = (
            self.stock[row.item]
            if row.offer < 0
            else np.where(self.gift_from[row.offer] <= t, self.gift_left[row.offer], 0)
        )
        return held if row.per_unit == 1 else held // row.per_unit

    def _carried(self, row: Sending, way: Way, t: int, units: Numbers) -> Numbers:
        """How many of the units the lanes of a way can still carry; their room is taken."""
        lanes = [(lane, at[t]) for lane, at in way.lanes if self.limited[lane]] if row.tonnes > 0 else []
        for lane, use in lanes:
            room = np.floor((self.room[lane][use] + _TONNE) / row.tonnes)
            units = np.minimum(units, np.maximum(room, 0)).astype(np.int64)
        for lane, use in lanes:
            self.room[lane][use] -= units * row.tonnes
        return units

    def _leave(self, k: int, at: int, t: int, units: Numbers) -> None:
        row = self.script.sendings[k]
        asked, q, arrival = self.script.asked[row.asked], row.asked, row.ways[at].arrivals[t]
        self.send_left[k] -= units
        pieces = units * row.per_unit
        if row.offer < 0:
            self.stock[row.item] -= pieces
            self.from_pool[q] += units
            key = asked.demand, self.script.items[row.item], t
            if key in self.kept:
                self.kept[key] += pieces
        else:
            self.gift_left[row.offer] -= pieces
        self.delivered[q] += units
        if asked.deadline is not None and arrival <= asked.deadline:
            self.in_time[q] += units
        if asked.complete:
            # counts once, when its last unit is there
            whole = np.where(self.delivered[q] >= self.quantity[q], self.quantity[q], 0)
            self.arrival[q] += np.where(units > 0, whole, 0) * self.weeks[arrival]
            self.late[q] += np.where(units > 0, whole, 0) * asked.late[arrival]
        else:
            self.arrival[q] += units * self.weeks[arrival]
            self.late[q] += units * asked.late[arrival]
        self.sent.append((k, at, t, units))

    def _count_shortfall(self, t: int) -> None:
        facts = self.script.facts
        policy = facts.problem.readiness
        if policy is None:
            return
        weeks = facts.calendar.weeks[t]
        for k, item in enumerate(self.script.items):
            soft, hard = facts.readiness_floors[item], facts.hard_floors[item]
            if soft > 0:
                missing = np.maximum(0, soft - hard - self.stock[k])
                self.shortfall += policy.weight * facts.items[item].unit_price_usd_m * weeks * missing

    def course(self) -> Course:
        """The sums at the end, with what never arrives."""
        T, asked = self.script.T, self.script.asked
        for q, row in enumerate(asked):
            missing = self.quantity[q] - self.delivered[q]
            if row.complete:
                missing = np.where(missing > 0, self.quantity[q], 0)
            self.arrival[q] += missing * self.weeks[T]
            self.late[q] += missing * row.late[T]
        committed = self._committed()
        needs = [[numbers[0] for e, numbers in world.items() if e.kind == "need"] for world in self.worlds]
        return Course(
            delivered=self.delivered,
            arrival_weeks=self.arrival,
            late_weeks=self.late,
            in_time=self.in_time,
            from_pool=self.from_pool,
            owed=self.quantity,
            kept=self.kept,
            committed=committed,
            releases=np.array([found.releases for found in self.before], dtype=np.int64).T,
            approvals=np.array([found.approvals for found in self.before], dtype=np.int64).T,
            payments=tuple(found.payments for found in self.before),
            shortfall=self.shortfall,
            change=self._change(committed),
            unplanned=np.array([sum(costs) for costs in needs], dtype=float),
            made=self.made,
            sent=self.sent,
        )

    def _committed(self) -> dict[tuple[str, str, int], Numbers]:
        """Units committed by the plan before; a withdrawn offer may have taken the commitments to it away."""
        facts, found = self.script.facts, {}
        for demand, rows in self.script.committed.items():
            for k, (item, t) in enumerate(rows):
                if demand in self.script.offers:
                    found[demand, item, t] = self._stacked(Element("offer", demand))[3 + k]
                else:
                    found[demand, item, t] = np.full(self.W, float(facts.committed[demand, item, t]))
        return found

    def _change(self, committed: dict[tuple[str, str, int], Numbers]) -> Numbers:
        """The term `plan_change`: committed units that do not leave as committed."""
        facts, change = self.script.facts, np.zeros(self.W)
        for (demand, item, t), units in committed.items():
            change += facts.change_cost(item, t) * np.maximum(0, units - self.kept[demand, item, t])
        return change
