"""Planning on from a plan before, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.reporting.names import count
from optimizer.reporting.numbers import percent, short
from optimizer.reporting.replanned import Replanning, SpanMoved
from optimizer.rolling.bounds import LOOSENED


def sentences(found: Replanning) -> tuple[str, ...]:
    """What a planner should know before any table, the most important first."""
    return (*_since(found), *_broken(found), *_moved(found), *_why(found), *_value(found))


def headline(found: Replanning) -> str:
    """In a few words how much moved."""
    if not found.planned_units:
        return "Nothing was left of it"
    if not found.moved_units:
        return "Nothing moved"
    return f"{count(found.moved_units, 'unit')} of {found.planned_units:,} moved"


def _since(found: Replanning) -> Iterator[str]:
    went = count(found.elapsed_periods, "period")
    how = "rolled on from" if found.rolled else "as it stands, after"
    yield f"Planned on from {found.previous}: {went} from {found.since} to {found.start}, {how} that plan."
    if found.nothing_changed and found.held:
        yield "Nothing has changed since, so that plan stands."
    elif found.nothing_changed:
        yield "Nothing has changed since."


def _broken(found: Replanning) -> Iterator[str]:
    for row in found.broken:
        instead = f"; promised now for {row.now}" if row.now else ""
        yield f"Promise broken ({row.rule}): {row.message}{instead}."


def _moved(found: Replanning) -> Iterator[str]:
    if not found.planned_units:
        return
    yield f"Of the {count(found.planned_units, 'unit')} it still had to send, {_span(found)}."
    if found.demands_moved:
        are = "is" if found.demands_moved == 1 else "are"
        yield f"{count(found.demands_moved, 'demand')} moved, or {are} new or gone."


def _span(found: Replanning) -> str:
    parts = []
    if found.frozen_weeks and found.frozen.planned_units:
        parts.append(f"{_kept(found.frozen)} in the first {count(found.frozen_weeks, 'week')}")
        parts.append(f"{_kept(found.later)} after them")
    else:
        both = SpanMoved(found.planned_units, found.planned_units - found.moved_units, 0.0, 0.0)
        parts.append(_kept(both))
    return " and ".join(parts)


def _kept(span: SpanMoved) -> str:
    if not span.planned_units:
        return "none was to leave"
    share = percent(span.kept_units / span.planned_units, 1)
    return f"{span.kept_units:,} ({share}) leave just so"


def _why(found: Replanning) -> Iterator[str]:
    if found.changes:
        shown = "; ".join(found.changed[:3])
        more = f"; and {found.changes - 3} more" if found.changes > 3 else ""
        yield f"What changed since: {shown}{more}."
    if found.actuals:
        yield f"{count(len(found.actuals), 'thing')} happened otherwise than planned."


def _value(found: Replanning) -> Iterator[str]:
    if found.gone is not None:
        yield f"Of the delay of {short(found.previous_objective)} that it had, {short(found.gone)} has gone."
    if found.carried is None:
        yield "What was left of the plan before is no legal plan any more."
    elif not found.held:
        yield f"What was left of it would be worth {short(found.carried)} now."
    if found.held and found.bound == "carried_over":
        yield "Its bound is the one proven before, less what has gone."
    elif found.held and found.loosened:
        yield f"Its bound had to be proven anew: {'; '.join(_loosened(code) for code in found.loosened)}."


def _loosened(code: str) -> str:
    return {str(known): text for known, text in LOOSENED.items()}.get(code, code)
