"""The instance as a history makes it turn out: what changes, by hand, and that the reader accepts it."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from models.calendar import calendar_of
from models.capacity import slots
from models.checker.supply import slots_by_line, supply_by_component
from models.checker.timeline import timeline_of
from models.problem import ComponentRate, LineRate, Need, Problem
from optimizer.reading.instance import read_instance
from optimizer.reading.write import write_folder
from optimizer.scenarios.disturbances import (
    NOTHING,
    ComponentShortage,
    Drawn,
    LatePledge,
    LateRamp,
    LineSlip,
    LongerReview,
    UrgentNeed,
    WithdrawnOffer,
)
from optimizer.scenarios.draw import draw
from optimizer.scenarios.realised import realised
from tests.builders import bare_problem, day, small_problem
from tests.scenarios.histories import a_problem, all_kinds
from tests.strategies import problems


def a_slip(begins: int, ends: int | None, factor: float, known: int = 0) -> LineSlip:
    return LineSlip("missile_line", day(begins), None if ends is None else day(ends), factor, day(known))


def rates(*steps: tuple[int, float]) -> tuple[LineRate, ...]:
    return tuple(LineRate("missile_line", day(week), rate) for week, rate in steps)


def test_nothing_happens_nothing_changes() -> None:
    problem = small_problem()
    assert realised(problem, NOTHING) == problem


def test_a_slip_lasts_from_its_beginning_until_before_its_end() -> None:
    problem = bare_problem()
    changed = realised(problem, Drawn(line_slips=(a_slip(2, 4, 0.5),)))
    assert changed.line_rates == rates((0, 3.0), (2, 1.5), (4, 3.0))
    # 3 3 | 1 2 | 3 3 3 3: seven whole slots by the end of week 2, nine by the end of week 3
    assert slots(changed, calendar_of(changed))["missile_line"] == [3, 3, 1, 2, 3, 3, 3, 3]


def test_half_a_slot_lost_may_cost_the_next_whole_one() -> None:
    changed = realised(bare_problem(), Drawn(line_slips=(a_slip(2, 3, 0.5),)))
    assert slots(changed, calendar_of(changed))["missile_line"] == [3, 3, 1, 3, 3, 3, 3, 3]


def test_a_slip_for_good_and_a_slip_that_begins_before_the_first_row() -> None:
    assert realised(bare_problem(), Drawn(line_slips=(a_slip(3, None, 0.9),))).line_rates == rates((0, 3.0), (3, 2.7))
    late = bare_problem(line_rates=rates((2, 3.0)))
    assert realised(late, Drawn(line_slips=(a_slip(0, 3, 0.1),))).line_rates == rates((2, 0.3), (3, 3.0))


def test_overlapping_slips_multiply_as_decimals() -> None:
    """In binary floating point 3 · 0.1 · 0.7 is 0.21000000000000002."""
    history = Drawn(line_slips=(a_slip(1, 4, 0.1), a_slip(2, 3, 0.7)))
    assert realised(bare_problem(), history).line_rates == rates((0, 3.0), (1, 0.3), (2, 0.21), (3, 0.3), (4, 3.0))


def test_a_late_ramp_moves_its_step_and_all_after_it() -> None:
    problem = bare_problem(line_rates=rates((0, 3.0), (2, 4.0), (4, 6.0)))
    history = Drawn(late_ramps=(LateRamp("missile_line", day(2), 3, day(2)),))
    assert realised(problem, history).line_rates == rates((0, 3.0), (5, 4.0), (7, 6.0))
    twice = Drawn(late_ramps=(*history.late_ramps, LateRamp("missile_line", day(4), 1, day(2))))
    assert realised(problem, twice).line_rates == rates((0, 3.0), (5, 4.0), (8, 6.0))
    # a slip holds on the days it holds on, whatever rate there is then
    with_slip = replace(history, line_slips=(a_slip(4, 6, 0.5),))
    assert realised(problem, with_slip).line_rates == rates((0, 3.0), (4, 1.5), (5, 2.0), (6, 4.0), (7, 6.0))


def test_a_component_dries_up() -> None:
    problem = small_problem()
    changed = realised(problem, Drawn(component_shortages=(ComponentShortage("seeker", day(1), day(3), 0.0, day(1)),)))
    expected = ((0, 2.0), (1, 0.0), (3, 2.0))
    assert changed.component_rates == tuple(ComponentRate("seeker", day(week), rate) for week, rate in expected)
    # two on hand; 2 in week 0, none for two weeks, then 2 a week
    assert supply_by_component(changed, timeline_of(changed))["seeker"][:5] == (4, 4, 4, 6, 8)


def test_the_other_kinds() -> None:
    problem = a_problem()
    need = Need("N-new", "radar", 1, 1, day(3))
    history = Drawn(
        urgent_needs=(UrgentNeed(need, day(1)),),
        late_pledges=(LatePledge("G-later", day(5), 7.5, day(2)),),
        withdrawn_offers=(WithdrawnOffer("V-open", day(1)),),
        longer_reviews=(LongerReview("C-review", 1.1, day(2)), LongerReview("C-review", 0.2, day(2))),
    )
    changed = realised(problem, history)
    assert changed.needs == (*problem.needs, need)
    assert [(row.available_on, row.amount_usd_m) for row in changed.pledges if row.pledge == "G-later"] == [
        (day(5), 7.5)
    ]
    assert changed.offers == ()
    assert "V-open" not in {row.demand for row in changed.commitments}
    assert [row.review_weeks for row in changed.approvals] == [5.3, 4.0]
    touched = {"needs", "pledges", "offers", "commitments", "approvals"}
    same = {row.name for row in fields(problem) if getattr(problem, row.name) == getattr(changed, row.name)}
    assert same == {row.name for row in fields(problem)} - touched


def test_only_what_is_known_by_then() -> None:
    history = Drawn(
        line_slips=(a_slip(2, 4, 0.5, known=3),), urgent_needs=(UrgentNeed(Need("N", "missile", 1, 1, day(3)), day(1)),)
    )
    problem = bare_problem()
    assert realised(problem, history, day(0)) == problem
    assert realised(problem, history, day(1)) == replace(problem, needs=(history.urgent_needs[0].need,))
    assert realised(problem, history, day(3)) == realised(problem, history)


def test_events_about_what_is_not_there_do_nothing() -> None:
    history = Drawn(
        line_slips=(LineSlip("none", day(0), None, 0.5, day(0)),),
        late_pledges=(LatePledge("none", day(5), 7.5, day(2)),),
        withdrawn_offers=(WithdrawnOffer("none", day(1)),),
        longer_reviews=(LongerReview("none", 1.0, day(2)),),
    )
    assert realised(small_problem(), history) == small_problem()


def test_realised_twice_adds_no_need_twice() -> None:
    history = Drawn(urgent_needs=(UrgentNeed(Need("N", "missile", 1, 1, day(3)), day(1)),))
    once = realised(bare_problem(), history)
    assert realised(once, history) == once


@settings(max_examples=25, deadline=None, derandomize=True)
@given(problem=problems(), seed=st.integers(0, 1000), week=st.integers(0, 8))
def test_the_reader_accepts_any_realised_instance(problem: Problem, seed: int, week: int) -> None:
    drawn = draw(problem, all_kinds(0.4), seed)
    for known_by in (None, problem.start + dt.timedelta(weeks=week)):
        changed = realised(problem, drawn, known_by)
        with TemporaryDirectory() as folder:
            write_folder(changed, Path(folder))
            reading = read_instance(Path(folder))
        assert [finding.line() for finding in reading.findings if finding.severity == "error"] == []
        assert reading.problem == changed


@settings(max_examples=25, deadline=None, derandomize=True)
@given(problem=problems(), seed=st.integers(0, 1000))
def test_slots_are_the_floor_of_what_is_left(problem: Problem, seed: int) -> None:
    """Of model and checker, week by week, against a sum over single days in exact arithmetic."""
    drawn = replace(draw(problem, all_kinds(0.3), seed), late_ramps=())
    changed = realised(problem, drawn)
    calendar = calendar_of(changed)
    assert {line: tuple(row) for line, row in slots(changed, calendar).items()} == slots_by_line(
        changed, timeline_of(changed)
    )
    for line, row in slots(changed, calendar).items():
        steps = sorted((step.from_date, step.slots_per_week) for step in problem.line_rates if step.line == line)
        total, marks = Fraction(0), [0]
        for offset in range(7 * calendar.week(calendar.count)):
            today = problem.start + dt.timedelta(days=offset)
            rate = Fraction(str(next((rate for begin, rate in reversed(steps) if begin <= today), 0.0)))
            for slip in drawn.line_slips:
                if slip.line == line and slip.begins <= today and (slip.ends is None or today < slip.ends):
                    rate *= Fraction(str(slip.factor))
            total += rate / 7
            if any(offset + 1 == 7 * calendar.week(t) for t in range(1, calendar.count + 1)):
                marks.append(int(total + Fraction(1, 10**9)))
        assert row == [after - before for before, after in pairwise(marks)]
