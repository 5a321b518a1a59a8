"""All rules by the names `problem.md` gives them, and the judgement of a plan by them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from models.checker import rules_approval, rules_demand, rules_package, rules_supply
from models.checker.facts import Facts, facts_of
from models.checker.ledger import WELL_FORMED, Ledger, ledger_of
from models.checker.terms import terms_of
from models.plan import Plan, Verdict, Violation
from models.problem import Problem

Rule = Callable[[Facts, Ledger, float], Iterator[Violation]]
"""Given facts, the plan's ledger and a tolerance, every way in which the plan breaks the rule."""


def well_formed(_: Facts, ledger: Ledger, __: float) -> Iterator[Violation]:
    """Every record can be read: names known, whole units, dispatches that may exist (see `structure`)."""
    yield from ledger.faults


RULES: dict[str, Rule] = {
    WELL_FORMED: well_formed,
    "line_capacity": rules_supply.line_capacity,
    "component_supply": rules_supply.component_supply,
    "stock_balance": rules_supply.stock_balance,
    "readiness_floor": rules_supply.readiness_floor,
    "ordered_quantity": rules_demand.ordered_quantity,
    "firm_date": rules_demand.firm_date,
    "completed": rules_demand.completed,
    "needed_quantity": rules_demand.needed_quantity,
    "lane_capacity": rules_demand.lane_capacity,
    "review_capacity": rules_approval.review_capacity,
    "reviewed_before_approval": rules_approval.reviewed_before_approval,
    "after_approval": rules_approval.after_approval,
    "released_once": rules_package.released_once,
    "package_value": rules_package.package_value,
    "releases_per_period": rules_package.releases_per_period,
    "fully_funded": rules_package.fully_funded,
    "within_pledge": rules_package.within_pledge,
    "pledge_earmark": rules_package.pledge_earmark,
    "pledge_dates": rules_package.pledge_dates,
    "minimum_contribution": rules_package.minimum_contribution,
    "donors_per_package": rules_package.donors_per_package,
    "content_within_need": rules_package.content_within_need,
    "dispatch_after_release": rules_package.dispatch_after_release,
    "promise_kept": rules_package.promise_kept,
    "offer_quantity": rules_demand.offer_quantity,
    "replacement_on_time": rules_demand.replacement_on_time,
}
"""Every rule, in the order of `problem.md`; `well_formed`, which it takes for granted, comes first."""


def check_plan(problem: Problem, plan: Plan, tolerance: float = 1e-6) -> Verdict:
    """Judges a plan by every rule and recomputes what it is worth.

    `tolerance` is for money, tonnes and review work: absolute, and relative to limits above 1. Units are whole and get
    none. A record that cannot be read breaks `well_formed` and counts for nothing else, the terms included.
    """
    facts = facts_of(problem)
    ledger = ledger_of(facts, plan, tolerance)
    violations = [violation for rule in RULES.values() for violation in rule(facts, ledger, tolerance)]
    return Verdict(tuple(violations), terms_of(facts, ledger))
