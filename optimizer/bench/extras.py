"""The libraries that only the bench needs; without them the rest of the program works as before."""

from __future__ import annotations

import importlib
from typing import Any

_PACKAGES = {"vl_convert": "vl-convert-python"}
NEEDED = ("polars", "altair", "vl_convert", "psutil")


class MissingExtraError(RuntimeError):
    """A library of the extra `bench` is not installed; the message is one line for the user."""


def extra(module: str) -> Any:
    """The module, imported now. Raises `MissingExtraError` where it is not installed."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as missing:
        package = _PACKAGES.get(module, module)
        raise MissingExtraError(
            f"{package} is not installed, which the bench needs: pip install 'burdenshare[bench]'"
        ) from missing


def all_present() -> None:
    """Raises `MissingExtraError` now, instead of after hours of measuring."""
    for module in NEEDED:
        extra(module)
