"""What would bring a demand on time: records of a counterfactual, without the solving (`optimizer.valuing.on_time`).

A counterfactual answers for one demand and one kind of change. What is not named is held as it is in the plan; the
witness is the changed instance and the changed plan, which the checker allows, with the demand on time.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from models.plan import Kind as DemandKind
from models.plan import Plan
from models.problem import Problem

Relief = Literal["slots", "components", "money", "approval", "lanes", "floor"]
"""What may be more (of the floor: less), while all other demands stay as they are."""
RELIEFS: tuple[Relief, ...] = ("slots", "components", "money", "approval", "lanes", "floor")
"""Every relief, in the order in which answers are given."""
Kind = Relief | Literal["combination", "slips", "weight"]
"""A kind of change: one relief, the least combination of reliefs, others that give way, or another weight."""
KINDS: tuple[Kind, ...] = (*RELIEFS, "combination", "slips", "weight")
"""Every kind, in the order in which answers are given."""
State = Literal["on_time", "nothing_needed", "enough", "not_enough", "impossible", "not_known"]
"""How a counterfactual ends.

`on_time`: the demand is on time already; `nothing_needed`: it could be on time with everything else held and nothing
added, so the plan can be bettered or has reasons of its own (a promise of the plan before); `enough`: the change brings
it on time; `not_enough`: no amount of this kind does; `impossible`: no change of any kind can; `not_known`: time ran
out before an answer was found.
"""
Unit = Literal["slots", "units", "tonnes", "review_weeks", "usd_m"]
"""What an amount counts."""
Cause = Literal[
    "due_before_start", "earliest_after_due", "route_too_long", "no_route", "expired", "contract_and_route",
    "processing_too_long", "approval_held", "not_in_package", "no_supply_by_this", "not_even_alone",
    "promises_of_others", "no_gain_by_weight", "earlier_stage",
]  # fmt: skip
"""Why nothing, or nothing of this kind, brings the demand on time."""
CAUSES: tuple[Cause, ...] = (
    "due_before_start", "earliest_after_due", "route_too_long", "no_route", "expired", "contract_and_route",
    "processing_too_long", "approval_held", "not_in_package", "no_supply_by_this", "not_even_alone",
    "promises_of_others", "no_gain_by_weight", "earlier_stage",
)  # fmt: skip
"""Every cause."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A cause with its arithmetic: what happens on `earliest` at the earliest, and by when it had to (`needed`).

    `weeks`: how long it takes (a route, a contract, processing), or how late the demand is at best.
    `units`: of a need that no package lets leave in time, at least.
    """

    cause: Cause
    entity: str = ""
    earliest: dt.date | None = None
    needed: dt.date | None = None
    weeks: int = 0
    units: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """`amount` more of an entity (of a floor: less) in `period`, or by `by` where it is for good.

    `entity`: a line, component, item (floor), lane, case, or category of money. `package`: for money, the package of
    the plan that is released earlier by it; "" for money of a new funded package. `present`: what there is in the
    period without the change; None where that says nothing.
    """

    kind: Relief
    entity: str
    amount: float
    unit: Unit
    by: dt.date
    period: int
    package: str = ""
    present: float | None = None


@dataclass(frozen=True, slots=True)
class Slip:
    """What another demand loses (or wins, below 0) when this one is on time and nothing is added.

    `weeks`: mean weeks over all its units; `units`: units that are not delivered in the horizon any more; `delay`:
    weighted million-dollar-weeks.
    """

    demand: str
    kind: DemandKind
    recipient: str
    weeks: float
    units: int
    delay: float


@dataclass(frozen=True, slots=True)
class Lever:
    """One contribution that gives a weight by the formula of "Priority weights".

    `present`, `needed`: % GDP; `needed` is None where even the cap does not suffice: `most` is the weight at the cap.
    """

    name: Literal["defence_pct_gdp", "ukraine_military_pct_gdp"]
    present: float | None
    needed: float | None
    most: float


@dataclass(frozen=True, slots=True)
class WeightNeeded:
    """The weight from which on the plan with the demand on time is no worse than the present plan.

    Of an order it is the weight of its recipient, with `levers`; of a need ukraine × urgency, where `urgency` is the
    least urgent class that has it (None if none has). `at_least`: no plan of the linked block could do with less.
    """

    recipient: str
    present: float
    needed: float
    at_least: float
    levers: tuple[Lever, ...] = ()
    urgency: int | None = None


@dataclass(frozen=True, slots=True)
class Witness:
    """The changed instance and the changed plan, which the checker allows."""

    problem: Problem
    plan: Plan


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """The answer for one demand and one kind of change.

    Attributes:
        demand: an order, a need, or the offer whose replacement it is.
        kind: what was asked.
        state: how it ends.
        due: the date the demand is due.
        by: first day of the last period in which an arrival is on time; None if there is none.
        changes: the least change, entities and periods in order.
        obstacles: why it is not enough.
        slips: who gives way, dearest first (kinds `slips` and `weight`).
        cost_to_others: weighted million-dollar-weeks that all others lose together.
        cost_at_least: what is proven that they lose at least.
        own_delay: what the demand itself costs in the present plan.
        weight: for kind `weight`.
        proven: whether the change is proven to be the least.
        witness: None where nothing brings the demand on time.
    """

    demand: str
    kind: Kind
    state: State
    due: dt.date
    by: dt.date | None = None
    changes: tuple[Change, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    slips: tuple[Slip, ...] = ()
    cost_to_others: float | None = None
    cost_at_least: float | None = None
    own_delay: float | None = None
    weight: WeightNeeded | None = None
    proven: bool = False
    witness: Witness | None = None

    def amount(self, kind: Relief) -> float:
        """The amount of one relief over all entities and periods."""
        return sum(change.amount for change in self.changes if change.kind == kind)
