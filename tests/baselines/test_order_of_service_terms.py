"""Hand-worked cases: firm dates, offers, routes and approvals. The bare instance turns out three missiles a week."""

from __future__ import annotations

import pytest

from models.baselines import (
    first_come_first_served,
    list_plan,
    priority_list,
    ranking_by_date,
)
from models.checker import check_plan
from models.problem import (
    DeliveryPolicy,
    Lane,
    Line,
    LineItem,
    LineRate,
    Problem,
    Site,
    Substitute,
)
from tests.baselines.served import legal, sent
from tests.builders import (
    START,
    a_need,
    an_item,
    an_offer,
    an_order,
    bare_problem,
    day,
    small_problem,
    with_row,
)


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
