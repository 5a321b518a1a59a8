"""What a robust solve hedged, as `summary.json` and the page tell it: the key `robust`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from models.stochastic.compared import Difference


@dataclass(frozen=True, slots=True)
class Hedge:
    """One scenario, in weight × million USD × weeks: `cost` with the plan's first weeks (of which `penalty` are prices
    of promises broken and dispatches missed), `nominal_cost` with those of the nominal plan, `bound` proven for first
    weeks of its own. None where unknown."""

    name: str
    probability: float
    cost: float
    penalty: float
    nominal_cost: float | None
    bound: float | None


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


@dataclass(frozen=True, slots=True)
class Hedging:
    """How a robust plan was found; docs/robust.md says what every figure is.

    `candidates`: the plans that were executed in `trained` draws, the nominal one first; `taken`: the name of the one
    that was carried out. The other figures are of the stochastic program, None where its scenarios were not all solved.

    `value` = (1 − weight) · `expected` + weight · `cvar` (at `level`), with its proven `bound` and `gap`;
    `nominal_value`, `nominal_expected`, `nominal_cvar`: the same with the nominal plan's first weeks; `wait_and_see`:
    a bound of planning with foresight; `nominal_objective`: of the nominal plan in the instance as it stands, so that
    the summary's `objective` less this is what hedging costs there; `first_weeks`: what is decided differently.
    """

    level: float
    weight: float
    shared_weeks: int
    value: float | None
    expected: float | None
    cvar: float | None
    bound: float | None
    gap: float | None
    wait_and_see: float | None
    nominal_value: float | None
    nominal_expected: float | None
    nominal_cvar: float | None
    hedging_gain: float | None
    nominal_objective: float | None
    route: str | None
    chosen: str | None
    rounds: int
    draws: int
    seed: int
    lost: float
    broken_weeks: float
    missed_weeks: float
    disturbances: str
    scenarios: tuple[Hedge, ...]
    first_weeks: tuple[Difference, ...]
    taken: str = "nominal"
    trained: int = 0
    candidates: tuple[Candidate, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON, numbers rounded for a file."""
        found = _clean(asdict(self))
        assert isinstance(found, dict)
        return found

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Hedging:
        """Back from `summary.json`. Raises `KeyError` or `TypeError` where it is not one."""
        known = {name: found[name] for name in cls.__dataclass_fields__ if name in found}
        known["scenarios"] = tuple(Hedge(**row) for row in found["scenarios"])
        known["first_weeks"] = tuple(Difference(**row) for row in found["first_weeks"])
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
