"""The tables of a comparison: one definition of each, rendered in the terminal, on the page and in the workbook.

Cells are raw values; a column's `kind` says how they are shown. Old stands before new. Money in million USD, delay in
weight × million USD × weeks.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from optimizer.explaining.comparing import UKRAINE_NAME, Comparison
from optimizer.explaining.moved import DemandChange
from optimizer.explaining.steadiness import Span
from optimizer.explaining.tallies import GroupChange, Pair
from optimizer.reporting import comparison_words as say
from optimizer.reporting.names import TERM_TITLES, whole_percent, words
from optimizer.reporting.numbers import short

Kind = Literal["text", "long", "whole", "number", "money", "late", "share", "date", "worse", "step"]
"""`long`: a sentence; `late`: weeks; `worse`: a difference where above 0 is worse; `step`: one that is neither."""


@dataclass(frozen=True, slots=True)
class Head:
    """A column. `where`: everywhere, on the page and in the workbook, or in the workbook (`book`) alone."""

    title: str
    kind: Kind = "text"
    note: str = ""
    where: Literal["all", "page", "book"] = "all"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: `name` as an anchor and a sheet; rows that matter most first. `whole`: never cut to the first few."""

    name: str
    title: str
    caption: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Any, ...], ...]
    whole: bool = False

    def columns(self, *where: str) -> tuple[tuple[int, Head], ...]:
        """(index of the cell, column) of the columns that stand there."""
        return tuple((index, head) for index, head in enumerate(self.heads) if head.where in where)


def plain(head: Head, value: Any) -> str:
    """A cell as text for people, the same in the terminal and on the page."""
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    if head.kind in ("worse", "step"):
        return say.signed(value)
    if head.kind == "share":
        return whole_percent(value)
    if head.kind == "whole":
        return f"{value:,.0f}"
    if head.kind in ("late", "money"):
        return f"{value:,.1f}"
    return short(value) if head.kind == "number" else str(value)


def sheets(comparison: Comparison) -> tuple[Sheet, ...]:
    """All tables, the emptied ones too, in the order in which a planner reads them."""
    return (
        objective(comparison),
        demands(comparison),
        recipients(comparison),
        items(comparison),
        lines(comparison),
        donors(comparison),
        packages(comparison),
        offers(comparison),
        cases(comparison),
        floors(comparison),
        stability(comparison),
        commitments(comparison),
        inputs(comparison),
    )


def objective(comparison: Comparison) -> Sheet:
    """The objective by term."""
    note = "the same plan valued in the other instance; blank where it is not legal there"
    heads = (
        *(Head("term"), Head("old", "number"), Head("new", "number"), Head("difference", "worse")),
        Head("old plan, new instance", "number", note, where="page"),
        Head("new plan, old instance", "number", note, where="page"),
    )
    legal = [found.terms if found.legal else None for found in (comparison.old_in_new, comparison.new_in_old)]
    rows: list[tuple[Any, ...]] = []
    for t in comparison.terms:
        there = [None if terms is None else getattr(terms, t.name) for terms in legal]
        rows.append((f"{TERM_TITLES[t.name]} ({words(t.name)})", t.old, t.new, t.difference, *there))
    totals = [None if terms is None else terms.total for terms in legal]
    rows.append(("total", comparison.old.objective, comparison.new.objective, comparison.difference, *totals))
    caption = "Priority weight × million USD × weeks late, term by term."
    return Sheet("objective", "Delay by term", caption, heads, tuple(rows), whole=True)


