"""Values of one more in this process, and by brute force, for tests."""

from __future__ import annotations

from models.baselines import priority_list
from models.build import compile_model
from models.checker import check_plan
from models.facts import Facts
from models.plan import Plan
from models.problem import ObjectivePolicy, Problem
from optimizer.explaining.values import MarginalValue, MarginalValues, Resource
from optimizer.valuing.exact import exact_value
from optimizer.valuing.fast import fast_values
from tests.models.solved import TEXTBOOK, solve_built

SECONDS = 60.0


def fast(problem: Problem, plan: Plan) -> MarginalValues:
    """All values from the linear program."""
    found = fast_values(problem, plan, seconds=SECONDS)
    assert found.complete
    return found


def exact(problem: Problem, plan: Plan, what: Resource) -> MarginalValue:
    """One value, solved again."""
    found = exact_value(problem, plan, what, seconds=SECONDS)
    assert not found.timed_out
    return found


def of(values: MarginalValues, what: Resource) -> float:
    """The value of one resource; 0 if it is not among them."""
    return next((one.value for one in values.values if one.resource == what), 0.0)


def listed(problem: Problem) -> Plan | None:
    """The priority list, if it is an allowed plan."""
    plan = priority_list(problem)
    return plan if check_plan(problem, plan).passed else None


def optimum(problem: Problem, what: Resource | None = None) -> float:
    """The least value of the problem in the textbook formulation, all of it free; with one more of a slot, a component,
    a tonne or a week of review."""
    facts = Facts(problem)
    known = facts.__dict__  # where cached properties keep what they derived
    if what is not None and what.kind == "slot":
        known["slots"] = {line: list(row) for line, row in facts.slots.items()}
        known["slots"][what.entity][what.period] += 1
    elif what is not None and what.kind == "component":
        total = {part: list(row) for part, row in facts.component_cumulative.items()}
        total[what.entity] = [n + (t >= (what.period or 0)) for t, n in enumerate(total[what.entity])]
        known["component_cumulative"] = total
    elif what is not None and what.kind == "lane":
        known["lane_tonnes"] = {lane: list(row) for lane, row in facts.lane_tonnes.items()}
        known["lane_tonnes"][what.entity][what.period] += 1.0
    elif what is not None and what.kind == "reviewer":
        known["review_capacity"] = [w + (t == what.period) for t, w in enumerate(facts.review_capacity)]
    value = solve_built(compile_model(problem, TEXTBOOK, facts)).value
    assert value is not None
    return value


WEIGHTED = ObjectivePolicy()
