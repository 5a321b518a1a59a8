"""What may happen to an instance, and what a seed makes happen: the records of a disturbance file and of one history.

`Disturbances` holds the rows of a judged file, a tuple of records a kind; `Drawn` is one history drawn from them
(`optimizer.scenarios.draw`), every event with the Monday from which on it is known. What an event does to an instance
is said in `optimizer.scenarios.realised`. Shares and factors are numbers of 0 … 1, durations whole weeks, money million
USD.

A lane that closes for some weeks is none of the kinds: the table of lanes has no dates, so no instance can say it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from models.problem import Need


@dataclass(frozen=True, slots=True)
class Range:
    """A number between `low` and `high`: uniform, or triangular where a `mode` is given."""

    low: float
    high: float
    mode: float | None = None

    def at(self, unit: float) -> float:
        """The value below which the share `unit` of all draws lies (inversion of the distribution)."""
        span = self.high - self.low
        if self.mode is None or span == 0:
            return self.low + span * unit
        left = (self.mode - self.low) / span
        if unit < left:
            return float(self.low + (unit * span * (self.mode - self.low)) ** 0.5)
        return float(self.high - ((1 - unit) * span * (self.high - self.mode)) ** 0.5)

    def whole_at(self, unit: float) -> int:
        """The same in whole numbers, both ends as likely as the others where the range is uniform."""
        if self.mode is None:
            return min(int(self.high), int(self.low) + int((int(self.high) - int(self.low) + 1) * unit))
        return round(self.at(unit))


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which entities: `by` names the column that is compared, `names` the values; `by` is "*" for all of them."""

    by: str = "*"
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chance:
    """How often: in every week with `per_week`, or once at most, at any of the weeks, with `per_horizon`.

    Beginnings lie from `first` to `last` (None: the ends of the horizon).
    """

    per_week: float | None = None
    per_horizon: float | None = None
    first: dt.date | None = None
    last: dt.date | None = None


@dataclass(frozen=True, slots=True)
class LineSlips:
    """Lines turn out less: `loss` of the rate is missing for `weeks` (None: for good)."""

    name: str
    chosen: Chosen
    chance: Chance
    loss: Range
    weeks: Range | None
    known_after_weeks: Range


@dataclass(frozen=True, slots=True)
class LateRamps:
    """Lines' steps to a higher rate come late, and all steps after them, by `weeks`."""

    name: str
    chosen: Chosen
    probability: float
    weeks: Range
    known_after_weeks: Range


@dataclass(frozen=True, slots=True)
class ComponentShortages:
    """Components come in more slowly, or not at all: `loss` of the rate is missing for `weeks` (None: for good)."""

    name: str
    chosen: Chosen
    chance: Chance
    loss: Range
    weeks: Range | None
    known_after_weeks: Range


@dataclass(frozen=True, slots=True)
class UrgentNeeds:
    """Needs that appear: so many units (`quantity`), or units worth so much (`value_usd_m`), due in `due_weeks`."""

    name: str
    chosen: Chosen
    chance: Chance
    quantity: Range | None
    value_usd_m: Range | None
    urgency: Range
    due_weeks: Range
    expires_weeks: Range | None


@dataclass(frozen=True, slots=True)
class LatePledges:
    """Pledges that are not there yet come `weeks` later, and `share` of their money comes."""

    name: str
    chosen: Chosen
    probability: float
    weeks: Range
    share: Range
    known_ahead_weeks: Range


@dataclass(frozen=True, slots=True)
class WithdrawnOffers:
    """Open offers are taken back on a Monday before they are available."""

    name: str
    chosen: Chosen
    probability: float


@dataclass(frozen=True, slots=True)
class LongerReviews:
    """The review of a case takes more effort, by the share `more` of it."""

    name: str
    chosen: Chosen
    probability: float
    more: Range
    known_after_weeks: Range


@dataclass(frozen=True, slots=True)
class Disturbances:
    """A judged disturbance file. Within a kind every row has a name of its own."""

    name: str
    about: str = ""
    line_slips: tuple[LineSlips, ...] = ()
    late_ramps: tuple[LateRamps, ...] = ()
    component_shortages: tuple[ComponentShortages, ...] = ()
    urgent_needs: tuple[UrgentNeeds, ...] = ()
    late_pledges: tuple[LatePledges, ...] = ()
    withdrawn_offers: tuple[WithdrawnOffers, ...] = ()
    longer_reviews: tuple[LongerReviews, ...] = ()


@dataclass(frozen=True, slots=True)
class LineSlip:
    """From `begins` until before `ends` (None: for good) the line turns out `factor` of its rate."""

    line: str
    begins: dt.date
    ends: dt.date | None
    factor: float
    known_on: dt.date


