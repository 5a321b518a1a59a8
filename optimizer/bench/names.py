"""What a suite may name. Looked up when asked, so that reading a suite needs no solver of others."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from models.baselines import first_come_first_served, priority_list
from models.plan import Plan
from models.problem import Problem

BASELINES: dict[str, Callable[[Problem], Plan]] = {
    "first_come_first_served": first_come_first_served,
    "priority_list": priority_list,
}
"""The two cases to compare with."""


def methods() -> list[str]:
    """Names of the methods of solving."""
    from optimizer.solving.methods import METHODS

    return list(METHODS)


def peers() -> Mapping[str, Any]:
    """The other solvers by name."""
    found: Mapping[str, Any] = importlib.import_module("optimizer.peers").PEERS
    return found


def classes() -> list[str]:
    """Names of the size classes of generated instances."""
    return list(importlib.import_module("optimizer.generating.classes").CLASSES)
