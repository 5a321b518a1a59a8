"""Where a world may differ from the instance that a plan was made for, so that the plan can be executed in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from models.problem import Problem

CHANGEABLE = (
    *("line_rates", "components", "component_rates", "receipts", "lanes", "pledges", "offers", "packages"),
    *("approvals", "approval", "needs", "commitments"),
)
"""Tables (`approval`: the section) in which an instance may differ from the one that the plan was made for."""


_WRITTEN = {
    "package_policy": "[packages]",
    **{name: f"[{name}]" for name in ("weights", "objective", "delivery", "readiness", "stability")},
}
"""Sections, as an instance writes them."""


def unbearable(problem: Problem, other: Problem) -> tuple[str, ...]:
    """What an execution does not know how to bear, one sentence part each ("where …"); empty if it can bear it all.

    Needs may be added, not changed; lanes may carry less, and lead where they led.
    """
    kept: dict[str, Any] = {name: getattr(problem, name) for name in CHANGEABLE}
    same = replace(other, name=problem.name, **kept)
    found = []
    differing = [
        _WRITTEN.get(name, name)
        for name in Problem.__dataclass_fields__
        if getattr(same, name) != getattr(problem, name)
    ]
    if differing:
        found.append(f"other {', '.join(differing)} hold than it was made for")
    known = {row.need: row for row in other.needs}
    if any(known.get(row.need) != row for row in problem.needs):
        found.append("its needs are others")
    ways = [[(row.lane, row.from_site, row.to_site, row.weeks) for row in one.lanes] for one in (problem, other)]
    if ways[0] != ways[1]:
        found.append("lanes lead elsewhere or take other times")
    return tuple(found)
