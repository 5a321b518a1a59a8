"""CVaR by hand, by its minimum and by its envelope."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.stochastic.risk import Risk, cvar, expectation, worst_weights


@st.composite
def outcomes(draw: st.DrawFn) -> tuple[list[float], list[float]]:
    costs = draw(st.lists(st.integers(0, 1000).map(float), min_size=1, max_size=7))
    shares = draw(st.lists(st.integers(1, 9), min_size=len(costs), max_size=len(costs)))
    return costs, [share / sum(shares) for share in shares]


LEVELS = st.sampled_from([0.0, 0.3, 0.5, 0.9, 0.99])


@pytest.mark.parametrize(
    ("level", "expected"),
    [(0.0, 25.0), (0.5, 35.0), (0.75, 40.0), (0.6, 36.25), (0.9, 40.0)],
)
def test_by_hand(level: float, expected: float) -> None:
    """Four costs, a quarter each: at 0.6 the worst 40 % are all of 40 and 15 of the 25 % of 30."""
    assert cvar([10.0, 40.0, 20.0, 30.0], [0.25] * 4, level) == pytest.approx(expected)


@given(outcomes(), LEVELS)
def test_it_is_the_minimum_of_rockafellar_and_uryasev(found: tuple[list[float], list[float]], level: float) -> None:
    costs, p = found

    def at(eta: float) -> float:
        return eta + sum(q * max(0.0, cost - eta) for cost, q in zip(costs, p, strict=True)) / (1 - level)

    assert cvar(costs, p, level) == pytest.approx(min(at(eta) for eta in costs))


@given(outcomes(), LEVELS, st.sampled_from([0.0, 0.4, 1.0]), st.data())
def test_worst_weights_bound_every_other_cost(
    found: tuple[list[float], list[float]], level: float, weight: float, data: st.DataObject
) -> None:
    costs, p = found
    risk = Risk(level, weight)
    q = risk.worst(costs, p)
    assert sum(q) == pytest.approx(1.0)
    assert all(own >= -1e-12 for own in q)
    assert sum(a * b for a, b in zip(q, costs, strict=True)) == pytest.approx(risk.value(costs, p))
    other = data.draw(st.lists(st.floats(0, 1000), min_size=len(costs), max_size=len(costs)))
    assert sum(a * b for a, b in zip(q, other, strict=True)) <= risk.value(other, p) + 1e-6


@given(outcomes(), LEVELS, st.integers(0, 6), st.floats(0, 100))
def test_it_never_falls_when_a_cost_rises(
    found: tuple[list[float], list[float]], level: float, at: int, more: float
) -> None:
    costs, p = found
    dearer = list(costs)
    dearer[at % len(costs)] += more
    assert cvar(dearer, p, level) >= cvar(costs, p, level) - 1e-9


@given(outcomes())
def test_at_level_0_it_is_the_expected_value_and_beyond_no_less(found: tuple[list[float], list[float]]) -> None:
    costs, p = found
    assert cvar(costs, p, 0.0) == pytest.approx(expectation(costs, p))
    assert cvar(costs, p, 0.7) >= expectation(costs, p) - 1e-9
    assert sum(worst_weights(costs, p, 0.7)) == pytest.approx(1.0)


@pytest.mark.parametrize(("level", "weight"), [(1.0, 0.5), (-0.1, 0.5), (0.5, 1.1), (0.5, -0.1)])
def test_ranges(level: float, weight: float) -> None:
    with pytest.raises(ValueError, match="must be in"):
        Risk(level, weight)
