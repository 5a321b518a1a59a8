"""Every kind of wrong patch: the code, what stands there, the guess, and where it was written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from models.problem import LineItem
from optimizer.scenarios.apply import patched
from optimizer.scenarios.patch import judged_patch
from tests.scenarios.worlds import errors, patch, refused, toy, wrong_in

TOY = toy()

WRITTEN: list[tuple[dict[str, Any], str, str]] = [
    ({"set": "order.O1.quantity", "to": 1}, "unknown_table", "Maybe orders"),
    ({"set": "wheels.O1.quantity", "to": 1}, "unknown_table", ""),
    ({"set": "orders.O1.quantty", "to": 1}, "unknown_column", "Maybe quantity"),
    ({"set": "orders.O1", "to": 1}, "unknown_column", ""),
    ({"set": "orders", "to": 1}, "unknown_column", ""),
    ({"set": "orders.quantity", "to": 1}, "bad_scenario", "Maybe orders.*.quantity"),
    ({"set": "packages.max_mew", "to": 1}, "unknown_column", "Maybe max_new"),
    ({"set": "[packages].max_mew", "to": 1}, "unknown_setting", "Maybe max_new"),
    ({"set": "delivery.poolsite", "to": "POOL"}, "unknown_setting", "Maybe pool_site"),
    ({"set": "[parcels].max_new", "to": 1}, "unknown_setting", ""),
    ({"set": "[package].max_new", "to": 1}, "unknown_setting", "Maybe packages"),
    ({"set": "[packages]", "to": 1}, "bad_scenario", ""),
    ({"set": "readiness", "to": 1}, "bad_scenario", ""),
    ({"set": "", "to": 1}, "unknown_table", ""),
    ({"set": 3, "to": 1}, "bad_scenario", ""),
    ({"set": "orders.O1.quantity"}, "bad_scenario", ""),
    ({"set": "orders.O1.quantity", "too": 1, "to": 2}, "bad_scenario", ""),
    ({"set": "orders.O1.quantity", "to": "four"}, "not_a_number", ""),
    ({"set": "orders.O1.quantity", "to": 2.5}, "not_whole", ""),
    ({"set": "orders.O1.quantity", "to": -1}, "too_small", ""),
    ({"set": "orders.O1.quantity", "to": 10**8}, "too_large", ""),
    ({"set": "orders.O1.quantity", "to": ""}, "missing_value", ""),
    ({"set": "orders.O1.quantity", "to": [1]}, "wrong_type", ""),
    ({"set": "orders.O1.quantity", "to": {"a": 1}}, "wrong_type", ""),
    ({"set": "orders.O1.quantity", "to": True}, "not_a_number", ""),
    ({"set": "orders.O1.due_date", "to": "1/2/2026"}, "not_a_date", "Maybe 2026-02-01"),
    ({"set": "orders.O1.due_date", "to": "2026-02-30"}, "impossible_date", "Maybe 2026-02-28"),
    ({"set": "orders.O1.delivery", "to": "eech"}, "unknown_choice", "Maybe each"),
    ({"set": "recipients.ALP.recipient", "to": "alp"}, "bad_code", "Maybe ALP"),
    ({"set": "items.MISSILE.name", "to": "a\nb"}, "bad_text", ""),
    ({"set": "packages.max_new", "to": "x"}, "not_a_number", ""),
    ({"set": "packages.max_new", "to": ""}, "missing_value", ""),
    ({"set": "periods", "to": [[0, 1]]}, "too_small", ""),
    ({"set": "weights.urgency", "to": [1, 2]}, "wrong_length", ""),
    ({"set": "objective.stages", "to": ["needs_dlay"]}, "unknown_choice", "Maybe needs_delay"),
    ({"set": "weights.shares", "to": 1}, "wrong_type", ""),
    ({"set": "weights.shares", "to": {"defence": 1}}, "unknown_setting", ""),
    ({"scale": "weights.shares", "by": 1}, "wrong_type", ""),
    ({"scale": "orders.O1.due_date", "by": 2}, "wrong_change", ""),
    ({"scale": "orders.O1.item", "by": 2}, "wrong_change", ""),
    ({"scale": "periods", "by": 2}, "wrong_change", ""),
    ({"shift": "weights.urgency", "by": 2}, "wrong_change", ""),
    ({"shift": "orders.O1.recipient", "by": 2}, "wrong_change", ""),
    ({"scale": "orders.O1.quantity", "by": -2}, "too_small", ""),
    ({"scale": "orders.O1.quantity", "by": "1,5"}, "not_a_number", "Maybe 1.5"),
    ({"scale": "orders.O1.quantity", "by": float("nan")}, "not_finite", ""),
    ({"scale": "orders.O1.quantity", "by": float("inf")}, "not_finite", ""),
    ({"shift": "orders.O1.quantity", "by": 0.5}, "not_whole", ""),
    ({"shift": "orders.O1.due_date", "by": 0.5}, "not_whole", ""),
    ({"add": "orders.O1", "row": {}}, "bad_scenario", ""),
    ({"add": "start", "row": {}}, "bad_scenario", ""),
    ({"add": "[packages].max_new", "row": {}}, "bad_scenario", ""),
    ({"add": "receipts"}, "bad_scenario", ""),
    ({"add": "receipts", "rows": []}, "bad_scenario", ""),
    ({"add": "receipts", "rows": 3}, "bad_scenario", ""),
    ({"add": "lines", "row": {"line": "X", "name": "X"}, "rows": [{"line": "Y", "name": "Y"}]}, "bad_scenario", ""),
    ({"add": "lines", "row": {"line": "X", "name": "X", "nmae": "Y"}}, "unknown_column", "Maybe name"),
    ({"add": "lines", "row": {"line": "X"}}, "missing_value", ""),
    ({"add": "lines", "row": {"line": "X", "name": "X"}, "where": {"line": "X"}}, "bad_scenario", ""),
    ({"add": "[readiness]", "row": {"wieght": 3}}, "unknown_setting", "Maybe weight"),
    ({"remove": "orders"}, "bad_scenario", ""),
    ({"remove": "packages"}, "bad_scenario", ""),
    ({"remove": "needs.N1", "to": 3}, "bad_scenario", ""),
    ({"set": "orders.quantity", "to": 1, "where": {"recipent": "ALP"}}, "unknown_column", "Maybe recipient"),
    ({"set": "orders.quantity", "to": 1, "where": {"quantity": "> many"}}, "not_a_number", ""),
    ({"set": "orders.quantity", "to": 1, "where": {"due_date": "soon"}}, "not_a_date", ""),
    ({"set": "orders.quantity", "to": 1, "where": {"recipient": {"is": "ALP"}}}, "wrong_type", ""),
    ({"set": "orders.quantity", "to": 1, "where": ["ALP"]}, "bad_scenario", ""),
    ({"set": "packages.max_new", "to": 1, "where": {"package": "P1"}}, "bad_scenario", ""),
    ({"to": 3}, "bad_scenario", ""),
    ({"sett": "orders.O1.quantity", "to": 3}, "bad_scenario", "Maybe set"),
    ({"set": "orders.O1.quantity", "scale": "orders.O1.quantity", "to": 3}, "bad_scenario", ""),
]


@pytest.mark.parametrize(("change", "code", "hint"), WRITTEN, ids=lambda value: str(value)[:50])
def test_what_is_wrong_without_an_instance(change: dict[str, Any], code: str, hint: str) -> None:
    found = wrong_in(change)
    assert [finding.code for finding in found] == [code], [finding.line() for finding in found]
    assert (found[0].file, found[0].column) == ("scenarios.toml", "asked, change 1")
    assert hint in found[0].hint
    assert bool(hint) == bool(found[0].hint)
    assert found[0].message


MADE: list[tuple[dict[str, Any], str, str]] = [
    ({"set": "orders.O11.quantity", "to": 1}, "nothing_selected", ""),
    ({"set": "line_rates.LMM,2026-01-05.slots_per_week", "to": 1}, "nothing_selected", "Maybe LM,2026-01-05"),
    ({"remove": "needs.X*"}, "nothing_selected", ""),
    ({"remove": "receipts.*"}, "nothing_selected", ""),
    ({"remove": "orders", "where": {"recipient": "BETA"}}, "nothing_selected", "Maybe BET"),
    ({"remove": "orders", "where": {"recipient": "GAM", "item": "SHELL"}}, "nothing_selected", ""),
    ({"remove": "orders", "unless": {"recipient": "*"}}, "nothing_selected", ""),
    ({"remove": "packages.max_releases_per_period"}, "nothing_selected", ""),
    ({"scale": "packages.max_releases_per_period", "by": 2}, "nothing_selected", ""),
    ({"scale": "orders.O1.quantity", "by": 1e9}, "too_large", ""),
    ({"scale": "pledges.*.amount_usd_m", "by": 1e308}, "too_large", ""),
    ({"shift": "orders.O1.quantity", "by": -5}, "too_small", ""),
    ({"shift": "orders.O1.due_date", "by": 10**4}, "date_out_of_range", ""),
    ({"shift": "orders.O1.due_date", "by": 10**9}, "date_out_of_range", ""),
    ({"scale": "line_items.*.slots_per_unit", "by": 0.1}, "too_small", ""),
    ({"scale": "readiness.weight", "by": 1e9}, "too_large", ""),
    ({"scale": "weights.urgency", "by": 1e9}, "too_large", ""),
    ({"add": "lines", "row": {"line": "LM", "name": "twice"}}, "duplicate_key", "Maybe set instead of add"),
    ({"add": "[readiness]", "row": {"weight": 1}}, "duplicate_setting", "Maybe set"),
    # what only the instance as a whole says is placed at the change that touched the row
    ({"set": "orders.O1.item", "to": "MISILE"}, "unknown_key", "Maybe MISSILE"),
    ({"set": "start", "to": "2026-01-06"}, "not_a_monday", "Maybe 2026-01-05"),
    ({"set": "weights.shares.defence_level", "to": 0.9}, "wrong_sum", ""),
    ({"set": "orders.O3.order", "to": "O1"}, "duplicate_key", ""),
]


@pytest.mark.parametrize(("change", "code", "hint"), MADE, ids=lambda value: str(value)[:50])
def test_what_is_wrong_in_an_instance(change: dict[str, Any], code: str, hint: str) -> None:
    found = refused(TOY, change)
    assert [finding.code for finding in found] == [code], [finding.line() for finding in found]
    assert found[0].file == "scenarios.toml"
    assert (found[0].column or "").startswith("asked, change 1")
    assert hint in found[0].hint
    assert bool(hint) == bool(found[0].hint)


def test_what_a_removed_row_leaves_behind_is_said_of_the_table() -> None:
    found = refused(TOY, {"remove": "lines.LM"})
    assert {(finding.code, finding.file) for finding in found} == {
        ("unknown_key", "line_rates.csv after asked"),
        ("unknown_key", "line_items.csv after asked"),
    }


def test_a_limit_is_said_once_for_many_rows() -> None:
    (finding,) = refused(TOY, {"scale": "orders.*.quantity", "by": 1e9})
    assert "and 3 more" in finding.message


def test_nothing_but_blanks_is_a_warning() -> None:
    reading = patched(TOY, [patch({"shift": "orders.*.earliest_date", "by": 2})])
    assert reading.problem == TOY
    assert "nothing_changed" in {found.code for found in reading.findings if found.severity == "warning"}


def test_two_rows_one_text() -> None:
    rows = (LineItem("a", "b,c", 1), LineItem("a,b", "c", 1))
    items = tuple(replace(TOY.items[0], item=name) for name in ("b,c", "c"))
    lines = tuple(replace(TOY.lines[0], line=name) for name in ("a", "a,b"))
    problem = replace(TOY, line_items=(*TOY.line_items, *rows), items=(*TOY.items, *items), lines=(*TOY.lines, *lines))
    (finding,) = refused(problem, {"set": "line_items.a,b,c.slots_per_unit", "to": 2})
    assert finding.code == "bad_scenario"
    change = {"set": "line_items.slots_per_unit", "to": 2, "where": {"line": "a,b", "item": "c"}}
    reading = patched(problem, [patch(change)])
    assert reading.problem is not None
    assert [row.slots_per_unit for row in reading.problem.line_items[-2:]] == [1, 2]


def test_everything_wrong_comes_at_once() -> None:
    changes = [{"set": "orders.O1.quantity", "to": "x"}, {"sett": 1}, {"remove": "needs.N1"}, 5]
    made, found = judged_patch("many", {"changes": changes, "abuot": "x", "about": 3}, "f.toml", (4, 5, 6, 7))
    assert [(finding.code, finding.row) for finding in found] == [
        *(("bad_scenario", None), ("bad_scenario", None)),
        *(("not_a_number", 4), ("bad_scenario", 5), ("bad_scenario", 7)),
    ]
    assert len(made.changes) == 1, "what is sound of it can still be tried"
    assert "Maybe about" in found[0].hint


def test_the_judge_still_finds_what_is_wrong_between_rows() -> None:
    reading = patched(TOY, [patch({"set": "orders.*.item", "to": "X"}, name="all to X")])
    assert len(errors(reading)) == len(TOY.orders)
    assert {finding.column for finding in errors(reading)} == {"all to X, change 1, item"}
