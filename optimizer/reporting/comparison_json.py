"""A comparison as one JSON document: the records, not the tables; dates as text, unknown as null."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, fields
from typing import Any

from optimizer.explaining.carrying import Valuation
from optimizer.explaining.causes import Cause
from optimizer.explaining.changes import Change
from optimizer.explaining.comparing import SIGNIFICANCE, UKRAINE_NAME, Comparison, Side
from optimizer.explaining.facts import DemandFacts
from optimizer.explaining.moved import DemandChange, Key
from optimizer.explaining.tallies import GroupChange, Pair, Switch
from optimizer.reporting.comparison_words import cause_text, gap_of, headline
from optimizer.reporting.numbers import clean
from optimizer.reporting.summary import terms_dict

_DEMAND = ("quantity", "due", "weight", "delivered", "on_time", "undelivered", "first", "last", "completed")
_LATE = ("weeks_late", "latest_weeks", "delay", "state", "reason")


def comparison_dict(comparison: Comparison, top: int | None = None) -> dict[str, Any]:
    """Ready for JSON; at most `top` demands, those first that changed most. `demands_moved` always counts all."""
    shown = comparison.moved if top is None else comparison.moved[:top]
    span = comparison.best_difference
    found = {
        "old": _side(comparison.old),
        "new": _side(comparison.new),
        "same": comparison.same,
        "same_instance": comparison.same_instance,
        "only": list(comparison.only),
        "headline": list(headline(comparison)),
        "difference": comparison.difference,
        "terms": {pair.name: _pair(pair) for pair in comparison.terms},
        "effects": None if comparison.effects is None else asdict(comparison.effects),
        "significance": comparison.significance,
        "significance_text": SIGNIFICANCE[comparison.significance],
        "best_difference": None if span is None else {"least": span[0], "most": span[1]},
        "old_in_new": _valuation(comparison.old_in_new),
        "new_in_old": _valuation(comparison.new_in_old),
        "inputs": [_change(change) for change in comparison.inputs],
        "demands_compared": len(comparison.demands),
        "demands_moved": len(comparison.moved),
        "demands": [_demand(comparison, change) for change in shown],
        "recipients": [_group(group) for group in comparison.recipients],
        "items": [_group(group) for group in comparison.items],
        "donors": [_named(pair) for pair in comparison.donors],
        "lines": [_named(pair) for pair in comparison.lines],
        "floors": [_named(pair) for pair in comparison.floors],
        "packages": [_switch(switch) for switch in comparison.packages],
        "offers": [_switch(switch) for switch in comparison.offers],
        "cases": [_switch(switch) for switch in comparison.cases],
        "stability": _stability(comparison),
    }
    return {key: _clean(value) for key, value in found.items()}


def _clean(value: Any) -> Any:
    """Dates as text and numbers rounded for a file, all the way down."""
    if isinstance(value, dict):
        return {key: _clean(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(inner) for inner in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    return clean(value) if isinstance(value, float) else value


def _side(side: Side) -> dict[str, Any]:
    return {
        "name": side.name,
        "instance": side.problem.name,
        "start": side.problem.start,
        "mode": side.problem.objective.mode,
        "objective": side.objective,
        "bound": side.bound,
        "gap": gap_of(side),
        "terms": terms_dict(side.terms),
        "checker": list(side.broken) or "passed",
    }


def _pair(pair: Pair) -> dict[str, Any]:
    parts = {name: {"old": old, "new": new} for name, old, new in pair.parts}
    return {"old": pair.old, "new": pair.new, "difference": pair.difference, **parts}


def _named(pair: Pair) -> dict[str, Any]:
    return {"name": pair.name, **_pair(pair)}


def _switch(switch: Switch) -> dict[str, Any]:
    return {"name": switch.name, "old": switch.old, "new": switch.new, "differs": switch.old != switch.new}


def _valuation(found: Valuation) -> dict[str, Any]:
    return {
        "legal": found.legal,
        "objective": found.terms.total,
        "terms": terms_dict(found.terms),
        "broken": dict(found.broken),
        "left_out": dict(found.left_out),
    }


def _change(change: Change) -> dict[str, Any]:
    found = {field.name: getattr(change, field.name) for field in fields(change)}
    return {**found, "key": list(change.key), "row": dict(change.row) or None}


def _demand(comparison: Comparison, change: DemandChange) -> dict[str, Any]:
    return {
        "demand": change.demand,
        "kind": change.kind,
        "recipient": change.facts.recipient or UKRAINE_NAME,
        "item": change.facts.item,
        "movement": change.movement,
        "rerouted": change.rerouted,
        "earlier": change.earlier,
        "later": change.later,
        "weighted": change.weighted,
        "delay": change.delay,
        "old": _facts(change.old),
        "new": _facts(change.new),
        "causes": [_cause(comparison, change, cause) for cause in comparison.causes[change.key]],
    }


def _facts(facts: DemandFacts | None) -> dict[str, Any] | None:
    return None if facts is None else {name: getattr(facts, name) for name in (*_DEMAND, *_LATE)}


def _cause(comparison: Comparison, change: DemandChange, cause: Cause) -> dict[str, Any]:
    return {
        "cause": cause.code,
        "support": "because" if cause.proven else "goes_with",
        "text": cause_text(comparison, change, cause),
        "old": cause.old,
        "new": cause.new,
        "changes": [_change(row) for row in cause.changes],
        "demands": [_key(key) for key in cause.demands],
    }


def _key(key: Key) -> dict[str, str]:
    return {"kind": key[0], "demand": key[1]}


def _group(group: GroupChange) -> dict[str, Any]:
    sums = {"old": asdict(group.old), "new": asdict(group.new)}
    return {
        "name": group.name or UKRAINE_NAME,
        **sums,
        "earlier": group.earlier,
        "later": group.later,
        "moved": group.moved,
        "delay": group.delay,
    }


def _stability(comparison: Comparison) -> dict[str, Any]:
    found = comparison.stability
    spans = {
        name: {**asdict(span), "share_of_units": span.share_of_units, "share_of_value": span.share_of_value}
        for name, span in (("frozen", found.frozen), ("later", found.later))
    }
    return {"frozen_weeks": found.frozen_weeks, **spans, "commitments": [asdict(row) for row in found.commitments]}
