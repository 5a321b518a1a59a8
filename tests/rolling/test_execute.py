"""The recourse rule, clause by clause: what it does, and what it leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.baselines import list_plan
from models.checker import check_plan
from models.plan import Made, Plan
from models.problem import (
    Component,
    ComponentRate,
    DeliveryPolicy,
    ItemComponent,
    Lane,
    LineItem,
    LineRate,
    Problem,
    Site,
    Stock,
)
from optimizer.rolling.execute import Execution, execute, execute_in
from optimizer.scenarios.disturbances import NOTHING, Drawn, LineSlip
from tests.builders import (
    START,
    a_need,
    a_recipient,
    a_weights_policy,
    an_item,
    an_offer,
    an_order,
    as_replacement,
    bare_problem,
    day,
    small_plan,
    small_problem,
    to_need,
    to_order,
    with_row,
    without_row,
)
from tests.rolling.worlds import canonical

LINE = "missile_line"


def made(*rows: tuple[int, int], item: str = "missile") -> tuple[Made, ...]:
    """Units made by (period, quantity)."""
    return tuple(Made(LINE, item, period, quantity) for period, quantity in rows)


def slots(problem: Problem, *steps: tuple[int, float]) -> Problem:
    """The problem with the line's rate by (week, slots a week)."""
    return replace(problem, line_rates=tuple(LineRate(LINE, day(week), rate) for week, rate in steps))


def run(problem: Problem, plan: Plan, world: Problem) -> Execution:
    """Executes a plan that must be legal, and lets the checker judge what was executed."""
    assert check_plan(problem, plan).violations == ()
    found = execute_in(problem, plan, world)
    verdict = check_plan(world, found.plan)
    assert {(row.rule, row.index[0]) for row in verdict.violations} == found.broken_rules
    assert found.terms.total == pytest.approx(verdict.terms.total)
    return found


def sent(found: Execution, demand: str) -> dict[int, int]:
    """Units by the period in which they leave."""
    return {row.period: row.quantity for row in found.plan.dispatches if row.demand == demand}


def output(found: Execution) -> dict[int, int]:
    """Units made, by period."""
    return {row.period: row.quantity for row in found.plan.made}


ONE = bare_problem(orders=(an_order(quantity=3),))
ONE_PLAN = Plan(dispatches=(to_order("O-each", "missile", 3, 1),), made=made((1, 3)))


def test_nothing_drawn_is_the_plan_itself() -> None:
    problem, plan = small_problem(), small_plan()
    found = execute(problem, plan, NOTHING)
    assert canonical(found.plan) == canonical(plan)
    assert (found.problem, found.broken) == (problem, ())
    assert found.terms == check_plan(problem, plan).terms
    assert found.delay == found.terms.needs_delay + found.terms.orders_delay


def test_a_draw_of_a_scenario_is_executed_in_the_instance_that_it_makes() -> None:
    drawn = Drawn("slips", 1, line_slips=(LineSlip(LINE, day(1), day(2), 0.0, day(1)),))
    assert sent(execute(ONE, ONE_PLAN, drawn), "O-each") == {2: 3}


def test_what_a_line_does_not_make_it_makes_with_the_slots_that_the_plan_left_unused() -> None:
    found = run(ONE, ONE_PLAN, slots(ONE, (0, 3), (1, 2)))
    assert output(found) == {1: 2, 2: 1}
    assert sent(found, "O-each") == {1: 2, 2: 1}
    assert [(row.demand, row.delivered, row.later) for row in found.demands] == [("O-each", 3, pytest.approx(1 / 3))]


def test_more_slots_than_the_plan_uses_make_nothing_earlier_and_nothing_more() -> None:
    found = run(ONE, ONE_PLAN, slots(ONE, (0, 9)))
    assert canonical(found.plan) == canonical(ONE_PLAN)


def test_what_is_left_over_of_the_oldest_period_is_made_first() -> None:
    problem = bare_problem(
        items=(an_item(), an_item("radar")),
        line_items=(LineItem(LINE, "missile", 1), LineItem(LINE, "radar", 1)),
        orders=(an_order("early", quantity=3), an_order("late", item="radar", quantity=3)),
    )
    plan = Plan(
        dispatches=(to_order("early", "missile", 3, 0), to_order("late", "radar", 3, 1)),
        made=(*made((0, 3)), *made((1, 3), item="radar")),
    )
    found = run(problem, plan, slots(problem, (0, 1), (1, 3)))
    assert sent(found, "early") == {0: 1, 1: 2}
    assert sent(found, "late") == {1: 1, 2: 2}


