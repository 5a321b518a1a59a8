"""The libraries that only sweeps need."""

from __future__ import annotations

from typing import Any

from optimizer.extras import imported

_EXTRA = {"polars": "sweep", "psutil": "sweep", "pebble": "sweep", "distributed": "cluster", "dask": "cluster"}
NEEDED = ("polars", "psutil")


def extra(module: str) -> Any:
    """The module, imported now. Raises `MissingExtraError` where it is not installed."""
    return imported(module, "a sweep needs", _EXTRA[module.partition(".")[0]])
