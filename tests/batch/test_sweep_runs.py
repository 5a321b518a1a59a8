"""A sweep in this process: rows, plans, pages, resuming; and what a row says where a run cannot be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import polars
import pytest

from models.checker import check_plan
from optimizer.batch import sweep_run
from optimizer.batch.executors.here import Here
from optimizer.batch.sources import HERE, digest_of, packed
from optimizer.batch.sweep import CannotWriteError, Swept, is_sweep, planned_sweep, sweep
from optimizer.batch.sweep_page import write_pages
from optimizer.batch.sweep_store import Store
from optimizer.batch.sweep_table import as_document, compared, csv_text
from optimizer.reading.instance import read_instance
from optimizer.reading.plan import read_plan
from optimizer.reading.write import write_workbook
from optimizer.reporting.output import holds_plan
from tests.batch.sweeps import TOY, results, small_plan, write_sweep

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Swept]:
    """The small sweep with plans, made once."""
    folder = tmp_path_factory.mktemp("sweep")
    plan = small_plan(folder, more="plans = true\ndeliveries = true\nmemory_gib = 4")
    swept = sweep(plan, folder / "out", Here(), also=write_pages)
    return folder / "out", swept


def test_every_run_has_its_row(made: tuple[Path, Swept]) -> None:
    out, swept = made
    assert (swept.wanted, swept.done, swept.known, swept.interrupted) == (7, 7, 0, False)
    table = polars.read_parquet(out / "results.parquet")
    assert table["number"].to_list() == list(range(7))
    assert table["late"].to_list() == [None, 0, 0, 4, 4, 8, 8]
    assert set(table["status"]) == {"optimal"}
    assert set(table["checker"]) == {"passed"}
    assert results(swept) == results(out)
    assert (table["peak_memory_mib"] > 20).all()
    assert (table["total_seconds"] >= table["solve_seconds"]).all()


def test_the_unchanged_run_is_what_solve_gives(made: tuple[Path, Swept]) -> None:
    base = made[1].rows[0]
    assert base["base"]
    assert base["objective"] == pytest.approx(922.0)  # the README of the toy solves it by hand
    assert base["objective"] == pytest.approx(
        base["needs_delay"] + base["orders_delay"] + base["readiness_shortfall"] + base["plan_change"]
    )
    assert sum(one["delay"] for one in base["recipients"]) == pytest.approx(base["orders_delay"])
    assert sum(one["delay"] for one in base["deliveries"]) == pytest.approx(base["orders_delay"] + base["needs_delay"])


def test_plans_are_folders_that_the_checker_passes(made: tuple[Path, Swept]) -> None:
    out, swept = made
    for row in swept.rows:
        folder = out / "plans" / row["key"]
        assert holds_plan(folder)
        problem = read_instance(folder / "instance").problem
        assert problem is not None
        plan, _ = read_plan(folder, problem)
        assert plan is not None
        verdict = check_plan(problem, plan)
        assert verdict.passed
        assert verdict.terms.total == pytest.approx(row["objective"])
    assert not [path for path in (out / "plans").iterdir() if path.name.startswith(".")]


def test_nothing_is_made_twice(made: tuple[Path, Swept], monkeypatch: pytest.MonkeyPatch) -> None:
    out, swept = made
    plan = small_plan(out.parent, more="plans = true\ndeliveries = true\nmemory_gib = 4")
    monkeypatch.setattr(sweep_run, "solve_here", lambda *_a, **_k: pytest.fail("a run was made again"))
    again = sweep(plan, out, Here())
    assert (again.done, again.known) == (0, 7)
    assert results(again) == results(swept)


def test_a_row_that_is_not_whole_is_made_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    plan = small_plan(tmp_path)
    before = sweep(plan, tmp_path / "out", Here())
    key = before.rows[2]["key"]
    path = tmp_path / "out" / "records" / f"{key}.parquet"
    path.write_bytes(path.read_bytes()[:100])
    (path.parent / "half.part").write_bytes(b"x")
    again = sweep(plan, tmp_path / "out", Here())
    assert (again.done, again.known) == (1, 6)
    assert "not a whole record" in caplog.text
    assert results(again) == results(before)
    assert not list(path.parent.glob("*.part"))


def test_a_wider_sweep_makes_only_what_is_new(tmp_path: Path) -> None:
    sweep(small_plan(tmp_path), tmp_path / "out", Here())
    wider = small_plan(tmp_path, more="seeds = [0, 1]")
    again = sweep(wider, tmp_path / "out", Here())
    assert (again.done, again.known, again.wanted) == (7, 7, 14)


def test_a_folder_and_a_workbook_of_one_content_are_one_instance(tmp_path: Path) -> None:
    problem = read_instance(TOY).problem
    assert problem is not None
    write_workbook(problem, tmp_path / "toy.xlsx")
    other = read_instance(tmp_path / "toy.xlsx").problem
    assert other is not None
    assert digest_of(problem) == digest_of(other)
    HERE.add({digest_of(problem): packed(problem)})
    assert HERE.problem(digest_of(problem)) == problem


def test_an_error_in_a_run_is_a_row_and_can_be_retried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = small_plan(tmp_path)
    real, toy = sweep_run.solve_here, read_instance(TOY).problem
    assert toy is not None
    whole = sum(pledge.amount_usd_m for pledge in toy.pledges)

    def failing(*given: Any, **more: Any) -> Any:
        if sum(pledge.amount_usd_m for pledge in given[0].pledges) < whole:
            raise RuntimeError("no <b>luck</b>")
        return real(*given, **more)

    monkeypatch.setattr(sweep_run, "solve_here", failing)
    first = sweep(plan, tmp_path / "out", Here(), also=write_pages)
    failed = [row for row in first.rows if row["status"] == "error"]
    assert 0 < len(failed) < 7
    assert all("no <b>luck</b>" in row["message"] and row["objective"] is None for row in failed)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "no &lt;b&gt;luck" in page
    assert "<b>luck" not in page
    monkeypatch.setattr(sweep_run, "solve_here", real)
    assert sweep(plan, tmp_path / "out", Here()).done == 0
    mended = sweep(plan, tmp_path / "out", Here(), retry_failed=True)
    assert mended.done == len({row["key"] for row in failed})
    assert not mended.failed


def test_a_full_disk_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = small_plan(tmp_path)
    whole = sweep(plan, tmp_path / "whole", Here())
    real, left = Store.add, [3]

    def filling(self: Store, key: str, row: Mapping[str, Any]) -> None:
        left[0] -= 1
        if left[0] < 0:
            (self.folder / "records" / f"{key}.part").write_bytes(b"half of a row")
            raise OSError(28, "No space left on device")
        real(self, key, row)

    monkeypatch.setattr(Store, "add", filling)
    with pytest.raises(CannotWriteError, match="No space left on device"):
        sweep(plan, tmp_path / "out", Here())
    monkeypatch.setattr(Store, "add", real)
    again = sweep(plan, tmp_path / "out", Here())
    assert (again.known, again.done) == (3, 4)
    assert results(again) == results(whole)


def test_a_writer_that_cannot_is_no_error_of_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What polars raises where a file cannot be written is an `OSError` to the driver."""
    store = Store(tmp_path)
    store.prepare()

    def full(*_a: Any, **_k: Any) -> None:
        raise polars.exceptions.ComputeError("No space left on device (os error 28)")

    monkeypatch.setattr(polars.DataFrame, "write_parquet", full)
    with pytest.raises(OSError, match="No space left"):
        store.add("k", {"status": "optimal"})
    assert list((tmp_path / "records").iterdir()) == []


