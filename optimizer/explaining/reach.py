"""What a demand can draw on in an instance, and does in a plan: items, lines, parts, lanes, packages, money, offers."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from models.plan import POOL, Plan
from models.problem import Problem
from models.routes import routes_by_origin
from optimizer.explaining.facts import Facts
from optimizer.explaining.moved import Arrivals, Key


@dataclass(frozen=True, slots=True)
class Reach:
    """Names of all that one demand can draw on.

    `items`: its own and, for a need, substitutes; `lines` that make them; `components` they take; `lanes` of the routes
    that may carry them; `packages` that hold the need in the plan, `pledges` that pay for these; `offers` that give one
    of the items; `covered`: (day, units) from which units of released packages may leave.
    """

    items: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()
    components: frozenset[str] = frozenset()
    lanes: frozenset[str] = frozenset()
    packages: frozenset[str] = frozenset()
    pledges: frozenset[str] = frozenset()
    offers: frozenset[str] = frozenset()
    covered: Arrivals = ()

    def joined(self, other: Reach) -> Reach:
        """What can be drawn on in one or the other; `covered` is the other's."""
        return Reach(
            self.items | other.items,
            self.lines | other.lines,
            self.components | other.components,
            self.lanes | other.lanes,
            self.packages | other.packages,
            self.pledges | other.pledges,
            self.offers | other.offers,
            other.covered,
        )

    @property
    def drawn_on(self) -> frozenset[str]:
        """What it competes for: lines, components and items in the pool, told apart."""
        return frozenset(
            [
                *(f"line {name}" for name in self.lines),
                *(f"component {name}" for name in self.components),
                *(f"item {name}" for name in self.items),
            ]
        )


def reaches(problem: Problem, plan: Plan, facts: Facts) -> dict[Key, Reach]:
    """The reach of every order, every need, and every offer's replacement, accepted or not."""
    finder = _Finder(problem, facts)
    found: dict[Key, Reach] = {}
    for order in problem.orders:
        found["order", order.order] = finder.supply(order.item)
    for need in problem.needs:
        found["need", need.need] = finder.need(need.need, need.item)
    for offer in problem.offers:
        found["replacement", offer.offer] = finder.supply(offer.replacement_item)
    return found


class _Finder:
    """The tables of an instance, indexed once."""

    def __init__(self, problem: Problem, facts: Facts) -> None:
        self.makers: dict[str, set[str]] = defaultdict(set)
        for maker in problem.line_items:
            self.makers[maker.item].add(maker.line)
        self.parts: dict[str, set[str]] = defaultdict(set)
        for part in problem.item_components:
            self.parts[part.item].add(part.component)
        self.substitutes: dict[str, set[str]] = defaultdict(set)
        for pair in problem.substitutes:
            self.substitutes[pair.item].add(pair.substitute)
        self.given: dict[str, set[str]] = defaultdict(set)
        for offer in problem.offers:
            self.given[offer.item].add(offer.offer)
        self.lanes = {
            origin: {lane for route in routes for lane in route.lanes}
            for origin, routes in routes_by_origin(problem).items()
        }
        self._packages(problem, facts)

    def _packages(self, problem: Problem, facts: Facts) -> None:
        weeks = 0 if problem.package_policy is None else problem.package_policy.contract_weeks
        self.held: dict[str, set[str]] = defaultdict(set)
        self.paying: dict[str, set[str]] = {}
        covered: dict[str, dict[dt.date, int]] = defaultdict(lambda: defaultdict(int))
        for package in facts.packages:
            self.paying[package.package] = {payment.pledge for payment in package.payments}
            for need, units, _ in package.contents:
                self.held[need].add(package.package)
                if package.release_date is not None:
                    covered[need][package.release_date + dt.timedelta(weeks=weeks)] += units
        self.covered = {need: tuple(sorted(days.items())) for need, days in covered.items()}

    def supply(self, *items: str) -> Reach:
        """Lines and parts of the items."""
        lines = frozenset(line for item in items for line in self.makers[item])
        return Reach(frozenset(items), lines, frozenset(part for item in items for part in self.parts[item]))

    def need(self, need: str, item: str) -> Reach:
        """The same with substitutes, routes, packages, money and offers."""
        items = (item, *sorted(self.substitutes[item]))
        base = self.supply(*items)
        offers = frozenset(offer for one in items for offer in self.given[one])
        lanes = frozenset(lane for origin in (POOL, *offers) for lane in self.lanes.get(origin, ()))
        packages = frozenset(self.held[need])
        pledges = frozenset(pledge for name in packages for pledge in self.paying[name])
        return Reach(
            base.items, base.lines, base.components, lanes, packages, pledges, offers, self.covered.get(need, ())
        )
