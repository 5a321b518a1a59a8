"""Recipients, orders and reviews; needs, their substitutes, and the plan before."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from purl_build.tables import Book, Row, read_rows

NOT_COUNTED = {"ALB", "MNE", "MKD"}
"""Gave military aid that the support tracker does not count: unknown, not zero."""


def add_recipients(book: Book, data: Path, hand: Path) -> None:
    """Customers and donors with what they contribute; what no public file gives stays blank."""
    spending = {row["iso3"]: row for row in read_rows(data / "nato_defence_spending.csv")}
    support = {row["iso3"]: row for row in read_rows(data / "ukraine_support.csv")}
    for row in read_rows(hand / "recipients.csv"):
        iso3 = row["recipient"]
        spent, gave = spending.get(iso3, {}), support.get(iso3, {})
        name = row["name"] or spent.get("country") or gave.get("country") or ""
        latest, prior = spent.get("pct_gdp_2025e", ""), spent.get("pct_gdp_2024e", "")
        year = "2025e and 2024e" if latest else "blank, no 2025 figure"
        aid, aid_source = gave.get("military_pct_of_2021_gdp", ""), "ukraine_support: data to April 2026"
        if not gave and iso3 not in NOT_COUNTED:
            aid, aid_source = "0", "not among the donors of the support tracker"
        full = row | {
            "name": name,
            "defence_pct_gdp": latest,
            "defence_pct_gdp_prior": prior if latest else "",
            "ukraine_military_pct_gdp": aid,
            "gdp_usd_bn": spent.get("gdp_usd_bn_2023_current", ""),
        }
        if iso3 == "CHE":
            full["defence_pct_gdp"], year = prior, "latest figure is of 2024; no year before it"
        book.add(
            "recipients",
            full,
            "recipient",
            ("name", "public", "country name"),
            ("defence_pct_gdp+defence_pct_gdp_prior", "public", f"nato_defence_spending: {year}"),
            ("ukraine_military_pct_gdp", "derived" if aid == "0" and not gave else "public", aid_source),
            ("strategic_role+economic_contribution", "invented", "a judgement in tenths, for trying out the policy"),
            ("gdp_usd_bn", "public", "nato_defence_spending: GDP of 2023"),
        )


def add_orders(book: Book, data: Path, hand: Path) -> None:
    """Orders and the reviews of recent cases. Raises `ValueError` where a row contradicts its notice."""
    notices = {row["case_id"]: row for row in read_rows(data / "fms_cases.csv")}
    lots = {row["item"]: int(row["lot"]) for row in read_rows(hand / "items.csv")}
    rows = read_rows(hand / "orders.csv")
    count = Counter((row["recipient"], row["item"]) for row in rows)
    seen: Counter[tuple[str, str]] = Counter()
    cases: dict[str, str] = {}
    for row in rows:
        pair = row["recipient"], row["item"]
        seen[pair] += 1
        name = "-".join(pair) + (f"-{seen[pair]}" if count[pair] > 1 else "")
        notice = notices.get(row["notice"])
        case = f"{row['recipient']}-{row['notice'] or row['item']}"
        cases[row["notice"]] = case
        judge(row, notice, lots[row["item"]])
        placed = row["placed_on"] or (first_day(notice["announcement_date"]) if notice else "")
        source = f"fms_cases {row['notice']}: {notice['item']}" if notice else "no public notice used"
        basis = "public" if notice else "invented"
        note = row["note"] or ("number in the notice" if row["quantity_basis"] == "public" else "not public")
        dated = "public" if notice and not row["placed_on"] else "invented"
        book.add(
            "orders",
            row | {"order": name, "case": case, "placed_on": placed},
            "order",
            ("case+recipient+item", basis, source),
            ("quantity", row["quantity_basis"], note),
            ("due_date", row["due_basis"], row["note"] or "no public delivery date used"),
            ("placed_on", dated, f"date of {row['notice']}" if dated == "public" else row["note"] or "not public"),
            ("delivery+earliest_date+firm_by+weight_multiplier", "invented", "how the order counts: our judgement"),
        )
    for row in read_rows(hand / "approvals.csv"):
        submitted = first_day(notices[row["notice"]]["announcement_date"])
        book.add(
            "approvals",
            {"case": cases[row["notice"]], "submitted_on": submitted, "review_weeks": row["review_weeks"]},
            "case",
            ("submitted_on", "public", f"date of {row['notice']}"),
            ("review_weeks", "invented", "that it is still under review, and the effort"),
        )


def first_day(date: str) -> str:
    """A date given to the month only, as its first day."""
    return date if len(date) == len("2026-01-05") else f"{date}-01"


def judge(row: Row, notice: Row | None, lot: int) -> None:
    """Raise `ValueError` if an order that cites a notice has another customer or another public quantity."""
    if notice is None:
        return
    if notice["customer_iso3"] not in (row["recipient"], "NSPA"):
        raise ValueError(f"{row}: the notice is for {notice['customer']}")
    if row["quantity_basis"] == "public" and -(-int(notice["quantity"]) // lot) != int(row["quantity"]):
        raise ValueError(f"{row}: the notice has {notice['quantity']}")


def add_needs(book: Book, hand: Path) -> None:
    """Needs of Ukraine, what may serve instead, and dispatches of the plan before."""
    reason = "validated needs are not public: quantities, urgency and dates are made up"
    for row in read_rows(hand / "needs.csv"):
        book.add("needs", row, "need", ("item+quantity+urgency+needed_by+expires_on", "invented", reason))
    for row in read_rows(hand / "substitutes.csv"):
        book.add("substitutes", row, "item+substitute", ("units_per_unit", "invented", row["note"]))
    for row in read_rows(hand / "commitments.csv"):
        book.add("commitments", row, "demand+item+date", ("quantity", "invented", "an imagined plan before"))
