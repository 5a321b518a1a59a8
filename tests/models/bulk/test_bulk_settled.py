"""A settled instance: its plans are plans of the whole one, and the plan that settled it is one of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from models import problem as p
from models.baselines import priority_list
from models.bulk.settled import settled
from models.bulk.worth import worth
from models.checker import check_plan
from models.facts import Facts
from models.plan import Plan
from tests.builders import small_plan, small_problem
from tests.models.solved import SLOTS, solved
from tests.strategies import problems

DRAWN = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def back(found: Plan, plan: Plan) -> Plan:
    """A plan of the settled instance with the decisions of the plan that settled it."""
    return replace(plan, dispatches=found.dispatches, made=found.made)


def lost(problem: p.Problem, less: p.Problem) -> float:
    """What the orders cost that the settled instance does not have."""
    facts, there = Facts(problem), {order.order for order in less.orders}
    return sum(facts.never_cost(o) * o.quantity for o in problem.orders if o.order not in there)


@DRAWN
@given(problems())
def test_plans_of_a_settled_instance_are_plans_of_the_whole(problem: p.Problem) -> None:
    plan = priority_list(problem)
    if check_plan(problem, plan).violations:
        return
    less, promised = settled(Facts(problem), plan)
    found = solved(less, SLOTS)
    assert found.value is not None, "the plan itself is one"
    whole = back(found.plan, plan)
    sent = Counter({row.need: 0 for row in problem.needs})
    for row in whole.dispatches:
        if row.kind == "need" and row.origin == "pool":
            sent[row.demand] += row.quantity
    verdict = check_plan(problem, whole)
    # what has to leave is told apart from the instance
    broken = {violation.rule for violation in verdict.violations}
    assert broken <= {"promise_kept"}
    assert not broken or any(sent[need] < units for need, units in promised.items())
    committed = (
        {(c.demand) for c in problem.commitments} - {o.order for o in less.orders} - {n.need for n in less.needs}
    )
    if not committed:
        assert verdict.terms.total == pytest.approx(found.value + lost(problem, less), rel=1e-6, abs=1e-6)
        assert verdict.terms.total <= worth(Facts(problem), plan) + 1e-6


def test_every_decision_is_settled() -> None:
    problem, plan = small_problem(), small_plan()
    assert plan.releases
    assert plan.approvals
    less, promised = settled(Facts(problem), plan)
    assert all(package.status == "funded" for package in less.packages)
    assert {row.package for row in plan.releases} <= {package.package for package in less.packages}
    day_of = {package.package: package.release_on for package in less.packages}
    calendar = Facts(problem).calendar
    assert any(row.period for row in plan.releases)
    assert all(day_of[row.package] == calendar.day(row.period) for row in plan.releases)
    assert {offer.offer for offer in less.offers} == set(plan.accepted_offers)
    assert all(offer.status == "accepted" for offer in less.offers)
    assert less.approvals == ()
    assert less.pledges == ()
    released = {row.package for row in plan.releases}
    assert promised == Counter({row.need: row.quantity for row in plan.contents if row.package in released}) + Counter(
        {row.need: row.quantity for row in problem.package_contents if row.package in released}
    )


def test_orders_of_cases_never_approved_are_gone_and_others_wait() -> None:
    problem, plan = small_problem(), small_plan()
    facts = Facts(problem)
    waiting = {order.order for order in problem.orders if order.case in facts.reviewed_cases}
    assert waiting
    less, _ = settled(facts, replace(plan, approvals=()))
    assert {order.order for order in problem.orders} - {order.order for order in less.orders} == waiting
    less, _ = settled(facts, plan)
    approved = {row.case: row.period for row in plan.approvals}
    for order in less.orders:
        if order.case in approved:
            assert order.earliest_date is not None
            assert order.earliest_date >= facts.calendar.day(facts.after_approval(order.case, approved[order.case]))
