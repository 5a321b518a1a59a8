"""What one more of something scarce is worth: the records, and each in words. Found by `optimizer.valuing`.

A figure says how it was found. `fixed_lp`: everything whole that the plan decides is held (releases, contents, payers,
offers, approvals, when `complete` orders are complete), units may be fractions, and the linear program is solved with
one more. `resolved`: units and completions of all that is linked are whole and free again, and both sides are solved
as whole-number programs. Values are in the objective's units, weight × million USD × weeks, and never negative.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

ResourceKind = Literal["slot", "component", "pledge", "lane", "floor", "reviewer"]
WRITTEN: tuple[ResourceKind, ...] = ("slot", "component")
"""Kinds that `solve` values and writes beside a plan: what a planner asks for first, in a few seconds."""
KINDS: tuple[ResourceKind, ...] = get_args(ResourceKind)
"""What there can be one more of, in the order of the reports."""
How = Literal["fixed_lp", "resolved"]
GainKind = Literal["order", "need", "replacement", "stock"]
UNITS: dict[ResourceKind, str] = {
    "slot": "slot",
    "component": "unit from then on",
    "pledge": "million USD",
    "lane": "tonne",
    "floor": "unit less to keep",
    "reviewer": "week of review",
}
"""What one more is, for people."""
SMALL = 1e-6
"""Weighted million-dollar-weeks below which a value is nothing."""


@dataclass(frozen=True, slots=True, order=True)
class Resource:
    """What there may be one more of: one slot of a line in a period, one unit of a component from a period on, one
    million USD of a pledge, one tonne on a lane in a period, one unit less of an item's readiness floor, one week of
    review in a period (`entity` ""). `period` is None for pledges and floors."""

    kind: ResourceKind
    entity: str
    period: int | None


@dataclass(frozen=True, slots=True)
class Gain:
    """What one demand gains; less than 0 where it gives way to others.

    `weeks`: weeks brought forward × units; `value`: its part of the whole, in the objective's units. Of `kind` "stock"
    `demand` is an item, whose floor is missed by less. `recipient` is "" for needs and stock.
    """

    demand: str
    kind: GainKind
    recipient: str
    weeks: float
    value: float


@dataclass(frozen=True, slots=True)
class MarginalValue:
    """What one more is worth beside a plan.

    Attributes:
        date: the first day of the period; None where it holds for the whole horizon.
        unit: what one more is, see `UNITS`.
        value: objective with what there is less objective with one more, ≥ 0.
        low, high: between them the value is proven to lie; both are `value` where both programs were solved to the end.
        slope: of a linear program the dual, which no value of one more can exceed; None where none was taken.
        gains: who gains and who gives way, the largest gain first; their values add up to `value`.
        timed_out: whether time ended before it was proven.
    """

    kind: ResourceKind
    entity: str
    period: int | None
    date: dt.date | None
    unit: str
    value: float
    how: How
    low: float
    high: float
    slope: float | None
    gains: tuple[Gain, ...] = ()
    timed_out: bool = False

    @property
    def resource(self) -> Resource:
        """What there is one more of."""
        return Resource(self.kind, self.entity, self.period)

    @property
    def weeks(self) -> float:
        """Weeks brought forward × units, of all demands together."""
        return sum(gain.weeks for gain in self.gains)


@dataclass(frozen=True, slots=True)
class MarginalValues:
    """All values found: only those above 0, the dearest first within their kind; what is not there is worth nothing.

    `base`: the value of the linear program with the plan's decisions held, at most the plan's own. `messages`: what
    was left out, and why. `complete`: whether everything was looked at.
    """

    values: tuple[MarginalValue, ...]
    base: float | None = None
    messages: tuple[str, ...] = ()
    complete: bool = True

    def of(self, kind: ResourceKind, entity: str | None = None) -> tuple[MarginalValue, ...]:
        """The values of a kind, or of one line, component, pledge, lane or item of it."""
        return tuple(v for v in self.values if v.kind == kind and entity in (None, v.entity))

    def slots(self) -> dict[str, dict[int, float]]:
        """What a slot is worth by line and period, where it is worth something."""
        found: dict[str, dict[int, float]] = defaultdict(dict)
        for one in self.of("slot"):
            if one.period is not None:
                found[one.entity][one.period] = one.value
        return dict(found)


def in_order(values: Iterable[MarginalValue]) -> tuple[MarginalValue, ...]:
    """By kind, the dearest first; ties by entity and period."""
    return tuple(sorted(values, key=lambda v: (KINDS.index(v.kind), -round(v.value, 6), v.entity, v.period or 0)))


_WHAT: dict[ResourceKind, str] = {
    "slot": "One more slot of {entity} in {when}",
    "component": "One more unit of {entity} from {when} on",
    "pledge": "One more million USD in pledge {entity}",
    "lane": "One more tonne on {entity} in {when}",
    "floor": "One unit less of {entity} to keep in stock",
    "reviewer": "One more week of review in {when}",
}


def in_words(one: MarginalValue) -> str:
    """The value in a sentence, as "One more slot of L-PAC3 in the period from 2 March 2026 brings forward 41 …"."""
    when = "" if one.date is None else f"the period from {one.date.day} {one.date:%B %Y}"
    what = _WHAT[one.kind].format(entity=one.entity, when=when)
    if one.value <= SMALL:
        return f"{what} changes nothing{_doubt(one)}."
    gained = [gain for gain in one.gains if gain.value > SMALL]
    parts = []
    weeks = sum(gain.weeks for gain in one.gains)
    if weeks > SMALL:
        parts.append(f"brings forward {_number(weeks)} unit-weeks")
    elif any(abs(gain.weeks) > SMALL for gain in one.gains):
        parts.append("lets dearer units go first")
    elif gained and gained[0].kind == "stock":
        parts.append("eases the readiness floor")
    else:
        parts.append("keeps more of the plan before")
    if gained:
        parts.append(f"most for {_whom(gained[0])}")
    losing = [gain for gain in one.gains if gain.weeks < -SMALL]
    if losing:
        parts.append(f"while {losing[-1].demand} gives way by {_number(-losing[-1].weeks)}")
    return f"{what} {', '.join(parts)}: worth {_number(one.value)} weighted million-dollar-weeks{_doubt(one)}."


def _whom(gain: Gain) -> str:
    if gain.kind == "stock":
        return f"the stock of {gain.demand}"
    return f"{gain.demand} of {gain.recipient}" if gain.recipient else gain.demand


def _doubt(one: MarginalValue) -> str:
    if one.how == "fixed_lp":
        return " (decisions of the plan held, units in fractions)"
    if one.timed_out:
        return f" (whole units; time ended, proven between {_number(one.low)} and {_number(one.high)})"
    return " (whole units, exact)"


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:,.1f}".removesuffix(".0") if abs(value) >= 1 else f"{value:.2g}"
