"""Approvals by spans, offers linked need by need, lanes that can bind: exact, and tighter or smaller as they say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.build import compile_model
from models.checker import check_plan
from models.formulation import Formulation
from models.plan import ApprovedCase, Plan
from models.problem import Approval, ApprovalPolicy, DeliveryPolicy, Lane, Problem, Site, Stock
from tests.builders import START, a_need, an_item, an_offer, an_order, bare_problem, day, small_problem
from tests.models.rule_cases import four_weeks, one_order
from tests.models.solved import SLOTS, TEXTBOOK, lp_bound, solved
from tests.models.test_agree import assert_agrees
from tests.strategies import problems

drawn = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
CHOICES = [
    ("approval", "intervals"),
    ("approval", "covers"),
    ("offers", "disaggregated"),
    ("lanes", "binding"),
]


def swapped(base: Formulation, part: str, choice: str) -> Formulation:
    """The base with one choice replaced."""
    return replace(base, name=f"{base.name} with {choice}", **{part: choice})


@pytest.mark.parametrize("base", [SLOTS, TEXTBOOK], ids=lambda f: f.name)
@pytest.mark.parametrize(("part", "choice"), CHOICES)
@given(problem=problems())
@settings(drawn, max_examples=12)
def test_each_agrees(base: Formulation, part: str, choice: str, problem: Problem) -> None:
    value = solved(problem, TEXTBOOK if base is SLOTS else SLOTS).value
    assert_agrees(problem, swapped(base, part, choice), value)


# --- approvals ---


@st.composite
def reviews(draw: st.DrawFn) -> tuple[Problem, dict[str, int]]:
    """Cases of one order each with a period of approval for some of them; five weeks, one or two reviewers."""
    cases = [f"C{k}" for k in range(draw(st.integers(1, 5)))]
    rows = tuple(
        Approval(case, day(draw(st.integers(-1, 3))), draw(st.sampled_from([1.0, 0.5, 2.0, 3.0, 0.7, 0.0])))
        for case in cases
    )
    orders = tuple(an_order(f"O-{case}", case=case, quantity=1) for case in cases)
    policy = ApprovalPolicy(draw(st.sampled_from([1.0, 2.0, 1.5])), 0, 100.0, 1.0)
    problem = bare_problem(periods=((5, 1),), orders=orders, approvals=rows, approval=policy)
    when = {case: draw(st.integers(0, 4)) for case in cases if draw(st.booleans())}
    return problem, when


def keeps(problem: Problem, when: dict[str, int], choice: str) -> bool:
    """Whether approvals in these periods keep bounds and rows of the block."""
    matrix = compile_model(problem, swapped(SLOTS, "approval", choice)).matrix
    of = matrix.column_of
    if any(("is_approved", (case, t)) not in of for case, t in when.items()):
        return False
    x = np.zeros(matrix.shape[1])
    for (kind, key), j in of.items():
        x[j] = kind == "is_approved" and key[1] >= when.get(key[0], 99)
    rows = np.isin(matrix.rules, ["review_capacity", "review_rounded"])
    return bool(((matrix.A @ x)[rows] <= matrix.row_upper[rows] + 1e-9).all())


@pytest.mark.parametrize("choice", ["intervals", "covers"])
@given(drawing=reviews())
@settings(drawn, max_examples=60)
def test_spans_say_what_the_earliest_deadline_first_finds(choice: str, drawing: tuple[Problem, dict[str, int]]) -> None:
    """The checker schedules the work; the rows only add it up. Columns that no cost or row asks for are not built."""
    problem, when = drawing
    due = replace(problem, orders=tuple(replace(order, due_date=START) for order in problem.orders))
    verdict = check_plan(due, Plan(approvals=tuple(ApprovedCase(case, t) for case, t in when.items())))
    assert keeps(due, when, choice) == verdict.passed, verdict.violations


def two_cases(choice: str) -> float:
    """Relaxation for two orders whose cases take three weeks each, of five weeks of review."""
    policy = ApprovalPolicy(1.0, 0, 100.0, 1.0)
    orders = (one_order("O-a"), one_order("O-b"))
    problem = bare_problem(
        periods=((5, 1),),
        orders=orders,
        stocks=(Stock("missile", 2),),
        approval=policy,
        approvals=tuple(Approval(f"case of {order.order}", START, 3.0) for order in orders),
    )
    bound = lp_bound(compile_model(problem, swapped(SLOTS, "approval", choice)))
    assert bound is not None
    return bound


def test_covers_are_tighter_where_few_cases_fit() -> None:
    monotone, intervals, covers = two_cases("monotone"), two_cases("intervals"), two_cases("covers")
    assert monotone == pytest.approx(intervals)
    assert covers > intervals + 1


def test_spans_need_no_work_by_period() -> None:
    kinds = compile_model(small_problem(), swapped(SLOTS, "approval", "intervals")).matrix.kinds
    assert "is_approved" in kinds
    assert not {"reviewed", "review"} & set(kinds)


# --- offers ---


def gift(**changes: Any) -> Problem:
    """Six missiles offered, one radar in return that an order waits for too; a need of two missiles."""
    offer = an_offer(
        "V", item="missile", quantity=6, available_on=START, replacement_item="radar", replacement_quantity=1
    )
    defaults: dict[str, Any] = {
        "needs": (a_need("N", quantity=2, needed_by=START),),
        "orders": (one_order("O", item="radar", weight_multiplier=3.0),),
        "offers": (offer,),
        "stocks": (Stock("radar", 1),),
    }
    return four_weeks(**(defaults | changes))


def test_disaggregated_offers_are_tighter_where_an_offer_is_larger_than_a_need() -> None:
    late, linked = (compile_model(gift(), swapped(SLOTS, "offers", choice)) for choice in ("late", "disaggregated"))
    low, high = lp_bound(late), lp_bound(linked)
    assert low is not None
    assert high is not None
    assert high > low + 1
    assert high == pytest.approx(200), "the optimum: nothing is given, the order has its radar"
    assert ("is_accepted", ("V",)) in linked.matrix.column_of
    assert "replaced" not in linked.matrix.kinds


def test_the_replacement_of_an_accepted_offer_is_dispatched() -> None:
    problem = gift(orders=())
    found = solved(problem, swapped(SLOTS, "offers", "disaggregated"))
    assert found.value == pytest.approx(0)
    rows = [row for row in found.plan.dispatches if row.kind == "replacement"]
    assert [(row.demand, row.item, row.quantity) for row in rows] == [("V", "radar", 1)]
    assert check_plan(problem, found.plan).violations == ()


def test_an_offer_that_cannot_be_replaced_is_not_accepted() -> None:
    problem = gift(orders=(), stocks=())
    assert solved(problem, swapped(SLOTS, "offers", "disaggregated")).value == pytest.approx(200)


# --- lanes ---


def test_lanes_that_nothing_can_fill_have_no_row() -> None:
    problem = small_problem()
    before, after = (
        compile_model(problem, swapped(SLOTS, "lanes", choice)).matrix for choice in ("rounded", "binding")
    )
    wide = replace(problem, lanes=tuple(replace(lane, tonnes_per_week=1e5) for lane in problem.lanes))
    none = compile_model(wide, swapped(SLOTS, "lanes", "binding")).matrix
    assert "lane_capacity" in compile_model(wide, SLOTS).matrix.rules
    assert "lane_capacity" not in none.rules
    assert "lane_rounded" not in none.rules
    assert set(after.row_keys) <= set(before.row_keys)
    assert "lane_capacity" in after.rules


def test_what_has_not_been_made_fills_no_lane() -> None:
    """Two missiles on hand of one tonne, nothing made: a lane of two tonnes cannot bind, one of one tonne can."""

    def rows(tonnes: float) -> set[str]:
        problem = four_weeks(
            items=(an_item(tonnes=1.0), an_item("radar")),
            needs=(a_need(quantity=9, needed_by=START),),
            stocks=(Stock("missile", 2),),
            sites=(Site("plant", "plant"), Site("dest", "dest")),
            lanes=(Lane("road", "plant", "dest", 0, tonnes),),
            delivery=DeliveryPolicy("plant", "dest", 1, 1),
        )
        return set(compile_model(problem, swapped(SLOTS, "lanes", "binding")).matrix.rules)

    assert "lane_capacity" not in rows(2.0)
    assert "lane_capacity" in rows(1.5)
