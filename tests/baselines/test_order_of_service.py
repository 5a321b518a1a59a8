"""Hand-worked cases: who is served when. The bare instance turns out three missiles a week for eight weeks."""

from __future__ import annotations

from collections import defaultdict

import pytest

from models.baselines import (
    first_come_first_served,
    list_plan,
    priority_list,
    ranking_by_date,
    ranking_by_weight,
)
from models.checker import check_plan
from models.plan import Made, Plan
from models.problem import (
    Component,
    ComponentRate,
    DeliveryPolicy,
    ItemComponent,
    Lane,
    Line,
    LineItem,
    LineRate,
    Problem,
    ReadinessPolicy,
    Receipt,
    Site,
    Stock,
    Substitute,
)
from tests.builders import (
    START,
    a_need,
    a_recipient,
    a_weights_policy,
    an_item,
    an_offer,
    an_order,
    bare_problem,
    day,
    small_problem,
    with_row,
)


def sent(plan: Plan, demand: str) -> dict[int, int]:
    """Units by period of dispatch."""
    units: dict[int, int] = defaultdict(int)
    for dispatch in plan.dispatches:
        if dispatch.demand == demand:
            units[dispatch.period] += dispatch.quantity
    return dict(units)


def made(plan: Plan) -> dict[int, int]:
    units: dict[int, int] = defaultdict(int)
    for row in plan.made:
        units[row.period] += row.quantity
    return dict(units)


def legal(problem: Problem, plan: Plan) -> Plan:
    verdict = check_plan(problem, plan)
    assert verdict.passed, verdict.violations
    return plan


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


class TestFirmOrders:
    def test_reserved_whatever_its_rank_but_no_sooner_than_its_date(self) -> None:
        problem = bare_problem(
            orders=(
                an_order("old", quantity=12, placed_on=day(-9)),
                an_order("firm", quantity=2, firm_by=day(2), placed_on=day(-1)),
            )
        )
        plan = legal(problem, first_come_first_served(problem))
        assert sent(plan, "firm") == {2: 2}
        assert sent(plan, "old") == {0: 3, 1: 3, 2: 1, 3: 3, 4: 2}

    def test_served_sooner_where_its_place_in_the_queue_allows(self) -> None:
        problem = bare_problem(
            orders=(
                an_order("firm", quantity=4, firm_by=day(5), placed_on=day(-9)),
                an_order("other", quantity=3, placed_on=day(-1)),
            )
        )
        plan = legal(problem, first_come_first_served(problem))
        assert sent(plan, "firm") == {0: 3, 1: 1}
        assert sent(plan, "other") == {1: 2, 2: 1}

    def test_nearer_dates_are_reserved_first(self) -> None:
        problem = bare_problem(
            orders=(
                an_order("far", quantity=9, firm_by=day(3), placed_on=day(-9)),
                an_order("near", quantity=3, firm_by=day(0), placed_on=day(-1)),
            )
        )
        plan = legal(problem, first_come_first_served(problem))
        assert sent(plan, "near") == {0: 3}
        assert sent(plan, "far") == {1: 3, 2: 3, 3: 3}

    def test_one_that_cannot_be_met_is_left_to_the_checker(self) -> None:
        problem = bare_problem(orders=(an_order(quantity=7, firm_by=day(1)),))
        plan = first_come_first_served(problem)
        assert sent(plan, "O-each") == {0: 3, 1: 3, 2: 1}
        assert {v.rule for v in check_plan(problem, plan).violations} == {"firm_date"}

    def test_date_before_the_horizon_is_left_to_the_checker(self) -> None:
        problem = bare_problem(orders=(an_order(firm_by=day(-1)),))
        assert {v.rule for v in check_plan(problem, first_come_first_served(problem)).violations} == {"firm_date"}

    def test_one_that_fails_is_tried_again_before_the_others(self) -> None:
        """Missiles are made on both lines and reserved first, on the one line that makes radars, if nobody looks."""
        problem = bare_problem(
            items=(an_item(), an_item("radar"), an_item("shell")),
            lines=(Line("first", ""), Line("second", "")),
            line_rates=(LineRate("first", START, 1.0), LineRate("second", START, 1.0)),
            line_items=tuple(
                LineItem(line, item, 1)
                for line, item in (("first", "missile"), ("first", "radar"), ("second", "missile"), ("second", "shell"))
            ),
            orders=(
                an_order("O-missile", quantity=1, firm_by=day(0), placed_on=day(-9)),
                an_order("O-radar", item="radar", quantity=1, firm_by=day(0), placed_on=day(-8)),
            ),
        )
        plan = legal(problem, first_come_first_served(problem))
        assert (sent(plan, "O-missile"), sent(plan, "O-radar")) == ({0: 1}, {0: 1})

    def test_its_case_is_reviewed_first(self) -> None:
        problem = with_row(small_problem(), "orders", "O-later", firm_by=day(4))
        plan = legal(problem, first_come_first_served(problem))
        assert {row.case: row.period for row in plan.approvals} == {"C-later": 2, "C-review": 3}


