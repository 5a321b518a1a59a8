"""Draws: the same for the same seed, and of one row and one entity alone whatever else there is."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.problem import Problem
from optimizer.scenarios.disturbances import (
    KINDS,
    Chosen,
    Disturbances,
    Drawn,
    LatePledges,
    Range,
)
from optimizer.scenarios.draw import draw, stream
from tests.builders import an_offer, day, with_row
from tests.scenarios.histories import a_problem, all_kinds
from tests.strategies import problems


def test_the_same_seed_gives_the_same_history() -> None:
    problem, disturbances = a_problem(), all_kinds(0.5)
    assert draw(problem, disturbances, 7) == draw(problem, disturbances, 7)
    assert len({str(draw(problem, disturbances, seed)) for seed in range(5)}) == 5


def test_every_kind_happens_where_it_is_certain() -> None:
    drawn = draw(a_problem(), all_kinds(), 0)
    assert {kind: bool(getattr(drawn, kind)) for kind in KINDS} == dict.fromkeys(KINDS, True)
    assert list(draw(a_problem(), all_kinds(0.0), 0).events()) == []


def test_known_draws() -> None:
    """The numbers themselves, so that a change of the stream is seen: histories are promised to stay the same."""
    units = stream(1, "line_slips", "slip", "L-155")
    assert [round(next(units), 6) for _ in range(3)] == KNOWN
    assert [round(next(stream(2, "line_slips", "slip", "L-155")), 6)] != KNOWN[:1]


KNOWN = [0.270764, 0.490966, 0.172264]


def test_names_do_not_run_together() -> None:
    assert next(stream(0, "a", "bc")) != next(stream(0, "ab", "c"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_draws_the_same_without_the_others(kind: str) -> None:
    problem, disturbances = a_problem(), all_kinds(0.5)
    alone = Disturbances("alone", "", **{kind: getattr(disturbances, kind)})
    assert getattr(draw(problem, alone, 3), kind) == getattr(draw(problem, disturbances, 3), kind)


def test_a_row_and_an_entity_more_leave_the_others_alone() -> None:
    problem, disturbances = a_problem(), all_kinds(0.5)
    (slips,) = disturbances.line_slips
    more = replace(disturbances, line_slips=(replace(slips, name="first"), slips))
    before, after = draw(problem, disturbances, 5).line_slips, draw(problem, more, 5).line_slips
    assert before
    assert after[len(after) - len(before) :] == before
    fewer = replace(problem, lines=problem.lines[1:])
    assert draw(fewer, disturbances, 5).line_slips == tuple(slip for slip in before if slip.line == "shell_line")


def test_a_longer_horizon_leaves_the_first_weeks_alone() -> None:
    problem, disturbances = a_problem(), all_kinds(0.4)
    longer = replace(problem, periods=((20, 1),))
    weeks = sum(count * length for count, length in problem.periods)
    short, long = draw(problem, disturbances, 2), draw(longer, disturbances, 2)
    assert short.urgent_needs
    assert short.urgent_needs == tuple(row for row in long.urgent_needs if row.known_on < day(weeks))


def test_another_range_draws_the_same_numbers() -> None:
    """Common random numbers: the slips are the same ones, only larger."""
    problem, disturbances = a_problem(), all_kinds(0.3)
    (slips,) = disturbances.line_slips
    worse = replace(disturbances, line_slips=(replace(slips, loss=Range(0.2, 0.8)),))
    before, after = draw(problem, disturbances, 4).line_slips, draw(problem, worse, 4).line_slips
    assert [(row.line, row.begins, row.ends) for row in before] == [(row.line, row.begins, row.ends) for row in after]
    assert [round(2 * (1 - row.factor), 3) for row in before] == pytest.approx(
        [round(1 - row.factor, 3) for row in after], abs=2e-3
    )


def test_a_row_strikes_an_entity_once_at_a_time() -> None:
    drawn = draw(a_problem(), all_kinds(), 0)
    for line in ("missile_line", "shell_line"):
        spells = [row for row in drawn.line_slips if row.line == line]
        assert all(row.ends is not None for row in spells)
        assert [row.begins for row in spells[1:]] == [row.ends for row in spells[:-1]]


def test_slips_keep_to_their_ranges() -> None:
    slips = draw(a_problem(), all_kinds(), 0).line_slips
    assert all(0.6 <= row.factor <= 0.9 for row in slips)
    assert all(row.begins.weekday() == 0 and row.known_on == row.begins + dt.timedelta(weeks=1) for row in slips)


@pytest.mark.parametrize(
    ("kind", "chosen", "means"),
    [
        ("line_slips", Chosen("lines", ("shell_line",)), lambda row: row.line == "shell_line"),
        ("line_slips", Chosen("items", ("radar",)), lambda row: row.line == "missile_line"),
        ("line_slips", Chosen("categories", ("ammunition",)), lambda row: row.line == "shell_line"),
        ("component_shortages", Chosen("items", ("missile",)), lambda row: row.component == "seeker"),
        ("urgent_needs", Chosen("categories", ("ammunition",)), lambda row: row.need.item == "shell"),
        ("late_pledges", Chosen("donors", ("DEU",)), lambda row: row.pledge == "G-later"),
        ("withdrawn_offers", Chosen("donors", ("DEU",)), lambda row: row.offer == "V-open"),
        ("withdrawn_offers", Chosen("items", ("old_missile",)), lambda row: row.offer == "V-open"),
        ("longer_reviews", Chosen("recipients", ("CHE",)), lambda row: row.case == "C-review"),
        ("longer_reviews", Chosen("cases", ("C-later",)), lambda row: row.case == "C-later"),
    ],
)
def test_whom_a_row_means(kind: str, chosen: Chosen, means: Callable[[Any], bool]) -> None:
    (row,) = getattr(all_kinds(), kind)
    events = getattr(draw(a_problem(), Disturbances("x", "", **{kind: (replace(row, chosen=chosen),)}), 1), kind)
    assert events
    assert all(map(means, events))


def test_names_that_are_not_there_mean_nobody() -> None:
    (row,) = all_kinds().line_slips
    nobody = replace(row, chosen=Chosen("lines", ("none",)))
    assert draw(a_problem(), Disturbances("x", "", (nobody,)), 1).line_slips == ()


def test_only_what_is_still_ahead_is_late_or_withdrawn() -> None:
    problem = a_problem()
    drawn = draw(problem, all_kinds(), 0)
    assert {row.pledge for row in drawn.late_pledges} == {"G-later"}
    assert all(row.known_on <= day(3) for row in drawn.late_pledges)
    assert all(day(0) < row.known_on <= day(2) for row in drawn.withdrawn_offers)
    assert draw(with_row(problem, "offers", "V-open", status="accepted"), all_kinds(), 0).withdrawn_offers == ()
    there = replace(problem, offers=(an_offer(available_on=day(0)),))
    assert draw(there, all_kinds(), 0).withdrawn_offers == ()


def test_a_pledge_that_comes_after_its_end_never_comes() -> None:
    """It expires in week 6, and was to come in week 3: with more than three weeks it is worth nothing."""
    late = Disturbances("x", "", late_pledges=(LatePledges("l", Chosen(), 1.0, Range(4, 4), Range(1, 1), Range(0, 0)),))
    (event,) = draw(a_problem(), late, 0).late_pledges
    assert (event.available_on, event.amount_usd_m) == (day(3, 2), 0.0)


def test_urgent_needs_have_names_of_their_own() -> None:
    problem = a_problem()
    name = draw(problem, all_kinds(), 0).urgent_needs[0].need.need
    taken = with_row(problem, "needs", "N-shell", need=name)
    names = [row.need.need for row in draw(taken, all_kinds(), 0).urgent_needs]
    assert len({*names, name}) == len(names) + 1


def test_the_first_row_that_strikes_a_pledge_counts() -> None:
    rows = tuple(
        LatePledges(name, Chosen(), 1.0, Range(weeks, weeks), Range(1, 1), Range(0, 0))
        for name, weeks in (("a", 1), ("b", 2))
    )
    (event,) = draw(a_problem(), Disturbances("x", "", late_pledges=rows), 0).late_pledges
    assert event.available_on == day(4, 2)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(problem=problems(), seed=st.integers(0, 2**40))
def test_any_history_is_reproducible_and_goes_through_json(problem: Problem, seed: int) -> None:
    drawn = draw(problem, all_kinds(0.4), seed)
    assert drawn == draw(problem, all_kinds(0.4), seed)
    assert Drawn.from_dict(json.loads(json.dumps(drawn.as_dict()))) == drawn
    assert all(
        event.known_on >= problem.start and (event.known_on - problem.start).days % 7 == 0 for event in drawn.events()
    )
