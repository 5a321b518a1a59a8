"""The extensive form: models of all scenarios side by side, linked by the first weeks and by risk, as arrays.

With x[s] the columns of scenario s, c[s]·x[s] + k[s] its cost, e[s] its first weeks, α level, λ weight:

    min  (1 − λ) Σ_s p[s] · (c[s]·x[s] + k[s]) + λ · (η + 1/(1 − α) Σ_s p[s] · z[s])
    A[s] x[s] within its sides, x[s] whole where told              every scenario by itself
    e[s](x[s]) = e[0](x[0])  (≤ where less may be done)            non-anticipativity, where the scenario has it
    z[s] ≥ c[s]·x[s] + k[s] − η,  z ≥ 0,  η ≥ 0                    CVaR (Rockafellar & Uryasev 2000)

η ≥ 0 as no cost is negative, and the value at risk is an optimal η. Rows of z are divided by the largest cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import sparse

from models.matrix import Vector
from models.stochastic.risk import Risk
from models.stochastic.scenario_model import ScenarioModel

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Extensive:
    """min cost·x + offset over `row_lower ≤ A x ≤ row_upper`, bounds, `whole`; `parts[s]` are the columns of s."""

    cost: Vector
    offset: float
    A: sparse.csr_array
    row_lower: Vector
    row_upper: Vector
    lower: Vector
    upper: Vector
    whole: Mask
    parts: tuple[slice, ...]
    risk: Risk
    probabilities: tuple[float, ...]
    costs: tuple[tuple[Vector, float], ...]

    def stacked(self, xs: Sequence[Vector]) -> Vector:
        """A point of the form from one of every scenario: η at the value at risk, z as small as they can be."""
        costs = [float(vector @ x) + constant for (vector, constant), x in zip(self.costs, xs, strict=True)]
        tail = [0.0] * 0
        if self.risk.weight > 0:
            eta = value_at_risk(costs, self.probabilities, self.risk.level)
            tail = [eta, *(max(0.0, cost - eta) for cost in costs)]
        return np.concatenate([*xs, np.array(tail)])


def value_at_risk(costs: Sequence[float], probabilities: Sequence[float], level: float) -> float:
    """The least cost that is exceeded with probability at most 1 − level."""
    total = 0.0
    for cost, p in sorted(zip(costs, probabilities, strict=True)):
        total += p
        if total >= level - 1e-12:
            return cost
    return max(costs)


def extensive(models: Sequence[ScenarioModel], probabilities: Sequence[float], risk: Risk) -> Extensive:
    """The extensive form of scenario models; the first is the nominal one."""
    matrices = [model.built.matrix for model in models]
    begins = np.concatenate([[0], np.cumsum([matrix.shape[1] for matrix in matrices])])
    parts = tuple(slice(int(a), int(b)) for a, b in pairwise(begins))
    costs = tuple(model.cost for model in models)
    tails = len(models) + 1 if risk.weight > 0 else 0
    n = int(begins[-1]) + tails
    blocks = [sparse.csr_array(sparse.block_diag([matrix.A for matrix in matrices], format="csr"))]
    lower, upper = [matrix.row_lower for matrix in matrices], [matrix.row_upper for matrix in matrices]
    blocks = [_wide(blocks[0], n)]
    for model, part in zip(models[1:], parts[1:], strict=True):
        decisions = model.linked(models[0].shared)
        mine, nominal = model.rows(decisions), models[0].rows(decisions)
        blocks.append(_placed(mine, part.start, n) - _placed(nominal, 0, n))
        lower.append(np.array([-np.inf if d in model.below else 0.0 for d in decisions]))
        upper.append(np.zeros(len(decisions)))
    cost, offset = np.zeros(n), 0.0
    for (vector, constant), part, p in zip(costs, parts, probabilities, strict=True):
        cost[part] = (1 - risk.weight) * p * vector
        offset += (1 - risk.weight) * p * constant
    if tails:
        eta = n - tails
        cost[eta] = risk.weight
        for s, ((vector, constant), part) in enumerate(zip(costs, parts, strict=True)):
            cost[eta + 1 + s] = risk.weight * probabilities[s] / (1 - risk.level)
            scale = max(1.0, float(np.max(np.abs(vector), initial=0.0)))
            row = _placed(sparse.csr_array(vector.reshape(1, -1)), part.start, n)
            tail = sparse.csr_array(([-1.0, -1.0], ([0, 0], [eta, eta + 1 + s])), shape=(1, n))
            blocks.append((row + tail) / scale)
            lower.append(np.array([-np.inf]))
            upper.append(np.array([-constant / scale]))
    return Extensive(
        cost, offset, sparse.csr_array(sparse.vstack(blocks, format="csr")),
        np.concatenate(lower), np.concatenate(upper),
        np.concatenate([*(matrix.lower for matrix in matrices), np.zeros(tails)]),
        np.concatenate([*(matrix.upper for matrix in matrices), np.full(tails, np.inf)]),
        np.concatenate([*(matrix.whole for matrix in matrices), np.zeros(tails, dtype=bool)]),
        parts, risk, tuple(probabilities), costs,
    )  # fmt: skip


def _wide(rows: sparse.csr_array, n: int) -> sparse.csr_array:
    return sparse.csr_array((rows.data, rows.indices, rows.indptr), shape=(rows.shape[0], n))


def _placed(rows: sparse.csr_array, start: int, n: int) -> sparse.csr_array:
    return sparse.csr_array((rows.data, rows.indices + start, rows.indptr), shape=(rows.shape[0], n))
