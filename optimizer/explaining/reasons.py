"""The closed list of reasons, and what is known of each: what it names, how much, since when, how well it is tested.

A reason is *tested* on the plan in hand: what it names is lifted, all else staying as it is in the plan, and the demand
is served anew (`serving`). How that ends is its `standing`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

Code = Literal[
    "due_before_start",
    "due_after_horizon",
    "beyond_horizon",
    "transport_time",
    "no_route",
    "expired",
    "earliest_date",
    "waiting_for_approval",
    "package_not_funded",
    "released_too_late",
    "replacement_promise",
    "no_slot",
    "no_stock",
    "component_short",
    "stock_at_floor",
    "lane_full",
    "readiness_kept",
    "plan_kept_stable",
    "left_out",
    "pledges_spent",
    "pledge_not_available",
    "pledge_earmarked",
    "below_minimum_contribution",
    "too_many_donors",
    "package_full",
    "package_size",
    "too_many_packages",
    "releases_per_period",
    "in_other_packages",
    "cannot_be_promised",
    "too_little",
    "not_needed",
    "replacement_too_late",
    "reviewers_busy",
    "submitted_late",
    "no_use",
]

REASON_TITLES: dict[Code, str] = {
    "due_before_start": "due before the plan begins",
    "due_after_horizon": "due after the horizon",
    "beyond_horizon": "not before the plan ends",
    "transport_time": "the way takes longer",
    "no_route": "no route",
    "expired": "need expires first",
    "earliest_date": "not wanted earlier",
    "waiting_for_approval": "waiting for approval",
    "package_not_funded": "in no paid package",
    "released_too_late": "package released too late",
    "replacement_promise": "replacement promised to a giver",
    "no_slot": "no free slot",
    "no_stock": "nothing in stock, and no line makes it",
    "component_short": "component short",
    "stock_at_floor": "stock at its floor",
    "lane_full": "transport full",
    "readiness_kept": "stock kept for readiness",
    "plan_kept_stable": "plan before kept",
    "left_out": "possible, but left out",
    "pledges_spent": "pledges are spent",
    "pledge_not_available": "pledge not available then",
    "pledge_earmarked": "pledge earmarked for something else",
    "below_minimum_contribution": "below the minimum contribution",
    "too_many_donors": "package has all donors it may have",
    "package_full": "packages are full",
    "package_size": "too little for a further package",
    "too_many_packages": "no further package allowed",
    "releases_per_period": "no further release in the period",
    "in_other_packages": "in other packages already",
    "cannot_be_promised": "no output for what would be paid",
    "too_little": "less than one unit costs",
    "not_needed": "nobody needs it",
    "replacement_too_late": "replacement cannot be made in time",
    "reviewers_busy": "reviewers are busy",
    "submitted_late": "submitted late",
    "no_use": "no order would come sooner",
}
"""Each reason in a few words, for tables."""

REASONS: dict[Code, str] = {
    "due_before_start": "It was due before the plan begins: in the first period it is late already.",
    "due_after_horizon": "Due after the horizon: not delivering it in the horizon costs nothing yet.",
    "beyond_horizon": "However soon it leaves, it would arrive only after the plan ends.",
    "transport_time": "Even sent at once it would be on its way when it is due.",
    "no_route": "No route brings a unit to the destination within the horizon.",
    "expired": "The need expires before one unit could arrive.",
    "earliest_date": "The customer does not take it before its earliest date.",
    "waiting_for_approval": "Its sales case is approved, and processed, only later, or never in the horizon.",
    "package_not_funded": "No released package holds these units, and the pool serves needs through packages only.",
    "released_too_late": "A package holds them, but it is released, and its contracts made, only later.",
    "replacement_promise": "The units before are promised to an ally that gave from its own inventory.",
    "no_slot": "All slots of the lines that make it are taken until then, by the demands named.",
    "no_stock": "No line makes it, and stock, receipts and gifts are taken.",
    "component_short": "A component it is made of is used up until then.",
    "stock_at_floor": "There are units, but they would draw the stock below its floor.",
    "lane_full": "Every lane that could bring it is full until then.",
    "readiness_kept": "It could come sooner from stock; what is then missing below the readiness floor weighs more.",
    "plan_kept_stable": "It could come sooner; moving what the plan before had promised would weigh more.",
    "left_out": "It could come sooner with all else as it is: the search ended before it found that. The gap says "
    "how much may be left.",
    "pledges_spent": "No pledge that could pay for it has money left.",
    "pledge_not_available": "Money is left only in pledges that are not yet, or no longer, available at a release.",
    "pledge_earmarked": "Money is left only in pledges for another category.",
    "below_minimum_contribution": "What would have to be paid is less than a donor's least contribution to a package.",
    "too_many_donors": "The package has as many donors as it may have.",
    "package_full": "One unit more would make every package worth more than it may be.",
    "package_size": "All money left together is less than a further package must be worth.",
    "too_many_packages": "As many new packages as may be are released.",
    "releases_per_period": "As many packages as may be are released in every period in which it could be.",
    "in_other_packages": "What it holds of the need is in other packages, or given by allies, already.",
    "cannot_be_promised": "The output that it would need in the horizon is taken, so nobody may be asked to pay.",
    "too_little": "What is left of the pledge is less than one unit costs of anything that money would bring sooner.",
    "not_needed": "Every need that it could serve is met without it, and no sooner with it.",
    "replacement_too_late": "What replaces it cannot be turned out by the promised date.",
    "reviewers_busy": "The reviewers' time until then is taken by other cases.",
    "submitted_late": "The case was submitted so late that even at once it would not be through before.",
    "no_use": "Approved sooner, none of its orders would come sooner: something else holds them up.",
}
"""What each reason means, for the reports and the documentation. Demands first, then pledges, offers, cases."""

Standing = Literal["alone", "together", "bound", "contributing"]
STANDINGS: dict[Standing, str] = {
    "alone": "because: lifted alone, all else as in the plan, the subject does better",
    "together": "because, along with others: lifted together the subject does better, without this one it does not",
    "bound": "because, by arithmetic alone: no plan brings a demand, or a case through, sooner than dates, distances "
    "and effort allow; for a pledge or a package, what stands in the plan leaves nothing to be done",
    "contributing": "contributing: it holds the subject back, but that lifting it helps is not established",
}
"""How well a reason is established."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A demand that has what the explained one lacks: `units` of `item` from the same lines or stock, before.

    Of a sales case, `units` are weeks of review, which may be fractions.

    `weight`: what a week of a million USD of it counts; `right`: `promise` (a replacement), `firm` (a firm date), or
    `weight`; `gain`: unit-weeks that the explained demand would gain if it had what this one has, 0 = none alone.
    """

    kind: str
    demand: str
    recipient: str
    item: str
    units: float
    weight: float
    right: Literal["promise", "firm", "weight"]
    gain: int


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason.

    `entities`: (what it is, name), as ("line", "L1"); `amount`, `unit`: how much of it is concerned; `since`, `until`:
    the dates between which it holds; `weeks`: its part of the unit-weeks late, parts adding up to all of them; `gain`:
    unit-weeks gained if it is lifted, `along` with the reasons that must be lifted too; `lifted`: the limits lifted in
    that test; `holders`: who has it instead.
    """

    code: Code
    standing: Standing
    entities: tuple[tuple[str, str], ...] = ()
    amount: float | None = None
    unit: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    weeks: int = 0
    gain: int = 0
    along: tuple[Code, ...] = ()
    lifted: tuple[tuple[str, str], ...] = ()
    holders: tuple[Holder, ...] = ()

    @property
    def established(self) -> bool:
        """Whether it says "because"."""
        return self.standing != "contributing"


Subject = Literal["order", "need", "replacement", "pledge", "offer", "case", "package"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a subject is as it is, the leading reason first.

    `unit_weeks`: weeks late summed over its units (0 for what is no demand); `improved`: unit-weeks with nothing lifted
    and all else as it is, below `unit_weeks` only where the plan left something out.
    """

    subject: Subject
    name: str
    reasons: tuple[Reason, ...] = field(default=())
    unit_weeks: int = 0
    improved: int = 0

    @property
    def leading(self) -> Reason | None:
        """The first reason, None where there is nothing to explain."""
        return self.reasons[0] if self.reasons else None
