"""The columns of a run: what a worker measures, and what is known of a run before it begins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from models.plan import Verdict
from models.problem import TERMS, Problem
from optimizer.batch.extras import extra
from optimizer.explaining.accounts import DemandFacts
from optimizer.explaining.facts import Facts
from optimizer.solving.outcome import Outcome, relative_gap

TEXT, NUMBER, WHOLE, FLAG = "String", "Float64", "Int64", "Boolean"
RECIPIENT: dict[str, str] = {
    "recipient": TEXT, "orders": WHOLE, "units": WHOLE, "delivered": WHOLE, "on_time": WHOLE, "delay": NUMBER,
    "mean_weeks": NUMBER,
}  # fmt: skip
"""What a row tells of one recipient: its orders and units, its part of the objective, and the weeks that its units are
late on average, weighed by their value."""
DELIVERY: dict[str, str] = {
    "demand": TEXT, "kind": TEXT, "recipient": TEXT, "quantity": WHOLE, "delivered": WHOLE, "on_time": WHOLE,
    "weeks_late": NUMBER, "delay": NUMBER, "last": TEXT,
}  # fmt: skip
"""What a row tells of one demand, where `deliveries` are asked for."""
PACKAGE: dict[str, str] = {"package": TEXT, "status": TEXT, "release": TEXT, "value_usd_m": NUMBER}
"""What a row tells of one released package."""

FOUND: dict[str, Any] = {
    "status": TEXT, "objective": NUMBER, "bound": NUMBER, "gap": NUMBER, **dict.fromkeys(TERMS, NUMBER),
    "first_come_first_served": NUMBER, "priority_list": NUMBER,
    "unmet_orders": WHOLE, "unmet_order_units": WHOLE, "unmet_needs": WHOLE, "unmet_need_units": WHOLE,
    "packages_released": WHOLE, "accepted_offers": WHOLE, "paid_usd_m": NUMBER,
    "recipients": RECIPIENT, "packages": PACKAGE, "deliveries": DELIVERY,
    "checker": TEXT, "method": TEXT, "matrix_rows": WHOLE, "matrix_columns": WHOLE, "nonzeros": WHOLE,
    "nodes": WHOLE, "repeatable": FLAG, "message": TEXT,
}  # fmt: skip
"""What follows from the run itself: the same wherever and whenever a run that ends at its optimum is made."""
MEASURED: dict[str, str] = {
    "started": TEXT, "patch_seconds": NUMBER, "baselines_seconds": NUMBER, "build_seconds": NUMBER,
    "solve_seconds": NUMBER, "check_seconds": NUMBER, "write_seconds": NUMBER, "total_seconds": NUMBER,
    "peak_memory_mib": NUMBER, "attempts": WHOLE, "worker": TEXT, "versions": TEXT,
}  # fmt: skip
"""What differs from one making to the next."""
KNOWN: dict[str, str] = {
    "key": TEXT, "digest": TEXT, "formulation": TEXT, "gap_limit": NUMBER, "seconds_limit": NUMBER,
    "work_limit": NUMBER, "threads": WHOLE, "seed": WHOLE, "program": TEXT,
}  # fmt: skip
"""What a run is, whatever a sweep calls it."""


LABELS = {"number": "Int64", "instance": "String", "scenario": "String", "base": "Boolean"}
"""Columns of a row in the table of a sweep that are the sweep's own words for a run."""


def schema() -> dict[str, Any]:
    """Names and polars types of all columns of a record."""
    return {name: _type(kind) for name, kind in {**KNOWN, **FOUND, **MEASURED}.items()}


def _type(kind: str | Mapping[str, str]) -> Any:
    polars = extra("polars")
    if isinstance(kind, str):
        return getattr(polars, kind)
    return polars.List(polars.Struct({name: _type(part) for name, part in kind.items()}))


def found(problem: Problem, outcome: Outcome, verdict: Verdict | None, facts: Facts | None) -> dict[str, Any]:
    """The columns of `FOUND` that a solve gives; `None` where nothing is known. Objective and terms are the checker's.

    A row holds no explanation and no plan; see `optimizer.batch.sweep_run` for the folder of a plan.
    """
    objective = None if verdict is None else verdict.terms.total
    bound = outcome.bound
    if objective is not None and bound is not None:
        bound = min(bound, objective)  # a tolerance may leave the bound a hair above
    row: dict[str, Any] = {
        "status": outcome.status, "objective": objective, "bound": bound, "gap": relative_gap(objective, bound),
        "method": outcome.method, "nodes": outcome.nodes,
        "repeatable": outcome.repeatable, "message": "; ".join(outcome.messages),
    }  # fmt: skip
    if outcome.matrix is not None:
        size = outcome.matrix
        row.update(matrix_rows=size.rows, matrix_columns=size.columns, nonzeros=size.nonzeros)
    if outcome.clashes:
        row["message"] = "; ".join(clash.message for clash in outcome.clashes)
    if verdict is None or facts is None or outcome.plan is None:
        return row
    broken = list(dict.fromkeys(violation.rule for violation in verdict.violations))
    row["checker"] = "passed" if verdict.passed else ", ".join(broken)
    row.update({term: float(getattr(verdict.terms, term)) for term in TERMS})
    row.update({f"unmet_{name}": count for name, count in facts.unmet().items()})
    released = [package for package in facts.packages if package.release_date is not None]
    return row | {
        "packages_released": len(outcome.plan.releases),
        "accepted_offers": len(outcome.plan.accepted_offers),
        "paid_usd_m": sum(payment.amount_usd_m for payment in outcome.plan.payments),
        "recipients": recipients(facts),
        "packages": [
            {"package": p.package, "status": p.status, "release": _day(p.release_date), "value_usd_m": p.value_usd_m}
            for p in released
        ],
    }  # fmt: skip


def recipients(facts: Facts) -> list[dict[str, Any]]:
    """A row of `RECIPIENT` for every recipient that orders, in the order of their names."""
    own: dict[str, list[DemandFacts]] = defaultdict(list)
    for order in facts.orders:
        own[order.recipient].append(order)
    return [
        {
            "recipient": name,
            "orders": len(orders),
            "units": sum(d.quantity for d in orders),
            "delivered": sum(d.delivered for d in orders),
            "on_time": sum(d.on_time for d in orders),
            "delay": float(sum(d.delay for d in orders)),
            "mean_weeks": _mean(orders),
        }
        for name, orders in sorted(own.items())
    ]


def _mean(orders: list[DemandFacts]) -> float:
    worth = sum(d.price * d.quantity for d in orders)
    return float(sum(d.price * d.quantity * d.weeks_late for d in orders) / worth) if worth > 0 else 0.0


def deliveries(facts: Facts) -> list[dict[str, Any]]:
    """A row of `DELIVERY` for every order and need, in the order of the instance."""
    return [
        {
            "demand": d.demand, "kind": d.kind, "recipient": d.recipient, "quantity": d.quantity,
            "delivered": d.delivered, "on_time": d.on_time, "weeks_late": float(d.weeks_late), "delay": float(d.delay),
            "last": _day(d.last),
        }
        for d in (*facts.orders, *facts.needs)
    ]  # fmt: skip


def _day(day: Any) -> str | None:
    return None if day is None else str(day.isoformat())
