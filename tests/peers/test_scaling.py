"""Whole numbers for CP-SAT: grids that hold the data, and an error that bounds what scaling costs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.peers.scaling import LARGEST, Grid, Objective, grid


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([], Grid(1, True)),
        ([3.0, 12.0], Grid(1, True)),
        ([1.5, 25.125], Grid(1000, True)),
        ([0.000001, 4.2], Grid(10**6, True)),
        ([1 / 3], Grid(10**6, False)),
    ],
)
def test_the_coarsest_grid(values: list[float], found: Grid) -> None:
    assert grid(values) == found


def test_rounding_to_a_grid() -> None:
    tenths = Grid(10, True)
    assert (tenths.nearest(0.3), tenths.at_least(0.3), tenths.at_most(0.3)) == (3, 3, 3)
    assert (tenths.at_least(0.31), tenths.at_most(0.39)) == (4, 3)
    assert (tenths.at_least(0.1 + 0.2), tenths.at_most(0.1 + 0.2)) == (3, 3)


costs = st.floats(1e-3, 1e9)
groups = st.lists(st.tuples(st.integers(1, 10**7), st.lists(costs, min_size=1, max_size=4)), min_size=1, max_size=5)


@given(groups=groups, data=st.data())
def test_the_error_bounds_every_solution(groups: list[tuple[int, list[float]]], data: st.DataObject) -> None:
    objective, values = Objective(), {}
    for g, (most, prices) in enumerate(groups):
        left = most
        for k, price in enumerate(prices):
            objective.add(g, most, price, (g, k))
            values[g, k] = data.draw(st.integers(0, left))
            left -= values[g, k]
    scaled = objective.scaled()
    total = sum(cost * values[name] for cost, name in scaled)
    true = sum(cost * values[name] for terms in objective.groups.values() for cost, name in terms)
    assert abs(total / 10.0**objective.decimals - true) <= objective.error + 1e-9 * max(1.0, true)
    assert sum(max(cost for cost, name in scaled if name[0] == g) * most for g, (most, _) in enumerate(groups)) <= (
        LARGEST * 1.001 + sum(most for most, _ in groups)
    )


def test_an_objective_without_costs() -> None:
    empty = Objective()
    empty.add("nothing", 5, 0.0, "x")
    assert (empty.decimals, empty.scaled(), empty.error) == (0, [], 0)
