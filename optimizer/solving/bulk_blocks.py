"""Blocks of a settled order book: groups of items that share supply, each solved whole by itself, in processes.

With packages, approvals and offers settled, items meet only at lanes and components. Each block gets of these what the
plan in hand uses there and its share of what that leaves over, so that the plan in hand is a start of every block and
the blocks' solutions are one plan together, whatever the order or number of the processes that solve them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from models.bulk.rows import Rows
from models.bulk.tables import Ints
from models.matrix import Vector
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Mask, Program
from optimizer.solving.spawning import QuietContext

log = logging.getLogger(__name__)
SHARED = ("lane_capacity", "component_supply")
"""Rules at which blocks meet."""


@dataclass(frozen=True)
class Block:
    """Columns and rows of one block, numbered as in the whole program; `shared`: its rows that others have too."""

    columns: Ints
    rows: Ints
    shared: Ints


def blocks_of(program: Program, rows: Rows) -> list[Block]:
    """The connected parts of a settled program without the shared rows, the largest first.

    Columns that stand in shared rows only (what is left of components) belong to no block.
    """
    shared = np.zeros(program.A.shape[0], dtype=bool)
    for rule in SHARED:
        shared[rows.layout.rows[rule].ravel()] = True
    inner = program.A[np.flatnonzero(~shared)].tocoo()
    number_of = np.flatnonzero(~shared)
    count = program.A.shape[0]
    n = count + program.A.shape[1]
    graph = sparse.coo_array((np.ones(inner.nnz), (number_of[inner.row], count + inner.col)), shape=(n, n))
    _, label = connected_components(graph, directed=False)
    by_column = program.A.tocsc()
    order = np.argsort(label[count:], kind="stable")
    ends = np.flatnonzero(np.diff(label[count:][order])) + 1
    found = []
    for columns in np.split(order, ends):
        touched = np.unique(by_column[:, columns].indices)
        own = touched[~shared[touched]]
        if len(own):
            found.append(Block(np.sort(columns), own.astype(np.int64), touched[shared[touched]].astype(np.int64)))
    return sorted(found, key=lambda block: (-len(block.columns), int(block.columns[0])))


@dataclass(frozen=True)
class Part:
    """A block as a program of its own, with the columns of the whole that it decides, and a start."""

    program: Program
    columns: Ints
    start: Vector


def parts_of(program: Program, rows: Rows, blocks: Sequence[Block], x: Vector) -> Iterator[Part]:
    """The blocks as programs at a solution x of the whole: what x leaves of shared rows is shared by use."""
    lane = rows.layout.rows["lane_capacity"]
    component = rows.layout.rows["component_supply"]
    left = rows.names["component_left"]
    by_column = program.A.tocsc()
    used = {int(row): value for row, value in zip(lane.ravel(), (program.A @ x)[lane.ravel()], strict=True)}
    of_component = {int(row): (k, t) for k in range(component.shape[0]) for t, row in enumerate(component[k])}
    shares = _component_use(program, component, blocks, x)
    total = np.maximum(sum(shares.values(), np.zeros(component.shape)), 1e-9)
    spare = np.maximum(0.0, x[left]) if left.size else np.zeros(component.shape)
    for number, block in enumerate(blocks):
        limits_low, limits_high = program.row_lower.copy(), program.row_upper.copy()
        mine = by_column[:, block.columns]
        taken = mine @ x[block.columns]
        extra: list[tuple[int, int]] = []
        for row in block.shared.tolist():
            if row in used:
                free = max(0.0, program.row_upper[row] - used[row])
                share = taken[row] / used[row] if used[row] > 1e-9 else 0.0
                limits_high[row] = taken[row] + free * share
            else:
                extra.append(of_component[row])
        kinds = sorted({k for k, _ in extra})
        own_left: list[int] = []
        for k in kinds:
            use = np.cumsum(shares[number][k]) if number in shares else np.zeros(component.shape[1])
            all_use = np.cumsum(total[k])
            room = use + np.floor(spare[k] * np.where(all_use > 1e-6, use / all_use, 0.0) + 1e-9)
            fresh = np.diff(room, prepend=0.0)
            limits_low[component[k]] = limits_high[component[k]] = fresh
            own_left += left[k].tolist()
        rows_here = np.unique(np.concatenate([block.rows, block.shared, component[kinds].ravel()]).astype(np.int64))
        columns = np.concatenate([block.columns, np.array(own_left, dtype=np.int64)])
        small = Program(
            program.cost[columns], 0.0, sparse.csr_array(by_column[:, columns][rows_here]), limits_low[rows_here],
            limits_high[rows_here], program.lower[columns], np.where(np.isin(columns, left), np.inf, program.upper[columns]),
            program.whole[columns],
        )  # fmt: skip
        start = x[columns].copy()
        offset = len(block.columns)
        for k in kinds:
            use = np.cumsum(shares[number][k]) if number in shares else np.zeros(component.shape[1])
            fresh = limits_low[component[k]]
            start[offset : offset + component.shape[1]] = np.cumsum(fresh) - use
            offset += component.shape[1]
        yield Part(small, columns[: len(block.columns)], start)


def _component_use(program: Program, component: Ints, blocks: Sequence[Block], x: Vector) -> dict[int, Vector]:
    """By block: units of every component used in every period, shape of `component`."""
    found: dict[int, Vector] = {}
    if not component.size:
        return found
    by_column = program.A.tocsc()
    flat = component.ravel()
    for number, block in enumerate(blocks):
        if np.isin(block.shared, flat).any():
            taken = by_column[:, block.columns] @ x[block.columns]
            found[number] = taken[flat].reshape(component.shape)
    return found


def solve_part(part: Part, limits: Limits) -> Vector | None:
    """The best solution of a block found in time, no worse than its start; None if the start stays."""
    answer = run(part.program, limits, start=part.start)
    if answer.x is None or answer.objective is None:
        return None
    x = np.where(part.program.whole, np.round(answer.x), answer.x)
    better = part.program.value(x) < part.program.value(part.start) - 1e-9 * abs(part.program.value(part.start))
    return x[: len(part.columns)] if better or part.program.violation(part.start) > 1e-5 else None


def solve_all(
    parts: Sequence[Part], limits: Limits, workers: int, left: Callable[[], float], stop: Callable[[], bool],
    done: Callable[[int, Part, Vector | None], None],
) -> list[str]:  # fmt: skip
    """Solves all parts in `workers` processes; `done` hears of each, in the order of the parts. What went wrong.

    A part gets a share of the time that is left by its size, and ends earlier if it is proven.
    """
    weights = np.array([part.program.A.shape[1] for part in parts], dtype=float)
    messages: list[str] = []
    total, spent = max(1.0, float(weights.sum())), 0.0
    if workers < 2:
        for k, part in enumerate(parts):
            if stop():
                break
            share = left() * weights[k] / max(1.0, total - spent) * 4.0
            done(k, part, solve_part(part, replace(limits, seconds=max(0.5, min(share, left())))))
            spent += weights[k]
        return messages
    with ProcessPoolExecutor(workers, mp_context=QuietContext()) as pool:
        waiting: dict[Future[Vector | None], int] = {}
        queue = iter(range(len(parts)))
        try:
            while True:
                while len(waiting) < 2 * workers and not stop():
                    k = next(queue, -1)
                    if k < 0:
                        break
                    share = workers * left() * weights[k] / max(1.0, total - spent) * 4.0
                    seconds = max(0.5, min(share, left()))
                    waiting[pool.submit(solve_part, parts[k], replace(limits, seconds=seconds))] = k
                    spent += weights[k]
                if not waiting:
                    break
                for future in wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED).done:
                    k = waiting.pop(future)
                    done(k, parts[k], future.result())
                if stop():
                    pool.shutdown(wait=False, cancel_futures=True)
                    break
        except BrokenProcessPool:
            messages.append("a process that solved a block ended by itself; its block stays as it was")
    return messages


def wholeness(program: Program, rows: Rows) -> Mask:
    """Columns that are whole in a settled program: all but stock, shortfalls and balances."""
    loose = np.zeros(len(program.cost), dtype=bool)
    for name in ("stock", "shortfall", "component_left", "reviewed", "promise_broken", "credit", "content_value",
                 "free_paid", "released", "promised"):  # fmt: skip
        loose[rows.names[name].ravel()] = True
    for name, columns in rows.names.items():
        if name.startswith("pays "):
            loose[columns.ravel()] = True
    return ~loose