def test_other_folders_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("x", encoding="utf-8")
    plan, findings = planned_sweep(write_sweep(tmp_path), tmp_path / "out")
    assert plan is None
    assert findings[-1].code == "target_exists"
    with pytest.raises(CannotWriteError):
        sweep(small_plan(tmp_path / "else"), tmp_path / "out", Here())
    assert not is_sweep(tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["mine.txt"]


def test_a_sweep_killed_when_it_had_only_begun_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for name in (".lock.json.0a1b2c", ".sweep.json.part"):
        (out / name).write_text("{", encoding="utf-8")
    assert sweep(small_plan(tmp_path), out, Here()).done == 7


def test_a_run_whose_patch_cannot_be_is_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.batch.sweep_plan.MOST_JUDGED", 0)
    text = (
        'name = "x"\ninstances = ["{toy}"]\n[grid]\nshare = [0.9]\n'
        '[[changes]]\nset = "weights.shares.defence_level"\nto = "$share"\n'
    )
    plan, _ = planned_sweep(write_sweep(tmp_path, text), tmp_path / "out")
    assert plan is not None
    swept = sweep(plan, tmp_path / "out", Here())
    assert [row["status"] for row in swept.rows] == ["optimal", "wrong_input"]
    assert "wrong_sum" in swept.rows[1]["message"]


def test_an_instance_without_a_plan_is_a_row(tmp_path: Path) -> None:
    text = (
        'name = "x"\ninstances = ["{toy}"]\nbase = false\n[[scenarios]]\nname = "=1+1 <script>"\n'
        'changes = [{{ set = "stocks.*.on_hand", to = 0 }}, {{ set = "line_rates.*.slots_per_week", to = 0 }},'
        ' {{ set = "orders.*.firm_by", to = "2026-01-12" }}]\n'
    )
    plan, findings = planned_sweep(write_sweep(tmp_path, text), tmp_path / "out")
    assert plan is not None, [f.line() for f in findings]
    swept = sweep(plan, tmp_path / "out", Here(), also=write_pages)
    assert swept.rows[0]["status"] == "infeasible"
    assert swept.rows[0]["objective"] is None
    assert swept.rows[0]["message"]
    book = openpyxl.load_workbook(tmp_path / "out" / "table.xlsx")
    assert book["runs"]["C2"].value == "=1+1 <script>"
    assert book["runs"]["C2"].data_type == "s"
    assert "<script>," not in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_the_table_compares_with_the_base(made: tuple[Path, Swept]) -> None:
    out, swept = made
    rows = compared(swept).rows
    base = rows[0]["objective"]
    assert rows[0]["change"] is None
    assert all(row["change"] == pytest.approx(row["objective"] / base - 1) for row in rows[1:])
    lines = csv_text(swept).splitlines()
    assert len(lines) == 8
    assert (out / "table.csv").read_text(encoding="utf-8") == csv_text(swept)
    document = json.loads(json.dumps(as_document(swept), allow_nan=False))
    assert document["made_now"] == 7
    assert document["rows"][1]["money"] == 0.5


def test_the_page_draws_what_varies(made: tuple[Path, Swept]) -> None:
    page = (made[0] / "report.html").read_text(encoding="utf-8")
    for name in ("objective", "parameter-late", "parameter-money", "recipients-runs", "effort"):
        assert f'data-chart="{name}"' in page
        assert f'id="{name}-spec"' in page
    assert "http://" not in page.split("<script>")[0]


def test_an_interrupted_sweep_goes_on(tmp_path: Path) -> None:
    plan = small_plan(tmp_path)
    whole = sweep(plan, tmp_path / "whole", Here())
    seen: list[int] = []
    first = sweep(
        plan, tmp_path / "out", Here(), told=lambda p: seen.append(p.done), stop=lambda: len(seen) > 0 and seen[-1] >= 3
    )
    assert first.interrupted
    assert first.done == 3
    assert len(polars.read_parquet(tmp_path / "out" / "results.parquet")) == 3
    again = sweep(plan, tmp_path / "out", Here())
    assert (again.known, again.done, again.interrupted) == (3, 4, False)
    assert results(again) == results(whole)
