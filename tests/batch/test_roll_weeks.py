"""Rolls without folders: what was done adds up, every plan is legal, and every promise is accounted for."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from models.checker import check_plan
from models.plan import Plan
from models.problem import Problem
from optimizer.batch import roll_week
from optimizer.batch.roll_records import RollOptions, Week, plan_from_dict
from optimizer.batch.roll_report import hindsight, report_of, row_of, settle
from optimizer.batch.roll_week import NoPlanError, actuals_of
from optimizer.reading.instance import read_instance
from optimizer.rolling.promises import STATUSES
from optimizer.rolling.unfolding import Unfolding
from optimizer.scenarios.disturbances import NOTHING, Drawn, LineSlip
from optimizer.scenarios.draw import draw
from tests.batch.rolls import exactly, rolled, use
from tests.builders import an_order, bare_problem, day, small_problem, to_order
from tests.cli.runs import TOY
from tests.scenarios.histories import all_kinds
from tests.strategies import problems


@pytest.fixture(autouse=True)
def _exact(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch)


def toy() -> Problem:
    problem = read_instance(TOY).problem
    assert problem is not None
    return problem


def test_with_nothing_disturbed_the_history_is_the_first_plan() -> None:
    """The principle of optimality: what is left of an optimal plan is optimal for what is left."""
    problem = toy()
    weeks = rolled(problem, weeks=8, horizon="fixed")
    settled = settle(Unfolding(problem, NOTHING), weeks)
    first = check_plan(replace(problem, commitments=(), stability=None), weeks[0].plan).terms
    assert settled.violations == ()
    assert settled.terms.total == pytest.approx(first.total) == 862
    assert all(week.moves is not None and week.moves.units == 0 for week in weeks[1:])
    assert not any(week.shortfalls or week.broken or week.news for week in weeks)


def test_a_plan_stands_where_nothing_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound of the toy can be carried over in no week but those without a release or goods under way."""
    solved: list[str] = []

    def counting(problem: Problem, *given: object, **more: object) -> object:
        solved.append(str(problem.start))
        return exactly(problem, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(roll_week, "solve", counting)
    problem = bare_problem(orders=(an_order(quantity=9, due_date=day(0)),))
    weeks = rolled(problem, weeks=4, horizon="fixed")
    assert solved == [str(day(0))]
    assert [week.status for week in weeks] == ["optimal"] * 4
    solved.clear()
    rolled(problem, weeks=4, horizon="fixed", stability=False)
    assert len(solved) == 4


def test_a_slip_falls_short_on_whom_a_week_of_waiting_costs_least() -> None:
    """Three slots a week for a firm order, a heavy and a light one; a third of week 1 does not come."""
    orders = (
        an_order("light", quantity=3, due_date=day(0)),
        an_order("heavy", quantity=3, due_date=day(0), weight_multiplier=5.0),
        an_order("firm", quantity=1, due_date=day(1), firm_by=day(1), weight_multiplier=0.1),
    )
    slip = Drawn(line_slips=(LineSlip("missile_line", day(1), day(2), 0.67, day(2)),))
    problem = bare_problem(orders=orders)
    weeks = rolled(problem, slip, weeks=4)
    planned = {row.demand: row.quantity for row in weeks[1].plan.dispatches if row.period == 0}
    assert weeks[2].before is not None
    done = {row.demand: row.quantity for row in weeks[2].before.plan.dispatches}
    assert sum(planned.values()) == 3
    assert sum(done.values()) == 2
    assert planned["firm"] == done["firm"] == 1
    assert [(row.event, row.planned, row.actual) for row in weeks[2].shortfalls if row.event == "produced"] == [
        ("produced", 3.0, 2.0)
    ]
    assert row_of(weeks[2]).short_units == 1
    assert settle(Unfolding(problem, slip), weeks).violations == ()


def a_firm_order_that_a_slip_breaks() -> tuple[Problem, Drawn]:
    """Nine missiles by week 3, three a week from week 1 on; nothing comes in week 2."""
    firm = an_order("firm", quantity=9, due_date=day(3), firm_by=day(3), earliest_date=day(1))
    problem = bare_problem(orders=(firm, an_order("other", quantity=2)))
    return problem, Drawn(line_slips=(LineSlip("missile_line", day(0), day(3), 0.5, day(1)),))


def test_a_promise_that_cannot_hold_is_moved_by_as_little_as_needed_and_recorded() -> None:
    problem, drawn = a_firm_order_that_a_slip_breaks()
    weeks = rolled(problem, drawn, weeks=6)
    (broken,) = weeks[1].broken
    assert (broken.rule, broken.demand, broken.was) == ("firm_date", "firm", day(3))
    assert broken.units > 0
    # 1 + 1 + 2 in three weeks at half the rate, then three a week: nine by week 4, or by week 5 at the latest
    settled = settle(Unfolding(problem, drawn), weeks)
    sent = Counter[object]()
    for row in settled.plan.dispatches:
        if row.demand == "firm":
            sent[row.period] += row.quantity
    assert broken.now == day(max(sent))  # type: ignore[type-var]
    assert [(row.status, row.made.kind) for row in settled.promises] == [("broken", "firm_date")]
    assert [v.rule for v in settled.violations] == ["firm_date"]
    assert settled.unaccounted == ()


def test_a_promise_that_is_dropped_silently_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutation: promises are relaxed, and nobody writes it down. The account does not add up any more."""
    problem, drawn = a_firm_order_that_a_slip_breaks()
    weeks = rolled(problem, drawn, weeks=3)  # the date is still to come: only the record says that it is broken
    silent = [replace(week, broken=()) for week in weeks]
    assert settle(Unfolding(problem, drawn), weeks).unaccounted == ()
    assert [v.rule for v in settle(Unfolding(problem, drawn), silent).unaccounted] == ["firm_date"]


def test_no_promise_is_relaxed_on_the_first_day() -> None:
    firm = an_order("firm", quantity=99, firm_by=day(1))
    with pytest.raises(NoPlanError) as none:
        rolled(bare_problem(orders=(firm,)))
    assert (none.value.number, none.value.outcome.status) == (0, "infeasible")


def test_without_stability_nothing_is_committed() -> None:
    weeks = rolled(small_problem(), weeks=3, stability=False)
    assert all(week.problem.stability is None and week.problem.commitments == () for week in weeks)
    assert all(week.terms["plan_change"] == 0 for week in weeks)
    assert weeks[1].moves is not None
    assert weeks[1].moves.frozen_planned > 0  # what would be frozen is measured all the same


def test_hindsight_is_never_worse_and_its_bound_holds() -> None:
    problem = small_problem()
    drawn = draw(problem, all_kinds(0.3), 3)
    unfolding, options = Unfolding(problem, drawn), RollOptions(4)
    weeks = rolled(problem, drawn, weeks=4)
    settled = settle(unfolding, weeks)
    best = hindsight(settled, options)
    report = report_of(unfolding, weeks, options, settled, best)
    assert best.delay is not None
    assert best.bound is not None
    assert best.bound <= best.delay + 1e-6 <= report.delay + 2e-6
    assert report.regret is None or report.regret >= -1e-9
    assert report.as_dict()["promises"]["frozen"]["made"] == sum(row.made.kind == "frozen" for row in settled.promises)


def test_actuals_say_only_what_is_not_as_planned() -> None:
    plan = Plan(dispatches=(to_order("A", "missile", 2, 0), to_order("B", "missile", 1, 0)))
    done = Plan(dispatches=(to_order("A", "missile", 1, 0), to_order("B", "missile", 1, 0)))
    rows = list(actuals_of(bare_problem(), plan, done))
    assert [(row.event, row.entity, row.quantity) for row in rows] == [("dispatched", "A", 1)]
    nothing = list(actuals_of(bare_problem(), plan, Plan()))
    assert {(row.entity, row.quantity) for row in nothing} == {("A", 0), ("B", 0)}
    assert list(actuals_of(bare_problem(), plan, plan)) == []


def check_account(problem: Problem, drawn: Drawn, weeks: list[Week]) -> None:
    """What must hold of any roll."""
    settled = settle(Unfolding(problem, drawn), weeks)
    assert [v.message for v in settled.unaccounted] == []
    assert check_plan(settled.relaxed, settled.plan).terms == settled.terms
    for week in weeks:
        assert check_plan(week.problem, week.plan).passed
    # nothing is made, sent or asked for twice: what was done and what the last instance still asks for is the whole
    sent = Counter[str]()
    for week in weeks:
        for row in week.before.plan.dispatches if week.before is not None else ():
            if row.kind == "order":
                sent[row.demand] += row.quantity
    left = {row.order: row.quantity for row in weeks[-1].problem.orders}
    for order in problem.orders:
        assert sent[order.order] + left.get(order.order, 0) == order.quantity
    tally = report_of(Unfolding(problem, drawn), weeks, RollOptions(4), settled, None).tally()
    for counts in tally.values():
        assert counts["made"] == sum(counts[status] for status in STATUSES)
        assert counts["units_made"] == sum(counts[f"units_{status}"] for status in STATUSES)


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    problem=problems(),
    seed=st.integers(0, 100),
    chance=st.sampled_from([0.5, 0.2]),
    horizon=st.sampled_from(["rolling", "fixed"]),
    stability=st.booleans(),
)
def test_any_history_is_accounted_for(
    problem: Problem, seed: int, chance: float, horizon: str, *, stability: bool
) -> None:
    drawn = draw(problem, all_kinds(chance), seed)
    try:
        weeks = rolled(problem, drawn, 4, horizon=horizon, stability=stability)
    except NoPlanError as none:
        assume(none.number > 0)
        raise
    check_account(problem, drawn, weeks)


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(problem=problems())
def test_any_undisturbed_history_is_worth_what_the_first_plan_was(problem: Problem) -> None:
    """With a fixed end. The releases of the first weeks are paid then, and what is paid is promised no more: so the
    history may be better, never worse."""
    try:
        weeks = rolled(problem, NOTHING, 3, horizon="fixed", stability=False)
    except NoPlanError as none:
        assume(none.number > 0)
        raise
    settled = settle(Unfolding(problem, NOTHING), weeks)
    first = check_plan(settled.outcome, weeks[0].plan).terms.total
    assert settled.terms.total <= first + 1e-6 * max(1.0, abs(first))


def test_weeks_go_through_json() -> None:
    problem = small_problem()
    for week in rolled(problem, draw(problem, all_kinds(0.5), 1), 3):
        assert Week.from_dict(week.as_dict(), week.problem) == week
    with pytest.raises(KeyError):
        plan_from_dict({})
    assert plan_from_dict({**{name: [] for name in ("dispatches", "made", "contents", "releases", "payments",
                              "approvals", "accepted_offers")}}) == Plan()  # fmt: skip
