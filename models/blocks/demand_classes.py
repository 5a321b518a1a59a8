"""Demands that nothing tells apart, merged to one demand of the model, and a plan of it pegged back to them.

Orders are of one class if they take the same item `each`, have no commitments, may leave from the same period on, save
the same per unit in every period, and have the same promise; under review, if they belong to one case. Needs, if they
ask for the same item at the same weight, save the same in every period, expire after the same one, have no commitments
and stand in no package of the table.

Nothing is lost, as a plan adds up: quantities, dispatches and contents of the members together keep every rule of the
merged demand and cost the same. Nothing is gained, as a plan of the merged demand can be pegged: what arrives goes to
the members in turn, each until it is full, the k-th unit that leaves the pool with the k-th unit of released content.
Then every member's units left when content released for it was there (dispatches up to t ≤ content up to t holds unit
by unit), all its content is sent if all was (`promise_kept`), and it holds no more than it needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, replace

from models.facts import Facts
from models.plan import POOL, Content, Dispatch, Plan
from models.problem import Need, Order, Problem

Shares = list[tuple[str, int]]
"""Member and units, in the order in which they are served."""


@dataclass(frozen=True)
class Merged:
    """Facts of the merged problem; `members` by merged demand, first the one whose name it bears; one alone is
    absent."""

    facts: Facts
    members: dict[str, tuple[str, ...]]
    quantity: dict[str, int]

    def to_model(self, plan: Plan) -> Plan:
        """The plan with merged demands in place of their members."""
        owner = {member: name for name, members in self.members.items() for member in members}
        if not owner:
            return plan
        dispatches = (replace(row, demand=owner.get(row.demand, row.demand)) for row in plan.dispatches)
        held: dict[tuple[str, str], int] = defaultdict(int)
        for row in plan.contents:
            held[row.package, owner.get(row.need, row.need)] += row.quantity
        contents = tuple(Content(*key, quantity) for key, quantity in held.items())
        return replace(plan, dispatches=_summed(dispatches), contents=contents)

    def to_answer(self, plan: Plan) -> Plan:
        """The plan with members in place of merged demands."""
        if not self.members:
            return plan
        rows: dict[str, list[Dispatch]] = defaultdict(list)
        for row in plan.dispatches:
            rows[row.demand if row.demand in self.members and row.kind != "replacement" else ""].append(row)
        held = [row for row in plan.contents if row.need not in self.members]
        dispatches = rows.pop("", [])
        for name, own in rows.items():
            pegged = list(self._pegged(name, own))
            dispatches += pegged
            held += self._content(plan, name, pegged)
        return replace(plan, dispatches=_summed(dispatches), contents=tuple(sorted(held)))

    def _pegged(self, name: str, rows: list[Dispatch]) -> Iterator[Dispatch]:
        """Rows of a merged demand to its members in turn, in the order in which they leave."""
        left: Shares = [(member, self.quantity[member]) for member in self.members[name]]
        for row in sorted(rows, key=lambda row: (row.period, row.arrival, row.origin, row.item, row.route)):
            ratio = self._ratio(row)
            left, taken = _take(left, row.quantity // ratio)
            for member, units in taken:
                yield replace(row, demand=member, quantity=units * ratio)

    def _ratio(self, row: Dispatch) -> int:
        if row.kind != "need":
            return 1
        return dict(self.facts.variants(self.facts.needs[row.demand]))[row.item]

    def _content(self, plan: Plan, name: str, pegged: list[Dispatch]) -> Iterator[Content]:
        """Content of a merged need by package, to the members whose units leave the pool in turn."""
        when = {row.package: row.period for row in plan.releases}
        own = [row for row in plan.contents if row.need == name]
        sent = sorted((row for row in pegged if row.origin == POOL), key=lambda row: row.period)
        left: Shares = [(row.demand, row.quantity // self._ratio(replace(row, demand=name))) for row in sent]
        for row in sorted(own, key=lambda row: (when[row.package], row.package)):
            left, taken = _take(left, row.quantity)
            units: dict[str, int] = defaultdict(int)
            for member, count in taken:
                units[member] += count
            yield from (Content(row.package, member, count) for member, count in units.items())


def _take(left: Shares, units: int) -> tuple[Shares, Shares]:
    """The first units of the shares, and what is left of these."""
    taken: Shares = []
    for k, (member, count) in enumerate(left):
        if units <= count:
            return ([(member, count - units)] if units < count else []) + left[k + 1 :], [*taken, (member, units)]
        taken.append((member, count))
        units -= count
    return [], taken


def _summed(rows: Iterable[Dispatch]) -> tuple[Dispatch, ...]:
    """Dispatches of one demand, origin, item, time and route as one row, in order."""
    found: dict[Dispatch, int] = defaultdict(int)
    for row in rows:
        found[replace(row, quantity=0)] += row.quantity
    return tuple(sorted(replace(row, quantity=quantity) for row, quantity in found.items() if quantity))


def merge(facts: Facts) -> Merged:
    """The merged problem of these facts; the same one again where the facts are already those of a merged problem."""
    known: Merged | None = facts.memo.get("merged")
    if known is None:
        known = _merge(facts)
        facts.memo["merged"] = known
        known.facts.memo["merged"] = known
    return known


def _merge(facts: Facts) -> Merged:
    problem = facts.problem
    orders = _groups((_order_class(facts, row), row.order) for row in problem.orders)
    needs = _groups((_need_class(facts, row), row.need) for row in problem.needs)
    members = {group[0]: group for group in [*orders, *needs] if len(group) > 1}
    if not members:
        return Merged(facts, {}, {})
    quantity = {row.order: row.quantity for row in problem.orders} | {row.need: row.quantity for row in problem.needs}
    merged: Problem = replace(
        problem,
        orders=tuple(replace(facts.orders[g[0]], quantity=sum(quantity[m] for m in g)) for g in orders),
        needs=tuple(replace(facts.needs[g[0]], quantity=sum(quantity[m] for m in g)) for g in needs),
    )
    return Merged(Facts(merged), members, quantity)


def _groups(pairs: Iterable[tuple[Hashable, str]]) -> list[tuple[str, ...]]:
    """Names alike in class together, in the order of the first."""
    found: dict[Hashable, list[str]] = defaultdict(list)
    for key, name in pairs:
        found[key].append(name)
    return [tuple(names) for names in found.values()]


def _order_class(facts: Facts, order: Order) -> Hashable:
    """What orders of one class have in common; the name for one that stays alone."""
    if order.delivery != "each" or any(demand == order.order for demand, _, _ in facts.committed):
        return order.order
    savings = tuple(round(facts.order_saving(order, t), 9) for t in range(facts.T))
    window = (facts.earliest(order), facts.latest_firm(order), order.firm_by is None)
    case = order.case if order.case in facts.reviewed_cases else None
    return (order.item, case, window, round(facts.never_cost(order), 9), savings)


def _need_class(facts: Facts, need: Need) -> Hashable:
    """What needs of one class have in common; the name for one that stays alone."""
    listed = any(row.need == need.need and row.quantity for row in facts.problem.package_contents)
    if listed or any(demand == need.need for demand, _, _ in facts.committed):
        return need.need
    never, late = facts.calendar.late(need.needed_by, facts.T), facts.calendar.late
    savings = tuple(never - late(need.needed_by, t) for t in range(facts.T))
    open_until = sum(need.expires_on is None or facts.calendar.day(t) <= need.expires_on for t in range(facts.T))
    return (need.item, round(facts.need_weight[need.need], 9), never, savings, open_until)
