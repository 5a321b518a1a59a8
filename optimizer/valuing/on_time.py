"""What would bring a demand on time: the least change by kind, each solved as a small model.

The page docs/counterfactuals.md says what each kind assumes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from models.checker import check_plan
from models.plan import POOL, Plan
from models.problem import Problem
from optimizer.explaining.counterfactual import KINDS, Cause, Counterfactual, Kind, Obstacle, State, Witness
from optimizer.valuing.asked import Asked, asked
from optimizer.valuing.linked import offered_left
from optimizer.valuing.relieving import Relieved, Relieving
from optimizer.valuing.review import earlier_review
from optimizer.valuing.slipping import Slipped, slipped
from optimizer.valuing.weight_needed import weight_needed


def on_time(problem: Problem, plan: Plan, demand: str, kind: Kind, *, seconds: float = 20.0) -> Counterfactual:
    """The least change of one kind that brings the demand on time, with a witness.

    Args:
        problem: the instance.
        plan: a plan that the checker allows.
        demand: an order, a need, or the offer whose replacement it is.
        kind: see `optimizer.explaining.counterfactual.KINDS`.
        seconds: wall-clock limit of solving.

    Raises:
        UnknownDemandError: there is no such demand.
        ArithmeticError: a witness was found that the checker refuses, which is an error of the program.
    """
    return next(iter(on_time_by_kind(problem, plan, demand, (kind,), seconds=seconds)))


def on_time_by_kind(
    problem: Problem, plan: Plan, demand: str, kinds: Iterable[Kind] = KINDS, *, seconds: float = 20.0
) -> Iterator[Counterfactual]:
    """`on_time` for several kinds, one after the other, with what they share built once; `seconds` for each."""
    answers = _Answers(asked(problem, plan, demand), seconds)
    for kind in kinds:
        yield answers.of(kind)


@dataclass(frozen=True)
class _Answers:
    """Answers about one demand."""

    asked: Asked
    seconds: float

    def of(self, kind: Kind) -> Counterfactual:
        """The answer of one kind, judged."""
        answer = self._base(kind)
        if answer.state == "not_known":
            answer = self._solved(kind, answer)
        if answer.witness is not None:
            verdict = check_plan(answer.witness.problem, answer.witness.plan)
            if not verdict.passed:
                raise ArithmeticError(f"a witness is refused: {verdict.violations[0].message}")
        return answer

    def _base(self, kind: Kind) -> Counterfactual:
        about, calendar = self.asked, self.asked.facts.calendar
        base = Counterfactual(about.demand, kind, "not_known", about.due)
        if about.is_on_time:
            return replace(base, state="on_time", proven=True)
        base = replace(
            base,
            by=calendar.day(about.last) if about.last >= 0 else None,
            own_delay=None if about.present is None else about.present.delay,
        )
        if about.obstacles():
            return replace(base, state="impossible", obstacles=about.obstacles(), proven=True)
        return base

    def _solved(self, kind: Kind, base: Counterfactual) -> Counterfactual:
        if kind == "slips":
            return self._of_slips(base)
        if kind == "weight":
            return self._of_weight(base)
        if kind == "combination":
            return self._of_relief(base, self._relieving.combination(self.seconds))
        none = self._without
        if none.feasible:
            return replace(base, state="nothing_needed", proven=True, witness=none.witness)
        return self._of_relief(base, self._relieving.relieve((kind,), self.seconds))

    @cached_property
    def _relieving(self) -> Relieving:
        return Relieving(self.asked)

    @cached_property
    def _without(self) -> Relieved:
        """With nothing added."""
        return self._relieving.relieve((), self.seconds)

    @cached_property
    def _slipped(self) -> Slipped:
        return slipped(self.asked, self.seconds)

    def _of_relief(self, base: Counterfactual, found: Relieved) -> Counterfactual:
        if found.feasible is None:
            return base
        if not found.feasible:
            return replace(base, state="not_enough", obstacles=self._why(base.kind), proven=True)
        state: State = "enough" if found.changes else "nothing_needed"
        return replace(base, state=state, changes=found.changes, proven=found.proven, witness=found.witness)

    def _why(self, kind: Kind) -> tuple[Obstacle, ...]:
        """Why a relief is not enough: approval or money that comes too late, whatever else is more, or others."""
        about, facts = self.asked, self.asked.facts
        day, held = facts.calendar.day, about.held_approval
        policy = about.problem.approval
        if held is not None and held > about.last:
            if earlier_review(about) is None and policy is not None:
                first = facts.after_approval(about.order.case, 0)
                weeks = policy.processing_weeks
                return (Obstacle("processing_too_long", about.order.case, day(first), day(about.last), weeks),)
            if kind not in ("approval", "combination"):
                earliest = day(held) if held < facts.T else None
                return (Obstacle("approval_held", about.order.case, earliest, day(about.last)),)
        return self._why_unfunded(kind) or (() if kind in ("slips", "weight") else self._other())

    def _other(self) -> tuple[Obstacle, ...]:
        """Something else is lacking."""
        return (Obstacle("no_supply_by_this", self.asked.demand, None, self.asked.facts.calendar.day(self.asked.last)),)

    def _why_unfunded(self, kind: Kind) -> tuple[Obstacle, ...]:
        """Units of a need that no package lets leave in time, and for money why more of it comes too late."""
        about, facts = self.asked, self.asked.facts
        policy, calendar, last = about.problem.package_policy, facts.calendar, about.last
        if about.kind != "need" or policy is None:
            return ()
        routes = [route.weeks for route in facts.routes[POOL]]
        arrives = min((calendar.shift(calendar.shift(0, policy.contract_weeks), w) for w in routes), default=facts.T)
        if kind in ("money", "combination"):
            if arrives <= last:
                return ()
            weeks = policy.contract_weeks + min(routes, default=0)
            return (Obstacle("contract_and_route", about.demand, calendar.day(arrives), calendar.day(last), weeks),)
        holdings = self._relieving.small.funds.holdings
        there = sum(
            h.units for h in holdings if any(calendar.shift(h.usable, w) <= last and h.usable < facts.T for w in routes)
        )
        left = offered_left(about.plan, about.problem, {about.demand})
        there += sum(left[v.offer] for v in about.problem.offers if v.offer in left)
        if there >= about.need.quantity:
            return ()
        return (Obstacle("not_in_package", about.demand, None, calendar.day(last), units=about.need.quantity - there),)

    def _of_slips(self, base: Counterfactual) -> Counterfactual:
        found = self._slipped
        if found.plan is None:
            if not found.infeasible:
                return base
            return replace(base, state="not_enough", obstacles=self._why_no_slip(), proven=True)
        return replace(
            base, state="enough", slips=found.slips, cost_to_others=found.cost_to_others,
            cost_at_least=found.cost_at_least, proven=found.optimal,
            witness=Witness(self.asked.problem, found.plan),
        )  # fmt: skip

    def _why_no_slip(self) -> tuple[Obstacle, ...]:
        """Beside approval and packages: supply that is too little for it alone, or what is promised to others."""
        known = self._why("slips")
        if known:
            return known
        alone = replace(self.asked, plan=replace(self.asked.plan, dispatches=()))
        cause: Cause = "promises_of_others" if Relieving(alone).relieve((), self.seconds).feasible else "not_even_alone"
        return (Obstacle(cause, self.asked.demand, None, self.asked.facts.calendar.day(self.asked.last)),)

    def _of_weight(self, base: Counterfactual) -> Counterfactual:
        answer = self._of_slips(base)
        if answer.witness is None:
            return answer
        found = weight_needed(self.asked, answer.witness.plan, answer.cost_at_least)
        if isinstance(found, Obstacle):
            return replace(answer, state="not_enough", obstacles=(found,), witness=None)
        return replace(answer, weight=found)
