"""Review schedules: earliest deadline first finds one whenever there is one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.checker import check_plan
from models.plan import ApprovedCase, Plan
from models.problem import Approval, ApprovalPolicy, Problem
from tests.builders import bare_problem, day, small_plan, small_problem

REVIEWERS = ApprovalPolicy(2.0, processing_weeks=0, fast_track_pct_gdp=3.5, fast_track_factor=0.5)


def under_review(*efforts: tuple[int, float]) -> Problem:
    """Cases C0, C1, … by the week they are submitted and their effort; four weeks, then periods of two."""
    approvals = tuple(Approval(f"C{k}", day(week), effort) for k, (week, effort) in enumerate(efforts))
    return bare_problem(periods=((4, 1), (2, 2)), approvals=approvals, approval=REVIEWERS)


def approved(*periods: int) -> Plan:
    return Plan(approvals=tuple(ApprovedCase(f"C{k}", period) for k, period in enumerate(periods)))


def found(problem: Problem, plan: Plan) -> list[tuple[str, tuple[str, ...], float]]:
    return [(row.rule, row.index, pytest.approx(row.amount)) for row in check_plan(problem, plan).violations]


def test_work_is_interrupted_for_what_is_due_first() -> None:
    """A long case from week 0, a short one in week 1 that must be done at once: both fit, with nothing to spare."""
    problem = under_review((0, 6.0), (1, 2.0))
    assert found(problem, approved(3, 1)) == []
    assert found(problem, approved(2, 1)) == [("review_capacity", ("2",), 2.0)]


def test_long_periods_hold_more_work() -> None:
    assert found(under_review((4, 4.0), (4, 4.0)), approved(4, 5)) == []
    assert found(under_review((4, 4.0), (4, 4.0)), approved(4, 4)) == [("review_capacity", ("4",), 4.0)]


def test_impossible_alone_is_not_counted_again() -> None:
    """The case that can never be in time takes no capacity from the others."""
    problem = under_review((0, 9.0), (0, 2.0))
    assert found(problem, approved(0, 0)) == [("reviewed_before_approval", ("C0", "0"), 7.0)]


def test_without_effort_it_is_still_not_approved_before_it_is_submitted() -> None:
    problem = under_review((3, 0.0))
    assert found(problem, approved(1)) == [("reviewed_before_approval", ("C0", "1"), 2.0)]
    assert found(problem, approved(3)) == []


def test_no_reviewers_approve_nothing() -> None:
    problem = replace(under_review((0, 1.0)), approval=replace(REVIEWERS, review_weeks_per_week=0.0))
    assert found(problem, approved(5)) == [("reviewed_before_approval", ("C0", "5"), 1.0)]
    assert found(problem, Plan()) == []


@pytest.mark.parametrize("off", [{"approval": None}, {"approvals": ()}])
def test_where_approval_is_off_every_case_is_approved(off: dict[str, None]) -> None:
    assert check_plan(small_problem(**off), small_plan(approvals=())).passed


WINDOWS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 12)).map(
        lambda row: (min(row[:2]), max(row[:2]), row[2] / 2)
    ),
    min_size=1,
    max_size=7,
)


@given(WINDOWS)
def test_a_schedule_exists_unless_some_span_is_overloaded(windows: list[tuple[int, int, float]]) -> None:
    """Divisible work fits its windows if and only if no span of periods must hold more than it can."""
    weeks = (1, 1, 1, 1, 2, 2)
    week_of = (0, 1, 2, 3, 4, 6)
    problem = under_review(*((week_of[opens], effort) for opens, _, effort in windows))
    overloaded = any(
        sum(effort for opens, due, effort in windows if first <= opens and due <= last)
        > 2.0 * sum(weeks[first : last + 1])
        for first in range(6)
        for last in range(first, 6)
    )
    verdict = check_plan(problem, approved(*(due for _, due, _ in windows)))
    assert verdict.passed == (not overloaded)
    alone = {f"C{k}" for k, (opens, due, effort) in enumerate(windows) if effort > 2.0 * sum(weeks[opens : due + 1])}
    assert {row.index[0] for row in verdict.violations if row.rule == "reviewed_before_approval"} == alone
