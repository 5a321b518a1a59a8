"""Growth with the order book: what a run says, slopes, a million demands on paper, and that it goes on where it was."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import growth
from benchmarks.growth_fit import (
    each_more,
    grown,
    memory,
    on_paper,
    outside,
    outside_rest,
    packages_seconds,
    phase,
    pricing_seconds,
    relaxation_mib,
    relaxation_seconds,
    relaxed_fully,
    size,
    to_bound,
    to_gap,
)
from benchmarks.growth_page import page_of
from tests.docs.pages import tables

MACHINE = {"processor": "Example CPU", "cores": 2, "memory_gib": 8.0}
GIVEN = argparse.Namespace(
    sizes=[1000, 2000], seconds=None, per_thousand=None, gap=1e-4, seed=1, threads=2, gib=20.0, page=False
)


def a_row(orders: int = 1000, **changes: Any) -> dict[str, Any]:
    """A size whose parts are all known: most in proportion to orders, the simplex to their square."""
    times = orders / 1000
    phases = (
        ("start", 1.0, 0.0, 0),
        ("relaxation", 10 * times + 2 * times**2, 2 * times**2, 7),
        ("blocks", 50.0, 0.0, 0),
    )
    return {
        "orders": orders, "demands": orders * 21 // 16, "periods": 130, "seed": 1, "seconds_limit": 100.0,
        "gap_limit": 1e-4, "threads": 2, "gib": 20.0, "options": "", "state": "aaaa", "status": "time_limit",
        "objective": 100.0, "bound": 99.0, "gap": 0.01, "method": "bulk", "checker": "passed",
        "matrix": {"rows": 10 * orders, "columns": 50 * orders, "nonzeros": 200 * orders, "integers": 0},
        "phases": [
            {"phase": name, "seconds": seconds, "simplex_seconds": simplex, "rounds": rounds}
            for name, seconds, simplex, rounds in phases
        ],
        "trace": [[1.0, 200.0, None], [4 * times, 200.0, 90.0], [8 * times, 200.0, 99.0], [12 * times, 101.0, 99.0],
                  [30 * times, 100.0, 99.0]],
        "phase_mib": {"before the solver": 100.0, "relaxation": 100.0 + 200 * times},
        "solver_began": 3.0, "ended": 80.0,
        "seconds": {"read": 2 * times, "baselines": 4 * times, "check": 0.5, "write": 5.0}, "peak_mib": 512 * times,
        "total_seconds": 81.0, **changes,
    }  # fmt: skip


# --- what a run says --------------------------------------------------------------------------------------------------


def test_seconds_count_from_the_start_of_the_process() -> None:
    row = a_row()
    assert to_bound(row) == 3 + 8
    assert [to_gap(gap)(row) for gap in (0.5, 0.05, 0.02, 0.01)] == [3 + 12, 3 + 12, 3 + 12, 3 + 30]
    assert to_gap(0.005)(row) is None


def test_packages_that_the_clock_ended_have_no_time_of_their_own() -> None:
    """100 seconds, 1 before, 13 for the relaxation: packages may take half of 86."""
    packed = lambda seconds: packages_seconds(  # noqa: E731
        a_row(phases=[
            {"phase": name, "seconds": taken, "simplex_seconds": 0.0, "rounds": 0}
            for name, taken in (("start", 1.0), ("relaxation", 13.0), ("packages", seconds))
        ])
    )  # fmt: skip
    assert (packed(40.0), packed(41.0), packages_seconds(a_row())) == (40.0, None, None)


def test_the_bound_is_final_when_it_rose_last() -> None:
    assert to_bound(a_row(trace=[[1.0, 9.0, 5.0], [2.0, 8.0, 6.0], [3.0, 7.0, 6.0]])) == 3 + 2


def test_parts_of_the_relaxation() -> None:
    row = a_row()
    assert (relaxation_seconds(row), pricing_seconds(row), relaxation_mib(row)) == (12.0, 10.0, 200.0)
    assert (outside(row), outside_rest(row)) == (80 - 63, 80 - 63 - 2 - 4 - 5)
    assert phase(row, "settled relaxation") is None


def test_a_relaxation_that_the_clock_ended_has_no_time_of_its_own() -> None:
    row = a_row(seconds_limit=24.0)
    assert not relaxed_fully(row)
    assert [value(row) for value in (relaxation_seconds, pricing_seconds, to_bound)] == [None] * 3
    assert to_gap(0.05)(row) == 15.0


def test_what_a_run_that_was_ended_by_force_says() -> None:
    row = {"orders": 1000, "demands": 1312, "status": "killed: memory", "message": "", "seconds_limit": 9.0}
    values = (
        relaxation_seconds,
        pricing_seconds,
        to_bound,
        to_gap(0.05),
        outside,
        memory,
        relaxation_mib,
        size("rows"),
    )
    assert [value(row) for value in values] == [None] * 8


# --- slopes -----------------------------------------------------------------------------------------------------------


def test_a_slope_and_its_range() -> None:
    law = grown([a_row(n, peak_mib=3 * n**1.5) for n in (4000, 1000, 2000)], memory)
    assert law is not None
    assert (law.first, law.last, law.fit.points) == (1000, 4000, 3)
    assert [law.fit.slope, law.least, law.most] == pytest.approx([1.5] * 3)
    assert law.at(8000) == pytest.approx(3 * 8000**1.5)


def test_what_an_order_more_adds() -> None:
    rows = [a_row(n, peak_mib=mib) for n, mib in ((1000, 900.0), (2000, 500.0), (4000, 600.0), (8000, None))]
    assert each_more(rows, memory) == pytest.approx((0.05, 400.0))
    assert each_more(rows[:1], memory) is None


def test_slopes_between_neighbours_are_told_apart() -> None:
    law = grown([a_row(n, peak_mib=mib) for n, mib in ((1000, 1.0), (2000, 2.0), (4000, 8.0))], memory)
    assert law is not None
    assert (law.least, law.most, law.end, law.fit.slope) == pytest.approx((1.0, 2.0, 2.0, 1.5))


def test_what_is_unknown_too_short_or_solved_otherwise_is_left_out() -> None:
    rows = [a_row(500, method="guided"), a_row(1000), a_row(2000), a_row(4000, peak_mib=None)]
    law = grown(rows, memory)
    assert law is not None
    assert (law.first, law.last) == (1000, 2000)
    assert grown(rows, memory, least=600.0) is None
    assert grown([], memory) is None


def test_a_part_on_paper() -> None:
    rows = [a_row(n, seconds_limit=1000.0) for n in (1000, 2000, 4000)]
    counts, seconds = on_paper(rows, (("nonzeros", "", size("nonzeros")), ("relaxation", "s", pricing_seconds)), 1e6)
    assert (counts.orders, counts.now, counts.then) == (4000, 800_000, pytest.approx(2e8))
    assert (seconds.slope, seconds.now, seconds.then) == pytest.approx((1.0, 40.0, 10_000.0))
    rows = [a_row(n, peak_mib=mib) for n, mib in ((1000, 1.0), (2000, 2.0), (4000, 8.0))]
    most = on_paper(rows, (("memory", "", memory),), 8000)[0]
    assert (most.now, most.slope, most.end, most.late) == pytest.approx((8.0, 1.5, 2.0, 32.0))
    assert on_paper(rows, (("soon", "s", lambda _row: 0.5),), 1e6) == []


# --- measuring --------------------------------------------------------------------------------------------------------


def test_seconds_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `solve` gives them (90 a smallest book, 900 at most), or as asked."""
    given = lambda **changes: argparse.Namespace(**{**vars(GIVEN), **changes})  # noqa: E731
    assert growth.seconds_for(1000, 1312, 130, GIVEN) == pytest.approx(90 * 1312 * 130 / 60_000)
    assert growth.seconds_for(64_000, 84_000, 130, GIVEN) == 900.0
    assert growth.seconds_for(64_000, 84_000, 130, given(seconds=60.0)) == 60.0
    assert growth.seconds_for(64_000, 84_000, 130, given(per_thousand=50.0)) == 3200.0
    assert growth.seconds_for(1_000, 1_312, 130, given(per_thousand=50.0)) == 90.0
    assert growth.options_of(given(per_thousand=50.0, gib=8.0)) == "--per-thousand 50 --gib 8"


