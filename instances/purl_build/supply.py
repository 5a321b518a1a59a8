"""Items, lines, rates, components and stock: what can be turned out."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from pathlib import Path

from purl_build.tables import Book, Row, read_rows

RATE_DATES = (dt.date(2026, 1, 1), dt.date(2026, 7, 1), dt.date(2027, 1, 1), dt.date(2027, 7, 1))
"""A public ramp becomes a step function with these steps."""
LAST_RATE_YEAR = 2027
"""Later figures are framework targets, most of them agreed after the start of the instance: not used."""
STATED_DATES = {("155mm projectile", "2026"): dt.date(2026, 7, 1)}
"""Rates whose source names a day; all others hold from 1 January of their year."""


def add_items(book: Book, data: Path, hand: Path) -> None:
    """Items with their price a unit (a lot of several counts as one unit) and their stock."""
    prices = {row["item"]: row for row in read_rows(data / "production_rates.csv") if row["unit_price_usd_m"]}
    for row in read_rows(hand / "items.csv"):
        basis, note = row["price_basis"], row["price_note"]
        if row["price_item"]:
            public = prices[row["price_item"]]
            price = float(public["unit_price_usd_m"]) * int(row["lot"])
            if abs(price - float(row["unit_price_usd_m"])) > 1e-9:
                raise ValueError(f"items {row['item']}: price {row['unit_price_usd_m']}, the data give {price}")
            note = f"production_rates {public['item']!r} {public['year']} ({public['price_and_lead_basis']})"
            basis = "public" if row["lot"] == "1" else "derived"
        labels = ("name+category+unit", "invented", "our labels and lots for publicly known items")
        tonnes = ("tonnes", "invented", "order of magnitude of a packed unit")
        book.add("items", row, "item", labels, ("unit_price_usd_m", basis, note), tonnes)
        book.add("stocks", row, "item", ("on_hand+readiness_floor", "invented", "stock levels are not public"))


def ramp(rows: list[Row], lot: int) -> list[tuple[dt.date, float]]:
    """Slots a week at each of `RATE_DATES`, straight between the public points, a slot being a lot of `lot`."""
    points = []
    for row in rows:
        if row["rate_units_per_year"] and int(row["year"]) <= LAST_RATE_YEAR:
            day = STATED_DATES.get((row["item"], row["year"]), dt.date(int(row["year"]), 1, 1))
            points.append((day, float(row["rate_units_per_year"]) / lot / 52))
    points.sort()
    dated = any((row["item"], row["year"]) in STATED_DATES for row in rows)
    steps: list[tuple[dt.date, float]] = []
    for day in RATE_DATES:
        # A rate that is stated to start on a day is not approached before it.
        slots = round(last_before(points, day) if dated else between(points, day), 3)
        if not steps or slots != steps[-1][1]:
            steps.append((day, slots))
    return steps


def last_before(points: list[tuple[dt.date, float]], day: dt.date) -> float:
    """Value of the last point on or before the day, or of the first one."""
    return next((value for when, value in reversed(points) if when <= day), points[0][1])


def between(points: list[tuple[dt.date, float]], day: dt.date) -> float:
    """Straight line between the two points around the day; constant outside the points."""
    for (before, low), (after, high) in pairwise(points):
        if before <= day <= after:
            return low + (high - low) * ((day - before).days / (after - before).days)
    return points[0][1] if day < points[0][0] else points[-1][1]


def add_lines(book: Book, data: Path, hand: Path) -> None:
    """Lines, what they make, and their rates: from the public ramp where there is one, else by hand."""
    public = read_rows(data / "production_rates.csv")
    for row in read_rows(hand / "lines.csv"):
        book.add("lines", row, "line", ("name", "invented", "our label"))
        if not row["rate_item"]:
            continue
        rows = [rate for rate in public if rate["item"] == row["rate_item"]]
        years = ", ".join(
            f"{rate['year']}: {rate['rate_units_per_year']}"
            for rate in rows
            if rate["rate_units_per_year"] and int(rate["year"]) <= LAST_RATE_YEAR
        )
        source = f"production_rates {row['rate_item']!r} a year ({years}), a week, in lots of {row['lot']}"
        for day, slots in ramp(rows, int(row["lot"])):
            step = {"line": row["line"], "from_date": day.isoformat(), "slots_per_week": f"{slots:g}"}
            book.add("line_rates", step, "line+from_date", ("slots_per_week", "derived", source))
    for row in read_rows(hand / "line_rates.csv"):
        book.add("line_rates", row, "line+from_date", ("slots_per_week", row["basis"], row["note"]))
    for row in read_rows(hand / "line_items.csv"):
        book.add("line_items", row, "line+item", ("slots_per_unit", row["basis"], row["note"]))


def add_components(book: Book, hand: Path) -> None:
    """Shared components, and units already under way to the pool."""
    for row in read_rows(hand / "components.csv"):
        book.add("components", row, "component", ("on_hand", "invented", row["note"]))
    for row in read_rows(hand / "component_rates.csv"):
        book.add("component_rates", row, "component+from_date", ("units_per_week", row["basis"], row["note"]))
    for row in read_rows(hand / "item_components.csv"):
        book.add("item_components", row, "item+component", ("units_per_unit", "invented", row["note"]))
    for row in read_rows(hand / "receipts.csv"):
        book.add("receipts", row, "item+date", ("quantity", "invented", "units under way are not public"))