def demands(comparison: Comparison) -> Sheet:
    """Every demand that moved, and what that goes with."""
    heads = (
        Head("demand"),
        Head("kind", where="book"),
        Head("recipient"),
        Head("item"),
        Head("moved", note="earlier, later, both, new, gone, or the same days with another quantity, date or weight"),
        Head("outcome", where="page"),
        Head("quantity, old", "whole", where="book"),
        Head("quantity, new", "whole", where="book"),
        Head("weeks late, old", "late", "mean over its units, as the objective counts them"),
        Head("weeks late, new", "late", "mean over its units, as the objective counts them"),
        Head("on time, old", "whole", "units", where="book"),
        Head("on time, new", "whole", "units", where="book"),
        Head("delivered, old", "whole", "units", where="book"),
        Head("delivered, new", "whole", "units", where="book"),
        Head("complete, old", "date", "the day of its last unit; blank: never", where="book"),
        Head("complete, new", "date", "the day of its last unit; blank: never", where="book"),
        Head("earlier", "number", "unit-weeks by which units arrive earlier"),
        Head("later", "number", "unit-weeks by which units arrive later; what does not come counts as coming last"),
        Head("weighted", "step", "unit-weeks later less those earlier, × weight × price", where="book"),
        Head("delay", "worse", "by how much its part of the delay changes"),
        Head("why", "long", "“because”: its own row changed; “goes with”: a named cause, which is not proven"),
        Head("what else", "long", "further named causes", where="page"),
    )
    rows = tuple(_demand(comparison, change) for change in comparison.moved)
    caption = "Every order, need and replacement that differs, those first whose delay changes most."
    return Sheet("demands", "Who moved, and why", caption, heads, rows)


def _demand(comparison: Comparison, change: DemandChange) -> tuple[Any, ...]:
    old, new, facts = change.old, change.new, change.facts
    texts = [say.cause_text(comparison, change, cause) for cause in comparison.causes[change.key]]
    both = ("quantity", "weeks_late", "on_time", "delivered", "completed")
    pairs = [getattr(side, name) if side is not None else None for name in both for side in (old, new)]
    return (
        change.demand,
        change.kind,
        facts.recipient or UKRAINE_NAME,
        facts.item,
        say.MOVEMENT_TITLES[change.movement],
        say.state_text(change),
        *pairs,
        change.earlier,
        change.later,
        change.weighted,
        change.delay,
        texts[0],
        " ".join(f"{text[0].upper()}{text[1:]}." for text in texts[1:]) or None,
    )


def _group_heads(first: str, weight: bool) -> tuple[Head, ...]:
    weights = (Head("weight, old", "number"), Head("weight, new", "number")) if weight else ()
    return (
        Head(first),
        Head("name", where="page"),
        *weights,
        Head("moved", "whole", "demands that differ"),
        Head("asked, old", "whole", "units", where="book"),
        Head("asked, new", "whole", "units", where="book"),
        Head("on time, old", "whole", "units"),
        Head("on time, new", "whole", "units"),
        Head("delivered, old", "whole", "units", where="page"),
        Head("delivered, new", "whole", "units", where="page"),
        Head("complete, old", "whole", "demands that get all their units", where="page"),
        Head("complete, new", "whole", "demands that get all their units", where="page"),
        Head("weeks late, old", "late", "mean by value"),
        Head("weeks late, new", "late", "mean by value"),
        Head("earlier", "number", "unit-weeks"),
        Head("later", "number", "unit-weeks"),
        Head("delay, old", "number", where="page"),
        Head("delay, new", "number", where="page"),
        Head("delay", "worse", "the change of its delay"),
    )


def _group(name: str, group: GroupChange, weight: bool) -> tuple[Any, ...]:
    old, new = group.old, group.new
    both = ("asked", "on_time", "delivered", "completed", "weeks_late")
    pairs = [getattr(side, field) for field in both for side in (old, new)]
    weights = (old.weight, new.weight) if weight else ()
    tail = (group.earlier, group.later, old.delay, new.delay, group.delay)
    return (group.name or UKRAINE_NAME, name, *weights, group.moved, *pairs, *tail)


