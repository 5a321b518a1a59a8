"""A comparison of two plans in sentences: what the pages and the terminal say, in the same words.

"Because" is said only of a demand's own row. Every other cause is named with "goes with": it changed, and the demand
depends on it, but that it is the cause is not proven.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from models.problem import Problem
from optimizer.explaining.causes import Cause
from optimizer.explaining.changes import TOP, Change, Value
from optimizer.explaining.comparing import SIGNIFICANCE, UKRAINE_NAME, Comparison, Side
from optimizer.explaining.moved import DemandChange, Movement
from optimizer.explaining.reasons import REASON_TITLES
from optimizer.reporting.names import STATES, TERM_TITLES, count, words
from optimizer.reporting.numbers import percent, short
from optimizer.solving.outcome import relative_gap

MOVEMENT_TITLES: dict[Movement, str] = {
    "new": "new",
    "gone": "gone",
    "earlier": "earlier",
    "later": "later",
    "mixed": "earlier and later",
    "revalued": "counted otherwise",
    "same": "the same",
}
"""What became of a demand, in a word or two."""
RECORDS: dict[str, tuple[str, ...]] = {
    "dispatches": ("dispatch", "dispatches"),
    "made": ("batch made", "batches made"),
    "contents": ("row of contents", "rows of contents"),
    "releases": ("release",),
    "payments": ("payment",),
    "approvals": ("approval",),
    "accepted_offers": ("accepted offer",),
}
"""Records of a plan, one and many."""
NAMED = 2
"""So many changes of the input one sentence names."""


def value_text(value: Value) -> str:
    """A value of the input as people read it; "blank" where there is none."""
    if value is None:
        return "blank"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def change_place(change: Change) -> str:
    """Which row or setting it is, as `orders O1` or `[packages]`."""
    return " ".join(("instance.toml" if change.table == TOP else change.table, *change.key))


def change_text(change: Change) -> str:
    """One difference of the input in a line."""
    place = change_place(change)
    if change.kind != "changed":
        return f"{place} is {'new' if change.kind == 'added' else 'gone'}"
    return f"{place}: {_step(change)}"


def _step(change: Change) -> str:
    return f"{words(change.column)} {value_text(change.old)} → {value_text(change.new)}"


def _listed(changes: Sequence[Change], own: bool = False) -> str:
    """The first few changes, and how many more; of a demand's own row without its name."""
    parts = [_step(row) if own and row.kind == "changed" else change_text(row) for row in changes[:NAMED]]
    more = len(changes) - NAMED
    return "; ".join(parts) + (f"; and {more} more" if more > 0 else "")


def cause_text(comparison: Comparison, change: DemandChange, cause: Cause) -> str:
    """One cause as a clause: "because …" or "goes with …"."""
    said = {
        "own_row": _own_row,
        "recipient_weight": _weight,
        "approval": _approval,
        "package": _package,
        "offer": _offer,
        "competition": _competition,
        "reason": _reason,
        "replanned": _replanned,
    }.get(cause.code)
    if said is not None:
        return said(comparison, change, cause)
    about = {"supply": "its supply", "lane": "its lanes", "item": "its item", "setting": "a setting for all"}
    about["commitment"] = "what was committed to it"
    return f"goes with {about[cause.code]}: {_listed(cause.changes)}"


def _own_row(_: Comparison, change: DemandChange, cause: Cause) -> str:
    kinds = {row.kind for row in cause.changes}
    if "added" in kinds:
        return "because it is new in the instance"
    if "removed" in kinds:
        return "because it is gone from the instance"
    return f"because of its own row: {_listed(cause.changes, own=True)}"


def _weight(_: Comparison, change: DemandChange, cause: Cause) -> str:
    who = change.facts.recipient or UKRAINE_NAME
    step = f"{_number(cause.old)} → {_number(cause.new)}"
    return f"goes with the weight of {who}, {step}: {_listed(cause.changes)}"


def _number(value: object) -> str:
    return short(round(value, 2)) if isinstance(value, float) else "–"


def _approval(_: Comparison, __: DemandChange, cause: Cause) -> str:
    step = f"{day_text(cause.old)} → {day_text(cause.new)}" if cause.old != cause.new else day_text(cause.new)
    return f"goes with the approval of its case, {step}" + (f": {_listed(cause.changes)}" if cause.changes else "")


