"""Rules of lines, components and the pool (`problem.md`, "Slots, components, stock")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from models.checker.facts import Facts
from models.checker.ledger import Ledger
from models.checker.wording import during, number, on, runs, units
from models.plan import Violation


def line_capacity(facts: Facts, ledger: Ledger, _: float) -> Iterator[Violation]:
    """Units made on a line in a period take no more slots than it has: index (line, period), amount in slots."""
    used: Counter[tuple[str, int]] = Counter()
    for row in ledger.made:
        used[row.line, row.period] += facts.slots_per_unit[row.line, row.item] * row.quantity
    for (line, period), slots in sorted(used.items()):
        available = facts.slots[line][period]
        if slots > available:
            yield Violation(
                "line_capacity",
                (line, str(period)),
                float(slots - available),
                f"line {line} has {number(available)} slots in the period from {on(facts.timeline, period)}, "
                f"and the plan uses {number(slots)}",
            )


def component_supply(facts: Facts, ledger: Ledger, _: float) -> Iterator[Violation]:
    """Components used up to a period do not exceed those on hand or arrived by its end.

    One violation for each run of periods: index (component, first period of the run), amount the most that is missing.
    """
    used: dict[str, Counter[int]] = {component: Counter() for component in facts.component_supply}
    for row in ledger.made:
        for component, per_unit in facts.components_of.get(row.item, {}).items():
            used[component][row.period] += per_unit * row.quantity
    for component, by_period in used.items():
        total, missing = 0, []
        for period, supply in enumerate(facts.component_supply[component]):
            total += by_period[period]
            missing.append(total - supply)
        for first, last, most in runs(missing):
            yield Violation(
                "component_supply",
                (component, str(first)),
                float(most),
                f"{units(most)} of component {component} are missing {during(facts.timeline, first, last)}",
            )


def stock_balance(facts: Facts, ledger: Ledger, _: float) -> Iterator[Violation]:
    """Nothing leaves the pool that is not there: the stock that follows from the plan is never negative.

    One violation for each run of periods: index (item, first period of the run), amount the most that is missing.
    """
    for item, levels in ledger.stock.items():
        for first, last, most in runs(-level for level in levels):
            yield Violation(
                "stock_balance",
                (item, str(first)),
                float(most),
                f"the pool lacks {units(most)} of {item} {during(facts.timeline, first, last)}: "
                f"more leave than are on hand, received and made",
            )


def readiness_floor(facts: Facts, ledger: Ledger, _: float) -> Iterator[Violation]:
    """Stock keeps its floor, or where it begins below the floor, the level it begins at.

    One violation for each run of periods: index (item, first period of the run), amount the most that is missing. A
    level that must be kept at 0 is `stock_balance` alone.
    """
    for item, floor in facts.readiness_floor.items():
        kept = min(floor, facts.on_hand[item])
        if kept <= 0:
            continue
        for first, last, most in runs(kept - level for level in ledger.stock[item]):
            yield Violation(
                "readiness_floor",
                (item, str(first)),
                float(most),
                f"the stock of {item} falls {units(most)} below the {number(kept)} to be kept "
                f"{during(facts.timeline, first, last)}",
            )
