"""From solved values to a plan: rounding, and trimming output that nobody uses."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.checker import check_plan
from models.extract import extract, trim
from models.facts import Facts
from models.formulation import Formulation
from models.plan import Made, Plan
from models.problem import Problem, ReadinessPolicy, Receipt, Stock
from tests.builders import bare_problem, day, small_plan, small_problem, to_order
from tests.models.solved import SLOTS, TEXTBOOK, settled, solved
from tests.strategies import problems

drawn = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def made(*quantities: int) -> tuple[Made, ...]:
    """Missiles made from period 0 on."""
    return tuple(Made("missile_line", "missile", t, q) for t, q in enumerate(quantities) if q)


def trimmed(problem: Problem, quantities: tuple[int, ...], *dispatches: tuple[int, int]) -> tuple[Made, ...]:
    """What is left of the output when so many units leave in these periods: (units, period)."""
    rows = tuple(to_order("O-each", "missile", units, t) for units, t in dispatches)
    return trim(Facts(problem), Plan(dispatches=rows, made=made(*quantities))).made


@pytest.mark.parametrize(
    ("on_hand", "quantities", "dispatches", "left"),
    [
        (0, (3, 3, 3), (), ()),
        (0, (3, 3, 3), ((4, 2),), (3, 1)),
        (0, (3, 3, 3), ((2, 0), (1, 2)), (3,)),
        (1, (1, 3, 3), ((1, 0), (4, 1)), (1, 3)),
        (0, (3, 0, 2), ((3, 0), (2, 2)), (3, 0, 2)),
        (5, (3, 3, 3), ((6, 2),), (1,)),
    ],
)
def test_late_output_goes_first(
    on_hand: int, quantities: tuple[int, ...], dispatches: tuple[tuple[int, int], ...], left: tuple[int, ...]
) -> None:
    problem = bare_problem(stocks=(Stock("missile", on_hand),))
    assert trimmed(problem, quantities, *dispatches) == made(*left)


def test_output_up_to_the_floor_stays_where_it_counts() -> None:
    problem = bare_problem(stocks=(Stock("missile", 1, 4),))
    assert trimmed(problem, (3, 3)) == ()
    valued = replace(problem, readiness=ReadinessPolicy(1.0))
    assert trimmed(valued, (3, 3)) == made(3)
    later = replace(valued, receipts=(Receipt("missile", day(1), 3),))
    assert trimmed(later, (3, 3)) == made(3)


def test_nothing_else_of_the_plan_changes() -> None:
    plan = trim(Facts(small_problem()), small_plan())
    assert replace(plan, made=small_plan().made) == small_plan()


@given(problems(), st.data())
@settings(drawn, max_examples=60)
def test_trimming_changes_no_dispatch_no_rule_and_no_term(problem: Problem, data: st.DataObject) -> None:
    found = solved(problem, data.draw(st.sampled_from([TEXTBOOK, SLOTS])))
    if found.value is None:
        return
    assert found.x is not None
    facts, x = found.built.draft.facts, settled(found.built.matrix, found.x)
    pieces = {name: tuple(rows) for name, rows in found.built.pieces(x).items()}
    whole = Plan(**pieces)
    plan = trim(facts, whole)
    assert replace(plan, made=()) == replace(whole, made=())
    before, after = check_plan(problem, whole), check_plan(problem, plan)
    assert before.violations == after.violations == ()
    assert after.terms == before.terms
    most: Counter[tuple[str, str, int]] = Counter()
    for row in whole.made:
        most[row.line, row.item, row.period] += row.quantity
    assert all(0 < row.quantity <= most[row.line, row.item, row.period] for row in plan.made)
    assert trim(facts, plan) == plan


@given(problems())
@settings(drawn, max_examples=30)
def test_output_without_use_is_all_trimmed(problem: Problem) -> None:
    """With nobody to serve and no floor to reach, nothing is made."""
    idle = replace(
        problem, orders=(), needs=(), offers=(), approvals=(), packages=(), package_contents=(), commitments=(),
        readiness=None,
    )  # fmt: skip
    facts = Facts(idle)
    rows = tuple(
        Made(row.line, row.item, t, 1)
        for row in idle.line_items
        for t in range(facts.T)
        if facts.slots[row.line][t] >= row.slots_per_unit
    )
    assert trim(facts, Plan(made=rows)).made == ()


@pytest.mark.parametrize("formulation", [TEXTBOOK, SLOTS], ids=lambda f: f.name)
def test_values_off_by_a_millionth_are_the_same_plan(formulation: Formulation) -> None:
    found = solved(small_problem(), formulation)
    assert found.x is not None
    built = found.built
    x = settled(built.matrix, found.x)
    noise = np.where(built.matrix.in_units, np.random.default_rng(1).uniform(-1e-6, 1e-6, x.size), 0.0)
    assert extract(built, x + noise) == extract(built, x)
