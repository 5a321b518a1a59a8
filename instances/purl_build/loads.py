"""How much is asked of each line and component over the horizon: a check of the book, not a plan."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from purl_build.tables import Book

START, END = dt.date(2026, 1, 5), dt.date(2028, 1, 3)


def turned_out(steps: list[tuple[str, float]]) -> float:
    """Slots or units of a step function from START to END."""
    total = 0.0
    ordered = sorted((dt.date.fromisoformat(day), rate) for day, rate in steps)
    ends = [day for day, _ in ordered[1:]] + [END]
    for (day, rate), end in zip(ordered, ends, strict=True):
        total += rate * max(0, (min(end, END) - max(day, START)).days) / 7
    return total


def asked(book: Book) -> dict[str, tuple[int, int]]:
    """Units of each item asked by orders due in the horizon (and promised replacements), and by needs."""
    orders: defaultdict[str, int] = defaultdict(int)
    needs: defaultdict[str, int] = defaultdict(int)
    for row in book.tables["orders"]:
        if row["due_date"] < END.isoformat():
            orders[row["item"]] += int(row["quantity"])
    for row in book.tables["offers"]:
        if row["status"] == "accepted":
            orders[row["replacement_item"]] += int(row["replacement_quantity"])
    for row in book.tables["needs"]:
        needs[row["item"]] += int(row["quantity"])
    return {row["item"]: (orders[row["item"]], needs[row["item"]]) for row in book.tables["items"]}


def spare(book: Book) -> dict[str, int]:
    """Units of each item in stock above the floor or under way."""
    units = {r["item"]: max(0, int(r["on_hand"]) - int(r["readiness_floor"])) for r in book.tables["stocks"]}
    for row in book.tables["receipts"]:
        units[row["item"]] += int(row["quantity"])
    return units


def load_rows(book: Book) -> list[tuple[str, str, float, float, float]]:
    """Name, items, turned out, asked net of stock, percent: by line (lines of one item together) and component."""
    demand, stock = asked(book), spare(book)
    net = {item: max(0, sum(pair) - stock[item]) for item, pair in demand.items()}
    makes: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in book.tables["line_items"]:
        makes[row["line"]][row["item"]] = int(row["slots_per_unit"])
    groups: defaultdict[tuple[tuple[str, int], ...], list[str]] = defaultdict(list)
    for line, items in makes.items():
        groups[tuple(items.items())].append(line)
    rows = []
    for items_of, lines in groups.items():
        steps = [
            [(r["from_date"], float(r["slots_per_week"])) for r in book.tables["line_rates"] if r["line"] == line]
            for line in lines
        ]
        capacity = sum(turned_out(line_steps) for line_steps in steps)
        load = float(sum(net[item] * slots for item, slots in items_of))
        names = ", ".join(item for item, _ in items_of)
        rows.append((" + ".join(lines), names, capacity, load, 100 * load / capacity))
    for row in book.tables["components"]:
        name = row["component"]
        steps_of = [
            (r["from_date"], float(r["units_per_week"]))
            for r in book.tables["component_rates"]
            if r["component"] == name
        ]
        uses = {r["item"]: int(r["units_per_unit"]) for r in book.tables["item_components"] if r["component"] == name}
        capacity = int(row["on_hand"]) + turned_out(steps_of)
        load = float(sum(net[item] * units for item, units in uses.items()))
        rows.append((name, ", ".join(uses), capacity, load, 100 * load / capacity))
    return rows


def load_table(book: Book) -> str:
    """`load_rows` as a Markdown table, then money asked and given, then rows by table."""
    lines = ["| line or component | items | turned out | asked | load |", "|---|---|---:|---:|---:|"]
    lines += [f"| {a} | {b} | {c:.0f} | {d:.0f} | {e:.0f} % |" for a, b, c, d, e in load_rows(book)]
    price = {row["item"]: float(row["unit_price_usd_m"]) for row in book.tables["items"]}
    worth = {r["need"]: price[r["item"]] for r in book.tables["needs"]}
    needs = sum(int(r["quantity"]) * worth[r["need"]] for r in book.tables["needs"])
    packages: defaultdict[str, float] = defaultdict(float)
    for row in book.tables["package_contents"]:
        packages[row["package"]] += int(row["quantity"]) * worth[row["need"]]
    funded = [r["package"] for r in book.tables["packages"] if r["status"] == "funded"]
    pledged = sum(float(r["amount_usd_m"]) for r in book.tables["pledges"])
    orders = sum(int(r["quantity"]) * price[r["item"]] for r in book.tables["orders"])
    lines += ["", "| money | million USD |", "|---|---:|", f"| orders | {orders:.0f} |", f"| needs | {needs:.0f} |"]
    lines += [f"| funded packages | {sum(packages[p] for p in funded):.0f} |", f"| pledges | {pledged:.0f} |"]
    lines += [f"| package {name} | {value:.1f} |" for name, value in packages.items()]
    lines += ["", "| table | rows |", "|---|---:|"]
    lines += [f"| {table} | {len(rows)} |" for table, rows in book.tables.items()]
    lines += [f"| provenance | {len(book.provenance)} |"]
    return "\n".join(lines)
