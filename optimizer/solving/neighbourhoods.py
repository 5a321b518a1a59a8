"""Large-neighbourhood search on the exact model: parts of the best plan are freed in turn and solved again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import networkx as nx
import numpy as np

from models.facts import Facts
from optimizer.solving.highs import run
from optimizer.solving.program import Mask
from optimizer.solving.search import Search

PACKAGES = 3
"""Packages, next to each other in time, freed together."""


class Neighbourhoods:
    """Neighbourhoods of the best plan, tried in turn: those that helped come again, all failing ends the round."""

    def __init__(self, search: Search, over: Callable[[], bool]) -> None:
        """`over` is polled as the search's own."""
        self.search, self.over = search, over
        self.facts: Facts = search.task.exact.draft.facts
        self.matrix = search.task.exact.matrix
        self.groups = _item_groups(self.facts)
        self.item_of = self._items()
        self.failed = 0
        self.turn = 0
        self.effort = 1.0

    def step(self) -> bool:
        """Frees and solves one neighbourhood. False if there is no plan to start from, or none helps any more."""
        if self.search.best is None:
            return False
        masks = self._masks()
        if not masks or self.failed >= 2 * len(masks):
            return False
        name, free = masks[self.turn % len(masks)]
        self.turn += 1
        self.search.enter(f"improving {name}")
        program, best = self.search.task.program, self.search.best
        part = program.fixed(program.whole & ~free, best)
        limits = self.search.limits(8.0 * self.effort, self.search.gap / 4)
        answer = run(part, limits, start=best, stop=self.over)
        improved = self.search.offer(answer.x)
        self.failed = 0 if improved else self.failed + 1
        if self.failed == len(masks):
            self.effort = 3.0
        return True

    def _masks(self) -> list[tuple[str, Mask]]:
        kinds = self.matrix.kinds
        found: list[tuple[str, Mask]] = []
        deliveries = np.isin(kinds, ("sent", "made"))
        for window in self._package_windows():
            mask = np.zeros(len(kinds), dtype=bool)
            for j, (kind, key) in enumerate(zip(kinds, self.matrix.column_keys, strict=True)):
                if kind == "content":
                    mask[j] = key[1:] in window
                elif kind == "takes_part":
                    mask[j] = key[1] == "new" and key[2:] in window
            found.append(("packages", mask | (kinds == "sent")))
        for group in self.groups:
            mine = np.array([item in group for item in self.item_of])
            if (mine & self.search.task.program.whole).any():
                some = np.isin(kinds, ("is_completed", "is_approved", "is_accepted", "sent", "made"))
                found.append((sorted(group)[0], mine & some))
        found.append(("approvals", np.isin(kinds, ("is_approved", "is_completed"))))
        found.append(("deliveries", deliveries))
        return found

    def _package_windows(self) -> list[set[tuple[int, int]]]:
        best = self.search.best
        assert best is not None
        used = sorted(
            key for (kind, key), j in self.matrix.column_of.items() if kind == "is_released" and best[j] > 0.5
        )
        if len(used) <= PACKAGES:
            return [set(used)] if used else []
        step = PACKAGES - 1
        return [set(used[k : k + PACKAGES]) for k in range(0, len(used) - 1, step)]

    def _items(self) -> list[str | None]:
        """The item each column is about; None where it is about none."""
        moves = self.search.task.exact.draft.notes.get("moves", [])
        found: list[str | None] = []
        for kind, key in zip(self.matrix.kinds, self.matrix.column_keys, strict=True):
            if kind in ("made", "stock", "shortfall"):
                found.append(key[1] if kind == "made" else key[0])
            elif kind in ("dispatched", "is_completed", "given"):
                found.append(self.facts.orders[key[0]].item)
            elif kind == "sent":
                found.append(moves[key[0]].item)
            elif kind == "is_accepted":
                found.append(self.facts.offers[key[0]].item)
            else:
                found.append(None)
        return found


def _item_groups(facts: Facts) -> list[set[str]]:
    """Items that share a line, a component, a need or an offer, in groups."""
    graph = nx.Graph()
    graph.add_nodes_from(facts.items)
    for row in facts.problem.line_items:
        graph.add_edge(row.item, ("line", row.line))
    for part in facts.problem.item_components:
        graph.add_edge(part.item, ("component", part.component))
    for swap in facts.problem.substitutes:
        graph.add_edge(swap.item, swap.substitute)
    for offer in facts.problem.offers:
        graph.add_edge(offer.item, offer.replacement_item)
    groups: dict[int, set[str]] = defaultdict(set)
    for k, part_nodes in enumerate(nx.connected_components(graph)):
        groups[k] = {node for node in part_nodes if isinstance(node, str)}
    return [group for group in groups.values() if group]