def _ordered(groups: tuple[GroupChange, ...]) -> list[GroupChange]:
    found = [group for group in groups if group.moved or group.old != group.new]
    return sorted(found, key=lambda group: (-abs(group.delay), -(group.earlier + group.later), group.name))


def recipients(comparison: Comparison) -> Sheet:
    """Sums over demands by who gets them."""
    rows = [_group(say.recipient_name(comparison, g.name), g, True) for g in _ordered(comparison.recipients)]
    caption = "Sums over the demands of each recipient; needs are Ukraine's."
    return Sheet("recipients", "For whom", caption, _group_heads("recipient", True), tuple(rows))


def items(comparison: Comparison) -> Sheet:
    """Sums over demands by what they ask for."""
    rows = [_group(say.item_name(comparison, g.name), g, False) for g in _ordered(comparison.items)]
    return Sheet("items", "Of what", "Sums over the demands for each item.", _group_heads("item", False), tuple(rows))


def _changed(pairs: tuple[Pair, ...]) -> list[Pair]:
    return sorted((pair for pair in pairs if pair.differs), key=lambda pair: (-abs(pair.difference), pair.name))


def lines(comparison: Comparison) -> Sheet:
    """Load of every line that differs."""
    heads = (
        *(Head("line"), Head("name", where="page"), Head("used, old", "whole", "slots"), Head("used, new", "whole")),
        *(Head("difference", "step"), Head("slots, old", "whole"), Head("slots, new", "whole")),
        *(Head("load, old", "share"), Head("load, new", "share")),
        *(Head("units, old", "whole", "made"), Head("units, new", "whole", "made")),
    )
    rows = []
    for pair in _changed(comparison.lines):
        _, before, after = pair.parts[0]
        loads = (pair.old / before if before else None, pair.new / after if after else None)
        name = say.line_name(comparison, pair.name)
        units = pair.parts[1][1:]
        rows.append((pair.name, name, pair.old, pair.new, pair.difference, before, after, *loads, *units))
    return Sheet("lines", "Lines", "Slots in the time that both plans cover.", heads, tuple(rows))


def donors(comparison: Comparison) -> Sheet:
    """Who pays more or less."""
    heads = (
        *(Head("donor"), Head("name", where="page"), Head("pays, old", "money"), Head("pays, new", "money")),
        *(Head("difference", "step"), Head("pledged, old", "money"), Head("pledged, new", "money")),
        *(Head("packages, old", "whole", "it pays into"), Head("packages, new", "whole", "it pays into")),
    )
    rows = [
        (p.name, say.recipient_name(comparison, p.name), p.old, p.new, p.difference, *p.parts[0][1:], *p.parts[1][1:])
        for p in _changed(comparison.donors)
    ]
    return Sheet("donors", "Donors", "Million USD paid for packages of the plan.", heads, tuple(rows))


def packages(comparison: Comparison) -> Sheet:
    """Releases that differ."""
    heads = (Head("package"), Head("released, old"), Head("released, new"))
    rows = [(s.name, say.day_text(s.old), say.day_text(s.new)) for s in comparison.packages if s.old != s.new]
    caption = "Days of release. The names of new packages are each plan's own: what they hold may differ."
    return Sheet("packages", "Packages", caption, heads, tuple(rows))


def offers(comparison: Comparison) -> Sheet:
    """Offers decided otherwise."""
    rows = [(s.name, _answer(s.old), _answer(s.new)) for s in comparison.offers if s.old != s.new]
    heads = (Head("offer"), Head("old"), Head("new"))
    return Sheet("offers", "Offers", "A dash: the instance has no such offer.", heads, tuple(rows))


def _answer(accepted: object) -> str:
    return "–" if accepted is None else "accepted" if accepted else "not accepted"


