"""Every reason that says "because" is held to its word by the checker, on whole drawn instances.

Lift in the instance what the reason names, change nothing of the plan but the demand's own dispatches (and what is made
for them): the plan must be legal there, and the demand less late, by as much as the reason says.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from models.baselines import first_come_first_served, priority_list
from models.calendar import calendar_of
from models.checker import check_plan
from models.plan import Plan
from models.priority import priorities
from models.problem import LineItem, PackagesPolicy, Problem, Substitute
from optimizer.explaining.accounts import accounts_of
from optimizer.explaining.case import Case
from optimizer.explaining.explanations import serving_of
from optimizer.explaining.facts import facts_of
from optimizer.explaining.reasons import Explanation, Reason
from optimizer.explaining.witness import witness
from tests.builders import a_need, an_item, bare_problem, day, small_plan, small_problem
from tests.strategies import problems

DRAWN = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def explained(problem: Problem, plan: Plan) -> list[tuple[Case, Explanation, Reason]]:
    """Every reason of a demand that limits were lifted for."""
    facts, found = facts_of(problem, plan), []
    serving = serving_of(problem, plan)
    for asked in (*problem.orders, *problem.needs):
        case = Case(serving, asked, 1.0)
        said = facts.explanations.get((case.subject, case.name))
        found += [] if said is None else [(case, said, reason) for reason in said.reasons if reason.lifted]
    return found


def judge(problem: Problem, plan: Plan, case: Case, said: Explanation, reason: Reason) -> None:
    """Raises unless the witness of the reason is legal, and better by what was said."""
    other, better = witness(case, frozenset(reason.lifted))  # type: ignore[arg-type]
    verdict = check_plan(other, better)
    broken = [(v.rule, v.index, v.message) for v in verdict.violations]
    assert not broken, f"{case.name}, {reason}: {broken}"
    accounts = accounts_of(other, better, calendar_of(other), priorities(other))
    rows = accounts.orders if case.subject == "order" else accounts.needs
    found = next(row for row in rows if row.demand == case.name)
    left = round(found.weeks_late * found.quantity)
    assert left == said.improved - reason.gain, f"{case.name}, {reason}: {left}"
    assert reason.gain > 0


def plans(problem: Problem) -> list[Plan]:
    """The two cases to compare with, where they are legal."""
    found = [first_come_first_served(problem), priority_list(problem)]
    return [plan for plan in found if check_plan(problem, plan).passed]


@DRAWN
@given(problem=problems())
def test_every_because_has_a_witness(problem: Problem) -> None:
    for plan in plans(problem):
        for case, said, reason in explained(problem, plan):
            if reason.established:
                judge(problem, plan, case, said, reason)


@DRAWN
@given(problem=problems())
def test_the_weeks_of_the_reasons_add_up(problem: Problem) -> None:
    for plan in plans(problem):
        facts = facts_of(problem, plan)
        for demand in (*facts.orders, *facts.needs):
            said = facts.explanations.get((demand.kind, demand.demand))
            weeks = round(demand.weeks_late * demand.quantity)
            if weeks == 0:
                assert said is None or said.leading.code == "due_after_horizon"  # type: ignore[union-attr]
            else:
                assert said is not None
                assert said.unit_weeks == weeks
                assert sum(reason.weeks for reason in said.reasons) == weeks
                assert said.reasons
                assert all(reason.weeks >= 0 for reason in said.reasons)


@DRAWN
@given(problem=problems())
def test_what_was_left_out_was_possible(problem: Problem) -> None:
    """Nothing lifted: the plan with the demand served anew is legal in the instance itself."""
    for plan in plans(problem):
        serving = serving_of(problem, plan)
        for asked in (*problem.orders, *problem.needs):
            case = Case(serving, asked, 1.0)
            if case.as_is < case.planned:
                other, better = witness(case, frozenset())
                assert other == problem
                assert check_plan(problem, better).passed


def test_a_reason_that_promises_too_much_is_found_out() -> None:
    problem, plan = small_problem(), small_plan()
    found = [one for one in explained(problem, plan) if one[2].established]
    assert found, "the small plan has reasons that were tested"
    for case, said, reason in found:
        judge(problem, plan, case, said, reason)
        with pytest.raises(AssertionError):
            judge(problem, plan, case, said, replace(reason, gain=reason.gain + 1))


def test_idle_slots_are_not_promised_to_an_item_and_to_its_substitute() -> None:
    """Both are made on the one line; were its slots counted for each, the witness would take them twice."""
    problem = bare_problem(
        items=(an_item(), an_item("other")),
        line_items=(LineItem("missile_line", "missile", 1), LineItem("missile_line", "other", 1)),
        substitutes=(Substitute("missile", "other", 1),),
        needs=(a_need("N", quantity=30, needed_by=day(0)),),
        package_policy=PackagesPolicy(50.0, 0.1, 2, 4, 5.0, contract_weeks=2),
    )
    found = [one for one in explained(problem, Plan()) if one[2].code == "package_not_funded"]
    assert found
    for case, said, reason in found:
        judge(problem, Plan(), case, said, reason)
        assert sum(row.quantity for row in case.served(frozenset(reason.lifted)).rows) == 24  # type: ignore[arg-type]
