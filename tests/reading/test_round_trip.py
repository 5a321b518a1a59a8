"""Any problem of plausible values is written and read back equal, as a folder and as a workbook."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.problem import Problem
from optimizer.findings import has_errors
from optimizer.reading.cells import UNPRINTABLE
from optimizer.reading.column import FIRST_DATE, LAST_DATE, MAX_QUANTITY, MAX_TEXT
from optimizer.reading.columns import TABLES
from optimizer.reading.convert import convert
from optimizer.reading.instance import read_instance
from optimizer.reading.write import write_folder, write_workbook
from tests.bad_instances.good import write_good

names = (
    st.text(max_size=30)
    .map(lambda text: UNPRINTABLE.sub("", text).strip())
    .filter(lambda text: 0 < len(text) <= MAX_TEXT)
)
prices = st.floats(min_value=0, max_value=10**6, allow_nan=False)
quantities = st.integers(min_value=0, max_value=MAX_QUANTITY)
dates = st.dates(min_value=FIRST_DATE, max_value=LAST_DATE)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Problem:
    problem = read_instance(write_good(tmp_path_factory.mktemp("good"))).problem
    assert problem is not None
    return problem


@st.composite
def changes(draw: st.DrawFn) -> dict[str, Any]:
    """Values for the cells that nothing else refers to."""
    return {
        "name": draw(names),
        "words": draw(st.tuples(names, names, names)),
        "price": draw(prices),
        "tonnes": draw(prices),
        "quantity": draw(quantities),
        "from_date": draw(dates.filter(lambda date: date != dt.date(2026, 2, 2))),
        "share": draw(st.none() | st.floats(min_value=0, max_value=1)),
        "urgency": draw(st.tuples(*[prices] * 5)),
        "demand": draw(names.filter(lambda text: text not in {"O-100", "O-200", "N-100", "N-200", "V-100"})),
    }


def changed(problem: Problem, change: dict[str, Any]) -> Problem:
    name, category, unit = change["words"]
    item = replace(
        problem.items[0],
        **{
            "name": name,
            "category": category,
            "unit": unit,
            "unit_price_usd_m": change["price"],
            "tonnes": change["tonnes"],
        },
    )
    assert problem.weights is not None
    return replace(
        problem,
        name=change["name"],
        items=(item, *problem.items[1:]),
        stocks=(replace(problem.stocks[0], on_hand=change["quantity"]), *problem.stocks[1:]),
        line_rates=(replace(problem.line_rates[0], from_date=change["from_date"]), *problem.line_rates[1:]),
        recipients=(replace(problem.recipients[0], strategic_role=change["share"]), *problem.recipients[1:]),
        orders=(*problem.orders[:2], replace(problem.orders[2], order=change["demand"], case=change["demand"])),
        approvals=(replace(problem.approvals[0], case=change["demand"]),),
        weights=replace(problem.weights, urgency=change["urgency"]),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(change=changes())
def test_written_and_read_back_is_the_same(good: Problem, change: dict[str, Any]) -> None:
    problem = changed(good, change)
    with tempfile.TemporaryDirectory() as room:
        folder, book = Path(room) / "folder", Path(room) / "book.xlsx"
        write_folder(problem, folder)
        reading = read_instance(folder)
        assert reading.problem == problem, [finding.line() for finding in reading.findings]
        write_workbook(problem, book)
        reading = read_instance(book)
        assert reading.problem == problem, [finding.line() for finding in reading.findings]


def test_sections_and_tables_that_are_off_stay_off(good: Problem, tmp_path: Path) -> None:
    off = ("weights", "package_policy", "delivery", "approval", "readiness", "stability")
    problem = replace(good, **dict.fromkeys(off), **{name: () for name in TABLES if name != "items"})
    write_folder(problem, tmp_path / "folder")
    assert sorted(path.name for path in (tmp_path / "folder").iterdir()) == ["instance.toml", "items.csv"]
    assert read_instance(tmp_path / "folder").problem == problem
    assert not has_errors(convert(tmp_path / "folder", tmp_path / "book.xlsx"))
    assert read_instance(tmp_path / "book.xlsx").problem == problem


def test_companions_go_along(tmp_path: Path) -> None:
    source = write_good(tmp_path / "source")
    (source / "README.md").write_text("# Title\n\nwith = a line, and “quotes”\n", encoding="utf-8")
    (source / "provenance.csv").write_text(
        'table,key,basis\nitems,"a, b",invented\nneeds,007,public\n', encoding="utf-8"
    )
    convert(source, tmp_path / "book.xlsx")
    convert(tmp_path / "book.xlsx", tmp_path / "folder")
    for name in ("README.md", "provenance.csv"):
        assert (tmp_path / "folder" / name).read_bytes() == (source / name).read_bytes()


def test_instance_is_replaced_and_the_rest_of_its_folder_stays(tmp_path: Path) -> None:
    source = write_good(tmp_path / "source", ("instance.toml", '"Good"', '"New"'))
    (source / "receipts.csv").unlink()
    target = write_good(tmp_path / "target")
    (target / "notes.txt").write_text("mine")
    assert not has_errors(convert(source, target))
    assert read_instance(target).problem == read_instance(source).problem
    assert not (target / "receipts.csv").exists()
    assert (target / "notes.txt").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source", "target"]


@pytest.mark.parametrize("target", ["thing.xlsx", "thing", "full", "thing.csv", "thing.xlsm"])
def test_nothing_else_is_overwritten(tmp_path: Path, target: str) -> None:
    source = write_good(tmp_path / "source")
    for name in ("thing.xlsx", "thing", "thing.csv", "thing.xlsm"):
        (tmp_path / name).write_text("precious")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "precious.txt").write_text("precious")
    before = sorted((path, path.read_bytes()) for path in tmp_path.rglob("*") if path.is_file())
    (finding,) = convert(source, tmp_path / target)
    assert (finding.severity, finding.code in {"target_exists", "not_an_instance"}) == ("error", True)
    assert sorted((path, path.read_bytes()) for path in tmp_path.rglob("*") if path.is_file()) == before


def test_bad_instance_is_not_converted(tmp_path: Path) -> None:
    source = write_good(tmp_path / "source", ("items.csv", "4.5", "four"))
    (finding,) = convert(source, tmp_path / "book.xlsx")
    assert finding.code == "not_a_number"
    assert not (tmp_path / "book.xlsx").exists()


def test_target_that_cannot_be_written(tmp_path: Path) -> None:
    source = write_good(tmp_path / "source")
    (tmp_path / "file").write_text("in the way")
    (finding,) = convert(source, tmp_path / "file" / "book.xlsx")
    assert (finding.severity, finding.code) == ("error", "cannot_write")
