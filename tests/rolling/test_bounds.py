"""When last week's bound is carried over, and what stands against it; each with the better plan that it would miss."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.checker import check_plan
from models.plan import Plan
from models.problem import Commitment, ObjectivePolicy, Problem, StabilityPolicy
from optimizer.rolling.advance import advance
from optimizer.rolling.bounds import LOOSENED, loosened
from tests.builders import an_order, bare_problem, day, small_plan, small_problem, with_policy, with_row
from tests.models.solved import SLOTS, solved
from tests.rolling.rolled import best_plan


def why(problem: Problem, plan: Plan, to: int = 1) -> tuple[str, ...]:
    return loosened(problem, plan, advance(problem, plan, to=day(to)))


def still(problem: Problem) -> Problem:
    return replace(problem, depth=((1, problem.periods[-1][1]),))


def test_nothing_stands_against_a_plain_week() -> None:
    problem = still(bare_problem(orders=(an_order(quantity=5),)))
    plan = best_plan(problem)
    assert plan is not None
    assert why(problem, plan) == ()


def test_calendar_that_is_deepened() -> None:
    assert why(bare_problem(), Plan()) == ("calendar",)


def test_packages_that_are_paid_are_not_promised_any_more() -> None:
    """A new package holds ten shells that leave from week 4 on: next Monday they may stay undelivered."""
    assert why(still(small_problem()), small_plan()) == (), "what the first one holds has left by then"
    assert why(still(small_problem()), small_plan(), 2) == ("promise_kept",)


def test_goods_under_way_leave_their_lanes_free_in_the_tables() -> None:
    plan = small_plan()
    found = advance(still(small_problem()), plan, to=day(5))
    notes = [note for note in found.notes if note.code == "under_way"]
    assert [(note.entities, note.amount) for note in notes] == [(("road", day(5).isoformat()), 5.0)]
    assert "lane_capacity" in loosened(still(small_problem()), plan, found)


def test_new_packages_that_no_longer_count_unless_money_allows_no_more_of_them_anyway() -> None:
    assert "max_new" not in why(still(small_problem()), small_plan(), 2), "15 million are left, a package is worth 18"
    rich = still(with_row(small_problem(), "pledges", "G-third", amount_usd_m=14.0))
    assert "max_new" in why(rich, small_plan(), 2)
    assert "max_new" not in why(with_policy(rich, "package_policy", max_new=2), small_plan(), 2)


def test_changes_that_become_cheaper() -> None:
    policy = StabilityPolicy(frozen_weeks=2, frozen_cost_weeks=0.5, change_cost_weeks=1.0)
    rows = (Commitment("O-each", "missile", day(1), 1),)
    problem = still(bare_problem(orders=(an_order(),), commitments=rows, stability=policy))
    assert why(problem, Plan()) == ("plan_change",)
    assert why(replace(problem, commitments=()), Plan()) == ()


def test_stages_are_not_a_sum() -> None:
    problem = still(bare_problem(objective=ObjectivePolicy("lexicographic")))
    assert why(problem, Plan()) == ("objective",)


def test_paid_content_dropped_for_a_better_plan_shows_that_the_bound_would_be_wrong() -> None:
    """Why `promise_kept` matters: with a bound carried over, a plan better than the bound would exist."""
    base = still(small_problem())
    heavy = with_policy(base, "weights", ukraine=0.001)
    plan = best_plan(heavy)
    assert plan is not None
    for week in range(1, 8):
        found = advance(heavy, plan, to=day(week))
        rest = check_plan(found.problem, found.carried)
        assert rest.passed
        best = solved(found.problem, SLOTS).value
        assert best is not None
        if not loosened(heavy, plan, found):
            assert best == pytest.approx(rest.terms.total, rel=1e-6)
        assert best <= rest.terms.total + 1e-6


def test_every_reason_has_words() -> None:
    assert all(text and not text.endswith(".") for text in LOOSENED.values())