def test_of_one_period_the_item_that_is_sent_next_is_made_first() -> None:
    problem = bare_problem(
        items=(an_item(), an_item("radar")),
        line_items=(LineItem(LINE, "missile", 1), LineItem(LINE, "radar", 1)),
        orders=(an_order("soon", item="radar", quantity=1), an_order("later", quantity=2)),
    )
    plan = Plan(
        dispatches=(to_order("soon", "radar", 1, 0), to_order("later", "missile", 2, 3)),
        made=(*made((0, 2)), *made((0, 1), item="radar")),
    )
    found = run(problem, plan, slots(problem, (0, 1)))
    assert sent(found, "soon") == {0: 1}
    assert sent(found, "later") == {3: 2}


def test_a_component_that_dries_up_stops_the_line_and_what_is_used_is_gone() -> None:
    problem = replace(
        ONE,
        components=(Component("seeker", 2),),
        component_rates=(ComponentRate("seeker", START, 1.0),),
        item_components=(ItemComponent("missile", "seeker", 1),),
    )
    dry = replace(problem, component_rates=(ComponentRate("seeker", START, 0.0), ComponentRate("seeker", day(4), 1.0)))
    found = run(problem, ONE_PLAN, dry)
    assert output(found) == {1: 2, 4: 1}
    assert output(run(problem, ONE_PLAN, problem)) == {1: 3}


def two(first: dict[str, Any], second: dict[str, Any]) -> tuple[Problem, Plan]:
    """Two orders of two missiles each, the first planned for week 0, the second for week 1; DEU weighs more."""
    problem = bare_problem(
        recipients=(a_recipient("POL"), a_recipient("DEU", strategic_role=1.0, defence_pct_gdp=5.0)),
        weights=a_weights_policy(),
        orders=(an_order("first", quantity=2, **first), an_order("second", quantity=2, **second)),
    )
    plan = Plan(
        dispatches=(to_order("first", "missile", 2, 0), to_order("second", "missile", 2, 1)), made=made((0, 2), (1, 2))
    )
    return problem, plan


def test_who_weighs_more_goes_first_but_not_before_the_plan_has_it() -> None:
    problem, plan = two({}, {"recipient": "DEU"})
    found = run(problem, plan, slots(problem, (0, 1)))
    assert sent(found, "first") == {0: 1, 3: 1}
    assert sent(found, "second") == {1: 1, 2: 1}
    problem, plan = two({}, {})
    found = run(problem, plan, slots(problem, (0, 1)))
    assert (sent(found, "first"), sent(found, "second")) == ({0: 1, 1: 1}, {2: 1, 3: 1})


def test_a_firm_date_goes_before_weight() -> None:
    problem, plan = two({"recipient": "DEU"}, {"firm_by": day(2)})
    found = run(problem, plan, slots(problem, (0, 1)))
    assert sent(found, "second") == {1: 1, 2: 1}
    assert sent(found, "first") == {0: 1, 3: 1}
    assert found.broken == ()


def test_a_firm_date_that_cannot_be_kept_is_listed_and_still_first() -> None:
    problem, plan = two({"recipient": "DEU"}, {"firm_by": day(1)})
    found = run(problem, plan, slots(problem, (0, 1)))
    assert sent(found, "second") == {1: 1, 2: 1}
    assert [(row.promise.kind, row.promise.name, row.missing) for row in found.broken] == [("firm_date", "second", 1)]
    assert found.broken_rules == {("firm_date", "second")}


def test_the_floor_is_kept_whoever_waits() -> None:
    problem = replace(ONE, stocks=(Stock("missile", 2, 2),))
    found = run(problem, ONE_PLAN, slots(problem, (0, 0)))
    assert found.plan.dispatches == ()
    lower = replace(ONE, stocks=(Stock("missile", 2, 1),))
    assert sent(run(lower, ONE_PLAN, slots(lower, (0, 0))), "O-each") == {1: 1}