def day_text(day: object) -> str:
    """The day of a decision: "never", or "–" where nothing is to be decided."""
    if day is None:
        return "–"
    return day.isoformat() if isinstance(day, dt.date) else "never"


def _package(_: Comparison, __: DemandChange, cause: Cause) -> str:
    sizes = (("earlier", cause.old), ("later", cause.new))
    parts = [f"{_number(size)} unit-weeks {way}" for way, size in sizes if isinstance(size, float) and size]
    text = "goes with its packages" + (f", which cover its units {' and '.join(parts)}" if parts else "")
    return text + (f": {_listed(cause.changes)}" if cause.changes else "")


def _offer(comparison: Comparison, change: DemandChange, cause: Cause) -> str:
    if change.kind == "replacement":
        return f"goes with its offer, which is {'accepted' if cause.new else 'not accepted'} now"
    accepted = set(comparison.new.plan.accepted_offers)
    decided = [f"{name} {'accepted' if name in accepted else 'not accepted'} now" for _, name in cause.demands]
    parts = [*decided, *([_listed(cause.changes)] if cause.changes else [])]
    return f"goes with offers: {', '.join(parts)}"


def _competition(comparison: Comparison, _: DemandChange, cause: Cause) -> str:
    named = []
    for key in cause.demands:
        own = [row for row in cause.changes if row.key[:1] == (key[1],)]
        rival = comparison.whole[key]
        if own and own[0].kind == "changed":
            what = _step(own[0])
        elif rival.old is not None and rival.new is not None:
            what = f"weight {_number(rival.old.weight)} → {_number(rival.new.weight)}"
        else:
            what = MOVEMENT_TITLES[rival.movement]
        named.append(f"{key[1]} ({what})")
    return f"goes with others on the same lines: {', '.join(named)}"


def _reason(_: Comparison, __: DemandChange, cause: Cause) -> str:
    return f"goes with another leading reason: {reason_text(cause.old)} → {reason_text(cause.new)}"


def reason_text(code: object) -> str:
    """A reason's code in words."""
    if not isinstance(code, str):
        return "in time"
    return next((title for name, title in REASON_TITLES.items() if name == code), words(code))


def _replanned(comparison: Comparison, change: DemandChange, cause: Cause) -> str:
    open_ = [side.open for side in (comparison.old, comparison.new)]
    within = all(gap is not None for gap in open_) and abs(change.delay) <= max(gap or 0.0 for gap in open_)
    others = ", ".join(f"{key[1]} ({MOVEMENT_TITLES[comparison.whole[key].movement]})" for key in cause.demands)
    text = f"planned anew{' within the gap' if within else ''}: nothing it depends on changed"
    return f"{text}; the other way on the same lines: {others}" if others else text


def state_text(change: DemandChange) -> str:
    """How it ends in both plans, once where that is the same."""
    states = [STATES[facts.state] if facts else "–" for facts in (change.old, change.new)]
    return states[0] if states[0] == states[1] else f"{states[0]} → {states[1]}"


def recipient_name(comparison: Comparison, code: str) -> str:
    """The name of a recipient; needs are Ukraine's."""
    return _name(comparison, "recipients", "recipient", code) if code else UKRAINE_NAME


def item_name(comparison: Comparison, item: str) -> str:
    """The name of an item."""
    return _name(comparison, "items", "item", item)


def line_name(comparison: Comparison, line: str) -> str:
    """The name of a line."""
    return _name(comparison, "lines", "line", line)


def _name(comparison: Comparison, table: str, key: str, code: str) -> str:
    sides: tuple[Problem, ...] = (comparison.new.problem, comparison.old.problem)
    rows = (row for problem in sides for row in getattr(problem, table))
    return next((str(row.name) for row in rows if getattr(row, key) == code), code)


def signed(value: float) -> str:
    """A difference with its sign."""
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{short(abs(value))}"


def headline(comparison: Comparison) -> tuple[str, ...]:
    """What a reader should know before any table: the difference, what it is due to, what it proves."""
    if comparison.same and not comparison.only:
        return ("Nothing moved: the two plans do the same, in the same instance.", *_broken(comparison))
    return (
        *_objective(comparison),
        *_due_to(comparison),
        *_proves(comparison),
        *_moves(comparison),
        *_steady(comparison),
        *_broken(comparison),
    )


