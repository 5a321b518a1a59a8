"""Times of other solvers to their best gap, as multiples of ours to the same gap."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.ratios import HEADS, best_gap, page_of
from optimizer.bench.records import Record
from tests.bench.records import a_record, unsolved
from tests.docs.pages import tables

MACHINE = json.dumps({"processor": "Example CPU", "cores": 2, "memory_gib": 8.0})
OURS = a_record(
    name="tight", machine=MACHINE, objective=100.0, bound=99.0, gap=0.01,
    trace=[[5.0, 120.0, 90.0], [20.0, 100.0, 90.0], [50.0, 100.0, 99.0]],
)  # fmt: skip
SLOW = unsolved(kind="peer", name="slow", machine=MACHINE, trace=[[400.0, 110.0, 80.0], [1000.0, 100.0, 90.0]])
EMPTY = a_record(
    kind="peer", name="empty", machine=MACHINE, objective=None, bound=75.0, gap=None, plan_ok=None, status="no_plan",
    trace=[[9.0, None, 75.0]],
)  # fmt: skip
KILLED = a_record(
    kind="peer", name="killed", machine=MACHINE, objective=None, bound=None, gap=None, plan_ok=None, trace=[],
    status="killed: memory",
)  # fmt: skip


def rows(tmp_path: Path, *records: Record) -> dict[str, dict[str, str]]:
    page = tmp_path / "page.md"
    page.write_text(page_of(records, "tight"), encoding="utf-8")
    found = tables(page)["Other solvers against `tight`"]
    return {row[2]: dict(zip(HEADS, row, strict=True)) for row in found}


def test_a_ratio_of_times_to_the_same_gap(tmp_path: Path) -> None:
    found = rows(tmp_path, OURS, SLOW)["`slow`"]
    assert (found["its gap"], found["after s"]) == ("10 %", "1,000")
    assert (found["ours to that gap s"], found["ratio"]) == ("20", "50")
    assert found["its bound below our plan"] == "10 %"


def test_without_a_plan_there_is_no_ratio(tmp_path: Path) -> None:
    found = rows(tmp_path, OURS, EMPTY, KILLED)
    assert (found["`empty`"]["its gap"], found["`empty`"]["ratio"]) == ("no plan", "")
    assert found["`empty`"]["its bound below our plan"] == "25 %"
    assert (found["`killed`"]["ended"], found["`killed`"]["its bound below our plan"]) == ("killed: memory", "")


def test_a_gap_that_ours_never_reached_has_no_ratio(tmp_path: Path) -> None:
    better = a_record(kind="peer", name="better", machine=MACHINE, trace=[[5.0, 100.0, 100.0]])
    found = rows(tmp_path, OURS, better)["`better`"]
    assert (found["its gap"], found["ours to that gap s"], found["ratio"]) == ("0 %", "", "")


def test_a_plan_that_breaks_a_rule_reached_nothing() -> None:
    assert best_gap(a_record(plan_ok=False)) is None
    assert best_gap(SLOW) == (0.1, 1000.0)


def test_without_peers_nothing_is_written() -> None:
    with pytest.raises(ValueError, match="no peer"):
        page_of([OURS], "tight")
