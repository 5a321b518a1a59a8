"""Cells: whatever stands in one, it is typed or it is a finding, and guesses are right."""

from __future__ import annotations

import datetime as dt
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.reading import guess
from optimizer.reading.cells import BAD, type_cell, type_cells
from optimizer.reading.column import FIRST_DATE, LAST_DATE, MAX_QUANTITY, Column
from optimizer.reading.columns import TABLES
from optimizer.reading.instance import read_instance
from optimizer.reading.sections import SECTIONS
from tests.bad_instances.good import GOOD, write_good

COLUMNS = [column for table in TABLES.values() for column in table.columns]
anything = st.one_of(
    st.text(max_size=20),
    st.from_regex(r"[-+]?[0-9]{1,4}[-./,][0-9]{1,3}([-./,][0-9]{1,5})?", fullmatch=True),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.none(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)
TYPES: dict[str, type] = {"text": str, "code": str, "choice": str, "whole": int, "number": float, "date": dt.date}


@settings(max_examples=600, deadline=None)
@given(column=st.sampled_from(COLUMNS), cell=anything)
def test_any_cell_is_typed_within_its_limits_or_is_an_error(column: Column, cell: Any) -> None:
    value, wrong = type_cell(column, cell)
    assert (value is BAD) == (wrong is not None)
    if wrong is not None or value is column.default:
        return
    assert type(value) is TYPES[column.type]
    if column.type in {"whole", "number"}:
        assert column.minimum is None or value >= column.minimum
        assert column.maximum is None or value <= column.maximum
        assert value == float(str(cell) if isinstance(cell, str) else cell)
    if column.type == "date":
        assert FIRST_DATE <= value <= LAST_DATE


@given(cells=st.lists(anything, max_size=12))
def test_a_column_is_typed_as_its_cells_are(cells: list[Any]) -> None:
    column = TABLES["stocks"].column("readiness_floor")
    typed, errors = type_cells(column, cells)
    alone = [type_cell(column, cell) for cell in cells]
    assert typed == [value for value, _ in alone]
    assert [(error.index, error.code) for error in errors] == [
        (index, wrong.code) for index, (_, wrong) in enumerate(alone) if wrong is not None
    ]


@settings(max_examples=150, deadline=None)
@given(data=st.data(), text=st.text(max_size=12))
def test_any_text_in_any_csv_cell_never_raises(data: st.DataObject, text: str) -> None:
    table = data.draw(st.sampled_from(sorted(TABLES)))
    lines = GOOD[f"{table}.csv"].splitlines()
    row = data.draw(st.integers(0, len(lines) - 1))
    cells = lines[row].split(",")
    cells[data.draw(st.integers(0, len(cells) - 1))] = text
    lines[row] = ",".join(cells)
    with tempfile.TemporaryDirectory() as room:
        folder = write_good(Path(room))
        (folder / f"{table}.csv").write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
        reading = read_instance(folder)
    assert (reading.problem is None) == any(finding.severity == "error" for finding in reading.findings)


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=200), file=st.sampled_from(sorted(GOOD)))
def test_any_bytes_in_any_file_never_raise(data: bytes, file: str) -> None:
    with tempfile.TemporaryDirectory() as room:
        folder = write_good(Path(room))
        (folder / file).write_bytes(data)
        reading = read_instance(folder)
    assert (reading.problem is None) == any(finding.severity == "error" for finding in reading.findings)


toml_values = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates() | st.datetimes() | st.times(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "defence_level"]), inner, max_size=2)
    ),
    max_leaves=5,
)
KEYS = [(section.name, column.name) for section in SECTIONS.values() for column in section.columns]


@settings(max_examples=200, deadline=None)
@given(key=st.sampled_from([*KEYS, ("", "weights"), ("weights", "shares"), ("", "colour")]), value=toml_values)
def test_any_setting_never_raises(key: tuple[str, str], value: Any) -> None:
    document: dict[str, Any] = tomllib.loads(GOOD["instance.toml"])
    section, name = key
    target = document[section] if section else document
    if name.startswith("shares."):
        target, name = target["shares"], name.removeprefix("shares.")
    target[name] = value
    with tempfile.TemporaryDirectory() as room:
        folder = write_good(Path(room))
        (folder / "instance.toml").write_bytes(tomli_w.dumps(document).encode("utf-8", "surrogatepass"))
        reading = read_instance(folder)
    assert (reading.problem is None) == any(finding.severity == "error" for finding in reading.findings)


@pytest.mark.parametrize(
    ("text", "value"), [("7", 7), ("7.0", 7), (" 7 ", 7), ("+7", 7), ("1e3", 1000), (7.0, 7), ("007", 7), ("7.", 7)]
)
def test_whole_numbers_as_people_write_them(text: Any, value: int) -> None:
    column = Column("quantity", "whole", "", minimum=0, maximum=MAX_QUANTITY)
    assert type_cell(column, text) == (value, None)


@pytest.mark.parametrize("text", ["1_000", "0x10", "٣", "３", "1,000", "−5", "5%", "--5", "1e", "e3", "."])
def test_what_is_no_number(text: str) -> None:
    _, wrong = type_cell(Column("price", "number", "", minimum=0), text)
    assert wrong is not None
    assert wrong.code == "not_a_number"


@pytest.mark.parametrize(
    ("value", "known", "meant"),
    [
        ("quantty", ["quantity", "item"], "quantity"),
        ("PAC-3 mse", ["PAC-3 MSE", "PAC-2"], "PAC-3 MSE"),
        ("pac3mse", ["PAC-3 MSE", "PAC-2"], "PAC-3 MSE"),
        ("recipeint", ["recipient", "item"], "recipient"),
        ("O-13", ["O-11", "O-12"], ""),
        ("O1", ["O2"], ""),
        ("case", ["cash", "cast"], ""),
        ("tanks", ["aircraft"], ""),
        ("ab", ["AB", "A B"], ""),
        ("x", [], ""),
    ],
)
def test_a_name_is_guessed_only_where_one_stands_out(value: str, known: list[str], meant: str) -> None:
    assert guess.name(value, known) == meant


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("31.12.2026", "Maybe 2026-12-31"),
        ("12/31/2026", "Maybe 2026-12-31"),
        ("2026-31-12", "Maybe 2026-12-31"),
        ("2026/1/5", "Maybe 2026-01-05"),
        ("20260105", "Maybe 2026-01-05"),
        ("05-01-2026", "Maybe 2026-01-05 or 2026-05-01"),
        ("2026-04-31", "Maybe 2026-04-30"),
        ("2026-44-44", ""),
        ("next week", ""),
        ("05-01-26", ""),
    ],
)
def test_dates_the_other_way_round(text: str, hint: str) -> None:
    assert guess.date(text) == hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("1,5", "Maybe 1.5"),
        ("1,000", "Maybe 1000 or 1.000"),
        ("1 000 000", "Maybe 1000000"),
        ("1,234.5", "Maybe 1234.5"),
        ("$5", "Maybe 5"),
        ("3.5 %", "Maybe 3.5"),
        ("1O", "Maybe 10"),
        ("ten", ""),
    ],
)
def test_numbers_as_people_write_them(text: str, hint: str) -> None:
    assert guess.number(text) == hint
