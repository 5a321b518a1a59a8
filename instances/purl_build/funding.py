"""Packages, pledges and offers: what donors pay for or give; and the network the goods travel."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from purl_build.tables import Book, Row, read_rows

SCENARIO_USD_M = {"2026": 3000.0, "2027": 1800.0}
"""New money imagined beyond the announced; the public aim is about 12,000 a year, the pace reached about a third."""
QUARTERS = {"2026": ("01-05", "04-01", "07-01", "10-01"), "2027": ("01-04", "07-01")}
MANY_TIMES = 5
"""So many of the largest donors pledge in instalments, the others once a year."""
SMALLEST_USD_M = 8.0
EXPIRES = {"DEU": {"2026": "2026-12-31", "2027": "2027-12-31"}, "CAN": {"2026": "2027-03-31", "2027": ""}}
"""Money of these donors lapses with their budget year (invented)."""


def add_packages(book: Book, data: Path, hand: Path) -> None:
    """Packages with their content; a funded one is released on the day its group was last announced."""
    announced: dict[str, str] = {}
    for row in read_rows(data / "purl_packages.csv"):
        if len(row["date_announced"]) == len("2026-01-05"):
            announced[row["package_group"]] = max(announced.get(row["package_group"], ""), row["date_announced"])
    for row in read_rows(hand / "packages.csv"):
        bases = [("status", "invented", f"a proposal made up for the instance: {row['note']}")]
        if row["status"] == "funded":
            row["release_on"] = announced[row["group"]]
            bases = [("status+release_on", "public", f"purl_packages, group {row['group']}: last announcement")]
        book.add("packages", row, "package", *bases)
    for row in read_rows(hand / "package_contents.csv"):
        reason = "content is not public in quantities; worth about the amount announced"
        if row["package"].startswith("PROP"):
            reason = "a proposal made up for the instance"
        book.add("package_contents", row, "package+need", ("quantity", "invented", reason))


def add_pledges(book: Book, data: Path, hand: Path) -> None:
    """Announced money not yet in a package, then the scenario that carries on in 2026 and 2027."""
    contributions = {row["contribution_id"]: row for row in read_rows(data / "purl_packages.csv")}
    for row in read_rows(hand / "pledges.csv"):
        public = contributions[row["contribution"]]
        date = public["date_announced"]
        pledge = {
            "pledge": f"{public['donor_iso3']}-{row['contribution']}",
            "donor": public["donor_iso3"],
            "amount_usd_m": public["amount_usd_m"],
            "available_on": row["available_on"] or (date if len(date) == len("2026-01-05") else f"{date}-01"),
            "expires_on": row["expires_on"],
            "earmark": row["earmark"],
        }
        source = f"purl_packages {row['contribution']}"
        bases = [("donor+amount_usd_m+available_on", "public", f"{source}. {row['note']}")]
        if row["expires_on"]:
            bases.append(("expires_on", "invented", row["note"]))
        if row["earmark"]:
            bases.append(("earmark", row["earmark_basis"], row["note"]))
        book.add("pledges", pledge, "pledge", *bases)
    for pledge in scenario(list(contributions.values())):
        reason = "SCENARIO, not announced by anybody: past contributions (purl_packages) carried on"
        book.add("pledges", pledge, "pledge", ("donor+amount_usd_m+available_on+expires_on", "invented", reason))


def scenario(contributions: list[Row]) -> list[Row]:
    """Imagined pledges: the year's total split by what each donor has given, large donors in instalments."""
    given: Counter[str] = Counter()
    for row in contributions:
        if row["counts_toward_total"] == "1" and ";" not in row["donor_iso3"] and row["amount_usd_m"]:
            given[row["donor_iso3"]] += float(row["amount_usd_m"])  # type: ignore[assignment]
    ranked = sorted(given, key=lambda donor: (-given[donor], donor))
    pledges: list[Row] = []
    for year, total in SCENARIO_USD_M.items():
        for place, donor in enumerate(ranked):
            amount = total * given[donor] / sum(given.values())
            days = QUARTERS[year] if place < MANY_TIMES else QUARTERS[year][1:2]
            if amount < SMALLEST_USD_M:
                continue
            pledges += [
                {
                    "pledge": f"{donor}-{year}-{number}",
                    "donor": donor,
                    "amount_usd_m": f"{round(amount / len(days)):d}",
                    "available_on": f"{year}-{day}",
                    "expires_on": EXPIRES.get(donor, {}).get(year, ""),
                }
                for number, day in enumerate(days, 1)
            ]
    return pledges


def add_offers_and_lanes(book: Book, hand: Path) -> None:
    """Inventory offers, and an invented network of sites and lanes."""
    columns = "donor+item+quantity+available_on+replacement_item+replacement_quantity+replacement_within_weeks+status"
    for row in read_rows(hand / "offers.csv"):
        note = row["note"] or "a plausible offer made up for the instance"
        place = ("site", "invented", "no place of the real world")
        book.add("offers", row, "offer", (columns, row["basis"], note), place)
    reason = "no place or route of the real world"
    for row in read_rows(hand / "sites.csv"):
        book.add("sites", row, "site", ("name", "invented", reason))
    for row in read_rows(hand / "lanes.csv"):
        book.add("lanes", row, "lane", ("from_site+to_site+weeks+tonnes_per_week", "invented", reason))
