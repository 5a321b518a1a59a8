"""Figures of samples against values known by hand."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.batch.stress_statistics import cvar, spread_of, tail_weights, wilson


def test_cvar_is_the_mean_of_the_worst_tenth() -> None:
    assert cvar(np.arange(1.0, 21.0)) == pytest.approx((20 + 19) / 2)


def test_cvar_takes_part_of_a_value_where_a_tenth_is_no_whole_number() -> None:
    """Of 15 values the worst tenth is one and a half."""
    assert cvar(np.arange(1.0, 16.0)) == pytest.approx((15 + 0.5 * 14) / 1.5)


@pytest.mark.parametrize("count", [1, 3, 10, 15, 200])
def test_tail_weights_sum_to_one(count: int) -> None:
    assert tail_weights(count).sum() == pytest.approx(1.0)


def test_cvar_of_one_value_is_the_value_and_of_rows_one_each() -> None:
    assert cvar(np.array([7.0])) == 7.0
    assert cvar(np.array([[1.0, 2.0], [5.0, 3.0]])).tolist() == [2.0, 5.0]


def test_wilson_against_known_values() -> None:
    assert wilson(8, 40) == pytest.approx((0.1050, 0.3476), abs=1e-4)
    assert wilson(0, 200) == pytest.approx((0.0, 0.0188), abs=1e-4)
    assert wilson(200, 200)[1] == 1.0
    assert wilson(0, 0) == (0.0, 1.0)


def test_intervals_hold_the_figure_and_follow_the_seed() -> None:
    sample = np.random.default_rng(1).normal(100.0, 5.0, 300)
    spread = spread_of(sample, 3)
    assert spread.mean_low < spread.mean < spread.mean_high
    assert spread.cvar90_low < spread.cvar90 < spread.cvar90_high
    assert spread.mean_high - spread.mean_low == pytest.approx(2 * 1.96 * 5 / 300**0.5, rel=0.2)
    assert spread == spread_of(sample, 3)
    assert spread != spread_of(sample, 4)
    assert spread.least <= spread.median <= spread.p90 <= spread.cvar90 <= spread.most
