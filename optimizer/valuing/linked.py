"""The part of an instance that is linked to an item: what shares lines and components with it.

The rest of the plan is held. What held demands take of the pool, of lanes and of offers stands in the small model as
posts of a variable that is 1, so the real blocks of the formulation are used as they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any

import networkx as nx

from models.draft import Block, Draft
from models.facts import Facts
from models.plan import POOL, Dispatch, Plan
from models.problem import Problem


def linked_items(problem: Problem, items: Iterable[str], with_substitutes: bool = False) -> set[str]:
    """The items, and all that share a line or a component with one of them, and so on.

    `with_substitutes`: items that serve one need are linked, too.
    """
    graph = nx.Graph()
    graph.add_nodes_from(items)
    for row in problem.line_items:
        graph.add_edge(row.item, ("line", row.line))
    for part in problem.item_components:
        graph.add_edge(part.item, ("component", part.component))
    if with_substitutes:
        for swap in problem.substitutes:
            graph.add_edge(swap.item, swap.substitute)
    found = set().union(*(nx.node_connected_component(graph, item) for item in items))
    return {node for node in found if isinstance(node, str)}


def cut(problem: Problem, items: Collection[str]) -> Problem:
    """The instance with the supply of these items alone, and without demands, money and reviews.

    Lines and components that make linked items are linked, so they come whole. Items keep their names; those of needs
    and offers may be asked for beside them, as weights on lanes.
    """
    lines = {row.line for row in problem.line_items if row.item in items}
    components = {row.component for row in problem.item_components if row.item in items}
    return replace(
        problem,
        items=tuple(row for row in problem.items if row.item in items),
        lines=tuple(row for row in problem.lines if row.line in lines),
        line_rates=tuple(row for row in problem.line_rates if row.line in lines),
        line_items=tuple(row for row in problem.line_items if row.item in items),
        components=tuple(row for row in problem.components if row.component in components),
        component_rates=tuple(row for row in problem.component_rates if row.component in components),
        item_components=tuple(row for row in problem.item_components if row.item in items),
        stocks=tuple(row for row in problem.stocks if row.item in items),
        receipts=tuple(row for row in problem.receipts if row.item in items),
        orders=(),
        approvals=(),
        needs=(),
        substitutes=(),
        packages=(),
        package_contents=(),
        pledges=(),
        offers=(),
        commitments=(),
        package_policy=None,
        approval=None,
    )


def held_block(facts: Facts, dispatches: Iterable[Dispatch], items: Collection[str]) -> Block:
    """A block that posts what held dispatches take: units of linked items from the pool, and tonnes on lanes.

    `facts`: of the whole instance, whose lanes and tonnes they are.
    """
    taken: dict[tuple[str, int], int] = defaultdict(int)
    tonnes: dict[tuple[str, int], float] = defaultdict(float)
    weeks = {row.lane: row.weeks for row in facts.problem.lanes}
    for row in dispatches:
        if row.origin == POOL and row.item in items:
            taken[row.item, row.period] += row.quantity
        before = 0
        for lane in row.route:
            if lane in facts.lane_tonnes:
                heavy = facts.items[row.item].tonnes * row.quantity
                tonnes[lane, facts.calendar.shift(row.period, before)] += heavy
            before += weeks[lane]

    def build(draft: Draft) -> None:
        draft.variables("held", {0: (1.0, 1.0)})
        one = draft.model.held[0]
        for (item, t), quantity in taken.items():
            draft.post("taken", item, t, terms=[(quantity, one)])
        for (lane, t), heavy in tonnes.items():
            if heavy and t < facts.T:
                draft.post("tonnes", lane, t, terms=[(heavy, one)])

    return Block("held", "what demands take that stay as they are", ("taken", "tonnes"), (), build)


def added_block(name: str, build: Callable[[Draft], Any]) -> Block:
    """A block that adds rules of its own to what other blocks have posted."""
    return Block(name, "rules of the small model alone", (), (), build)


def offered_left(plan: Plan, problem: Problem, own: Collection[str]) -> dict[str, int]:
    """Units of every accepted offer that demands other than `own` leave."""
    left = {v.offer: v.quantity for v in problem.offers if v.offer in plan.accepted_offers}
    for row in plan.dispatches:
        if row.origin in left and row.demand not in own:
            left[row.origin] -= row.quantity
    return left
