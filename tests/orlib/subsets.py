"""The least total weighted tardiness by dynamic programming over sets of jobs: an oracle without project code."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def least_weighted_tardiness(processing: Sequence[int], weights: Sequence[int], due: Sequence[int]) -> int:
    """Exact: value(S) = min over the job j of S that is last of value(S − j) + w_j · max(0, P(S) − d_j)."""
    n = len(processing)
    sets = np.arange(1 << n)
    done = sum(((sets >> j) & 1) * processing[j] for j in range(n))
    size = sum((sets >> j) & 1 for j in range(n))
    value = np.where(sets == 0, 0, np.iinfo(np.int64).max)
    for k in range(1, n + 1):
        layer = sets[size == k]
        for j in range(n):
            having = layer[(layer >> j) & 1 == 1]
            last = value[having ^ (1 << j)] + weights[j] * np.maximum(0, done[having] - due[j])
            value[having] = np.minimum(value[having], last)
    return int(value[-1])
