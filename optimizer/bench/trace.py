"""What a trace says: when there was a plan, when how much was proven, and how good plans were over time."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.bench.records import gap_of
from optimizer.peers.records import TracePoint


def best_so_far(trace: Sequence[TracePoint]) -> list[TracePoint]:
    """In order of time, each point with the least plan and the greatest bound up to then."""
    found: list[TracePoint] = []
    plan: float | None = None
    bound: float | None = None
    for at, new_plan, new_bound in sorted(trace, key=lambda point: point[0]):
        plan = new_plan if plan is None else plan if new_plan is None else min(plan, new_plan)
        bound = new_bound if bound is None else bound if new_bound is None else max(bound, new_bound)
        found.append((at, plan, bound))
    return found


def time_to_first_plan(trace: Sequence[TracePoint]) -> float | None:
    """Seconds until there was a plan, or None."""
    return next((at for at, plan, _ in best_so_far(trace) if plan is not None), None)


def time_to_gap(trace: Sequence[TracePoint], gap: float) -> float | None:
    """Seconds until a relative gap was proven, or None."""
    for at, plan, bound in best_so_far(trace):
        found = gap_of(plan, bound)
        if found is not None and found <= gap:
            return at
    return None


def primal_gap(plan: float | None, best: float) -> float:
    """|plan − best| / max(|plan|, |best|); 1 without a plan or where the signs differ, 0 where both are 0.

    Source: Berthold (2013), Measuring the impact of primal heuristics, Operations Research Letters 41.
    """
    if plan is None:
        return 1.0
    if plan == best:
        return 0.0
    if plan * best < 0:
        return 1.0
    return abs(plan - best) / max(abs(plan), abs(best))


def primal_integral(trace: Sequence[TracePoint], best: float | None, horizon: float) -> float | None:
    """The primal gap against `best`, integrated over 0 … horizon: seconds that were lost without a good plan.

    0 were the best plan known at once, the horizon were there never any plan; None if no plan is known at all.
    Source: Berthold (2013).
    """
    if best is None:
        return None
    total, since, gap = 0.0, 0.0, 1.0
    for at, plan, _ in best_so_far(trace):
        now = min(max(at, since), horizon)
        total += gap * (now - since)
        since, gap = now, primal_gap(plan, best)
    return total + gap * max(0.0, horizon - since)
