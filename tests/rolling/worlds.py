"""Plans with worlds to execute them in, drawn by hypothesis: lines slip, money is late or short, offers go."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from models.baselines import list_plan
from models.checker import check_plan
from models.plan import Plan
from models.problem import ComponentRate, LineRate, Need, Problem
from tests.builders import START
from tests.strategies import pick, problems


@st.composite
def legal(draw: st.DrawFn) -> tuple[Problem, Plan]:
    """An instance, and a legal plan of it: demands served in any order, offers accepted, early or just in time."""
    problem = draw(problems())
    names = [row.order for row in problem.orders] + [row.need for row in problem.needs]
    ranking = draw(st.permutations(names))
    offers = [row.offer for row in problem.offers] if draw(st.booleans()) else []
    plan = list_plan(problem, ranking, accepted=offers, just_in_time=draw(st.booleans()))
    assume(check_plan(problem, plan).passed)
    return problem, plan


@st.composite
def worlds(draw: st.DrawFn, problem: Problem) -> Problem:
    """The instance as it turns out: any of what disturbances change, none of it now and then."""
    tables: dict[str, Any] = {}
    if draw(pick(True, True, False)):
        tables["line_rates"] = tuple(row for rate in problem.line_rates for row in draw(slipped(rate)))
    if draw(st.booleans()):
        tables["component_rates"] = tuple(row for rate in problem.component_rates for row in draw(slipped(rate)))
    if draw(st.booleans()):
        weeks, share = pick(0, 1, 2, 9), pick(1.0, 0.5, 0.0)
        tables["pledges"] = tuple(
            replace(
                row,
                available_on=row.available_on + dt.timedelta(weeks=draw(weeks)),
                amount_usd_m=row.amount_usd_m * draw(share),
            )
            for row in problem.pledges
        )
    if draw(pick(False, True)):
        gone = {row.offer for row in problem.offers if draw(st.booleans())}
        tables["offers"] = tuple(row for row in problem.offers if row.offer not in gone)
        if draw(st.booleans()):
            tables["commitments"] = tuple(row for row in problem.commitments if row.demand not in gone)
    if draw(pick(False, True)):
        more = pick(1.0, 1.5, 4.0)
        tables["approvals"] = tuple(
            replace(row, review_weeks=row.review_weeks * draw(more)) for row in problem.approvals
        )
    if draw(pick(False, True)):
        room = pick(1.0, 0.5, 0.0)
        tables["lanes"] = tuple(
            row if row.tonnes_per_week is None else replace(row, tonnes_per_week=row.tonnes_per_week * draw(room))
            for row in problem.lanes
        )
    if draw(pick(False, True)):
        tables["receipts"] = tuple(
            replace(row, date=row.date + dt.timedelta(weeks=draw(pick(0, 1, 30)))) for row in problem.receipts
        )
    if draw(pick(False, False, True)):
        urgent = Need("urgent", problem.items[0].item, 2, 1, START + dt.timedelta(weeks=1))
        tables["needs"] = (*problem.needs, urgent)
    return replace(problem, **tables)


@st.composite
def slipped(draw: st.DrawFn, rate: LineRate | ComponentRate) -> list[LineRate | ComponentRate]:
    """A step of a rate with less of it from some day on, if it slips at all."""
    factor = draw(pick(1.0, 0.5, 0.7, 0.0))
    name = "slots_per_week" if isinstance(rate, LineRate) else "units_per_week"
    lower = replace(rate, **{name: round(getattr(rate, name) * factor, 6)})
    if draw(st.booleans()):
        return [lower]
    return [rate, replace(lower, from_date=rate.from_date + dt.timedelta(days=draw(st.integers(1, 20))))]


def canonical(plan: Plan) -> tuple[Any, ...]:
    """What a plan says, whatever the order of its rows and however it splits quantities."""
    sent: Counter[Any] = Counter()
    for row in plan.dispatches:
        sent[row.demand, row.kind, row.origin, row.item, row.period, row.arrival, row.route] += row.quantity
    made: Counter[Any] = Counter()
    for row_made in plan.made:
        made[row_made.line, row_made.item, row_made.period] += row_made.quantity
    paid: Counter[Any] = Counter()
    for row_paid in plan.payments:
        paid[row_paid.package, row_paid.pledge, row_paid.category] += row_paid.amount_usd_m
    return (
        {key: units for key, units in sent.items() if units},
        {key: units for key, units in made.items() if units},
        {key: round(amount, 6) for key, amount in paid.items() if amount > 1e-6},
        sorted(plan.contents),
        sorted(plan.releases),
        sorted(plan.accepted_offers),
        sorted(plan.approvals),
    )
