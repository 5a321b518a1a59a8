"""Demand as totals by period, and in classes that are merged and pegged: one optimum, plans of the asked demands."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from models.blocks.demand_classes import merge
from models.build import compile_model
from models.catalog import FORMULATIONS
from models.checker import check_plan
from models.facts import Facts
from models.formulation import Formulation
from models.plan import Content, Plan
from models.problem import (
    Approval,
    ApprovalPolicy,
    Commitment,
    PackagesPolicy,
    Problem,
    Receipt,
    StabilityPolicy,
    Stock,
)
from optimizer.solving.highs import run
from optimizer.solving.program import program_of
from optimizer.solving.search import start_vector
from tests.builders import (
    START,
    a_need,
    a_pledge,
    a_weights_policy,
    an_order,
    bare_problem,
    day,
    small_plan,
    small_problem,
)
from tests.models.solved import LIMITS, SLOTS, TEXTBOOK, solved
from tests.models.test_agree import assert_agrees
from tests.strategies import problems

drawn = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
CUMULATIVE, CLASSES = FORMULATIONS["cumulative"], FORMULATIONS["classes"]
TOTALS = [
    CUMULATIVE,
    replace(SLOTS, name="slots, cumulative demand", demand="cumulative"),
    replace(SLOTS, name="slots, supply as totals", supply="totals"),
    replace(CUMULATIVE, name="cumulative, integer", units="integer"),
    replace(TEXTBOOK, name="textbook in totals", demand="cumulative", supply="totals"),
]
CHANGE = StabilityPolicy(0, 0.0, 1.0)


@pytest.mark.parametrize("formulation", TOTALS, ids=lambda f: f.name)
@given(problem=problems())
@settings(drawn, max_examples=12)
def test_totals_agree(formulation: Formulation, problem: Problem) -> None:
    assert_agrees(problem, formulation, solved(problem, SLOTS if formulation.orders == "literal" else TEXTBOOK).value)


def test_totals_take_the_place_of_steps() -> None:
    kinds = set(compile_model(small_problem(), CUMULATIVE).matrix.kinds)
    assert {"delivered", "served", "produced"} <= kinds
    assert not {"dispatched", "sent", "made"} & kinds


def test_what_left_by_a_period_is_one_term() -> None:
    """Stock at the end of a period against totals: no other period stands in the row."""
    matrix = compile_model(bare_problem(orders=(an_order(due_date=START),)), CUMULATIVE).matrix
    for r in np.flatnonzero(matrix.rules == "stock_balance"):
        columns = matrix.A.indices[matrix.A.indptr[r] : matrix.A.indptr[r + 1]]
        assert {matrix.column_keys[j][-1] for j in columns} == {matrix.row_keys[r][-1]}
        assert {str(matrix.kinds[j]) for j in columns} == {"stock", "produced", "delivered"}


@pytest.mark.parametrize("units", ["integer", "continuous"])
def test_a_plan_is_a_start_in_totals(units: str) -> None:
    built = compile_model(small_problem(), replace(CUMULATIVE, units=units))
    start = built.start(small_plan())
    if units == "integer":
        delivered = {
            key: start[j] for (kind, key), j in built.matrix.column_of.items() if kind == "served" and j in start
        }
        assert any(value > 0 for value in delivered.values())
    x, mask = start_vector(built, start)
    program = program_of(built.matrix)
    assert run(program.fixed(mask & program.whole, x), LIMITS).x is not None


# --- classes ---


def split(problem: Problem) -> Problem:
    """The problem with every order and need in two parts that nothing tells apart (where nothing names it)."""
    named = {row.demand for row in problem.commitments} | {row.need for row in problem.package_contents}
    orders = [
        part
        for row in problem.orders
        for part in (
            [replace(row, quantity=1), replace(row, order=f"{row.order}-rest", quantity=row.quantity - 1)]
            if row.quantity > 1 and row.delivery == "each" and row.order not in named
            else [row]
        )
    ]
    needs = [
        part
        for row in problem.needs
        for part in (
            [replace(row, quantity=1), replace(row, need=f"{row.need}-rest", quantity=row.quantity - 1)]
            if row.quantity > 1 and row.need not in named
            else [row]
        )
    ]
    return replace(problem, orders=tuple(orders), needs=tuple(needs))


@given(problem=problems().map(split))
@settings(drawn, max_examples=40)
def test_classes_agree_and_merge_what_was_split(problem: Problem) -> None:
    merged = merge(Facts(problem))
    parts = [row.order for row in problem.orders] + [row.need for row in problem.needs]
    assert all(f"{name}-rest" not in merged.facts.orders.keys() | merged.facts.needs.keys() for name in parts)
    assert_agrees(problem, CLASSES, solved(problem, TEXTBOOK).value)


@given(problem=problems().map(split))
@settings(drawn, max_examples=10)
def test_classes_agree_in_textbook(problem: Problem) -> None:
    assert_agrees(
        problem, replace(TEXTBOOK, name="textbook in classes", demand="classes"), solved(problem, SLOTS).value
    )


@given(problem=problems().map(split))
@settings(drawn, max_examples=15)
def test_to_the_model_and_back_is_worth_the_same(problem: Problem) -> None:
    found = solved(problem, SLOTS)
    if found.value is not None:
        merged, plan = merge(Facts(problem)), found.plan
        there = merged.to_model(plan)
        assert check_plan(merged.facts.problem, there).violations == ()
        back = check_plan(problem, merged.to_answer(there))
        assert back.violations == ()
        assert back.terms.total == pytest.approx(check_plan(problem, plan).terms.total)
        assert merged.to_model(merged.to_answer(there)) == there


PAIR = (an_order("O-1", quantity=2), an_order("O-2", quantity=3))
APPROVAL = {"approval": ApprovalPolicy(1.0, 0, 100.0, 1.0)}


@pytest.mark.parametrize(
    ("changes", "more"),
    [
        ({}, {}),
        ({"placed_on": day(-9), "case": "another"}, {}),
        ({"due_date": day(2, 3)}, {}),
    ],
)
def test_orders_that_nothing_tells_apart_merge(changes: dict[str, object], more: dict[str, object]) -> None:
    problem = bare_problem(orders=(PAIR[0], replace(PAIR[1], **changes)), **more)
    assert [(o.order, o.quantity) for o in merge(Facts(problem)).facts.problem.orders] == [("O-1", 5)]


@pytest.mark.parametrize(
    ("changes", "more"),
    [
        ({"due_date": day(3)}, {}),
        ({"delivery": "complete"}, {}),
        ({"weight_multiplier": 2.0}, {}),
        ({"earliest_date": day(4)}, {}),
        ({"firm_by": day(7)}, {}),
        ({}, {"commitments": (Commitment("O-2", "missile", day(3), 1),), "stability": CHANGE}),
        ({}, {"approvals": (Approval("case of O-2", START, 1.0),), **APPROVAL}),
        ({}, {"approvals": tuple(Approval(f"case of {o.order}", START, 1.0) for o in PAIR), **APPROVAL}),
    ],
)
def test_orders_that_differ_stay_apart(changes: dict[str, object], more: dict[str, object]) -> None:
    problem = bare_problem(orders=(PAIR[0], replace(PAIR[1], **changes)), **more)
    assert len(merge(Facts(problem)).facts.problem.orders) == 2


def test_orders_of_one_case_wait_together() -> None:
    orders = tuple(replace(order, case="case") for order in PAIR)
    problem = bare_problem(orders=orders, approvals=(Approval("case", START, 1.0),), **APPROVAL)
    assert len(merge(Facts(problem)).facts.problem.orders) == 1


@pytest.mark.parametrize("changes", [{"urgency": 2}, {"needed_by": day(4)}, {"expires_on": day(5)}])
def test_needs_that_differ_stay_apart(changes: dict[str, object]) -> None:
    needs = (a_need("N-1", quantity=2), replace(a_need("N-2"), **changes))
    problem = bare_problem(needs=needs, weights=a_weights_policy())
    assert len(merge(Facts(problem)).facts.problem.needs) == 2


def packaged() -> Problem:
    """Two needs alike of two missiles each, one that comes at once and three in week 2; money for two packages."""
    return bare_problem(
        periods=((4, 1),),
        lines=(),
        line_rates=(),
        line_items=(),
        needs=(a_need("N-1", quantity=2, needed_by=START), a_need("N-2", quantity=2, needed_by=START)),
        stocks=(Stock("missile", 1),),
        receipts=(Receipt("missile", day(2), 3),),
        pledges=(a_pledge("G-now", amount_usd_m=10.0), a_pledge("G-then", amount_usd_m=30.0, available_on=day(1))),
        package_policy=PackagesPolicy(20.0, 0.5, 2, 9, 0.0, 0),
    )


def test_content_goes_to_those_whose_units_leave_then() -> None:
    problem = packaged()
    found = solved(problem, CLASSES)
    assert found.value == pytest.approx(solved(problem, TEXTBOOK).value)
    plan = found.plan
    assert check_plan(problem, plan).violations == ()
    assert {row.demand for row in plan.dispatches} == {"N-1", "N-2"}
    assert len(plan.releases) == 2
    assert exchanged(plan) != plan
    assert check_plan(problem, exchanged(plan)).violations, "content of the wrong need would not have been noticed"


def exchanged(plan: Plan) -> Plan:
    """The plan with the contents of the two needs exchanged."""
    other = {"N-1": "N-2", "N-2": "N-1"}
    contents = tuple(Content(row.package, other[row.need], row.quantity) for row in plan.contents)
    return replace(plan, contents=contents)
