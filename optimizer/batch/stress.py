"""`stress`: what becomes of a plan under many draws, and what it leans on most.

The same arguments give the same answer, whatever the number of workers: draws go to workers in portions of a fixed
size, and are put together in their order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.plan import Kind, Plan, Terms
from models.problem import TERMS, Problem
from optimizer.batch.stress_draws import Job, Lent, Played, play, total_delay
from optimizer.batch.stress_statistics import Spread, Z, cvar, spread_of, wilson
from optimizer.rolling.execute import delays, terms_of
from optimizer.rolling.execute_before import Desk
from optimizer.rolling.execute_course import course_of
from optimizer.rolling.execute_promises import Promise, promises_of
from optimizer.rolling.execute_script import script_of
from optimizer.rolling.execute_supply import Element, Supply, supply_of
from optimizer.scenarios.disturbances import Disturbances
from optimizer.valuing.workers import spread

LATER = (0, 4, 13)
"""Weeks by which a demand may be later than planned, of which the probability is told."""
_PORTION = 20
PROBE_LESS, PROBE_WEEKS = 0.1, 8
"""The probe: a tenth less of a line, component or lane from the first day on; a pledge eight weeks late; no offer."""


@dataclass(frozen=True, slots=True)
class DemandRisk:
    """A demand over all draws.

    `planned_weeks_late`, `planned_delay`: in the plan; `weeks_late`, `delay`: over the draws (the mean over its units,
    and weight × million USD × weeks); `later`: weeks by which its units arrive later than planned, the mean;
    `later_than`: by `LATER`, the share of draws in which that is more; `short`: the share in which fewer units arrive.
    """

    demand: str
    kind: Kind
    quantity: int
    planned_weeks_late: float
    planned_delay: float
    weeks_late: Spread
    delay: Spread
    later: float
    later_than: tuple[float, ...]
    short: float


@dataclass(frozen=True, slots=True)
class PromiseRisk:
    """A promise over all draws: how often it is broken, with the 95 per cent interval, and by how many units then."""

    promise: Promise
    broken: int
    draws: int
    low: float
    high: float
    missing: float

    @property
    def probability(self) -> float:
        """The share of draws in which it is broken."""
        return self.broken / self.draws


@dataclass(frozen=True, slots=True)
class Lean:
    """How much the plan leans on an element, in weight × million USD × weeks of delay.

    `share`: the part of the expected rise of the delay that it is owed (a Shapley value, estimated), ± `error` at 95
    per cent; `alone`: the expected rise if nothing else were disturbed; `disturbed`: the share of draws in which it is;
    `probe`: the rise under the probe, None where the probe says nothing of its kind.
    """

    element: Element
    share: float
    error: float
    alone: float
    disturbed: float
    probe: float | None


@dataclass(frozen=True)
class Stress:
    """A plan under stress. Everything is in the order of the seeds, demands, promises of `played`; `leans` by share."""

    problem: Problem
    plan: Plan
    scenario: str
    about: str
    seed: int
    planned: Terms
    played: Played
    promises: tuple[Promise, ...]
    demand_risks: tuple[DemandRisk, ...]
    promise_risks: tuple[PromiseRisk, ...]
    leans: tuple[Lean, ...]

    @property
    def draws(self) -> int:
        """How many draws."""
        return len(self.played.seeds)

    @cached_property
    def delay(self) -> Spread:
        """Weighted delay of needs and orders over the draws."""
        return spread_of(self.delays, self.seed)

    @property
    def delays(self) -> np.ndarray:
        """Weighted delay of needs and orders, draw by draw."""
        rows = [TERMS.index(name) for name in ("needs_delay", "orders_delay")]
        return np.asarray(self.played.terms[rows].sum(axis=0))

    @property
    def planned_delay(self) -> float:
        """Weighted delay of needs and orders in the plan."""
        return self.planned.needs_delay + self.planned.orders_delay

    @cached_property
    def objective(self) -> Spread:
        """All terms together over the draws."""
        return spread_of(self.played.terms.sum(axis=0), self.seed)


def stress(
    problem: Problem,
    plan: Plan,
    disturbances: Disturbances,
    *,
    draws: int = 200,
    seed: int = 0,
    workers: int = 1,
    leaning: bool = True,
) -> Stress:
    """The plan executed under the draws of the seeds `seed` … `seed + draws - 1`.

    Args:
        problem: the instance.
        plan: a legal plan of it.
        disturbances: what may happen.
        draws: how many histories, at least 1.
        seed: the first seed, 0 or more.
        workers: spawned processes; with 1 the work is done here.
        leaning: also find out what the plan leans on, which takes most of the time.

    Raises:
        ValueError: there is nothing to draw.
        RuntimeError: an error of the program in a worker, or a worker process that died.
    """
    if draws < 1:
        raise ValueError("at least one draw is needed")
    seeds = range(seed, seed + draws)
    jobs = [
        Job(problem, plan, disturbances, tuple(seeds[at : at + _PORTION]), leaning) for at in range(0, draws, _PORTION)
    ]
    parts = [part for part in spread(play, jobs, workers) if part is not None]
    if len(parts) < len(jobs):
        raise RuntimeError(f"{len(jobs) - len(parts)} of {len(jobs)} portions were lost with their worker process")
    played = joined(parts)
    script = script_of(problem, plan)
    desk, nominal = Desk(script), supply_of(script)
    still = course_of(desk, [nominal])
    promises = promises_of(script, desk)
    return Stress(
        problem=problem,
        plan=plan,
        scenario=disturbances.name,
        about=disturbances.about,
        seed=seed,
        planned=terms_of(script, still)[0],
        played=played,
        promises=promises,
        demand_risks=tuple(_demands(desk, played, delays(script, still)[:, 0], still.late_weeks[:, 0], seed)),
        promise_risks=tuple(_promises(promises, played)),
        leans=tuple(_leans(desk, nominal, played)) if leaning else (),
    )


def joined(parts: Sequence[Played]) -> Played:
    """The portions side by side."""

    def side_by_side(name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name) for part in parts], axis=-1)

    arrays = ("terms", "unplanned", "weeks_late", "later", "delay", "delivered", "missing", "events")
    return Played(
        seeds=tuple(seed for part in parts for seed in part.seeds),
        **{name: side_by_side(name) for name in arrays},
        lent=tuple(lent for part in parts for lent in part.lent),
    )


def _demands(desk: Desk, played: Played, delay: np.ndarray, late_weeks: np.ndarray, seed: int) -> Iterator[DemandRisk]:
    planned: dict[int, int] = defaultdict(int)
    for row in desk.script.sendings:
        planned[row.asked] += row.units
    for q, asked in enumerate(desk.script.asked):
        later = played.later[q]
        yield DemandRisk(
            demand=asked.demand,
            kind=asked.kind,
            quantity=asked.quantity,
            planned_weeks_late=float(late_weeks[q] / max(1, asked.quantity)),
            planned_delay=float(delay[q]),
            weeks_late=_figures(played.weeks_late[q]),
            delay=_figures(played.delay[q]),
            later=float(later.mean()),
            later_than=tuple(float((later > weeks + 1e-9).mean()) for weeks in LATER),
            short=float((played.delivered[q] < planned[q]).mean()),
        )


def _figures(values: np.ndarray) -> Spread:
    """A demand's figures: without intervals, which nobody asks of hundreds of demands."""
    mean, tail = float(values.mean()), float(cvar(values))
    return Spread(
        mean, mean, mean, float(np.median(values)), float(np.quantile(values, 0.9)), tail, tail, tail,
        float(values.min()), float(values.max()),
    )  # fmt: skip


