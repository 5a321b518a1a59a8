"""The scenarios of a robust solve: histories drawn, few chosen for many, each as the instance that it leads to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.problem import Problem
from models.stochastic.scenario import Scenario, Stochastic
from optimizer.scenarios.disturbances import Disturbances
from optimizer.scenarios.draw import draw
from optimizer.scenarios.named import NOMINAL
from optimizer.scenarios.realised import realised
from optimizer.scenarios.reduction import distances, forward_selection
from optimizer.scenarios.robust_file import RobustFile


@dataclass(frozen=True, slots=True)
class ScenarioSet:
    """The stochastic program, the seeds behind its drawn scenarios, and what choosing lost. The nominal scenario comes
    first, then those that have names, then the drawn ones.

    `lost`: Kantorovich distance between all draws and the chosen ones, as a share of that to the best single one;
    0 where all draws are kept.
    """

    program: Stochastic
    seeds: tuple[int, ...]
    lost: float


def scenario_set(problem: Problem, file: RobustFile) -> ScenarioSet:
    """Draws `file.draws` histories with seeds from `file.seed` on, and keeps `file.scenarios` of them.

    Draws that lead to the same instance are one. The nominal instance has `nominal_weight`, scenarios with names have
    their own, the others share the rest as the draws that they stand for.
    """
    nominal = file.nominal_weight if file.named or file.drawn_weight > 0 else 1.0
    rows = [Scenario(NOMINAL, nominal, problem)]
    rows += [Scenario(row.name, row.probability, row.world(problem)) for row in file.named]
    seeds: tuple[int, ...] = ()
    lost = 0.0
    if file.disturbances is not None and file.drawn_weight > 0:
        chosen, seeds, lost = _drawn(problem, file, file.disturbances)
        rows += chosen
    return ScenarioSet(Stochastic(tuple(rows), file.risk, file.shared_weeks, file.prices), seeds, lost)


def _drawn(
    problem: Problem, file: RobustFile, disturbances: Disturbances
) -> tuple[list[Scenario], tuple[int, ...], float]:
    """The draws that are kept, by seed; the seeds; and what choosing lost."""
    groups: list[list[int]] = []
    worlds: list[Problem] = []
    for seed in range(file.seed, file.seed + file.draws):
        world = realised(problem, draw(problem, disturbances, seed))
        same = next((at for at, other in enumerate(worlds) if other == world), None)
        if same is None:
            worlds.append(world)
            groups.append([seed])
        else:
            groups[same].append(seed)
    shares = [len(group) / file.draws for group in groups]
    distance = distances(worlds)
    chosen, probabilities = forward_selection(distance, shares, file.scenarios)
    order = sorted(range(len(chosen)), key=lambda k: groups[chosen[k]][0])
    rows = [
        Scenario(f"draw {groups[chosen[k]][0]}", file.drawn_weight * probabilities[k], worlds[chosen[k]]) for k in order
    ]
    return rows, tuple(groups[chosen[k]][0] for k in order), _lost(distance, np.array(shares), chosen)


def _lost(distance: np.ndarray, shares: np.ndarray, chosen: tuple[int, ...]) -> float:
    if not len(shares):
        return 0.0
    alone = float((shares[:, None] * distance).sum(axis=0).min())
    return float((shares * distance[:, list(chosen)].min(axis=1)).sum()) / alone if alone > 0 else 0.0
