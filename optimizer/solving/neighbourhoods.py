"""Large-neighbourhood search on the exact model: parts of the best plan are freed in turn and solved again.

A neighbourhood frees every column about some items, needs and packages, continuous ones too, and holds the rest at the
best plan; the program that is left is small (`Program.compressed`) and solved in seconds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import networkx as nx
import numpy as np

from models.facts import Facts
from optimizer.solving.highs import run
from optimizer.solving.program import Mask
from optimizer.solving.search import Search

log = logging.getLogger(__name__)
PACKAGES = (2, 3, 4)
"""How many packages, next to each other in time, are freed together, round after round."""
ORDERS = 12
"""How many `complete` orders of a large group are freed together."""
JITTER = 6.0
"""By how many periods the order of completions is shaken, so that rounds differ."""
SECONDS = 6.0
"""Seconds a neighbourhood gets in the first round; three times as long in later ones."""

ALWAYS = ("component_left", "moved", "missed", "broken_firm", "broken_replacement", "broken_content")
"""Columns that are free in every neighbourhood: what all share, and what gives way in a scenario."""
_BY_NEED = {"sent", "waiting", "content"}
_BY_ITEM = {"made": 1, "stock": 0, "shortfall": 0}
_BY_CASE = {"is_approved", "reviewed"}
_BY_ORDER = {"dispatched", "is_completed", "given"}


@dataclass(frozen=True)
class About:
    """What every column is about: item, need, order, case and release slot; None where it is about none."""

    item: list[str | None]
    need: list[str | None]
    order: list[str | None]
    case: list[str | None]
    slot: list[tuple[int, int] | None]

    @staticmethod
    def of(search: Search) -> About:
        """Reads it off the variable names and indices of the exact model."""
        exact = search.task.exact
        facts: Facts = exact.draft.facts
        moves = exact.draft.notes.get("moves", [])
        about = About([], [], [], [], [])
        for kind, key in zip(exact.matrix.kinds, exact.matrix.column_keys, strict=True):
            item = need = order = slot = None
            if kind in _BY_ITEM:
                item = key[_BY_ITEM[kind]]
            elif kind in _BY_ORDER:
                order, item = key[0], facts.orders[key[0]].item
            elif kind == "sent":
                need, item = moves[key[0]].need, moves[key[0]].item
            elif kind in _BY_NEED:
                need = key[0]
            elif kind in ("is_accepted", "replaced"):
                item = facts.offers[key[0]].replacement_item
            if kind in ("content", "pattern_share"):
                slot = key[1:]
            elif kind in ("takes_part", "pays") and key[1] == "new":
                slot = key[2:]
            about.item.append(item)
            about.need.append(need)
            about.order.append(order)
            about.case.append(key[0] if kind in _BY_CASE else None)
            about.slot.append(slot)
        return about


class Neighbourhoods:
    """Neighbourhoods of the best plan, round after round, until a whole round of the widest kind helps nowhere."""

    def __init__(self, search: Search, over: Callable[[], bool]) -> None:
        """`over` is polled as the search's own."""
        self.search, self.over = search, over
        self.facts: Facts = search.task.exact.draft.facts
        self.matrix = search.task.exact.matrix
        self.about = About.of(search)
        self.random = np.random.default_rng(search.seed)
        self.round = 0
        self.queue: Iterator[tuple[str, Mask]] = iter(())
        self.helped = True

    def step(self) -> bool:
        """Frees and solves one neighbourhood. False if there is no plan to start from, or none helps any more."""
        if self.search.best is None:
            return False
        found = next(self.queue, None)
        if found is None:
            if not self.helped and self.round > len(PACKAGES):
                return False
            self.round += 1
            self.helped = False
            self.queue = self._round()
            found = next(self.queue, None)
            if found is None:
                return False
        self._solve(*found)
        return True

    def _solve(self, name: str, free: Mask) -> None:
        search = self.search
        assert search.best is not None
        search.enter(f"improving {name}")
        part = search.task.program.fixed(~free, search.best)
        small, columns = part.compressed()
        seconds = SECONDS if self.round == 1 else 3 * SECONDS
        before = search.objective
        answer = run(small, search.limits(seconds, search.gap / 4), start=search.best[columns], stop=self.over)
        if answer.x is not None:
            x = search.best.copy()
            x[columns] = answer.x
            if search.offer(x):
                self.helped = True
        log.debug(
            "%s: %d columns, %d whole, %s -> %s, %s in %.1f s", name, len(columns), int(small.whole.sum()), before,
            search.objective, answer.end, answer.seconds,
        )  # fmt: skip

    def _round(self) -> Iterator[tuple[str, Mask]]:
        size = PACKAGES[min(self.round, len(PACKAGES)) - 1]
        yield from self._groups_of_items()
        yield from self._some_orders()
        yield "approvals", self._of_approvals()
        yield from self._windows(size)
        yield "deliveries", self._of_needs(set(self.facts.needs), set())

    def _windows(self, size: int) -> Iterator[tuple[str, Mask]]:
        """Packages next to each other in time, with the needs they hold and a few others."""
        best = self.search.best
        assert best is not None
        used = sorted(
            key for (kind, key), j in self.matrix.column_of.items() if kind == "is_released" and best[j] > 0.5
        )
        held = [
            (key[0], key[1:]) for (kind, key), j in self.matrix.column_of.items() if kind == "content" and best[j] > 0.5
        ]
        if not used:
            return
        for k in range(0, max(1, len(used) - size + 1), max(1, size - 1)):
            window = set(used[k : k + size])
            needs = {need for need, slot in held if slot in window}
            others = sorted(set(self.facts.needs) - needs)
            extra = self.random.permutation(others)[:4]
            yield "packages", self._of_needs(needs | {str(need) for need in extra}, window)

    def _of_needs(self, needs: set[str], window: set[tuple[int, int]]) -> Mask:
        """Columns of the needs, of the items that serve them, and of the packages of the window."""
        items = {item for need in needs for item, _ in self.facts.variants(self.facts.needs[need])}
        kinds, about = self.matrix.kinds, self.about
        mask = np.zeros(len(kinds), dtype=bool)
        for j, kind in enumerate(kinds):
            if kind == "content":
                mask[j] = about.slot[j] in window and about.need[j] in needs
            elif kind in ("takes_part", "pays", "pattern_share"):
                mask[j] = about.slot[j] in window
            elif kind in ("sent", "waiting"):
                mask[j] = about.need[j] in needs
            elif kind in ("made", "stock", "shortfall", "dispatched", "given", "replaced"):
                mask[j] = about.item[j] in items
            elif kind in ALWAYS:
                mask[j] = True
        return mask

    def _groups_of_items(self) -> Iterator[tuple[str, Mask]]:
        """Items that share a line, a component, a need or an offer, with all their orders and needs."""
        for group in item_groups(self.facts):
            mask = group_mask(self.facts, self.matrix.kinds, self.about, group)
            if (mask & self.search.task.program.whole).any():
                yield f"{sorted(group)[0]}", mask

    def _some_orders(self) -> Iterator[tuple[str, Mask]]:
        """Within a group of items, a few `complete` orders that are completed near each other; the others stay."""
        kinds, about = self.matrix.kinds, self.about
        completed: dict[str, float] = {}
        for j in np.flatnonzero(kinds == "is_completed"):
            # completion is nondecreasing, so the fewer periods have it the later it is
            completed[str(about.order[j])] = completed.get(str(about.order[j]), 0.0) - float(self._at(int(j)))
        for group in item_groups(self.facts):
            orders = [o for o in completed if self.facts.orders[o].item in group]
            if len(orders) <= ORDERS:
                continue
            orders.sort(key=lambda o: completed[o] + self.random.uniform(0.0, JITTER))
            inside = group_mask(self.facts, kinds, about, group) & (kinds != "content")
            for k in range(0, len(orders) - ORDERS // 2, ORDERS // 2):
                chosen = set(orders[k : k + ORDERS])
                held = np.array([kind == "is_completed" and order not in chosen
                                 for kind, order in zip(kinds, about.order, strict=True)])  # fmt: skip
                yield f"orders of {sorted(group)[0]}", inside & ~held

    def _at(self, column: int) -> float:
        assert self.search.best is not None
        return float(self.search.best[column])

    def _of_approvals(self) -> Mask:
        """Approvals of all cases, with the orders that wait for them and the items of these."""
        kinds, about = self.matrix.kinds, self.about
        waiting = {o for o, row in self.facts.orders.items() if row.case in self.facts.reviewed_cases}
        items = {self.facts.orders[o].item for o in waiting}
        mask = np.isin(kinds, ("is_approved", "reviewed", *ALWAYS))
        for j, kind in enumerate(kinds):
            if kind in ("made", "stock", "shortfall", "dispatched", "given", "is_completed", "sent", "replaced"):
                mask[j] = about.item[j] in items
            elif kind == "waiting":
                row = self.facts.needs[str(about.need[j])]
                mask[j] = bool({i for i, _ in self.facts.variants(row)} & items)
        return np.asarray(mask)


def item_groups(facts: Facts) -> list[set[str]]:
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
    groups = [{node for node in nodes if isinstance(node, str)} for nodes in nx.connected_components(graph)]
    return [group for group in groups if group]


def group_mask(facts: Facts, kinds: np.ndarray, about: About, group: set[str]) -> Mask:
    """Columns about items of the group, needs that they serve, cases that they wait for, and what all share."""
    cases = {row.case for row in facts.orders.values() if row.item in group}
    needs = {n for n, row in facts.needs.items() if {i for i, _ in facts.variants(row)} & group}
    mask = np.zeros(len(kinds), dtype=bool)
    for j, kind in enumerate(kinds):
        if kind in ("content", "waiting"):
            mask[j] = about.need[j] in needs
        elif kind == "pays" or kind in ALWAYS:
            mask[j] = True
        elif kind in _BY_CASE:
            mask[j] = about.case[j] in cases
        else:
            mask[j] = about.item[j] in group
    return mask
