"""The libraries that only the bench needs."""

from __future__ import annotations

from typing import Any

from optimizer.extras import imported

_PACKAGES = {"vl_convert": "vl-convert-python"}
NEEDED = ("polars", "altair", "vl_convert", "psutil")


def extra(module: str) -> Any:
    """The module, imported now. Raises `MissingExtraError` where it is not installed."""
    return imported(module, "the bench needs", "bench", _PACKAGES.get(module, ""))


def all_present() -> None:
    """Raises `MissingExtraError` now, instead of after hours of measuring."""
    for module in NEEDED:
        extra(module)
