"""Differences of two instances: rows by key, settings, step functions by date."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings

from models.keys import ADDING_UP, SECTION_NAMES, SETTINGS, TABLE_KEYS
from models.problem import LineRate, Problem, Receipt
from optimizer.explaining.changes import Change, changes
from optimizer.explaining.comparing import Side
from optimizer.reading.columns import TABLES
from optimizer.reading.sections import SECTIONS
from tests.builders import START, an_order, bare_problem, day, small_problem, with_policy, with_row, without_row
from tests.explaining.pairs import pairs

SMALL = small_problem()


def test_the_keys_are_those_of_the_reader() -> None:
    assert list(TABLE_KEYS) == list(TABLES)
    for name, table in TABLES.items():
        assert TABLE_KEYS[name] == (table.key or TABLE_KEYS[name])
        assert (name in ADDING_UP) == (not table.key), name
    assert {name: section.name for section in SECTIONS.values() if (name := section.field)} == SECTION_NAMES


def test_every_field_of_a_problem_is_compared() -> None:
    assert {field.name for field in fields(Problem)} == {*TABLE_KEYS, *SECTION_NAMES, *SETTINGS}


def test_the_same_instance_has_no_changes() -> None:
    assert changes(SMALL, SMALL) == ()


def test_a_changed_cell() -> None:
    other = with_row(SMALL, "orders", "O-each", quantity=5)
    assert changes(SMALL, other) == (Change("orders", ("O-each",), "changed", "quantity", 2, 5),)


@pytest.mark.parametrize("table", [table for table in TABLE_KEYS if getattr(SMALL, table)])
def test_a_row_that_is_gone_or_new(table: str) -> None:
    shorter = replace(SMALL, **{table: getattr(SMALL, table)[:-1]})
    gone, new = changes(SMALL, shorter), changes(shorter, SMALL)
    assert [change.table for change in gone] == [table]
    assert new == tuple(change.mirrored for change in gone)
    if "rates" not in table:
        assert (gone[0].kind, new[0].kind) == ("removed", "added")
        assert gone[0].row


def test_the_order_of_rows_says_nothing() -> None:
    assert changes(SMALL, replace(SMALL, orders=SMALL.orders[::-1], needs=SMALL.needs[::-1])) == ()


def test_settings_and_their_inner_keys() -> None:
    policy = SMALL.weights
    assert policy is not None
    other = with_policy(SMALL, "weights", shares={**policy.shares, "defence_trend": 0.1}, ukraine=9.0)
    found = {(change.table, change.column, change.old, change.new) for change in changes(SMALL, other)}
    assert found == {("[weights]", "ukraine", 8.0, 9.0), ("[weights]", "shares.defence_trend", 0.0, 0.1)}


def test_a_section_that_is_gone() -> None:
    found = changes(SMALL, replace(SMALL, readiness=None))
    assert [(change.table, change.column, change.new) for change in found] == [("[readiness]", "weight", None)]


def test_the_horizon() -> None:
    other = replace(SMALL, periods=((4, 1),), after_horizon_weeks=4)
    assert {(change.column, change.new) for change in changes(SMALL, other)} == {
        ("periods", "[[4, 1]]"),
        ("after_horizon_weeks", 4),
    }


def test_rates_are_compared_as_functions() -> None:
    old = bare_problem()
    repeated = replace(old, line_rates=(*old.line_rates, LineRate("missile_line", day(3), 3.0)))
    assert changes(old, repeated) == (), "a row that repeats the rate before it changes nothing"
    faster = replace(old, line_rates=(*old.line_rates, LineRate("missile_line", day(3), 5.0)))
    assert changes(old, faster) == (
        Change("line_rates", ("missile_line", day(3).isoformat()), "changed", "slots_per_week", 3.0, 5.0),
    )
    assert changes(old, faster)[0].day == day(3)


def test_a_rate_for_some_weeks_only() -> None:
    old = bare_problem()
    rows = (*old.line_rates, LineRate("missile_line", day(2), 5.0), LineRate("missile_line", day(4), 3.0))
    found = changes(old, replace(old, line_rates=rows))
    assert [(change.key[1], change.old, change.new) for change in found] == [(day(2).isoformat(), 3.0, 5.0)]


def test_a_week_later_what_has_gone_by_is_not_changed() -> None:
    old = replace(SMALL, line_rates=(LineRate("missile_line", START, 2.0), LineRate("missile_line", day(1), 3.0)))
    new = replace(
        old, start=day(1), line_rates=(LineRate("missile_line", day(0), 3.0),), commitments=old.commitments[1:]
    )
    new = replace(new, commitments=tuple(row for row in new.commitments if row.date >= day(1)))
    assert [change.column for change in changes(old, new)] == ["start"]
    missed = replace(new, receipts=())
    assert {change.table for change in changes(old, missed)} == {"instance", "receipts"}, "a receipt still to come"


def test_rows_that_add_up() -> None:
    old = bare_problem(receipts=(Receipt("missile", day(2), 3),))
    split = replace(old, receipts=(Receipt("missile", day(2), 1), Receipt("missile", day(2), 2)))
    assert changes(old, split) == ()
    more = replace(old, receipts=(Receipt("missile", day(2), 3), Receipt("missile", day(2), 2)))
    assert [(change.old, change.new) for change in changes(old, more)] == [(3, 5)]


def test_a_name_that_looks_like_a_formula_stays_a_name() -> None:
    old = bare_problem(orders=(an_order("=1+1"),))
    assert changes(old, without_row(old, "orders", "=1+1"))[0].key == ("=1+1",)


@given(pairs())
@settings(max_examples=25, derandomize=True, deadline=None)
def test_seen_from_the_other_side_it_is_the_mirror_image(pair: tuple[Side, Side]) -> None:
    old, new = (side.problem for side in pair)
    assert set(changes(new, old)) == {change.mirrored for change in changes(old, new)}
    assert (changes(old, new) == ()) == (_plain(old) == _plain(new))


def _plain(problem: Problem) -> Problem:
    """Without what says nothing: rates that repeat the rate before them, or that are 0 from the start."""
    rates: dict[str, tuple[dt.date, float]] = {}
    kept = []
    for row in sorted(problem.line_rates, key=lambda row: (row.line, row.from_date)):
        if rates.get(row.line, (None, 0.0))[1] != row.slots_per_week:
            kept.append(row)
        rates[row.line] = (row.from_date, row.slots_per_week)
    return replace(problem, line_rates=tuple(kept))
