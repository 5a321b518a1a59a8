"""Why a demand moved between two plans: the strongest cause of a closed list that the two instances and plans support.

Only a demand's own row is called a cause in the strict sense ("because"): it is what the demand asks for. Everything
else is *named*: it changed, the demand depends on it, and the direction does not speak against it. That it is the cause
is not proven here; only a model solved again could prove it. Where several hold, the first of the list leads.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from models.plan import Plan
from models.problem import Problem
from optimizer.explaining.changes import CALENDAR, TOP, Change
from optimizer.explaining.directions import against, claim, helps, rank, size
from optimizer.explaining.facts import DemandFacts, Facts
from optimizer.explaining.moved import DemandChange, Key, apart, never
from optimizer.explaining.reach import Reach, reaches
from optimizer.explaining.tallies import approval_days

CauseCode = Literal[
    "own_row",
    "recipient_weight",
    "supply",
    "approval",
    "package",
    "offer",
    "lane",
    "commitment",
    "item",
    "setting",
    "competition",
    "reason",
    "replanned",
]

CAUSES: dict[CauseCode, str] = {
    "own_row": "Its own row of the instance changed, or is new or gone.",
    "recipient_weight": "The weight of its recipient changed, or for a need the weight of Ukraine or of its urgency.",
    "supply": "The supply it draws on changed: rates of a line, parts, stock or receipts of an item that serves it.",
    "approval": "Its sales case is approved on another day, or its review changed.",
    "package": "The packages that hold it cover other units, or from another day; or money for them changed.",
    "offer": "An offer that serves it, or that it replaces, changed or is decided otherwise.",
    "lane": "A lane of its routes changed, or where goods start and end.",
    "commitment": "What the plan before promised it changed.",
    "item": "The row of an item that serves it changed, as its price or mass.",
    "setting": "The horizon or a setting for all demands changed.",
    "competition": "Other demands that use the same lines, parts or stock are new, gone or changed.",
    "reason": "Nothing it depends on changed, but the leading reason why it is late or short did.",
    "replanned": "Nothing it depends on changed: the plan was chosen anew.",
}
"""Every cause, the strongest first; the first that is supported leads."""

NOT_IN_THE_MODEL = ("placed_on", "name", "unit", "gdp_usd_bn")
"""Columns that no plan depends on."""
MOST_RIVALS = 3


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause: `changes` of the input that it names; `demands`: the other demands, those that changed most first.

    Of `replanned` the demands are those on the same lines that moved the other way. `old`, `new`: what it was and is,
    where it is one thing: a weight, a day, a reason's code; of `package` unit-weeks covered earlier, and later.
    """

    code: CauseCode
    changes: tuple[Change, ...] = ()
    demands: tuple[Key, ...] = ()
    old: float | dt.date | bool | str | None = None
    new: float | dt.date | bool | str | None = None

    @property
    def proven(self) -> bool:
        """Whether "because" may be said: only of the demand's own row."""
        return self.code == "own_row"


def leading_reason(demand: DemandFacts) -> str | None:
    """The code of the leading reason why a demand is late or short; None if it is neither."""
    return demand.reason


Instance = tuple[Problem, Plan, Facts]


