"""Hand-worked cases: who is served when. The bare instance turns out three missiles a week for eight weeks."""

from __future__ import annotations

import pytest

from models.baselines import (
    first_come_first_served,
    list_plan,
    priority_list,
    ranking_by_date,
    ranking_by_weight,
)
from models.checker import check_plan
from models.plan import Made
from models.problem import (
    Component,
    ComponentRate,
    ItemComponent,
    Line,
    LineItem,
    LineRate,
    Problem,
    ReadinessPolicy,
    Receipt,
    Stock,
)
from tests.baselines.served import legal, made, sent
from tests.builders import (
    START,
    a_need,
    a_recipient,
    a_weights_policy,
    an_order,
    bare_problem,
    day,
)


def two_orders() -> Problem:
    """The first is placed before the second, which weighs sixteen times as much."""
    return bare_problem(
        recipients=(
            a_recipient("POL", defence_pct_gdp=3.5, ukraine_military_pct_gdp=1.0, strategic_role=1.0),
            a_recipient("JPN", defence_pct_gdp=0.0, ukraine_military_pct_gdp=0.0, strategic_role=0.0),
        ),
        weights=a_weights_policy(),
        orders=(
            an_order("late", quantity=4, placed_on=day(-2)),
            an_order("early", recipient="JPN", quantity=4, placed_on=day(-3)),
        ),
    )


def test_first_come_is_served_first() -> None:
    plan = legal(two_orders(), first_come_first_served(two_orders()))
    assert sent(plan, "early") == {0: 3, 1: 1}
    assert sent(plan, "late") == {1: 2, 2: 2}


def test_priority_list_serves_the_weightier_first() -> None:
    plan = legal(two_orders(), priority_list(two_orders()))
    assert sent(plan, "late") == {0: 3, 1: 1}
    assert sent(plan, "early") == {1: 2, 2: 2}


def test_ranking_by_date_mixes_orders_and_needs() -> None:
    problem = bare_problem(
        orders=(an_order("O1", placed_on=day(1)), an_order("O2", placed_on=day(-9))),
        needs=(a_need("N1", needed_by=day(0)), a_need("N2", needed_by=day(1))),
    )
    assert ranking_by_date(problem) == ["O2", "N1", "O1", "N2"]


def test_ranking_by_weight_breaks_ties_by_due_date() -> None:
    problem = bare_problem(
        weights=a_weights_policy(),
        orders=(an_order("O1", due_date=day(5)), an_order("O2", due_date=day(4), weight_multiplier=1.0)),
        needs=(a_need("N1", urgency=5), a_need("N2", urgency=1, needed_by=day(9)), a_need("N3", urgency=1)),
    )
    # Ukraine weighs 8 × 16 and 8 × 1; the recipient of both orders, of whom nothing is known, 16^0.5 = 4.
    assert ranking_by_weight(problem) == ["N3", "N2", "N1", "O2", "O1"]


def test_what_the_ranking_leaves_out_follows_in_the_order_of_the_tables() -> None:
    problem = two_orders()
    plan = list_plan(problem, ["early", "early", "nobody"])
    assert plan == list_plan(problem, ["early", "late"])


def test_units_are_made_ahead_as_late_as_possible() -> None:
    problem = bare_problem(
        orders=(
            an_order("later", quantity=8, earliest_date=day(3), placed_on=day(-9)),
            an_order("now", quantity=5, placed_on=day(-8)),
        )
    )
    plan = legal(problem, first_come_first_served(problem))
    assert sent(plan, "later") == {3: 8}
    # Slots of weeks 1 to 3 serve the first, one of week 1 is left; the second takes week 0, that one, and week 4.
    assert sent(plan, "now") == {0: 3, 1: 1, 4: 1}
    assert made(plan) == {0: 3, 1: 3, 2: 3, 3: 3, 4: 1}


def test_stock_goes_before_new_units_and_never_below_the_floor() -> None:
    problem = bare_problem(stocks=(Stock("missile", 5, 3),), orders=(an_order(quantity=6),))
    plan = legal(problem, first_come_first_served(problem))
    assert sent(plan, "O-each") == {0: 5, 1: 1}


def test_floor_above_the_stock_freezes_it() -> None:
    problem = bare_problem(stocks=(Stock("missile", 2, 9),), orders=(an_order(quantity=4),))
    assert sent(legal(problem, first_come_first_served(problem)), "O-each") == {0: 3, 1: 1}


