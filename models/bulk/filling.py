"""Which units of which need are released when: what the relaxation leaves open, as columns and rows beside it.

    content[n,r] ≥ 0, whole; waiting[n,r] = waiting[n,r−1] + content[n,r] − what leaves between r and the next release
    Σ price · content[n,r] over a category = content_value[c,r]

`r` are the periods in which new packages are released. Without whole units this costs nothing, as units of a category
can be dealt to releases first come, first served; with whole units it decides who waits for the next release. A need
has columns only near the releases at which it would be dealt so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.bulk.batch import NEW, NEW_KEPT, Batch, kinds
from models.bulk.pricing import Pricing
from models.bulk.tables import Floats, Ints

_DUST = 1e-6
BESIDE = 2
"""Releases before and after those at which a need is dealt to that it has columns for."""


@dataclass(frozen=True)
class Filling:
    """Columns and rows to add to a program. All new rows have sides of 0; columns are numbered after those there are.

    `need`, `release`: of every column of content (`release` by its number in `Rows.releases`). `upper`: of all new
    columns, content first. `row`, `column`, `value`: entries of the new rows. `count`: how many rows. `leaving`,
    `leaving_need`: columns there are by which new content leaves, and their needs. `shut`: those of them without use.
    """

    need: Ints
    release: Ints
    upper: Floats
    row: Ints
    column: Ints
    value: Floats
    count: int
    leaving: Ints
    leaving_need: Ints
    shut: Ints


def filling(
    pricing: Pricing,
    batches: Sequence[Batch],
    x: Floats,
    counts: Floats,
    decided: Mapping[int, Mapping[int, int]] | None = None,
) -> Filling | None:
    """The filling of new packages, for a relaxation with whole releases; None where nothing is released.

    Args:
        pricing: of the relaxation.
        batches: its generated columns.
        x: values of all its columns.
        counts: new packages by period of release.
        decided: units by release and need, if there are to be columns for these only.
    """
    rows, ways, begin = pricing.rows, pricing.tables.ways, pricing.rows.standing.count
    released = np.flatnonzero(counts > 0)
    on = np.flatnonzero(np.isin(kinds(batches), (NEW, NEW_KEPT)))
    if not len(released) or not len(on):
        return None
    who, when = (np.concatenate(parts)[on] for parts in ([b.who for b in batches], [b.when for b in batches]))
    need, leaving, value = ways.need[who], begin + on, x[begin + on]
    slot = np.searchsorted(rows.leaves_from[released], when, side="right") - 1
    price, N, R = pricing.need_price, len(pricing.units), len(released)
    last = np.full(N, -1, dtype=np.int64)
    np.maximum.at(last, need, slot)
    number = np.arange(R)[None, :]
    if decided is None:
        low, high = _dealt(pricing, x, released, need=need, when=when, value=value)
        first, end = np.maximum(0, low - BESIDE), np.minimum(last, high + BESIDE)
        of_need, of_release = np.nonzero((number >= first[:, None]) & (number <= end[:, None]))
    else:
        pairs = [(n, k) for k, r in enumerate(released.tolist()) for n in sorted(decided.get(r, ()))]
        of_need, of_release = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        np.maximum.at(last, of_need, of_release)
        first = np.full(N, R, dtype=np.int64)
        np.minimum.at(first, of_need, of_release)
    has = np.bincount(of_need, minlength=N) > 0
    # rows: a balance by need and release from its first column on
    there = has[:, None] & (number >= first[:, None]) & (number <= last[:, None])
    balance = np.full((N, R), -1, dtype=np.int64)
    balance[there] = np.arange(int(there.sum()))
    known = slot >= 0
    row_of = np.full(len(slot), -1, dtype=np.int64)
    row_of[known] = balance[need[known], slot[known]]
    C, W, K = len(x), len(of_need), int(there.sum())
    content, waiting = C + np.arange(W), C + W + np.arange(K)
    worth = K + (np.arange(len(rows.categories))[:, None] * R + number)
    on_row = np.flatnonzero(row_of >= 0)
    after = there[:, 1:] & there[:, :-1]
    entries = [
        (row_of[on_row], leaving[on_row], np.ones(len(on_row))),
        (balance[of_need, of_release], content, -np.ones(W)),
        (np.arange(K), waiting, np.ones(K)),
        (balance[:, 1:][after], waiting[balance[:, :-1][after]], -np.ones(int(after.sum()))),
        (worth[pricing.category[of_need], of_release], content, price[of_need]),
        (worth.ravel(), rows.names["content_value"][:, released].ravel(), -np.ones(worth.size)),
    ]
    row, column, values = (np.concatenate(parts) for parts in zip(*entries, strict=True))
    free = np.full(K, np.inf)
    if decided is None:
        free[balance[np.flatnonzero(has), last[has]]] = 0.0  # promise_kept: all of it leaves
    upper = np.concatenate([pricing.units[of_need].astype(float), free])
    return Filling(
        of_need, released[of_release], upper, row, column, values, K + worth.size, leaving, need, leaving[row_of < 0]
    )


def _dealt(pricing: Pricing, x: Floats, released: Ints, *, need: Ints, when: Ints, value: Floats) -> tuple[Ints, Ints]:
    """First and last release (by number among `released`) of every need, dealt first come, first served by category.

    Where nothing of a need leaves, the last is before the first.
    """
    rows, price, N = pricing.rows, pricing.need_price, len(pricing.units)
    low, high = np.full(N, len(released), dtype=np.int64), np.full(N, -len(released), dtype=np.int64)
    worth = np.cumsum(x[rows.names["content_value"]][:, released], axis=1)
    for c in range(len(rows.categories)):
        mine = np.flatnonzero((pricing.category[need] == c) & (value > _DUST))
        mine = mine[np.argsort(when[mine], kind="stable")]
        amount = value[mine] * price[need[mine]]
        through = np.cumsum(amount)
        np.minimum.at(low, need[mine], np.searchsorted(worth[c], through - amount + _DUST))
        np.maximum.at(high, need[mine], np.searchsorted(worth[c], through - _DUST))
    return low, high
