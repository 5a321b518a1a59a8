"""The file-format page of the documentation, rendered from the table of columns and the list of codes."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.findings import CODES
from optimizer.reading.column import Column, Section, Table
from optimizer.reading.columns import TABLES
from optimizer.reading.plan_columns import PLAN_TABLES
from optimizer.reading.sections import SECTIONS, SHARES

_INTRODUCTION = """# The file format

An instance is one folder with an `instance.toml` and one CSV file a table, or one Excel workbook (`.xlsx`) with the
same tables as sheets and a sheet `instance` of the columns `key` and `value`. `burdenshare template FILE.xlsx` writes a
workbook to fill in, `burdenshare convert` turns one into the other, `burdenshare check` lists all that is not right.

- CSV files are UTF-8 (with or without a byte order mark), separated by commas, with the column names in the first row.
- Money is in million USD, quantities in whole units, durations in weeks, mass in tonnes.
- Dates are written `YYYY-MM-DD`, numbers with a decimal point and without separators of thousands. In a workbook they
  may be true dates and numbers, or formulas that Excel has calculated.
- Spaces around a value do not count; blank rows, and blank columns on the right, are left out.
- Columns in *italics* may be blank, or missing altogether; what a blank means is said with the column.
- A table that is absent, or has no rows, switches its feature off; so does a section of `instance.toml` that is absent.
- A table that rows of another table refer to must be there. Only `items` and `instance.toml` are always required.
- Keys are compared letter by letter. Orders, needs and offers share one space of names; no offer is called `pool`.
- In a folder, files that are not called `.csv` are left alone, and so are `provenance.csv` and the sheets `README`,
  `provenance` and `lists` of a workbook; `convert` takes `README.md` and `provenance.csv` along. Any other CSV file
  or sheet is an error: a table whose name has a slip must not silently switch a feature off.
- An end before its beginning is an error: `expires_on` before `available_on` or `needed_by`, `due_date` or `firm_by`
  before `placed_on`. An `earliest_date` after the due or firm date is not: the order is late then, or no plan exists.

This page is rendered from the same table of columns that the reader and the template use.
"""

_SETTINGS = """
## `instance.toml`

Keys in *italics* may be left out. In the sheet `instance` a key is written with its section, as `weights.minimum` or
`weights.shares.defence_level`, and a list as in TOML, as `[[52, 1], [13, 4]]`.
"""

_PLAN = """
## The files of a plan

What `burdenshare solve` writes, and `burdenshare check --plan` reads. A plan made by hand may leave out the columns in
*italics* and every file but `dispatches.csv`; where `offers.csv` is silent, an offer's status in the instance holds.
`undelivered`, `stock` and `weights` only inform, and are not read. A date anywhere in a period means that period.
"""

_FINDINGS = """
## Findings

`burdenshare check` prints every finding at once: its code, the file, the row as a spreadsheet counts it (the column
names are row 1), the column, the value, what would be right, and a guess where one stands out. Codes are stable.

| code | means |
|---|---|
"""


def format_page() -> str:
    """The whole page as Markdown."""
    parts = [_INTRODUCTION, "\n## Tables of an instance\n"]
    parts += [_table(table) for table in TABLES.values()]
    parts += [_SETTINGS, *(_section(section) for section in SECTIONS.values())]
    parts += [_PLAN, *(_table(table) for table in PLAN_TABLES.values())]
    parts += [_FINDINGS, *(f"| `{code}` | {meaning} |\n" for code, meaning in CODES.items())]
    return "".join(parts)


def _table(table: Table) -> str:
    required = " Required." if table.required else ""
    key = f" Key: {' and '.join(f'`{name}`' for name in table.key)}." if table.key else ""
    lines = [f"\n### `{table.name}`\n\n{table.meaning}{required}{key}\n\n", *_rows("column", table.columns)]
    return "".join(lines)


def _section(section: Section) -> str:
    title = f"`[{section.name}]`" if section.name else "Outside any section"
    return "".join([f"\n### {title}\n\n{section.meaning}\n\n", *_rows("key", section.columns)])


def _rows(first: str, columns: tuple[Column, ...]) -> Iterator[str]:
    yield f"| {first} | what may stand there | unit | blank | meaning |\n|---|---|---|---|---|\n"
    for column in columns:
        name = f"*{column.name}*" if column.blank else f"`{column.name}`"
        if column.name.startswith(SHARES):
            name = f"`shares` → `{column.name.removeprefix(SHARES)}`"
        yield f"| {name} | {_expected(column)} | {column.unit} | {_blank(column)} | {column.meaning} |\n"


def _expected(column: Column) -> str:
    return column.expected().replace("|", "\\|")


def _blank(column: Column) -> str:
    if not column.blank:
        return ""
    if column.default is None:
        return "yes"
    if isinstance(column.default, float):
        return f"{column.default:g}"
    return ", ".join(column.default) if isinstance(column.default, tuple) else str(column.default)
