"""Which chart stands where on the page."""

from __future__ import annotations

from collections.abc import Callable

from optimizer.reporting.figures.figure import Figure
from optimizer.reporting.figures.flow import flow
from optimizer.reporting.figures.gantt import gantt
from optimizer.reporting.figures.weights import weights_chart
from optimizer.reporting.summary import Report

FIGURES: dict[str, Callable[[Report], Figure | None]] = {
    "packages": flow,
    "lines": gantt,
    "weights": weights_chart,
}
"""By the table in front of which it stands."""


def figures(report: Report) -> dict[str, Figure]:
    """Every chart for which the plan has something to show, by the table in front of which it stands."""
    found = {name: make(report) for name, make in FIGURES.items()}
    return {name: figure for name, figure in found.items() if figure is not None}
