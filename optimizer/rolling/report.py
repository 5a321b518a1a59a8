"""What is said of a roll: its weeks as rows, and the measures over all of them. Frozen, ready for tables and JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from models.plan import Terms
from optimizer.rolling.nervousness import Moves, instability
from optimizer.rolling.promises import PROMISE_KINDS, STATUSES, Promise, PromiseKind


@dataclass(frozen=True, slots=True)
class WeekRow:
    """One day of planning. Units of items; values and money in million USD; objective and terms in its own units.

    `units_*` and `value_*`: what this plan moved of the one before (`optimizer.rolling.nervousness`); `short_units`:
    planned output that did not come since the day before; `news`, `broken`: events learned of, promises given up.
    """

    week: int
    date: dt.date
    status: str
    objective: float
    bound: float | None
    gap: float | None
    needs_delay: float
    orders_delay: float
    readiness_shortfall: float
    plan_change: float
    units_planned: int
    units_earlier: int
    units_later: int
    units_cut: int
    units_new: int
    value_moved: float
    value_cut: float
    value_new: float
    frozen_units: int
    frozen_changed: int
    dispatches: int
    dispatches_changed: int
    short_units: int
    news: int
    broken: int
    unspent_usd_m: float
    seconds: float

    @property
    def units_moved(self) -> int:
        """Units of the plan before that do not leave as they were to."""
        return self.units_earlier + self.units_later + self.units_cut


COLUMNS = tuple(row.name for row in fields(WeekRow))
"""The columns of `weeks.csv`, in order."""


@dataclass(frozen=True, slots=True)
class Hindsight:
    """The plan that knows everything from the start, of the same instance as the history; `seconds` of its solve."""

    status: str
    delay: float | None
    bound: float | None
    terms: Terms | None
    seconds: float


@dataclass(frozen=True)
class RollReport:
    """A whole roll.

    `terms`: of the history, which is all that was done and the last plan, in the instance as it turned out and in which
    the promises that were given up are relaxed; `violations`: what the checker says of the history before that, all of
    them broken promises unless they stand in `unaccounted`; `last`: the last day of planning.
    """

    instance: str
    scenario: str
    seed: int
    stability: bool
    horizon: str
    first: dt.date
    last: dt.date
    rows: tuple[WeekRow, ...]
    moves: tuple[Moves, ...]
    promises: tuple[Promise, ...]
    terms: Terms
    violations: tuple[str, ...]
    unaccounted: tuple[str, ...]
    broken: tuple[str, ...]
    news: tuple[tuple[dt.date, str], ...]
    unspent_usd_m: float
    hindsight: Hindsight | None = None

    @property
    def delay(self) -> float:
        """Delay of the history and what the stockpile lacked, in weight × million USD × weeks."""
        return self.terms.needs_delay + self.terms.orders_delay + self.terms.readiness_shortfall

    @property
    def regret(self) -> float | None:
        """By what part the history's delay exceeds that of the plan with hindsight; None where that is unknown or 0."""
        best = None if self.hindsight is None else self.hindsight.delay
        return None if not best else self.delay / best - 1.0

    def tally(self) -> dict[PromiseKind, dict[str, int]]:
        """Promises by kind: made, and what became of them; units after `units_`."""
        found: dict[PromiseKind, dict[str, int]] = {}
        for kind in PROMISE_KINDS:
            of_kind = [row for row in self.promises if row.made.kind == kind]
            counts: dict[str, int] = {status: sum(row.status == status for row in of_kind) for status in STATUSES}
            units: dict[str, int] = {status: sum(_units(row, status) for row in of_kind) for status in STATUSES}
            total: dict[str, int] = {
                "made": len(of_kind),
                **counts,
                "units_made": sum(row.made.units for row in of_kind),
            }
            found[kind] = total | {f"units_{status}": value for status, value in units.items()}
        return found

    def nervousness(self) -> dict[str, float | None]:
        """Over all days of planning after the first: what was moved, a week and in all."""
        count = len(self.moves)
        units, value = sum(row.units for row in self.moves), sum(row.value for row in self.moves)
        planned = sum(row.planned for row in self.moves)
        by_units, by_value = instability(list(self.moves))
        return {
            "plans_compared": count,
            "units_moved_per_week": units / count if count else None,
            "value_moved_per_week_usd_m": value / count if count else None,
            "share_of_units_moved": units / planned if planned else None,
            "units_earlier": sum(row.earlier for row in self.moves),
            "units_later": sum(row.later for row in self.moves),
            "units_cut": sum(row.cut for row in self.moves),
            "units_new": sum(row.new for row in self.moves),
            "frozen_units": sum(row.frozen_planned for row in self.moves),
            "frozen_units_changed": sum(row.frozen_changed for row in self.moves),
            "frozen_value_changed_usd_m": sum(row.frozen_changed_value for row in self.moves),
            "dispatches_changed": sum(row.changed for row in self.moves),
            "instability_units": by_units,
            "instability_usd_m": by_value,
        }

    def as_dict(self) -> dict[str, Any]:
        """The content of `summary.json`."""
        best = self.hindsight
        return {
            "instance": self.instance,
            "scenario": self.scenario,
            "seed": self.seed,
            "stability": self.stability,
            "horizon": self.horizon,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "weeks": len(self.rows),
            "checker": "passed" if not self.violations else list(self.violations),
            "unaccounted": list(self.unaccounted),
            "delay": self.delay,
            "terms": asdict(self.terms),
            "hindsight": None
            if best is None
            else {
                "status": best.status,
                "delay": best.delay,
                "bound": best.bound,
                "terms": None if best.terms is None else asdict(best.terms),
                "seconds": best.seconds,
            },
            "regret": self.regret,
            "nervousness": self.nervousness(),
            "promises": self.tally(),
            "broken": list(self.broken),
            "news": [{"date": day.isoformat(), "what": what} for day, what in self.news],
            "money_unspent_usd_m": self.unspent_usd_m,
            "short_units": sum(row.short_units for row in self.rows),
            "statuses": {status: sum(row.status == status for row in self.rows) for status in _statuses(self.rows)},
            "seconds": sum(row.seconds for row in self.rows),
            "rows": [{**asdict(row), "date": row.date.isoformat()} for row in self.rows],
        }


def _units(row: Promise, status: str) -> int:
    """Units of a promise by what became of them: of a broken one only those that are missing are broken."""
    if row.status == "broken":
        return row.missing if status == "broken" else row.made.units - row.missing if status == "kept" else 0
    return row.made.units if row.status == status else 0


def _statuses(rows: Sequence[WeekRow]) -> list[str]:
    return list(dict.fromkeys(row.status for row in rows))
