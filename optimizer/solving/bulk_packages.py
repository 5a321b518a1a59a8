"""From a relaxation of an order book to whole packages that somebody pays for: releases, contents, payments."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.bulk.batch import Batch
from models.bulk.contents import contents, whole_releases
from models.listing.bundles import Bundle
from optimizer.solving.bulk_master import Master, Relaxed
from optimizer.solving.highs import Limits

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Packed:
    """Packages with contents, periods and payers, and the relaxation that they were taken from."""

    bundles: tuple[Bundle, ...]
    relaxed: Relaxed


def whole_packages(master: Master, relaxed: Relaxed, limits: Limits, stop: Callable[[], bool]) -> Packed:
    """Packages near a relaxation, all of them paid.

    Releases are made whole first, and offers accepted or not; the relaxation is solved again with them, and says what
    the packages hold. If that takes too long, the relaxation before says it. From then on the master's rows hold these
    decisions.
    """
    rows = master.rows
    if rows.policy is None:
        return Packed((), relaxed)
    counts, chosen = whole_releases(rows, relaxed.x[: rows.standing.count])
    names = rows.names
    offers = np.maximum(rows.standing.lower[names["accepted"]], np.round(relaxed.x[names["accepted"]]))
    columns = np.concatenate([names["released"], names["proposed_released"].ravel(), names["accepted"]])
    second = master.settle(columns, np.concatenate([counts, chosen.ravel(), offers]), limits, stop)
    log.debug("%d whole releases: %s after %.6g", counts.sum() + chosen.sum(), second and second.value, relaxed.value)
    found = relaxed if second is None else second
    batches = first_batches(master.batches, len(found.x) - rows.standing.count)
    return Packed(tuple(contents(master.pricing, batches, found.x, counts, chosen)), found)


def first_batches(batches: Sequence[Batch], count: int) -> list[Batch]:
    """The batches of the first so many columns: those of the last round were never in a program."""
    found, at = [], 0
    for batch in batches:
        if at >= count:
            break
        found.append(batch)
        at += batch.who.size
    return found
