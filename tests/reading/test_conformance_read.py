"""Every conformance case is well-formed: the reader accepts it, and takes over every row and value."""

from __future__ import annotations

import csv
import datetime as dt
import tomllib
from pathlib import Path

import pytest

from optimizer.findings import has_errors
from optimizer.reading.columns import TABLES
from optimizer.reading.convert import convert
from optimizer.reading.instance import read_instance
from optimizer.reading.sections import SECTIONS

FOLDER = Path(__file__).parents[1] / "conformance"
CASES = sorted(path.name for path in FOLDER.iterdir() if (path / "instance.toml").exists())


def test_all_cases_are_there() -> None:
    assert len(CASES) >= 48


@pytest.mark.parametrize("case", CASES)
def test_case_is_read_without_error(case: str) -> None:
    folder = FOLDER / case
    reading = read_instance(folder)
    assert not has_errors(reading.findings)
    problem = reading.problem
    assert problem is not None
    for name, table in TABLES.items():
        path = folder / f"{name}.csv"
        rows = list(csv.DictReader(path.open(encoding="utf-8"))) if path.exists() else []
        records = getattr(problem, name)
        assert len(records) == len(rows)
        for record, row in zip(records, rows, strict=True):
            for column in table.columns:
                value, text = getattr(record, column.name), row[column.name]
                if text == "":
                    assert value == column.default
                elif isinstance(value, dt.date):
                    assert value == dt.date.fromisoformat(text)
                else:
                    assert value == (text if isinstance(value, str) else float(text))
    document = tomllib.loads((folder / "instance.toml").read_text(encoding="utf-8"))
    for section in SECTIONS.values():
        if section.name:
            assert (getattr(problem, section.field) is not None) == (section.name in document)
    assert problem.periods == tuple(map(tuple, document["periods"]))


@pytest.mark.parametrize("case", CASES[::6])
def test_case_survives_the_way_to_a_workbook_and_back(case: str, tmp_path: Path) -> None:
    problem = read_instance(FOLDER / case).problem
    assert not has_errors(convert(FOLDER / case, tmp_path / "book.xlsx"))
    assert read_instance(tmp_path / "book.xlsx").problem == problem
    assert not has_errors(convert(tmp_path / "book.xlsx", tmp_path / "folder"))
    assert read_instance(tmp_path / "folder").problem == problem
