"""Means, profiles, slopes and intervals against values worked out by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.bench.statistics import change, growth, performance_profile, pooled_spread, shifted_geometric_mean


def test_shifted_geometric_mean() -> None:
    assert shifted_geometric_mean([10.0, 90.0]) == pytest.approx(math.sqrt(20 * 100) - 10)
    assert shifted_geometric_mean([1.0, 4.0, 16.0], shift=0.0) == pytest.approx(4.0)
    assert shifted_geometric_mean([0.0, 0.0]) == pytest.approx(0.0)


def test_the_mean_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing"):
        shifted_geometric_mean([])


@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=20))
def test_a_mean_lies_between_least_and_greatest(values: list[float]) -> None:
    assert min(values) - 1e-6 * max(1, *values) <= shifted_geometric_mean(values) <= max(values) * (1 + 1e-9) + 1e-6


def test_performance_profile() -> None:
    """Dolan & Moré: a is twice as slow on q, b four times on p and alone fails on r; nobody solves s."""
    curves = performance_profile(
        {"a": {"p": 1.0, "q": 20.0, "r": 7.0, "s": None}, "b": {"p": 4.0, "q": 10.0, "r": None, "s": None}}
    )
    assert curves["a"] == [(1.0, 0.5), (2.0, 0.75)]
    assert curves["b"] == [(1.0, 0.25), (4.0, 0.5)]


def test_who_is_never_fastest_begins_at_nothing() -> None:
    assert performance_profile({"a": {"p": 1.0}, "b": {"p": 3.0}})["b"] == [(1.0, 0.0), (3.0, 1.0)]


def test_growth_of_an_exact_power() -> None:
    fit = growth([10, 20, 40, 80], [3 * n**1.5 for n in (10, 20, 40, 80)])
    assert fit is not None
    assert (fit.slope, fit.factor) == (pytest.approx(1.5), pytest.approx(3.0))
    assert fit.low == pytest.approx(1.5, abs=1e-6)
    assert fit.high == pytest.approx(1.5, abs=1e-6)


def test_growth_interval_by_hand() -> None:
    """log y at log x = −1, 0, 1 is 0, 0, 3: slope 1.5, residuals 0.5, −1, 0.5; t(0.975, 1) = 12.7062."""
    fit = growth([math.exp(-1), 1.0, math.e], [1.0, 1.0, math.exp(3)])
    assert fit is not None
    error = math.sqrt((0.25 + 1 + 0.25) / 1 / 2)
    assert fit.high == pytest.approx(1.5 + 12.7062047 * error)
    assert fit.low == pytest.approx(1.5 - 12.7062047 * error)


def test_no_slope_from_one_size() -> None:
    assert growth([10, 10], [1.0, 2.0]) is None
    two = growth([10, 100], [1.0, 10.0])
    assert two is not None
    assert (two.slope, two.low) == (pytest.approx(1.0), None)


def test_change_pairs_seeds() -> None:
    """Seeds differ a hundredfold, and each got twice as slow: the interval knows only the difference."""
    found = change({0: [1.0], 1: [100.0], 2: [9.0]}, {0: [2.0], 1: [200.0], 2: [18.0]}, None)
    assert found.ratio == pytest.approx(2.0)
    assert found.low == pytest.approx(2.0)
    assert found.high == pytest.approx(2.0)


def test_change_of_seeds_that_disagree() -> None:
    """Differences of logs ±log 2: ratio 1, half-width t(0.975, 1) · stdev / √2."""
    found = change({0: [1.0], 1: [1.0]}, {0: [2.0], 1: [0.5]}, None)
    half = 12.7062047 * math.log(2) * math.sqrt(2) / math.sqrt(2)
    assert found.ratio == pytest.approx(1.0)
    assert found.high == pytest.approx(math.exp(half), rel=1e-6)


def test_change_of_repeats_of_one_seed() -> None:
    found = change({0: [1.0, 1.0]}, {0: [3.0, 3.0]}, None)
    assert (found.ratio, found.low, found.high) == pytest.approx((3.0, 3.0, 3.0))
    noisy = change({0: [1.0, 2.0]}, {0: [1.5, 3.0]}, None)
    assert noisy.low is not None
    assert noisy.low < 1.0


def test_change_of_single_runs_takes_the_noise_of_others() -> None:
    assert change({0: [1.0]}, {0: [2.0]}, None).low is None
    found = change({0: [1.0]}, {0: [2.0]}, 0.1)
    assert found.low == pytest.approx(2.0 * math.exp(-0.2 * math.sqrt(2)))


def test_no_common_seed() -> None:
    with pytest.raises(ValueError, match="seed"):
        change({0: [1.0]}, {1: [1.0]}, None)


def test_pooled_spread() -> None:
    assert pooled_spread([[1.0], [5.0]]) is None
    assert pooled_spread([[1.0, math.e], [7.0]]) == pytest.approx(math.sqrt(0.5))
