"""Columns written down cost what pricing says, and say what the rules allow."""

from __future__ import annotations

import numpy as np
import pytest

from models import problem as p
from models.bulk.batch import COMPLETE, EACH, EACH_KEPT, Batch, best_of
from tests.builders import an_order, bare_problem, day
from tests.models.bulk.books import master_of, relaxed
from tests.models.cases import Case, all_cases

CASES = [case for case in all_cases() if case.objective is not None and not case.lexicographic][::4]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_order_costs_what_its_column_says(case: Case) -> None:
    """Cost less entries times duals, without the order's own row: the same by arrays and column by column."""
    master = master_of(case.problem)
    found, _ = relaxed(master)
    assert found is not None
    pricing, rows = master.pricing, master.rows
    dual = pricing.legal(found.dual)
    dual[rows.layout.rows["ordered_quantity"]] = 0.0
    costs = pricing.order_costs(pricing.prices(dual))
    seen = 0
    for batch, columns in zip(master.batches, master.columns, strict=True):
        if batch.kind in (EACH, COMPLETE):
            reduced = columns.cost - columns.matrix(rows.layout.count).T @ dual
            assert reduced == pytest.approx(costs[batch.who, batch.when], rel=1e-6, abs=1e-6)
            seen += len(reduced)
    assert seen or not case.problem.orders


def test_nothing_leaves_when_it_may_not() -> None:
    """A promise kept too late, an order before its day: such a column is there, and at 0."""
    problem = bare_problem(
        orders=(
            an_order("O1", firm_by=day(2)),
            an_order("O2", earliest_date=day(3), delivery="complete"),
        )
    )
    master = master_of(problem)
    who, when = np.array([0, 0, 1, 1]), np.array([2, 3, 2, 3])
    none = np.full(2, -1)
    builder = master.builder
    each = builder.columns(Batch(EACH, who[:2], when[:2], none))
    whole = builder.columns(Batch(COMPLETE, who[2:], when[2:], none))
    assert each.upper.tolist() == [2.0, 0.0]
    assert whole.upper.tolist() == [0.0, 1.0]


def test_no_more_is_kept_than_was_committed() -> None:
    problem = bare_problem(
        orders=(an_order("O", quantity=5),),
        commitments=(p.Commitment("O", "missile", day(1), 3),),
        stability=p.StabilityPolicy(4, 52.0, 1.0),
    )
    master = master_of(problem)
    kept = [c for b, c in zip(master.batches, master.columns, strict=True) if b.kind == EACH_KEPT]
    assert [c.upper.tolist() for c in kept] == [[3.0]]


def test_a_column_is_written_down_once() -> None:
    master = master_of(bare_problem(orders=(an_order("O"),)))
    batch = Batch(EACH, np.array([0]), np.array([5]), np.array([-1]))
    assert master.add([batch]) == 1
    assert master.add([batch]) == 0


def test_the_best_of_a_row_are_apart() -> None:
    """Neighbours of a period that is taken say much the same."""
    gain = np.array([[-5.0, -9.0, -8.0, -7.0], [1.0, 1.0, -1e-9, 1.0]])
    assert [(who.tolist(), at.tolist()) for who, at in best_of(gain, 3, 1e-6)] == [([0], [1]), ([0], [3])]
