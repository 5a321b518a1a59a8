"""Method "components": parts of the problem that share nothing are solved one after the other.

The graph has a node for everything that columns of the program speak of (orders, needs, items, offers, cases, pledges,
releases, lanes in a period) and joins what stands together in a row: a line, a component, a lane that can be full,
reviewers, a package, a promise. Columns that are fixed join nothing. Demands in different connected components
have no row in common, so a solution of every part is one of the whole, values and bounds add up, and a part without
a solution leaves none to the whole.

Source: decomposition of a separable program (block-diagonal matrix), as in Martin, "Large Scale Linear and Integer
Optimization" (1999), ch. 1; components as in Hopcroft & Tarjan (1973).
"""

from __future__ import annotations

import logging
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt
from scipy import sparse

from models.build import Built
from models.facts import Facts
from models.matrix import Key, Vector
from optimizer.solving.direct import direct
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Program
from optimizer.solving.search import Search

log = logging.getLogger(__name__)
Indices = npt.NDArray[np.int64]
ORDER, NEED = "order", "need"


@dataclass(frozen=True)
class Part:
    """Demands that share something, and their columns and rows in the program; no demands: what none of them needs."""

    demands: tuple[str, ...]
    columns: Indices
    rows: Indices


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


def components(search: Search) -> None:
    """Runs the method; improves `search` until it is over."""
    search.enter("parts")
    small, free = search.task.program.compressed()
    if free.size and bool((np.diff(small.A.indptr) > 0).all()):
        about = entities(search.task.exact)
        found = parts(small, [about[j] for j in free])
        if sum(bool(part.demands) for part in found) > 1:
            said = [_told(part) for part in found if part.demands]
            search.messages.append(f"{len(said)} parts that share nothing: {'; '.join(said)}")
            _Parts(search, small, free, found).run()
    if not search.over:
        direct(search)


def _told(part: Part, most: int = 5) -> str:
    """The demands of a part, the first few by name."""
    more = len(part.demands) - most
    return ", ".join(part.demands[:most]) + (f" and {more} more" if more > 0 else "")


class _Parts:
    """The parts of one program, the best solution and bound of each."""

    def __init__(self, search: Search, program: Program, free: Indices, found: list[Part]) -> None:
        self.search, self.program, self.free, self.parts = search, program, free, found
        self.cut = [_cut(program, part) for part in found]
        best = search.best
        self.x: list[Vector | None] = [None if best is None else best[free][part.columns] for part in found]
        self.bounds: list[float | None] = [None] * len(found)

    def run(self) -> None:
        """Relaxations of all parts first, as their sum is a bound; then part after part with a fair share of time."""
        search = self.search
        for k, program in enumerate(self.cut):
            limits = search.limits(search.left / (len(self.cut) - k + 1), search.gap)
            self._raise(k, run(program.relaxed(), limits, stop=lambda: search.over).bound)
        for k, part in enumerate(self.parts):
            if search.over:
                return
            search.enter(f"part {k + 1} of {len(self.parts)}")
            self._solve(k, search.left / (len(self.parts) - k))
            log.debug("part %d: %s, %s of %d columns", k + 1, self.bounds[k], _told(part), part.columns.size)

    def _solve(self, k: int, seconds: float) -> None:
        """Branch and bound on a part, to its share of the gap that the whole may have."""
        search = self.search
        room = search.gap / 2 * abs(search.bound or 0.0) / len(self.parts)
        limits = Limits(seconds, 0.0, search.threads, search.seed, (("mip_abs_gap", max(1e-7, room)),))
        answer = run(
            self.cut[k],
            limits,
            start=self.x[k],
            on_solution=lambda x, _value: self._take(k, x),
            on_progress=lambda _incumbent, bound: self._raise(k, bound),
            stop=lambda: search.over,
        )
        if answer.x is not None:
            self._take(k, answer.x)
        self._raise(k, answer.bound)
        if answer.end == "infeasible" and search.best is None:
            search.infeasible = True

    def _raise(self, k: int, bound: float | None) -> None:
        """Takes a bound of a part; with one for every part, their sum is a bound of the whole."""
        before = self.bounds[k]
        if bound is None or (before is not None and bound <= before):
            return
        self.bounds[k] = bound
        known = [b for b in self.bounds if b is not None]
        if len(known) == len(self.bounds):
            self.search.raise_bound(sum(known) + self.program.offset)

    def _take(self, k: int, x: Vector) -> None:
        """Takes a solution of a part if it is better; with one for every part, they are one of the whole."""
        before = self.x[k]
        if before is not None and self.cut[k].value(x) >= self.cut[k].value(before):
            return
        self.x[k] = x
        whole = np.zeros(self.free.size)
        for part, values in zip(self.parts, self.x, strict=True):
            if values is None:
                return
            whole[part.columns] = values
        self.search.offer(self.search.task.program.completed(self.free, whole))


def _cut(program: Program, part: Part) -> Program:
    """The program of a part, without the constant of the whole."""
    columns, rows = part.columns, part.rows
    return Program(
        program.cost[columns], 0.0, sparse.csr_array(program.A[rows][:, columns]), program.row_lower[rows],
        program.row_upper[rows], program.lower[columns], program.upper[columns], program.whole[columns],
    )  # fmt: skip