def test_a_benchmark_that_was_interrupted_goes_on(tmp_path: Path) -> None:
    store, done = tmp_path / "growth.json", []

    def measuring(row: dict[str, Any]) -> dict[str, Any]:
        if row["orders"] == 2000 and len(done) == 1:
            raise KeyboardInterrupt
        done.append(row["orders"])
        return {**a_row(row["orders"]), **row}

    with pytest.raises(KeyboardInterrupt):
        growth.measure([1000, 2000], GIVEN, store, measuring)
    assert [row["orders"] for row in growth.read(store)] == [1000]
    done.append(0)
    growth.measure([1000, 2000], GIVEN, store, measuring)
    assert done == [1000, 0, 2000]
    growth.measure([1000], argparse.Namespace(**{**vars(GIVEN), "seconds": 60.0}), store, measuring)
    kept = growth.read(store)
    assert [(row["orders"], row["options"]) for row in kept] == [(1000, "--seconds 60"), (2000, "")]
    assert "Example" not in page_of(json.loads(store.read_text(encoding="utf-8")))


# --- the page ---------------------------------------------------------------------------------------------------------


def page(tmp_path: Path, *rows: dict[str, Any]) -> tuple[str, dict[str, list[list[str]]]]:
    file = tmp_path / "growth.md"
    file.write_text(page_of({"rows": list(rows), "machine": MACHINE, "versions": {}}), encoding="utf-8")
    return file.read_text(encoding="utf-8"), tables(file)


