"""What a roll is asked, and what it remembers of every day of planning: frozen records that go through JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from models.catalog import DEFAULT
from models.plan import RECORDS, Plan
from models.problem import Problem
from optimizer.rolling import promises
from optimizer.rolling.history import Elapsed
from optimizer.rolling.nervousness import Moves
from optimizer.rolling.records import Broken, Deviation
from optimizer.settings import Settings

Horizon = Literal["rolling", "fixed"]


@dataclass(frozen=True, slots=True)
class RollOptions:
    """How a roll is done.

    `weeks`: plans are made on every first day of a period before so many weeks have passed; `stability`: whether what
    changes cost counts; `horizon`: kept as deep as it was, or ending where the instance's ends; `settings`: of every
    solve; `keep_plans`: whether every plan's folder is written whole; `hindsight`: whether the plan is made that knows
    everything from the start.
    """

    weeks: int
    stability: bool = True
    horizon: Horizon = "rolling"
    formulation: str = DEFAULT
    settings: Settings = field(default_factory=Settings)
    keep_plans: bool = False
    hindsight: bool = True

    def fingerprint(self) -> dict[str, Any]:
        """What must be the same for a roll to go on where another stopped."""
        return {
            "stability": self.stability,
            "horizon": self.horizon,
            "formulation": self.formulation,
            "settings": asdict(self.settings),
        }


@dataclass(frozen=True)
class Week:
    """One day of planning: the instance of that day, its plan, and what led there.

    Attributes:
        number: from 0 on.
        problem: what was planned, as it was known on that day.
        plan: the plan, judged.
        status: of the solve; `objective` the checker's, `bound` the proven one.
        terms: the objective by term.
        seconds: by part.
        before: what was done since the day before; None on the first.
        moves: what the plan moved of what was left of the one before; None on the first.
        news: what became known since the day before, in words.
        aside: events that came too late to have an effect, by their place among all events of the history.
        shortfalls: what was planned and did not happen.
        broken: promises that could not hold any more.
        promised: promises made on this day.
        notes: what else a planner should know.
        unspent_usd_m: money that could be paid and is not, after this day's payments.
    """

    number: int
    problem: Problem
    plan: Plan
    status: str
    objective: float
    bound: float | None
    terms: dict[str, float]
    seconds: dict[str, float]
    before: Elapsed | None = None
    moves: Moves | None = None
    news: tuple[str, ...] = ()
    aside: tuple[int, ...] = ()
    shortfalls: tuple[Deviation, ...] = ()
    broken: tuple[Broken, ...] = ()
    promised: tuple[promises.Made, ...] = ()
    notes: tuple[str, ...] = ()
    unspent_usd_m: float = 0.0

    @property
    def date(self) -> dt.date:
        """The day."""
        return self.problem.start

    def as_dict(self) -> dict[str, Any]:
        """All but the instance, which has a folder of its own; ready for JSON."""
        return {
            "number": self.number,
            "date": self.date.isoformat(),
            "status": self.status,
            "objective": self.objective,
            "bound": self.bound,
            "terms": self.terms,
            "seconds": self.seconds,
            "moves": None if self.moves is None else self.moves.as_dict(),
            "news": list(self.news),
            "aside": list(self.aside),
            "shortfalls": [_row(row) for row in self.shortfalls],
            "broken": [_row(row) for row in self.broken],
            "promised": [_row(row) for row in self.promised],
            "notes": list(self.notes),
            "unspent_usd_m": self.unspent_usd_m,
            "plan": plan_as_dict(self.plan),
            "before": None
            if self.before is None
            else {
                "begin": self.before.begin.isoformat(),
                "end": self.before.end.isoformat(),
                "plan": plan_as_dict(self.before.plan),
                "renamed": [list(pair) for pair in self.before.renamed],
            },
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], problem: Problem) -> Week:
        """The way back. Raises `KeyError`, `TypeError` or `ValueError` for anything else."""
        before = values["before"]
        return cls(
            number=values["number"],
            problem=problem,
            plan=plan_from_dict(values["plan"]),
            status=values["status"],
            objective=values["objective"],
            bound=values["bound"],
            terms=values["terms"],
            seconds=values["seconds"],
            before=None
            if before is None
            else Elapsed(
                _date(before["begin"]),
                _date(before["end"]),
                plan_from_dict(before["plan"]),
                tuple((old, new) for old, new in before["renamed"]),
            ),
            moves=None if values["moves"] is None else Moves.from_dict(values["moves"]),
            news=tuple(values["news"]),
            aside=tuple(values["aside"]),
            shortfalls=tuple(Deviation(**_dated(row, "date")) for row in values["shortfalls"]),
            broken=tuple(Broken(**_dated(row, "was", "now")) for row in values["broken"]),
            promised=tuple(promises.Made(**_dated(row, "made_on", "due")) for row in values["promised"]),
            notes=tuple(values["notes"]),
            unspent_usd_m=values["unspent_usd_m"],
        )


def plan_as_dict(plan: Plan) -> dict[str, Any]:
    """A plan as plain values: a list of lists a table, in the order of the records' fields."""
    rows = {name: [[getattr(row, key.name) for key in fields(kind)] for row in getattr(plan, name)]
            for name, kind in RECORDS.items()}  # fmt: skip
    return {**rows, "accepted_offers": list(plan.accepted_offers)}


def plan_from_dict(values: Mapping[str, Any]) -> Plan:
    """The way back. Raises `KeyError` or `TypeError` for anything else."""
    rows: dict[str, Any] = {
        name: tuple(kind(*(tuple(cell) if isinstance(cell, list) else cell for cell in row)) for row in values[name])
        for name, kind in RECORDS.items()
    }
    return Plan(**rows, accepted_offers=tuple(values["accepted_offers"]))


def _row(record: Any) -> dict[str, Any]:
    return {key: cell.isoformat() if isinstance(cell, dt.date) else cell for key, cell in asdict(record).items()}


def _dated(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: _date(cell) if key in names and cell is not None else cell for key, cell in row.items()}


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)
