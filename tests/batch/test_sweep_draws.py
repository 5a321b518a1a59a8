"""Draws follow their distributions, their seed and their name, and nothing else."""

from __future__ import annotations

import math
import statistics
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.problem import SCORES
from optimizer.batch.sweep_draws import Axis, Distribution, Draws


def drawn(count: int = 400, seed: int = 1, **given: Any) -> list[Any]:
    draws = Draws.model_validate({"count": count, "seed": seed, "parameters": {"a": given}})
    return [one["a"] for one in draws.drawn()]


def test_uniform_fills_its_range() -> None:
    values = drawn(uniform=[2.0, 4.0])
    assert all(2 <= value <= 4 for value in values)
    assert statistics.fmean(values) == pytest.approx(3.0, abs=0.1)


def test_normal_is_clipped_and_whole() -> None:
    values = drawn(normal=[10.0, 5.0], clip=[5.0, 12.0], whole=True)
    assert set(values) == set(range(5, 13))
    assert all(isinstance(value, int) for value in values)
    assert statistics.fmean(drawn(normal=[10.0, 5.0])) == pytest.approx(10.0, abs=0.8)


def test_lognormal_triangular_integers_choice() -> None:
    assert statistics.median(drawn(lognormal=[3.0, 0.5])) == pytest.approx(3.0, rel=0.15)
    assert all(1 <= value <= 5 for value in drawn(triangular=[1.0, 2.0, 5.0]))
    assert drawn(count=2, triangular=[2.0, 2.0, 2.0]) == [2.0, 2.0]
    assert set(drawn(integers=[1, 3])) == {1, 2, 3}
    assert set(drawn(choice=["x", "y"])) == {"x", "y"}


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.lists(st.floats(0.05, 20), min_size=5, max_size=5))
def test_shares_of_the_simplex_sum_to_one_as_the_reader_counts(seed: int, alphas: list[float]) -> None:
    parts = dict(zip(SCORES, alphas, strict=True))
    draws = Draws.model_validate({"count": 4, "seed": seed, "parameters": {"share": {"dirichlet": parts}}})
    assert draws.names() == [f"share_{score}" for score in SCORES]
    for one in draws.drawn():
        shares = [float(one[name]) for name in draws.names()]
        assert abs(math.fsum(shares) - 1.0) < 1e-8
        assert all(0 <= share <= 1 for share in shares)


def test_a_draw_depends_on_its_seed_and_name_alone() -> None:
    uniform = {"uniform": [0.0, 1.0]}
    alone = Draws.model_validate({"count": 3, "seed": 5, "parameters": {"a": uniform}}).drawn()
    more = Draws.model_validate({"count": 9, "seed": 5, "parameters": {"b": uniform, "a": uniform}}).drawn()
    other = Draws.model_validate({"count": 3, "seed": 6, "parameters": {"a": uniform}}).drawn()
    assert [one["a"] for one in alone] == [one["a"] for one in more][:3]
    assert [one["a"] for one in alone] != [one["a"] for one in other]
    assert [one["a"] for one in more] != [one["b"] for one in more]


def test_equal_steps() -> None:
    assert Axis.model_validate({"from": 0, "to": 0.3, "steps": 4}).fixed() == [0.0, 0.1, 0.2, 0.3]


@pytest.mark.parametrize("given", [{}, {"uniform": [0.0, 1.0], "choice": [1]}, {"choice": [1], "whole": True}])
def test_one_distribution_a_parameter(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="distribution|say nothing"):
        Distribution.model_validate(given)
