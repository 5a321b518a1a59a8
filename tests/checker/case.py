"""What a rule's case is: a plan it allows, and one it forbids."""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.plan import Made, Payment, Plan
from models.problem import Problem
from tests.builders import small_plan, small_problem

SMALL = small_problem()
BASE = small_plan()

Broken = tuple[str, tuple[str, ...], float]


@dataclass(frozen=True)
class Case:
    """A problem, a plan the rule allows in it, and one it forbids: by `index` and `amount`, and in these words."""

    rule: str
    allowed: Plan
    forbidden: Plan
    index: tuple[str, ...]
    amount: float
    words: tuple[str, ...]
    problem: Problem = SMALL
    beside: tuple[Broken, ...] = ()
    """What other rules say of the forbidden plan, where one cannot be broken alone."""
    name: str = ""


def payments(**by_pledge: tuple[float, float]) -> tuple[Payment, ...]:
    """Payments of each pledge toward the proposed package (air defence) and the new one (ammunition)."""
    rows = []
    for pledge, (proposed, new) in by_pledge.items():
        name = pledge.replace("_", "-")
        rows += [Payment("P-proposed", name, "air_defence", proposed), Payment("P-new", name, "ammunition", new)]
    return tuple(row for row in rows if row.amount_usd_m)


def made(**changes: int) -> tuple[Made, ...]:
    """What `small_plan` makes, with quantities of `item_period` replaced."""
    rows = []
    for row in small_plan().made:
        quantity = changes.pop(f"{row.item}_{row.period}", row.quantity)
        rows.append(replace(row, quantity=quantity))
    for key, quantity in changes.items():
        item, period = key.rsplit("_", 1)
        rows.append(Made(f"{item}_line", item, int(period), quantity))
    return tuple(rows)
