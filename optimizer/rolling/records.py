"""What comes of advancing a plan: frozen records, with words that a planner reads."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from models.plan import Dispatch, Made, Plan, Release
from models.problem import Problem

BrokenRule = Literal["firm_date", "replacement_on_time", "content_within_need", "promise_kept"]
NoteCode = Literal[
    "cut_back",
    "still_coming",
    "below_zero",
    "not_paid",
    "paid_in_part",
    "expired",
    "not_releasable",
    "beyond_the_need",
    "held_level",
    "under_way",
    "depth",
    "over_limit",
    "unexpected",
]

NOTES: dict[NoteCode, str] = {
    "cut_back": "Output fell short, so a dispatch that was planned for an elapsed period cannot have happened.",
    "still_coming": "Units under way to the pool have not arrived: they are expected in the first period.",
    "below_zero": "More is said to have been used or sent than there was: the level is taken as 0.",
    "not_paid": "A package was to be released and was not paid: its content is proposed now.",
    "paid_in_part": "A package is paid in part: what was paid stays with its pledges until all of it is.",
    "expired": "A need has expired: what it still lacks can never arrive.",
    "not_releasable": "A proposed package holds more of a need than is left of it: nobody can pay for it any more.",
    "beyond_the_need": "Packages that are paid hold more of a need than is left of it: they hold less now.",
    "held_level": "Stock began below its floor: what came since is written as a receipt of the first day.",
    "under_way": "Goods under way still use lanes with a limit; the tables cannot say so.",
    "depth": "The calendar's depth could not be kept up, as `depth` does not fit `periods`.",
    "unexpected": "A quantity is not what the plan before led to expect.",
    "over_limit": "A number would be beyond what the tables may hold: it was taken as the most they may.",
}
"""What there may be to note, a closed list."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise that cannot hold any more. `rule` as in `problem.md`; `units` that are missing.

    `was`: the day that was promised; `now`: the day that is promised instead, None for none.
    """

    rule: BrokenRule
    demand: str
    units: int
    was: dt.date | None
    now: dt.date | None
    message: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something a planner should know of how an instance was rolled on; `entities` it is about, `amount` how much."""

    code: NoteCode
    entities: tuple[str, ...]
    amount: float
    message: str


@dataclass(frozen=True, slots=True)
class Deviation:
    """What `actuals` say against the plan: `planned` and `actual` in units, million USD, or approvals (1 or 0)."""

    event: str
    entity: str
    item: str
    date: dt.date
    planned: float
    actual: float


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened in the elapsed periods, in periods of the plan before; planned, unless something else is said.

    `arrived` by item: units of receipts; `coming` by item: units that were to arrive and have not. `released`: packages
    released and paid in full. `paid` by pledge: million USD. `approved` by case: the period. `unpaid`: packages
    that were to be released and were not paid in full, with what was paid of them.
    """

    made: tuple[Made, ...]
    dispatches: tuple[Dispatch, ...]
    arrived: dict[str, int]
    coming: dict[str, int]
    released: tuple[Release, ...]
    unpaid: tuple[tuple[Release, float], ...]
    paid: dict[str, float]
    approved: dict[str, int]
    deviations: tuple[Deviation, ...]


@dataclass(frozen=True, slots=True)
class Advanced:
    """A problem rolled on, and what is left of the plan for it.

    Attributes:
        problem: what is left to plan, in the same tables, with the old plan's dispatches as commitments.
        carried: what of the old plan is left, in the new calendar; legal where nothing slipped and no period was split.
        broken: promises that cannot hold any more, each relaxed by as little as needed.
        notes: what else a planner should know.
        happened: what is taken to have happened in the elapsed periods.
        elapsed: how many periods of the old calendar have gone.
        renamed: old names of packages that are funded now, with their names in the tables.
    """

    problem: Problem
    carried: Plan
    broken: tuple[Broken, ...]
    notes: tuple[Note, ...]
    happened: Happened
    elapsed: int
    renamed: tuple[tuple[str, str], ...] = ()
