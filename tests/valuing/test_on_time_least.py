"""The least change is the least: against an enumeration that knows one item, and against one less of every change."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import combinations_with_replacement

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from models.calendar import calendar_of
from models.capacity import component_cumulative, slots
from models.checker import check_plan
from models.plan import ApprovedCase, Content, Made, Payment, Plan, Release
from models.problem import (
    Approval,
    ApprovalPolicy,
    Component,
    ComponentRate,
    DeliveryPolicy,
    ItemComponent,
    Lane,
    LineRate,
    Package,
    PackageContent,
    PackagesPolicy,
    Problem,
    Site,
    Stock,
)
from optimizer.explaining.counterfactual import Counterfactual
from optimizer.valuing.on_time import on_time
from tests.builders import START, a_need, a_pledge, an_order, bare_problem, day, to_need, to_order
from tests.valuing.witnesses import holds, is_on_time

SOME = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


# --- one item: what can be made can be told by hand ------------------------------------------------------------------


@st.composite
def one_item(draw: st.DrawFn) -> tuple[Problem, Plan]:
    """An order of which nothing is sent, and another that is held; three or four periods of mixed lengths."""
    periods = draw(st.sampled_from((((4, 1),), ((2, 1), (1, 2)), ((1, 2), (2, 1)))))
    rates = [LineRate("missile_line", START, draw(st.sampled_from((0.5, 1.0, 2.0))))]
    if draw(st.booleans()):
        rates.append(LineRate("missile_line", START + dt.timedelta(days=10), draw(st.sampled_from((0.0, 3.0)))))
    asked = an_order("ASKED", quantity=draw(st.integers(1, 4)), due_date=day(draw(st.integers(0, 3))))
    held = an_order("HELD", quantity=3, due_date=day(0))
    changes: dict[str, object] = {
        "periods": periods,
        "line_rates": tuple(rates),
        "orders": (asked, held),
        "stocks": (Stock("missile", draw(st.integers(0, 3)), draw(st.integers(0, 2))),),
    }
    if draw(st.booleans()):
        changes |= {
            "components": (Component("seeker", draw(st.integers(0, 2))),),
            "component_rates": (ComponentRate("seeker", START, draw(st.sampled_from((0.5, 1.0)))),),
            "item_components": (ItemComponent("missile", "seeker", draw(st.integers(1, 2))),),
        }
    problem = bare_problem(**changes)
    T = calendar_of(problem).count
    taken = [draw(st.integers(0, 1)) for _ in range(T)]
    sent = tuple(to_order("HELD", "missile", 1, t) for t in range(T) if taken[t])[:3]
    made = most_made(problem, {})
    plan = Plan(sent, made=tuple(Made("missile_line", "missile", t, units) for t, units in enumerate(made) if units))
    assume(check_plan(problem, plan).passed)
    return problem, plan


def most_made(problem: Problem, more: dict[str, dict[int, int]]) -> list[int]:
    """Units by period if the line makes what it can as early as it can: no schedule has more by the end of any."""
    calendar = calendar_of(problem)
    capacity = slots(problem, calendar)["missile_line"]
    parts = component_cumulative(problem, calendar).get("seeker")
    per_unit = problem.item_components[0].units_per_unit if problem.item_components else 1
    found: list[int] = []
    for t in range(calendar.count):
        most = capacity[t] + more.get("slots", {}).get(t, 0)
        if parts is not None:
            there = parts[t] + sum(n for u, n in more.get("components", {}).items() if u <= t)
            most = min(most, there // per_unit - sum(found))
        found.append(most)
    return found


def possible(problem: Problem, plan: Plan, more: dict[str, dict[int, int]], floor: int = 0) -> bool:
    """Whether the asked order can leave in its last period on time, everybody else as in the plan."""
    calendar = calendar_of(problem)
    asked = problem.orders[0]
    last = max(t for t in range(calendar.count) if calendar.late(asked.due_date, t) == 0)
    stock = problem.stocks[0]
    least = min(stock.on_hand, stock.readiness_floor) - floor
    level = stock.on_hand
    for t, units in enumerate(most_made(problem, more)):
        level += units - sum(row.quantity for row in plan.dispatches if row.period == t and row.demand == "HELD")
        level -= asked.quantity if t == last else 0
        if level < least:
            return False
    return True


def least_by_hand(problem: Problem, plan: Plan, kind: str, most: int = 7) -> int | None:
    """The least amount of a kind, trying every way to spread it over the periods; None if `most` is not enough."""
    T = calendar_of(problem).count
    for amount in range(most + 1):
        if kind == "floor":
            stock = problem.stocks[0]
            if amount <= min(stock.on_hand, stock.readiness_floor) and possible(problem, plan, {}, amount):
                return amount
            continue
        for chosen in combinations_with_replacement(range(T), amount):
            if possible(problem, plan, {kind: {t: chosen.count(t) for t in chosen}}):
                return amount
    return None


@pytest.mark.parametrize("kind", ["slots", "components", "floor"])
@SOME
@given(drawn=one_item())
def test_least_of_one_kind(kind: str, drawn: tuple[Problem, Plan]) -> None:
    problem, plan = drawn
    answer = on_time(problem, plan, "ASKED", kind)  # type: ignore[arg-type]
    assume(answer.state not in ("on_time", "impossible"))
    holds(problem, plan, answer)
    expected = least_by_hand(problem, plan, kind)
    found = None if answer.state == "not_enough" else answer.amount(kind)  # type: ignore[arg-type]
    assert found == expected
    assert answer.proven


@SOME
@given(drawn=one_item())
def test_combination_has_no_more_kinds_than_needed(drawn: tuple[Problem, Plan]) -> None:
    problem, plan = drawn
    answer = on_time(problem, plan, "ASKED", "combination")
    assume(answer.state not in ("on_time", "impossible"))
    holds(problem, plan, answer)
    kinds = {change.kind for change in answer.changes}
    alone = [least_by_hand(problem, plan, kind) for kind in ("slots", "components", "floor")]
    enough = [amount for amount in alone if amount is not None]
    if enough:
        assert len(kinds) <= 1
        assert sum(change.amount for change in answer.changes) == min(enough)
    else:
        assert answer.state == "not_enough" or len(kinds) > 1


def test_slots_are_as_late_as_possible() -> None:
    """Two missiles due in week 2, three slots a week all used by another order: two more in week 2, not before."""
    problem = bare_problem(orders=(an_order("ASKED"), an_order("HELD", quantity=9, due_date=day(0))))
    plan = Plan(
        tuple(to_order("HELD", "missile", 3, t) for t in range(3)),
        made=tuple(Made("missile_line", "missile", t, 3) for t in range(3)),
    )
    answer = on_time(problem, plan, "ASKED", "slots")
    assert [(c.entity, c.period, c.amount, c.by, c.present) for c in answer.changes] == [
        ("missile_line", 2, 2, day(2), 3)
    ]
    holds(problem, plan, answer)
    assert answer.witness is not None
    assert slots(answer.witness.problem, calendar_of(problem))["missile_line"] == [3, 3, 5, 3, 3, 3, 3, 3]


# --- approval ---------------------------------------------------------------------------------------------------------


def reviewed_problem(**changes: object) -> tuple[Problem, Plan]:
    """Two cases of four weeks of review, one reviewer-week a week; the other is approved in week 3, ours in week 7."""
    problem = bare_problem(
        orders=(
            an_order("ASKED", case="C-asked", due_date=day(5)),
            an_order("HELD", case="C-held", due_date=day(4), quantity=1),
        ),
        approvals=(Approval("C-asked", day(0), 4.0), Approval("C-held", day(0), 4.0)),
        approval=ApprovalPolicy(1.0, 1, 3.5, 0.5),
        **changes,
    )
    plan = Plan(
        (to_order("HELD", "missile", 1, 4),),
        made=(Made("missile_line", "missile", 4, 1),),
        approvals=(ApprovedCase("C-asked", 7), ApprovedCase("C-held", 3)),
    )
    assert check_plan(problem, plan).passed
    return problem, plan


def test_review_lacks_what_reviewers_cannot_do() -> None:
    """By the end of week 4 five weeks of review can be done; both cases take eight, so three more are needed."""
    problem, plan = reviewed_problem()
    answer = on_time(problem, plan, "ASKED", "approval")
    assert [(c.entity, c.period, round(c.amount, 9), c.by) for c in answer.changes] == [("C-asked", 4, 3.0, day(4))]
    holds(problem, plan, answer)
    assert answer.witness is not None
    changed = answer.witness.problem
    less = tuple(
        replace(row, review_weeks=row.review_weeks + 0.01) if row.case == "C-asked" else row
        for row in changed.approvals
    )
    assert not check_plan(replace(changed, approvals=less), answer.witness.plan).passed


def test_approval_that_is_late_holds_other_kinds() -> None:
    problem, plan = reviewed_problem()
    for kind in ("slots", "slips"):
        answer = on_time(problem, plan, "ASKED", kind)  # type: ignore[arg-type]
        assert answer.state == "not_enough"
        assert [o.cause for o in answer.obstacles] == ["approval_held"]


def test_approval_and_slots_together() -> None:
    problem, plan = reviewed_problem(line_rates=(LineRate("missile_line", START, 0.2),))
    assert on_time(problem, plan, "ASKED", "approval").state == "not_enough"
    answer = on_time(problem, plan, "ASKED", "combination")
    assert {c.kind for c in answer.changes} == {"slots", "approval"}
    holds(problem, plan, answer)


def test_processing_longer_than_what_is_left() -> None:
    problem, _ = reviewed_problem()
    short = replace(problem, approval=ApprovalPolicy(1.0, 6, 3.5, 0.5), orders=problem.orders[:1])
    answer = on_time(short, Plan(), "ASKED", "combination")
    assert answer.state == "not_enough"
    assert [(o.cause, o.earliest, o.needed, o.weeks) for o in answer.obstacles] == [
        ("processing_too_long", day(6), day(5), 6)
    ]


# --- money and lanes --------------------------------------------------------------------------------------------------


def funded_problem(**changes: object) -> Problem:
    """A need of five missiles (50 million USD) by week 5, three of them in a package that is funded for week 6."""
    return bare_problem(
        needs=(a_need("ASKED", needed_by=day(5)),),
        packages=(Package("LATE", "funded", day(6)),),
        package_contents=(PackageContent("LATE", "ASKED", 3),),
        package_policy=PackagesPolicy(50.0, 0.1, 1, 2, 5.0, 1, 1),
        **changes,
    )


def test_money_of_a_new_package_and_of_one_released_earlier() -> None:
    """A contract takes a week: the two units of no package are paid by week 4, the other package released by then."""
    problem = funded_problem()
    answer = on_time(problem, Plan(), "ASKED", "money")
    assert [(c.entity, c.amount, c.by, c.package) for c in answer.changes] == [
        ("air_defence", 20.0, day(4), ""),
        ("air_defence", 30.0, day(4), "LATE"),
    ]
    holds(problem, Plan(), answer)
    assert answer.witness is not None
    changed = answer.witness.problem
    for row in changed.packages:
        later = tuple(replace(p, release_on=day(5)) if p.package == row.package else p for p in changed.packages)
        assert not check_plan(replace(changed, packages=later), answer.witness.plan).passed


def test_pledges_of_a_package_that_come_later() -> None:
    """A package of the plan, released in week 5 for the sake of one pledge: its ten millions have to come by week 4."""
    problem = replace(
        funded_problem(), packages=(), package_contents=(),
        pledges=(a_pledge("SOON", amount_usd_m=40.0), a_pledge("LATE", amount_usd_m=10.0, available_on=day(5))),
    )  # fmt: skip
    plan = Plan(
        (to_need("ASKED", "missile", 5, (6, 6)),),
        made=(Made("missile_line", "missile", 5, 3), Made("missile_line", "missile", 6, 2)),
        contents=(Content("NEW", "ASKED", 5),),
        releases=(Release("NEW", "new", 5),),
        payments=(Payment("NEW", "SOON", "air_defence", 40.0), Payment("NEW", "LATE", "air_defence", 10.0)),
    )
    assert check_plan(problem, plan).passed
    answer = on_time(problem, plan, "ASKED", "money")
    assert [(c.amount, c.by, c.package) for c in answer.changes] == [(10.0, day(4), "NEW")]
    holds(problem, plan, answer)
    assert answer.witness is not None
    assert [row.available_on for row in answer.witness.problem.pledges] == [START, day(4)]


def test_a_contract_longer_than_what_is_left() -> None:
    problem = replace(funded_problem(), package_policy=PackagesPolicy(50.0, 0.1, 1, 2, 5.0, 6, 1))
    answer = on_time(problem, Plan(), "ASKED", "money")
    assert answer.state == "not_enough"
    assert [(o.cause, o.earliest, o.weeks) for o in answer.obstacles] == [("contract_and_route", day(6), 6)]


def test_without_packages_money_changes_nothing() -> None:
    problem = bare_problem(needs=(a_need("ASKED", needed_by=day(1), quantity=8),))
    answer = on_time(problem, Plan(), "ASKED", "money")
    assert (answer.state, answer.changes) == ("not_enough", ())
    assert on_time(problem, Plan(), "ASKED", "slots").amount("slots") == 2


def travelling(quantity: int) -> tuple[Problem, Plan]:
    """Missiles of half a tonne over a lane of one tonne a week, due in week 1, which takes a week."""
    problem = bare_problem(
        needs=(a_need("ASKED", needed_by=day(1), quantity=quantity), a_need("HELD", needed_by=day(1), quantity=1)),
        sites=(Site("plant", "plant"), Site("dest", "dest")),
        lanes=(Lane("air", "plant", "dest", 1, 1.0),),
        delivery=DeliveryPolicy("plant", "dest", 2, 2),
    )
    plan = Plan((to_need("HELD", "missile", 1, (0, 1), ("air",)),), made=(Made("missile_line", "missile", 0, 1),))
    assert check_plan(problem, plan).passed
    return problem, plan


def test_tonnes_of_a_lane() -> None:
    problem, plan = travelling(2)
    answer = on_time(problem, plan, "ASKED", "lanes")
    assert [(c.entity, c.period, round(c.amount, 6), c.present) for c in answer.changes] == [("air", 0, 0.5, 1.0)]
    holds(problem, plan, answer)
    assert answer.witness is not None
    narrow = tuple(replace(row, tonnes_per_week=1.49) for row in answer.witness.problem.lanes)
    assert not check_plan(replace(answer.witness.problem, lanes=narrow), answer.witness.plan).passed


def test_lanes_and_slots_together() -> None:
    problem, plan = travelling(3)
    answer = on_time(problem, plan, "ASKED", "combination")
    assert {c.kind: round(c.amount, 6) for c in answer.changes} == {"slots": 1, "lanes": 1.0}
    holds(problem, plan, answer)


# --- what nothing can change ------------------------------------------------------------------------------------------


def impossible(answer: Counterfactual) -> list[tuple[object, ...]]:
    assert (answer.state, answer.witness) == ("impossible", None)
    return [(o.cause, o.earliest, o.needed, o.weeks) for o in answer.obstacles]


def test_due_before_the_start() -> None:
    problem = bare_problem(orders=(an_order("ASKED", due_date=day(-3)),))
    assert impossible(on_time(problem, Plan(), "ASKED", "slots")) == [("due_before_start", START, day(-3), 3)]


def test_earliest_after_due() -> None:
    problem = bare_problem(orders=(an_order("ASKED", earliest_date=day(4)),))
    assert impossible(on_time(problem, Plan(), "ASKED", "weight")) == [("earliest_after_due", day(4), day(2), 0)]


def test_a_route_longer_than_what_is_left() -> None:
    problem, _ = travelling(1)
    longer = replace(problem, lanes=(Lane("air", "plant", "dest", 3, 1.0),))
    assert impossible(on_time(longer, Plan(), "ASKED", "lanes")) == [("route_too_long", day(3), day(1), 3)]


def test_on_time_already_and_due_after_the_horizon() -> None:
    problem = bare_problem(orders=(an_order("ASKED"), an_order("FAR", due_date=day(20))))
    plan = Plan((to_order("ASKED", "missile", 2, 2),), made=(Made("missile_line", "missile", 0, 2),))
    assert is_on_time(problem, plan, "ASKED")
    assert on_time(problem, plan, "ASKED", "slots").state == "on_time"
    assert on_time(problem, plan, "FAR", "slips").state == "on_time"


def test_nothing_needed_where_there_is_room() -> None:
    problem = bare_problem(orders=(an_order("ASKED"),))
    answer = on_time(problem, Plan(), "ASKED", "components")
    assert (answer.state, answer.changes) == ("nothing_needed", ())
    holds(problem, Plan(), answer)
