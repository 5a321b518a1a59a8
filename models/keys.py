"""What names a row of every table, so that two instances can be laid side by side row by row."""

from __future__ import annotations

TABLE_KEYS: dict[str, tuple[str, ...]] = {
    "items": ("item",),
    "lines": ("line",),
    "line_rates": ("line", "from_date"),
    "line_items": ("line", "item"),
    "components": ("component",),
    "component_rates": ("component", "from_date"),
    "item_components": ("item", "component"),
    "stocks": ("item",),
    "receipts": ("item", "date"),
    "recipients": ("recipient",),
    "orders": ("order",),
    "approvals": ("case",),
    "needs": ("need",),
    "substitutes": ("item", "substitute"),
    "packages": ("package",),
    "package_contents": ("package", "need"),
    "pledges": ("pledge",),
    "offers": ("offer",),
    "sites": ("site",),
    "lanes": ("lane",),
    "commitments": ("demand", "item", "date"),
    "actuals": ("event", "entity", "item", "origin", "package", "date"),
}
"""For every table of `Problem`, in the order of `problem.md`, the columns that name a row."""

ADDING_UP = ("receipts", "commitments", "actuals")
"""Tables in which several rows may have one key: their quantities add up (`problem.md`)."""

SECTION_NAMES: dict[str, str] = {
    "weights": "weights",
    "package_policy": "packages",
    "delivery": "delivery",
    "approval": "approval",
    "readiness": "readiness",
    "stability": "stability",
    "objective": "objective",
}
"""For every policy of `Problem`, the section of `instance.toml` that holds it."""

SETTINGS = ("name", "start", "periods", "after_horizon_weeks", "as_of", "depth")
"""The settings of `instance.toml` outside any section."""
