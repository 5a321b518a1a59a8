"""The libraries that draw the charts, as one script of the page. Made by `python -m benchmarks.chart_bundle`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

BUNDLE: Path = Path(__file__).parents[1] / "vega" / "vega.js"
"""Vega, Vega-Lite and Vega-Embed with all they need, in one file; `LICENSES.txt` beside it holds their terms."""


@cache
def bundle() -> str:
    """The script, read once a process. Raises `OSError` if the installation lost it."""
    return BUNDLE.read_text(encoding="utf-8")
