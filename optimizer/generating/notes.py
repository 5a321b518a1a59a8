"""README.md and provenance.csv of a generated instance: what in it is public and what is invented."""

from __future__ import annotations

from pathlib import Path

from optimizer.generating.classes import SizeClass
from optimizer.reading.write import csv_of

PROVENANCE = (
    (
        "recipients",
        "without (invented)",
        "defence_pct_gdp+defence_pct_gdp_prior+ukraine_military_pct_gdp+gdp_usd_bn",
        "public",
    ),
    ("recipients", "without (invented)", "strategic_role+economic_contribution", "invented"),
    ("recipients", "with (invented)", "all", "invented"),
    ("items", "all", "unit_price_usd_m", "drawn from a law fitted to public prices"),
    ("line_rates", "all", "slots_per_week", "drawn from laws fitted to public rates and their growth"),
    ("orders", "all", "quantity", "drawn with the spread of public notices of sales"),
    ("pledges", "all", "amount_usd_m", "drawn with the spread of public contributions"),
    ("sites", "all", "all", "invented"),
    ("lanes", "all", "all", "invented"),
    ("every other table or column", "all", "all", "invented"),
)


def write_notes(
    folder: Path, size: SizeClass, name: str, made_by: tuple[str, int, float], rows: dict[str, int]
) -> None:
    """Write both notes."""
    text = csv_of(("table", "key", "columns", "basis"), PROVENANCE)
    (folder / "provenance.csv").write_text(text, encoding="utf-8", newline="\n")
    (folder / "README.md").write_text(_readme(size, name, made_by, rows), encoding="utf-8", newline="\n")


def _readme(size: SizeClass, name: str, made_by: tuple[str, int, float], rows: dict[str, int]) -> str:
    class_name, seed, factor = made_by
    again = f"burdenshare generate {class_name} --seed {seed}" + (f" --factor {factor:g}" if factor != 1 else "")
    counts = "\n".join(f"| {table} | {count} |" for table, count in rows.items())
    return f"""# {name}

A synthetic instance over {size.weeks} weeks. `{again} --out DIR` writes the same bytes again.

**Nothing here is a real order, need, stock, place or route.** Items, lines, orders, needs, packages, pledges and
offers are drawn; sites and lanes are invented. Spending, support and GDP of the recipients are public figures, except
of those called "(invented)"; their strategic role and economic contribution are invented. How prices, rates and
quantities follow public figures, see docs/generator.md of the project; what is what, `provenance.csv`.

| table | rows |
|---|---:|
{counts}
"""
