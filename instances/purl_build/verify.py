"""Is the book well formed: keys, references, dates, quantities. The program's own reader judges it again."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict

from purl_build.loads import END, START
from purl_build.tables import Book

KEYS = {
    "items": "item",
    "lines": "line",
    "line_rates": "line from_date",
    "line_items": "line item",
    "components": "component",
    "component_rates": "component from_date",
    "item_components": "item component",
    "stocks": "item",
    "receipts": "item date",
    "recipients": "recipient",
    "orders": "order",
    "approvals": "case",
    "needs": "need",
    "substitutes": "item substitute",
    "packages": "package",
    "package_contents": "package need",
    "pledges": "pledge",
    "offers": "offer",
    "sites": "site",
    "lanes": "lane",
    "commitments": "demand item date",
}
REFERENCES = (
    ("line_rates", "line", "lines", "line"),
    ("line_items", "line", "lines", "line"),
    ("line_items", "item", "items", "item"),
    ("component_rates", "component", "components", "component"),
    ("item_components", "component", "components", "component"),
    ("item_components", "item", "items", "item"),
    ("receipts", "item", "items", "item"),
    ("orders", "recipient", "recipients", "recipient"),
    ("orders", "item", "items", "item"),
    ("approvals", "case", "orders", "case"),
    ("needs", "item", "items", "item"),
    ("substitutes", "item", "items", "item"),
    ("substitutes", "substitute", "items", "item"),
    ("package_contents", "package", "packages", "package"),
    ("package_contents", "need", "needs", "need"),
    ("pledges", "donor", "recipients", "recipient"),
    ("pledges", "earmark", "items", "category"),
    ("offers", "donor", "recipients", "recipient"),
    ("offers", "item", "items", "item"),
    ("offers", "replacement_item", "items", "item"),
    ("offers", "site", "sites", "site"),
    ("lanes", "from_site", "sites", "site"),
    ("lanes", "to_site", "sites", "site"),
)
DATES = (
    *("from_date", "date", "due_date", "placed_on", "earliest_date", "firm_by"),
    *("submitted_on", "needed_by", "expires_on", "release_on", "available_on"),
)


def faults(book: Book) -> list[str]:
    """Everything wrong, one sentence each; empty if the book is well formed."""
    return unique(book) + referred(book) + dated(book) + summed(book)


def unique(book: Book) -> list[str]:
    """Keys that occur twice."""
    found = []
    for table, key in KEYS.items():
        count = Counter(tuple(row[name] for name in key.split()) for row in book.tables[table])
        found += [f"{table}: {place} occurs {times} times" for place, times in count.items() if times > 1]
    return found


def referred(book: Book) -> list[str]:
    """References to rows that do not exist; demands of commitments; recipients of one case."""
    found = []
    for table, column, other, key in REFERENCES:
        known = {row[key] for row in book.tables[other]}
        found += [
            f"{table}.{column}: {row[column]!r} is not in {other}"
            for row in book.tables[table]
            if row.get(column) and row[column] not in known
        ]
    item_of = {row["order"]: {row["item"]} for row in book.tables["orders"]}
    served: defaultdict[str, set[str]] = defaultdict(set)
    for row in book.tables["substitutes"]:
        served[row["item"]].add(row["substitute"])
    item_of |= {row["need"]: {row["item"]} | served[row["item"]] for row in book.tables["needs"]}
    item_of |= {row["offer"]: {row["replacement_item"]} for row in book.tables["offers"]}
    for row in book.tables["commitments"]:
        if row["item"] not in item_of.get(row["demand"], set()):
            found.append(f"commitments: {row['demand']} takes no {row['item']}")
    owner: dict[str, str] = {}
    for row in book.tables["orders"]:
        if owner.setdefault(row["case"], row["recipient"]) != row["recipient"]:
            found.append(f"orders: case {row['case']} has two recipients")
    return found


def dated(book: Book) -> list[str]:
    """Dates that are none, receipts before the horizon, orders placed after its start or after their due date."""
    found = []
    for table, rows in book.tables.items():
        for row in rows:
            for name in DATES:
                if row.get(name):
                    dt.date.fromisoformat(row[name])
            if table == "receipts" and not START.isoformat() <= row["date"] < END.isoformat():
                found.append(f"receipts: {row} is outside the horizon")
            if table == "orders" and not row["placed_on"] < min(row["due_date"], START.isoformat()):
                found.append(f"orders: {row['order']} is placed on {row['placed_on']}, due {row['due_date']}")
    return found


def summed(book: Book) -> list[str]:
    """Needs with more in funded and proposed packages, or in these and accepted offers, than they ask."""
    content: Counter[str] = Counter()
    for row in book.tables["package_contents"]:
        content[row["need"]] += int(row["quantity"])
    return [
        f"needs: {row['need']} asks {row['quantity']}, packages hold {content[row['need']]}"
        for row in book.tables["needs"]
        if content[row["need"]] > int(row["quantity"])
    ]
