"""Others give way at least cost: against the whole instance solved with a firm date; and the weight that follows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from models.baselines import priority_list
from models.calendar import calendar_of
from models.checker import check_plan
from models.plan import Made, Plan
from models.priority import priorities
from models.problem import ObjectivePolicy, Problem
from optimizer.valuing.asked import asked
from optimizer.valuing.linked import linked_items
from optimizer.valuing.on_time import on_time
from optimizer.valuing.weight_needed import LEVERS, lever, weight_with
from tests.builders import (
    a_need,
    a_recipient,
    a_weights_policy,
    an_item,
    an_order,
    bare_problem,
    day,
    to_need,
    to_order,
    with_row,
)
from tests.models.solved import TEXTBOOK, solved
from tests.strategies import problems
from tests.valuing.witnesses import holds, late_demands

SOME = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@SOME
@given(drawn=problems())
def test_least_against_the_whole_instance_with_a_firm_date(drawn: Problem) -> None:
    """Where nothing but orders asks and no case waits, nothing is held: the firm date costs what the slips say."""
    problem = replace(
        drawn, needs=(), packages=(), package_contents=(), pledges=(), offers=(), substitutes=(), approvals=(),
        package_policy=None, approval=None, commitments=(),
    )  # fmt: skip
    plan = priority_list(problem)
    assume(check_plan(problem, plan).passed)
    late = [d for d in late_demands(problem, plan) if not asked(problem, plan, d).obstacles()]
    assume(late)
    answer = on_time(problem, plan, late[0], "slips")
    holds(problem, plan, answer)
    about = asked(problem, plan, late[0])
    firm = with_row(problem, "orders", late[0], firm_by=calendar_of(problem).day(about.last))
    best = solved(firm, TEXTBOOK)
    if answer.witness is None:
        assert best.value is None
        return
    # the block is free to be better than the plan in hand, but other items keep their dispatches
    assert best.value is not None
    total = check_plan(problem, answer.witness.plan).terms.total
    assert total >= best.value - 1e-6 * max(1.0, best.value)
    linked = {row.item for row in problem.orders} <= linked_items(problem, [about.order.item])
    if linked:
        assert total == pytest.approx(best.value, rel=1e-6, abs=1e-6)
        assert answer.proven


def queue(**changes: object) -> tuple[Problem, Plan]:
    """One slot a week; POL (16) is served in week 0, CHE (4) in week 1, which is a week late for both dates."""
    problem = bare_problem(
        line_rates=tuple(replace(row, slots_per_week=1.0) for row in bare_problem().line_rates),
        recipients=(
            a_recipient("POL", defence_pct_gdp=3.5, ukraine_military_pct_gdp=1.0, strategic_role=1.0),
            a_recipient("CHE", defence_pct_gdp=1.75, ukraine_military_pct_gdp=0.0, strategic_role=1.0),
        ),
        weights=a_weights_policy(),
        orders=(
            an_order("POL-1", quantity=1, due_date=day(0)),
            an_order("CHE-1", recipient="CHE", quantity=1, due_date=day(0)),
        ),
        **changes,
    )
    plan = Plan(
        (to_order("POL-1", "missile", 1, 0), to_order("CHE-1", "missile", 1, 1)),
        made=(Made("missile_line", "missile", 0, 1), Made("missile_line", "missile", 1, 1)),
    )
    assert check_plan(problem, plan).passed
    return problem, plan


def test_who_slips_by_how_much() -> None:
    """A week of POL's missile costs 16 · 10; CHE's week saves 4 · 10."""
    problem, plan = queue()
    answer = on_time(problem, plan, "CHE-1", "slips")
    assert [(s.demand, s.weeks, s.units, s.delay) for s in answer.slips] == [("POL-1", 1.0, 0, 160.0)]
    assert (answer.cost_to_others, answer.cost_at_least, answer.own_delay) == pytest.approx((160.0, 160.0, 40.0))
    holds(problem, plan, answer)


def test_weight_and_levers() -> None:
    """CHE needs 16: the cap of defence gives 8, of support 8; neither alone suffices."""
    problem, plan = queue()
    answer = on_time(problem, plan, "CHE-1", "weight")
    assert answer.weight is not None
    assert (answer.weight.present, answer.weight.needed) == pytest.approx((4.0, 16.0))
    assert answer.weight.at_least == pytest.approx(16.0)
    assert [(x.name, x.present, x.needed, round(x.most, 9)) for x in answer.weight.levers] == [
        ("defence_pct_gdp", 1.75, None, 8.0),
        ("ukraine_military_pct_gdp", 0.0, None, 8.0),
    ]


def test_at_the_weight_that_is_needed_the_plan_is_no_worse() -> None:
    """POL at 4 · √2 is passed by CHE with 2.625 % of GDP for defence, or half a percent for Ukraine."""
    problem, plan = queue()
    poorer = a_recipient("POL", defence_pct_gdp=3.5, ukraine_military_pct_gdp=0.0, strategic_role=0.5)
    problem = replace(problem, recipients=(poorer, problem.recipients[1]))
    weight = priorities(problem)["POL"].weight
    answer = on_time(problem, plan, "CHE-1", "weight")
    assert answer.weight is not None
    assert answer.witness is not None
    assert answer.weight.needed == pytest.approx(weight)
    for one in answer.weight.levers:
        assert one.needed is not None
        better = with_row(problem, "recipients", "CHE", **{one.name: one.needed})
        assert priorities(better)["CHE"].weight == pytest.approx(answer.weight.needed)
        new, old = (check_plan(better, p).terms.total for p in (answer.witness.plan, plan))
        assert new == pytest.approx(old)
        less = with_row(problem, "recipients", "CHE", **{one.name: one.needed - 0.01})
        assert check_plan(less, answer.witness.plan).terms.total > check_plan(less, plan).terms.total


def test_a_need_asks_for_another_urgency() -> None:
    """Ukraine's need of urgency 5 (8 · 1) behind POL's missile (16): urgency 4 has just that weight."""
    problem, plan = queue()
    need = a_need("N", quantity=1, urgency=5, needed_by=day(0))
    problem = replace(problem, needs=(need,), orders=problem.orders[:1])
    plan = replace(plan, dispatches=(plan.dispatches[0], to_need("N", "missile", 1, (1, 1))))
    assert check_plan(problem, plan).passed
    answer = on_time(problem, plan, "N", "weight")
    assert answer.weight is not None
    assert (answer.weight.present, answer.weight.needed, answer.weight.urgency) == pytest.approx((8.0, 16.0, 4))
    assert answer.weight.levers == ()


def test_firm_dates_of_others_stay() -> None:
    problem, plan = queue()
    firm = with_row(problem, "orders", "POL-1", firm_by=day(0))
    answer = on_time(firm, plan, "CHE-1", "slips")
    assert (answer.state, [o.cause for o in answer.obstacles]) == ("not_enough", ["promises_of_others"])
    alone = with_row(problem, "orders", "CHE-1", quantity=2)
    plan = replace(plan, dispatches=plan.dispatches[:1])
    answer = on_time(alone, plan, "CHE-1", "slips")
    assert (answer.state, [o.cause for o in answer.obstacles]) == ("not_enough", ["not_even_alone"])


def test_a_stage_before_the_demands_own_is_never_made_up_for() -> None:
    """Lexicographic: a need that waits for the order's sake is worse at any weight of its recipient."""
    stages = ObjectivePolicy("lexicographic", ("needs_delay", "orders_delay"))
    problem, plan = queue(objective=stages)
    need = a_need("N", quantity=1, urgency=5, needed_by=day(0))
    problem = replace(problem, needs=(need,), orders=problem.orders[1:])
    plan = replace(plan, dispatches=(to_need("N", "missile", 1, (0, 0)), plan.dispatches[1]))
    assert check_plan(problem, plan).passed
    answer = on_time(problem, plan, "CHE-1", "slips")
    assert [s.demand for s in answer.slips] == ["N"]
    answer = on_time(problem, plan, "CHE-1", "weight")
    assert (answer.state, [o.cause for o in answer.obstacles]) == ("not_enough", ["earlier_stage"])


