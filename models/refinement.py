"""How far a relaxation has been taken back towards the exact model: which periods, which pledges, which cuts.

Choices such as `unindexed`, `grouped` and `separated` leave something out that a solution may turn out to need. A
`Refinement` says what has been put back. It only ever grows, and there are finitely many periods, pledges and sets of
pairs, so a method that refines after every solution it cannot realise comes to an end: with every period and every
pledge refined, the model is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from models.blocks.funding_grouped import grouped_with
from models.blocks.funding_separated import Pairs, separated_with
from models.blocks.packages_unindexed import unindexed_with
from models.draft import Block


@dataclass(frozen=True)
class Refinement:
    """Periods with release slots, pledges that pay by themselves, and sets of pairs for which money has to suffice."""

    periods: frozenset[int] = frozenset()
    pledges: frozenset[str] = frozenset()
    cuts: tuple[Pairs, ...] = ()


def refined(blocks: Iterable[Block], refinement: Refinement) -> tuple[Block, ...]:
    """The blocks of a relaxation, refined. Pledges by themselves need payments, so `separated` becomes `grouped`."""
    return tuple(_refined(block, refinement) for block in blocks)


def _refined(block: Block, refinement: Refinement) -> Block:
    ways: dict[str, Callable[[], Block]] = {
        "unindexed": lambda: unindexed_with(refinement.periods),
        "grouped": lambda: grouped_with(refinement.pledges),
        "pooled": lambda: grouped_with(refinement.pledges),
        "counted": lambda: grouped_with(refinement.pledges),
        "separated": lambda: (
            grouped_with(refinement.pledges) if refinement.pledges else separated_with(refinement.cuts)
        ),
    }
    way = ways.get(block.name)
    return block if way is None else way()
