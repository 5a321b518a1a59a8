"""Values from the linear program with the plan's decisions held: duals say where to look, a unit more is solved for.

A dual bounds what one more can be worth (the value of a linear program is convex in its sides), so what has a dual of 0
is worth nothing, and that is proven. Where the dual is not 0 it may still overstate: at a corner of the value, where
whole plans stand, duals are many, and each is a slope that a whole unit need not keep. So the row is moved by a whole
unit and the simplex runs on from the basis of the plan, which takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from models.checker import check_plan
from models.plan import Plan
from models.problem import Problem
from optimizer.explaining.values import KINDS, SMALL, UNITS, MarginalValue, MarginalValues, Resource, in_order
from optimizer.solving.clock import WorkClock, clock, going_by, now
from optimizer.solving.highs import HotSimplex, Limits
from optimizer.solving.program import Program
from optimizer.solving.search import start_vector
from optimizer.valuing.gains import Ledger, ledger_of
from optimizer.valuing.held import Held, closed, completions_held, held_model
from optimizer.valuing.moved_rows import Step, steps
from optimizer.valuing.reachable import Part, cut_out, groups, rest_fixed, with_stages
from optimizer.valuing.reviewing import in_plan_order

Numbers = npt.NDArray[np.int64]
NONE: Numbers = np.zeros(0, dtype=np.int64)
Contents = Literal["held", "open"]
"""Contents of new packages as in the plan, or left to the program; values of pledges always leave them open."""
PLENTY = 600.0
"""Seconds that one linear program may take at most."""


class NotAllowedError(ValueError):
    """The plan breaks rules of the problem: nothing can be said of what one more would be worth beside it."""


def contents_held(model: Held, program: Program, opened: Collection[str] = ()) -> Program:
    """The program with contents of new packages as in the plan, but for the packages that are opened."""
    matrix = model.built.matrix
    x, _ = start_vector(model.built, model.built.start(model.plan))
    fixed = matrix.kinds == "content"
    for j in np.flatnonzero(fixed):
        fixed[j] = matrix.column_keys[j][2] not in opened
    return rest_fixed(program, fixed, x)


@dataclass
class _Fast:
    """One run over everything there may be one more of."""

    model: Held
    ledger: Ledger
    terms: dict[str, float]
    kinds: frozenset[str]
    until: float
    stop: Callable[[], bool] | None
    values: list[MarginalValue] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    skipped: int = 0
    steps: dict[Resource, tuple[Step, ...]] = field(default_factory=dict)
    contents: Contents = "held"

    @property
    def over(self) -> bool:
        """Whether time has ended."""
        return now() > self.until or (self.stop is not None and self.stop())

    def run(self) -> MarginalValues:
        """Every kind that is asked for."""
        self.steps = {r: rows for r, rows in steps(self.model).items() if r.kind in self.kinds}
        given = completions_held(self.model)
        assert self.model.approved is not None
        open_money = with_stages(self.model, closed(given, self.model.forbidden(self.model.approved)), self.terms)
        held = contents_held(self.model, open_money) if self.contents == "held" else open_money
        base = self._held(held)
        self._lanes(held)
        if "reviewer" in self.kinds:
            self._reviewers(contents_held(self.model, with_stages(self.model, given, self.terms)))
        self._pledges(open_money)
        if self.skipped:
            self.messages.append(f"time ended: {self.skipped} that may be worth something were not looked at")
        return MarginalValues(in_order(self.values), base, tuple(self.messages), not self.skipped)

    def _held(self, program: Program) -> float | None:
        """Slots, components and floors, one linked part after the other; the value of all parts together."""
        fixed = np.where(program.lower < program.upper, 0.0, program.lower)
        total = float(program.cost @ fixed) + program.offset
        missed = False
        for columns in groups(self.model, program):
            hot = _Hot(cut_out(self.model, program, columns), self.until, self.stop)
            missed |= hot.base is None
            total += 0.0 if hot.base is None else hot.base
            self._one_by_one(hot, {"slot", "component", "floor"})
        return None if missed else total

    def _lanes(self, program: Program) -> None:
        wanted = {s.row for r, rows in self.steps.items() if r.kind == "lane" for s in rows}
        for columns in groups(self.model, program, by_lanes=True) if wanted else ():
            part = cut_out(self.model, program, columns)
            if any(part.row(row) is not None for row in wanted):
                self._one_by_one(_Hot(part, self.until, self.stop), {"lane"})

    def _pledges(self, program: Program) -> None:
        wanted = {s.row for r, rows in self.steps.items() if r.kind == "pledge" for s in rows}
        for columns in groups(self.model, program) if wanted else ():
            part = cut_out(self.model, program, columns)
            if any(part.row(row) is not None for row in wanted):
                self._one_by_one(_Hot(part, self.until, self.stop), {"pledge"})

    def _one_by_one(self, hot: _Hot, kinds: Collection[str]) -> None:
        """Everything of these kinds with rows in the part, what may be worth most first."""
        for slope, resource, rows in sorted(hot.promising(self.steps, kinds), reverse=True, key=lambda row: row[0]):
            found = None if self.over else hot.again(rows)
            if found is None:
                self.skipped += 1
                continue
            assert hot.base is not None
            assert hot.x is not None
            value = max(0.0, hot.base - found[0])
            if value > SMALL:
                self._add(resource, min(value, slope), slope, hot, found[1])

    def _add(
        self, resource: Resource, value: float, slope: float | None, hot: _Hot, x: npt.NDArray[np.float64]
    ) -> None:
        assert hot.x is not None
        gains = self.ledger.gains(hot.part.columns, hot.x, x)
        day = None if resource.period is None else self.model.facts.calendar.day(resource.period)
        self.values.append(
            MarginalValue(
                resource.kind, resource.entity, resource.period, day, UNITS[resource.kind], value, "fixed_lp", value,
                value, slope, gains,
            )
        )  # fmt: skip

    def _reviewers(self, program: Program) -> None:
        """A week of review more, the order of review held: cases approved earlier free columns of their orders."""
        model, facts = self.model, self.model.facts
        capacity, planned = facts.review_capacity, model.approved or {}

        def approved(extra: int | None) -> dict[str, int]:
            more = [weeks + (t == extra) for t, weeks in enumerate(capacity)]
            listed = in_plan_order(facts, model.plan, more)
            return {case: min(t, planned.get(case, facts.T)) for case, t in listed.items()}

        usual = approved(None)
        before = model.forbidden(usual)
        earlier = {t: now for t in range(facts.T) if (now := approved(t)) != usual}
        if not earlier or not before.size:
            return
        touched = set(before.tolist())
        near = [group for group in groups(model, program) if touched.intersection(group.tolist())]
        if not near:
            return
        part = cut_out(model, program, np.sort(np.concatenate(near)))
        hot = _Hot(part, self.until, self.stop, shut=_inside(part, before))
        for t, now in earlier.items():
            found = None if self.over else hot.again((), _inside(part, model.forbidden(now)))
            if found is None or hot.base is None:
                self.skipped += 1
            elif hot.base - found[0] > SMALL:
                self._add(Resource("reviewer", "", t), hot.base - found[0], None, hot, found[1])


def _inside(part: Part, columns: Numbers) -> Numbers:
    """Columns of the model as columns of a part."""
    return np.flatnonzero(np.isin(part.columns, columns))


class _Hot:
    """A part solved once; then again and again with one more of something, each time from the same basis."""

    def __init__(self, part: Part, until: float, stop: Callable[[], bool] | None, shut: Numbers = NONE) -> None:
        """Solves the part; `shut`: columns that are at most 0 for now."""
        self.part, self.shut = part, shut
        left = until - now()
        self._hot = HotSimplex(part.program, Limits(min(PLENTY, max(left, 0.01))), stop)
        found = self._hot.solve(shut, np.zeros(len(shut)))
        self.base = None if found is None else found[0]
        self.x = None if found is None else found[1]
        self._duals = None if found is None else self._hot.duals()
        self._basis = None if found is None else self._hot.keep()

    def promising(
        self, wanted: dict[Resource, tuple[Step, ...]], kinds: Collection[str]
    ) -> Iterator[tuple[float, Resource, tuple[Step, ...]]]:
        """(most it can be worth, resource, rows) of what has rows here and a dual that is not 0."""
        for resource, rows in wanted.items():
            here = [(self.part.row(step.row), step) for step in rows if resource.kind in kinds]
            known = [(at, step) for at, step in here if at is not None]
            if not known:
                continue
            if self._duals is None:
                yield 0.0, resource, rows
                continue
            slope = -sum(float(self._duals[at]) * (step.upper or step.lower) for at, step in known)
            if slope > SMALL:
                yield slope, resource, rows

    def again(
        self, rows: tuple[Step, ...], shut: Numbers | None = None
    ) -> tuple[float, npt.NDArray[np.float64]] | None:
        """Objective and solution with the rows moved, or with other columns shut; None if there is none in time."""
        if self._basis is None:
            return None
        program = self.part.program
        here = [(row, step) for step in rows if (row := self.part.row(step.row)) is not None]
        at: Numbers = np.array([row for row, _ in here], dtype=np.int64)
        lower, upper = program.row_lower[at], program.row_upper[at]
        self._hot.back(self._basis)
        if at.size:
            more = np.array([[step.lower, step.upper] for _, step in here])
            self._hot.sides(at, lower + more[:, 0], upper + more[:, 1])
        opened = NONE if shut is None else np.setdiff1d(self.shut, shut)
        found = self._hot.solve(opened, np.zeros(len(opened)), program.upper[opened])
        if at.size:
            self._hot.sides(at, lower, upper)
        if opened.size:
            self._hot.shut(opened)
        return found


def fast_values(
    problem: Problem,
    plan: Plan,
    *,
    seconds: float,
    kinds: Collection[str] = KINDS,
    stop: Callable[[], bool] | None = None,
    contents: Contents = "held",
    work: float | None = None,
) -> MarginalValues:
    """Every value above 0 from the linear program, in this process; see `optimizer.valuing.values.marginal_values`.

    `work`: units of work to end after, in place of seconds.

    Raises:
        NotAllowedError: the plan breaks rules of the problem.
    """
    until = now() + seconds
    verdict = check_plan(problem, plan)
    if not verdict.passed:
        raise NotAllowedError("the plan breaks rules of the problem, so nothing is valued beside it")
    model = held_model(problem, plan, open_contents=True)
    terms = {term: float(getattr(verdict.terms, term)) for term in model.built.matrix.terms}
    with going_by(clock() if work is None else WorkClock()):
        until = until if work is None else now() + work
        return _Fast(model, ledger_of(model), terms, frozenset(kinds), until, stop, contents=contents).run()
