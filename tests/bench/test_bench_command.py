"""The command as a whole: a suite is measured in processes of its own, resumed, and compared."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from optimizer.bench import extras
from optimizer.bench.store import Store
from tests.bench.test_bench_suite import TOY, written
from tests.cli.runs import Command

SUITE = f"""
name = "tiny"
about = "Two runs."
instances = ["{TOY}", "broken"]
formulations = [{{ name = "slots", changes = {{ method = "direct" }} }}]
baselines = ["priority_list"]
settings = [{{ seconds = 60, gap = 1e-6, threads = 1 }}]
"""


@pytest.fixture
def burdenshare(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """The toy instance, and one that cannot be read."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "instance.toml").write_text("name = 1", encoding="utf-8")
    return written(tmp_path, SUITE)


def test_from_a_suite_to_a_comparison(burdenshare: Command, suite: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = burdenshare("bench", suite, "--out", out, "--json")
    assert run.code == 0, run.err
    told = json.loads(run.out)
    assert (told["measured_now"], told["wanted"], told["contradictions"]) == (4, 4, [])
    records = {(record["instance"], record["kind"]): record for record in told["records"]}
    solved = records["toy", "formulation"]
    assert (solved["status"], solved["plan_ok"], solved["changes"]) == ("optimal", True, {"method": "direct"})
    assert solved["objective"] == pytest.approx(922.0)  # worked out by hand in instances/toy/README.md
    assert solved["bound"] == pytest.approx(922.0)
    assert 0 < solved["to_first_plan"] <= solved["to_proof"] <= solved["total_seconds"]
    assert solved["peak_memory_mib"] > 50
    assert solved["columns"] > solved["integers"] > 0
    assert solved["root_bound"] <= solved["bound"] * (1 + 1e-6)
    assert solved["build_seconds"] < solved["root_seconds"] <= solved["to_proof"]
    assert 0 < solved["handover_seconds"] < solved["solve_seconds"]
    assert solved["nodes"] >= 0
    assert records["toy", "baseline"]["objective"] == pytest.approx(1758.0)
    failed = records["broken", "formulation"]
    assert failed["status"] == "error"
    assert "instance" in failed["message"]
    assert {path.name for path in out.iterdir()} == {"records", "table.md", "table.csv", "report.html"}

    again = burdenshare("bench", "run", suite, "--out", out)
    assert again.code == 0
    assert "0 of 4 runs measured now, 4 known before" in again.err
    assert "slots method=direct" in again.out

    assert burdenshare("bench", "compare", out).code == 2
    store = Store(out)
    for record in store.all():
        store.add(replace(record, commit="later", total_seconds=record.total_seconds * 3, started="2100-01-01"))
    slower = burdenshare("bench", "compare", out)
    assert slower.code == 1
    assert "slower" in slower.out
    document = json.loads(burdenshare("bench", "compare", out, "--json", "--tolerance", "3").out)
    assert (document["new"], document["regressions"]) == ("later", 0)


def test_a_wrong_suite_is_told_and_nothing_written(burdenshare: Command, tmp_path: Path) -> None:
    path = written(tmp_path, 'name = "s"\ninstance = ["x"]')
    run = burdenshare("bench", path, "--out", tmp_path / "out", "--json")
    assert run.code == 2
    assert "Maybe 'instances'" in run.err
    assert any("instances: this key is needed" in line for line in json.loads(run.out)["findings"])
    assert not (tmp_path / "out").exists()


def test_without_the_extra_one_line_says_what_to_install(
    burdenshare: Command, suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "NEEDED", ("polars", "no_such_library"))
    run = burdenshare("bench", suite, "--out", tmp_path / "out")
    assert run.code == 2
    assert run.err.strip() == (
        "error: no_such_library is not installed, which the bench needs: pip install 'burdenshare[bench]'"
    )


def test_no_results_to_compare(burdenshare: Command, tmp_path: Path) -> None:
    run = burdenshare("bench", "compare", tmp_path)
    assert run.code == 2
    assert "holds no results" in run.err


def test_several_jobs_are_warned_of(burdenshare: Command, tmp_path: Path) -> None:
    run = burdenshare("bench", written(tmp_path, ""), "--out", tmp_path / "out", "--jobs", "2")
    assert "disturb each other" in run.err
