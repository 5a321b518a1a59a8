"""A small instance with the story of Germany and Switzerland, and a plan for it that is made by hand.

One Patriot unit a week for ten weeks. Switzerland ordered first, Germany later; Germany gave two systems, which are
replaced by week 5; Ukraine needs two by week 1. First come, first served: Switzerland in week 1, Germany in 2 and 3,
the replacement in 5, Ukraine in 6 and 7. The plan: Ukraine in 0 and 1, and Switzerland last.
"""

from __future__ import annotations

from typing import Any

from models.plan import Made, Plan
from models.problem import Item, Line, LineItem, LineRate, Problem
from tests.builders import (
    START,
    a_need,
    a_recipient,
    a_weights_policy,
    an_offer,
    an_order,
    as_replacement,
    bare_problem,
    day,
    to_need,
    to_order,
)


def patriot(**changes: Any) -> Problem:
    """The instance; weights: Germany 16, Switzerland 2."""
    defaults: dict[str, Any] = {
        "periods": ((10, 1),),
        "items": (
            Item("PATRIOT", "Patriot fire unit", "air_defence", "each", 400.0),
            Item("OLD", "Patriot fire unit, used", "air_defence", "each", 300.0),
        ),
        "recipients": (
            a_recipient("DEU", defence_pct_gdp=3.5, ukraine_military_pct_gdp=1.0, strategic_role=1.0),
            a_recipient("CHE", defence_pct_gdp=0.0, ukraine_military_pct_gdp=0.0, strategic_role=1.0),
        ),
        "lines": (Line("L", "Patriot line"),),
        "line_rates": (LineRate("L", START, 1.0),),
        "line_items": (LineItem("L", "PATRIOT", 1),),
        "orders": (
            an_order("CHE-1", recipient="CHE", item="PATRIOT", due_date=day(3), delivery="complete"),
            an_order("DEU-1", recipient="DEU", item="PATRIOT", due_date=day(2), placed_on=day(-5)),
        ),
        "needs": (a_need("N-1", item="PATRIOT", quantity=2, needed_by=day(1)),),
        "offers": (
            an_offer(
                "GIFT",
                item="OLD",
                quantity=2,
                available_on=START,
                site=None,
                replacement_item="PATRIOT",
                replacement_within_weeks=5,
                status="accepted",
            ),
        ),
        "weights": a_weights_policy(),
    }
    return bare_problem(**(defaults | changes))


def patriot_plan(**changes: Any) -> Plan:
    """The plan of the story."""
    defaults: dict[str, Any] = {
        "dispatches": (
            to_need("N-1", "PATRIOT", 1, (0, 0)),
            to_need("N-1", "PATRIOT", 1, (1, 1)),
            to_order("DEU-1", "PATRIOT", 1, 2),
            to_order("DEU-1", "PATRIOT", 1, 3),
            as_replacement("GIFT", "PATRIOT", 2, 5),
            to_order("CHE-1", "PATRIOT", 2, 7),
        ),
        "made": tuple(Made("L", "PATRIOT", t, 1) for t in range(8)),
        "accepted_offers": ("GIFT",),
    }
    return Plan(**(defaults | changes))
