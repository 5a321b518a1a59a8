"""First in, first out: where units that leave the pool come from."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import HealthCheck, given, settings

from models.baselines import priority_list
from models.checker import check_plan
from models.plan import POOL, Made, Plan
from models.problem import Line, LineItem, Problem, Receipt, Stock
from optimizer.explaining.drawn import Drawn, origins
from optimizer.explaining.facts import facts_of
from tests.builders import an_order, bare_problem, day, to_order
from tests.strategies import problems

FAST = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def test_stock_before_receipts_before_lines_in_their_order() -> None:
    problem = bare_problem(
        orders=(an_order("A", quantity=5), an_order("B", quantity=2)),
        lines=(Line("second", "second"), Line("first", "first")),
        line_rates=(),
        line_items=(LineItem("first", "missile", 1), LineItem("second", "missile", 1)),
        stocks=(Stock("missile", 1),),
        receipts=(Receipt("missile", day(1), 1),),
    )
    plan = Plan(
        dispatches=(to_order("B", "missile", 2, 2), to_order("A", "missile", 4, 1), to_order("A", "missile", 1, 2)),
        made=(Made("first", "missile", 1, 2), Made("second", "missile", 1, 1), Made("first", "missile", 2, 4)),
    )
    found = origins(plan, facts_of(problem, plan))
    a, b = ("order", "A"), ("order", "B")
    assert found.drawn == (
        Drawn("missile", "stock", "", -1, a, 1, 1),
        Drawn("missile", "receipt", "", 1, a, 1, 1),
        Drawn("missile", "line", "first", 1, a, 1, 2),
        Drawn("missile", "line", "second", 1, a, 2, 1),
        Drawn("missile", "line", "first", 2, b, 2, 2),
    )
    assert found.kept == {("first", "missile"): 2}


def test_what_leaves_though_it_is_not_there_has_no_source() -> None:
    problem = bare_problem(orders=(an_order("A"),))
    plan = Plan(dispatches=(to_order("A", "missile", 2, 0),))
    assert origins(plan, facts_of(problem, plan)).drawn == ()


@given(problems())
@FAST
def test_what_is_drawn_is_what_is_sent_and_what_is_made_is_drawn_or_kept(problem: Problem) -> None:
    plan = priority_list(problem)
    if not check_plan(problem, plan).passed:
        return
    found = origins(plan, facts_of(problem, plan))
    drawn, from_line = defaultdict[object, int](int), defaultdict[object, int](int)
    for row in found.drawn:
        drawn[row.key, row.item, row.period] += row.units
        if row.source == "line":
            from_line[row.line, row.item] += row.units
    sent, made = defaultdict[object, int](int), defaultdict[object, int](int)
    for dispatch in plan.dispatches:
        if dispatch.origin == POOL and dispatch.quantity:
            sent[(dispatch.kind, dispatch.demand), dispatch.item, dispatch.period] += dispatch.quantity
    for batch in plan.made:
        made[batch.line, batch.item] += batch.quantity
    assert drawn == sent
    for key in made.keys() | from_line.keys():
        assert from_line[key] + found.kept.get(key, 0) == made[key]  # type: ignore[call-overload]
    assert all(row.since <= row.period for row in found.drawn)
