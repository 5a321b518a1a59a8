"""Rows in and out of CSV files, and the companion file that says where every figure is from."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

Row = dict[str, str]
BASES = ("public", "derived", "invented")
"""public: stands in a source; derived: computed or taken as a share of public figures; invented: made up."""

COLUMNS = {
    "items": "item name category unit unit_price_usd_m tonnes",
    "lines": "line name",
    "line_rates": "line from_date slots_per_week",
    "line_items": "line item slots_per_unit",
    "components": "component on_hand",
    "component_rates": "component from_date units_per_week",
    "item_components": "item component units_per_unit",
    "stocks": "item on_hand readiness_floor",
    "receipts": "item date quantity",
    "recipients": "recipient name defence_pct_gdp defence_pct_gdp_prior ukraine_military_pct_gdp strategic_role"
    " economic_contribution gdp_usd_bn",
    "orders": "order case recipient item quantity due_date placed_on earliest_date delivery firm_by weight_multiplier",
    "approvals": "case submitted_on review_weeks",
    "needs": "need item quantity urgency needed_by expires_on",
    "substitutes": "item substitute units_per_unit",
    "packages": "package status release_on",
    "package_contents": "package need quantity",
    "pledges": "pledge donor amount_usd_m available_on expires_on earmark",
    "offers": "offer donor item quantity available_on site replacement_item replacement_quantity"
    " replacement_within_weeks status",
    "sites": "site name",
    "lanes": "lane from_site to_site weeks tonnes_per_week",
    "commitments": "demand item date quantity",
}
"""Tables of the instance with their columns, in the order of the file format."""


def read_rows(path: Path) -> list[Row]:
    """All rows of a CSV file; raises `OSError` if there is none."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def csv_text(columns: list[str], rows: list[Row]) -> str:
    """The rows as CSV text with Unix line ends; columns a row lacks are blank, further ones are left out."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@dataclass
class Book:
    """The tables as they grow, each row with the basis of its columns."""

    tables: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in COLUMNS})
    provenance: list[Row] = field(default_factory=list)

    def add(self, table: str, row: Row, key: str, *bases: tuple[str, str, str]) -> None:
        """Add a row; `bases` are (columns joined by +, basis, source or reasoning) and cover all columns but the key.

        Raises `ValueError` if a basis is unknown or a filled column has none.
        """
        columns = COLUMNS[table].split()
        covered = set(key.split("+"))
        for names, basis, source in bases:
            if basis not in BASES:
                raise ValueError(f"{table} {row}: basis {basis!r} is none of {BASES}")
            covered |= set(names.split("+"))
            place = "/".join(row[name] for name in key.split("+"))
            self.provenance.append(
                {"table": table, "key": place, "columns": names, "basis": basis, "source": source.strip()}
            )
        bare = [name for name in columns if row.get(name) and name not in covered]
        if bare:
            raise ValueError(f"{table} {row}: no basis for {bare}")
        self.tables[table].append(row)

    def write(self, folder: Path) -> None:
        """Write every table and `provenance.csv` into the folder, which must exist."""
        for table, columns in COLUMNS.items():
            (folder / f"{table}.csv").write_text(csv_text(columns.split(), self.tables[table]), "utf-8", newline="\n")
        columns_of_provenance = ["table", "key", "columns", "basis", "source"]
        text = csv_text(columns_of_provenance, self.provenance)
        (folder / "provenance.csv").write_text(text, "utf-8", newline="\n")
