"""What a suite may name. Looked up when asked, so that reading a suite needs no solver of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from models.baselines import first_come_first_served, priority_list
from models.plan import Plan
from models.problem import Problem

if TYPE_CHECKING:
    from optimizer.peers import Peer

BASELINES: dict[str, Callable[[Problem], Plan]] = {
    "first_come_first_served": first_come_first_served,
    "priority_list": priority_list,
}
"""The two cases to compare with."""


def methods() -> list[str]:
    """Names of the methods of solving."""
    from optimizer.solving.methods import METHODS

    return list(METHODS)


def peers() -> Mapping[str, Peer]:
    """The other solvers by name."""
    from optimizer.peers import PEERS

    return PEERS


def classes() -> list[str]:
    """Names of the size classes of generated instances."""
    from optimizer.generating.classes import CLASSES

    return list(CLASSES)
