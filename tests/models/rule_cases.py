"""For every rule a small instance in which it decides, worked out by hand, and one in which it leaves room.

All over four weeks, everything weighs 1, a missile and a radar cost 10 million USD: a week late costs 10 a unit, and a
unit due on the first day that never comes 10 · (4 + 6) = 100.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.problem import (
    Approval,
    ApprovalPolicy,
    Commitment,
    Component,
    ComponentRate,
    DeliveryPolicy,
    ItemComponent,
    Lane,
    Line,
    LineItem,
    LineRate,
    Package,
    PackageContent,
    PackagesPolicy,
    Problem,
    Receipt,
    Site,
    StabilityPolicy,
    Stock,
)
from tests.builders import START, a_need, a_pledge, an_item, an_offer, an_order, bare_problem, day


@dataclass(frozen=True)
class RuleCase:
    """`binding`: the rule decides, and `value` is the least cost; `roomy`: it leaves room, at `roomy_value`."""

    rule: str
    binding: Problem
    value: float
    roomy: Problem
    roomy_value: float
    name: str = ""

    @property
    def label(self) -> str:
        """Name of the case: the rule, and which case of it."""
        return f"{self.rule} {self.name}".strip()


def four_weeks(**changes: Any) -> Problem:
    """Missiles and radars, no line, nothing in stock, nobody asks."""
    defaults: dict[str, Any] = {
        "periods": ((4, 1),),
        "after_horizon_weeks": 6,
        "items": (an_item(), an_item("radar")),
        "lines": (),
        "line_rates": (),
        "line_items": (),
    }
    return bare_problem(**(defaults | changes))


def one_order(order: str, **changes: Any) -> Any:
    """An order of one missile due on the first day."""
    return an_order(order, **({"quantity": 1, "due_date": START} | changes))


def _competing(**changes: Any) -> dict[str, Any]:
    return {"orders": (one_order("O-a"), one_order("O-b", **changes))}


def _line(slots: float) -> Problem:
    return four_weeks(
        **_competing(item="radar"),
        lines=(Line("line", "line"),),
        line_rates=(LineRate("line", START, slots),),
        line_items=(LineItem("line", "missile", 1), LineItem("line", "radar", 1)),
    )


def _component(on_hand: int) -> Problem:
    return four_weeks(
        **_competing(item="radar"),
        lines=(Line("a", "a"), Line("b", "b")),
        line_rates=(LineRate("a", START, 1.0), LineRate("b", START, 1.0)),
        line_items=(LineItem("a", "missile", 1), LineItem("b", "radar", 1)),
        components=(Component("seeker", on_hand),),
        component_rates=(ComponentRate("seeker", START, 1.0),),
        item_components=(ItemComponent("missile", "seeker", 1), ItemComponent("radar", "seeker", 1)),
    )


def _stock(on_hand: int) -> Problem:
    return four_weeks(**_competing(), stocks=(Stock("missile", on_hand),), receipts=(Receipt("missile", day(1), 1),))


def _floor(floor: int) -> Problem:
    orders = (one_order("O-a", quantity=2), one_order("O-b", quantity=2))
    return four_weeks(orders=orders, stocks=(Stock("missile", 4, floor),))


def _ordered(quantity: int) -> Problem:
    order = one_order("O-a", quantity=quantity, earliest_date=day(1))
    return four_weeks(orders=(order,), stocks=(Stock("missile", 5),))


def _firm(**changes: Any) -> Problem:
    orders = (one_order("O-promised", due_date=day(9), **changes), one_order("O-heavy", weight_multiplier=5.0))
    return four_weeks(orders=orders, stocks=(Stock("missile", 1),), receipts=(Receipt("missile", day(1), 1),))


def _complete(on_hand: int) -> Problem:
    orders = (one_order("O-all", quantity=2, delivery="complete"), one_order("O-heavy", weight_multiplier=5.0))
    return four_weeks(
        orders=orders,
        stocks=(Stock("missile", on_hand),),
        receipts=(Receipt("missile", day(2), 1),),
        commitments=(Commitment("O-all", "missile", START, 1),),
        stability=StabilityPolicy(0, 0.0, 1.0),
    )


def _needed(quantity: int) -> Problem:
    needs = (a_need(quantity=quantity, needed_by=START),)
    return four_weeks(needs=needs, receipts=(Receipt("missile", day(1), 5),))


def _lane(tonnes: float) -> Problem:
    return four_weeks(
        needs=(a_need(quantity=2, needed_by=START),),
        stocks=(Stock("missile", 2),),
        sites=(Site("plant", "plant"), Site("dest", "dest")),
        lanes=(Lane("road", "plant", "dest", 0, tonnes),),
        delivery=DeliveryPolicy("plant", "dest", 1, 1),
    )


def _review(per_week: float) -> Problem:
    return four_weeks(
        **_competing(),
        stocks=(Stock("missile", 2),),
        approval=ApprovalPolicy(per_week, 0, 100.0, 1.0),
        approvals=tuple(Approval(f"case of {order}", START, 1.0) for order in ("O-a", "O-b")),
    )


def _policy(**changes: Any) -> PackagesPolicy:
    defaults: dict[str, Any] = {
        "target_usd_m": 20.0,
        "tolerance": 0.0,
        "max_new": 0,
        "max_donors": 9,
        "min_contribution_usd_m": 0.0,
        "contract_weeks": 0,
    }
    return PackagesPolicy(**(defaults | changes))


def _funding(units: int, *pledges: Any, contents: tuple[int, ...] = (), **changes: Any) -> Problem:
    """A need of `units` missiles that are there, pledges, and proposed packages of so many missiles each."""
    return four_weeks(
        needs=(a_need("N-a", quantity=units, needed_by=START),),
        stocks=(Stock("missile", units),),
        pledges=tuple(pledges),
        packages=tuple(Package(f"P-{k}", "proposed") for k in range(len(contents))),
        package_contents=tuple(PackageContent(f"P-{k}", "N-a", quantity) for k, quantity in enumerate(contents)),
        package_policy=_policy(**changes),
    )


def _pledge(pledge: str, amount: float, **changes: Any) -> Any:
    return a_pledge(pledge, amount_usd_m=amount, **changes)


def _with_funded(release_week: int, quantity: int, *, contract_weeks: int, proposed: int = 0) -> Problem:
    rows = (PackageContent("P-paid", "N-a", quantity), PackageContent("P-open", "N-a", proposed))
    return four_weeks(
        needs=(a_need("N-a", quantity=2, needed_by=START),),
        stocks=(Stock("missile", 2),),
        pledges=(_pledge("G", 20.0),),
        packages=(Package("P-paid", "funded", day(release_week)), Package("P-open", "proposed")),
        package_contents=tuple(row for row in rows if row.quantity),
        package_policy=_policy(contract_weeks=contract_weeks),
    )


def _promise(radars: int) -> Problem:
    needs = (a_need("N-a", quantity=1, needed_by=START), a_need("N-b", item="radar", quantity=1, needed_by=day(9)))
    return four_weeks(
        needs=needs,
        stocks=(Stock("missile", 1), Stock("radar", radars)),
        pledges=(_pledge("G", 20.0),),
        packages=(Package("P-0", "proposed"),),
        package_contents=(PackageContent("P-0", "N-a", 1), PackageContent("P-0", "N-b", 1)),
        package_policy=_policy(),
    )


def _offer(radars: int) -> Problem:
    offer = an_offer(
        "V", item="missile", quantity=1, available_on=START, replacement_item="radar", replacement_quantity=1
    )
    return four_weeks(needs=(a_need(quantity=1, needed_by=START),), offers=(offer,), stocks=(Stock("radar", radars),))


def _gift(quantity: int) -> Problem:
    changes = {"item": "missile", "available_on": START, "replacement_quantity": 0, "status": "accepted"}
    return four_weeks(
        needs=(a_need(quantity=2, needed_by=START),), offers=(an_offer("V", quantity=quantity, **changes),)
    )


def _committed(on_hand: int) -> Problem:
    return four_weeks(
        orders=(one_order("O-a", quantity=2, due_date=day(2)),),
        stocks=(Stock("missile", on_hand),),
        receipts=(Receipt("missile", day(2), 1),),
        commitments=(Commitment("O-a", "missile", START, 2),),
        stability=StabilityPolicy(0, 0.0, 1.0),
    )


_TWENTY = _pledge("G", 20.0)
_TWICE = (_pledge("G-now", 20.0), _pledge("G-then", 20.0, available_on=day(1)))

RULE_CASES = (
    RuleCase("line_capacity", _line(1.0), 10, _line(2.0), 0),
    RuleCase("component_supply", _component(0), 10, _component(1), 0),
    RuleCase("stock_balance", _stock(1), 10, _stock(2), 0),
    RuleCase("readiness_floor", _floor(2), 200, _floor(0), 0),
    RuleCase("ordered_quantity", _ordered(2), 20, _ordered(1), 10),
    RuleCase("firm_date", _firm(firm_by=START), 50, _firm(firm_by=day(1)), 0),
    RuleCase("completed", _complete(2), 40, _complete(3), 0),
    RuleCase("needed_quantity", _needed(2), 20, _needed(1), 10),
    RuleCase("lane_capacity", _lane(0.5), 10, _lane(1.0), 0),
    RuleCase("review_capacity", _review(1.0), 10, _review(2.0), 0),
    RuleCase("reviewed_before_approval", _review(1.0), 10, _review(2.0), 0),
    RuleCase("after_approval", _review(1.0), 10, _review(2.0), 0),
    RuleCase("released_once", _funding(4, *_TWICE, max_new=1), 200, _funding(4, *_TWICE, max_new=2), 20),
    RuleCase("package_value", _funding(1, _TWENTY, max_new=1), 100, _funding(1, _TWENTY, max_new=1, tolerance=0.5), 0),
    RuleCase(
        "releases_per_period",
        _funding(2, _TWENTY, contents=(1, 1), max_releases_per_period=1),
        10,
        _funding(2, _TWENTY, contents=(1, 1), max_releases_per_period=2),
        0,
    ),
    RuleCase(
        "fully_funded", _funding(2, _pledge("G", 19.0), contents=(2,)), 200, _funding(2, _TWENTY, contents=(2,)), 0
    ),
    RuleCase(
        "within_pledge", _funding(2, _pledge("G", 19.0), contents=(1, 1)), 100, _funding(2, _TWENTY, contents=(1, 1)), 0
    ),
    RuleCase(
        "pledge_earmark",
        _funding(1, _pledge("G", 10.0, earmark="ammunition"), contents=(1,)),
        100,
        _funding(1, _pledge("G", 10.0, earmark="air_defence"), contents=(1,)),
        0,
    ),
    RuleCase(
        "pledge_dates",
        _funding(1, _pledge("G", 10.0, available_on=day(2)), contents=(1,)),
        20,
        _funding(1, _pledge("G", 10.0, available_on=day(0, 6)), contents=(1,)),
        0,
        "not yet available",
    ),
    RuleCase(
        "pledge_dates",
        _funding(1, _pledge("G-a", 5.0, expires_on=START), _pledge("G-b", 5.0, available_on=day(1)), contents=(1,)),
        100,
        _funding(1, _pledge("G-a", 5.0, expires_on=day(1)), _pledge("G-b", 5.0, available_on=day(1)), contents=(1,)),
        10,
        "expired",
    ),
    RuleCase(
        "minimum_contribution",
        _funding(2, _pledge("G-a", 15.0), _pledge("G-b", 12.0), contents=(2,), min_contribution_usd_m=11.0),
        200,
        _funding(2, _pledge("G-a", 15.0), _pledge("G-b", 12.0), contents=(2,), min_contribution_usd_m=10.0),
        0,
    ),
    RuleCase(
        "donors_per_package",
        _funding(2, _pledge("G-a", 10.0), _pledge("G-b", 10.0), contents=(2,), max_donors=1),
        200,
        _funding(2, _pledge("G-a", 10.0), _pledge("G-b", 10.0), contents=(2,), max_donors=2),
        0,
    ),
    RuleCase(
        "content_within_need",
        _with_funded(3, 2, contract_weeks=0, proposed=2),
        60,
        _with_funded(3, 0, contract_weeks=0, proposed=2),
        0,
    ),
    RuleCase(
        "dispatch_after_release", _with_funded(1, 2, contract_weeks=1), 40, _with_funded(-1, 2, contract_weeks=1), 0
    ),
    RuleCase("promise_kept", _promise(0), 100, _promise(1), 0),
    RuleCase("offer_quantity", _offer(0), 100, _offer(1), 0, "not accepted"),
    RuleCase("offer_quantity", _gift(1), 100, _gift(2), 0, "all given"),
    RuleCase("replacement_on_time", _offer(0), 100, _offer(1), 0),
    RuleCase("plan_change", _committed(1), 10, _committed(2), 0),
)
"""At least one case a rule, in the order of `problem.md`; last the rows behind the term `plan_change`."""
