"""Warnings about supply: what no line, component or stock can ever give."""

from __future__ import annotations

from collections.abc import Iterator

from models.capacity import component_cumulative, makers, slots
from optimizer.findings import Finding
from optimizer.reading.scene import Scene


def items(scene: Scene) -> Iterator[Finding]:
    """An item that needs more slots than any period of its lines has."""
    most = {line: max(found) for line, found in slots(scene.problem, scene.calendar).items()}
    rows = {row.item: k for k, row in reversed(list(enumerate(scene.problem.line_items)))}
    for item, lines in makers(scene.problem).items():
        if lines and all(per_unit > most[line] for line, per_unit in lines):
            room = ", ".join(f"{line} {most[line]}" for line, _ in lines)
            message = f"No period has the slots that one {item} takes (most in a period: {room})."
            yield scene.warn("item_never_made", ("line_items", rows[item], "slots_per_unit"), message)


def components(scene: Scene) -> Iterator[Finding]:
    """An item that takes more of a component than there will ever be."""
    ever = {component: found[-1] for component, found in component_cumulative(scene.problem, scene.calendar).items()}
    for k, row in enumerate(scene.problem.item_components):
        if row.units_per_unit > ever[row.component]:
            message = f"One {row.item} takes {row.units_per_unit} {row.component}; there will be {ever[row.component]}."
            yield scene.warn("component_never_enough", ("item_components", k, "units_per_unit"), message)


def demands_without_source(scene: Scene) -> Iterator[Finding]:
    """Orders, needs and replacements of which not one unit can ever leave."""
    problem = scene.problem
    for k, order in enumerate(problem.orders):
        if order.quantity and order.item not in scene.obtainable:
            yield _no_source(scene, "orders", k, "item", order.item)
    for k, offer in enumerate(problem.offers):
        if offer.replacement_quantity and offer.replacement_item not in scene.obtainable:
            yield _no_source(scene, "offers", k, "replacement_item", offer.replacement_item)
    offered = {offer.item for offer in problem.offers if offer.quantity}
    for k, need in enumerate(problem.needs):
        serving = {item for item, _ in scene.substitutes[need.item]}
        if need.quantity and not serving & (scene.obtainable | offered):
            yield _no_source(scene, "needs", k, "item", need.item)


def _no_source(scene: Scene, table: str, index: int, column: str, item: str) -> Finding:
    message = f"{item} is not in stock above its floor, not under way, and made by no line: nothing can be sent."
    return scene.warn("no_source", (table, index, column), message)