class TestOffers:
    def problem(self, **changes: object) -> Problem:
        offer = an_offer("gift", site=None, replacement_quantity=4, replacement_within_weeks=1, **changes)
        return bare_problem(
            items=(an_item(), an_item("old_missile")),
            needs=(a_need(item="old_missile", quantity=5),),
            orders=(an_order(quantity=12, placed_on=day(-9)),),
            offers=(offer,),
        )

    def test_open_ones_are_not_accepted(self) -> None:
        problem = self.problem()
        for baseline in (first_come_first_served, priority_list):
            plan = legal(problem, baseline(problem))
            assert plan.accepted_offers == ()
            assert sent(plan, "N-missile") == {}
            assert sent(plan, "O-each") == {0: 3, 1: 3, 2: 3, 3: 3}

    @pytest.mark.parametrize("status", ["accepted", "open"])
    def test_accepted_one_is_replaced_before_anybody_is_served(self, status: str) -> None:
        problem = self.problem(status=status)
        plan = legal(problem, list_plan(problem, ranking_by_date(problem), accepted={"gift"}))
        # Available in week 2, to be replaced within one week: four missiles in week 3, made in weeks 2 and 3.
        assert plan.accepted_offers == ("gift",)
        assert sent(plan, "gift") == {3: 4}
        assert sent(plan, "N-missile") == {2: 5}
        assert sent(plan, "O-each") == {0: 3, 1: 3, 2: 2, 4: 3, 5: 1}

    def test_open_one_that_cannot_be_replaced_in_time_is_left(self) -> None:
        problem = self.problem()
        problem = with_row(problem, "offers", "gift", replacement_quantity=13)  # the line makes 12 by week 3
        plan = legal(problem, list_plan(problem, ranking_by_date(problem), accepted=["gift"]))
        assert plan.accepted_offers == ()

    def test_gift_over_a_substitute(self) -> None:
        problem = bare_problem(
            items=(an_item(), an_item("old_missile")),
            needs=(a_need(quantity=26),),
            offers=(an_offer("gift", quantity=5, site=None, replacement_quantity=0, status="accepted"),),
            substitutes=(Substitute("missile", "old_missile", 2),),
        )
        plan = legal(problem, first_come_first_served(problem))
        # 24 missiles are made; two old ones each serve the two that are missing, the fifth is of no use.
        assert {(d.origin, d.item, d.quantity) for d in plan.dispatches if d.origin != "pool"} == {
            ("gift", "old_missile", 4)
        }


class TestRoutes:
    def problem(self, **changes: object) -> Problem:
        defaults: dict[str, object] = {
            "needs": (a_need(quantity=6),),
            "sites": tuple(Site(site, site) for site in ("plant", "port", "dest")),
            "lanes": (
                Lane("air", "plant", "dest", 0, 0.5),
                Lane("sea", "plant", "port", 1, 1.0),
                Lane("road", "port", "dest", 1),
            ),
            "delivery": DeliveryPolicy("plant", "dest", routes_per_origin=2, max_lanes_per_route=3),
        }
        return bare_problem(**(defaults | changes))

    def test_earliest_arrival_within_the_lanes(self) -> None:
        problem = self.problem()
        plan = legal(problem, first_come_first_served(problem))
        # Half a tonne each: one a week by air; two a week by sea, two weeks on the way.
        # The sixth would arrive in week 3 either way, and air comes first in the list of routes.
        assert [(d.period, d.arrival, d.quantity, d.route) for d in plan.dispatches] == [
            (0, 0, 1, ("air",)),
            (0, 2, 2, ("sea", "road")),
            (1, 1, 1, ("air",)),
            (2, 2, 1, ("air",)),
            (3, 3, 1, ("air",)),
        ]

    def test_what_would_arrive_too_late_does_not_leave(self) -> None:
        problem = self.problem(needs=(a_need(quantity=6, expires_on=day(1)),))
        plan = legal(problem, first_come_first_served(problem))
        assert sent(plan, "N-missile") == {0: 1, 1: 1}

    def test_first_need_fills_the_lane(self) -> None:
        problem = self.problem(
            needs=(a_need("N2", quantity=1, needed_by=day(1)), a_need("N1", quantity=8, needed_by=day(0)))
        )
        plan = legal(problem, first_come_first_served(problem))
        # By week 3 the first brings 4 by air and 2 + 2 by sea, so that both routes are full up to then.
        assert [(d.period, d.arrival, d.route) for d in plan.dispatches if d.demand == "N2"] == [(4, 4, ("air",))]


class TestApproval:
    def test_cases_are_reviewed_in_rank_order(self) -> None:
        problem = small_problem()
        cases = {row.case: row.period for row in first_come_first_served(problem).approvals}
        # Three weeks of review a week from week 1: the first case of 4 takes weeks 1 and 2, what is left and week 3
        # finish the other.
        assert cases == {"C-review": 2, "C-later": 3}
        turned = {
            row.case: row.period
            for row in list_plan(problem, ranking_by_date(problem), case_ranking=["C-later", "C-review"]).approvals
        }
        assert turned == {"C-later": 2, "C-review": 3}

    def test_nothing_leaves_before_approval_and_processing(self) -> None:
        problem = small_problem()
        plan = legal(problem, first_come_first_served(problem))
        assert min(sent(plan, "O-complete")) == 3


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
