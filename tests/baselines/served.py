"""What a baseline does for whom, read off its plan; and that the plan is allowed."""

from __future__ import annotations

from collections import defaultdict

from models.checker import check_plan
from models.plan import Plan
from models.problem import Problem


def sent(plan: Plan, demand: str) -> dict[int, int]:
    """Units by period of dispatch."""
    units: dict[int, int] = defaultdict(int)
    for dispatch in plan.dispatches:
        if dispatch.demand == demand:
            units[dispatch.period] += dispatch.quantity
    return dict(units)


def made(plan: Plan) -> dict[int, int]:
    """Units made by period."""
    units: dict[int, int] = defaultdict(int)
    for row in plan.made:
        units[row.period] += row.quantity
    return dict(units)


def legal(problem: Problem, plan: Plan) -> Plan:
    """The plan, if the checker allows it."""
    verdict = check_plan(problem, plan)
    assert verdict.passed, verdict.violations
    return plan
