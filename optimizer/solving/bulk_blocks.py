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
from multiprocessing.synchronize import Event

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

    Columns that stand in shared rows only (what is left of components), or are fixed, belong to no block.
    """
    shared = np.zeros(program.A.shape[0], dtype=bool)
    for rule in SHARED:
        shared[rows.layout.rows[rule].ravel()] = True
    free = np.flatnonzero(program.lower < program.upper)
    loose = sparse.diags_array((program.lower < program.upper).astype(float))
    inner = sparse.csr_array(program.A[np.flatnonzero(~shared)] @ loose).tocoo()
    inner.eliminate_zeros()
    number_of = np.flatnonzero(~shared)
    count = program.A.shape[0]
    n = count + program.A.shape[1]
    graph = sparse.coo_array((np.ones(inner.nnz), (number_of[inner.row], count + inner.col)), shape=(n, n))
    _, label = connected_components(graph, directed=False)
    by_column = program.A.tocsc()
    order = free[np.argsort(label[count + free], kind="stable")]
    ends = np.flatnonzero(np.diff(label[count + order])) + 1
    found = []
    for columns in np.split(order, ends):
        touched = np.unique(by_column[:, columns].indices)
        own = touched[~shared[touched]]
        if len(own):
            found.append(Block(np.sort(columns), own.astype(np.int64), touched[shared[touched]].astype(np.int64)))
    return sorted(found, key=lambda block: (-len(block.columns), int(block.columns[0])))


@dataclass(frozen=True)
class Part:
    """A block as a program of its own, with the columns of the whole that it decides, and a solution to start from."""

    program: Program
    columns: Ints
    start: Vector


def parts_of(program: Program, rows: Rows, blocks: Sequence[Block], x: Vector, wish: Vector) -> Iterator[Part]:
    """The blocks as programs at a whole solution x: each may use of shared rows what it uses in x, and some more.

    What x leaves over goes to the blocks that use more in `wish`, a solution of the relaxation, in proportion to that.
    """
    lane, component = rows.layout.rows["lane_capacity"].ravel(), rows.layout.rows["component_supply"]
    left = rows.names["component_left"]
    by_column = program.A.tocsc()
    used = program.A @ x
    of_component = {int(row): k for k in range(component.shape[0]) for row in component[k]}
    is_lane = np.zeros(len(used), dtype=bool)
    is_lane[lane] = True
    now = [by_column[:, block.columns] @ x[block.columns] for block in blocks]
    then = [by_column[:, block.columns] @ wish[block.columns] for block in blocks]
    more = [np.maximum(0.0, w - u) for w, u in zip(then, now, strict=True)]
    total = np.maximum(np.sum(more, axis=0) if more else np.zeros(len(used)), 1e-9)
    use = [np.cumsum(u[component], axis=1) for u in now]
    wished = [np.maximum(0.0, np.cumsum(w[component], axis=1) - u) for w, u in zip(then, use, strict=True)]
    all_wished = np.maximum(sum(wished, np.zeros(component.shape)), 1e-9)
    spare = np.maximum(0.0, x[left]) if left.size else np.zeros(component.shape)
    held = program.lower >= program.upper
    shift = program.A @ np.where(held, program.lower, 0.0)
    for number, block in enumerate(blocks):
        low, high = program.row_lower - shift, program.row_upper - shift
        lanes = block.shared[is_lane[block.shared]]
        free = np.maximum(0.0, program.row_upper[lanes] - used[lanes])
        high[lanes] = now[number][lanes] + free * more[number][lanes] / total[lanes]
        kinds = sorted({of_component[row] for row in block.shared[~is_lane[block.shared]].tolist()})
        room = np.zeros((len(kinds), component.shape[1]))
        for k, kind in enumerate(kinds):
            room[k] = use[number][kind] + spare[kind] * wished[number][kind] / all_wished[kind]
            low[component[kind]] = high[component[kind]] = np.diff(room[k], prepend=0.0)
        own = component[kinds].ravel()
        columns = np.concatenate([block.columns, left[kinds].ravel()]).astype(np.int64)
        rows_here = np.unique(np.concatenate([block.rows, block.shared, own]).astype(np.int64))
        upper = np.where(np.isin(columns, left), np.inf, program.upper[columns])
        small = Program(
            program.cost[columns], 0.0, sparse.csr_array(by_column[:, columns][rows_here]), low[rows_here],
            high[rows_here], program.lower[columns], upper, program.whole[columns],
        )  # fmt: skip
        start = np.concatenate([x[block.columns], *(room[k] - use[number][kind] for k, kind in enumerate(kinds))])
        yield Part(small, block.columns, start)


def solve_part(part: Part, limits: Limits, stop: Callable[[], bool] | None = None) -> Vector | None:
    """The best solution of a block found in time, better than its start; None if there is none. `stop` ends it soon."""
    answer = run(part.program, limits, start=part.start, stop=stop)
    if answer.x is None or answer.objective is None:
        return None
    x = np.where(part.program.whole, np.round(answer.x), answer.x)
    before = part.program.value(part.start)
    if part.program.value(x) >= before - 1e-9 * abs(before):
        return None
    return x[: len(part.columns)]


_asked: list[Event] = []
"""In a process that solves blocks: one, set when its parent wants it to end."""


def _listens(asked: Event) -> None:
    """Called in such a process when it starts."""
    _asked.append(asked)


def _solve_elsewhere(part: Part, limits: Limits) -> Vector | None:
    return solve_part(part, limits, _asked[0].is_set)


def solve_all(
    parts: Sequence[Part],
    limits: Limits,
    workers: int,
    *,
    left: Callable[[], float],
    stop: Callable[[], bool],
    done: Callable[[Part, Vector | None], None],
) -> list[str]:
    """Solves all parts in `workers` processes; `done` hears of each, in the order of the parts. What went wrong.

    A part gets a share of the time that is left by its size, and ends earlier if it is proven. Once `stop` says so all
    of them end with what they have.
    """
    weights = np.array([part.program.A.shape[1] for part in parts], dtype=float)
    messages: list[str] = []
    total, spent = max(1.0, float(weights.sum())), 0.0
    if workers < 2:
        for k, part in enumerate(parts):
            if stop():
                break
            share = left() * weights[k] / max(1.0, total - spent) * 4.0
            done(part, solve_part(part, replace(limits, seconds=max(0.5, min(share, left()))), stop))
            spent += weights[k]
        return messages
    context = QuietContext()
    asked = context.Event()
    with ProcessPoolExecutor(workers, context, _listens, (asked,)) as pool:
        waiting: dict[Future[Vector | None], int] = {}
        queue = iter(range(len(parts)))
        try:
            while True:
                if stop():
                    asked.set()
                    for future in waiting:
                        future.cancel()
                while len(waiting) < 2 * workers and not asked.is_set():
                    k = next(queue, -1)
                    if k < 0:
                        break
                    share = workers * left() * weights[k] / max(1.0, total - spent) * 4.0
                    seconds = max(0.5, min(share, left()))
                    waiting[pool.submit(_solve_elsewhere, parts[k], replace(limits, seconds=seconds))] = k
                    spent += weights[k]
                if not waiting:
                    break
                for future in wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED).done:
                    k = waiting.pop(future)
                    done(parts[k], None if future.cancelled() else future.result())
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
