"""One clock in the solver: nothing else asks the wall what time it is, and what asks it only tells people."""

from __future__ import annotations

import ast

import pytest

from tests.house.tree import calls, sources, syntax

CLOCK = "optimizer.solving.clock"
TELLING = {
    "optimizer.solving.bulk_work": "seconds of the trace, and how often progress is said",
    "optimizer.solving.child": "seconds of the trace, and how often progress is said",
    "optimizer.solving.crew": "when a process that hangs is ended",
    "optimizer.solving.checkpoint": "how often it is written, and how long a solve took so far",
    "optimizer.solving.highs": "seconds of the hand-over",
    "optimizer.solving.places.cluster": "when a piece or a cluster without workers is given up",
    "optimizer.solving.places.link": "when a scheduler that does not answer is given up",
    "optimizer.solving.places.pool": "when a process that hangs is ended",
    "optimizer.solving.robust": "seconds of progress, and of the whole",
    "optimizer.solving.search": "when the first bound was there",
    "optimizer.solving.solve": "when a process that hangs is ended",
}
"""Who may ask for the wall, and for what: never for what a search decides."""
CHANCE = ("time", "random", "secrets", "uuid")
SOLVING = sorted(name for name in sources() if name.startswith("optimizer.solving."))


def taken(module: str) -> set[str]:
    """Modules that a module imports, and names that it takes from the clock, as `clock.NAME`."""
    found: set[str] = set()
    for node in ast.walk(syntax(sources()[module])):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            found.add(node.module.split(".")[0])
            if node.module == CLOCK:
                found |= {f"clock.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("module", SOLVING)
def test_only_the_clock_knows_the_time(module: str) -> None:
    if module != CLOCK:
        assert not taken(module) & set(CHANCE), module


@pytest.mark.parametrize("module", SOLVING)
def test_the_wall_is_for_telling(module: str) -> None:
    asks = "clock.wall" in taken(module)
    assert asks == (module in TELLING), f"{module}: name it in TELLING with its reason, or take `now`"


def test_random_numbers_have_a_seed() -> None:
    for module, path in sources().items():
        for call in calls(syntax(path)):
            drawn = isinstance(call.func, ast.Attribute) and call.func.attr == "default_rng"
            assert not drawn or call.args, module
