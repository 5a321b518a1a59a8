"""What happened: planned, unless a row of `actuals` speaks of it; what cannot have happened is cut back."""

from __future__ import annotations

import pytest

from models.checker import check_plan
from models.problem import Actual, Receipt
from optimizer.rolling.advance import advance
from optimizer.rolling.records import Advanced
from tests.builders import START, day, small_plan, small_problem, with_row


def said(event: str, entity: str | None, quantity: float, item: str | None = None, **more: object) -> Actual:
    """A row of the first week."""
    fields = {"origin": None, "package": None, "date": START} | more
    return Actual(event, entity, item, quantity=quantity, **fields)  # type: ignore[arg-type]


def rolled(*rows: Actual, to: int = 1) -> Advanced:
    return advance(small_problem(), small_plan(), rows, to=day(to))


def stock(found: Advanced, item: str) -> int:
    first = [row.quantity for row in found.problem.receipts if (row.item, row.date) == (item, found.problem.start)]
    return sum(row.on_hand for row in found.problem.stocks if row.item == item) + sum(first)


def test_nothing_said_is_as_planned() -> None:
    found = rolled()
    assert found.happened.deviations == ()
    assert stock(found, "missile") == 4 + 3 - 2 - 2
    assert found.notes[0].code == "held_level"


def test_output_that_is_said_replaces_what_was_planned_of_the_line() -> None:
    found = rolled(said("produced", "shell_line", 1.0, "shell"))
    assert stock(found, "shell") == 1
    (row,) = found.happened.deviations
    assert (row.event, row.entity, row.item, row.planned, row.actual) == ("produced", "shell_line", "shell", 2.0, 1.0)
    assert stock(rolled(said("produced", "shell_line", 0.0, "shell")), "shell") == 0
    assert stock(rolled(said("produced", "shell_line", 2.0, "shell")), "shell") == 2


def test_item_of_a_line_that_makes_one_needs_not_be_said() -> None:
    assert stock(rolled(said("produced", "shell_line", 1.0)), "shell") == 1


def test_rows_of_another_period_say_nothing_of_this_one() -> None:
    late = said("produced", "shell_line", 0.0, "shell", date=day(1))
    assert stock(rolled(late), "shell") == 2, "a day outside the elapsed time is ignored here, and judged elsewhere"
    found = rolled(late, to=2)
    assert [(row.date, row.planned, row.actual) for row in found.happened.deviations] == [(day(1), 3.0, 0.0)]
    assert stock(found, "shell") == 2 + 2


def test_dispatch_that_did_not_happen_leaves_the_demand_and_the_stock() -> None:
    found = rolled(said("dispatched", "O-each", 0.0))
    assert {row.order: row.quantity for row in found.problem.orders}["O-each"] == 2
    assert stock(found, "missile") == 5


def test_dispatch_of_more_takes_the_next_ones_out_of_the_plan() -> None:
    plan = small_plan()
    found = rolled(said("dispatched", "N-missile", 3.0))
    assert {row.need: row.quantity for row in found.problem.needs}["N-missile"] == 2
    assert sum(row.quantity for row in plan.dispatches if row.demand == "N-missile" and row.period) == 1 + 4
    carried = [row for row in found.carried.dispatches if row.demand == "N-missile"]
    assert [(row.item, row.quantity) for row in carried] == [("old_missile", 4)]
    assert check_plan(found.problem, found.carried).passed


def test_short_output_cuts_back_dispatches_that_were_planned_the_least_first() -> None:
    """One missile above the floor of two, five were to leave: the need of the highest urgency goes first."""
    problem = with_row(small_problem(), "stocks", "missile", on_hand=3)
    found = advance(problem, small_plan(), [said("produced", "missile_line", 0.0, "missile")])
    sent = {row.demand: row.quantity for row in found.happened.dispatches if row.item == "missile"}
    assert sent == {"N-missile": 1}
    notes = {note.entities[0]: note.amount for note in found.notes if note.code == "cut_back"}
    assert notes == {"O-each": 2.0, "N-missile": 1.0}
    assert {row.order: row.quantity for row in found.problem.orders}["O-each"] == 2


def test_what_is_said_to_have_left_is_not_cut_back() -> None:
    problem = with_row(small_problem(), "stocks", "missile", on_hand=3)
    rows = [said("produced", "missile_line", 0.0, "missile"), said("dispatched", "O-each", 2.0)]
    found = advance(problem, small_plan(), rows)
    assert {row.demand: row.quantity for row in found.happened.dispatches if row.item == "missile"} == {"O-each": 2}


def test_units_that_have_not_arrived_are_still_expected() -> None:
    found = rolled(said("arrived", None, 0.0, "shell", date=day(1, 3)), to=2)
    assert found.happened.coming == {"shell": 2}
    assert Receipt("shell", day(2), 2) in found.problem.receipts
    assert "still_coming" in {note.code for note in found.notes}
    more = rolled(said("arrived", None, 5.0, "shell", date=day(1)), to=2)
    assert more.happened.coming == {}
    assert more.happened.arrived["shell"] == 5


def test_package_that_was_not_paid_is_proposed_with_its_content() -> None:
    found = rolled(said("paid", "G-any", 0.0, package="P-new", date=day(1)), to=2)
    packages = {row.package: row.status for row in found.problem.packages}
    name = dict(found.renamed)["P-new"]
    assert packages[name] == "proposed"
    assert {row.need: row.quantity for row in found.problem.package_contents if row.package == name} == {"N-shell": 10}
    assert {row.pledge: row.amount_usd_m for row in found.problem.pledges}["G-ammo"] == 20.0, "what was paid stays"
    assert "paid_in_part" in {note.code for note in found.notes}


def test_payment_in_full_releases() -> None:
    rows = [said("paid", "G-any", 5.0, date=day(1)), said("paid", "G-ammo", 15.0, date=day(1))]
    found = rolled(*rows, to=2)
    assert found.happened.deviations == ()
    assert found.problem == rolled(to=2).problem


@pytest.mark.parametrize(("quantity", "there"), [(0.0, True), (1.0, False)])
def test_case_is_approved_or_not(quantity: float, there: bool) -> None:
    found = rolled(said("approved", "C-review", quantity, date=day(2)), to=3)
    assert ("C-review" in {row.case for row in found.problem.approvals}) is there
    left = {row.case: row.review_weeks for row in found.problem.approvals}
    assert left.get("C-review", 0.0) == 0.0, "the work was done as planned"


def test_case_that_is_approved_early_frees_its_orders() -> None:
    found = rolled(said("approved", "C-review", 1.0))
    (order,) = [row for row in found.problem.orders if row.order == "O-complete"]
    assert order.earliest_date is None, "processed by the new first day"