def test_stock_promised_to_an_earlier_demand_is_not_taken_before() -> None:
    problem = bare_problem(
        lines=(),
        line_rates=(),
        line_items=(),
        stocks=(Stock("missile", 4),),
        receipts=(Receipt("missile", day(5), 2),),
        orders=(
            an_order("first", quantity=3, earliest_date=day(2), placed_on=day(-9)),
            an_order("second", quantity=3, placed_on=day(-8)),
        ),
    )
    plan = legal(problem, first_come_first_served(problem))
    assert sent(plan, "first") == {2: 3}
    assert sent(plan, "second") == {0: 1, 5: 2}


def test_components_cumulate_and_are_shared() -> None:
    problem = bare_problem(
        components=(Component("seeker", 1),),
        component_rates=(ComponentRate("seeker", START, 2.0),),
        item_components=(ItemComponent("missile", "seeker", 2),),
        orders=(an_order(quantity=4),),
    )
    # Seekers by the end of week 0, 1, 2 …: 3, 5, 7, 9 — enough for 1, 2, 3, 4 missiles.
    assert sent(legal(problem, first_come_first_served(problem)), "O-each") == {0: 1, 1: 1, 2: 1, 3: 1}


def test_all_lines_that_make_the_item_are_used() -> None:
    problem = bare_problem(
        lines=(*bare_problem().lines, Line("second", "Second")),
        line_rates=(LineRate("missile_line", START, 3.0), LineRate("second", day(1), 5.0)),
        line_items=(LineItem("missile_line", "missile", 1), LineItem("second", "missile", 2)),
        orders=(an_order(quantity=9),),
    )
    assert sent(legal(problem, first_come_first_served(problem)), "O-each") == {0: 3, 1: 5, 2: 1}


def test_complete_order_leaves_in_one_lot_when_all_is_there() -> None:
    problem = bare_problem(
        orders=(
            an_order("whole", quantity=7, delivery="complete", placed_on=day(-9)),
            an_order("each", quantity=4, placed_on=day(-8)),
        )
    )
    plan = legal(problem, first_come_first_served(problem))
    assert sent(plan, "whole") == {2: 7}
    assert sent(plan, "each") == {0: 2, 3: 2}


def test_complete_order_that_cannot_be_completed_takes_nothing() -> None:
    problem = bare_problem(
        orders=(
            an_order("whole", quantity=25, delivery="complete", placed_on=day(-9)),
            an_order("each", quantity=24, placed_on=day(-8)),
        )
    )
    plan = legal(problem, first_come_first_served(problem))
    assert sent(plan, "whole") == {}
    assert sum(sent(plan, "each").values()) == 24


def test_each_order_takes_what_the_horizon_gives() -> None:
    problem = bare_problem(orders=(an_order(quantity=30),))
    assert sum(sent(legal(problem, first_come_first_served(problem)), "O-each").values()) == 24


def test_idle_slots_refill_the_stock_only_where_a_shortfall_costs() -> None:
    stocks = (Stock("missile", 1, 8),)
    idle = bare_problem(stocks=stocks, orders=(an_order(quantity=2),))
    assert sum(made(first_come_first_served(idle)).values()) == 2
    problem = bare_problem(stocks=stocks, orders=(an_order(quantity=2),), readiness=ReadinessPolicy(4.0))
    plan = legal(problem, first_come_first_served(problem))
    assert made(plan) == {0: 3, 1: 3, 2: 3}
    assert check_plan(problem, plan).terms.readiness_shortfall == pytest.approx(4 * 10 * ((7 - 1) + (7 - 4) + 0))


def test_just_in_time_leaves_early_slots_to_others() -> None:
    problem = bare_problem(
        orders=(
            an_order("early", quantity=3, due_date=day(2), placed_on=day(-9)),
            an_order("late", quantity=3, due_date=day(0), placed_on=day(-8)),
        )
    )
    at_once = legal(problem, list_plan(problem, ["early", "late"]))
    waiting = legal(problem, list_plan(problem, ["early", "late"], just_in_time=True))
    assert (sent(at_once, "early"), sent(at_once, "late")) == ({0: 3}, {1: 3})
    assert (sent(waiting, "early"), sent(waiting, "late")) == ({2: 3}, {0: 3})


def test_made_rows_name_line_item_and_period() -> None:
    problem = bare_problem(orders=(an_order(quantity=4),))
    assert first_come_first_served(problem).made == (
        Made("missile_line", "missile", 0, 3),
        Made("missile_line", "missile", 1, 1),
    )
