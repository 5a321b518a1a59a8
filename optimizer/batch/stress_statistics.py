"""Figures of a sample: tails, intervals.

- *CVaR90*, the mean of the worst tenth: Rockafellar & Uryasev (2000). With N equally likely values it is
  Σ w[k] · x[k] over the values, largest first, with weights 1/(0.1·N) until they sum to 1.
- *Wilson interval* of a share: Wilson (1927); it does not end at 0 or 1 where a sample of N does.
- *Bootstrap interval* of a mean or a tail: percentiles of resamples (Efron 1979), with a seed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import PCG64

Z = 1.959963984540054
"""The normal quantile of a 95 per cent interval."""
TAIL = 0.1
RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Spread:
    """A sample in figures. `mean_low` … `mean_high` and `cvar90_low` … `cvar90_high`: 95 per cent intervals."""

    mean: float
    mean_low: float
    mean_high: float
    median: float
    p90: float
    cvar90: float
    cvar90_low: float
    cvar90_high: float
    least: float
    most: float


def tail_weights(count: int, tail: float = TAIL) -> np.ndarray:
    """Weights of a descending sample of which the worst `tail` of the probability is meant; they sum to 1."""
    each = 1.0 / (tail * count)
    weights = np.minimum(each, np.maximum(0.0, 1.0 - each * np.arange(count)))
    return np.asarray(weights)


def cvar(values: np.ndarray, tail: float = TAIL) -> np.ndarray:
    """Mean of the worst `tail` of the probability, along the last axis."""
    ordered = -np.sort(-np.asarray(values, dtype=float), axis=-1)
    return np.asarray(ordered @ tail_weights(ordered.shape[-1], tail))


def wilson(count: int, of: int) -> tuple[float, float]:
    """The 95 per cent interval of a probability of which `count` of `of` draws are seen."""
    if of == 0:
        return 0.0, 1.0
    share = count / of
    middle = share + Z * Z / (2 * of)
    spread = Z * math.sqrt(share * (1 - share) / of + Z * Z / (4 * of * of))
    low, high = (middle - spread) / (1 + Z * Z / of), (middle + spread) / (1 + Z * Z / of)
    # exact at the ends, where rounding would leave a speck
    return (0.0 if count == 0 else low), (1.0 if count == of else high)


def bootstrap(values: np.ndarray, figure: Callable[[np.ndarray], np.ndarray], seed: int) -> tuple[float, float]:
    """The 95 per cent interval of a figure of the sample, by resampling; the same seed, the same interval."""
    count = len(values)
    picks = (PCG64(seed).random_raw(RESAMPLES * count) % np.uint64(count)).reshape(RESAMPLES, count)
    found = figure(np.asarray(values, dtype=float)[picks.astype(np.int64)])
    low, high = np.quantile(found, (0.025, 0.975))
    return float(low), float(high)


def spread_of(values: np.ndarray, seed: int = 0) -> Spread:
    """A sample in figures; `seed` is that of the resampling."""
    mean_low, mean_high = bootstrap(values, lambda rows: np.asarray(rows.mean(axis=-1)), seed)
    cvar_low, cvar_high = bootstrap(values, cvar, seed)
    return Spread(
        mean=float(np.mean(values)),
        mean_low=mean_low,
        mean_high=mean_high,
        median=float(np.median(values)),
        p90=float(np.quantile(values, 1 - TAIL)),
        cvar90=float(cvar(values)),
        cvar90_low=cvar_low,
        cvar90_high=cvar_high,
        least=float(np.min(values)),
        most=float(np.max(values)),
    )
