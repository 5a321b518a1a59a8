"""A plan's model with its decisions held: one matrix that has room for one more of everything.

Bounds, windows and cuts of the blocks are derived from `Roomy` facts, in which every line, component, lane and reviewer
gives one more in every period and every floor is one lower. Then the sides of the rows are set to what there is. So a
unit more is another side of a row of the same matrix, and no column that the unit would need is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from models.blocks import approval, demand, lanes, needs, offers, orders, packages_held, stability, supply, units
from models.build import Built, compile_draft
from models.draft import Draft
from models.facts import Facts
from models.matrix import Key, Vector
from models.plan import Plan
from models.problem import Order, Problem
from optimizer.solving.program import Program, program_of
from optimizer.valuing.reviewing import in_plan_order

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Roomy(Facts):
    """Facts with one more of everything; `true` are those of the problem.

    `approved`: the period in which every waiting case is approved at best; None leaves approvals to the model.
    """

    approved: Mapping[str, int] | None = None
    true: Facts = field(default=None, repr=False, compare=False)  # type: ignore[assignment]

    @cached_property
    def slots(self) -> dict[str, list[int]]:
        """One slot more in every period."""
        return {line: [count + 1 for count in row] for line, row in self.true.slots.items()}

    @cached_property
    def component_cumulative(self) -> dict[str, list[int]]:
        """One unit more from the first period on."""
        return {part: [count + 1 for count in row] for part, row in self.true.component_cumulative.items()}

    @cached_property
    def lane_tonnes(self) -> dict[str, list[float]]:
        """One tonne more in every period."""
        return {lane: [tonnes + 1.0 for tonnes in row] for lane, row in self.true.lane_tonnes.items()}

    @cached_property
    def hard_floors(self) -> dict[str, int]:
        """One unit less where there is a floor."""
        return {item: max(0, floor - 1) for item, floor in self.true.hard_floors.items()}

    @cached_property
    def review_capacity(self) -> list[float]:
        """One week of review more in every period."""
        return [weeks + 1.0 for weeks in self.true.review_capacity]

    @cached_property
    def reviewed_cases(self) -> Any:
        """Cases that wait for the model to approve them: none, where approvals are given."""
        return self.true.reviewed_cases if self.approved is None else {}

    def earliest(self, order: Order) -> int:
        """The first period the order may leave, its case approved as early as with one week of review more."""
        if self.approved is None:
            return super().earliest(order)
        first = 0 if order.earliest_date is None else self.calendar.period(order.earliest_date)
        return max(first, allowed_from(self.true, self.approved, order))


def allowed_from(facts: Facts, approved: Mapping[str, int], order: Order) -> int:
    """The first period an order may leave when its case is approved so; 0 if it waits for none, T if never."""
    if order.case not in facts.reviewed_cases:
        return 0
    return facts.after_approval(order.case, approved.get(order.case, facts.T))


@dataclass(frozen=True)
class Held:
    """A plan's model: `program` with what there is, whole columns whole; `open` columns are those not yet decided.

    `rows`: row by rule and index. `approved`: periods of approval in the plan, None where the model decides them.
    `not_yet`: by waiting order its columns by period, which is what approvals forbid.
    """

    facts: Facts
    plan: Plan
    built: Built
    program: Program
    rows: dict[tuple[str, Key], int]
    approved: dict[str, int] | None
    not_yet: dict[str, list[tuple[int, int]]]

    def forbidden(self, approved: Mapping[str, int]) -> Numbers:
        """Columns of orders that leave before their case is approved, when cases are approved so."""
        found = [
            column
            for order, pairs in self.not_yet.items()
            for column, t in pairs
            if t < allowed_from(self.facts, approved, self.facts.orders[order])
        ]
        return np.array(sorted(found), dtype=np.int64)


def held_model(
    problem: Problem,
    plan: Plan,
    *,
    open_contents: bool = False,
    open_approvals: bool = False,
    taken_tonnes: Mapping[tuple[str, int], float] | None = None,
) -> Held:
    """The model of a plan with its releases, payers and offers held.

    Args:
        problem: the instance, or a part of it (see `optimizer.valuing.reachable`).
        plan: an allowed plan of it, whose decisions are held.
        open_contents: leave contents of new packages and payments to the model.
        open_approvals: leave approvals to the model.
        taken_tonnes: tonnes by lane and period that others take.
    """
    facts = Facts(problem)
    given = None if open_approvals else {row.case: row.period for row in plan.approvals}
    best = None if given is None else {**in_plan_order(facts, plan, [w + 1.0 for w in facts.review_capacity])}
    if best is not None and given is not None:
        best = {case: min(best.get(case, facts.T), given.get(case, facts.T)) for case in {*best, *given}}
    roomy = Roomy(problem, approved=best, true=facts)
    blocks = (
        units.continuous, demand.per_unit_period, approval.monotone, orders.late_only, needs.useful, offers.late,
        packages_held.held(plan, open_contents=open_contents), lanes.natural, supply.balance, stability.natural,
    )  # fmt: skip
    draft = Draft(roomy)
    for block in blocks:
        block.build(draft)
    built = compile_draft(draft, blocks)
    rows = {(str(r), k): i for i, (r, k) in enumerate(zip(built.matrix.rules, built.matrix.row_keys, strict=True))}
    program = _with_what_there_is(built, program_of(built.matrix), facts, rows, taken_tonnes or {})
    program = _offers_as_decided(built, program, plan)
    return Held(facts, plan, built, program, rows, given, {} if given is None else _waiting(built, facts))


def _with_what_there_is(
    built: Built, program: Program, facts: Facts, rows: dict[tuple[str, Key], int],
    taken: Mapping[tuple[str, int], float],
) -> Program:  # fmt: skip
    lower, upper = program.row_lower.copy(), program.row_upper.copy()
    for (rule, key), row in rows.items():
        if rule == "line_capacity":
            upper[row] = facts.slots[key[0]][key[1]]
        elif rule == "lane_capacity":
            upper[row] = max(0.0, facts.lane_tonnes[key[0]][key[1]] - taken.get((key[0], key[1]), 0.0))
        elif rule == "review_capacity":
            upper[row] = facts.review_capacity[key[0]]
        elif rule == "readiness_floor":
            lower[row] = facts.hard_floors[key[0]]
        elif rule == "component_supply":
            total, t = facts.component_cumulative[key[0]], key[1]
            lower[row] = upper[row] = total[t] - (total[t - 1] if t else 0)
    least = program.lower.copy()
    least[built.matrix.kinds == "made"] = 0.0  # a line that may always run need not make the unit more
    return replace(program, row_lower=lower, row_upper=upper, lower=least)


def _offers_as_decided(built: Built, program: Program, plan: Plan) -> Program:
    lower, upper = program.lower.copy(), program.upper.copy()
    accepted = set(plan.accepted_offers)
    for j in np.flatnonzero(built.matrix.kinds == "is_accepted"):
        lower[j] = upper[j] = float(built.matrix.column_keys[j][0] in accepted)
    return replace(program, lower=lower, upper=upper)


def _waiting(built: Built, facts: Facts) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    cases = {o.order for o in facts.problem.orders if o.case in facts.reviewed_cases}
    for j in np.flatnonzero(np.isin(built.matrix.kinds, ["dispatched", "is_completed"])):
        order, t = built.matrix.column_keys[j]
        if order in cases:
            found.setdefault(order, []).append((int(j), int(t)))
    return found


def closed(program: Program, columns: Numbers) -> Program:
    """The program with some columns at most 0."""
    upper = program.upper.copy()
    upper[columns] = np.minimum(upper[columns], 0.0)
    return replace(program, upper=upper)


def completions_held(model: Held) -> Program:
    """The program with `complete` orders completed when the plan completes them, and nothing else fixed."""
    kinds = model.built.matrix.kinds
    done = orders.completions(model.facts, model.plan)
    x: Vector = np.zeros(len(kinds))
    mask = kinds == "is_completed"
    for j in np.flatnonzero(mask):
        order, t = model.built.matrix.column_keys[j]
        x[j] = float(done[order] <= t)
    return model.program.fixed(mask, x)
