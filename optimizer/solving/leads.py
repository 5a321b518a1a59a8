"""Reading a solution of the guide: what to release with which contents, in which order demands are served."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.baselines import Bundle
from models.blocks.funding import ANY
from models.blocks.packages import new_name
from models.build import Built
from models.facts import Facts
from models.matrix import Vector
from models.settle import Wanted
from optimizer.solving.program import Mask

Settled = dict[tuple[str, tuple[Any, ...]], float]
"""Values of releases, contents and payers by variable name and index."""
EXPENSIVE = 0.08
"""A unit that costs more than this share of a package is decided together with the release."""


def expensive(guide: Built) -> Mask:
    """Contents of new packages whose single unit is a considerable share of a package."""
    facts = guide.draft.facts
    policy = facts.problem.package_policy
    mask = np.zeros(guide.matrix.shape[1], dtype=bool)
    if policy is not None:
        for j, (kind, key) in enumerate(zip(guide.matrix.kinds, guide.matrix.column_keys, strict=True)):
            mask[j] = kind == "content" and facts.price(key[0]) >= EXPENSIVE * policy.target_usd_m
    return mask


def wanted(facts: Facts, guide: Built, lead: Vector) -> list[Wanted]:
    """The releases of a guide solution with their contents; those of a period without release slots share alike."""
    units: dict[tuple[int, Any], dict[str, float]] = defaultdict(dict)
    found: list[Wanted] = []
    for (kind, key), j in guide.matrix.column_of.items():
        if kind == "content" and lead[j] > 1e-6:
            units[key[1], key[2]][key[0]] = float(lead[j])
    for (kind, key), j in guide.matrix.column_of.items():
        if lead[j] > 0.5 and kind == "is_released":
            found.append(Wanted(("new", *key), units[key]))
        elif lead[j] > 0.5 and kind == "releases":
            count = round(float(lead[j]))
            share = {need: amount / count for need, amount in units[key[0], ANY].items()}
            found += [Wanted(("new", key[0], k), dict(share)) for k in range(count)]
        elif lead[j] > 0.5 and kind == "proposed_released":
            found.append(Wanted(("proposed", *key), dict(facts.package_contents[key[0]])))
    return sorted(found, key=lambda wanted: (wanted.period, str(wanted.place)))


def bundles(facts: Facts, settled: Settled) -> list[Bundle]:
    """The settled releases as the list scheduler takes them."""
    held: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    for (kind, key), value in settled.items():
        if kind == "content":
            held[key[1], key[2]][key[0]] = round(value)
    found: list[Bundle] = []
    for (kind, key), _ in sorted(settled.items(), key=str):
        if kind == "is_released":
            found.append(Bundle(new_name(facts, len(found) + 1), "new", held[key], key[0]))
        elif kind == "proposed_released":
            found.append(Bundle(key[0], "proposed", facts.package_contents[key[0]], key[1]))
    return found


def ranking(guide: Built, lead: Vector) -> list[str]:
    """Demands in the order in which the guide serves them: by the mean period of what leaves for them."""
    units: dict[str, float] = defaultdict(float)
    moments: dict[str, float] = defaultdict(float)
    moves = guide.draft.notes["moves"]
    for (kind, key), j in guide.matrix.column_of.items():
        if lead[j] <= 1e-6 or kind not in ("sent", "dispatched", "is_completed"):
            continue
        name, period = (moves[key[0]].need, moves[key[0]].period) if kind == "sent" else (key[0], key[1])
        # completion is nondecreasing in time, so its first period with a value is when it happens
        if kind == "is_completed" and name in units:
            continue
        amount = float(lead[j])
        units[name] += amount
        moments[name] += amount * period
    return sorted(units, key=lambda name: moments[name] / units[name])


def savings(facts: Facts, guide: Built, lead: Vector) -> dict[str, float]:
    """What a unit of each need saves in the guide, on average: weighted million-dollar-weeks."""
    units: dict[str, float] = defaultdict(float)
    saved: dict[str, float] = defaultdict(float)
    moves = guide.draft.notes["moves"]
    for (kind, key), j in guide.matrix.column_of.items():
        if kind == "sent" and lead[j] > 1e-6:
            units[moves[key[0]].need] += float(lead[j])
            saved[moves[key[0]].need] += float(lead[j]) * moves[key[0]].saving
    return {
        need: saved[need] / units[need] if units[need] else 0.5 * facts.need_never_cost(row)
        for need, row in facts.needs.items()
    }


def room(facts: Facts, guide: Built, lead: Vector, releases: list[Wanted], more: float = 0.0) -> dict[str, int]:
    """Units each need may get from new packages: what is sent from the pool beyond other packages, and `more`."""
    sent: dict[str, float] = defaultdict(float)
    offered: dict[str, float] = defaultdict(float)
    moves = guide.draft.notes["moves"]
    for (kind, key), j in guide.matrix.column_of.items():
        if kind == "sent":
            move = moves[key[0]]
            (sent if move.origin == "pool" else offered)[move.need] += float(lead[j])
    room = {}
    for need, record in facts.needs.items():
        other = sum(w.contents.get(need, 0.0) for w in releases if not w.is_new)
        funded = sum(
            facts.package_contents[p.package].get(need, 0) for p in facts.problem.packages if p.status == "funded"
        )
        wanted = sum(w.contents.get(need, 0.0) for w in releases if w.is_new)
        within = record.quantity - funded - other - int(np.ceil(offered[need] - 1e-6))
        room[need] = max(0, int(min(within, np.floor(min(wanted + 1.0, sent[need] - other + 1e-6) + more))))
    return room


@dataclass(frozen=True)
class Link:
    """Which columns of guide and exact model are the same: `exact[k]` is `guide[k]`."""

    guide: np.ndarray
    exact: np.ndarray

    @staticmethod
    def of(guide: Built, exact: Built) -> Link:
        """Pairs columns by variable name and index; payments differ between the two."""
        of = exact.matrix.column_of
        pairs = [(g, of[key]) for key, g in guide.matrix.column_of.items() if key in of and key[0] != "pays"]
        return Link(np.array([g for g, _ in pairs], dtype=int), np.array([e for _, e in pairs], dtype=int))
