"""What a patch does: every verb, every way to choose rows, settings, rounding, and the order of changes."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest

from models.problem import PackagesPolicy, Receipt
from optimizer.scenarios.apply import patched
from optimizer.scenarios.patch import Patch
from tests.scenarios.worlds import after, patch, toy

TOY = toy()


def quantities(problem: object) -> dict[str, int]:
    return {row.order: row.quantity for row in problem.orders}  # type: ignore[attr-defined]


def test_set_by_key_changes_that_row_alone() -> None:
    changed = after(TOY, {"set": "orders.O1.quantity", "to": 6})
    assert quantities(changed) == {**quantities(TOY), "O1": 6}
    assert replace(changed, orders=TOY.orders) == TOY


def test_scale_all_rows_and_some() -> None:
    assert [row.amount_usd_m for row in after(TOY, {"scale": "pledges.*.amount_usd_m", "by": 0.5}).pledges] == [
        12.5,
        10,
    ]
    some = after(TOY, {"scale": "pledges.amount_usd_m", "by": 0.1, "where": {"donor": "BET"}})
    assert [row.amount_usd_m for row in some.pledges] == [25, 2]


def test_decimals_are_exact() -> None:
    once = after(TOY, {"set": "pledges.*.amount_usd_m", "to": 3}, {"scale": "pledges.*.amount_usd_m", "by": 0.1})
    assert {row.amount_usd_m for row in once.pledges} == {0.3}, "not 0.30000000000000004"


def test_shift_dates_by_weeks_and_numbers_by_an_amount() -> None:
    changed = after(TOY, {"shift": "orders.O1.due_date", "by": -2}, {"shift": "orders.*.quantity", "by": 3})
    assert changed.orders[0].due_date == TOY.orders[0].due_date - dt.timedelta(weeks=2)
    assert quantities(changed) == {name: value + 3 for name, value in quantities(TOY).items()}


def test_blank_dates_stay_blank() -> None:
    given = after(TOY, {"set": "orders.O1.earliest_date", "to": "2026-01-12"})
    changed = after(given, {"shift": "orders.*.earliest_date", "by": 1})
    assert [row.earliest_date for row in changed.orders] == [dt.date(2026, 1, 19), None, None, None]


def test_an_empty_text_makes_blank() -> None:
    firm = after(TOY, {"set": "orders.O3.firm_by", "to": "2026-02-23"})
    assert firm.orders[2].firm_by == dt.date(2026, 2, 23)
    assert after(firm, {"set": "orders.O3.firm_by", "to": ""}).orders[2].firm_by is None


def test_add_and_remove_rows() -> None:
    row = {"item": "SHELL", "date": dt.date(2026, 2, 2), "quantity": 4}
    changed = after(TOY, {"add": "receipts", "row": row}, {"add": "receipts", "rows": [row]}, {"remove": "needs.N2"})
    assert changed.receipts == (Receipt("SHELL", dt.date(2026, 2, 2), 4),) * 2, "rows of receipts add up"
    assert [need.need for need in changed.needs] == ["N1"]


def test_a_key_of_several_columns() -> None:
    for text in ("LM,2026-01-05", "LM, 2026-01-05", "LM", "LM,*", "?M,2026-01-05"):
        changed = after(TOY, {"set": f"line_rates.{text}.slots_per_week", "to": 7})
        assert [row.slots_per_week for row in changed.line_rates] == [7, 2], text


def test_a_key_with_dots_and_pattern_signs_is_first_taken_as_it_stands() -> None:
    names = ("a.b*", "a.bc", "x[1]")
    items = tuple(replace(TOY.items[0], item=name, category="air_defence") for name in names)
    problem = replace(TOY, items=(*TOY.items, *items))
    changed = after(problem, {"set": "items.a.b*.unit_price_usd_m", "to": 99}, {"set": "items.x[1].tonnes", "to": 77})
    assert {row.item for row in changed.items if row.unit_price_usd_m == 99} == {"a.b*"}
    assert {row.item for row in changed.items if row.tonnes == 77} == {"x[1]"}
    both = after(problem, {"set": "items.a.*.tonnes", "to": 5})
    assert {row.item for row in both.items if row.tonnes == 5 and row.item.startswith("a.")} == {"a.b*", "a.bc"}


@pytest.mark.parametrize(
    ("where", "unless", "chosen"),
    [
        ({"recipient": "ALP"}, {}, {"O1", "O4"}),
        ({"recipient": ["ALP", "GAM"]}, {}, {"O1", "O2", "O4"}),
        ({"recipient": "?A?"}, {}, {"O2"}),
        ({"item": "SHELL", "recipient": "BET"}, {}, {"O3"}),
        ({}, {"recipient": "ALP"}, {"O2", "O3"}),
        ({"quantity": ">= 4"}, {"order": "O3"}, {"O1", "O4"}),
        ({"quantity": 4}, {}, {"O1", "O4"}),
        ({"due_date": "<2026-01-19"}, {}, {"O2", "O4"}),
        ({"due_date": dt.date(2026, 1, 19)}, {}, {"O1", "O3"}),
        ({"due_date": "2026-01-1*"}, {"due_date": "2026-01-12"}, {"O1", "O3"}),
        ({"firm_by": ""}, {}, {"O1", "O2", "O3", "O4"}),
    ],
)
def test_conditions(where: dict[str, object], unless: dict[str, object], chosen: set[str]) -> None:
    changed = after(
        TOY, {"set": "orders.weight_multiplier", "to": 9, "where": where, "unless": unless or {"order": "-"}}
    )
    assert {row.order for row in changed.orders if row.weight_multiplier == 9} == chosen


def test_a_text_that_looks_like_a_sign_is_a_text() -> None:
    problem = replace(TOY, items=(replace(TOY.items[0], name="<script>"), *TOY.items[1:]))
    changed = after(problem, {"set": "items.tonnes", "to": 3, "where": {"name": "<script>"}})
    assert [row.tonnes for row in changed.items] == [3, TOY.items[1].tonnes]


def test_settings() -> None:
    changed = after(
        TOY,
        {"set": "packages.max_new", "to": 3},
        {"scale": "weights.urgency", "by": 2},
        {"set": "after_horizon_weeks", "to": 9},
        {"shift": "stability.frozen_weeks", "by": 1},
        {"set": "[objective].mode", "to": "lexicographic"},
        {"set": "packages.max_releases_per_period", "to": 2},
    )
    assert TOY.package_policy is not None
    assert TOY.weights is not None
    assert TOY.stability is not None
    assert changed.package_policy == replace(TOY.package_policy, max_new=3, max_releases_per_period=2)
    assert changed.weights == replace(TOY.weights, urgency=(8, 4, 2, 2, 2))
    assert (changed.after_horizon_weeks, changed.objective.mode) == (9, "lexicographic")
    assert changed.stability == replace(TOY.stability, frozen_weeks=3)
    for change in (
        {"remove": "packages.max_releases_per_period"},
        {"set": "packages.max_releases_per_period", "to": ""},
    ):
        again = after(changed, change).package_policy
        assert isinstance(again, PackagesPolicy)
        assert again.max_releases_per_period is None


def test_shares_are_set_together() -> None:
    shares = {"defence_level": 0.2, "defence_trend": 0.2, "ukraine_support": 0.2, "strategic_role": 0.2}
    changed = after(TOY, {"set": "weights.shares", "to": {**shares, "economic_contribution": 0.2}}).weights
    assert changed is not None
    assert set(changed.shares.values()) == {0.2}
    one = patch({"set": "weights.shares", "to": {"defence_level": 0.5}})
    reading = patched(TOY, [one])
    assert [(found.code, found.file) for found in reading.findings if found.severity == "error"] == [
        ("wrong_sum", "scenarios.toml")
    ]


def test_a_section_is_taken_away_and_added() -> None:
    without = after(TOY, {"remove": "[stability]"})
    assert without.stability is None
    row = {"frozen_weeks": 2, "frozen_cost_weeks": 3.0, "change_cost_weeks": 1.0}
    assert after(without, {"add": "[stability]", "row": row}) == TOY
    by_keys = [{"set": f"stability.{key}", "to": value} for key, value in row.items()]
    assert after(without, *by_keys) == TOY


def test_what_a_table_and_a_section_share_a_name_for() -> None:
    package = {"package": "P1", "status": "proposed"}
    changed = after(TOY, {"add": "packages", "row": package}, {"set": "packages.max_new", "to": 0})
    assert [row.package for row in changed.packages] == ["P1"]
    funded = after(
        changed, {"set": "packages.P1.status", "to": "funded"}, {"set": "packages.P1.release_on", "to": "2026-01-12"}
    )
    assert funded.packages[0].status == "funded"
    assert after(funded, {"remove": "packages.*"}).packages == ()


def test_units_scaled_together_add_up() -> None:
    units = {row.order: row for row in TOY.orders}
    changed = after(TOY, {"scale": "orders.*.quantity", "by": 0.5})
    for item in {row.item for row in TOY.orders}:
        before = sum(row.quantity for row in TOY.orders if row.item == item)
        total = sum(row.quantity for row in changed.orders if row.item == item)
        assert total == (before + 1) // 2, item
    assert all(abs(row.quantity - units[row.order].quantity / 2) < 1 for row in changed.orders)


def test_whole_numbers_that_are_no_units_are_rounded_each() -> None:
    changed = after(TOY, {"set": "needs.*.urgency", "to": 1}, {"scale": "needs.*.urgency", "by": 2.5})
    assert [row.urgency for row in changed.needs] == [3, 3], "half up, each by itself"


def test_the_order_of_changes_counts() -> None:
    raised, doubled = {"shift": "orders.O1.quantity", "by": 1}, {"scale": "orders.O1.quantity", "by": 2}
    assert after(TOY, raised, doubled).orders[0].quantity == 10
    assert after(TOY, doubled, raised).orders[0].quantity == 9
    one_after_other = patched(TOY, [patch(raised), patch(doubled)]).problem
    assert one_after_other == after(TOY, raised, doubled)


def test_what_an_earlier_change_added_can_be_changed() -> None:
    row = {"line": "NEW", "name": "New line"}
    rate = {"line": "NEW", "from_date": "2026-01-05", "slots_per_week": 1}
    changed = after(
        TOY,
        {"add": "lines", "row": row},
        {"add": "line_rates", "row": rate},
        {"add": "line_items", "row": {"line": "NEW", "item": "MISSILE", "slots_per_unit": 1}},
        {"scale": "line_rates.NEW.slots_per_week", "by": 4},
    )
    assert changed.line_rates[-1].slots_per_week == 4


def test_no_patch_changes_nothing() -> None:
    reading = patched(TOY, [])
    assert reading.problem == TOY
    assert not [found for found in reading.findings if " after " in found.file]


def test_records_go_through_json() -> None:
    made = patch(
        {"set": "orders.O1.due_date", "to": dt.date(2026, 2, 2)},
        {"set": "weights.urgency", "to": [1, 1, 1, 1, 1]},
        {"scale": "pledges.amount_usd_m", "by": 0.5, "where": {"donor": ["ALP", "B*"]}, "unless": {"earmark": ""}},
        {"add": "receipts", "row": {"item": "SHELL", "date": dt.date(2026, 2, 2), "quantity": 4}},
        {"remove": "[readiness]"},
        {"remove": "needs.N1"},
    )
    assert Patch.from_dict(json.loads(json.dumps(made.as_dict()))) == made
    with pytest.raises(ValueError, match="unknown_column"):
        Patch.from_dict({"name": "x", "changes": [{"set": "orders.O1.colour", "to": "red"}]})
