"""`derated`: an instance with less in it, as a set of worlds has less; `money_risk`: how likely a pledge fails.

A plan for less leaves slack for what may happen. How much less is a matter of degree: the mean of the worlds, or the
level that a share of them reaches. Everything is taken by itself, entity by entity.

| entity | what is taken |
|---|---|
| line, component | its rates times the share of its output of the horizon that is left |
| pledge | weeks later (rounded up), and the share of its money that is left |
| offer | away, if it is not there at that degree (never at the mean) |
| case | its effort of review times what it rises by |

Needs that nobody knew of, and what the worlds add otherwise, are left out.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from math import ceil
from typing import Literal

import numpy as np

from models.calendar import calendar_of
from models.problem import ComponentRate, LineRate, Pledge, Problem
from optimizer.reading.column import LAST_DATE

Part = Literal["output", "money", "offers", "review"]
PARTS: tuple[Part, ...] = ("output", "money", "offers", "review")
_DIGITS = Decimal("0.0001")


def derated(problem: Problem, worlds: Sequence[Problem], share: float | None, parts: Iterable[Part] = PARTS) -> Problem:
    """The instance with what `share` of the worlds still reach (0 … 1), None: with the mean of the worlds.

    Args:
        problem: the instance.
        worlds: how it may turn out; all with its calendar.
        share: how many of the worlds are as good as this or better, entity by entity.
        parts: what is derated; the rest stays.
    """
    chosen, found = set(parts), problem
    if not worlds:
        return problem
    days = _days(problem)

    def low(values: Sequence[float]) -> float:
        return float(np.mean(values)) if share is None else float(np.quantile(values, 1 - share))

    def high(values: Sequence[float]) -> float:
        return -low([-value for value in values])

    if "output" in chosen:
        lines = _left(problem.line_rates, [world.line_rates for world in worlds], days, low)
        components = _left(problem.component_rates, [world.component_rates for world in worlds], days, low)
        found = replace(
            found,
            line_rates=tuple(
                replace(row, slots_per_week=_times(row.slots_per_week, lines.get(row.line, 1.0)))
                for row in problem.line_rates
            ),
            component_rates=tuple(
                replace(row, units_per_week=_times(row.units_per_week, components.get(row.component, 1.0)))
                for row in problem.component_rates
            ),
        )
    if "money" in chosen:
        known = [{row.pledge: row for row in world.pledges} for world in worlds]
        found = replace(found, pledges=tuple(_pledge(row, known, low, high) for row in problem.pledges))
    if "offers" in chosen and share is not None:
        there = [{row.offer for row in world.offers} for world in worlds]
        kept = {
            row.offer
            for row in problem.offers
            if row.status == "accepted" or low([float(row.offer in names) for names in there]) >= 0.5
        }
        found = replace(
            found,
            offers=tuple(row for row in problem.offers if row.offer in kept),
            commitments=tuple(
                row
                for row in problem.commitments
                if row.demand in kept or all(row.demand != o.offer for o in problem.offers)
            ),
        )
    if "review" in chosen:
        efforts = [{row.case: row.review_weeks for row in world.approvals} for world in worlds]
        found = replace(
            found,
            approvals=tuple(
                replace(
                    row, review_weeks=max(row.review_weeks, high([e.get(row.case, row.review_weeks) for e in efforts]))
                )
                for row in problem.approvals
            ),
        )
    return found


def money_risk(problem: Problem, worlds: Sequence[Problem]) -> dict[tuple[str, int], float]:
    """By (pledge, period): the share of worlds in which it does not stand in full then."""
    calendar = calendar_of(problem)
    found: dict[tuple[str, int], float] = {}
    for row in problem.pledges:
        failing = np.zeros(calendar.count)
        for world in worlds:
            there = next((other for other in world.pledges if other.pledge == row.pledge), None)
            if there is None or there.amount_usd_m < row.amount_usd_m - 1e-9:
                failing += 1
            else:
                failing[: calendar.period(there.available_on)] += 1
        found |= {(row.pledge, t): float(count) / len(worlds) for t, count in enumerate(failing) if count}
    return found


def _days(problem: Problem) -> tuple[dt.date, dt.date]:
    weeks = sum(count * length for count, length in problem.periods)
    return problem.start, problem.start + dt.timedelta(weeks=weeks)


def _output(rows: Iterable[LineRate | ComponentRate], days: tuple[dt.date, dt.date]) -> dict[str, float]:
    """By line or component, what its rates come to over the horizon."""
    steps: dict[str, list[tuple[dt.date, float]]] = defaultdict(list)
    for row in rows:
        if isinstance(row, LineRate):
            steps[row.line].append((row.from_date, row.slots_per_week))
        else:
            steps[row.component].append((row.from_date, row.units_per_week))
    found = {}
    for name, dated in steps.items():
        ordered = sorted(dated)
        ends = [*(day for day, _ in ordered[1:]), days[1]]
        found[name] = sum(
            rate * max(0, (min(end, days[1]) - max(begin, days[0])).days)
            for (begin, rate), end in zip(ordered, ends, strict=True)
        )
    return found


def _left(
    rows: Sequence[LineRate | ComponentRate],
    worlds: Sequence[Sequence[LineRate | ComponentRate]],
    days: tuple[dt.date, dt.date],
    low: Callable[[Sequence[float]], float],
) -> Mapping[str, float]:
    """By line or component, the share of its output that is left."""
    whole = _output(rows, days)
    there = [_output(world, days) for world in worlds]
    return {
        name: min(1.0, max(0.0, low([world.get(name, 0.0) / total for world in there])))
        for name, total in whole.items()
        if total > 0
    }


def _times(rate: float, share: float) -> float:
    return rate if share >= 1 else float(Decimal(str(rate)) * Decimal(str(share)).quantize(_DIGITS))


def _pledge(
    row: Pledge,
    worlds: Sequence[Mapping[str, Pledge]],
    low: Callable[[Sequence[float]], float],
    high: Callable[[Sequence[float]], float],
) -> Pledge:
    there = [world.get(row.pledge, row) for world in worlds]
    later = max(0.0, high([(other.available_on - row.available_on).days / 7 for other in there]))
    amount = min(row.amount_usd_m, low([other.amount_usd_m for other in there]))
    day = min(LAST_DATE, row.available_on + dt.timedelta(weeks=ceil(later - 1e-9)))
    return replace(row, available_on=day, amount_usd_m=max(0.0, round(amount, 4)))
