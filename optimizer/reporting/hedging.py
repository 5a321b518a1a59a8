"""What a robust solve hedged, as `summary.json` and the page tell it: the key `robust`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from models.stochastic.compared import Difference
from models.stochastic.figures import RobustFigures, ScenarioFigures

_ROWS = ("candidates", "scenarios", "first_weeks")
_BLANK = {
    **dict.fromkeys(row.name for row in fields(RobustFigures)),
    "hedging_gain": None,
    "rounds": 0,
    "scenarios": (),
}
"""What is told of the figures where there are none."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plan that was tried out in the training draws, in weight × million USD × weeks of delay.

    `objective`: in the instance as it stands; `value` = (1 − weight) · `expected` + weight · `cvar` of its executed
    delay; `difference`: of the value to the nominal plan's, with its standard `error`; `broken`: million USD of units
    that miss a promise, in the mean, and `more_broken` than with the nominal plan, with its standard error.
    """

    name: str
    objective: float
    value: float
    expected: float
    cvar: float
    difference: float
    error: float
    broken: float
    more_broken: float
    broken_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hedging:
    """How a robust plan was found, and what its first weeks hedge.

    `candidates`: the plans that were executed in `trained` draws and in the scenarios `named`, the nominal one first;
    `taken`: the name of the one that is carried out. `level`, `weight`, `shared_weeks`: as the robust file asks.
    `figures`: of the stochastic program, None where its scenarios were not all solved. `nominal_objective`: of the
    nominal plan in the instance as it stands, so that the summary's `objective` less this is what hedging costs there;
    `draws`, `seed`, `disturbances`: what the scenarios were drawn from, if anything was; `lost`: the distance of all
    draws to them, as a share of that to the best single one; `broken_weeks`, `missed_weeks`: prices, in weeks;
    `first_weeks`: what is decided differently.
    """

    level: float
    weight: float
    shared_weeks: int
    figures: RobustFigures | None
    nominal_objective: float | None
    draws: int
    seed: int
    lost: float
    broken_weeks: float
    missed_weeks: float
    disturbances: str
    first_weeks: tuple[Difference, ...]
    taken: str = "nominal"
    trained: int = 0
    named: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON, numbers rounded for a file: the figures among the rest, the long lists last."""
        told, figures = asdict(self), self.figures
        del told["figures"]
        of_program = _BLANK if figures is None else {**asdict(figures), "hedging_gain": figures.hedging_gain}
        found = _clean({**of_program, **told})
        assert isinstance(found, dict)
        rows = {name: found.pop(name) for name in _ROWS}
        return {**found, **rows}

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Hedging:
        """Back from `summary.json`. Raises `KeyError` or `TypeError` where it is not one."""
        known = {row.name: found[row.name] for row in fields(cls) if row.name in found}
        known["figures"] = None
        if found["value"] is not None:
            figures = {row.name: found[row.name] for row in fields(RobustFigures)}
            figures["scenarios"] = tuple(ScenarioFigures(**row) for row in found["scenarios"])
            known["figures"] = RobustFigures(**figures)
        known["first_weeks"] = tuple(Difference(**row) for row in found["first_weeks"])
        known["named"] = tuple(found.get("named", ()))
        known["candidates"] = tuple(Candidate(**row) for row in found.get("candidates", ()))
        return cls(**known)


def _clean(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _clean(cell) for key, cell in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(cell) for cell in value]
    return value
