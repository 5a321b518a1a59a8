"""Every number and date in the tables of the page is the one of the plan's files; a changed one is found."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter

import pytest
from hypothesis import given, settings

from models.baselines import priority_list
from models.plan import Plan
from models.problem import Problem
from optimizer.reporting.html import page
from optimizer.reporting.numbers import short
from optimizer.reporting.summary import Report
from optimizer.reporting.tables import tables
from tests.builders import small_plan, with_dispatch
from tests.reporting.expected import CHECKS
from tests.reporting.from_files import Files
from tests.reporting.page_tables import Cell, PageTable, tables_of
from tests.reporting.reports import a_report
from tests.strategies import problems

NUMBERS = {"whole", "number", "money", "late", "share", "date", "missing", "place", "flag"}
"""Kinds of cells that hold a number or a date."""
BY_ROW = {"payments", "soon"}
"""Tables without a name of their own for each row: compared as a whole, below."""
ELSEWHERE: dict[str, str] = {
    "sharing": "tests/explaining/test_sharing.py",
    "gap": "tests/explaining/test_asks.py",
    "gap_categories": "tests/explaining/test_asks.py",
    "asks": "tests/explaining/test_asks.py",
    "queue": "tests/explaining/test_ledger.py",
    "queue_recipients": "tests/explaining/test_ledger.py",
    "queue_lines": "tests/explaining/test_ledger.py",
    "queue_before": "tests/explaining/test_ledger.py",
    "industry": "tests/explaining/test_industry.py",
    "backlog": "tests/explaining/test_industry.py",
    "components": "tests/explaining/test_industry.py",
    "values": "tests/valuing/test_fast.py",
    "hedged": "tests/reporting/test_hedging_tables.py",
    "scenarios": "tests/reporting/test_hedging_tables.py",
}
"""Tables whose figures follow from no file of the plan, and the test that holds them to what they do follow from: here
it is only seen that the page shows what it was given."""


def code(cell: Cell) -> str:
    """The code of a row: it stands small beside the name, unless the two are one."""
    return cell.small.strip() or cell.text.strip()


def wrong(files: Files, text: str) -> list[str]:
    """Every cell of the page that says another thing than the files."""
    found = tables_of(text)
    said = []
    for name, table in found.items():
        if name in ELSEWHERE:
            said += rendered(files.report, name, table)
        if name in BY_ROW or name in ELSEWHERE:
            continue
        first = table.heads[0]
        for row in table.rows:
            for title, cell in row.items():
                if cell.kind not in NUMBERS:
                    continue
                check = CHECKS.get(name, {}).get(title)
                if check is None and name == "donors":
                    expected: object = files.paid(donor=code(row[first]), package=title) or None
                elif check is None:
                    said.append(f"{name}: nobody checks {title!r}: add it to tests/reporting/expected.py")
                    continue
                else:
                    expected = check(files, code(row[first]))
                if not same(cell, expected):
                    said.append(f"{name}, {code(row[first])}, {title}: {cell.value!r}, not {expected!r}")
        if table.foot is not None:
            said += [f"{name}, total: {text}" for text in totals(table)]
    return [*said, *payments(files, found), *soon(files, found), *delays(files, text)]


def rendered(report: Report, name: str, table: PageTable) -> list[str]:
    """Cells of a derived table that show another number than it holds."""
    given_table = tables(report)[name]
    columns = [(at, column) for at, column in enumerate(given_table.columns) if column.where != "book"]
    said = [] if len(table.rows) == len(given_table.rows) else [f"{name}: {len(table.rows)} rows"]
    for shown, held in zip(table.rows, given_table.rows, strict=False):
        for at, column in columns:
            cell = shown[column.title]
            if column.kind in NUMBERS:
                expected = held[at][0] if column.kind in ("missing", "place") else held[at]
                if not same(cell, expected):
                    said.append(f"{name}, {column.title}: {cell.text}, not {expected}")
    return said


def same(cell: Cell, expected: object) -> bool:
    """Whether a cell holds what is expected, and shows what it holds."""
    if expected is None:
        return cell.value == ""
    if isinstance(expected, dt.date):
        return cell.value == expected.isoformat()
    number = float(cell.value)
    return abs(number - float(str(expected))) <= 1e-5 * max(1.0, abs(number)) and shows(cell, number)


def shows(cell: Cell, number: float) -> bool:
    """Whether the text is the number, to as many decimals as are shown."""
    text = cell.text.strip().replace(",", "")
    if cell.kind == "flag":
        return text == ("yes" if number else "no")
    if cell.kind == "place":
        return text.split()[0] == f"{number:.0f}"
    scale = 100 if "%" in text else 1
    text = text.replace("\u00a0", " ").removesuffix("%").strip()
    if text.startswith(("<", ">")):
        near = float(text[1:]) / scale
        return 0 < number < near if text[0] == "<" else near < number < 1
    decimals = len(text.partition(".")[2]) if "e" not in text else 9
    return abs(float(text) - number * scale) <= 0.5000001 * 10**-decimals


def totals(table: PageTable) -> list[str]:
    """The last row is the sum of those above."""
    assert table.foot is not None
    return [
        f"{title} is {cell.value}"
        for title, cell in table.foot.items()
        if cell.kind == "money"
        and abs(float(cell.value or 0) - sum(float(row[title].value or 0) for row in table.rows)) > 1e-4
    ]


def payments(files: Files, found: dict[str, PageTable]) -> list[str]:
    """The payments of the page are those of the file, each once."""
    rows = found["payments"].rows if "payments" in found else []
    ours = Counter((row["package"].value, row["pledge"].value, round(float(row["amount"].value), 4)) for row in rows)
    theirs = Counter(
        (row["package"], row["pledge"], round(float(row["amount_usd_m"]), 4)) for row in files.csv["payments"]
    )
    unseen = [row["package"].value for row in rows if not shows(row["amount"], float(row["amount"].value))]
    return [f"payments: {key}" for key in (ours - theirs) + (theirs - ours)] + [f"payments: {key}" for key in unseen]


def soon(files: Files, found: dict[str, PageTable]) -> list[str]:
    """The first dispatches are those of the file."""
    policy = files.problem.stability
    weeks = 4 if policy is None else policy.frozen_weeks or 4
    mass = {row.item: row.tonnes for row in files.problem.items}
    theirs = Counter(
        (row["dispatch_date"], row["demand"], row["item"], int(row["quantity"]), row["arrival_date"],
         round(int(row["quantity"]) * mass[row["item"]], 3))
        for row in files.csv["dispatches"]
        if files.week(dt.date.fromisoformat(row["dispatch_date"])) < weeks
    )  # fmt: skip
    rows = found["soon"].rows if "soon" in found else []
    ours = Counter(
        (row["leaves"].value, row["for"].value, code(row["item"]), int(row["units"].value), row["arrives"].value,
         round(float(row["tonnes"].value), 3))
        for row in rows
    )  # fmt: skip
    unseen = [row for row in rows for key in ("units", "tonnes") if not shows(row[key], float(row[key].value))]
    return [f"soon: {key}" for key in (ours - theirs) + (theirs - ours)] + [f"soon: {row}" for row in unseen]


def delays(files: Files, text: str) -> list[str]:
    """The delay by cause in the summary, for the plan and the two cases beside it."""
    part = text[text.index('id="delay"') : text.index("</tfoot>")]
    shown = re.findall(r'<td class="number">([^<]*)</td>', part)
    cases = [(case["terms"], case["objective"]) for case in files.summary["baselines"]]
    cases.append((files.summary["terms"], files.summary["objective"]))
    expected = [short(terms[term]) for term in cases[0][0] for terms, _ in cases]
    expected += [short(total) for _, total in cases]
    return [] if shown == expected else [f"delay by cause: {shown}, not {expected}"]


def written(report: Report) -> str:
    """The page without its scripts, which take long to parse."""
    return page(report).split("<script>")[0]


def partial() -> Plan:
    """The small plan with a need cut short, an order left out and another late."""
    return with_dispatch(with_dispatch(small_plan(), "N-shell", 5, quantity=0), "O-later", 4, quantity=0)


@pytest.mark.parametrize("plan", [small_plan(), partial(), Plan()], ids=["whole", "partial", "nothing"])
def test_every_number_is_that_of_the_files(plan: Plan) -> None:
    report = a_report(plan=plan)
    assert wrong(Files(report), written(report)) == []


@settings(max_examples=6, deadline=None, derandomize=True)
@given(problems())
def test_every_number_of_any_plan(problem: Problem) -> None:
    report = a_report(problem, priority_list(problem))
    assert wrong(Files(report), written(report)) == []


def test_any_number_that_is_changed_is_found() -> None:
    """One after the other, every number that a table holds or shows is raised by one."""
    report = a_report(plan=partial())
    files, text = Files(report), written(report)
    tables = text[text.index('id="part-needs"') :]
    start = len(text) - len(tables)
    places = list(re.finditer(r'class="(?:whole|money|late|number|share|missing)[^"]*" data-sort="(\d+)[."]', tables))
    assert len(places) > 100
    for match in places[::25]:
        at, end = start + match.start(1), start + match.end(1)
        assert wrong(files, f"{text[:at]}{int(match[1]) + 1}{text[end:]}"), text[at - 60 : end + 20]
    seen = list(re.finditer(r'class="(?:whole|money)" data-sort="[\d.]+">(\d+)[.<]', tables))
    assert len(seen) > 50
    for match in seen[::20]:
        at, end = start + match.start(1), start + match.end(1)
        assert wrong(files, f"{text[:at]}{int(match[1]) + 1}{text[end:]}"), text[at - 60 : end + 20]


def test_all_kinds_of_tables_are_walked() -> None:
    """No table of the page is left out, and none that is checked has gone."""
    names = set(tables_of(written(a_report())))
    assert names <= set(CHECKS) | BY_ROW | set(ELSEWHERE)
    assert set(CHECKS) | BY_ROW <= names
