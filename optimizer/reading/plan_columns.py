"""The one table of columns of a plan's files ("What `solve` writes into DIR"), for the writer and the reader.

Dates are the first days of periods; quantities are whole units; money is in million USD. `references` name tables of
the instance; the reader judges them.
"""

from __future__ import annotations

from typing import Any

from models.problem import SCORES
from optimizer.reading.column import Column, Table, choice, date, number, text, whole

_KINDS = ("order", "need", "replacement")
_ITEM = text("item", "The item.", "PAC-3 MSE")
_DEMAND = text("demand", "The order or need, or the offer whose replacement it is.", "UKR-AD-01")
_KIND = choice("kind", "What the demand is.", *_KINDS)
_UNITS: dict[str, Any] = {"maximum": None}
"""A plan's quantities follow from those of the instance, in whatever units a substitute is counted."""
_PACKAGE = text("package", "The package.", "new-1")

DISPATCHES = Table(
    "dispatches",
    None,
    "What leaves, for whom, when, and how.",
    (
        _DEMAND,
        _KIND,
        text("origin", "`pool`, or the offer it comes from.", "pool"),
        text("item", "The item that leaves, which may be a substitute.", "PAC-3 MSE"),
        whole("quantity", "Units of that item.", **_UNITS),
        date("dispatch_date", "First day of the period it leaves in."),
        date("arrival_date", "First day of the period it arrives in."),
        text(
            "route", "The lanes in order, joined by ` > `; blank where goods arrive as they leave.", "sea-1", blank=True
        ),
        Column("weeks_late", "whole", "Whole weeks late at arrival.", unit="weeks", blank=True, minimum=0),
    ),
    required=True,
)
UNDELIVERED = Table(
    "undelivered",
    None,
    "What does not arrive in the horizon, and why.",
    (
        _DEMAND,
        _KIND,
        _ITEM,
        whole("quantity", "Units of the demand's own item.", **_UNITS),
        text("reason", "Why.", "…", blank=True),
    ),
)
PRODUCTION = Table(
    "production",
    None,
    "What every line turns out. Rows of one line, item and period add up.",
    (
        text("line", "The line.", "PAC-3 line"),
        _ITEM,
        date("date", "First day of the period."),
        whole("quantity", "Units turned out.", **_UNITS),
        whole(
            "slots_used", "Slots of the line in the period that all items use.", unit="slots", blank=True, maximum=None
        ),
        whole("slots_available", "Slots of the line in the period.", unit="slots", blank=True, maximum=None),
    ),
)
STOCK = Table(
    "stock",
    None,
    "The pool at the end of every period.",
    (
        _ITEM,
        date("date", "First day of the period."),
        whole("quantity", "Units in the pool.", **_UNITS),
        whole("readiness_floor", "Units the pool should keep.", **_UNITS),
    ),
    key=("item", "date"),
)
PACKAGES = Table(
    "packages",
    None,
    "Packages: funded, proposed and new ones.",
    (
        _PACKAGE,
        choice("status", "Where it comes from.", "funded", "proposed", "new"),
        date("release_date", "First day of the period of its release; blank: not released.", blank=True),
        number("value_usd_m", "Value of its content.", "500", "million USD", maximum=None, blank=True),
    ),
    key=("package",),
)
PACKAGE_CONTENTS = Table(
    "package_contents",
    None,
    "What the packages hold. Only that of new ones is a decision.",
    (_PACKAGE, text("need", "The need.", "UKR-AD-01"), whole("quantity", "Units of the need.", **_UNITS)),
    key=("package", "need"),
)
PAYMENTS = Table(
    "payments",
    None,
    "Who pays for what.",
    (
        _PACKAGE,
        text("pledge", "The pledge that pays.", "NLD-2026-1"),
        text("donor", "Whose pledge it is.", "NLD", blank=True),
        text("category", "The category of the package's content that it pays for.", "air_defence"),
        number("amount_usd_m", "Money paid.", "250", "million USD"),
    ),
    key=("package", "pledge", "category"),
)
OFFERS = Table(
    "offers",
    None,
    "Which offers are accepted.",
    (text("offer", "The offer.", "DEU-V1"), choice("accepted", "Whether it is accepted.", "yes", "no")),
    key=("offer",),
)
APPROVALS = Table(
    "approvals",
    None,
    "When the listed cases are approved.",
    (
        text("case", "The case.", "POL-2024-017"),
        date("approved_on", "First day of the period of its approval; blank: not in the horizon.", blank=True),
    ),
    key=("case",),
)
WEIGHTS = Table(
    "weights",
    None,
    "Priority weights of the recipients, and the five scores behind them.",
    (
        text("recipient", "The recipient.", "POL"),
        number("weight", "Priority weight.", "6.4", "weight"),
        *(number(score, f"The score {score}.", "0.5", "0…1", maximum=1) for score in SCORES),
    ),
    key=("recipient",),
)

_ALL = (
    *(DISPATCHES, UNDELIVERED, PRODUCTION, STOCK, PACKAGES, PACKAGE_CONTENTS, PAYMENTS, OFFERS, APPROVALS, WEIGHTS),
)
PLAN_TABLES: dict[str, Table] = {table.name: table for table in _ALL}
"""All tables of a plan by name."""
