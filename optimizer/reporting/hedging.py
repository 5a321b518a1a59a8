"""What a robust solve hedged, as `summary.json` and the page tell it: the key `robust`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from models.stochastic.compared import Difference
from models.stochastic.figures import RobustFigures, ScenarioFigures

_ROWS = ("scenarios", "first_weeks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hedging(RobustFigures):
    """The stochastic program behind a plan, and what its first weeks hedge.

    `nominal_objective`: of the nominal plan in the instance as it stands, so that the summary's `objective` less this
    is what hedging costs there; `draws`, `seed`, `disturbances`: what the scenarios were drawn from; `lost`: the
    distance of all draws to them, as a share of that to the best single one; `broken_weeks`, `missed_weeks`: prices, in
    weeks; `first_weeks`: what is decided differently.
    """

    nominal_objective: float | None
    draws: int
    seed: int
    lost: float
    broken_weeks: float
    missed_weeks: float
    disturbances: str
    first_weeks: tuple[Difference, ...]

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON, numbers rounded for a file; the long lists last."""
        found = _clean({**asdict(self), "hedging_gain": self.hedging_gain})
        assert isinstance(found, dict)
        rows = {name: found.pop(name) for name in _ROWS}
        return {**found, **rows}

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Hedging:
        """Back from `summary.json`. Raises `KeyError` or `TypeError` where it is not one."""
        known = {name: found[name] for name in cls.__dataclass_fields__ if name in found}
        known["scenarios"] = tuple(ScenarioFigures(**row) for row in found["scenarios"])
        known["first_weeks"] = tuple(Difference(**row) for row in found["first_weeks"])
        return cls(**known)


def _clean(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _clean(cell) for key, cell in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(cell) for cell in value]
    return value
