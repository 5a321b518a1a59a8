"""The values from the linear program: known by hand, never negative, and whose they are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from models.checker import check_plan
from models.plan import Made, Plan
from models.problem import Component, ComponentRate, ItemComponent, Lane, Stock
from optimizer.explaining.values import KINDS, Gain, Resource
from optimizer.valuing import fast as module
from optimizer.valuing.fast import NotAllowedError, fast_values
from optimizer.valuing.held import completions_held, held_model
from optimizer.valuing.moved_rows import Step
from tests.builders import START, an_order, bare_problem, day, small_plan, small_problem, to_order, with_policy
from tests.strategies import problems
from tests.valuing.worth import fast, listed, of

ORDERS = (an_order(quantity=4, due_date=START), an_order("O-two", quantity=2, due_date=day(1)))
PLAN = Plan(
    dispatches=(
        to_order("O-each", "missile", 3, 0),
        to_order("O-each", "missile", 1, 1),
        to_order("O-two", "missile", 2, 1),
    ),
    made=(Made("missile_line", "missile", 0, 3), Made("missile_line", "missile", 1, 3)),
)


def test_a_slot_before_the_queue_is_worth_the_week_it_saves() -> None:
    """Three slots a week, four missiles due at once: one waits a week, 10 million USD at a weight of 1."""
    found = fast(bare_problem(orders=ORDERS), PLAN)
    assert [(v.entity, v.period, v.date, v.value) for v in found.of("slot")] == [("missile_line", 0, START, 10.0)]
    assert found.values[0].gains == (Gain("O-each", "order", "POL", 1.0, 10.0),)
    assert found.base == pytest.approx(10.0)


def test_the_dual_alone_would_say_too_much() -> None:
    """Two units wait, each a week; one more slot helps one of them, two more both, a third nobody."""
    orders = (an_order(quantity=4, due_date=START),)
    plan = Plan(
        dispatches=(to_order("O-each", "missile", 3, 0), to_order("O-each", "missile", 1, 7)),
        made=(Made("missile_line", "missile", 0, 3), Made("missile_line", "missile", 7, 1)),
    )
    (one,) = fast(bare_problem(orders=orders), plan).of("slot")
    assert one.value == 10.0  # beside the best plan with the decisions held, not beside the idle week
    assert one.slope is not None
    assert one.slope >= one.value


def test_a_component_that_is_short() -> None:
    """Slots enough, seekers for three: the fourth missile waits a week for one."""
    problem = bare_problem(
        orders=(an_order(quantity=4, due_date=START),),
        components=(Component("seeker", 0),),
        component_rates=(ComponentRate("seeker", START, 3.0),),
        item_components=(ItemComponent("missile", "seeker", 1),),
        line_rates=(replace(bare_problem().line_rates[0], slots_per_week=9.0),),
    )
    plan = Plan(PLAN.dispatches[:2], (Made("missile_line", "missile", 0, 3), Made("missile_line", "missile", 1, 1)))
    found = fast(problem, plan)
    assert [(v.kind, v.period, v.value) for v in found.values] == [("component", 0, 10.0)]


def test_a_floor_that_keeps_a_unit_back() -> None:
    problem = bare_problem(orders=ORDERS, stocks=(Stock("missile", 2, 2),))
    (floor,) = fast(problem, PLAN).of("floor")
    assert (floor.entity, floor.period, floor.date, floor.value) == ("missile", None, None, 10.0)


def test_a_floor_above_the_stock_costs_less_of_itself() -> None:
    """The stock may not fall further, and one unit less to keep is one unit less short: 4 a week for eight weeks."""
    problem = with_policy(small_problem(), "readiness")  # the policy is there
    problem = replace(
        bare_problem(orders=ORDERS, stocks=(Stock("missile", 2, 500),)), readiness=problem.readiness
    )  # more than the line can turn out
    (floor,) = fast(problem, PLAN).of("floor")
    assert floor.value == pytest.approx(4.0 * 10.0 * 8)
    assert [(gain.demand, gain.kind, gain.weeks) for gain in floor.gains] == [("missile", "stock", 0.0)]


def test_every_kind_in_the_instance_with_every_feature() -> None:
    problem, plan = small_problem(), small_plan()
    found = fast(problem, plan)
    assert found.base is not None
    assert found.base <= check_plan(problem, plan).terms.total + 1e-6
    assert {one.kind for one in found.values} <= set(KINDS)
    assert found.values


def test_a_week_of_review_frees_the_orders_behind_it() -> None:
    """With half the reviewers the second case is approved two weeks later; a week of review more brings it forward."""
    orders = tuple(an_order(f"O-{k}", case=f"C-{k}", quantity=1, due_date=START) for k in (1, 2))
    full = small_problem()
    problem = bare_problem(
        orders=orders,
        approvals=tuple(
            replace(full.approvals[0], case=f"C-{k}", submitted_on=START, review_weeks=2.0) for k in (1, 2)
        ),
    )
    assert full.approval is not None
    problem = replace(problem, approval=replace(full.approval, review_weeks_per_week=1.0, processing_weeks=0))
    plan = listed(problem)
    assert plan is not None
    found = fast(problem, plan)
    # two weeks of work each: approved in weeks 1 and 3; a week more in week 0: in weeks 0 and 2
    assert of(found, Resource("reviewer", "", 0)) == pytest.approx(20.0)
    assert of(found, Resource("reviewer", "", 2)) == pytest.approx(10.0)
    assert of(found, Resource("reviewer", "", 5)) == 0.0


def test_nothing_asked_for_is_worth_nothing() -> None:
    assert fast(bare_problem(), Plan()).values == ()
    assert fast(bare_problem(lines=(), line_rates=(), line_items=(), orders=ORDERS), Plan()).values == ()


def test_a_line_without_slots_may_get_its_first() -> None:
    problem = bare_problem(orders=(an_order(quantity=1, due_date=START),), line_rates=())
    found = fast(problem, Plan())
    assert of(found, Resource("slot", "missile_line", 0)) == pytest.approx(10.0 * (8 + 13))
    assert of(found, Resource("slot", "missile_line", 3)) == pytest.approx(10.0 * (8 + 13 - 3))


def test_a_lane_that_is_full() -> None:
    problem, plan = small_problem(), small_plan()
    narrow = replace(problem, lanes=tuple(replace(x, tonnes_per_week=x.tonnes_per_week) for x in problem.lanes))
    assert any(isinstance(lane, Lane) for lane in narrow.lanes)
    values = fast(narrow, plan)
    assert all(one.value > 0 for one in values.of("lane"))


def test_a_plan_that_breaks_a_rule_is_refused() -> None:
    with pytest.raises(NotAllowedError):
        fast_values(bare_problem(orders=ORDERS), replace(PLAN, made=()), seconds=5)


def test_time_that_is_over_is_said() -> None:
    found = fast_values(bare_problem(orders=ORDERS), PLAN, seconds=0)
    assert not found.complete
    assert found.values == ()
    assert found.messages


def test_a_step_of_nothing_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutation: rows that do not move give no value, so the values above come from the unit more alone."""

    def still(model: object) -> dict[Resource, tuple[Step, ...]]:
        return {what: tuple(replace(s, lower=1e-9, upper=1e-9) for s in rows) for what, rows in real(model).items()}  # type: ignore[arg-type]

    real = module.steps
    monkeypatch.setattr(module, "steps", still)
    assert fast(bare_problem(orders=ORDERS), PLAN).of("slot") == ()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(problems())
def test_what_holds_for_every_instance(problem: object) -> None:
    """Never negative, no more than the dual, gains add up, the base is no worse than the plan."""
    plan = listed(problem)  # type: ignore[arg-type]
    if plan is None:
        return
    found = fast(problem, plan)  # type: ignore[arg-type]
    worth = check_plan(problem, plan).terms.total  # type: ignore[arg-type]
    assert found.base is not None
    assert found.base <= worth + 1e-6 * max(1.0, worth)
    for one in found.values:
        assert one.value > 0
        assert one.low == one.value == one.high
        assert one.slope is None or one.value <= one.slope + 1e-6
        assert sum(gain.value for gain in one.gains) == pytest.approx(one.value, abs=1e-5)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(problems())
def test_the_plan_is_a_solution_of_its_own_program(problem: object) -> None:
    """With units whole as well, the program with decisions held reaches what the plan is worth, or better."""
    plan = listed(problem)  # type: ignore[arg-type]
    if plan is None:
        return
    model = held_model(problem, plan)  # type: ignore[arg-type]
    program = completions_held(model)
    assert (program.lower <= program.upper + 1e-9).all()