def test_the_page(tmp_path: Path) -> None:
    text, found = page(tmp_path, a_row(2000), a_row(1000), a_row(500, method="guided", phases=[], options="--gib 8"))
    first = found["How solving grows with the order book"]
    assert first[1][:6] == ["1,000", "1,312", "100", "time_limit", "1.00 %", "11"]
    assert first[1][6:] == ["15", "15", "15", "33", "81", "0.5", "bulk"]
    assert [row[0] for row in first] == ["500", "1,000", "2,000"]
    slopes = {row[0]: row[1:] for row in found["Slopes"]}
    assert slopes["… of it in the simplex, s"] == ["2.00", "", "2.00 … 2.00", "2", "1,000", "2,000"]
    assert slopes["nonzeros"][0] == "1.00"
    assert "is met where 1 % was reached:\n0.93 over 2 of 2 sizes, 1,000 to 2,000 orders" in text
    assert found["Where the time goes"][1][:4] == ["2,000", "1.0", "28.0", "50.0"]
    paper = {row[0]: row[1:] for row in found["A million demands, on paper"]}
    assert paper["nonzeros"] == ["2,000", "400,000", "1.00", "152,000,000", "1.00", "152,000,000"]
    assert paper["arrays, prices, columns of the relaxation"][:4] == ["2,000", "20 s", "1.00", "7,620 s"]
    assert "1,049 bytes each" in " ".join(text.split()), "400 MiB beyond what there was before, for 400,000 nonzeros"
    assert "this machine's 8 GiB hold 16,000 orders" in " ".join(text.split())
    assert text.index("- linear programs") < text.index("- arrays, prices"), "the largest first"
    command = "python -m benchmarks.growth --sizes"
    assert f"By `{command} 500 --gib 8` and `{command} 1000,2000` at aaaa" in text


def test_a_bound_that_was_cut_off_stands_in_brackets(tmp_path: Path) -> None:
    _, found = page(tmp_path, a_row(seconds_limit=24.0))
    assert found["How solving grows with the order book"][0][5] == "(16)"


def test_a_goal_that_is_missed_or_not_known_is_told(tmp_path: Path) -> None:
    slow = a_row(2000, trace=[[150.0, 100.0, 99.0]])
    assert "is missed where 1 % was reached" in page(tmp_path, a_row(1000), slow)[0]
    assert "1 % was reached at fewer than two" in page(tmp_path, a_row(1000))[0]


def test_a_run_that_was_ended_by_force_has_a_row(tmp_path: Path) -> None:
    kept = ("orders", "demands", "seconds_limit", "state", "options", "peak_mib", "total_seconds")
    lost = {**{name: a_row(2000)[name] for name in kept}, "status": "killed: memory", "message": "ended"}
    text, found = page(tmp_path, a_row(1000), lost)
    assert found["How solving grows with the order book"][1][3:6] == ["killed: memory", "", ""]
    assert "Two order books or more are needed" in text
