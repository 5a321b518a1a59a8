"""What is answered: a frozen `Plan` of records, in periods of the instance's calendar and whole units.

A plan holds decisions only. Stock, lateness and objective follow from it and the `Problem`; the checker derives them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["order", "need", "replacement"]
POOL = "pool"
"""The origin of whatever leaves the pool; any other origin is the name of an offer."""


@dataclass(frozen=True, slots=True, order=True)
class Dispatch:
    """`quantity` units *of `item`* (the item that leaves, which may be a substitute) for `demand`.

    `demand` is an order, a need, or the offer whose replacement this is (`kind` "replacement"); `period` and `arrival`
    are period indices; `route` the lanes in order, empty where goods arrive as they leave.
    """

    demand: str
    kind: Kind
    origin: str
    item: str
    quantity: int
    period: int
    arrival: int
    route: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Made:
    """`quantity` units of `item` turned out by `line` in `period`."""

    line: str
    item: str
    period: int
    quantity: int


@dataclass(frozen=True, slots=True, order=True)
class Content:
    """`quantity` units of `need` in a *new* package (contents of the table's packages are in the instance)."""

    package: str
    need: str
    quantity: int


@dataclass(frozen=True, slots=True, order=True)
class Release:
    """A proposed or new package released in `period` (funded ones are released by the instance)."""

    package: str
    status: Literal["proposed", "new"]
    period: int


@dataclass(frozen=True, slots=True, order=True)
class Payment:
    """`amount_usd_m` million USD paid by `pledge` toward `category` of `package`."""

    package: str
    pledge: str
    category: str
    amount_usd_m: float


@dataclass(frozen=True, slots=True, order=True)
class ApprovedCase:
    """A listed case approved in `period` (cases that are never approved are absent)."""

    case: str
    period: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All decisions. `accepted_offers` names every accepted offer, those the instance had accepted already too."""

    dispatches: tuple[Dispatch, ...] = ()
    made: tuple[Made, ...] = ()
    contents: tuple[Content, ...] = ()
    releases: tuple[Release, ...] = ()
    payments: tuple[Payment, ...] = ()
    accepted_offers: tuple[str, ...] = ()
    approvals: tuple[ApprovedCase, ...] = ()


RECORDS: dict[str, type[Any]] = {
    "dispatches": Dispatch,
    "made": Made,
    "contents": Content,
    "releases": Release,
    "payments": Payment,
    "approvals": ApprovedCase,
}
"""What the rows of a `Plan` are, by its field; `accepted_offers` are names."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The objective by term, in weight × million USD × weeks."""

    needs_delay: float = 0.0
    orders_delay: float = 0.0
    readiness_shortfall: float = 0.0
    plan_change: float = 0.0

    @property
    def total(self) -> float:
        """The weighted objective: the sum of the terms."""
        return self.needs_delay + self.orders_delay + self.readiness_shortfall + self.plan_change


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken instance of a rule: `rule` as in `problem.md`, `index` its entities, `amount` by how much."""

    rule: str
    index: tuple[str, ...]
    amount: float
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checker says of a plan."""

    violations: tuple[Violation, ...]
    terms: Terms

    @property
    def passed(self) -> bool:
        """True if no rule is broken."""
        return not self.violations
