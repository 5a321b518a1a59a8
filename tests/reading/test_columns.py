"""The one table of columns agrees with the records, with itself, and with what is rendered from it."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path

import pytest

from models.problem import Problem
from optimizer.reading.cells import BAD, type_cell
from optimizer.reading.columns import TABLES
from optimizer.reading.format_page import format_page
from optimizer.reading.plan_columns import PLAN_TABLES
from optimizer.reading.sections import SECTIONS, SHARES
from optimizer.reading.template import example_value

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", TABLES)
def test_columns_are_the_fields_of_the_record_in_their_order(name: str) -> None:
    table = TABLES[name]
    assert is_dataclass(table.record)
    record = fields(table.record)
    assert table.column_names == tuple(field.name for field in record)
    for column, field in zip(table.columns, record, strict=True):
        if column.blank and field.default is not MISSING:
            assert column.default == field.default
    assert name in {field.name for field in fields(Problem)}


def test_every_table_of_a_problem_is_there() -> None:
    tuples = {
        field.name for field in fields(Problem) if str(field.type).startswith("tuple[") and field.name != "periods"
    }
    assert tuples == set(TABLES)
    assert len(TABLES) == 22


@pytest.mark.parametrize("name", [name for name in SECTIONS if name])
def test_keys_are_the_fields_of_the_policy(name: str) -> None:
    section = SECTIONS[name]
    assert section.record is not None
    assert is_dataclass(section.record)
    keys = {column.name.split(".")[0] for column in section.columns}
    assert keys == {field.name for field in fields(section.record)}
    assert section.field in {field.name for field in fields(Problem)}


@pytest.mark.parametrize("name", TABLES)
def test_references_keys_and_examples_are_sound(name: str) -> None:
    table = TABLES[name]
    assert set(table.key) <= set(table.column_names)
    for column in table.columns:
        assert column.meaning.endswith(".")
        for target, key in column.references:
            assert TABLES[target].key == (key,)
    for row in table.examples():
        for column, text in zip(table.columns, row, strict=True):
            assert type_cell(column, text)[0] is not BAD, f"{name}.{column.name}"


def test_examples_of_settings_are_sound() -> None:
    for section in SECTIONS.values():
        for column in section.columns:
            assert example_value(column, column.example) is not BAD
    shares = [float(column.example) for column in SECTIONS["weights"].columns if column.name.startswith(SHARES)]
    assert sum(shares) == pytest.approx(1)


def test_unknown_column_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="no column 'colour'"):
        TABLES["items"].column("colour")


def test_page_of_the_documentation_is_what_the_table_says() -> None:
    page = format_page()
    assert (ROOT / "docs" / "file-format.md").read_text(encoding="utf-8") == page
    for table in [*TABLES.values(), *PLAN_TABLES.values()]:
        assert f"### `{table.name}`" in page
        assert all(column.meaning in page for column in table.columns)
