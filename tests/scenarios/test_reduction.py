"""Fast forward selection: against listing, and what it must keep."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.scenarios.reduction import distances, features, forward_selection
from tests.builders import small_problem
from tests.models.stochastic.worlds import late_money, slowed


@st.composite
def sets(draw: st.DrawFn) -> tuple[np.ndarray, list[float]]:
    points = np.array(draw(st.lists(st.integers(0, 20), min_size=1, max_size=7)), dtype=float)
    shares = draw(st.lists(st.integers(1, 5), min_size=len(points), max_size=len(points)))
    return np.abs(points[:, None] - points[None, :]), [share / sum(shares) for share in shares]


def lost(distance: np.ndarray, p: list[float], chosen: tuple[int, ...]) -> float:
    return float(np.array(p) @ distance[:, list(chosen)].min(axis=1))


@given(sets())
def test_one_scenario_is_the_best_one(found: tuple[np.ndarray, list[float]]) -> None:
    distance, p = found
    chosen, shares = forward_selection(distance, p, 1)
    assert lost(distance, p, chosen) == pytest.approx(min(lost(distance, p, (j,)) for j in range(len(p))))
    assert shares == (pytest.approx(1.0),)


@given(sets(), st.integers(1, 7))
def test_each_step_is_the_best_step_and_probability_is_kept(found: tuple[np.ndarray, list[float]], count: int) -> None:
    distance, p = found
    chosen, shares = forward_selection(distance, p, count)
    assert len(set(chosen)) == len(chosen) == min(count, len(p))
    assert sum(shares) == pytest.approx(1.0)
    for k in range(1, len(chosen)):
        others = [u for u in range(len(p)) if u not in chosen[:k]]
        assert lost(distance, p, chosen[: k + 1]) == pytest.approx(
            min(lost(distance, p, (*chosen[:k], u)) for u in others)
        )


def test_a_scenario_gives_its_probability_to_the_nearest() -> None:
    points = np.array([0.0, 1.0, 10.0])
    chosen, shares = forward_selection(np.abs(points[:, None] - points[None, :]), [0.5, 0.2, 0.3], 2)
    assert dict(zip(chosen, shares, strict=True)) == {0: pytest.approx(0.7), 2: pytest.approx(0.3)}


def test_distances_see_output_money_offers_and_needs() -> None:
    base = small_problem()
    worlds = [
        base, slowed(base, 0.5), late_money(base, 2), replace(base, offers=()),
        replace(base, needs=base.needs[:1]),
    ]  # fmt: skip
    found = distances(worlds)
    assert np.allclose(found, found.T)
    assert np.all(found[0, 1:] > 0)
    assert np.all(np.diag(found) == 0)
    assert features(base) == features(replace(base, name="another"))
