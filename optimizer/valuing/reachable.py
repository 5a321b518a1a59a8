"""What is linked: the part of a held model that one more of something can reach, cut out of the rest.

Two columns are linked if a row holds both, directly or through others: items of one line, of one component, or that
stand in for each other, with their demands. Rows of lanes do not link: what others carry in the plan is taken off the
lane instead. Columns that are fixed link nothing, so contents, payers, offers and approvals that are held do not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from models.facts import Facts
from models.matrix import Vector
from models.plan import Plan
from optimizer.solving.program import Program
from optimizer.valuing.held import Held

Numbers = npt.NDArray[np.int64]
MONEY = ("pays",)
"""Variables of money: the rows they stand in are left out where contents are held."""


@dataclass(frozen=True)
class Part:
    """Some open columns of a held model and the rows that hold them; fixed columns are taken into the sides."""

    program: Program
    rows: Numbers
    columns: Numbers

    def row(self, number: int) -> int | None:
        """Where a row of the model stands in the part; None if none of its columns is here."""
        at = int(np.searchsorted(self.rows, number))
        return at if at < len(self.rows) and self.rows[at] == number else None


def groups(model: Held, program: Program, *, by_lanes: bool = False) -> list[Numbers]:
    """Open columns by what is linked, as columns of the model; of money none where contents are fixed."""
    free = program.lower < program.upper
    contents = np.isin(model.built.matrix.kinds, ["content"])
    if not free[contents].any():
        free &= ~np.isin(model.built.matrix.kinds, list(MONEY))
    columns = np.flatnonzero(free)
    joining = np.ones(program.A.shape[0], dtype=bool)
    if not by_lanes:
        joining[: len(model.built.matrix.rules)] = model.built.matrix.rules != "lane_capacity"
    within = sparse.csr_array(program.A[np.flatnonzero(joining)][:, columns])
    graph = sparse.block_array([[None, within], [within.T, None]], format="csr")
    _, label = connected_components(graph, directed=False)
    mine = label[within.shape[0] :]
    order = np.argsort(mine, kind="stable")
    return np.split(columns[order], np.flatnonzero(np.diff(mine[order])) + 1) if columns.size else []


def lane_use(facts: Facts, plan: Plan) -> dict[tuple[str, int], dict[str, float]]:
    """Tonnes that the plan has on limited lanes, by lane and period, then by need."""
    before = {
        (origin, route.lanes): tuple(zip(route.lanes, route.before, strict=True))
        for origin, routes in facts.routes.items()
        for route in routes
    }
    found: dict[tuple[str, int], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in plan.dispatches:
        for lane, weeks in before.get((row.origin, row.route), ()) if row.kind == "need" else ():
            if lane in facts.lane_tonnes:
                tonnes = facts.items[row.item].tonnes * row.quantity
                found[lane, facts.calendar.shift(row.period, weeks)][row.demand] += tonnes
    return found


def cut_out(model: Held, program: Program, columns: Numbers) -> Part:
    """The part of a program with these columns open; what other demands have on lanes in the plan is held there."""
    mask = np.zeros(program.A.shape[1], dtype=bool)
    mask[columns] = True
    mask &= program.lower < program.upper
    own = np.flatnonzero(mask)
    part = sparse.csr_array(program.A[:, own])
    rows = np.flatnonzero(np.diff(part.indptr) > 0)
    fixed = np.where(program.lower < program.upper, 0.0, program.lower)
    shift = program.A[rows] @ fixed + _others(model, rows, own)
    small = Program(
        program.cost[own], 0.0, sparse.csr_array(part[rows]), program.row_lower[rows] - shift,
        program.row_upper[rows] - shift, program.lower[own], program.upper[own], program.whole[own],
    )  # fmt: skip
    return Part(small, rows, own)


def _others(model: Held, rows: Numbers, columns: Numbers) -> Vector:
    """Tonnes by row that demands without a column here have on the lane in the plan; 0 for all other rows."""
    matrix = model.built.matrix
    moves = model.built.draft.notes["moves"]
    here = {moves[matrix.column_keys[j][0]].need for j in columns if matrix.kinds[j] == "sent"}
    found = np.zeros(len(rows))
    use = lane_use(model.facts, model.plan)
    stated = rows[rows < len(matrix.rules)]  # rows of stages come after
    for k in np.flatnonzero(matrix.rules[stated] == "lane_capacity"):
        lane, t = matrix.row_keys[rows[k]]
        found[k] = sum(tonnes for need, tonnes in use.get((lane, t), {}).items() if need not in here)
    return found


def with_stages(model: Held, program: Program, terms: dict[str, float]) -> Program:
    """In lexicographic mode: the program with every stage no worse than it is in the plan, `terms` by name."""
    objective, matrix = model.facts.problem.objective, model.built.matrix
    if objective.mode != "lexicographic":
        return program
    held = [k for k, term in enumerate(matrix.terms) if term in objective.stages and matrix.costs[k].any()]
    if not held:
        return program
    most = [terms[matrix.terms[k]] - matrix.constants[k] for k in held]
    room = [1e-6 * max(1.0, abs(terms[matrix.terms[k]]) * 1e-3) for k in held]
    rows = sparse.csr_array(matrix.costs[held])
    return program.with_rows(rows, np.full(len(held), -np.inf), np.array(most) + np.array(room))


def linked_to(all_groups: Iterable[Numbers], program: Program, rows: Iterable[int]) -> Numbers:
    """The columns of all groups that have a column in one of the rows."""
    touched: set[int] = set()
    for row in rows:
        touched.update(int(j) for j in program.A.indices[program.A.indptr[row] : program.A.indptr[row + 1]])
    chosen: list[Any] = [group for group in all_groups if touched.intersection(group.tolist())]
    return np.sort(np.concatenate(chosen)) if chosen else np.zeros(0, dtype=np.int64)


def rest_fixed(program: Program, fixed: npt.NDArray[np.bool_], x: Vector) -> Program:
    """The program with the masked columns at x, whatever their bounds."""
    lower, upper = program.lower.copy(), program.upper.copy()
    lower[fixed] = upper[fixed] = x[fixed]
    return replace(program, lower=lower, upper=upper)
