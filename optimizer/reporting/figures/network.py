"""Money as a network in three columns: donors, packages, needs; edges in million USD by category.

What stands in no plan file is not invented: packages that were paid before the plan have no donors here, so a node
`PAID_BEFORE` stands for them. Beyond a number of nodes a column ends in one node for all the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from optimizer.explaining.money import PackageFacts
from optimizer.reporting.summary import Report

MOST = {"donor": 30, "package": 40, "need": 60}
"""Nodes that are drawn by themselves in each column, those with the most money."""
PAID_BEFORE = "paid before this plan"
Node = tuple[str, str]
"""(column, name); the name is the one of the files, or the words for a node that stands for several."""


@dataclass(frozen=True, slots=True)
class Edge:
    """`amount` million USD of `category` from one node to the next."""

    source: Node
    target: Node
    category: str
    amount: float


@dataclass(frozen=True)
class Network:
    """Edges of both halves, and the words for every node, column by column in the order in which they are drawn."""

    edges: tuple[Edge, ...]
    nodes: Mapping[Node, str]
    categories: tuple[str, ...]

    def through(self, node: Node) -> float:
        """Million USD that enter the node, or leave it where nothing enters."""
        inward = sum(edge.amount for edge in self.edges if edge.target == node)
        return inward or sum(edge.amount for edge in self.edges if edge.source == node)


def network(report: Report) -> Network | None:
    """The network of a plan; None where there is no package that anything is in."""
    edges = _folded(_edges(report))
    if not edges:
        return None
    totals: dict[str, float] = defaultdict(float)
    for edge in edges:
        if edge.target[0] == "need":
            totals[edge.category] += edge.amount
    categories = tuple(sorted(totals, key=lambda category: (-totals[category], category)))
    return Network(tuple(edges), _ordered(report, edges, categories), categories)


def _edges(report: Report) -> list[Edge]:
    """Packages that are released in the horizon or were funded before it."""
    problem = report.problem
    category = {item.item: item.category for item in problem.items}
    need_category = {need.need: category[need.item] for need in problem.needs}
    donor = {pledge.pledge: pledge.donor for pledge in problem.pledges}
    found: dict[tuple[Node, Node, str], float] = defaultdict(float)
    for package in report.facts.packages:
        if package.period is None:
            continue
        middle: Node = ("package", package.package)
        for need, _, value in package.contents:
            found[middle, ("need", need), need_category[need]] += value
            if package.status == "funded":
                found[("donor", PAID_BEFORE), middle, need_category[need]] += value
        for row in package.payments:
            found[("donor", donor[row.pledge]), middle, row.category] += row.amount_usd_m
    return [Edge(*key, amount) for key, amount in found.items() if amount > 0]


def _folded(edges: list[Edge]) -> list[Edge]:
    """At most `MOST` nodes a column, and one more for the others."""
    worth: dict[Node, float] = defaultdict(float)
    for edge in edges:
        worth[edge.source] += edge.amount
        worth[edge.target] += edge.amount
    named: dict[Node, Node] = {}
    for column, most in MOST.items():
        ranked = sorted((node for node in worth if node[0] == column), key=lambda node: (-worth[node], node))
        rest = ranked[most:] if len(ranked) > most + 1 else []
        named |= dict.fromkeys(rest, (column, f"{len(rest)} other {column}s"))
    sums: dict[tuple[Node, Node, str], float] = defaultdict(float)
    for edge in edges:
        sums[named.get(edge.source, edge.source), named.get(edge.target, edge.target), edge.category] += edge.amount
    return [Edge(*key, amount) for key, amount in sums.items()]


def _ordered(report: Report, edges: list[Edge], categories: tuple[str, ...]) -> dict[Node, str]:
    """Donors by what they pay, packages as they are released, needs by category and near their packages."""
    name = {recipient.recipient: recipient.name for recipient in report.problem.recipients}
    item = {one.item: one.name for one in report.problem.items}
    need_name = {need.need: f"{need.need} {item[need.item]}" for need in report.problem.needs}
    paid: dict[Node, float] = defaultdict(float)
    for edge in edges:
        paid[edge.source] += edge.amount
    donors = {edge.source for edge in edges if edge.source[0] == "donor"}
    first = sorted(donors, key=lambda node: (node[1] != PAID_BEFORE, -paid[node], node))
    used = {edge.source for edge in edges if edge.source[0] == "package"}
    used |= {edge.target for edge in edges if edge.target[0] == "package"}
    order = {("package", package.package): at for at, package in enumerate(_by_release(report))}
    second = sorted(used, key=lambda node: (order.get(node, len(order)), node))
    place = {node: at for at, node in enumerate(second)}
    pull: dict[Node, list[tuple[float, float]]] = defaultdict(list)
    group: dict[Node, int] = {}
    for edge in edges:
        if edge.target[0] == "need":
            pull[edge.target].append((edge.amount, place[edge.source]))
            group[edge.target] = categories.index(edge.category)
    middle = {node: sum(a * at for a, at in rows) / sum(a for a, _ in rows) for node, rows in pull.items()}
    third = sorted(middle, key=lambda node: (group[node], middle[node], node))
    words = {node: {"donor": name, "need": need_name}.get(node[0], {}).get(node[1], node[1]) for node in donors}
    words |= {node: need_name.get(node[1], node[1]) for node in third}
    day = {package.package: package.release_date for package in report.facts.packages}
    words |= {node: f"{node[1]} ({when:%Y-%m})" for node in second if (when := day.get(node[1])) is not None}
    return {node: words.get(node, node[1]) for node in (*first, *second, *third)}


def _by_release(report: Report) -> list[PackageFacts]:
    return sorted(report.facts.packages, key=lambda package: package.release_date or report.problem.start)