def test_other_items_stay_as_they_are() -> None:
    """A drone of another line is served late for no reason, and is not the block's matter."""
    problem, plan = queue()
    drone = an_item("drone", unit_price_usd_m=100.0)
    problem = replace(
        problem, items=(*problem.items, drone),
        orders=(*problem.orders, an_order("D", item="drone", quantity=1, due_date=day(0))),
    )  # fmt: skip
    answer = on_time(problem, plan, "CHE-1", "slips")
    assert [s.demand for s in answer.slips] == ["POL-1"]


@SOME
@given(
    share=st.floats(0.0, 1.0),
    level=st.sampled_from((None, 0.0, 1.0, 3.0, 5.0)),
    prior=st.sampled_from((None, 0.5, 2.5)),
    support=st.sampled_from((None, 0.0, 0.4, 2.0)),
)
def test_levers_are_the_inverse_of_the_weights(
    share: float, level: float | None, prior: float | None, support: float | None
) -> None:
    shares = {
        "defence_level": 0.35, "defence_trend": 0.1, "ukraine_support": 0.3, "strategic_role": 0.15,
        "economic_contribution": 0.1,
    }  # fmt: skip
    policy = a_weights_policy(shares=shares)
    recipient = a_recipient("POL", defence_pct_gdp=level, defence_pct_gdp_prior=prior, ukraine_military_pct_gdp=support)
    needed = policy.minimum * (policy.maximum / policy.minimum) ** share
    for name in LEVERS:
        found = lever(policy, recipient, name, needed)
        assert found.most == pytest.approx(weight_with(policy, recipient, name, 1000.0))
        if found.needed is None:
            assert found.most < needed
            continue
        assert weight_with(policy, recipient, name, found.needed) >= needed * (1 - 1e-6)
        assert found.needed >= (found.present or 0.0)
        if found.needed > (found.present or 0.0) + 1e-6:
            assert weight_with(policy, recipient, name, found.needed - 1e-6) < needed
