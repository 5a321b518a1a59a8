"""Why no plan exists, in rules of the business and with amounts.

Only promises can make an instance impossible: content already paid for beyond its need, firm orders, and the
replacements of accepted offers (everything else may stay undone). The first is arithmetic. For the others the literal
model of the promises alone is solved again, independently of the formulation that found no plan. If it has none
either, two elastic models say what clashes:

- promises: which of them could not be kept, by how few units (least million USD of promises broken);
- limits: what more of a component, of review, or of the stock below its floor would let all promises hold.

Which rules may bend is a policy, `MAY_BEND`. `line_capacity` may not: output that does not exist cannot be promised.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse

from models.build import Built, compile_model
from models.capacity import review_capacity
from models.catalog import FORMULATIONS
from models.problem import Problem
from optimizer.solving.highs import Answer, Limits, run
from optimizer.solving.outcome import Clash
from optimizer.solving.program import Program, program_of

PROMISES = ("firm_date", "replacement_on_time")
MAY_BEND = ("component_supply", "readiness_floor", "review_capacity")
"""Limits that may be raised in an explanation, and only there."""


class NotConfirmedError(RuntimeError):
    """A formulation called the instance infeasible, but the promises alone can be kept: the program is wrong."""


def clashes(problem: Problem, seconds: float = 60.0) -> tuple[Clash, ...]:
    """What clashes in an instance that has no plan.

    Raises:
        NotConfirmedError: the promises alone have a plan.
    """
    paid = _paid_beyond_need(problem)
    if paid:
        return paid
    alone = promises_only(problem)
    built = compile_model(alone, FORMULATIONS["textbook"])
    program = program_of(built.matrix)
    nothing = replace(program, cost=np.zeros_like(program.cost))
    limits = Limits(seconds, 1e-6, 1, 0)
    if run(nothing, limits).end != "infeasible":
        raise NotConfirmedError("a formulation found no plan, but the firm promises alone can be kept")
    found = _broken_promises(built, nothing, limits)
    return (*found, *_missing_limits(alone, limits))


def _paid_beyond_need(problem: Problem) -> tuple[Clash, ...]:
    """Needs for which funded packages together hold more than the need: `content_within_need` cannot hold."""
    if problem.package_policy is None:
        return ()
    funded = {row.package for row in problem.packages if row.status == "funded"}
    held: dict[str, int] = defaultdict(int)
    for row in problem.package_contents:
        if row.package in funded:
            held[row.need] += row.quantity
    unit = {item.item: item.unit for item in problem.items}
    return tuple(
        Clash(
            "promise", "content_within_need", (need.need,), float(held[need.need] - need.quantity), unit[need.item],
            f"need {need.need}: funded packages hold {held[need.need]} units of {need.item}, "
            f"{held[need.need] - need.quantity} more than the {need.quantity} needed",
        )
        for need in problem.needs
        if held[need.need] > need.quantity
    )  # fmt: skip


def promises_only(problem: Problem) -> Problem:
    """The instance with firm orders and accepted offers only: nothing else can make it impossible."""
    orders = tuple(order for order in problem.orders if order.firm_by is not None)
    cases = {order.case for order in orders}
    return replace(
        problem,
        orders=orders,
        approvals=tuple(row for row in problem.approvals if row.case in cases),
        needs=(),
        substitutes=(),
        packages=(),
        package_contents=(),
        pledges=(),
        package_policy=None,
        offers=tuple(offer for offer in problem.offers if offer.status == "accepted"),
        commitments=(),
    )


def _elastic(program: Program, groups: list[tuple[list[tuple[int, float]], float, float]]) -> Program:
    """Adds a slack column per group: its entries by (row, coefficient), its cost and its upper bound."""
    m = program.A.shape[0]
    rows = [row for entries, _, _ in groups for row, _ in entries]
    columns = [k for k, (entries, _, _) in enumerate(groups) for _ in entries]
    values = [value for entries, _, _ in groups for _, value in entries]
    extra = sparse.csr_array((values, (rows, columns)), shape=(m, len(groups)))
    return replace(
        program,
        A=sparse.csr_array(sparse.hstack([program.A, extra])),
        cost=np.concatenate([program.cost, [cost for _, cost, _ in groups]]),
        lower=np.concatenate([program.lower, np.zeros(len(groups))]),
        upper=np.concatenate([program.upper, [upper for _, _, upper in groups]]),
        whole=np.concatenate([program.whole, np.zeros(len(groups), dtype=bool)]),
    )


def _rows(built: Built, rule: str) -> list[tuple[int, tuple[Any, ...]]]:
    matrix = built.matrix
    return [(int(r), matrix.row_keys[r]) for r in np.flatnonzero(matrix.rules == rule)]


def _broken_promises(built: Built, program: Program, limits: Limits) -> list[Clash]:
    facts = built.draft.facts
    groups, names = [], []
    for row, key in _rows(built, "firm_date"):
        order = facts.orders[key[0]]
        groups.append(([(row, -1.0)], facts.items[order.item].unit_price_usd_m, float(order.quantity)))
        names.append(("firm_date", key[0]))
    for row, key in _rows(built, "replacement_on_time"):
        offer = facts.offers[key[0]]
        price = facts.items[offer.replacement_item].unit_price_usd_m
        groups.append(([(row, 1.0)], price, float(offer.replacement_quantity)))
        names.append(("replacement_on_time", key[0]))
    answer = run(_elastic(program, groups), limits)
    return [
        _promise(built, rule, name, amount)
        for (rule, name), amount in zip(names, _slack(answer, len(groups)), strict=False)
        if amount > 1e-6
    ]


def _slack(answer: Answer, count: int) -> list[float]:
    return [] if answer.x is None else [float(v) for v in answer.x[len(answer.x) - count :]]


def _promise(built: Built, rule: str, name: str, amount: float) -> Clash:
    facts = built.draft.facts
    short = f"{amount:.0f}" if abs(amount - round(amount)) < 1e-6 else f"{amount:.2f}"
    if rule == "firm_date":
        order = facts.orders[name]
        unit = facts.items[order.item].unit
        text = (
            f"order {name}: {short} of {order.quantity} units of {order.item} cannot be there by {order.firm_by} "
            f"(its firm date)"
        )
    else:
        offer = facts.offers[name]
        unit = facts.items[offer.replacement_item].unit
        text = (
            f"offer {name}: {short} of {offer.replacement_quantity} units of {offer.replacement_item} cannot be "
            f"replaced within {offer.replacement_within_weeks} weeks of {offer.available_on}, as was promised"
        )
    return Clash("promise", rule, (name,), amount, unit, text)


def _missing_limits(alone: Problem, limits: Limits) -> list[Clash]:
    """The least that would have to be more of what may bend for all promises to hold; empty if that does not help."""
    built = compile_model(_reviewed_at_once(alone), FORMULATIONS["textbook"])
    program = program_of(built.matrix)
    row_upper = program.row_upper.copy()
    for row, (t,) in _rows(built, "review_capacity"):
        row_upper[row] = review_capacity(alone, built.draft.facts.calendar)[t]
    program = replace(program, cost=np.zeros_like(program.cost), row_upper=row_upper)
    facts = built.draft.facts
    by_group: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    for row, (component, _t) in _rows(built, "component_supply"):
        by_group["component_supply", component].append((row, -1.0))
    for row, (item, _t) in _rows(built, "readiness_floor"):
        by_group["readiness_floor", item].append((row, 1.0))
    for row, (t,) in _rows(built, "review_capacity"):
        by_group["review_capacity", str(facts.calendar.day(t))].append((row, -1.0))
    if not by_group:
        return []
    lower = program.lower.copy()
    lower[built.matrix.kinds == "stock"] = 0.0
    groups = []
    for (rule, name), entries in by_group.items():
        cost = facts.items[name].unit_price_usd_m if rule == "readiness_floor" else 1.0
        most = float(facts.hard_floors[name]) if rule == "readiness_floor" else np.inf
        groups.append((entries, cost, most))
    answer = run(_elastic(replace(program, lower=lower), groups), limits)
    amounts = dict(zip(by_group, _slack(answer, len(groups)), strict=False))
    found = []
    for (rule, name), amount in amounts.items():
        if amount > 1e-6:
            found.append(_limit(built, rule, name, amount))
    return found


def _reviewed_at_once(problem: Problem) -> Problem:
    """The instance with reviewers for every case at once: a model of it has the dispatches that more review allows."""
    if problem.approval is None:
        return problem
    effort = sum(row.review_weeks for row in problem.approvals)
    enough = max(problem.approval.review_weeks_per_week, effort)
    return replace(problem, approval=replace(problem.approval, review_weeks_per_week=enough))


def _limit(built: Built, rule: str, name: str, amount: float) -> Clash:
    if rule == "component_supply":
        return Clash("limit", rule, (name,), amount, "units", f"component {name}: {amount:.4g} more units would do")
    if rule == "readiness_floor":
        unit = built.draft.facts.items[name].unit
        text = f"stock of {name}: going {amount:.4g} units below its floor would do"
        return Clash("limit", rule, (name,), amount, unit, text)
    text = f"review: {amount:.4g} more weeks of review work in the period from {name} would do"
    return Clash("limit", rule, (name,), amount, "review weeks", text)
