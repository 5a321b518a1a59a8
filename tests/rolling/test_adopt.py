"""An instance that stands on its own first day: decisions are taken over, quantities are not rolled."""

from __future__ import annotations

from dataclasses import replace

from models.problem import Problem
from optimizer.rolling.adopt import adopt
from optimizer.rolling.advance import advance
from optimizer.rolling.records import Advanced
from tests.builders import day, small_plan, small_problem, with_row


def standing(problem: Problem, to: int = 2) -> Advanced:
    base, plan = small_problem(), small_plan()
    return adopt(replace(problem, start=day(to), as_of=day(to)), plan, base, advance(base, plan, to=day(to)))


def fresh() -> Problem:
    """What somebody who counts every Monday writes."""
    return replace(small_problem(), receipts=(), commitments=(), periods=((6, 1), (2, 2)))


def test_quantities_are_what_they_are() -> None:
    found = standing(fresh()).problem
    assert {row.item: row.on_hand for row in found.stocks} == {"missile": 4, "old_missile": 6, "shell": 0}
    assert {row.order: row.quantity for row in found.orders}["O-each"] == 2


def test_decisions_are_taken_over() -> None:
    found = standing(fresh())
    assert [row.status for row in found.problem.offers] == ["accepted"]
    funded = {row.package: row.release_on for row in found.problem.packages if row.status == "funded"}
    assert funded == {"P-funded": day(-1), "P-proposed": day(0), f"PKG-{day(1)}-1": day(1)}
    assert {(row.demand, row.date) for row in found.problem.commitments} >= {("V-open", day(2)), ("O-complete", day(3))}
    assert found.problem.as_of == day(2)


def test_differences_are_noted() -> None:
    notes = {note.entities[0]: note.amount for note in standing(fresh()).notes}
    assert notes == {"shell": -7.0, "O-each": 2.0, "O-firm": 1.0, "N-missile": 3.0}
    same = standing(replace(advance(small_problem(), small_plan(), to=day(2)).problem, name="same"))
    assert same.notes == ()
    assert same.broken == ()


def test_a_package_is_taken_over_once() -> None:
    listed = with_row(fresh(), "packages", "P-proposed", status="funded", release_on=day(0))
    found = standing(listed).problem
    assert [row.package for row in found.packages].count("P-proposed") == 1
