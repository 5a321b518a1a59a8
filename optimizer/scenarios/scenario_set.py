"""The scenarios of a robust solve: histories drawn, few chosen for many, each as the instance that it leads to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.problem import Problem
from models.stochastic.scenario import Scenario, Stochastic
from optimizer.scenarios.draw import draw
from optimizer.scenarios.realised import realised
from optimizer.scenarios.reduction import distances, forward_selection
from optimizer.scenarios.robust_file import RobustFile

NOMINAL = "nominal"


@dataclass(frozen=True, slots=True)
class ScenarioSet:
    """The stochastic program, the seeds behind its scenarios (without the nominal one), and what choosing lost.

    `lost`: Kantorovich distance between all draws and the chosen ones, as a share of that to the best single one;
    0 where all draws are kept.
    """

    program: Stochastic
    seeds: tuple[int, ...]
    lost: float


def scenario_set(problem: Problem, file: RobustFile) -> ScenarioSet:
    """Draws `file.draws` histories with seeds from `file.seed` on, and keeps `file.scenarios` of them.

    Draws that lead to the same instance are one. The nominal instance has `nominal_weight`, the others share the rest
    as the draws that they stand for.
    """
    groups: list[list[int]] = []
    worlds: list[Problem] = []
    for seed in range(file.seed, file.seed + file.draws):
        world = realised(problem, draw(problem, file.disturbances, seed))
        same = next((at for at, other in enumerate(worlds) if other == world), None)
        if same is None:
            worlds.append(world)
            groups.append([seed])
        else:
            groups[same].append(seed)
    shares = [len(group) / file.draws for group in groups]
    distance = distances(worlds)
    chosen, probabilities = forward_selection(distance, shares, file.scenarios)
    rest = 1.0 - file.nominal_weight
    rows = [Scenario(NOMINAL, file.nominal_weight if rest > 0 else 1.0, problem)]
    order = sorted(range(len(chosen)), key=lambda k: groups[chosen[k]][0])
    if rest > 0:
        rows += [Scenario(f"draw {groups[chosen[k]][0]}", rest * probabilities[k], worlds[chosen[k]]) for k in order]
    program = Stochastic(tuple(rows), file.risk, file.shared_weeks, file.prices)
    kept = tuple(groups[chosen[k]][0] for k in order) if rest > 0 else ()
    return ScenarioSet(program, kept, _lost(distance, np.array(shares), chosen))


def _lost(distance: np.ndarray, shares: np.ndarray, chosen: tuple[int, ...]) -> float:
    if not len(shares):
        return 0.0
    alone = float((shares[:, None] * distance).sum(axis=0).min())
    return float((shares * distance[:, list(chosen)].min(axis=1)).sum()) / alone if alone > 0 else 0.0
