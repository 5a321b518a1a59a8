"""Every cause of the closed list, on a pair of plans made for it; and what is not a cause although it changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.plan import ApprovedCase, Dispatch, Made, Payment, Plan, Release
from models.problem import Commitment, ItemComponent, Line, LineItem, LineRate, Problem, Receipt, StabilityPolicy, Stock
from optimizer.explaining.causes import CAUSES, Cause
from optimizer.explaining.comparing import compare
from tests.builders import (
    START,
    a_need,
    a_pledge,
    a_weights_policy,
    an_item,
    an_order,
    as_replacement,
    bare_problem,
    day,
    small_plan,
    small_problem,
    to_need,
    to_order,
    with_policy,
    with_row,
    without_row,
)
from tests.explaining.pairs import causes_of, compared, side

SMALL, PLAN = small_problem(), small_plan()
TWO = bare_problem(orders=(an_order("O"), an_order("P")))
"""Two orders for two missiles each, on one line."""


def at(week: int, order: str = "O", units: int = 2) -> Plan:
    """One order served in a week."""
    return Plan(dispatches=(to_order(order, "missile", units, week),))


def codes(old: tuple[Problem, Plan], new: tuple[Problem, Plan], demand: str = "O") -> list[str]:
    return [cause.code for cause in causes_of(compared(old, new), demand)]


def leading(old: tuple[Problem, Plan], new: tuple[Problem, Plan], demand: str = "O") -> Cause:
    return causes_of(compared(old, new), demand)[0]


@pytest.mark.parametrize(
    "change",
    [{"due_date": day(1)}, {"quantity": 3}, {"weight_multiplier": 2.0}, {"earliest_date": day(3)}, {"firm_by": day(6)}],
)
def test_its_own_row(change: dict[str, object]) -> None:
    cause = leading((TWO, at(3)), (with_row(TWO, "orders", "O", **change), at(5)))
    assert (cause.code, cause.proven) == ("own_row", True)
    assert [row.column for row in cause.changes] == list(change)


def test_a_column_that_no_plan_depends_on_is_no_cause() -> None:
    other = with_row(TWO, "orders", "O", placed_on=day(-9))
    other = with_row(other, "lines", "missile_line", name="another name")
    other = with_row(other, "recipients", "POL", name="another name", gdp_usd_bn=7.0)
    assert codes((TWO, at(3)), (other, at(5))) == ["replanned"]


def test_a_need_of_another_urgency() -> None:
    old = bare_problem(needs=(a_need("N"),), weights=a_weights_policy())
    new = with_row(old, "needs", "N", urgency=5)
    found = leading((old, Plan(dispatches=(to_need("N", "missile", 5, (1, 1)),))), (new, Plan()), "N")
    assert (found.code, found.proven) == ("own_row", True)


def test_the_weight_of_its_recipient_and_the_contribution_behind_it() -> None:
    old = replace(TWO, weights=a_weights_policy())
    new = with_row(old, "recipients", "POL", defence_pct_gdp=3.5)
    cause = leading((old, at(5)), (new, at(3)))
    assert (cause.code, cause.proven) == ("recipient_weight", False)
    assert [(row.table, row.column) for row in cause.changes] == [("recipients", "defence_pct_gdp")]
    assert (cause.old, cause.new) == (4.0, 8.0)


def test_a_weight_that_rose_is_not_why_it_is_later() -> None:
    old = replace(TWO, weights=a_weights_policy())
    new = with_row(old, "recipients", "POL", defence_pct_gdp=3.5)
    assert "recipient_weight" not in codes((old, at(3)), (new, at(5)))


def test_the_weight_of_ukraine() -> None:
    old = bare_problem(needs=(a_need("N"),), weights=a_weights_policy())
    new = with_policy(old, "weights", ukraine=2.0)
    sent = Plan(dispatches=(to_need("N", "missile", 5, (1, 1)),))
    cause = leading((old, sent), (new, Plan()), "N")
    assert (cause.code, cause.old, cause.new) == ("recipient_weight", 128.0, 32.0)


SUPPLIED = replace(
    TWO,
    items=(an_item(), an_item("other")),
    lines=(*TWO.lines, Line("other_line", "Other")),
    line_rates=(*TWO.line_rates, LineRate("other_line", START, 3.0)),
    line_items=(*TWO.line_items, LineItem("other_line", "other", 1)),
    components=SMALL.components,
    component_rates=SMALL.component_rates,
    item_components=(ItemComponent("missile", "seeker", 1),),
    stocks=(Stock("missile", 4, 2), Stock("other", 4)),
)


@pytest.mark.parametrize(
    ("table", "key", "changes"),
    [
        ("line_rates", "missile_line", {"slots_per_week": 1.0}),
        ("line_items", "missile_line", {"slots_per_unit": 2}),
        ("components", "seeker", {"on_hand": 0}),
        ("component_rates", "seeker", {"units_per_week": 0.5}),
        ("item_components", "missile", {"units_per_unit": 3}),
        ("stocks", "missile", {"on_hand": 2}),
        ("stocks", "missile", {"readiness_floor": 4}),
    ],
)
def test_less_supply_is_named_where_it_is_later_and_not_where_it_is_earlier(
    table: str, key: str, changes: dict[str, object]
) -> None:
    less = with_row(SUPPLIED, table, key, **changes)
    cause = leading((SUPPLIED, at(3)), (less, at(5)))
    assert (cause.code, cause.proven, cause.changes[0].table) == ("supply", False, table)
    assert codes((SUPPLIED, at(5)), (less, at(3))) == ["replanned"]
    assert leading((less, at(5)), (SUPPLIED, at(3))).code == "supply"


def test_supply_of_another_line_is_no_cause() -> None:
    other = with_row(with_row(SUPPLIED, "line_rates", "other_line", slots_per_week=1.0), "stocks", "other", on_hand=0)
    assert codes((SUPPLIED, at(3)), (other, at(5))) == ["replanned"]


def test_supply_that_comes_after_the_last_unit_has_left_is_no_cause() -> None:
    later = replace(SUPPLIED, receipts=(Receipt("missile", day(6), 5),))
    assert codes((SUPPLIED, at(5)), (later, at(3))) == ["replanned"]
    in_time = replace(SUPPLIED, receipts=(Receipt("missile", day(2), 5),))
    assert codes((SUPPLIED, at(5)), (in_time, at(3))) == ["supply"]


def approved(week: int | None) -> Plan:
    """The small plan with the case of O-complete approved in a week and its order sent three weeks later, or never."""
    kept = tuple(row for row in PLAN.approvals if row.case != "C-review")
    rows = tuple(row for row in PLAN.dispatches if row.demand != "O-complete")
    if week is None:
        return replace(PLAN, approvals=kept, dispatches=rows)
    sent = to_order("O-complete", "shell", 4, week + 3)
    return replace(PLAN, approvals=(*kept, ApprovedCase("C-review", week)), dispatches=(*rows, sent))


def test_the_approval_of_its_case() -> None:
    cause = leading((SMALL, approved(2)), (SMALL, approved(4)), "O-complete")
    assert (cause.code, cause.old, cause.new) == ("approval", day(2), day(4))
    never = leading((SMALL, approved(2)), (SMALL, approved(None)), "O-complete")
    assert (never.code, never.new) == ("approval", False)


def test_an_approval_that_came_earlier_is_not_why_it_is_later() -> None:
    early = approved(2)
    slow = replace(early, dispatches=tuple(
        replace(row, period=9, arrival=9) if row.demand == "O-complete" else row for row in early.dispatches
    ))  # fmt: skip
    assert "approval" not in codes((SMALL, approved(4)), (SMALL, slow), "O-complete")


def test_a_longer_review() -> None:
    longer = with_row(SMALL, "approvals", "C-review", review_weeks=9.0)
    cause = leading((SMALL, approved(2)), (longer, approved(4)), "O-complete")
    assert (cause.code, [row.column for row in cause.changes]) == ("approval", ["review_weeks"])
    free = without_row(SMALL, "approvals", "C-review")
    cause = leading((SMALL, approved(4)), (free, approved(2)), "O-complete")
    assert (cause.code, cause.new) == ("approval", None)


def missile_need(plan: Plan, week: int) -> Plan:
    """The plan with all that the pool sends for N-missile sent in one week, by air."""
    rows = [row for row in plan.dispatches if (row.demand, row.origin) != ("N-missile", "pool")]
    sent = Dispatch("N-missile", "need", "pool", "missile", 3, week, week, ("air",))
    return replace(plan, dispatches=(*rows, sent))


def test_its_packages() -> None:
    late = tuple(Release(r.package, r.status, 6) if r.package == "P-proposed" else r for r in PLAN.releases)
    old, new = missile_need(PLAN, 3), missile_need(replace(PLAN, releases=late), 7)
    cause = leading((SMALL, old), (SMALL, new), "N-missile")
    assert (cause.code, cause.proven, cause.old, cause.new) == ("package", False, 0.0, 6.0)
    assert "package" not in codes((SMALL, missile_need(PLAN, 7)), (SMALL, missile_need(new, 3)), "N-missile")


def test_the_pledges_that_pay_for_its_packages() -> None:
    richer = with_row(SMALL, "pledges", "G-any", amount_usd_m=99.0)
    assert any(isinstance(row, Payment) and row.pledge == "G-any" for row in PLAN.payments)
    cause = leading((SMALL, missile_need(PLAN, 5)), (richer, missile_need(PLAN, 3)), "N-missile")
    assert (cause.code, [row.key for row in cause.changes]) == ("package", [("G-any",)])
    unused = replace(SMALL, pledges=(*SMALL.pledges, a_pledge("G-unused")))
    assert "package" not in codes((SMALL, missile_need(PLAN, 5)), (unused, missile_need(PLAN, 3)), "N-missile")


def test_an_offer_decided_otherwise() -> None:
    rows = tuple(row for row in PLAN.dispatches if row.origin != "V-open" and row.demand != "V-open")
    refused = replace(PLAN, accepted_offers=(), dispatches=rows)
    comparison = compared((SMALL, PLAN), (SMALL, refused))
    assert causes_of(comparison, "N-missile")[0].code == "offer"
    own = causes_of(comparison, "V-open")[0]
    assert (own.code, own.old, own.new) == ("offer", True, False)


def test_its_lanes() -> None:
    slow = with_row(SMALL, "lanes", "air", tonnes_per_week=0.5)
    cause = leading((SMALL, missile_need(PLAN, 3)), (slow, missile_need(PLAN, 5)), "N-missile")
    assert (cause.code, cause.changes[0].key) == ("lane", ("air",))
    assert "lane" not in codes((SMALL, missile_need(PLAN, 5)), (slow, missile_need(PLAN, 3)), "N-missile")
    unreached = with_row(SMALL, "lanes", "air", tonnes_per_week=0.5)
    assert "lane" not in codes((SMALL, approved(2)), (unreached, approved(4)), "O-complete")


def test_what_was_committed_to_it() -> None:
    policy = StabilityPolicy(2, 52.0, 1.0)
    old = replace(TWO, stability=policy)
    new = replace(old, commitments=(Commitment("O", "missile", day(3), 2),))
    assert codes((old, at(5)), (new, at(3))) == ["commitment", "reason"]


def test_its_item() -> None:
    dearer = with_row(TWO, "items", "missile", unit_price_usd_m=20.0)
    assert codes((TWO, at(3)), (dearer, at(3))) == ["item"]


@pytest.mark.parametrize(
    "changes",
    [
        {"start": day(1)},
        {"periods": ((6, 1),)},
        {"after_horizon_weeks": 1},
        {"stability": StabilityPolicy(1, 2.0, 1.0)},
    ],
)
def test_a_setting_for_all(changes: dict[str, object]) -> None:
    assert codes((TWO, at(3)), (replace(TWO, **changes), at(5))) == ["setting"]  # type: ignore[arg-type]


def test_others_on_the_same_line() -> None:
    crowded = replace(TWO, orders=(*TWO.orders, an_order("small", quantity=1), an_order("large", quantity=9)))
    cause = leading((TWO, at(3)), (crowded, at(5)))
    assert (cause.code, cause.demands) == ("competition", (("order", "large"), ("order", "small")))
    assert codes((crowded, at(3)), (TWO, at(5))) == ["replanned"], "rivals that went are not why it is later"
    bigger = with_row(TWO, "orders", "P", quantity=8)
    cause = leading((TWO, at(3)), (bigger, at(5)))
    assert (cause.code, cause.demands, cause.changes[0].column) == ("competition", (("order", "P"),), "quantity")


def test_others_on_other_lines_are_no_rivals() -> None:
    crowded = replace(SUPPLIED, orders=(*SUPPLIED.orders, an_order("Q", item="other", quantity=9)))
    assert codes((SUPPLIED, at(3)), (crowded, at(5))) == ["replanned"]


def test_another_reason_why_it_is_late() -> None:
    problem = bare_problem(orders=(an_order("O"), an_order("P", quantity=9)))
    made = tuple(Made("missile_line", "missile", t, 3) for t in range(4))
    rows = (to_order("P", "missile", 9, 2), to_order("O", "missile", 2, 3))
    busy, idle = Plan(made=made, dispatches=rows), Plan(made=made[3:], dispatches=(to_order("O", "missile", 2, 4),))
    cause = next(one for one in causes_of(compared((problem, busy), (problem, idle)), "O") if one.code == "reason")
    assert (cause.old, cause.new) == ("no_slot", "left_out")


def test_to_be_late_at_all_is_no_other_reason() -> None:
    assert "reason" not in codes((TWO, at(2)), (TWO, Plan()))


def test_planned_anew_in_exchange_for_another() -> None:
    old = Plan(dispatches=(to_order("O", "missile", 2, 3), to_order("P", "missile", 2, 5)))
    new = Plan(dispatches=(to_order("O", "missile", 2, 5), to_order("P", "missile", 2, 3)))
    cause = leading((TWO, old), (TWO, new))
    assert (cause.code, cause.demands, cause.changes) == ("replanned", (("order", "P"),), ())


def test_the_strongest_leads_and_the_others_follow() -> None:
    new = with_row(SUPPLIED, "line_rates", "missile_line", slots_per_week=1.0)
    new = with_row(new, "orders", "O", due_date=day(4))
    new = replace(new, orders=(*new.orders, an_order("Q")))
    assert codes((SUPPLIED, at(3)), (new, at(5))) == ["own_row", "supply", "competition"]
    assert list(CAUSES).index("own_row") < list(CAUSES).index("supply") < list(CAUSES).index("competition")


def test_only_the_own_row_is_proven() -> None:
    """A mutation: `Cause.proven` true for anything else would say "because" of what is only named."""
    assert [code for code in CAUSES if Cause(code).proven] == ["own_row"]


def test_what_did_not_move_has_no_cause() -> None:
    found = compare(side(TWO, at(3)), side(with_row(TWO, "orders", "P", quantity=8), at(3)))
    assert ("order", "O") not in found.causes


def test_a_replacement_that_moved() -> None:
    rows = [row for row in PLAN.dispatches if row.kind == "replacement"]
    others = tuple(row for row in PLAN.dispatches if row.kind != "replacement")
    moved = replace(PLAN, dispatches=(*others, as_replacement("V-open", "missile", sum(r.quantity for r in rows), 9)))
    cause = leading((SMALL, PLAN), (SMALL, moved), "V-open")
    assert cause.code in ("replanned", "reason")
    longer = with_row(SMALL, "offers", "V-open", replacement_within_weeks=12)
    assert leading((SMALL, PLAN), (longer, moved), "V-open").code == "own_row"