@dataclass(frozen=True, slots=True)
class LateRamp:
    """The steps of the line's rate that are dated `begins` or later come `weeks` later."""

    line: str
    begins: dt.date
    weeks: int
    known_on: dt.date


@dataclass(frozen=True, slots=True)
class ComponentShortage:
    """From `begins` until before `ends` (None: for good) `factor` of the component's rate comes in; 0: it dries up."""

    component: str
    begins: dt.date
    ends: dt.date | None
    factor: float
    known_on: dt.date


@dataclass(frozen=True, slots=True)
class UrgentNeed:
    """A need that nobody knew of before `known_on`."""

    need: Need
    known_on: dt.date


@dataclass(frozen=True, slots=True)
class LatePledge:
    """The pledge is available on `available_on`, with `amount_usd_m` million USD; known before it was to come."""

    pledge: str
    available_on: dt.date
    amount_usd_m: float
    known_on: dt.date


@dataclass(frozen=True, slots=True)
class WithdrawnOffer:
    """The open offer is taken back, before any of it could have been sent."""

    offer: str
    known_on: dt.date


@dataclass(frozen=True, slots=True)
class LongerReview:
    """The review of the case takes `more_weeks` of effort more than its row says."""

    case: str
    more_weeks: float
    known_on: dt.date


Event = LineSlip | LateRamp | ComponentShortage | UrgentNeed | LatePledge | WithdrawnOffer | LongerReview

KINDS: dict[str, type[Event]] = {
    "line_slips": LineSlip,
    "late_ramps": LateRamp,
    "component_shortages": ComponentShortage,
    "urgent_needs": UrgentNeed,
    "late_pledges": LatePledge,
    "withdrawn_offers": WithdrawnOffer,
    "longer_reviews": LongerReview,
}
"""The kinds, by the key of the file and the field of `Disturbances` and `Drawn`, with the event each draws."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One history: what happens, of every kind, and the Monday from which on each event is known.

    `scenario` and `seed` say what it was drawn from.
    """

    scenario: str = ""
    seed: int = 0
    line_slips: tuple[LineSlip, ...] = ()
    late_ramps: tuple[LateRamp, ...] = ()
    component_shortages: tuple[ComponentShortage, ...] = ()
    urgent_needs: tuple[UrgentNeed, ...] = ()
    late_pledges: tuple[LatePledge, ...] = ()
    withdrawn_offers: tuple[WithdrawnOffer, ...] = ()
    longer_reviews: tuple[LongerReview, ...] = ()

    def events(self) -> Iterator[Event]:
        """All events, kind after kind."""
        for kind in KINDS:
            yield from getattr(self, kind)

    def known_by(self, date: dt.date) -> Drawn:
        """Only what is known on that day."""
        return self.kept(lambda event: event.known_on <= date)

    def without(self, *events: Event) -> Drawn:
        """The history without these events."""
        return self.kept(lambda event: event not in events)

    def kept(self, wanted: Callable[[Event], bool]) -> Drawn:
        """The events for which `wanted(event)` is true."""
        rows: dict[str, Any] = {kind: tuple(event for event in getattr(self, kind) if wanted(event)) for kind in KINDS}
        return replace(self, **rows)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON; dates as ISO texts. `from_dict` is the way back."""
        return {row.name: _plain(getattr(self, row.name)) for row in fields(self)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Drawn:
        """The history that `as_dict` gave. Raises `KeyError`, `TypeError` or `ValueError` for anything else."""
        rows: dict[str, Any] = {
            kind: tuple(_event(event, row) for row in values.get(kind, ())) for kind, event in KINDS.items()
        }
        return cls(str(values["scenario"]), int(values["seed"]), **rows)


NOTHING = Drawn()
"""The history in which nothing happens."""

_DATES = frozenset({"begins", "ends", "known_on", "available_on", "needed_by", "expires_on"})


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [{key: _plain(cell) for key, cell in asdict(row).items()} for row in value]
    if isinstance(value, dict):
        return {key: _plain(cell) for key, cell in value.items()}
    return value.isoformat() if isinstance(value, dt.date) else value


def _event(kind: type[Event], row: Mapping[str, Any]) -> Event:
    return kind(**{key: _typed(key, cell) for key, cell in row.items()})


def _typed(key: str, cell: Any) -> Any:
    if key == "need" and isinstance(cell, Mapping):
        return Need(**{name: _typed(name, value) for name, value in cell.items()})
    return dt.date.fromisoformat(cell) if key in _DATES and cell is not None else cell
