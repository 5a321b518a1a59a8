"""A plan under many draws: the work of one worker, and `out_of_sample`, which compares plans.

For what a plan leans on, every draw is played again in mixed worlds. `alone`: only one element is disturbed.
`share`: elements are disturbed one after another in a random order, and each is owed what the delay rises by when its
turn comes: a sample of its Shapley value (Castro, Gómez & Tejada 2009), of which the sum over the elements is the whole
rise, draw by draw.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import PCG64, SeedSequence

from models.plan import Plan
from models.problem import TERMS, Problem
from optimizer.rolling.execute import delays, later_weeks, terms_of
from optimizer.rolling.execute_before import Desk
from optimizer.rolling.execute_course import Course, course_of
from optimizer.rolling.execute_promises import broken, promises_of
from optimizer.rolling.execute_script import Script, script_of
from optimizer.rolling.execute_supply import Element, Supply, disturbed, mixed, supply_of
from optimizer.scenarios.disturbances import Disturbances
from optimizer.scenarios.draw import draw
from optimizer.scenarios.realised import realised

_AT_ONCE = 800
"""Worlds that are played side by side: as many as fit into the cache of a small machine."""
Measure = Literal["delay", "objective"]


@dataclass(frozen=True, slots=True)
class Job:
    """Some of the draws of a stress test; `leaning`: also play what each element does by itself."""

    problem: Problem
    plan: Plan
    disturbances: Disturbances
    seeds: tuple[int, ...]
    leaning: bool = True


@dataclass(frozen=True, slots=True)
class Lent:
    """What one disturbed element did in one draw, in weight × million USD × weeks of delay."""

    seed: int
    element: Element
    alone: float
    share: float


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a job's draws. Arrays have one column a draw; Q demands as in `Script.asked`, R promises.

    `terms` (4, W) in the order of `TERMS`; `unplanned` (W): the part of the delay that is owed to needs the plan does
    not know; `weeks_late`, `later`, `delay`, `delivered` (Q, W); `missing` (R, W); `events` (W): elements disturbed.
    """

    seeds: tuple[int, ...]
    terms: np.ndarray
    unplanned: np.ndarray
    weeks_late: np.ndarray
    later: np.ndarray
    delay: np.ndarray
    delivered: np.ndarray
    missing: np.ndarray
    events: np.ndarray
    lent: tuple[Lent, ...]


def play(job: Job) -> Played:
    """Executes the plan under every draw of a job."""
    script = script_of(job.problem, job.plan)
    desk, nominal = Desk(script), supply_of(script)
    worlds = [_settled(nominal, _drawn(script, nominal, job.disturbances, seed)) for seed in job.seeds]
    course = course_of(desk, worlds)
    units = np.array([max(1, row.quantity) for row in script.asked])[:, None]
    changed = [disturbed(nominal, world) for world in worlds]
    return Played(
        seeds=job.seeds,
        terms=_terms(script, course),
        unplanned=course.unplanned,
        weeks_late=course.late_weeks / units,
        later=later_weeks(script, course),
        delay=delays(script, course),
        delivered=course.delivered,
        missing=broken(promises_of(script, desk), desk, course),
        events=np.array([len(found) for found in changed]),
        lent=tuple(_lent(desk, nominal, worlds, changed, job.seeds)) if job.leaning else (),
    )


def out_of_sample(
    problem: Problem, plan: Plan, disturbances: Disturbances, seeds: Sequence[int], *, measure: Measure = "delay"
) -> np.ndarray:
    """What the plan comes to under every seed, executed by the rule of `docs/stress.md`; one number a seed.

    `measure`: "delay" = needs and orders; "objective" = all terms. Both in weight × million USD × weeks, in the
    instance as it turned out: what is owed to needs that nobody knew of is in it, the same for every plan.
    The plan must be legal.
    """
    played = play(Job(problem, plan, disturbances, tuple(seeds), leaning=False))
    terms = played.terms if measure == "objective" else played.terms[[TERMS.index(name) for name in _DELAY]]
    return np.asarray(terms.sum(axis=0))


_DELAY = ("needs_delay", "orders_delay")


def _drawn(script: Script, nominal: Supply, disturbances: Disturbances, seed: int) -> Supply:
    return supply_of(script, realised(script.problem, draw(script.problem, disturbances, seed)), nominal)


def _settled(nominal: Supply, world: Supply) -> Supply:
    """The world with the very arrays of the nominal one wherever nothing is disturbed: they are then stacked once."""
    return mixed(nominal, world, disturbed(nominal, world))


def _terms(script: Script, course: Course) -> np.ndarray:
    return np.array([[getattr(terms, name) for name in TERMS] for terms in terms_of(script, course)]).T


def total_delay(desk: Desk, worlds: Sequence[Supply]) -> np.ndarray:
    """Weighted delay of needs and orders in every world."""
    found = []
    for at in range(0, len(worlds), _AT_ONCE):
        course = course_of(desk, worlds[at : at + _AT_ONCE])
        found.append(delays(desk.script, course).sum(axis=0) + course.unplanned)
    return np.concatenate(found) if found else np.zeros(0)


def _lent(
    desk: Desk, nominal: Supply, worlds: Sequence[Supply], changed: Sequence[tuple[Element, ...]], seeds: Sequence[int]
) -> Iterator[Lent]:
    """What every disturbed element did in every draw."""
    orders = [turns(elements, seed) for elements, seed in zip(changed, seeds, strict=True)]
    mixes = [nominal]
    for world, elements, order in zip(worlds, changed, orders, strict=True):
        mixes += [mixed(nominal, world, (element,)) for element in elements]
        mixes += [mixed(nominal, world, order[: k + 1]) for k in range(len(order))]
    found = total_delay(desk, mixes)
    base, at = float(found[0]), 1
    for seed, elements, order in zip(seeds, changed, orders, strict=True):
        alone = dict(zip(elements, found[at : at + len(elements)] - base, strict=True))
        at += len(elements)
        rises = dict(zip(order, np.diff(found[at : at + len(order)], prepend=base), strict=True))
        at += len(order)
        for element in elements:
            yield Lent(seed, element, float(alone[element]), float(rises[element]))


def turns(elements: Sequence[Element], seed: int) -> tuple[Element, ...]:
    """The elements in a random order of the draw's own; any order is as likely as any other."""
    words = PCG64(SeedSequence(seed, spawn_key=(1,))).random_raw(max(1, len(elements))).tolist()
    return tuple(element for _, element in sorted(zip(words, elements, strict=False)))
