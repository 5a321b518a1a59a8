"""Connected parts of a program: demands that share nothing, with their columns and rows.

The graph has a node for everything that columns of the program speak of (orders, needs, items, offers, cases, pledges,
releases, lanes in a period) and joins what stands together in a row: a line, a component, a lane that can be full,
reviewers, a package, a promise. Columns that are fixed join nothing, if the program is compressed.

Source: connected components as in Hopcroft & Tarjan, Communications of the ACM 16 (1973).
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt
from scipy import sparse

from models.build import Built
from models.facts import Facts
from models.matrix import Key
from optimizer.solving.program import Program

Indices = npt.NDArray[np.int64]
ORDER, NEED = "order", "need"


@dataclass(frozen=True)
class Part:
    """Demands that share something, and their columns and rows in the program; no demands: what none of them needs."""

    demands: tuple[str, ...]
    columns: Indices
    rows: Indices

    def told(self, most: int = 5) -> str:
        """The demands, the first few by name."""
        more = len(self.demands) - most
        return ", ".join(self.demands[:most]) + (f" and {more} more" if more > 0 else "")

    def of(self, program: Program) -> Program:
        """The part of the program, without the constant of the whole."""
        return program.part(self.rows, self.columns)


def entities(built: Built) -> list[Hashable]:
    """What every column of a model speaks of: (word, name), or the variable itself where it names nothing known."""
    facts: Facts = built.draft.facts
    moves = built.draft.notes.get("moves", [])
    words: dict[Hashable, str] = {}
    for word, names in (
        ("pledge", (row.pledge for row in facts.problem.pledges)),
        ("case", (row.case for row in facts.problem.approvals)),
        ("offer", facts.offers), ("item", facts.items), (NEED, facts.needs), (ORDER, facts.orders),
    ):  # fmt: skip
        words.update(dict.fromkeys(names, word))

    def entity(kind: str, key: Key) -> Hashable:
        if len(key) == 1 and isinstance(key[0], int):
            return NEED, moves[key[0]].need
        return next(((words[name], name) for name in key if name in words), (kind, *key))

    return [entity(str(kind), key) for kind, key in zip(built.matrix.kinds, built.matrix.column_keys, strict=True)]


def parts(program: Program, about: list[Hashable]) -> list[Part]:
    """The connected parts of a program whose column j speaks of `about[j]`, those with the fewest whole columns first.

    What is connected to no demand is one part, without demands. Every row must have a column.
    """
    nodes = list(dict.fromkeys(about))
    number = {node: k for k, node in enumerate(nodes)}
    of_column = np.array([number[node] for node in about], dtype=np.int64)
    entries = sparse.coo_array(program.A)
    pairs = np.unique(np.stack([entries.row.astype(np.int64), of_column[entries.col]]), axis=1)
    joined = pairs[0, 1:] == pairs[0, :-1]
    graph = nx.Graph()
    graph.add_nodes_from(range(len(nodes)))
    graph.add_edges_from(np.unique(np.stack([pairs[1, :-1][joined], pairs[1, 1:][joined]]), axis=1).T.tolist())
    demands: dict[int, tuple[str, ...]] = {}
    label = np.zeros(len(nodes), dtype=np.int64)
    for k, found in enumerate(nx.connected_components(graph), start=1):
        names = sorted(_demand(nodes[i]) for i in found if _demand(nodes[i]))
        if names:  # label 0 is of what no demand needs
            label[list(found)], demands[k] = k, tuple(names)
    columns, rows = label[of_column], np.zeros(program.A.shape[0], dtype=np.int64)
    rows[pairs[0]] = label[pairs[1]]
    made = [Part(demands.get(int(k), ()), np.flatnonzero(columns == k), np.flatnonzero(rows == k))
            for k in np.unique(columns)]  # fmt: skip
    return sorted(made, key=lambda part: int(program.whole[part.columns].sum()))


def _demand(node: Any) -> str:
    return str(node[1]) if node[0] in (ORDER, NEED) else ""
