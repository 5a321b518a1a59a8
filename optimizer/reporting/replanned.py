"""What `summary.json` says of planning on from a plan before: frozen records that go both ways. Dates as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from optimizer.reporting.numbers import clean


def rounded(value: Any) -> Any:
    """Numbers rounded for a file and tuples as lists, all the way down."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(inner) for inner in value]
    return clean(value) if isinstance(value, float) else value


@dataclass(frozen=True, slots=True)
class MovedDemand:
    """A demand that moved: `earlier`, `later` in unit-weeks, `delay` new − old, and the leading cause in words."""

    kind: str
    demand: str
    movement: str
    earlier: float
    later: float
    delay: float
    why: str


@dataclass(frozen=True, slots=True)
class SaidActual:
    """What `actuals` say against the plan: units, million USD, or approvals."""

    event: str
    entity: str
    item: str
    date: str
    planned: float
    actual: float


@dataclass(frozen=True, slots=True)
class BrokenPromise:
    """A promise that cannot hold any more: what was promised for which day, and what is now ("" for none)."""

    rule: str
    demand: str
    units: int
    was: str
    now: str
    message: str


@dataclass(frozen=True, slots=True)
class RolledNote:
    """Something to know of how the instance was rolled on."""

    code: str
    entities: tuple[str, ...]
    amount: float
    message: str


@dataclass(frozen=True, slots=True)
class SpanMoved:
    """Dispatches of one span of weeks: units that the plan before had there, and of these the ones unchanged now."""

    planned_units: int
    kept_units: int
    planned_value_usd_m: float
    kept_value_usd_m: float

    @property
    def moved_units(self) -> int:
        """Units that were to leave and do not leave just so."""
        return self.planned_units - self.kept_units


@dataclass(frozen=True, slots=True)
class Replanning:
    """Planning on from a plan before.

    Attributes:
        previous: name of its folder.
        since, start: first days of the two plans.
        elapsed_periods: periods of the plan before that have gone.
        rolled: whether quantities were rolled on; else they stood on the new first day already.
        nothing_changed: whether instance and time went as planned.
        held: whether the plan before stands as it was for that reason.
        bound: where the bound is from: "carried_over" from the plan before, or "proven" anew.
        loosened: why last week's bound could not be carried over though nothing changed.
        previous_objective, gone, carried: the objective before, the part of it that has gone, and what of the plan
            before is worth in the rolled instance; None where that is no legal plan any more.
        frozen_weeks: weeks in which a change costs more.
        frozen, later: what moved in these weeks, and after them.
        changed: differences of the input against what was to be expected, in words; `changes` counts all of them.
        moved: demands that moved, those first whose delay changed most; `demands_moved` counts all of them.
        actuals, broken, notes: what happened otherwise, promises that cannot hold, and what else to know.
    """

    previous: str
    since: str
    start: str
    elapsed_periods: int
    rolled: bool
    nothing_changed: bool
    held: bool
    bound: str
    loosened: tuple[str, ...]
    previous_objective: float
    gone: float | None
    carried: float | None
    frozen_weeks: int
    frozen: SpanMoved
    later: SpanMoved
    changes: int
    changed: tuple[str, ...]
    demands_moved: int
    moved: tuple[MovedDemand, ...]
    actuals: tuple[SaidActual, ...]
    broken: tuple[BrokenPromise, ...]
    notes: tuple[RolledNote, ...]

    @property
    def moved_units(self) -> int:
        """Units of the plan before that do not leave just so any more."""
        return self.frozen.moved_units + self.later.moved_units

    @property
    def planned_units(self) -> int:
        """Units that the plan before had from the new first day on."""
        return self.frozen.planned_units + self.later.planned_units

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Replanning:
        """Back from `summary.json`. Raises `KeyError` or `TypeError` where it is not one."""
        known = {field.name: found[field.name] for field in fields(cls)}
        for name, record in (("moved", MovedDemand), ("actuals", SaidActual), ("broken", BrokenPromise)):
            known[name] = tuple(record(**row) for row in known[name])
        known["notes"] = tuple(RolledNote(**{**row, "entities": tuple(row["entities"])}) for row in known["notes"])
        known["frozen"], known["later"] = SpanMoved(**known["frozen"]), SpanMoved(**known["later"])
        for name in ("loosened", "changed"):
            known[name] = tuple(known[name])
        return cls(**known)
