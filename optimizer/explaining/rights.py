"""By what right one demand passes another: one word of a closed list, computed from the plan, never guessed.

The words are tried in the order of `RIGHTS`; the first that is true is the answer. `a` passes, `b` is passed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from models.plan import Kind
from models.priority import Priority
from models.problem import SCORES, WeightsPolicy

Right = Literal[
    "no_loss",
    "not_yet_wanted",
    "awaiting_approval",
    "awaiting_package",
    "replacement_promise",
    "firm_date",
    "urgency",
    "weight",
    "slot_worth",
    "package_promise",
    "commitment",
    "less_delay",
    "whole_order",
    "unexplained",
]
"""Why a demand may stand before another that stood before it."""

RIGHTS: dict[Right, str] = {
    "no_loss": "The demand that was passed is no later against its date than before: it lost nothing.",
    "not_yet_wanted": "Everything it took left before the earliest date of the one that was passed.",
    "awaiting_approval": "Everything it took left before the sales case of the one that was passed was approved and "
    "processed.",
    "awaiting_package": "Everything it took left before a package with the need that was passed was released and "
    "contracted.",
    "replacement_promise": "It replaces what an ally gave; in the place of the one that was passed it would come after "
    "the promised date.",
    "firm_date": "It has a firm date; in the place of the one that was passed it would come after it.",
    "urgency": "It is a need of Ukraine, it would be late in the place of the other, and its delay weighs more for "
    "every slot it takes.",
    "weight": "It is an order of higher weight, it would be late in the place of the other, and its delay weighs more "
    "for every slot it takes.",
    "slot_worth": "Its weight is no higher, but its units are worth more for every slot they take, and it would be "
    "late in the place of the other.",
    "package_promise": "Donors were asked to pay for it, so it must leave before the plan ends; units of the other do "
    "not.",
    "commitment": "It was promised for this day by the plan before, and the plan keeps to that.",
    "less_delay": "It is not the heavier one, but the delay it is spared is greater than the delay the other bears.",
    "whole_order": "The one that was passed counts only when it is complete, and what the other took would not have "
    "completed it.",
    "unexplained": "None of these. It follows from several moves together, or from what the search left open.",
}
"""What each right means, for the reports and the documentation, in the order in which they are tried."""

RIGHT_TITLES: dict[Right, str] = {
    "no_loss": "costs the other nothing",
    "not_yet_wanted": "other not wanted so early",
    "awaiting_approval": "other not approved yet",
    "awaiting_package": "other not funded yet",
    "replacement_promise": "replacement promised",
    "firm_date": "firm date",
    "urgency": "urgency of the need",
    "weight": "higher weight",
    "slot_worth": "worth more for every slot",
    "package_promise": "package paid by donors",
    "commitment": "kept from the plan before",
    "less_delay": "less delay in all",
    "whole_order": "too little for a complete order",
    "unexplained": "none of its own",
}
"""Each right in a few words, for tables."""

MULTIPLIER = "weight_multiplier"
"""The contribution named where it is the order's own multiplier, not its recipient, that weighs more."""


@dataclass(frozen=True, slots=True)
class Side:
    """What is known of one of the two demands; weeks from the first day of the plan.

    `before`, `now`: mean week of leaving the pool in the two cases; `last`: of the last unit that leaves it in the
    plan; `slots_each`: slots a unit takes; `slots`: of all units asked of the pool; `ready`: first week in which
    approval or money let it leave, infinite if never; `opens`, `on_time`: as `turns.Window`; `promised`: week of the
    last departure that keeps a promised date, None without one; `weeks_late`, `delay`: as `DemandFacts`, in the plan
    and in the case compared with (None where that is not known); `bundled`: in a package that donors pay in this
    plan; `kept`: leaves as the plan before said.
    """

    kind: Kind
    demand: str
    recipient: str
    item: str
    weight: float
    price: float
    slots_each: int
    slots: int
    before: float
    now: float
    last: float
    opens: float
    closes: float
    on_time: float
    weeks_late: float
    delay: float
    missing: int
    bundled: bool
    kept: bool
    ready: float = 0.0
    promised: float | None = None
    multiplier: float = 1.0
    complete: bool = False
    weeks_late_before: float | None = None
    delay_before: float | None = None

    @property
    def worth(self) -> float:
        """What a week of delay weighs for every slot: weight × million USD ÷ slots."""
        return self.weight * self.price / self.slots_each


def right_of(a: Side, b: Side) -> Right:
    """By what right `a` passes `b`: the first word of `RIGHTS` that is true."""
    if b.weeks_late <= (0.0 if b.weeks_late_before is None else b.weeks_late_before) + 1e-9:
        return "no_loss"
    if a.last < b.opens:
        return "not_yet_wanted"
    if a.last < b.ready:
        return "awaiting_package" if b.kind == "need" else "awaiting_approval"
    if a.promised is not None and b.now > a.promised:
        return "replacement_promise" if a.kind == "replacement" else "firm_date"
    if b.now > a.on_time and a.worth > b.worth * (1 + 1e-9):
        if a.weight <= b.weight:
            return "slot_worth"
        return "urgency" if a.kind == "need" else "weight"
    if a.bundled and b.missing > 0:
        return "package_promise"
    if a.kept:
        return "commitment"
    if _spared(a) > -_spared(b) + 1e-9:
        return "less_delay"
    if b.complete and a.slots < b.slots:
        return "whole_order"
    return "unexplained"


def _spared(side: Side) -> float:
    """Delay that the plan takes from the demand; below 0 where it adds some."""
    return -math.inf if side.delay_before is None else side.delay_before - side.delay


def contribution(a: Side, b: Side, weights: dict[str, Priority], policy: WeightsPolicy | None) -> str:
    """The score (or `weight_multiplier`) that explains most of why an order weighs more; "" where nothing does.

    Scores multiply a weight by (maximum / minimum) ^ (share × score), so what one explains is share × the difference of
    the two scores, on the scale of logarithms. Against a need, which has no scores, it is what lifts the order most.
    """
    first, second = weights.get(a.recipient), weights.get(b.recipient)
    if a.kind != "order" or first is None or policy is None:
        return ""
    scale = math.log(policy.maximum / policy.minimum)
    parts = {}
    for name in SCORES:
        other = 0.0 if second is None else second.scores[name]
        parts[name] = scale * policy.shares[name] * (first.scores[name] - other)
    if a.multiplier > 0:
        other = b.multiplier if b.kind == "order" else 1.0
        parts[MULTIPLIER] = math.inf if other <= 0 else math.log(a.multiplier / other)
    most = max(parts, key=lambda name: parts[name])
    return most if parts[most] > 1e-12 else ""