def test_a_complete_order_counts_when_its_last_unit_is_there() -> None:
    problem = bare_problem(orders=(an_order(quantity=3, delivery="complete", due_date=START),))
    found = run(problem, ONE_PLAN, slots(problem, (0, 3), (1, 2)))
    assert found.demands[0].weeks_late == 2
    assert found.demands[0].later == 1
    never = run(problem, ONE_PLAN, slots(problem, (0, 0), (1, 2), (2, 0)))
    assert (never.demands[0].delivered, never.demands[0].weeks_late) == (2, 8 + 13)


def gift() -> tuple[Problem, Plan]:
    """A need served by a gift of two old missiles, which two new ones replace within three weeks."""
    problem = bare_problem(
        items=(an_item(), an_item("old_missile")),
        recipients=(a_recipient(), a_recipient("DEU")),
        orders=(an_order(quantity=2),),
        needs=(a_need(item="old_missile", quantity=2),),
        offers=(an_offer(quantity=2, available_on=day(1), site=None, replacement_within_weeks=2),),
    )
    plan = Plan(
        dispatches=(
            to_order("O-each", "missile", 2, 0),
            to_need("N-missile", "old_missile", 2, (1, 1), origin="V-open"),
            as_replacement("V-open", "missile", 2, 1),
        ),
        made=made((0, 2), (1, 2)),
        accepted_offers=("V-open",),
    )
    return problem, plan


def test_a_withdrawn_offer_takes_its_units_and_its_replacement_away() -> None:
    problem, plan = gift()
    found = run(problem, plan, replace(problem, offers=()))
    assert {row.demand for row in found.plan.dispatches} == {"O-each"}
    assert (found.plan.accepted_offers, found.broken) == ((), ())
    assert output(found) == {0: 2, 1: 2}  # what was made for it stays in the pool
    assert sent(run(problem, plan, problem), "V-open") == {1: 2}


def test_what_a_withdrawn_offer_leaves_goes_to_who_waits() -> None:
    problem, plan = gift()
    found = run(problem, plan, replace(slots(problem, (0, 1), (1, 3)), offers=()))
    assert sent(found, "O-each") == {0: 1, 1: 1}


def test_a_replacement_goes_first_and_if_it_is_late_it_is_broken() -> None:
    problem, plan = gift()
    found = run(problem, plan, slots(problem, (0, 1), (2, 0), (5, 3)))
    assert (sent(found, "V-open"), sent(found, "O-each")) == ({1: 1, 5: 1}, {0: 1, 5: 1})
    assert [(row.promise.kind, row.missing) for row in found.broken] == [("replacement_on_time", 1)]


def by_lanes(**need: Any) -> tuple[Problem, Plan]:
    """Three missiles of a tonne by sea (two weeks, four tonnes a week), with a narrow lane by air (at once)."""
    problem = bare_problem(
        items=(an_item(tonnes=1.0),),
        needs=(a_need(quantity=3, **need),),
        sites=(Site("S0", "S0"), Site("S1", "S1")),
        lanes=(Lane("sea", "S0", "S1", 2, 4.0), Lane("air", "S0", "S1", 0, 1.0)),
        delivery=DeliveryPolicy("S0", "S1", 2, 2),
    )
    plan = Plan(dispatches=(to_need("N-missile", "missile", 3, (1, 3), ("sea",)),), made=made((1, 3)))
    return problem, plan


def routes(found: Execution) -> list[tuple[int, str, int]]:
    """(period, first lane, units) of what left."""
    return sorted((row.period, row.route[0], row.quantity) for row in found.plan.dispatches)


def test_late_units_take_the_planned_route_as_long_as_it_carries_them() -> None:
    problem, plan = by_lanes()
    assert routes(run(problem, plan, slots(problem, (0, 1)))) == [(1, "sea", 1), (2, "sea", 1), (3, "sea", 1)]
    narrow = with_row(problem, "lanes", "sea", tonnes_per_week=1.0)
    assert routes(run(problem, plan, narrow)) == [(1, "air", 1), (1, "sea", 1), (2, "sea", 1)]


def test_units_that_would_come_after_the_need_expires_take_another_route_or_do_not_leave() -> None:
    problem, plan = by_lanes(expires_on=day(4))
    found = run(problem, plan, slots(problem, (0, 0), (3, 3)))
    assert routes(found) == [(3, "air", 1), (4, "air", 1)]
    assert [(row.promise.kind, row.missing) for row in found.broken] == [("expiry", 1)]
    assert run(problem, plan, problem).broken == ()