class Causes:
    """Finds the causes of every demand that moved; made once for a pair of plans."""

    def __init__(self, old: Instance, new: Instance, changed: tuple[Change, ...], demands: Iterable[DemandChange]):
        """`changed`: all differences of the two instances."""
        self.old, self.new, self.changed = old, new, changed
        self.demands = {change.key: change for change in demands}
        self.reach: tuple[dict[Key, Reach], dict[Key, Reach]] = (
            reaches(old[0], old[1], old[2]),
            reaches(new[0], new[1], new[2]),
        )
        self.by_row: dict[tuple[str, str], list[Change]] = defaultdict(list)
        for change in changed:
            if change.key:
                self.by_row[change.table, change.key[0]].append(change)
        self.sections: dict[str, list[Change]] = defaultdict(list)
        self.contents: dict[str, list[Change]] = defaultdict(list)
        for change in changed:
            if not change.key:
                self.sections[change.table].append(change)
            elif change.table == "package_contents":
                self.contents[change.key[1]].append(change)
        self.case_of = {row.order: row.case for problem, _, _ in (old, new) for row in problem.orders}
        self.approvals = tuple(approval_days(p, plan, facts.calendar) for p, plan, facts in (old, new))
        self.never = never(old[2].calendar, new[2].calendar)
        self.users, self.movers = self._users()

    def of(self, change: DemandChange) -> tuple[Cause, ...]:
        """All supported causes, the strongest first; empty if the demand did not move."""
        if not change.moved:
            return ()
        near = self._near(change)
        tries = (
            self._own_row(change),
            self._weight(change),
            self._supply(change, near),
            self._approval(change),
            self._package(change, near),
            self._offer(change, near),
            self._lane(change, near),
            self._commitment(change),
            self._named("item", self._rows("items", near.items)),
            self._setting(),
            self._competition(change, near),
            self._reason(change),
        )
        found = tuple(cause for cause in tries if cause is not None)
        return found or (Cause("replanned", (), self._in_exchange(change, near)),)

    def _near(self, change: DemandChange) -> Reach:
        """What the demand can draw on in either instance."""
        parts = [reach[change.key] for reach in self.reach if change.key in reach]
        return parts[0] if len(parts) == 1 else parts[0].joined(parts[1])

    def _rows(self, table: str, names: Iterable[str]) -> list[Change]:
        """Changes of the rows of a table whose first column is one of the names, of columns that a plan depends on."""
        rows = (change for name in sorted(names) for change in self.by_row.get((table, name), ()))
        return [change for change in rows if change.column not in NOT_IN_THE_MODEL]

    def _named(self, code: CauseCode, found: Iterable[Change]) -> Cause | None:
        rows = tuple(found)
        return Cause(code, rows) if rows else None

    def _own_row(self, change: DemandChange) -> Cause | None:
        table = {"order": "orders", "need": "needs", "replacement": "offers"}[change.kind]
        return self._named("own_row", self._rows(table, [change.demand]))

    def _weight(self, change: DemandChange) -> Cause | None:
        """The recipient's weight, and the contributions or the policy behind it; for a need Ukraine's."""
        old, new = change.old, change.new
        if old is None or new is None or change.kind == "replacement":
            return None
        policy = self.sections["[weights]"]
        if change.kind == "need":
            about = [row for row in policy if row.column in ("ukraine", "urgency")]
            before, after = old.weight, new.weight
        else:
            about = self._rows("recipients", [new.recipient])
            about += [row for row in policy if row.column not in ("ukraine", "urgency")]
            before, after = (
                facts.priorities[demand.recipient].weight
                for (_, _, facts), demand in zip((self.old, self.new), (old, new), strict=True)
            )
        if not about or before == after or old.recipient != new.recipient or against(change, after - before):
            return None
        return Cause("recipient_weight", tuple(about), (), before, after)

    def _supply(self, change: DemandChange, near: Reach) -> Cause | None:
        found = self._rows("lines", near.lines) + self._rows("line_rates", near.lines)
        found += [row for row in self._rows("line_items", near.lines) if row.key[1] in near.items]
        found += self._rows("components", near.components) + self._rows("component_rates", near.components)
        found += self._rows("item_components", near.items)
        found += self._rows("stocks", near.items) + self._rows("receipts", near.items)
        if change.kind == "need":
            found += [row for row in self._rows("substitutes", near.items) if row.key[0] == change.facts.item]
        last = self._last_day(change)
        fitting = (row for row in found if (row.day is None or row.day <= last) and not against(change, helps(row)))
        return self._named("supply", fitting)

    def _last_day(self, change: DemandChange) -> dt.date:
        """The last day on which a unit of it leaves in either plan; `never` where units are missing."""
        days = []
        for facts, (_, _, whole) in zip((change.old, change.new), (self.old, self.new), strict=True):
            if facts is not None:
                days += [whole.calendar.day(row.period) for row in facts.sent]
                days += [self.never] if facts.undelivered else []
        return max(days, default=self.never)

    def _approval(self, change: DemandChange) -> Cause | None:
        """The day of its approval; None where its case is not under review, so free from the start; False if never."""
        case = self.case_of.get(change.demand, "") if change.kind == "order" else ""
        before, after = (days.get(case) for days in self.approvals)
        rows = self._rows("approvals", [case])
        rows += self.sections["[approval]"] if before is not None or after is not None else []
        if not rows and (before == after or against(change, rank(before) - rank(after))):
            return None
        return Cause("approval", tuple(rows), (), before, after)

    def _package(self, change: DemandChange, near: Reach) -> Cause | None:
        """Coverage: units of released packages by the day from which they may leave (`dispatch_after_release`)."""
        if change.kind != "need":
            return None
        held = [reach[change.key].covered if change.key in reach else () for reach in self.reach]
        units = max((facts.quantity for facts in (change.old, change.new) if facts is not None), default=0)
        earlier, later = apart(held[0], held[1], units, self.never)
        rows = self._rows("packages", near.packages) + self._rows("pledges", near.pledges)
        rows += self.contents[change.demand] + self.sections["[packages]"]
        if not (rows or earlier or later) or against(change, earlier - later):
            return None
        return Cause("package", tuple(rows), (), earlier, later)

    def _offer(self, change: DemandChange, near: Reach) -> Cause | None:
        accepted = [set(plan.accepted_offers) for _, plan, _ in (self.old, self.new)]
        if change.kind == "replacement":
            before, after = (change.demand in names for names in accepted)
            return None if before == after else Cause("offer", (), (), before, after)
        rows = tuple(self._rows("offers", near.offers))
        decided = tuple(sorted(name for name in near.offers if (name in accepted[0]) != (name in accepted[1])))
        if not rows and not decided:
            return None
        return Cause("offer", rows, tuple(("replacement", name) for name in decided))

    def _lane(self, change: DemandChange, near: Reach) -> Cause | None:
        rows = [row for row in self._rows("lanes", near.lanes) if not against(change, helps(row))]
        return self._named("lane", rows + (self.sections["[delivery]"] if near.lanes else []))

    def _commitment(self, change: DemandChange) -> Cause | None:
        return self._named("commitment", self._rows("commitments", [change.demand]))

    def _setting(self) -> Cause | None:
        found = [row for row in self.sections[TOP] if row.column in CALENDAR]
        for section in ("[readiness]", "[stability]", "[objective]"):
            found += self.sections[section]
        return self._named("setting", found)

    def _users(self) -> tuple[dict[str, list[Key]], dict[str, list[Key]]]:
        """By line, component and item in the pool, who draws on it and changed (its row or weight), and who moved.

        Those whose claim, or delay, changed most come first.
        """
        changed: dict[str, list[Key]] = defaultdict(list)
        moved: dict[str, list[Key]] = defaultdict(list)
        for key in sorted(self.demands, key=lambda key: (-size(self.demands[key]), key)):
            change = self.demands[key]
            new = change.old is None or change.new is None or self._own_row(change) or self._weight(change)
            for thing in self._near(change).drawn_on if new or change.moved else ():
                if new:
                    changed[thing].append(key)
                if change.moved:
                    moved[thing].append(key)
        return changed, moved

    def _first(self, lists: dict[str, list[Key]], near: Reach, fits: Callable[[DemandChange], bool]) -> tuple[Key, ...]:
        """The first few keys that fit of all lists of what is drawn on; only so many of each need be looked at."""
        found: set[Key] = set()
        for thing in near.drawn_on:
            found.update(islice((key for key in lists.get(thing, ()) if fits(self.demands[key])), MOST_RIVALS))
        return tuple(sorted(found, key=lambda key: (-size(self.demands[key]), key))[:MOST_RIVALS])

    def _competition(self, change: DemandChange, near: Reach) -> Cause | None:
        def fits(rival: DemandChange) -> bool:
            return rival.key != change.key and not against(change, -claim(rival))

        rivals = self._first(self.users, near, fits)
        rows = tuple(row for key in rivals for row in self._of_rival(self.demands[key]))
        return Cause("competition", rows, rivals) if rivals else None

    def _in_exchange(self, change: DemandChange, near: Reach) -> tuple[Key, ...]:
        """Others on the same lines that moved the other way."""
        other = {"earlier": "later", "later": "earlier"}.get(change.movement)
        return self._first(self.movers, near, lambda rival: rival.movement == other)

    def _of_rival(self, rival: DemandChange) -> tuple[Change, ...]:
        cause = self._own_row(rival) or self._weight(rival)
        return () if cause is None else cause.changes

    def _reason(self, change: DemandChange) -> Cause | None:
        if change.old is None or change.new is None:
            return None
        before, after = leading_reason(change.old), leading_reason(change.new)
        # that one plan has it in time and the other does not is the movement itself, and no cause of it
        return None if None in (before, after) or before == after else Cause("reason", (), (), before, after)
