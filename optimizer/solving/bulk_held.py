"""Programs in which packages are looked for: the relaxation with orders held, and what is changed in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse

from models.bulk.batch import COMPLETE, EACH, EACH_KEPT, PATTERN, Batch, kinds
from models.bulk.filling import Filling
from models.bulk.rows import Rows
from models.bulk.tables import Floats, Ints
from models.matrix import Vector
from optimizer.solving.bulk_master import Master, Relaxed
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Program

_TORN = 1e-6


def at_any_time(master: Master, relaxed: Relaxed) -> Relaxed:
    """The relaxation with a column for every need in every period in which a unit may leave the pool for it.

    The cheapest way at its prices. With few packages, each of them may be released far from where the relaxation
    spends the money, and what is in it then leaves in periods for which column generation had no reason to make any.
    """
    pricing = master.pricing
    ways, cost = pricing.tables.ways, pricing.way_costs(pricing.prices(pricing.legal(relaxed.dual)))
    who, when = list[Ints](), list[Ints]()
    for mine in pricing.of_need:
        pooled = mine[ways.offer[mine] < 0]
        if len(pooled):
            best = np.argmin(cost[pooled], axis=0)
            open_ = np.flatnonzero(np.isfinite(cost[pooled].min(axis=0)))
            who.append(pooled[best[open_]])
            when.append(open_.astype(np.int64))
    if who:
        master.add(pricing.way_batches(np.concatenate(who), np.concatenate(when)))
    x = np.zeros(master.rows.standing.count + master.count)
    x[: len(relaxed.x)] = relaxed.x
    return replace(relaxed, x=x)


def orders_held(master: Master, batches: Sequence[Batch], relaxed: Relaxed, chosen: Floats) -> Program:
    """The relaxation with orders as they are in it, proposed packages chosen and offers accepted or not."""
    rows, x, program = master.rows, relaxed.x, master.program()
    program = replace(
        program, cost=program.cost[: len(x)], A=sparse.csr_array(program.A[:, : len(x)]),
        lower=program.lower[: len(x)], upper=program.upper[: len(x)], whole=program.whole[: len(x)],
    )  # fmt: skip
    names = rows.names
    orders = rows.standing.count + np.flatnonzero(np.isin(kinds(batches), (EACH, COMPLETE, EACH_KEPT, PATTERN)))
    still = np.concatenate([orders, names["reviewed"].ravel(), names["promise_broken"].ravel()])
    offers = np.maximum(program.lower[names["accepted"]], np.round(x[names["accepted"]]))
    program = program.held(still, x[still]).held(names["accepted"], offers)
    return program.held(names["proposed_released"].ravel(), chosen.ravel())


def without_dear(program: Program, begin: int, relaxed: Relaxed, dear: float) -> Program:
    """The program without generated columns (from `begin` on) that are dear at the relaxation's prices and not used.

    Dear is one of which a unit costs more than `dear` times the objective.
    """
    reduced = program.cost - program.A.T @ relaxed.dual
    out = (reduced > dear * abs(relaxed.value)) & (relaxed.x < _TORN) & (program.lower < program.upper)
    columns = begin + np.flatnonzero(out[begin:])
    return program.held(columns, program.lower[columns])


def releasing(program: Program, rows: Rows, counts: Floats, spare: float) -> Program:
    """The program with so many new packages by period.

    Where several are released at once, a little room is left below their highest and above their lowest value, as
    whole units do not fit in exactly.
    """
    policy = rows.policy
    assert policy is not None
    room = np.where(counts > 1, counts * policy.target_usd_m * min(spare, policy.tolerance / 2), 0.0)
    low, high = program.row_lower.copy(), program.row_upper.copy()
    low[rows.layout.rows["package_value_least"]] += room
    high[rows.layout.rows["package_value_most"]] -= room
    return replace(program.held(rows.names["released"], counts), row_lower=low, row_upper=high)


def roomy(program: Program, rows: Rows, room: float) -> Program:
    """The program with new packages of at least and at most values that are nearer, by a share of the tolerance."""
    policy = rows.policy
    assert policy is not None
    released, size = rows.names["released"].ravel(), room * policy.tolerance * policy.target_usd_m
    ends = [rows.layout.rows[name] for name in ("package_value_least", "package_value_most")]
    row, column = np.concatenate(ends), np.concatenate([released, released])
    nearer = np.repeat([-size, size], len(released))
    return replace(
        program, A=sparse.csr_array(program.A + sparse.csr_array((nearer, (row, column)), shape=program.A.shape))
    )


def short(program: Program, rows: Rows, lost: float) -> Program:
    """The program with less money, by this share of it."""
    high = program.row_upper.copy()
    high[rows.layout.rows["within_pledge"].ravel()] *= 1 - lost
    return replace(program, row_upper=high)


def solved(program: Program, limits: Limits, stop: Callable[[], bool]) -> tuple[Vector | None, float]:
    """The solution that is found, and its value; without the columns that are fixed the program is much smaller."""
    small, free = program.compressed()
    answer = run(small, limits, stop=stop)
    if answer.x is None:
        return None, np.inf
    x = program.completed(free, np.where(small.whole, np.round(answer.x), answer.x))
    return x, program.value(x)


def beside(program: Program, form: Filling) -> Program:
    """The program with the columns and rows of contents."""
    C, new = len(program.cost), len(form.upper)
    rows = sparse.csr_array((form.value, (form.row, form.column)), shape=(form.count, C + new))
    sides, whole = np.zeros(form.count), np.zeros(C + new, dtype=bool)
    whole[C : C + len(form.need)] = True
    shut = program.held(form.shut, program.lower[form.shut])
    wide = replace(
        shut,
        cost=np.append(shut.cost, np.zeros(new)),
        A=sparse.csr_array(sparse.hstack([shut.A, sparse.csr_array((shut.A.shape[0], new))])),
        lower=np.append(shut.lower, np.zeros(new)),
        upper=np.append(shut.upper, form.upper),
        whole=whole,
    )
    return wide.with_rows(rows, sides, sides)


def first_batches(batches: Sequence[Batch], count: int) -> list[Batch]:
    """The batches of the first so many columns: those of the last round were never in a program."""
    found, at = [], 0
    for batch in batches:
        if at >= count:
            break
        found.append(batch)
        at += batch.who.size
    return found
