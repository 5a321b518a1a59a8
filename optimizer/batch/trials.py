"""A plan tried out: executed in the training worlds, measured, and compared with the nominal plan world by world.

All plans are executed in the same worlds (common random numbers: Law, Simulation Modeling and Analysis, section 11.2),
so what differs between two of them is owed to the plans. Sums are numpy's own, never a library's that shares them out
among threads, so that the same trial gives the same figures to the last digit. The measure is that of the robust file,

    (1 − weight) · expected value + weight · CVaR at level

of the delay of needs and orders, the nominal instance being one world with its own probability: a sample average
approximation (Kleywegt, Shapiro & Homem-de-Mello 2002) over a few plans, with the rule of docs/stress.md as recourse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.random import PCG64

from models.checker import check_plan
from models.plan import Plan
from models.problem import Problem
from models.stochastic.risk import Risk
from optimizer.batch.stress_statistics import RESAMPLES
from optimizer.rolling.execute import delays
from optimizer.rolling.execute_before import Desk
from optimizer.rolling.execute_course import course_of
from optimizer.rolling.execute_promises import RULES, Promise, broken, promises_of
from optimizer.rolling.execute_script import Script, script_of
from optimizer.rolling.execute_supply import disturbed, mixed, supply_of
from optimizer.scenarios.draw import draw
from optimizer.scenarios.realised import realised
from optimizer.scenarios.robust_file import RobustFile

CONFIDENCE = 0.975
"""One-sided: how sure it has to be that a plan is better, all comparisons together."""
MOST = 200
"""Draws that plans are tried in at most."""
_TIMES = 100
"""Times that the likeliest world counts where worlds are taken as a sample."""
_PORTION = 50
"""Worlds that are played side by side."""


@dataclass(frozen=True)
class Training:
    """The worlds that plans are tried in: the nominal instance, then scenarios with names, `fixed` of them together,
    then what was drawn. `probabilities` sum to 1."""

    problem: Problem
    worlds: tuple[Problem, ...]
    probabilities: np.ndarray
    risk: Risk
    fixed: int = 1

    @property
    def others(self) -> tuple[Problem, ...]:
        """The worlds but for the nominal one, each as often as it is likely beside the least likely."""
        p = self.probabilities[1:]
        if not len(p):
            return ()
        least = float(p.min())
        times = np.maximum(1, np.minimum(_TIMES, np.rint(p / least))) if least > 0 else np.ones(len(p))
        return tuple(world for world, n in zip(self.worlds[1:], times, strict=True) for _ in range(int(n)))


@dataclass(frozen=True)
class Trial:
    """A plan tried out. `delay`, `broken`: by world, weight × million USD × weeks, and million USD of units that miss a
    promise (firm dates, replacements, contents of released packages). `objective`: in the nominal instance."""

    name: str
    plan: Plan
    objective: float
    delay: np.ndarray
    broken: np.ndarray

    def same(self, other: Trial) -> bool:
        """Whether both come to the same in the nominal instance and in every world."""
        pairs = ((self.delay, other.delay), (self.broken, other.broken), (self.objective, other.objective))
        return all(np.allclose(one, two, rtol=1e-9, atol=1e-9) for one, two in pairs)


def training_of(problem: Problem, file: RobustFile) -> Training:
    """The named scenarios and the draws of the robust file (`MOST` of them at most), beside the instance as it
    stands."""
    named = [row.world(problem) for row in file.named]
    drawn: list[Problem] = []
    if file.disturbances is not None:
        seeds = range(file.seed, file.seed + min(file.draws, MOST))
        drawn = [realised(problem, draw(problem, file.disturbances, seed)) for seed in seeds]
    p = [
        file.nominal_weight,
        *(row.probability for row in file.named),
        *[file.drawn_weight / max(1, len(drawn))] * len(drawn),
    ]
    return Training(problem, (problem, *named, *drawn), np.array(p), file.risk, 1 + len(named))


def tried(training: Training, name: str, plan: Plan) -> Trial | None:
    """The plan executed in all worlds; None if it is no legal plan of the nominal instance."""
    verdict = check_plan(training.problem, plan)
    if not verdict.passed:
        return None
    delay, missed = executed(training.problem, plan, training.worlds)
    return Trial(name, plan, verdict.terms.total, delay, missed)


def executed(problem: Problem, plan: Plan, worlds: Sequence[Problem]) -> tuple[np.ndarray, np.ndarray]:
    """Delay of needs and orders, and million USD of units that miss a promise, by world. The plan must be legal."""
    script = script_of(problem, plan)
    desk, nominal = Desk(script), supply_of(script)
    promises = tuple(row for row in promises_of(script, desk) if row.kind in RULES)
    price = np.array([_price(script, row) for row in promises])
    found, missed = [], []
    for at in range(0, len(worlds), _PORTION):
        supplies = [supply_of(script, world, nominal) for world in worlds[at : at + _PORTION]]
        # the very arrays of the nominal one wherever nothing is disturbed, so that they are stacked once
        course = course_of(desk, [mixed(nominal, world, disturbed(nominal, world)) for world in supplies])
        found.append(delays(script, course).sum(axis=0) + course.unplanned)
        missed.append((price[:, None] * broken(promises, desk, course)).sum(axis=0))
    return np.concatenate(found), np.concatenate(missed)


def _price(script: Script, promise: Promise) -> float:
    """Million USD a unit of what is promised."""
    facts = script.facts
    if promise.kind == "firm_date":
        return facts.items[facts.orders[promise.name].item].unit_price_usd_m
    if promise.kind == "replacement_on_time":
        item = next(row.replacement_item for row in script.problem.offers if row.offer == promise.name)
        return facts.items[item].unit_price_usd_m
    return facts.price(promise.name)


def measured(values: np.ndarray, probabilities: np.ndarray, risk: Risk) -> np.ndarray:
    """The measure of samples, (…, W) → (…), as `Risk.value`; `probabilities` of the same shape or (W,)."""
    weights = np.broadcast_to(probabilities, values.shape)
    order = np.argsort(-values, axis=-1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=-1)
    p = np.take_along_axis(weights, order, axis=-1)
    before = np.cumsum(p, axis=-1) - p
    q = np.clip(1 - before / (1 - risk.level), 0, p / (1 - risk.level))
    tail = (ordered * q).sum(axis=-1) / q.sum(axis=-1)
    return np.asarray((1 - risk.weight) * (values * weights).sum(axis=-1) + risk.weight * tail)


@dataclass(frozen=True, slots=True)
class Gain:
    """A plan against the nominal one over the training worlds; differences are plan − nominal.

    `value`, `expected`, `cvar`: of the delay; `difference` of the values, with its standard `error`; `broken`: million
    USD of broken promises in the mean, `more_broken` by how much that is more, with `broken_error`.
    """

    value: float
    expected: float
    cvar: float
    difference: float
    error: float
    broken: float
    more_broken: float
    broken_error: float

    def is_better(self, comparisons: int) -> bool:
        """Whether it is sure to be better, and breaks no more promises as far as one can tell."""
        z = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / max(1, comparisons))
        keeps = self.more_broken <= NormalDist().inv_cdf(CONFIDENCE) * self.broken_error + 1e-9
        return self.difference < -1e-9 and self.difference + z * self.error < 0 and keeps


def gain(training: Training, trial: Trial, nominal: Trial, seed: int = 0) -> Gain:
    """The trial against the nominal plan's. Errors are those of resampled draws, taken in pairs (Efron 1979)."""
    p, risk = training.probabilities, training.risk
    pure, tail = Risk(risk.level, 0.0), Risk(risk.level, 1.0)
    value, expected, cvar = (float(measured(trial.delay, p, kind)) for kind in (risk, pure, tail))
    difference = value - float(measured(nominal.delay, p, risk))
    more = trial.broken - nominal.broken
    fixed, draws = training.fixed, len(p) - training.fixed
    # the nominal instance and scenarios with names are not drawn: they are in every resample
    picks = np.tile(np.arange(fixed + draws, dtype=np.int64), (RESAMPLES, 1))
    if draws:
        words = PCG64(seed).random_raw(RESAMPLES * draws) % np.uint64(draws)
        picks[:, fixed:] = words.reshape(RESAMPLES, draws).astype(np.int64) + fixed
    values = measured(trial.delay[picks], p, risk) - measured(nominal.delay[picks], p, risk)
    return Gain(
        value, expected, cvar, difference, float(values.std()),
        float((trial.broken * p).sum()), float((more * p).sum()), float((more[picks] * p).sum(axis=-1).std()),
    )  # fmt: skip
