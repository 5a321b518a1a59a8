"""What the rules need to know of a `Problem`, derived once and looked up by name.

Everything here is read from `problem.md` a second time, on purpose: a slip in the model's derivations then shows as a
disagreement instead of hiding in both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from models.checker.routes import Route, routes_by_origin
from models.checker.supply import slots_by_line, supply_by_component
from models.checker.timeline import Timeline, timeline_of
from models.checker.weights import factors_by_urgency, weights_by_recipient
from models.problem import Approval, Item, Lane, Need, Offer, Order, Package, Pledge, Problem


@dataclass(frozen=True, slots=True)
class Facts:
    """An instance, indexed. Quantities in units, money in million USD, times in periods."""

    problem: Problem
    timeline: Timeline
    items: Mapping[str, Item]
    orders: Mapping[str, Order]
    needs: Mapping[str, Need]
    offers: Mapping[str, Offer]
    packages: Mapping[str, Package]
    pledges: Mapping[str, Pledge]
    lanes: Mapping[str, Lane]
    cases: Mapping[str, Approval]
    slots: Mapping[str, tuple[int, ...]]
    """Slots of each line, period by period."""
    slots_per_unit: Mapping[tuple[str, str], int]
    """By (line, item), for items the line can make."""
    component_supply: Mapping[str, tuple[int, ...]]
    """Units of each component available up to the end of each period."""
    components_of: Mapping[str, Mapping[str, int]]
    """Units of each component in one unit of the item."""
    on_hand: Mapping[str, int]
    readiness_floor: Mapping[str, int]
    receipts: Mapping[str, Mapping[int, int]]
    """Units of the item received, by period."""
    units_per_unit: Mapping[tuple[str, str], int]
    """By (need's item, item sent): units of the item sent that serve one unit; 1 for the item itself."""
    routes: Mapping[str, Mapping[Route, int]]
    """By origin, each allowed route and its weeks."""
    effort: Mapping[str, float]
    """Review effort in weeks of each case that must still be approved, after the fast track."""
    weight: Mapping[str, float]
    """Priority weight of each recipient."""
    urgency_factor: Mapping[int, float]
    """ukraine × urgency factor, by urgency."""
    table_content: Mapping[str, Mapping[str, int]]
    """Units of each need in each package of the table."""

    def price(self, item: str) -> float:
        """Million USD a unit."""
        return self.items[item].unit_price_usd_m


def facts_of(problem: Problem) -> Facts:
    """Derives all facts of a judged instance (keys unique, references known)."""
    timeline = timeline_of(problem)
    return Facts(
        problem=problem,
        timeline=timeline,
        items={row.item: row for row in problem.items},
        orders={row.order: row for row in problem.orders},
        needs={row.need: row for row in problem.needs},
        offers={row.offer: row for row in problem.offers},
        packages={row.package: row for row in problem.packages},
        pledges={row.pledge: row for row in problem.pledges},
        lanes={row.lane: row for row in problem.lanes},
        cases={row.case: row for row in problem.approvals},
        slots=slots_by_line(problem, timeline),
        slots_per_unit={(row.line, row.item): row.slots_per_unit for row in problem.line_items},
        component_supply=supply_by_component(problem, timeline),
        components_of=_components_of(problem),
        on_hand={row.item: row.on_hand for row in problem.stocks},
        readiness_floor={row.item: row.readiness_floor for row in problem.stocks},
        receipts=_receipts(problem, timeline),
        units_per_unit=_units_per_unit(problem),
        routes=routes_by_origin(problem),
        effort=_effort(problem),
        weight=weights_by_recipient(problem),
        urgency_factor=factors_by_urgency(problem),
        table_content=_table_content(problem),
    )


def _components_of(problem: Problem) -> dict[str, dict[str, int]]:
    parts: dict[str, dict[str, int]] = defaultdict(dict)
    for row in problem.item_components:
        parts[row.item][row.component] = row.units_per_unit
    return dict(parts)


def _receipts(problem: Problem, timeline: Timeline) -> dict[str, dict[int, int]]:
    received: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for row in problem.receipts:
        if timeline.in_horizon(row.date):
            received[row.item][timeline.period(row.date)] += row.quantity
    return {item: dict(by_period) for item, by_period in received.items()}


def _units_per_unit(problem: Problem) -> dict[tuple[str, str], int]:
    serves = {(row.item, row.substitute): row.units_per_unit for row in problem.substitutes}
    serves.update({(row.item, row.item): 1 for row in problem.items})
    return serves


def _effort(problem: Problem) -> dict[str, float]:
    """Effort of every case under review; none without an `[approval]` section: then all are approved."""
    policy = problem.approval
    if policy is None:
        return {}
    spending = {row.recipient: row.defence_pct_gdp for row in problem.recipients}
    recipient_of = {row.case: row.recipient for row in problem.orders}
    effort = {}
    for row in problem.approvals:
        recipient = recipient_of.get(row.case)
        pct_gdp = None if recipient is None else spending.get(recipient)
        fast = pct_gdp is not None and pct_gdp >= policy.fast_track_pct_gdp
        effort[row.case] = row.review_weeks * policy.fast_track_factor if fast else row.review_weeks
    return effort


def _table_content(problem: Problem) -> dict[str, dict[str, int]]:
    content: dict[str, dict[str, int]] = {row.package: {} for row in problem.packages}
    for row in problem.package_contents:
        held = content.setdefault(row.package, {})
        held[row.need] = held.get(row.need, 0) + row.quantity
    return content