def cases(comparison: Comparison) -> Sheet:
    """Approvals on another day."""
    heads = (Head("case"), Head("approved, old"), Head("approved, new"), Head("weeks", "worse", "later is above 0"))
    rows = []
    for s in comparison.cases:
        if s.old != s.new:
            weeks = None
            if isinstance(s.old, dt.date) and isinstance(s.new, dt.date):
                weeks = (s.new - s.old).days / 7
            rows.append((s.name, say.day_text(s.old), say.day_text(s.new), weeks))
    return Sheet("cases", "Sales cases", "A dash: not under review in that instance.", heads, tuple(rows))


def floors(comparison: Comparison) -> Sheet:
    """Stock below its floor."""
    heads = (
        *(Head("item"), Head("name", where="page"), Head("unit-weeks below, old", "whole")),
        *(Head("unit-weeks below, new", "whole"), Head("delay, old", "number"), Head("delay, new", "number")),
        Head("delay", "worse"),
    )
    rows = [
        (p.name, say.item_name(comparison, p.name), *p.parts[0][1:], p.old, p.new, p.difference)
        for p in _changed(comparison.floors)
    ]
    return Sheet("floors", "Stock below its floor", "Summed over the horizon of each plan.", heads, tuple(rows))


def stability(comparison: Comparison) -> Sheet:
    """What stays of the old plan's dispatches."""
    heads = (
        *(Head("time"), Head("from", "date"), Head("to before", "date")),
        *(Head("units, old", "whole"), Head("units, new", "whole"), Head("units unchanged", "whole")),
        *(Head("of units", "share", "of the old plan's"), Head("value, old", "money"), Head("value, new", "money")),
        *(Head("value unchanged", "money"), Head("of value", "share", "of the old plan's")),
    )
    found = comparison.stability
    rows = [_span("later weeks" if found.frozen_weeks else "all weeks", found.later)]
    if found.frozen_weeks:
        rows.insert(0, _span(f"frozen weeks ({found.frozen_weeks})", found.frozen))
    caption = "Dispatches in the time that both plans cover; unchanged: same demand, origin, item and days."
    return Sheet("stability", "What stays", caption, heads, tuple(rows), whole=True)


def _span(name: str, s: Span) -> tuple[Any, ...]:
    units = (s.old_units, s.new_units, s.same_units, s.share_of_units)
    return (name, s.begin, s.end, *units, s.old_value, s.new_value, s.kept, s.share_of_value)


def commitments(comparison: Comparison) -> Sheet:
    """Commitments that differ, or that one of the plans does not keep."""
    heads = (
        *(Head("demand"), Head("item"), Head("period from", "date")),
        *(Head("committed, old", "whole"), Head("committed, new", "whole")),
        *(Head("moved, old", "whole", "units not sent then"), Head("moved, new", "whole", "units not sent then")),
        *(Head("delay, old", "number"), Head("delay, new", "number")),
    )
    rows = [
        (
            c.demand,
            c.item,
            c.day,
            c.old_committed,
            c.new_committed,
            c.old_missing,
            c.new_missing,
            c.old_cost,
            c.new_cost,
        )
        for c in comparison.stability.commitments
        if c.old_missing or c.new_missing
    ]
    caption = "What the plan before each plan had promised, and was moved."
    return Sheet("commitments", "Commitments moved", caption, heads, tuple(rows))


def inputs(comparison: Comparison) -> Sheet:
    """Every difference of the two instances."""
    heads = (Head("where"), Head("what"), Head("column"), Head("old", "long"), Head("new", "long"))
    rows = []
    for change in comparison.inputs:
        cells = (words(change.column), say.value_text(change.old), say.value_text(change.new))
        row = ", ".join(f"{words(name)} {say.value_text(value)}" for name, value in change.row if value is not None)
        ends = ("", "–", row) if change.kind == "added" else ("", row, "–")
        shown = cells if change.kind == "changed" else ends
        rows.append((say.change_place(change), change.kind, *shown))
    caption = "Row by row and column by column; dates are matched by the day."
    return Sheet("inputs", "What changed in the input", caption, heads, tuple(rows))