def test_an_approval_that_comes_late_holds_its_orders_and_no_others() -> None:
    problem, plan = small_problem(), small_plan()
    world = with_row(problem, "approvals", "C-later", review_weeks=10.0)
    found = run(problem, plan, world)
    approved = {row.case: row.period for row in found.plan.approvals}
    assert approved == {"C-review": 2, "C-later": 5}
    assert sent(found, "O-later") == {6: 1}
    assert sent(found, "O-complete") == {3: 4}


def test_a_need_that_the_plan_does_not_know_gets_nothing_and_is_counted() -> None:
    urgent = a_need("N-urgent", quantity=1, needed_by=day(1))
    found = run(ONE, ONE_PLAN, replace(ONE, needs=(urgent,)))
    assert canonical(found.plan) == canonical(ONE_PLAN)
    assert found.terms.needs_delay == pytest.approx(10.0 * (7 + 13))


def test_an_instance_that_is_another_is_refused() -> None:
    for other in (
        replace(ONE, periods=((9, 1),)),
        with_row(ONE, "orders", "O-each", quantity=4),
        replace(ONE, stocks=(Stock("missile", 1, 0),)),
    ):
        with pytest.raises(ValueError, match="cannot be executed"):
            execute_in(ONE, ONE_PLAN, other)
    problem, plan = by_lanes()
    with pytest.raises(ValueError, match="lanes lead elsewhere"):
        execute_in(problem, plan, with_row(problem, "lanes", "sea", weeks=3))
    with pytest.raises(ValueError, match="needs are others"):
        execute_in(problem, plan, without_row(problem, "needs", "N-missile"))


@st.composite
def single(draw: st.DrawFn) -> tuple[Problem, Plan, Problem, Problem]:
    """One item on one line and orders only, with two worlds of which the second has no more slots in any week."""
    count = draw(st.integers(1, 3))
    orders = tuple(
        an_order(
            f"O{k}",
            quantity=draw(st.integers(1, 3)),
            due_date=day(draw(st.integers(0, 6))),
            recipient=draw(st.sampled_from(("POL", "DEU"))),
        )
        for k in range(count)
    )
    problem = bare_problem(
        recipients=(a_recipient("POL"), a_recipient("DEU", strategic_role=1.0)),
        weights=a_weights_policy(),
        orders=orders,
    )
    plan = list_plan(problem, draw(st.permutations([row.order for row in orders])))
    more = draw(st.lists(st.integers(0, 3), min_size=8, max_size=8))
    less = [draw(st.integers(0, units)) for units in more]
    worlds = [slots(problem, *((week, float(units)) for week, units in enumerate(rates))) for rates in (more, less)]
    return problem, plan, worlds[0], worlds[1]


@given(single())
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_of_one_item_on_one_line_less_output_makes_nobody_earlier(case: tuple[Problem, Plan, Problem, Problem]) -> None:
    problem, plan, more, less = case
    first, second = execute_in(problem, plan, more), execute_in(problem, plan, less)
    for one, other in zip(first.demands, second.demands, strict=True):
        assert other.later >= one.later - 1e-9
        assert other.delay >= one.delay - 1e-9
    assert second.terms.total >= first.terms.total - 1e-9


def test_of_several_items_less_output_can_do_good() -> None:
    """A unit of two slots that does not fit any more leaves them to units of one slot, as in every list rule."""
    problem = bare_problem(
        items=(an_item(unit_price_usd_m=100.0), an_item("radar", unit_price_usd_m=1.0)),
        line_rates=(LineRate(LINE, START, 2.0),),
        line_items=(LineItem(LINE, "missile", 1), LineItem(LINE, "radar", 2)),
        orders=(
            an_order("cheap", item="radar", quantity=1, due_date=START),
            an_order("dear", quantity=1, due_date=day(1)),
        ),
    )
    plan = Plan(
        dispatches=(to_order("cheap", "radar", 1, 0), to_order("dear", "missile", 1, 1)),
        made=(*made((0, 1), item="radar"), *made((1, 1))),
    )
    more = slots(problem, (0, 1), (1, 2))
    less = slots(problem, (0, 1), (1, 1), (2, 2))
    assert run(problem, plan, less).delay < run(problem, plan, more).delay
