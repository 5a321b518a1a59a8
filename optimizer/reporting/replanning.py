"""What moved since the plan before, and why: the plan that was left against the new one, in words.

The plan before, rolled on as if nothing had changed, is one side; the new plan is the other. So what differs between
the two instances is what changed since: edits of the input, and what happened otherwise than planned.
"""

from __future__ import annotations

from dataclasses import asdict

from models.checker import check_plan
from models.plan import Plan, Terms
from optimizer.explaining.comparing import Comparison, Side, compare
from optimizer.explaining.facts import Facts, facts_of
from optimizer.explaining.steadiness import Span, stability
from optimizer.reporting.comparison_words import cause_text, change_text
from optimizer.reporting.previous import Rolled
from optimizer.reporting.replanned import (
    BrokenPromise,
    MovedDemand,
    Replanning,
    RolledNote,
    SaidActual,
    SpanMoved,
)
from optimizer.rolling.given_up import given_up

MOST = 200
"""Demands that moved and changes of the input that are written; all are counted."""
_BOOKKEEPING = ("commitments", "actuals")
"""Tables that follow from the plan before: they say nothing of what changed."""
_OWN_SETTINGS = ("as_of", "depth")
"""Settings that no plan depends on."""


def replanning(
    rolled: Rolled, plan: Plan, facts: Facts, terms: Terms, *, bound: float | None = None, held: bool = False
) -> Replanning:
    """The account of planning on, for a plan of the rolled instance with the terms that the checker found."""
    expected, previous = rolled.expected, rolled.previous
    before = check_plan(expected.problem, expected.carried)
    carried = check_plan(rolled.problem, rolled.advanced.carried)
    gone = previous.terms.total - before.terms.total if before.passed else None
    found, inputs = None, []
    if held:  # one plan in one instance: there is nothing to compare
        steady = stability((rolled.problem, plan, facts), (rolled.problem, plan, facts))
    else:
        rules = tuple(dict.fromkeys(violation.rule for violation in before.violations))
        told = facts_of(expected.problem, expected.carried)
        old = Side(previous.name, expected.problem, expected.carried, told, before.terms, rules)
        found = compare(old, Side("new", rolled.problem, plan, facts, terms, (), bound))
        steady = found.stability
        inputs = [row for row in found.inputs if row.table not in _BOOKKEEPING and row.column not in _OWN_SETTINGS]
    dropped = () if held else given_up(rolled.problem, plan, expected.problem, expected.carried)
    return Replanning(
        previous=previous.name,
        since=previous.problem.start.isoformat(),
        start=rolled.problem.start.isoformat(),
        elapsed_periods=rolled.advanced.elapsed,
        rolled=rolled.rolled,
        nothing_changed=rolled.unchanged,
        held=held,
        bound="carried_over" if held and not rolled.loosened else "proven",
        loosened=rolled.loosened if rolled.unchanged else (),
        previous_objective=previous.terms.total,
        gone=gone,
        carried=carried.terms.total if carried.passed else None,
        frozen_weeks=steady.frozen_weeks,
        frozen=_span(steady.frozen),
        later=_span(steady.later),
        changes=len(inputs),
        changed=tuple(change_text(row) for row in inputs[:MOST]),
        demands_moved=0 if found is None else len(found.moved),
        moved=() if found is None else tuple(_moved(found)),
        actuals=tuple(
            SaidActual(**{**asdict(row), "date": row.date.isoformat()})
            for row in (rolled.advanced.happened.deviations if rolled.rolled else ())
        ),
        broken=tuple(
            BrokenPromise(
                row.rule,
                row.demand,
                row.units,
                "" if row.was is None else row.was.isoformat(),
                "" if row.now is None else row.now.isoformat(),
                row.message,
            )
            for row in (*rolled.advanced.broken, *dropped)
        ),
        notes=tuple(RolledNote(row.code, row.entities, row.amount, row.message) for row in rolled.advanced.notes),
    )


def _span(span: Span) -> SpanMoved:
    return SpanMoved(span.old_units, span.same_units, span.old_value, span.kept)


def _moved(found: Comparison) -> list[MovedDemand]:
    rows = []
    for change in found.moved[:MOST]:
        causes = [cause for cause in found.causes.get(change.key, ()) if cause.code != "commitment"]
        why = cause_text(found, change, causes[0]) if causes else ""
        rows.append(
            MovedDemand(change.kind, change.demand, change.movement, change.earlier, change.later, change.delay, why)
        )
    return rows
