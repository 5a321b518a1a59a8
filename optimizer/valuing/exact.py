"""The value of one more, exactly: what is linked solved twice as a whole-number program, as it is and with one more.

Free and whole again: units and completions of all that is linked to what there is one more of (`valuing.linked`). Held
as in the plan: releases, payers, offers and, but for a week of review, approvals; contents too, but for money, where
those of the packages that the pledge pays for are free. Both programs are solved to the end, so the difference is exact
for this restricted problem; where time ends first, the bounds of both say between what it lies.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np

from models.checker import check_plan
from models.matrix import Vector
from models.plan import Plan
from models.problem import Problem
from optimizer.explaining.values import SMALL, UNITS, MarginalValue, Resource
from optimizer.solving.highs import Answer, Limits, run
from optimizer.solving.program import FEASIBLE, Program
from optimizer.solving.search import start_vector
from optimizer.valuing.fast import NotAllowedError, contents_held
from optimizer.valuing.gains import ledger_of
from optimizer.valuing.held import Held, closed, completions_held, held_model
from optimizer.valuing.moved_rows import Step, steps
from optimizer.valuing.reachable import Part, cut_out, groups, linked_to, with_stages

CLOSE = 1e-3
"""Weighted million-dollar-weeks to which both programs are solved: the difference is exact to twice that."""
WIDE = ("lane", "pledge")
"""What reaches nearly everything: here completions of `complete` orders are held too, or no time would be enough."""
_EXACT = (("mip_abs_gap", CLOSE),)
Stop = Callable[[], bool] | None


@dataclass(frozen=True)
class Solved:
    """The least value of a part and a proven bound below it, with the solution."""

    value: float
    bound: float
    x: Vector


def exact_value(
    problem: Problem, plan: Plan, resource: Resource, *, seconds: float, stop: Stop = None
) -> MarginalValue:
    """What one more of the resource is worth, in this process; see `optimizer.valuing.values.one_more`.

    Raises:
        NotAllowedError: the plan breaks rules of the problem.
        KeyError: the problem has no such thing.
    """
    until = time.monotonic() + seconds
    verdict = check_plan(problem, plan)
    if not verdict.passed:
        raise NotAllowedError("the plan breaks rules of the problem, so nothing is valued beside it")
    known(problem, resource)
    model = held_model(problem, plan, open_contents=True, open_approvals=resource.kind == "reviewer")
    terms = {term: float(getattr(verdict.terms, term)) for term in model.built.matrix.terms}
    return Exact(model, terms).value(resource, until, stop)


def known(problem: Problem, resource: Resource) -> None:
    """Raises `KeyError` if the problem has nothing of that name to have one more of, or no such period."""
    names = {
        "slot": {line.line for line in problem.lines},
        "component": {part.component for part in problem.components},
        "pledge": {pledge.pledge for pledge in problem.pledges},
        "lane": {lane.lane for lane in problem.lanes},
        "floor": {item.item for item in problem.items},
        "reviewer": {""},
    }[resource.kind]
    periods = sum(count for count, _ in problem.periods)
    dated = resource.kind not in ("pledge", "floor")
    right = resource.period is not None and 0 <= resource.period < periods if dated else resource.period is None
    if resource.entity not in names or not right:
        raise KeyError(f"{resource.kind} {resource.entity!r} in period {resource.period}")


@dataclass(frozen=True)
class Exact:
    """A held model and the plan's terms, for one resource after the other.

    `whole`: variables that are whole; None for all that have to be. Fewer make a relaxation: what does wholeness do?
    """

    model: Held
    terms: dict[str, float]
    whole: tuple[str, ...] | None = None

    def value(self, resource: Resource, until: float, stop: Stop = None) -> MarginalValue:
        """The value of one more."""
        rows = self._rows(resource)
        part = self.part(resource, rows)
        moved = () if part is None else tuple((at, s) for s in rows if (at := part.row(s.row)) is not None)
        if part is None or not moved:
            return self._said(resource, 0.0, 0.0, 0.0)
        begin = self.start(part, 0.25 * (until - time.monotonic()))
        before = solved(part.program, begin, 0.5 * (until - time.monotonic()), stop)
        if before is None:
            return self._said(resource, 0.0, 0.0, math.inf, timed_out=True)
        after = solved(_moved(part.program, moved), before.x, until - time.monotonic(), stop)
        if after is None:
            return self._said(resource, 0.0, 0.0, max(0.0, before.value - part.program.value(before.x)), timed_out=True)
        value = max(0.0, before.value - after.value)
        low, high = max(0.0, before.bound - after.value), max(value, before.value - after.bound)
        closed_both = high - low <= 4 * CLOSE
        if closed_both:
            value = value if value > 4 * CLOSE else 0.0
            low = high = value
        gains = ledger_of(self.model).gains(part.columns, before.x, after.x) if value > SMALL else ()
        found = self._said(resource, value, min(low, value), high, timed_out=not closed_both)
        return replace(found, gains=gains)

    def _rows(self, resource: Resource) -> tuple[Step, ...]:
        if resource.kind == "reviewer":
            row = self.model.rows.get(("review_capacity", (resource.period,)))
            return () if row is None else (Step(row, 0.0, 1.0),)
        return steps(self.model).get(resource, ())

    def part(self, resource: Resource, rows: Collection[Step]) -> Part | None:
        """What is linked to the resource, whole and free; None if nothing is."""
        wide = resource.kind in WIDE
        program = with_stages(self.model, completions_held(self.model) if wide else self.model.program, self.terms)
        if self.model.approved is not None:
            program = closed(program, self.model.forbidden(self.model.approved))
        opened = self._paid_by(resource.entity) if resource.kind == "pledge" else set()
        if resource.kind == "pledge" and not opened:
            return None  # it pays for nothing, and payers are held
        program = contents_held(self.model, program, opened)
        columns = linked_to(groups(self.model, program), program, (step.row for step in rows))
        if self.whole is not None:
            program = program.relaxed(np.isin(self.model.built.matrix.kinds, self.whole))
        return cut_out(self.model, program, columns) if columns.size else None

    def _paid_by(self, pledge: str) -> set[str]:
        new = {row.package for row in self.model.plan.releases if row.status == "new"}
        return {row.package for row in self.model.plan.payments if row.pledge == pledge} & new

    def start(self, part: Part, seconds: float) -> Vector | None:
        """The plan as a solution of the part, its continuous columns at their best; None if it is not one there."""
        x, mask = start_vector(self.model.built, self.model.built.start(self.model.plan))
        mine = mask[part.columns] & part.program.whole
        answer = run(part.program.fixed(mine, x[part.columns]).relaxed(), Limits(seconds, 1e-9))
        if answer.x is None or part.program.violation(answer.x) > FEASIBLE:
            return self._by_completions(part, seconds)
        return answer.x

    def _by_completions(self, part: Part, seconds: float) -> Vector | None:
        """With completions alone as in the plan, units whole again: a plan's moves may stand for dominated ones."""
        given = completions_held(self.model)
        fixed = given.lower == given.upper
        mine = fixed[part.columns] & part.program.whole
        answer = run(part.program.fixed(mine, given.lower[part.columns]), Limits(seconds, 1e-4))
        return answer.x

    def _said(
        self, resource: Resource, value: float, low: float, high: float, *, timed_out: bool = False
    ) -> MarginalValue:
        day = None if resource.period is None else self.model.facts.calendar.day(resource.period)
        return MarginalValue(
            resource.kind, resource.entity, resource.period, day, UNITS[resource.kind], value, "resolved", low, high,
            None, (), timed_out,
        )  # fmt: skip


def _moved(program: Program, moved: tuple[tuple[int, Step], ...]) -> Program:
    lower, upper = program.row_lower.copy(), program.row_upper.copy()
    for row, step in moved:
        lower[row] += step.lower
        upper[row] += step.upper
    return replace(program, row_lower=lower, row_upper=upper)


def solved(program: Program, start: Vector | None, seconds: float, stop: Stop = None) -> Solved | None:
    """The program solved to the end, or as far as time allows; None if nothing is in hand."""
    answer: Answer = run(program, Limits(max(0.0, seconds), 0.0, options=_EXACT), start=start, stop=stop)
    x, value = answer.x, answer.objective
    if start is not None and (x is None or value is None or program.value(start) < value):
        x, value = start, program.value(start)
    if x is None or value is None:
        return None
    bound = value if answer.end == "optimal" else answer.bound
    if bound is None:
        bound = run(program.relaxed(), Limits(max(1.0, 0.2 * seconds), 1e-9), stop=stop).bound
    if bound is None:
        bound = -math.inf
    return Solved(value, min(bound, value), x)
