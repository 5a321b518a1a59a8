"""Solving the small model of a demand on time, and writing the least change as a changed instance and a changed plan.

Objectives in order: the least sum of amounts (a slot, a unit of a component or of a floor, a tonne and a million USD
count one each), then as late as possible. Of several reliefs together the fewest are taken first.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np

from models.extract import trim
from models.facts import Facts
from models.matrix import Vector
from models.plan import Plan
from models.problem import Problem
from optimizer.explaining.counterfactual import RELIEFS, Change, Relief, Witness
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Mask, Program, program_of
from optimizer.valuing.asked import Asked
from optimizer.valuing.eased import COLUMNS, Small, small_model
from optimizer.valuing.review import Review, earlier_review, reviewed
from optimizer.valuing.steps import with_components, with_slots

EPS = 1e-6
"""Amounts below this are none."""


@dataclass(frozen=True, slots=True)
class Relieved:
    """The least change, proven or not, and its witness; `feasible` is None where time ran out before it was known.

    `total`: the sum of amounts, review left out.
    """

    feasible: bool | None
    proven: bool = False
    changes: tuple[Change, ...] = ()
    witness: Witness | None = None
    total: float = 0.0


class Relieving:
    """The small model of one demand, built once, and the least change for any set of reliefs.

    `asked`: an order or a need that some change may bring on time (`Asked.obstacles` is empty).
    """

    def __init__(self, asked: Asked, seed: int = 0) -> None:
        """Nothing is built before the first question."""
        self.asked, self.seed = asked, seed
        held = asked.held_approval
        self.review = earlier_review(asked) if held is not None and held > asked.last else None
        self.waits = held is not None and held > asked.last

    @cached_property
    def small(self) -> Small:
        """The small model with every relief; for an order from the period on in which it may leave by then."""
        first = self.asked.held_approval or 0
        if self.review is not None:
            first = self.asked.facts.after_approval(self.review.case, self.review.period)
        return small_model(self.asked, RELIEFS, first)

    @cached_property
    def amounts(self) -> dict[Relief, Vector]:
        """By relief that has columns, what a unit of every column counts in its amount."""
        matrix, facts, costs = self.small.built.matrix, self.asked.facts, self.small.funds.costs()
        found = {kind: np.isin(matrix.kinds, names).astype(float) for kind, names in COLUMNS.items()}
        for (name, key), j in matrix.column_of.items():
            if name == "extra":
                found["money"][j] = facts.price(self.asked.demand)
            elif name == "released_earlier":
                found["money"][j] = costs[key[0], key[1]]
        return {kind: found[kind] for kind in RELIEFS if kind in found and self._columns(kind).any()}

    def relieve(self, may: Collection[Relief], seconds: float) -> Relieved:
        """The least change of the reliefs in `may` (empty: none at all) that brings the demand on time.

        Least sum of amounts, then as late as possible. `seconds`: wall-clock limit.
        """
        until = time.monotonic() + seconds
        if self.waits and ("approval" not in may or self.review is None):
            return Relieved(False, True)
        program = self._only(may)
        least, end = self._run(program.relaxed(), until)
        if least is not None:
            least, end = self._run(program, until)
        if least is None:
            return Relieved(False, True) if end == "infeasible" else Relieved(None)
        x, total = least, program.cost
        if total.any():
            most = float(total @ x)
            later, _ = self._run(
                replace(program.with_row(total, most + EPS * max(1.0, most)), cost=self._lateness()), until
            )
            x = x if later is None else later
        return Relieved(True, end == "optimal", *_written(self.small, x, self.review), float(total @ least))

    def combination(self, seconds: float) -> Relieved:
        """The fewest reliefs that bring it on time together, and of these the least sum of amounts.

        A slot, a unit of a component or of a floor, a tonne and a million USD count one each. Sets of reliefs are tried
        from the smallest on; a set without a solution is passed over where all reliefs together have none.
        """
        until = time.monotonic() + seconds
        if self.waits and self.review is None:
            return Relieved(False, True)
        forced: tuple[Relief, ...] = ("approval",) if self.waits else ()
        kinds, sure = [kind for kind in self.amounts if kind != "approval"], True
        everything, end = self._run(replace(self._only(RELIEFS), cost=np.zeros(self._n)), until)
        if everything is None:
            return Relieved(False, True) if end == "infeasible" else Relieved(None)
        for size in range(len(kinds) + 1):
            found = []
            for chosen in combinations(kinds, size):
                answer = self.relieve((*chosen, *forced), until - time.monotonic())
                sure &= answer.feasible is not None
                if answer.feasible:
                    found.append(answer)
            if found:
                best = min(found, key=lambda answer: answer.total)
                return replace(best, proven=sure and all(answer.proven for answer in found))
        return Relieved(None)

    @property
    def _n(self) -> int:
        return self.small.built.matrix.shape[1]

    def _columns(self, kind: Relief) -> Mask:
        return np.asarray(np.isin(self.small.built.matrix.kinds, COLUMNS.get(kind, ())))

    def _only(self, may: Collection[Relief]) -> Program:
        """The program with the columns of other reliefs at 0, and the sum of amounts as its objective."""
        others = np.zeros(self._n, dtype=bool)
        for kind in RELIEFS:
            if kind not in may:
                others |= self._columns(kind)
        cost = sum((row for kind, row in self.amounts.items() if kind in may), np.zeros(self._n))
        program = replace(program_of(self.small.built.matrix), cost=cost, offset=0.0)
        return program.fixed(others, np.zeros(self._n))

    def _run(self, program: Program, until: float) -> tuple[Vector | None, str]:
        """Solves what is not fixed, to the end."""
        small, free = program.compressed()
        answer = run(small, Limits(until - time.monotonic(), 0.0, 1, self.seed))
        return None if answer.x is None else program.completed(free, answer.x), answer.end

    def _lateness(self) -> Vector:
        """Costs that are the less the later something is added."""
        row, T = np.zeros(self._n), self.asked.facts.T
        for (name, key), j in self.small.built.matrix.column_of.items():
            if name in ("more_slots", "more_components", "more_tonnes", "released_earlier"):
                row[j] = T - int(key[1])
            elif name == "extra":
                row[j] = T - int(key[0])
        return row


# --- from values to a changed instance and a changed plan ------------------------------------------------------------


def _written(small: Small, x: Vector, review: Review | None) -> tuple[tuple[Change, ...], Witness]:
    """The changes, in order of kind, entity and period, and the witness."""
    asked, calendar = small.asked, small.asked.facts.calendar
    values: dict[str, dict[tuple[object, ...], float]] = defaultdict(dict)
    for (name, key), j in small.built.matrix.column_of.items():
        if x[j] > EPS:
            values[name][key] = float(x[j])
    slots = {(str(line), int(str(t))): round(v) for (line, t), v in values["more_slots"].items()}
    parts = {(str(k), int(str(t))): round(v) for (k, t), v in values["more_components"].items()}
    less = {str(key[0]): round(v) for key, v in values["less_floor"].items()}
    extra = {int(str(key[0])): round(v) for key, v in values["extra"].items()}
    earlier = {str(p): int(str(t)) for p, t in values["released_earlier"]}
    problem, plan = asked.problem, _plan(small, x)
    changes: list[Change] = []
    if slots:
        problem = with_slots(problem, calendar, slots)
        changes += [
            _change("slots", line, n, asked, t, present=asked.facts.slots[line][t]) for (line, t), n in slots.items()
        ]
    if parts:
        problem = with_components(problem, calendar, parts)
        there = asked.facts.component_cumulative
        changes += [_change("components", k, n, asked, t, present=there[k][t]) for (k, t), n in parts.items()]
    if extra or earlier:
        bought, released = small.funds.paid(extra, earlier)
        problem = replace(
            problem, packages=bought.packages, package_contents=bought.package_contents, pledges=bought.pledges
        )
        plan = replace(plan, releases=released.releases)
        changes += _money(small, extra, earlier)
    if review is not None:
        problem, plan = reviewed(problem, plan, review, asked)
        changes.append(_change("approval", review.case, review.more, asked, review.period, present=review.effort))
    problem, heavier = _lanes(asked, plan, problem)
    changes += heavier
    if less:
        floors = asked.facts.hard_floors
        stocks = tuple(
            replace(row, readiness_floor=floors[row.item] - less[row.item]) if row.item in less else row
            for row in problem.stocks
        )
        problem = replace(problem, stocks=stocks)
        changes += [_change("floor", item, n, asked, 0, present=floors[item]) for item, n in less.items()]
    order = {kind: k for k, kind in enumerate(RELIEFS)}
    changes.sort(key=lambda c: (order[c.kind], c.entity, c.period, c.package))
    return tuple(changes), Witness(problem, trim(Facts(problem), plan))


UNITS = {"slots": "slots", "components": "units", "money": "usd_m", "approval": "review_weeks", "lanes": "tonnes",
         "floor": "units"}  # fmt: skip


def _change(
    kind: Relief,
    entity: str,
    amount: float,
    asked: Asked,
    period: int,
    *,
    present: float | None = None,
    package: str = "",
) -> Change:
    return Change(
        kind, entity, amount, UNITS[kind], asked.facts.calendar.day(period), period, package, present  # type: ignore[arg-type]
    )  # fmt: skip


def _plan(small: Small, x: Vector) -> Plan:
    """Everybody else's dispatches, the demand's new ones, and the output of linked lines as it is solved."""
    pieces, others = small.built.pieces(x), small.others
    dispatches = tuple(sorted((*others.dispatches, *pieces.get("dispatches", []))))
    return replace(others, dispatches=dispatches, made=tuple(sorted((*others.made, *pieces.get("made", [])))))


def _money(small: Small, extra: dict[int, int], earlier: dict[str, int]) -> list[Change]:
    """Units that no package holds, as money of a new one; and packages of the plan that are released earlier."""
    asked, costs = small.asked, small.funds.costs()
    category, price = asked.facts.category(asked.demand), asked.facts.price(asked.demand)
    found = [_change("money", category, price * units, asked, t) for t, units in extra.items()]
    for package, t in earlier.items():
        found.append(_change("money", category, costs[package, t], asked, t, package=package))
    return found


def _lanes(asked: Asked, plan: Plan, problem: Problem) -> tuple[Problem, list[Change]]:
    """Lanes wide enough for what uses them. The table knows one number a lane, so the widest period counts for all."""
    facts, calendar = asked.facts, asked.facts.calendar
    weeks = {row.lane: row.weeks for row in problem.lanes}
    used: dict[tuple[str, int], float] = defaultdict(float)
    for row in plan.dispatches:
        before = 0
        for lane in row.route:
            if lane in facts.lane_tonnes:
                used[lane, calendar.shift(row.period, before)] += facts.items[row.item].tonnes * row.quantity
            before += weeks[lane]
    rates: dict[str, float] = {}
    changes = []
    for (lane, t), tonnes in sorted(used.items()):
        there = facts.lane_tonnes[lane][t]
        if tonnes > there + EPS * max(1.0, there):
            changes.append(_change("lanes", lane, tonnes - there, asked, t, present=there))
            rates[lane] = max(rates.get(lane, 0.0), tonnes / calendar.weeks[t])
    wider = tuple(replace(row, tonnes_per_week=rates[row.lane]) if row.lane in rates else row for row in problem.lanes)
    return replace(problem, lanes=wider), changes
