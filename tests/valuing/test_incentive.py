"""The curve falls with the weight, ends where nothing more is gained, and each point is the best of all plans."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, assume, given, settings

from models.baselines import priority_list
from models.checker import check_plan
from models.plan import ApprovedCase, Made, Plan
from models.problem import Approval, ApprovalPolicy, Problem
from optimizer.explaining.incentive import Curve
from optimizer.reporting.incentive_words import curve_dict, curve_sentences
from optimizer.valuing.contributions import NoCurveError, steps
from optimizer.valuing.incentive import incentive
from optimizer.valuing.workers import spread
from tests.builders import (
    a_need,
    a_recipient,
    a_weights_policy,
    an_order,
    bare_problem,
    day,
    small_plan,
    small_problem,
    to_order,
)
from tests.models.solved import TEXTBOOK, solved
from tests.strategies import problems

SOME = settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def queue(**changes: object) -> tuple[Problem, Plan]:
    """One slot a week, and two missiles due at once: POL (weight 4 · √2) is first, CHE (4) a week late."""
    problem = bare_problem(
        line_rates=tuple(replace(row, slots_per_week=1.0) for row in bare_problem().line_rates),
        recipients=(
            a_recipient("POL", defence_pct_gdp=3.5, ukraine_military_pct_gdp=0.0, strategic_role=0.5),
            a_recipient("CHE", defence_pct_gdp=1.75, ukraine_military_pct_gdp=0.0, strategic_role=1.0),
        ),
        weights=a_weights_policy(),
        orders=(
            an_order("POL-1", quantity=1, due_date=day(0)),
            an_order("CHE-1", recipient="CHE", quantity=1, due_date=day(0)),
        ),
    )
    problem = replace(problem, **changes)  # type: ignore[arg-type]
    plan = Plan(
        (to_order("POL-1", "missile", 1, 0), to_order("CHE-1", "missile", 1, 1)),
        made=(Made("missile_line", "missile", 0, 1), Made("missile_line", "missile", 1, 1)),
    )
    assert check_plan(problem, plan).passed
    return problem, plan


def falls(curve: Curve) -> bool:
    """Whether the delay of the recipient never rises with its weight, among points of one speed of review."""
    rows = sorted((p.weight, -p.delay, p.fast_track) for p in curve.points)
    same = [[row for row in rows if row[2] == fast] for fast in (False, True)]
    return all(a[1] <= b[1] + 1e-6 for part in same for a, b in pairwise(part) if a[0] < b[0])


def test_the_curve_of_a_queue() -> None:
    """CHE passes POL at 2.625 % (weight 4 · √2), and nothing more is gained beyond the next point."""
    problem, plan = queue()
    curve = incentive(problem, plan, "CHE", points=9)
    assert [round(p.value or 0, 4) for p in curve.points] == [
        1.75,
        *(round(1.75 + 1.75 * k / 8, 4) for k in range(1, 9)),
    ]
    assert [p.delay for p in curve.points] == [10.0] * 4 + [0.0] * 5
    assert [p.on_time for p in curve.points] == [0] * 4 + [1] * 5
    assert all(p.settled for p in curve.points)
    assert curve.saturated is curve.points[4]
    assert falls(curve)
    assert "Nothing more is gained beyond 2.62 % of GDP." in curve_sentences(curve)
    assert curve_dict(curve)["saturated_at"] == pytest.approx(2.625)


def test_every_point_is_the_optimum_of_its_instance() -> None:
    """Nothing but orders asks here, so the block is the whole instance."""
    problem, plan = queue()
    for by in ("defence", "support"):
        curve = incentive(problem, plan, "CHE", by=by, points=4)  # type: ignore[arg-type]
        found, _ = steps(problem, plan, "CHE", by, 4)  # type: ignore[arg-type]
        for step, point in zip(found, curve.points, strict=True):
            best = solved(step.problem, TEXTBOOK).value
            assert point.objective == pytest.approx(best)
            assert check_plan(step.problem, point.plan).passed


@SOME
@given(problems())
def test_delay_never_rises_with_the_weight(problem: Problem) -> None:
    plan = priority_list(problem)
    assume(problem.weights is not None)
    assume(check_plan(problem, plan).passed)
    for by in ("defence", "support"):
        curve = incentive(problem, plan, "CHE", by=by, points=4, seconds_per_point=10.0)  # type: ignore[arg-type]
        assert falls(curve)
        before = check_plan(problem, plan).terms.total
        if problem.objective.mode == "weighted":
            assert curve.points[0].objective <= before + 1e-6 * max(1.0, before)
        found, _ = steps(problem, plan, "CHE", by, 4)  # type: ignore[arg-type]
        for step, point in zip(found, curve.points, strict=True):
            verdict = check_plan(step.problem, point.plan)
            assert verdict.passed
            assert verdict.terms.total == pytest.approx(point.objective)


def test_the_fast_track_is_a_jump() -> None:
    """Four weeks of review become two: approved in week 1 instead of week 3, with the weight of no help at all."""
    weights = a_weights_policy(minimum=1.0, maximum=1.0)
    problem, _ = queue()
    problem = replace(
        problem,
        weights=weights,
        approvals=(Approval("case of CHE-1", day(0), 4.0),),
        approval=ApprovalPolicy(1.0, 1, 3.0, 0.5),
    )
    plan = Plan(
        (to_order("POL-1", "missile", 1, 0), to_order("CHE-1", "missile", 1, 4)),
        made=(Made("missile_line", "missile", 0, 1), Made("missile_line", "missile", 1, 1)),
        approvals=(ApprovedCase("case of CHE-1", 3),),
    )
    assert check_plan(problem, plan).passed
    curve = incentive(problem, plan, "CHE", points=4)
    by_track = {p.fast_track: p.delay for p in curve.points}
    assert by_track == {False: 40.0, True: 20.0}
    assert min(p.value or 0.0 for p in curve.points if p.fast_track) == 3.0


def test_an_offer_is_taken_where_it_helps() -> None:
    """Ukraine lacks two missiles now; CHE gives them and has them back from the line by promise."""
    problem, plan = queue()
    need = a_need("N", quantity=2, needed_by=day(0))
    problem = replace(problem, needs=(need,))
    assert check_plan(problem, plan).passed
    curve = incentive(problem, plan, "CHE", by="offer", points=3)
    assert curve.item == "missile"
    assert [(p.value, p.accepted, p.replaced) for p in curve.points] == [
        (0.0, False, 0), (1.0, True, 1), (2.0, True, 2)
    ]  # fmt: skip
    assert curve.points[2].objective < curve.points[1].objective < curve.points[0].objective


def test_a_bound_carries_to_heavier_weights_only() -> None:
    problem, plan = queue()
    best = solved(problem, TEXTBOOK).value
    assert best is not None
    curve = incentive(problem, plan, "CHE", points=3, bound=best)
    assert [p.bound for p in curve.points] == pytest.approx([best] * 3)
    blank = replace(problem, recipients=(problem.recipients[0], replace(problem.recipients[1], defence_pct_gdp=None)))
    best = solved(blank, TEXTBOOK).value
    curve = incentive(blank, plan, "CHE", points=3, bound=best)
    assert [p.bound is None for p in curve.points] == [p.weight < curve.points[0].weight for p in curve.points]


def test_no_curve() -> None:
    problem, plan = queue()
    with pytest.raises(NoCurveError, match="no recipient 'XXX'"):
        incentive(problem, plan, "XXX")
    with pytest.raises(NoCurveError, match="no need lacks"):
        incentive(problem, plan, "CHE", by="offer")
    with pytest.raises(NoCurveError, match="contributions change nothing"):
        incentive(replace(problem, weights=None), plan, "CHE")


def test_at_the_cap_and_without_orders() -> None:
    curve = incentive(small_problem(), small_plan(), "POL", by="support")
    assert len(curve.points) == 1
    assert "nothing more to win" in curve_sentences(curve)[0]
    problem, plan = queue()
    idle = replace(problem, recipients=(*problem.recipients, a_recipient("XYZ", defence_pct_gdp=0.0)))
    assert "has no orders" in curve_sentences(incentive(idle, plan, "XYZ", points=3))[0]


def double(number: int) -> int:
    """Work for a worker."""
    if number < 0:
        raise ValueError("below zero")
    return 2 * number


def test_workers_are_spawned_and_say_what_went_wrong() -> None:
    assert spread(abs, [-1, 2, -3], 2) == [1, 2, 3]
    assert spread(double, [1, 2], 1) == [2, 4]
    with pytest.raises(RuntimeError, match="TypeError"):
        spread(abs, ["x", "y"], 2)
    with pytest.raises(ValueError, match="below zero"):
        spread(double, [-1], 4)


def test_the_curve_is_the_same_with_two_workers() -> None:
    problem, plan = queue()
    one, two = (incentive(problem, plan, "CHE", points=3, threads=threads) for threads in (1, 2))
    assert [(p.value, p.delay, p.objective) for p in one.points] == [
        (p.value, p.delay, p.objective) for p in two.points
    ]
