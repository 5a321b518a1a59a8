"""Why a sales case waits: any of its orders that would come sooner counts, and review is told to the half week."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from models.plan import ApprovedCase, Made, Plan
from models.problem import Approval, ApprovalPolicy, Problem
from optimizer.explaining.facts import facts_of
from optimizer.explaining.reasons import Reason
from optimizer.explaining.why_others import Others
from optimizer.reporting.explanation_words import Words
from tests.builders import a_recipient, an_order, bare_problem, day, to_order

REVIEW = ApprovalPolicy(1.0, processing_weeks=0, fast_track_pct_gdp=3.5, fast_track_factor=0.5)


def waiting(*orders: dict[str, Any], **changes: Any) -> Problem:
    """Case C, whose orders O-0, O-1 … wait for reviewers; another case B goes through before it."""
    found = [an_order(f"O-{at}", case="C", quantity=1, due_date=day(0), **order) for at, order in enumerate(orders)]
    return bare_problem(
        orders=(*found, an_order("B-1", case="B", quantity=1)),
        approvals=(Approval("C", day(0), 1.0), Approval("B", day(0), 2.5)),
        approval=REVIEW,
        **changes,
    )


def busy(problem: Problem, plan: Plan) -> Reason:
    """What is said of case C."""
    (reason,) = facts_of(problem, plan).explanations["case", "C"].reasons
    assert reason.code == "reviewers_busy"
    return reason


def test_a_case_is_held_up_if_any_of_its_orders_would_come_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which order is asked first must not matter: here only the second is said to come sooner."""
    problem = waiting({}, {})
    plan = Plan(approvals=(ApprovedCase("B", 2), ApprovedCase("C", 7)))
    assert busy(problem, plan).standing == "alone"
    for names, standing in (({"O-1"}, "alone"), (set(), "contributing")):
        monkeypatch.setattr(Others, "_sooner_helps", lambda _, order, __, names=names: order.order in names)
        assert busy(problem, plan).standing == standing


def test_half_a_week_of_review_is_not_nothing() -> None:
    """B takes 2.5 weeks of review; on the fast track half of a week is left of one."""
    problem = waiting({})
    plan = Plan(approvals=(ApprovedCase("B", 2), ApprovedCase("C", 3)))
    assert [one.units for one in busy(problem, plan).holders] == [2.5]
    quick = replace(
        problem,
        recipients=(*problem.recipients, a_recipient("DEU", defence_pct_gdp=3.6)),
        orders=(*problem.orders[:-1], replace(problem.orders[-1], recipient="DEU")),
        approvals=(problem.approvals[0], Approval("B", day(0), 1.0)),
    )
    reason = busy(quick, plan)
    assert [one.units for one in reason.holders] == [0.5]
    facts = facts_of(quick, plan)
    words, said = Words(quick, facts), facts.explanations["case", "C"]
    assert "0.5 weeks of review" in words.sentence(said, reason)
    assert words.as_dict(said, reason)["holders"][0]["units"] == 0.5


def test_units_of_competitors_stay_whole() -> None:
    problem = bare_problem(orders=(an_order("D", due_date=day(0)), an_order("E", quantity=24)))
    made = tuple(Made("missile_line", "missile", t, 3) for t in range(8))
    facts = facts_of(problem, Plan(made=made, dispatches=(to_order("E", "missile", 24, 7),)))
    said = facts.explanations["order", "D"]
    (holder,) = said.reasons[0].holders
    assert holder.units == 24
    assert isinstance(holder.units, int)
    assert "24 missile" in Words(problem, facts).sentence(said, said.reasons[0])
