"""Small instances and plans, built in code.

`small_problem()` has every feature on; `small_plan()` is allowed in it, and tight wherever a rule can be tight, so that
one step further breaks one rule. `bare_problem()` is one item, one line and no features. Each takes fields to replace;
`with_row`, `without_row` and `with_dispatch` change one record by its name.

Weeks are counted from the first day, 2026-01-05: `day(3)` begins the fourth week.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import fields, replace
from typing import Any

from models.plan import POOL, ApprovedCase, Content, Dispatch, Made, Payment, Plan, Release
from models.problem import (
    Approval,
    ApprovalPolicy,
    Commitment,
    Component,
    ComponentRate,
    DeliveryPolicy,
    Item,
    ItemComponent,
    Lane,
    Line,
    LineItem,
    LineRate,
    Need,
    Offer,
    Order,
    Package,
    PackageContent,
    PackagesPolicy,
    Pledge,
    Problem,
    ReadinessPolicy,
    Receipt,
    Recipient,
    Site,
    StabilityPolicy,
    Stock,
    Substitute,
    WeightsPolicy,
)

START = dt.date(2026, 1, 5)
LONG_AGO = dt.date(2024, 1, 1)
SEA_ROAD = ("sea", "road")


def day(week: int, days: int = 0) -> dt.date:
    """The first day of a week of the horizon (from 0), and days more."""
    return START + dt.timedelta(weeks=week, days=days)


def an_item(item: str = "missile", **changes: Any) -> Item:
    """An item of 10 million USD and half a tonne."""
    defaults: dict[str, Any] = {"category": "air_defence", "unit": "each", "unit_price_usd_m": 10.0, "tonnes": 0.5}
    return Item(item, item, **(defaults | changes))


def a_recipient(recipient: str = "POL", **changes: Any) -> Recipient:
    """A recipient of whose contributions nothing is known."""
    return Recipient(recipient, recipient, **changes)


def an_order(order: str = "O-each", **changes: Any) -> Order:
    """An order of two missiles for POL, due in week 2, each unit counting by itself; its case is not under review."""
    defaults: dict[str, Any] = {
        "case": f"case of {order}",
        "recipient": "POL",
        "item": "missile",
        "quantity": 2,
        "due_date": day(2),
        "placed_on": LONG_AGO,
    }
    return Order(order, **(defaults | changes))


def a_need(need: str = "N-missile", **changes: Any) -> Need:
    """A need of five missiles of the highest urgency by week 3."""
    defaults: dict[str, Any] = {"item": "missile", "quantity": 5, "urgency": 1, "needed_by": day(3)}
    return Need(need, **(defaults | changes))


def an_offer(offer: str = "V-open", **changes: Any) -> Offer:
    """Six old missiles from week 2 at the depot, against two missiles within eight weeks."""
    defaults: dict[str, Any] = {
        "donor": "DEU",
        "item": "old_missile",
        "quantity": 6,
        "available_on": day(2),
        "site": "depot",
        "replacement_item": "missile",
        "replacement_quantity": 2,
        "replacement_within_weeks": 8,
    }
    return Offer(offer, **(defaults | changes))


def a_pledge(pledge: str = "G-any", **changes: Any) -> Pledge:
    """Fifteen million USD of DEU, for anything, from the first day on."""
    defaults: dict[str, Any] = {"donor": "DEU", "amount_usd_m": 15.0, "available_on": START}
    return Pledge(pledge, **(defaults | changes))


def a_weights_policy(**changes: Any) -> WeightsPolicy:
    """Weights from 1 to 16, so that a score of one quarter is a factor of two."""
    defaults: dict[str, Any] = {
        "minimum": 1.0,
        "maximum": 16.0,
        "ukraine": 8.0,
        "urgency": (16.0, 8.0, 4.0, 2.0, 1.0),
        "defence_target_pct_gdp": 3.5,
        "trend_reference_pct_gdp": 1.5,
        "support_reference_pct_gdp": 1.0,
        "missing_score": 0.5,
        "shares": {
            "defence_level": 0.5,
            "defence_trend": 0.0,
            "ukraine_support": 0.25,
            "strategic_role": 0.25,
            "economic_contribution": 0.0,
        },
    }
    return WeightsPolicy(**(defaults | changes))


def bare_problem(**changes: Any) -> Problem:
    """Eight weeks, one item, one line of three slots a week, one recipient; no feature is on, and nobody asks."""
    defaults: dict[str, Any] = {
        "name": "bare",
        "start": START,
        "periods": ((8, 1),),
        "after_horizon_weeks": 13,
        "items": (an_item(),),
        "recipients": (a_recipient(),),
        "lines": (Line("missile_line", "Missiles"),),
        "line_rates": (LineRate("missile_line", START, 3.0),),
        "line_items": (LineItem("missile_line", "missile", 1),),
    }
    return Problem(**(defaults | changes))


ABSENT: list[dict[str, Any]] = [
    {},
    {"orders": (), "commitments": (), "approvals": ()},
    {"needs": (), "package_contents": (), "packages": (), "substitutes": (), "commitments": ()},
    {"package_policy": None, "packages": (), "package_contents": (), "pledges": ()},
    {"offers": (), "commitments": ()},
    {"approval": None, "approvals": ()},
    {"readiness": None},
    {"sites": (), "lanes": (), "delivery": None},
    {"components": (), "component_rates": (), "item_components": ()},
    {"weights": None},
]
"""Changes that take one feature away from `small_problem`; the first takes none."""


def without(changes: dict[str, Any]) -> str:
    """A name for a case of `ABSENT`."""
    return "without " + next(iter(changes), "nothing")


def small_problem(**changes: Any) -> Problem:
    """Eight weeks and two double weeks with every feature on.

    Weights: POL 16, DEU 8, CHE 4, JPN 1. Slots: missile_line 3 a week, shell_line 2 and 3 in turn. Seekers: 4 up to the
    end of period 0, 2 more a week. Missiles may not fall below 2. Routes from the pool: air (0 weeks), sea > road (1).
    """
    return Problem(**({**_demand_tables(), **_supply_tables(), **_funding_tables(), **_policies()} | changes))


def _supply_tables() -> dict[str, Any]:
    return {
        "name": "small",
        "start": START,
        "periods": ((8, 1), (2, 2)),
        "after_horizon_weeks": 13,
        "items": (
            an_item(),
            an_item("old_missile", unit_price_usd_m=4.0),
            an_item("radar", unit_price_usd_m=50.0, tonnes=4.0),
            an_item("shell", category="ammunition", unit_price_usd_m=2.0, tonnes=1.0),
        ),
        "lines": (Line("missile_line", "Missiles and radars"), Line("shell_line", "Shells")),
        "line_rates": (LineRate("missile_line", START, 3.0), LineRate("shell_line", START, 2.5)),
        "line_items": (
            LineItem("missile_line", "missile", 1),
            LineItem("missile_line", "radar", 2),
            LineItem("shell_line", "shell", 1),
        ),
        "components": (Component("seeker", 2),),
        "component_rates": (ComponentRate("seeker", START, 2.0),),
        "item_components": (ItemComponent("missile", "seeker", 1),),
        "stocks": (Stock("missile", 4, 2), Stock("old_missile", 6), Stock("shell", 0, 3)),
        "receipts": (Receipt("shell", day(1, 2), 2),),
        "substitutes": (Substitute("missile", "old_missile", 2),),
    }


def _demand_tables() -> dict[str, Any]:
    return {
        "recipients": (
            a_recipient("POL", defence_pct_gdp=3.5, ukraine_military_pct_gdp=1.0, strategic_role=1.0),
            a_recipient("DEU", defence_pct_gdp=3.5, ukraine_military_pct_gdp=1.0, strategic_role=0.0),
            a_recipient("CHE", defence_pct_gdp=1.75, ukraine_military_pct_gdp=0.0, strategic_role=1.0),
            a_recipient("JPN", defence_pct_gdp=0.0, ukraine_military_pct_gdp=0.0, strategic_role=0.0),
        ),
        "orders": (
            an_order(),
            an_order("O-complete", case="C-review", recipient="CHE", item="shell", quantity=4, delivery="complete"),
            an_order(
                "O-firm",
                recipient="DEU",
                quantity=1,
                due_date=START,
                earliest_date=day(1),
                firm_by=day(3),
                weight_multiplier=1.5,
            ),
            an_order("O-later", case="C-later", recipient="JPN", item="shell", quantity=1, due_date=day(6)),
        ),
        "approvals": (Approval("C-review", day(1), 4.0), Approval("C-later", day(1, 3), 4.0)),
        "needs": (
            a_need(expires_on=day(11)),
            a_need("N-shell", item="shell", quantity=10, urgency=3, needed_by=day(5)),
        ),
        "offers": (an_offer(),),
        "sites": tuple(Site(site, site) for site in ("plant", "port", "depot", "dest")),
        "lanes": (
            Lane("air", "plant", "dest", 0, 2.0),
            Lane("sea", "plant", "port", 1),
            Lane("road", "port", "dest", 0, 6.0),
            Lane("rail", "depot", "dest", 1, 10.0),
        ),
        "commitments": (
            Commitment("O-each", "missile", START, 2),
            Commitment("O-complete", "shell", day(2), 3),
            Commitment("V-open", "missile", day(1), 1),
        ),
    }


def _funding_tables() -> dict[str, Any]:
    return {
        "packages": (Package("P-funded", "funded", day(-1)), Package("P-proposed", "proposed")),
        "package_contents": (
            PackageContent("P-funded", "N-missile", 2),
            PackageContent("P-proposed", "N-missile", 1),
        ),
        "pledges": (
            a_pledge(),
            a_pledge("G-ammo", donor="POL", amount_usd_m=20.0, expires_on=day(6), earmark="ammunition"),
            a_pledge("G-third", donor="JPN", amount_usd_m=10.0),
        ),
    }


def _policies() -> dict[str, Any]:
    return {
        "weights": a_weights_policy(),
        "package_policy": PackagesPolicy(
            target_usd_m=20.0,
            tolerance=0.1,
            max_new=1,
            max_donors=2,
            min_contribution_usd_m=5.0,
            contract_weeks=1,
            max_releases_per_period=1,
        ),
        "delivery": DeliveryPolicy("plant", "dest", routes_per_origin=2, max_lanes_per_route=3),
        "approval": ApprovalPolicy(3.0, processing_weeks=1, fast_track_pct_gdp=3.5, fast_track_factor=0.5),
        "readiness": ReadinessPolicy(4.0),
        "stability": StabilityPolicy(frozen_weeks=2, frozen_cost_weeks=52.0, change_cost_weeks=1.0),
    }


def small_plan(**changes: Any) -> Plan:
    """A plan that `small_problem()` allows: everything is delivered, the offer accepted, one new package released."""
    defaults: dict[str, Any] = {
        "dispatches": (
            to_order("O-each", "missile", 2, 0),
            to_order("O-complete", "shell", 4, 3),
            to_order("O-firm", "missile", 1, 1),
            to_order("O-later", "shell", 1, 4),
            to_need("N-missile", "missile", 2, (0, 0), ("air",)),
            to_need("N-missile", "missile", 1, (1, 1), ("air",)),
            to_need("N-missile", "old_missile", 4, (3, 4), ("rail",), origin="V-open"),
            to_need("N-shell", "shell", 5, (4, 5), SEA_ROAD),
            to_need("N-shell", "shell", 5, (5, 6), SEA_ROAD),
            as_replacement("V-open", "missile", 2, 2),
        ),
        "made": (
            Made("missile_line", "missile", 0, 3),
            Made("missile_line", "missile", 1, 3),
            *(Made("shell_line", "shell", period, 2 + period % 2) for period in range(6)),
        ),
        "contents": (Content("P-new", "N-shell", 10),),
        "releases": (Release("P-proposed", "proposed", 0), Release("P-new", "new", 1)),
        "payments": (
            Payment("P-proposed", "G-any", "air_defence", 10.0),
            Payment("P-new", "G-any", "ammunition", 5.0),
            Payment("P-new", "G-ammo", "ammunition", 15.0),
        ),
        "accepted_offers": ("V-open",),
        "approvals": (ApprovedCase("C-review", 2), ApprovedCase("C-later", 3)),
    }
    return Plan(**(defaults | changes))


def to_order(order: str, item: str, quantity: int, period: int) -> Dispatch:
    """A dispatch for an order: from the pool, taken over as it leaves."""
    return Dispatch(order, "order", POOL, item, quantity, period, period)


def as_replacement(offer: str, item: str, quantity: int, period: int) -> Dispatch:
    """A dispatch that replaces an offer: from the pool, taken over as it leaves."""
    return Dispatch(offer, "replacement", POOL, item, quantity, period, period)


def to_need(
    need: str, item: str, quantity: int, when: tuple[int, int], route: tuple[str, ...] = (), *, origin: str = POOL
) -> Dispatch:
    """A dispatch for a need; quantity in units of the item sent; `when` it leaves and when it arrives."""
    return Dispatch(need, "need", origin, item, quantity, when[0], when[1], route)


def with_row(problem: Problem, table: str, key: str, **changes: Any) -> Problem:
    """The problem with fields of one row replaced; the row is found by its first column."""
    rows = getattr(problem, table)
    assert sum(_key(row) == key for row in rows) == 1, f"{table} has no single row {key}"
    changed = tuple(replace(row, **changes) if _key(row) == key else row for row in rows)
    return replace(problem, **{table: changed})


def without_row(problem: Problem, table: str, key: str) -> Problem:
    """The problem without the rows of a table whose first column is `key`."""
    return replace(problem, **{table: tuple(row for row in getattr(problem, table) if _key(row) != key)})


def with_policy(problem: Problem, policy: str, **changes: Any) -> Problem:
    """The problem with fields of one policy replaced."""
    return replace(problem, **{policy: replace(getattr(problem, policy), **changes)})


def with_dispatch(plan: Plan, demand: str, period: int, /, **changes: Any) -> Plan:
    """The plan with fields of the one dispatch for `demand` in `period` replaced; quantity 0 takes it out."""
    found = [row for row in plan.dispatches if (row.demand, row.period) == (demand, period)]
    assert len(found) == 1, f"there are {len(found)} dispatches for {demand} in {period}"
    changed = [replace(row, **changes) if row is found[0] else row for row in plan.dispatches]
    return replace(plan, dispatches=tuple(row for row in changed if row.quantity != 0))


def with_records(plan: Plan, **added: Any) -> Plan:
    """The plan with records added: `with_records(plan, made=[Made(...)])`."""
    return replace(plan, **{name: (*getattr(plan, name), *records) for name, records in added.items()})


def _key(row: Any) -> str:
    return str(getattr(row, fields(row)[0].name))
