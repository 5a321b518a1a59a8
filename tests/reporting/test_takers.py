"""Who gets the output: handed on first in, first out; sums are the plan's whatever the convention."""

from __future__ import annotations

from collections import Counter, defaultdict

from hypothesis import given, settings

from models.baselines import priority_list
from models.checker import check_plan
from models.plan import POOL, Dispatch, Made, Plan
from models.problem import Problem
from optimizer.reporting.figures.spans import span_of, spans
from optimizer.reporting.figures.takers import outputs
from optimizer.reporting.summary import Report
from tests.builders import small_plan, with_dispatch
from tests.reporting.reports import a_report
from tests.strategies import problems


def made(report: Report) -> Counter[tuple[str, str, int]]:
    found: Counter[tuple[str, str, int]] = Counter()
    for row in report.plan.made:
        found[row.line, row.item, row.period] += row.quantity
    return +found


def handed_on(report: Report) -> Counter[tuple[str, str, int]]:
    found: Counter[tuple[str, str, int]] = Counter()
    for row in outputs(report):
        found[row.line, row.item, row.period] += row.units
    return found


def test_all_that_is_made_is_handed_on_once() -> None:
    report = a_report()
    assert handed_on(report) == made(report)


def test_what_came_in_first_goes_out_first() -> None:
    """Two missiles above the floor lie in stock; three are made in each of the first two weeks."""
    report = a_report()
    missiles = [row for row in outputs(report) if row.item == "missile"]
    by_demand: dict[str, list[int]] = defaultdict(list)
    for row in missiles:
        by_demand[row.demand].append(row.period)
    sent = {row.demand: row.period for row in report.plan.dispatches if row.item == "missile" and row.origin == POOL}
    for demand, periods in by_demand.items():
        if demand:
            assert max(periods) <= sent[demand], "nothing leaves before it is made"
    order = sorted((row for row in missiles if row.demand), key=lambda row: sent[row.demand])
    assert [row.period for row in order] == sorted(row.period for row in order)


def test_what_nobody_takes_stays_in_stock() -> None:
    without = with_dispatch(small_plan(), "N-missile", 0, quantity=0)
    more, less = outputs(a_report()), outputs(a_report(plan=without))

    def stock(rows: tuple[object, ...]) -> int:
        return sum(row.units for row in rows if row.taker == "stock")  # type: ignore[attr-defined]

    assert stock(less) > stock(more)


def test_a_plan_that_sends_more_than_there_is_still_has_a_chart() -> None:
    first = next(row for row in small_plan().dispatches if row.origin == POOL)
    greedy = Dispatch(first.demand, first.kind, POOL, first.item, 10_000, first.period, first.arrival, first.route)
    report = a_report(plan=Plan(dispatches=(greedy,), made=(Made("missile_line", "missile", 0, 3),)))
    assert sum(handed_on(report).values()) == 3


@settings(max_examples=25, deadline=None, derandomize=True)
@given(problems())
def test_any_legal_plan(problem: Problem) -> None:
    plan = priority_list(problem)
    report = a_report(problem, plan)
    assert handed_on(report) == made(report)
    if not check_plan(problem, plan).passed:
        return
    got: Counter[tuple[str, str]] = Counter()
    for row in outputs(report):
        got[row.item, row.taker] += row.units
    sent: Counter[tuple[str, str]] = Counter()
    for dispatch in plan.dispatches:
        if dispatch.origin == POOL:
            sent[dispatch.item, dispatch.kind] += dispatch.quantity
    assert all(got[key] <= sent[key] for key in got if key[1] != "stock")


def test_a_long_calendar_is_joined() -> None:
    calendar = a_report().facts.calendar
    assert len(spans(calendar)) == calendar.count
    joined = spans(calendar, 4)
    assert [(span.first, span.last) for span in joined] == [(0, 2), (3, 5), (6, 8), (9, 9)]
    assert joined[0].start == calendar.day(0)
    assert [span.end for span in joined[:-1]] == [span.start for span in joined[1:]]
    assert joined[-1].end == calendar.day(calendar.count)
    assert span_of(joined) == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3]