def _promises(promises: Sequence[Promise], played: Played) -> Iterator[PromiseRisk]:
    draws = len(played.seeds)
    for promise, missing in zip(promises, played.missing, strict=True):
        count = int((missing > 0).sum())
        low, high = wilson(count, draws)
        yield PromiseRisk(promise, count, draws, low, high, float(missing.sum() / count) if count else 0.0)


def _leans(desk: Desk, nominal: Supply, played: Played) -> list[Lean]:
    draws = len(played.seeds)
    by_element: dict[Element, list[Lent]] = defaultdict(list)
    for lent in played.lent:
        by_element[lent.element].append(lent)
    probes = probed(desk, nominal)
    found = []
    for element in {**probes, **dict.fromkeys(by_element)}:
        rows = by_element.get(element, [])
        shares = np.zeros(draws)
        shares[: len(rows)] = [row.share for row in rows]
        found.append(
            Lean(
                element=element,
                share=float(shares.mean()),
                error=float(Z * shares.std(ddof=1) / draws**0.5) if draws > 1 else 0.0,
                alone=sum(row.alone for row in rows) / draws,
                disturbed=len(rows) / draws,
                probe=probes.get(element),
            )
        )
    return sorted(found, key=lambda lean: (-lean.share, -(lean.probe or 0.0), lean.element))


def probed(desk: Desk, nominal: Supply) -> dict[Element, float]:
    """By element, the rise of the delay if it alone is disturbed, each in the same way (`PROBE_LESS`, …)."""
    worlds = {element: {**nominal, element: numbers} for element, numbers in _probes(desk, nominal)}
    found = total_delay(desk, [nominal, *worlds.values()])
    return {element: float(rise) for element, rise in zip(worlds, found[1:] - found[0], strict=True)}


def _probes(desk: Desk, nominal: Supply) -> Iterator[tuple[Element, np.ndarray]]:
    calendar = desk.script.facts.calendar
    accepted = set(desk.script.plan.accepted_offers)
    for element, numbers in nominal.items():
        if element.kind == "line":
            # slots are whole: what is left of the output is rounded down in the sum, as the rates are
            yield element, np.diff(np.floor((1 - PROBE_LESS) * np.cumsum(numbers) + 1e-9), prepend=0.0)
        elif element.kind == "component":
            yield element, np.floor((1 - PROBE_LESS) * numbers + 1e-9)
        elif element.kind == "lane" and np.isfinite(numbers).all():
            yield element, (1 - PROBE_LESS) * numbers
        elif element.kind == "pledge":
            yield element, np.array([calendar.shift(int(numbers[0]), PROBE_WEEKS), numbers[1], numbers[2]])
        elif element.kind == "offer" and element.name in accepted:
            yield element, np.array([float(calendar.count), *(0.0 for _ in numbers[1:])])
