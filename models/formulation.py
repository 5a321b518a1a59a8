"""A formulation is a value: one field per modelling choice. Swapping a choice is replacing a field.

>>> from dataclasses import replace
>>> from models.catalog import FORMULATIONS
>>> mine = replace(FORMULATIONS["slots"], name="mine", approval="natural")
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from models.blocks import (
    approval,
    approval_intervals,
    demand,
    funding,
    funding_counted,
    funding_grouped,
    funding_separated,
    lanes,
    lanes_binding,
    needs,
    offers,
    offers_disaggregated,
    orders,
    orders_dominance,
    orders_prework,
    packages,
    packages_columns,
    packages_indexed,
    packages_ordered,
    packages_unindexed,
    stability,
    supply,
    supply_totals,
    units,
)
from models.draft import Block

CHOICES: dict[str, dict[str, Block]] = {
    "units": {b.name: b for b in (units.integer, units.continuous)},
    "demand": {b.name: b for b in (demand.per_unit_period, demand.cumulative, demand.classes)},
    "approval": {
        b.name: b
        for b in (approval.natural, approval.monotone, approval_intervals.intervals, approval_intervals.covers)
    },
    "orders": {
        b.name: b for b in (orders.literal, orders.late_only, orders_prework.prework, orders_dominance.prework_in_turn)
    },
    "needs": {b.name: b for b in (needs.literal, needs.useful)},
    "offers": {b.name: b for b in (offers.literal, offers.late, offers_disaggregated.disaggregated)},
    "packages": {
        b.name: b
        for b in (
            packages_indexed.indexed,
            packages_ordered.ordered,
            packages.slots,
            packages_unindexed.slots_linked,
            packages_columns.columns,
            packages_unindexed.unindexed,
        )
    },
    "funding": {
        b.name: b
        for b in (
            packages_indexed.by_category,
            funding.joint,
            funding.pooled,
            funding_counted.counted,
            funding_grouped.grouped,
            funding_separated.separated,
        )
    },
    "lanes": {b.name: b for b in (lanes.natural, lanes.rounded, lanes_binding.binding)},
    "supply": {b.name: b for b in (supply.cumulative, supply.balance, supply_totals.totals)},
    "stability": {b.name: b for b in (stability.natural,)},
}
"""For every field of a `Formulation`, the ways to model it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Formulation:
    """Names of choices, one per part of the problem; `name`, `summary` and `source` are for people.

    `units` and `demand` say how the other blocks' variables are taken, so their blocks come first.

    `method`: "direct" gives the whole model to the solver; "guided" lets a relaxation lead; "separating" solves the
    relaxation that the choices make, and refines it; "pricing" generates package patterns; "sequencing" orders complete
    orders of one line; "components" solves what shares nothing apart; "started" and "improving" begin with
    relax-and-fix, the second improves it by fix-and-optimize (docs/methods.md).
    """

    name: str
    summary: str
    source: str
    units: str = "continuous"
    demand: str = "per_unit_period"
    supply: str
    orders: str
    needs: str
    packages: str
    funding: str
    offers: str
    approval: str
    lanes: str = "natural"
    stability: str = "natural"
    method: str = "direct"

    def blocks(self) -> list[Block]:
        """The chosen blocks, in an order in which each finds what it needs.

        Raises:
            ValueError: a choice has no such name, or a block needs what no chosen block adds (both are named).
        """
        chosen = [self._choice(f.name) for f in fields(self) if f.name in CHOICES]
        added = {name for block in chosen for name in block.adds}
        for block in chosen:
            for name in block.needs:
                if name not in added:
                    raise ValueError(f"block {block.name!r} needs {name!r}, which no block of {self.name!r} adds")
        return _in_order(chosen)

    @property
    def exact(self) -> Formulation:
        """The formulation with every relaxing choice replaced by the exact one that it relaxes."""
        parts = [f.name for f in fields(self) if f.name in CHOICES]
        return replace(self, **{part: self._choice(part).relaxes or getattr(self, part) for part in parts})

    def _choice(self, part: str) -> Block:
        name = getattr(self, part)
        try:
            return CHOICES[part][name]
        except KeyError:
            known = ", ".join(CHOICES[part])
            raise ValueError(f"{part} has no choice {name!r} (there are: {known})") from None


def _in_order(blocks: list[Block]) -> list[Block]:
    """A block comes after all that add what it needs; ties keep the order given."""
    left, done = list(blocks), list[Block]()
    while left:
        for block in left:
            others = [b for b in left if b is not block]
            if not any(name in other.adds for other in others for name in block.needs):
                done.append(block)
                left.remove(block)
                break
        else:
            raise ValueError("blocks need each other in a circle: " + ", ".join(b.name for b in left))
    return done
