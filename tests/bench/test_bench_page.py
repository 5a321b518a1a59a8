"""The curves behind the charts, and the page as a whole."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from optimizer.bench.curves import LEAST_GAP, gap_rows, growth_of, median_gap_rows, profile_rows, scatter_rows
from optimizer.bench.page import PAGE, TABLE, TABLE_CSV, page, write_results
from optimizer.bench.records import Record
from optimizer.bench.run import Finished
from optimizer.bench.summary import summarise
from tests.bench.records import a_record, unsolved

EVIL = '<script>alert("x")</script>'


def sizes() -> list[Record]:
    """Two entries on three sizes; `textbook` grows with the square and fails on the greatest."""
    found = []
    for demands in (10, 20, 40):
        place = {"instance": f"n{demands}", "digest": str(demands), "demands": demands}
        found.append(a_record(total_seconds=demands / 10, **place))
        slow = {"name": "textbook", **place}
        found.append(unsolved(**slow) if demands == 40 else a_record(total_seconds=demands**2 / 100, **slow))
    return found


def test_profile_by_hand() -> None:
    """On 10 both take 1 s; on 20 `textbook` takes twice as long; on 40 it fails."""
    rows = profile_rows(sizes())
    curves = {name: [(r["factor"], r["share"]) for r in rows if r["entry"] == name] for name in ("slots", "textbook")}
    assert curves["slots"] == [(1.0, 1.0), (pytest.approx(2.2), 1.0)]
    third = pytest.approx(1 / 3)
    assert curves["textbook"] == [(1.0, third), (2.0, pytest.approx(2 / 3)), (pytest.approx(2.2), pytest.approx(2 / 3))]


def test_gap_over_time() -> None:
    """A gap of (120 − 90) / 120 from 5 s on, none from 30 s on, as in the record's trace."""
    rows = gap_rows([a_record()])
    assert [(row["seconds"], row["gap"]) for row in rows] == [(5.0, 0.25), (30.0, LEAST_GAP), (30.0, LEAST_GAP)]


def test_median_gap_of_two_runs() -> None:
    rows = median_gap_rows([a_record(), a_record(seed=1, trace=[[5.0, 100.0, 95.0]])])
    at_ten = next(row for row in rows if row["seconds"] >= 10)
    assert at_ten["gap"] == pytest.approx((0.25 + 0.05) / 2)
    assert rows[0]["gap"] == 1.0


def test_scatter_pairs_runs() -> None:
    rows = scatter_rows(sizes(), "slots", "textbook")
    assert [(row["x"], row["y"], row["solved by"]) for row in rows] == [
        (1.0, 1.0, "both"), (2.0, 4.0, "both"), (4.0, 101.0, "one"),
    ]  # fmt: skip


def test_growth_leaves_out_what_was_not_solved() -> None:
    slots, textbook = growth_of(sizes())
    assert slots.fit is not None
    assert textbook.fit is not None
    assert (slots.fit.slope, textbook.fit.slope) == (pytest.approx(1.0), pytest.approx(2.0))
    assert "1 unsolved runs are left out" in textbook.sentence
    assert growth_of([a_record(), a_record(name="textbook")]) == []


def test_the_page_stands_alone_and_every_svg_is_sound() -> None:
    records = [*sizes(), a_record(kind="baseline", name="priority_list", status="plan")]
    text = page("s", ["about"], records, summarise(records))
    assert "<script" not in text
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL)) == []
    drawn = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(drawn) == 4 + 3  # the instance that only a baseline ran has no gap to draw
    ids = []
    for one in drawn:
        root = ET.fromstring(one)
        ids += [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
        assert all(ref in one for ref in re.findall(r"url\(#([^)]*)\)", one))
    assert len(ids) == len(set(ids))
    for title in ("Performance profile", "Gap over time", "Two entries, run by run", "Growth with size", "n40"):
        assert title in text


def test_texts_are_escaped() -> None:
    records = [a_record(instance=EVIL, message=EVIL, status="error", plan_ok=None)]
    text = page(EVIL, [EVIL], records, summarise(records))
    assert EVIL not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize(
    "records",
    [
        [],
        [a_record(kind="baseline", name="priority_list", status="plan")],
        [unsolved(objective=None, bound=None, gap=None, plan_ok=None, trace=[], demands=None)],
    ],
    ids=["nothing", "only a baseline", "only a failure"],
)
def test_whatever_there_is_can_be_written(tmp_path: Path, records: list[Record]) -> None:
    write_results(tmp_path / "new", "s", "", Finished(tuple(records), 0, 0, 1, True))
    assert {path.name for path in (tmp_path / "new").iterdir()} == {TABLE, TABLE_CSV, PAGE}
