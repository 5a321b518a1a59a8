"""Public figures, and the laws that are fitted to them.

The files in `data/` name a source in every row. Laws are fitted by the method of moments on the logarithms, which for
a lognormal law is maximum likelihood but for the divisor n - 1.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from statistics import fmean, stdev

from optimizer.generating.draws import Lognormal

Row = dict[str, str]
_LAST_YEAR = 2027
"""Later rates are targets of frameworks, most of them not yet contracted."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What instances are drawn from."""

    price: Lognormal
    """Unit price, million USD (a unit may be a lot)."""
    line_value: Lognormal
    """What a line turns out, million USD a week."""
    growth: tuple[float, ...]
    """Growth of public output rates, a year, as they were reported; used by drawing one of them."""
    quantity: Lognormal
    """Units in a notice of a sale."""
    contribution: Lognormal
    """Million USD that a donor gave to packages at a time."""
    recipients: tuple[Row, ...]
    """Rows of the table `recipients`, with their sources."""


@cache
def figures() -> Figures:
    """Read the files of the package and fit the laws."""
    production, notices = _rows("production.csv"), _rows("notices.csv")
    price, rate = _prices(production), _rates(production)
    return Figures(
        price=_fitted(price.values()),
        line_value=_fitted(price[item] * rate[item][-1][1] / 52 for item in price if item in rate),
        growth=_growth(rate),
        quantity=_fitted(float(row["quantity"]) for row in notices if row["quantity"]),
        contribution=_fitted(float(row["amount_usd_m"]) for row in _rows("contributions.csv")),
        recipients=tuple(_rows("recipients.csv")),
    )


def _rows(name: str) -> list[Row]:
    text = files("optimizer.generating").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _prices(production: Iterable[Row]) -> dict[str, float]:
    """Latest price of a unit by item."""
    return {
        row["item"]: float(row["piece_price_usd_m"]) * int(row["pieces_per_unit"])
        for row in production
        if row["piece_price_usd_m"]
    }


def _rates(production: Iterable[Row]) -> dict[str, list[tuple[int, float]]]:
    """Units a year by item, with the year, in the order of years."""
    found: dict[str, list[tuple[int, float]]] = {}
    for row in production:
        if row["pieces_per_year"] and int(row["year"]) <= _LAST_YEAR:
            units = float(row["pieces_per_year"]) / int(row["pieces_per_unit"])
            found.setdefault(row["item"], []).append((int(row["year"]), units))
    return {item: sorted(points) for item, points in found.items()}


def _growth(rates: dict[str, list[tuple[int, float]]]) -> tuple[float, ...]:
    """Growth a year between the reports of one item, in ascending order."""
    return tuple(
        sorted(
            round((after / before) ** (1 / (later - earlier)) - 1, 4)
            for points in rates.values()
            for (earlier, before), (later, after) in pairwise(points)
            if later > earlier
        )
    )


def _fitted(values: Iterable[float]) -> Lognormal:
    """Rounded, so that the last bit of a logarithm, which machines may differ in, cannot show."""
    logs = [math.log(value) for value in values]
    return Lognormal(round(fmean(logs), 6), round(stdev(logs), 6))
