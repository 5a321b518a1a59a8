"""All cheap columns: none that column generation makes is missing, none is dearer than asked for."""

from __future__ import annotations

import numpy as np
import pytest

from models.bulk.batch import PATTERN
from models.bulk.cheap import cheap, torn, whole
from tests.builders import a_need, an_item, bare_problem, small_problem
from tests.models.bulk.books import master_of, relaxed
from tests.models.cases import Case, all_cases

CASES = [case for case in all_cases() if case.objective is not None and not case.lexicographic]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_column_that_was_generated_is_there(case: Case) -> None:
    master = master_of(case.problem)
    found, _ = relaxed(master)
    assert found is not None
    dual = master.pricing.legal(found.dual)
    there = {key for batch in cheap(master.pricing, dual, 1e15) for key in batch.keys().tolist()}
    made = {key for batch in master.batches if batch.kind != PATTERN for key in batch.keys().tolist()}
    assert made <= there


@pytest.mark.parametrize("case", CASES[::3], ids=lambda case: case.name)
def test_columns_are_as_cheap_as_they_are_asked_for(case: Case) -> None:
    """What is left out costs more, and what is there no more, but for committed units and parts of units."""
    master = master_of(case.problem)
    found, _ = relaxed(master)
    assert found is not None
    pricing = master.pricing
    dual = pricing.legal(found.dual)
    every = cheap(pricing, dual, 1e15)
    cost = {}
    for batch in every:
        columns = master.builder.columns(batch)
        reduced = columns.cost - columns.matrix(master.rows.layout.count).T @ dual
        cost |= dict(zip(batch.keys().tolist(), reduced.tolist(), strict=True))
    most = float(np.median(list(cost.values()))) if cost else 0.0
    some = [batch for batch in cheap(pricing, dual, most) if batch.kind in (0, 1, 3, 5, 6)]
    keys = {key for batch in some for key in batch.keys().tolist()}
    loose = torn(pricing).any()
    assert all(cost[key] <= most + 1e-6 * (1 + abs(most)) for key in keys) or loose
    plain = {key for batch in every if batch.kind in (0, 1, 3, 5, 6) for key in batch.keys().tolist()}
    assert all(cost[key] >= most - 1e-6 * (1 + abs(most)) for key in plain - keys)


def test_only_committed_substitutes_of_several_pieces_are_torn() -> None:
    pricing = master_of(small_problem()).pricing
    ways, on = pricing.tables.ways, torn(pricing)
    assert not on[ways.ratio == 1].any()
    batches = cheap(pricing, np.zeros(pricing.rows.layout.count), 1e15)
    assert len(whole(pricing, batches)) == sum(len(batch.who) for batch in batches)


def test_nobody_asks_for_anything() -> None:
    pricing = master_of(bare_problem(items=(an_item(), an_item("shell")), needs=(a_need("N", quantity=0),))).pricing
    assert len(whole(pricing, [])) == 0
