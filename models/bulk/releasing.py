"""Whole releases near a relaxation: when proposed packages are released, and several ways to count new ones out.

The relaxation spends money as soon as it is there, in parts of packages. A whole one is released once so much has been
spent that it is worth enough; how much is enough, and how much of it a package then takes with it, is a choice, and
which is best depends on how money and units come in. So there are several, to be tried.
"""

from __future__ import annotations

import numpy as np

from models.bulk.rows import Rows
from models.bulk.tables import Floats

_DUST = 1e-6
_HALF = 0.5
ROUGH = 0.02
"""A package is full where less than this share of the target is missing to the highest value."""


def chosen_proposals(rows: Rows, standing: Floats) -> Floats:
    """`proposed_released`, 0 or 1: where the relaxation releases most of a package, if more than half of it in all."""
    proposed = standing[rows.names["proposed_released"]]
    found = np.zeros(proposed.shape)
    for k, share in enumerate(proposed):
        if share.sum() > _HALF:
            found[k, np.argmax(share)] = 1.0
    return found


def countings(rows: Rows, standing: Floats, chosen: Floats) -> list[Floats]:
    """Several whole `released` by period near a relaxation, none twice.

    Where the number of packages is scarce, a package takes its share of all that is left to spend.

    Args:
        rows: of the relaxation.
        standing: values of its standing columns.
        chosen: 1 where a proposed package is released.
    """
    policy = rows.policy
    if policy is None:
        return [np.zeros(len(rows.releases))]
    low, target = policy.target_usd_m * (1 - policy.tolerance), policy.target_usd_m
    full = max(low, policy.target_usd_m * (1 + policy.tolerance - ROUGH))
    money = spent(rows, standing, chosen).sum(axis=0)
    found: list[Floats] = []
    for size in (target, (target + full) / 2, full, (low + target) / 2):
        for enough in (low, size):
            counts = _counted(rows, money, chosen, min(enough, full), min(size, full))
            if not any(np.array_equal(other, counts) for other in found):
                found.append(counts)
    return found


def _counted(rows: Rows, money: Floats, chosen: Floats, enough: float, size: float) -> Floats:
    """New packages by period: one as soon as `enough` is spent, of which it takes `size` with it."""
    policy = rows.policy
    assert policy is not None
    full = policy.target_usd_m * (1 + max(-policy.tolerance, policy.tolerance - ROUGH))
    limit = policy.max_releases_per_period
    room = len(rows.proposed) + policy.max_new if limit is None else limit
    counts = np.zeros(len(money))
    carried, left, made = 0.0, float(money.sum()), 0
    for r, value in enumerate(money.tolist()):
        carried += value
        while made < policy.max_new and counts[r] + chosen[:, r].sum() < room:
            share = min(full, left / (policy.max_new - made))
            if carried < (max(enough, share) if share > size else enough) - _DUST:
                break
            worth = min(carried, max(size, share))
            counts[r] += 1
            made += 1
            carried -= worth
            left -= worth
    return counts


def spent(rows: Rows, standing: Floats, chosen: Floats) -> Floats:
    """Million USD by category and period for new packages, less what proposed ones that are released lack."""
    found: Floats = standing[rows.names["content_value"]].copy()
    for p, share in enumerate(standing[rows.names["proposed_released"]] - chosen):
        found += rows.proposed_worth[p][:, None] * share[None, :]
    return found
