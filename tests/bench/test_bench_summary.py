"""Rows of the table by hand, contradictions, and the three ways to show them."""

from __future__ import annotations

import csv
import io
import math

import pytest

from optimizer.bench.records import KILLED_MEMORY
from optimizer.bench.summary import Row, Summary, summarise
from optimizer.bench.table import COLUMNS, DEFINITIONS, csv_text, markdown
from tests.bench.records import a_record, unsolved


def row(summary: Summary, entry: str) -> Row:
    (found,) = [row for row in summary.rows if row.entry == entry]
    return found


def test_a_row_by_hand() -> None:
    """Solved after 30 s, stopped at 101 s of 100 s with 10 %, ended by force after 40 s: that counts the limit."""
    told = summarise(
        [
            a_record(to_gap_01=20.0),
            unsolved(seed=1, peak_memory_mib=90.0),
            a_record(seed=2, status=KILLED_MEMORY, plan_ok=None, objective=None, bound=None, gap=None,
                     total_seconds=40.0, trace=[]),
        ]
    )  # fmt: skip
    found = row(told, "slots")
    assert (found.runs, found.solved, found.unsolved, found.failed) == (3, 1, 1, 1)
    assert found.total_seconds == pytest.approx((40 * 111 * 110) ** (1 / 3) - 10)
    assert found.to_gap_01 == pytest.approx((30 * 111 * 110) ** (1 / 3) - 10)
    assert (found.reached_gap_01, found.median_gap, found.peak_memory_mib) == (1, 0.1, 90.0)
    assert found.ratio == 1.0


def test_the_ratio_is_to_the_fastest_that_solves_anything() -> None:
    quick_failure = unsolved(name="textbook", total_seconds=1.0, seconds_limit=100.0)
    told = summarise([a_record(), a_record(name="linked", total_seconds=70.0), quick_failure])
    assert row(told, "linked").ratio == pytest.approx(70 / 30)
    assert row(told, "textbook").ratio is None
    assert row(told, "textbook").total_seconds == pytest.approx(100.0)


def test_a_change_is_another_entry_and_a_setting_another_table() -> None:
    told = summarise([a_record(), a_record(changes={"method": "direct"}), a_record(seconds_limit=50.0)])
    assert {(found.entry, found.setting) for found in told.rows} == {
        ("slots", "100 s, gap 0.0001, 1 thread"),
        ("slots method=direct", "100 s, gap 0.0001, 1 thread"),
        ("slots", "50 s, gap 0.0001, 1 thread"),
    }


def test_baselines_are_measured_against_the_best_bound_of_any_run() -> None:
    """A plan of 150 where 90 is proven by one run and 100 by another: a third of it is avoidable."""
    base = a_record(kind="baseline", name="priority_list", status="plan", objective=150.0, bound=None, gap=None,
                    total_seconds=2.0, trace=[[2.0, 150.0, None]])  # fmt: skip
    told = summarise([base, a_record(bound=90.0, gap=0.1), a_record(name="textbook")])
    found = row(told, "priority_list")
    assert found.to_best_bound == pytest.approx(1 / 3)
    assert found.total_seconds == pytest.approx(2.0)
    assert found.primal_integral == pytest.approx(2 * 1 + 98 * (50 / 150))
    assert found.ratio is None


def test_solved_asks_for_the_gap_and_for_the_checker() -> None:
    assert a_record(status="time_limit", gap=5e-5).solved
    assert not a_record(status="time_limit", gap=2e-4).solved
    assert not a_record(plan_ok=False).solved
    assert not a_record(status="optimal", plan_ok=None).solved
    assert a_record(status="infeasible", plan_ok=None, objective=None).solved


def test_a_plan_below_a_proven_bound_is_a_contradiction() -> None:
    liar = a_record(name="textbook", objective=110.0, bound=101.0)
    (line,) = summarise([a_record(), liar]).contradictions
    assert "textbook proves at least 101" in line
    assert "slots has a legal plan of 100" in line
    assert summarise([a_record(), a_record(name="textbook", bound=100.0005)]).contradictions == ()
    lexicographic = [a_record(mode="lexicographic"), a_record(mode="lexicographic", name="textbook", bound=101.0)]
    assert summarise(lexicographic).contradictions == ()


def test_uneven_runs_are_noted() -> None:
    assert len(summarise([a_record(), a_record(seed=1), a_record(name="textbook")]).notes) == 1
    assert summarise([a_record(), a_record(name="textbook")]).notes == ()


def test_no_plan_is_no_number() -> None:
    found = row(summarise([unsolved(plan_ok=None, objective=None, bound=None, gap=None, trace=[])]), "slots")
    assert (found.median_gap, found.to_best_bound, found.primal_integral, found.ratio) == (None,) * 4


def test_markdown_and_csv_say_the_same() -> None:
    told = summarise([a_record(), unsolved(seed=1), a_record(name="textbook"), a_record(name="textbook", seed=1)])
    text = markdown(told, "title", ["about"])
    assert "| slots | 2 | 1 | 1 | 0 | ≥ " in text
    for head in DEFINITIONS:
        assert head in {name for name, _ in COLUMNS}
        assert f"- **{head}**: " in text
    rows = {line["entry"]: line for line in csv.DictReader(io.StringIO(csv_text(told)))}
    assert float(rows["textbook"]["total_seconds"]) == pytest.approx(30.0)
    assert float(rows["slots"]["total_seconds"]) == pytest.approx(math.sqrt(40 * 111) - 10)
    assert rows["slots"]["solved"] == "1"
