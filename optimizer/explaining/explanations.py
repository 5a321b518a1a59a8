"""Every explanation of a plan, by subject and name: demands, pledges, offers, sales cases, packages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from models.calendar import calendar_of
from models.plan import Plan
from models.problem import Need, Order, Problem
from optimizer.explaining.accounts import Accounts, due_dates
from optimizer.explaining.holders import Competitors
from optimizer.explaining.money import PledgeFacts, packages_of
from optimizer.explaining.pegging import pegging_of
from optimizer.explaining.reasons import Explanation, Reason, Subject
from optimizer.explaining.room import Room
from optimizer.explaining.serving import Serving
from optimizer.explaining.supply import supply_of
from optimizer.explaining.till import Till
from optimizer.explaining.why import Why
from optimizer.explaining.why_money import Money
from optimizer.explaining.why_others import Others


def explanations_of(
    serving: Serving, pledges: Sequence[PledgeFacts], accounts: Accounts, only: str | None = None
) -> dict[tuple[Subject, str], Explanation]:
    """Explain a plan whole; `only`: the order or need of this name and nothing else."""
    problem = serving.room.problem
    demands = (*accounts.orders, *accounts.needs, *accounts.replacements)
    competitors = Competitors(
        {(one.kind, one.demand): one.weight for one in demands},
        {(one.kind, one.demand): one.recipient for one in demands},
        frozenset(order.order for order in problem.orders if order.firm_by is not None),
    )
    why = Why(serving, competitors)

    demanded: tuple[Order | Need, ...] = (
        *(order for order in problem.orders if only in (None, order.order)),
        *(need for need in problem.needs if only in (None, need.need)),
    )
    found = [one for asked in demanded if (one := why.demand(asked)) is not None]
    said = {(one.subject, one.name): one for one in found}
    till = Till(serving, pledges)
    needs = {one.name: one for one in found if one.subject == "need"}
    money = Money(serving, till, needs)
    for need in problem.needs:
        if ("need", need.need) in said:
            said["need", need.need] = _with_money(said["need", need.need], need, money)
    if only is not None:
        return said
    others = Others(serving, {one.name: one for one in found if one.subject == "order"}, needs)
    more: list[Explanation | None] = [
        *map(money.pledge, pledges),
        *map(money.package, serving.packages),
        *map(others.offer, problem.offers),
        *map(others.case, problem.approvals),
    ]
    said.update({(one.subject, one.name): one for one in more if one is not None})
    return said


def _with_money(said: Explanation, need: Need, money: Money) -> Explanation:
    """The explanation of a need with what stands against paying for it, right behind that it is not paid."""
    reasons: list[Reason] = []
    for reason in said.reasons:
        reasons.append(reason)
        if reason.code == "package_not_funded":
            reasons += money.of_need(need, reason)
    return replace(said, reasons=tuple(reasons))


def serving_of(problem: Problem, plan: Plan) -> Serving:
    """Everything that serving a demand of the plan anew needs."""
    calendar = calendar_of(problem)
    packages = packages_of(problem, plan, calendar)
    pegging = pegging_of(problem, plan, calendar, due_dates(problem), packages)
    return Serving(Room(problem, plan, calendar, supply_of(problem, plan, calendar), pegging), packages)
