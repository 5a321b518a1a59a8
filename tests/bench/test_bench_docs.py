"""The page of the bench names the keys, columns and words there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from optimizer.bench.compare import WORDS
from optimizer.bench.page import PAGE, TABLE, TABLE_CSV
from optimizer.bench.records import ERROR, KILLED_MEMORY, KILLED_TIME, PLAN, Record
from optimizer.bench.suite import Instances, SuiteFile
from optimizer.bench.table import DEFINITIONS
from tests.docs.pages import DOCS, read, tables

TABLES = tables(DOCS / "bench.md")


def firsts(rows: Iterable[list[str]]) -> list[str]:
    return [name.strip(" `") for row in rows for name in row[0].split(",")]


def test_keys_of_a_suite() -> None:
    rows = firsts(TABLES["A suite"])
    keys = [field.alias or name for kind in (SuiteFile, Instances) for name, field in kind.model_fields.items()]
    assert set(rows) == set(keys) - {"path"}


def test_columns_of_a_record() -> None:
    assert sorted(firsts(TABLES["Columns of a record"])) == sorted(field.name for field in fields(Record))
    for word in (PLAN, KILLED_TIME, KILLED_MEMORY, ERROR):
        assert f"`{word}`" in read(DOCS / "bench.md")


def test_columns_of_the_table() -> None:
    assert [row[0] for row in TABLES["Columns of the table"]] == list(DEFINITIONS)


def test_verdicts() -> None:
    assert [row[0] for row in TABLES["Comparing commits"]] == list(WORDS)


def test_files() -> None:
    assert {TABLE, TABLE_CSV, PAGE} <= set(firsts(TABLES["What is written"]))