def _objective(comparison: Comparison) -> Iterator[str]:
    old, new, more = comparison.old.objective, comparison.new.objective, comparison.difference
    change = "The delay is the same" if not signed(more).strip("0") else f"The delay changes by {signed(more)}"
    share = f" ({signed(100 * more / old)} %)" if old and more else ""
    yield f"{change}{share}: {short(old)} → {short(new)} (weight × million USD × weeks late)."
    modes = {side.problem.objective.mode for side in (comparison.old, comparison.new)}
    if "lexicographic" in modes:
        stages = comparison.new.problem.objective.stages
        steps = {pair.name: pair.difference for pair in comparison.terms if pair.differs}
        first = next((term for term in stages if term in steps), None)
        said = (
            "no stage differs" if first is None else f"{TERM_TITLES[first]} ({words(first)}) by {signed(steps[first])}"
        )
        yield f"The stages are minimised in order, each in its own units; the first that differs decides: {said}."


def _due_to(comparison: Comparison) -> Iterator[str]:
    if comparison.same_instance:
        yield "Both plans answer the same instance: all of it is due to the plan."
        return
    yield f"The instances differ in {count(len(comparison.inputs), 'place')}."
    effects = comparison.effects
    if effects is not None:
        left = (comparison.old_in_new if effects.by == "old" else comparison.new_in_old).left_out
        parts = ", ".join(count(number, *RECORDS.get(kind, (words(kind),))) for kind, number in left)
        without = f", without what the other has no place for ({parts})" if parts else ""
        yield (
            f"The {effects.by} plan is legal in both instances{without}: {signed(effects.input)} is what the input "
            f"does to it, {signed(effects.replanning)} what planning anew does."
        )
    else:
        for which, found in (("old plan", comparison.old_in_new), ("new plan", comparison.new_in_old)):
            if found.legal:
                continue
            rules = ", ".join(f"{rule} {times}×" for rule, times in found.broken)
            where = "new" if which == "old plan" else "old"
            yield f"The {which} is not legal in the {where} instance: it breaks {rules}."
        yield "So the difference cannot be split into what the input does and what planning anew does."


def _proves(comparison: Comparison) -> Iterator[str]:
    gaps = [percent(gap_of(side)) for side in (comparison.old, comparison.new)]
    yield f"{SIGNIFICANCE[comparison.significance]} Gaps: {gaps[0]} and {gaps[1]}."
    span = comparison.best_difference
    if span is not None and comparison.significance in ("proven", "within_gaps"):
        yield f"The best plans of the two instances differ by {signed(span[0])} to {signed(span[1])}."


def gap_of(side: Side) -> float | None:
    """The gap that the summary's bound leaves to the plan as it is now."""
    return relative_gap(side.objective, side.bound)


def _moves(comparison: Comparison) -> Iterator[str]:
    kinds: dict[Movement, int] = {}
    for change in comparison.moved:
        kinds[change.movement] = kinds.get(change.movement, 0) + 1
    parts = ", ".join(f"{number} {MOVEMENT_TITLES[kind]}" for kind, number in kinds.items())
    total = count(len(comparison.demands), "demand")
    yield f"Of {total}, {len(comparison.moved)} differ: {parts}." if parts else f"Of {total}, none moved."
    earlier = sum(change.earlier for change in comparison.demands)
    later = sum(change.later for change in comparison.demands)
    yield f"{short(earlier)} unit-weeks earlier, {short(later)} unit-weeks later."
    rerouted = sum(change.rerouted for change in comparison.demands)
    if rerouted:
        has = "has its units" if rerouted == 1 else "have their units"
        yield f"{count(rerouted, 'demand')} {has} on the same days, but of another item, from elsewhere or another way."


def _steady(comparison: Comparison) -> Iterator[str]:
    found = comparison.stability
    frozen = f"in the first {found.frozen_weeks} weeks" if found.frozen_weeks else ""
    parts = [
        f"{percent(span.share_of_value, 0)} of the value sent {when}".rstrip()
        for span, when in ((found.frozen, frozen), (found.later, "after them" if frozen else ""))
        if span.share_of_value is not None
    ]
    if parts:
        yield f"Unchanged dispatches: {', '.join(parts)}."


def _broken(comparison: Comparison) -> Iterator[str]:
    for side, which in ((comparison.old, "old"), (comparison.new, "new")):
        if side.broken:
            yield f"The {which} plan breaks rules of its own instance: {', '.join(side.broken)}."
