"""The toy instance: the plan its README works out by hand is allowed, and worth what the README says."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from models.checker import check_plan
from models.plan import POOL, ApprovedCase, Content, Dispatch, Made, Payment, Plan, Release
from models.problem import Problem
from optimizer.reading.instance import read_instance

TOY = Path(__file__).parents[2] / "instances" / "toy"
README = (TOY / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def toy() -> Problem:
    problem = read_instance(TOY).problem
    assert problem is not None
    return problem


def dispatches(problem: Problem) -> tuple[Dispatch, ...]:
    """The table of section 8: | demand | from | item | units | leaves | arrives | weeks late |."""
    (pool_lane,) = {lane.lane for lane in problem.lanes if lane.from_site == problem.delivery.pool_site}
    (gift_lane,) = {lane.lane for lane in problem.lanes if lane.lane != pool_lane}
    rows = []
    for line in README[README.index("## 8.") :].splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if len(cells) != 7 or not re.fullmatch(r"\d{4}-\d\d-\d\d", cells[4]):
            continue
        demand = cells[0].removesuffix(" (replacement)")
        kind = "replacement" if demand != cells[0] else "need" if demand.startswith("N") else "order"
        route = () if kind != "need" else (pool_lane,) if cells[1] == POOL else (gift_lane,)
        leaves, arrives = ((dt.date.fromisoformat(cell) - problem.start).days // 7 for cell in cells[4:6])
        rows.append(Dispatch(demand, kind, cells[1], cells[2], int(cells[3]), leaves, arrives, route))
    return tuple(rows)


def by_hand(problem: Problem) -> Plan:
    """Sections 2 to 8: every slot used, the package of 42 released in week 2, Beta's 20 and Alpha's 22."""
    alpha, beta = (next(row for row in problem.pledges if row.earmark == earmark) for earmark in (None, "air_defence"))
    per_week = {"MISSILE": 1, "SHELL": 2}
    return Plan(
        dispatches=dispatches(problem),
        made=tuple(
            Made(row.line, row.item, week, per_week[row.item]) for row in problem.line_items for week in range(8)
        ),
        contents=(Content("new", "N1", 3), Content("new", "N2", 6)),
        releases=(Release("new", "new", 2),),
        payments=(
            Payment("new", beta.pledge, "air_defence", 20.0),
            Payment("new", alpha.pledge, "air_defence", 10.0),
            Payment("new", alpha.pledge, "artillery", 12.0),
        ),
        accepted_offers=("V1",),
        approvals=(ApprovedCase("C3", 2),),
    )


def test_the_plan_by_hand(toy: Problem) -> None:
    promised = json.loads(re.search(r"```json\n(.*?)```", README, re.DOTALL)[1])
    plan = by_hand(toy)
    assert len(plan.dispatches) == 15
    verdict = check_plan(toy, plan)
    assert verdict.violations == ()
    found = {name: getattr(verdict.terms, name) for name in promised["terms"]}
    assert found == pytest.approx(promised["terms"])
    assert verdict.terms.total == pytest.approx(promised["objective"])
