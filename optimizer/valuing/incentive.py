"""The curve of a recipient: its deliveries, solved again, as its contribution rises.

At every point the blocks of its orders (all that shares supply with them) are solved again from the plan in hand, with
money, contents, approvals and other offers held; a case that comes on the fast track is approved as early as reviewers
can. Asked for, the whole instance is solved again, too. Then every plan is judged at every point, and each point takes
the best. A contribution enters by the weight alone, but for the fast track: at a weight w a plan costs A + w · D, D the
delay of the recipient's orders. The best of one set of plans has the smaller D the larger w is, so the curve falls.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from models.capacity import review_effort
from models.catalog import DEFAULT, FORMULATIONS
from models.checker import check_plan
from models.facts import Facts
from models.plan import Plan, Terms
from models.priority import priorities
from models.problem import TERMS, Problem
from optimizer.explaining.facts import facts_of
from optimizer.explaining.incentive import By, Curve, CurvePoint
from optimizer.settings import Settings
from optimizer.solving.solve import solve
from optimizer.valuing.block import block_model, solve_block
from optimizer.valuing.contributions import Step, steps
from optimizer.valuing.linked import linked_items
from optimizer.valuing.review import approved_earlier
from optimizer.valuing.workers import spread

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Job:
    """One point for a worker."""

    step: Step
    plan: Plan
    recipient: str
    seconds: float
    items: tuple[str, ...]


@dataclass(frozen=True)
class _Candidate:
    """A plan, and the point at whose instance it is proven best with the rest held (None: nowhere)."""

    plan: Plan
    settled_at: int | None


def incentive(
    problem: Problem,
    plan: Plan,
    recipient: str,
    *,
    by: By = "defence",
    points: int = 8,
    seconds_per_point: float = 20.0,
    threads: int = 1,
    whole: bool = False,
    bound: float | None = None,
    item: str = "",
    told: Callable[[str], None] | None = None,
) -> Curve:
    """How the recipient's deliveries move as its contribution rises.

    Args:
        problem: the instance.
        plan: the plan in hand, allowed by the checker.
        recipient: by its name.
        by: what rises.
        points: about how many.
        seconds_per_point: wall-clock seconds for the blocks of a point, and once more for the whole if `whole`.
        threads: worker processes for the points, and threads of a whole solve.
        whole: also solve the whole instance again at every point, from the best plan known.
        bound: what is proven of the plan in hand: a lower bound on the present instance.
        item: for `offer`, what is offered.
        told: called with what is being done.

    Raises:
        NoCurveError: nothing can rise, or there is no such recipient.
    """
    found, offered = steps(problem, plan, recipient, by, points, item=item)
    items = tuple(sorted({row.item for row in problem.orders if row.recipient == recipient} | ({offered} - {""})))
    jobs = [_Job(step, plan, recipient, seconds_per_point, items) for step in found]
    tell = told or (lambda _: None)
    tell(f"solving {len(jobs)} points again")
    candidates = [_Candidate(plan, None)]
    for k, answers in enumerate(spread(blocks_solved, jobs, threads)):
        candidates += [_Candidate(answer, k if settled else None) for answer, settled in answers or ()]
    bounds: list[float | None] = [None] * len(found)
    bounds[0] = bound if problem.objective.mode == "weighted" else None
    if whole:
        for k, step in enumerate(found):
            tell(f"solving the whole instance, point {k + 1} of {len(found)}")
            best = _best(step.problem, candidates)
            limits = Settings(seconds=seconds_per_point, threads=threads)
            starts = () if best is None else (("the best plan known", best.plan),)
            outcome = solve(step.problem, FORMULATIONS[DEFAULT], limits, starts=starts)
            if outcome.plan is not None:
                candidates.append(_Candidate(outcome.plan, k if outcome.status == "optimal" else None))
            if outcome.bound is not None and problem.objective.mode == "weighted":
                bounds[k] = max(outcome.bound, bounds[k] or outcome.bound)
    return Curve(recipient, by, offered, tuple(_points(found, candidates, bounds, recipient)))


def blocks_solved(job: _Job) -> list[tuple[Plan, bool]]:
    """The plans of one point, each with whether it is proven best with the rest held: the work of a worker."""
    problem = job.step.problem
    facts = Facts(problem)
    begun = [job.plan]
    faster = _faster_cases(job)
    if faster:
        begun.append(approved_earlier(facts, job.plan, faster))
    if job.step.offer:
        begun.append(replace(job.plan, accepted_offers=(*job.plan.accepted_offers, job.step.offer)))
    until = time.monotonic() + job.seconds
    found = []
    for k, start in enumerate(begun):
        plan: Plan | None = start
        settled, left = True, list(job.items)
        share = (until - time.monotonic()) / (len(begun) - k)
        ends = time.monotonic() + share
        while left and plan is not None:
            linked = linked_items(problem, [left[0]], with_substitutes=True)
            left = [item for item in left if item not in linked]
            answer = solve_block(block_model(problem, plan, linked), max(1.0, ends - time.monotonic()))
            settled &= answer.optimal
            plan = answer.plan
        if plan is not None and check_plan(problem, plan).passed:
            found.append((plan, settled))
    best = min((value(problem, plan) for plan, _ in found), default=None)
    return [(plan, settled and value(problem, plan) == best) for plan, settled in found]


def _faster_cases(job: _Job) -> list[str]:
    """Cases of the recipient that are on the fast track at this point, so that their review takes less."""
    facts = Facts(job.step.problem)
    own = {row.case for row in job.step.problem.orders if row.recipient == job.recipient}
    recipients = tuple(
        replace(r, defence_pct_gdp=None) if r.recipient == job.recipient else r for r in job.step.problem.recipients
    )
    slow = review_effort(replace(job.step.problem, recipients=recipients))
    return [case for case in facts.reviewed_cases if case in own and facts.review_effort[case] < slow[case] - 1e-9]


Value = tuple[float, ...]


def value(problem: Problem, plan: Plan) -> Value:
    """What a plan costs, to be compared: the weighted sum, or the stages in order where the instance has stages."""
    terms = check_plan(problem, plan).terms
    return _value(problem, terms)


def _value(problem: Problem, terms: Terms) -> Value:
    policy = problem.objective
    if policy.mode == "weighted":
        return (terms.total,)
    order = (*policy.stages, *(term for term in TERMS if term not in policy.stages))
    return tuple(round(float(getattr(terms, term)), 6) for term in order)


def _best(problem: Problem, candidates: list[_Candidate]) -> _Candidate | None:
    """The best plan that the checker allows; of equal ones the first."""
    judged = [(check_plan(problem, one.plan), one) for one in candidates]
    allowed = [(_value(problem, verdict.terms), k, one) for k, (verdict, one) in enumerate(judged) if verdict.passed]
    return min(allowed, key=lambda row: row[:2])[2] if allowed else None


def _points(
    found: list[Step], candidates: list[_Candidate], bounds: list[float | None], recipient: str
) -> list[CurvePoint]:
    """Every point with the best of all plans at it; of plans that cost the same the one that serves it best."""
    points: list[CurvePoint] = []
    for k, step in enumerate(found):
        rows = []
        for one in candidates:
            verdict = check_plan(step.problem, one.plan)
            if verdict.passed:
                rows.append((_value(step.problem, verdict.terms), _point(step, one.plan, recipient), one))
        least = min(row[0] for row in rows)
        level = [
            row for row in rows if all(x <= y + 1e-9 * max(1.0, abs(y)) for x, y in zip(row[0], least, strict=True))
        ]
        _, best, one = min(level, key=lambda row: row[1].delay)
        settled = any(c.settled_at == k and _level(value(step.problem, c.plan), least) for c in candidates)
        valid = [b for j, b in enumerate(bounds) if b is not None and _carries(found[j], step, recipient)]
        proven = max((min(b, best.objective) for b in valid), default=None)
        points.append(replace(best, bound=proven, settled=settled))
    return points


def _level(some: Value, least: Value) -> bool:
    return all(x <= y + 1e-6 * max(1.0, abs(y)) for x, y in zip(some, least, strict=True))


def _point(step: Step, plan: Plan, recipient: str) -> CurvePoint:
    """The recipient's deliveries in a plan."""
    problem = step.problem
    facts = facts_of(problem, plan, explained=False)
    multiplier = {row.order: row.weight_multiplier for row in problem.orders}
    own = [d for d in facts.orders if d.recipient == recipient]
    late = [d.price * d.weeks_late * d.quantity for d in own]
    worth = sum(d.price * d.quantity for d in own)
    return CurvePoint(
        value=step.value,
        present=step.present,
        weight=priorities(problem)[recipient].weight,
        fast_track=_on_fast_track(problem, recipient),
        delay=sum(multiplier[d.demand] * weeks for d, weeks in zip(own, late, strict=True)),
        mean_weeks=sum(late) / worth if worth > 0 else 0.0,
        units=sum(d.quantity for d in own),
        on_time=sum(d.on_time for d in own),
        delivered=sum(d.delivered for d in own),
        replaced=sum(d.on_time for d in facts.replacements if d.recipient == recipient),
        accepted=bool(step.offer) and step.offer in plan.accepted_offers,
        objective=check_plan(problem, plan).terms.total,
        bound=None,
        settled=False,
        plan=plan,
    )


def _on_fast_track(problem: Problem, recipient: str) -> bool:
    policy = problem.approval
    level = next(row.defence_pct_gdp for row in problem.recipients if row.recipient == recipient)
    return policy is not None and level is not None and level >= policy.fast_track_pct_gdp


def _carries(one: Step, other: Step, recipient: str) -> bool:
    """Whether a bound proven at one point holds at another: plans there are no more, and cost no less.

    A larger weight costs no less; a slower review, or a smaller offer that may be refused, allows no more plans.
    Of two offers of different size neither allows all that the other does, but none at all is less than any.
    """
    if one.offer or other.offer:
        return one.problem == other.problem or not other.offer
    heavier = priorities(other.problem)[recipient].weight >= priorities(one.problem)[recipient].weight - 1e-12
    here, there = review_effort(one.problem), review_effort(other.problem)
    return heavier and all(effort <= there[case] + 1e-12 for case, effort in here.items())
