"""What one more of each resource means for the rows of a held model."""

from __future__ import annotations

from dataclasses import dataclass

from models.matrix import Key
from optimizer.explaining.values import Resource
from optimizer.valuing.held import Held


@dataclass(frozen=True, slots=True)
class Step:
    """By how much the lower and the upper side of a row move with one more."""

    row: int
    lower: float
    upper: float


def steps(model: Held) -> dict[Resource, tuple[Step, ...]]:
    """By resource its rows; what has no row binds nothing and is worth nothing. Reviewers are no matter of a side.

    A component unit from period t on is one in the balance of t. A floor is one lower in every period: the hard one
    only where it is the readiness floor itself, not the smaller stock that there was.
    """
    facts = model.facts
    drops = {i for i, floor in facts.readiness_floors.items() if 0 < floor <= facts.on_hand[i]}
    found: dict[Resource, list[Step]] = {}

    def add(resource: Resource, row: int, lower: float, upper: float) -> None:
        found.setdefault(resource, []).append(Step(row, lower, upper))

    rule: str
    key: Key
    for (rule, key), row in model.rows.items():
        if rule == "line_capacity":
            add(Resource("slot", key[0], key[1]), row, 0.0, 1.0)
        elif rule == "lane_capacity":
            add(Resource("lane", key[0], key[1]), row, 0.0, 1.0)
        elif rule == "within_pledge":
            add(Resource("pledge", key[0], None), row, 0.0, 1.0)
        elif rule == "component_supply":
            add(Resource("component", key[0], key[1]), row, 1.0, 1.0)
        elif (rule == "readiness_floor" and key[0] in drops) or (
            rule == "shortfall_of_floor" and facts.readiness_floors[key[0]] > 0
        ):
            add(Resource("floor", key[0], None), row, -1.0, 0.0)
    return {resource: tuple(rows) for resource, rows in found.items()}
