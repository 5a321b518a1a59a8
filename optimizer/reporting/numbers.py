"""How numbers and dates are written in files: the same plan gives the same bytes, everywhere."""

from __future__ import annotations

import datetime as dt

DIGITS = 9
"""Decimals kept. A payment's share must still add up to a package's value within the checker's tolerance."""


def clean(value: float, digits: int = DIGITS) -> float:
    """The value rounded for a file, and never −0."""
    return round(value, digits) + 0.0


def text(value: object) -> str:
    """A cell of a CSV file: blank for None, `yes` and `no`, ISO dates, the shortest digits of a number."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        rounded = clean(value)
        return str(int(rounded)) if rounded.is_integer() and abs(rounded) < 1e15 else repr(rounded)
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def short(value: float) -> str:
    """A number for people: thousands apart, decimals only where they tell something."""
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:,.1f}".removesuffix(".0")
    trimmed = f"{value:,.2f}" if size >= 0.01 else f"{value:.2g}"
    return trimmed.rstrip("0").rstrip(".") if "." in trimmed and "e" not in trimmed else trimmed


def percent(value: float | None, digits: int = 2) -> str:
    """A share as a percentage; "unknown" where it is None."""
    return "unknown" if value is None else f"{100 * value:.{digits}f} %"
