"""The libraries that only sweeps need; without them the rest of the program works as before."""

from __future__ import annotations

import importlib
from typing import Any

_EXTRA = {"polars": "sweep", "psutil": "sweep", "pebble": "sweep", "distributed": "cluster", "dask": "cluster"}
NEEDED = ("polars", "psutil")


class MissingExtraError(RuntimeError):
    """A library of an extra is not installed; the message is one line for the user."""


def extra(module: str) -> Any:
    """The module, imported now. Raises `MissingExtraError` where it is not installed."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as missing:
        package = module.partition(".")[0]
        raise MissingExtraError(
            f"{package} is not installed, which a sweep needs: pip install 'burdenshare[{_EXTRA[package]}]'"
        ) from missing
