"""The page of results says what the records say, and nothing is written where there are none."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import results
from optimizer.bench.store import Store
from tests.bench.records import a_record, unsolved
from tests.docs.pages import tables

MACHINE = json.dumps({"processor": "Example CPU", "cores": 2, "memory_gib": 8.0, "system": "Linux"})
VERSIONS = json.dumps({"python": "3.11.1", "highspy": "1.15.1", "linopy": "0.5"})


def stored(folder: Path) -> Store:
    """Two entries on one instance with three seeds, one of them unsolved in two; and one run of an older commit."""
    store = Store(folder)
    known = {"suite": "weekly", "machine": MACHINE, "versions": VERSIONS, "commit": "new"}
    store.add(a_record(**{**known, "commit": "old"}, name="ancient", started="2026-01-01T00:00:00.000+00:00"))
    for seed in range(3):
        times = {"total_seconds": 10.0 + seed, "to_gap_1": 4.0 + seed, "build_seconds": 2.0, "handover_seconds": 0.5}
        store.add(a_record(**known, name="tight", seed=seed, **times))
    store.add(a_record(**known, name="slots", seed=0, total_seconds=20.0, to_gap_1=9.0, started="2026-01-06T00:00:00Z"))
    for seed in (1, 2):
        store.add(unsolved(**known, name="slots", seed=seed, objective=105.0, started="2026-01-07T00:00:00Z"))
    return store


def written(monkeypatch: pytest.MonkeyPatch, folder: Path, page: Path, *more: str) -> None:
    monkeypatch.setattr(sys, "argv", ["results", str(folder), "--page", str(page), *more])
    results.main()


def test_the_page_of_a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(tmp_path / "results")
    page = tmp_path / "results.md"
    written(monkeypatch, tmp_path / "results", page)
    text, found = page.read_text(encoding="utf-8"), tables(page)
    heads = [head for head, _ in results.BY_INSTANCE]
    rows = {row[0]: dict(zip(heads, row, strict=True)) for row in found["one, 100 s, gap 0.0001, 1 thread"]}
    assert set(rows) == {"tight", "slots"}
    assert rows["tight"]["time s"] == "11.0"
    assert rows["tight"]["1 % s"] == "5.0"
    assert rows["tight"]["gap"] == "0 %"
    assert [rows["tight"][head] for head in ("build s", "hand-over s")] == ["2.0", "0.50"]
    assert rows["slots"]["hand-over s"] == "–", "no run knows it"
    assert rows["tight"]["ended"] == "optimal"
    assert rows["slots"]["1 % s"] == "–", "two of three runs never got there"
    assert rows["slots"]["gap"] == "10 %"
    assert rows["slots"]["plan"] == "100"
    assert rows["slots"]["bound"] == "100"
    assert rows["slots"]["ended"] == "1 optimal, 2 time_limit"
    means = {row[0]: row for row in found["All instances, 100 s, gap 0.0001, 1 thread"]}
    assert means["tight"][1:4] == ["3", "3", "0"]
    assert means["slots"][1:4] == ["3", "1", "2"]
    for said in ("Seeds 0, 1, 2.", "State of the program: new.", "Measured 2026-01-05 to 2026-01-07.", "Example CPU"):
        assert said in text
    assert "python 3.11.1, highspy 1.15.1, linopy 0.5" in text
    assert "burdenshare bench benchmarks/suites/weekly.toml --out results" in text
    assert "ancient" not in text
    assert str(tmp_path) not in text


def test_times_as_multiples_of_the_root_where_a_run_knows_it(tmp_path: Path) -> None:
    """Median 2 of 1.5, 2 and 4 times the root; a run that never got there counts as infinite, a peer has no root."""
    store = Store(tmp_path / "results")
    for seed, to in enumerate((3.0, 4.0, 8.0)):
        times = {"to_gap_1": to, "to_gap_01": 2 * to, "to_gap_001": 9.0 if seed == 0 else None}
        store.add(a_record(name="tight", seed=seed, root_seconds=2.0, **times))
    store.add(a_record(kind="peer", name="scip", to_gap_1=4.0))
    store.add(a_record(name="slots", instance="two", digest="d2", to_gap_1=4.0))
    page = tmp_path / "page.md"
    page.write_text(results.page(store.latest()), encoding="utf-8")
    found = tables(page)
    heads = [head for head, _ in results.BY_INSTANCE]
    at = heads.index("build s")
    heads[at:at] = [head for head, _ in results.BY_ROOT]
    rows = {row[0]: dict(zip(heads, row, strict=True)) for row in found["one, 100 s, gap 0.0001, 1 thread"]}
    shown = [head for head, _ in results.BY_ROOT]
    assert [rows["tight"][head] for head in shown] == ["2.0", "2", "4", "–"]
    assert [rows["scip"][head] for head in shown] == ["–"] * 4
    assert all(len(row) == len(results.BY_INSTANCE) for row in found["two, 100 s, gap 0.0001, 1 thread"])


def test_an_older_state_may_be_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(tmp_path / "results")
    page = tmp_path / "results.md"
    written(monkeypatch, tmp_path / "results", page, "--commit", "ol")
    assert "| ancient |" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("more", [[], ["--commit", "none"]])
def test_without_records_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: list[str]) -> None:
    if more:
        stored(tmp_path / "results")
    page = tmp_path / "results.md"
    with pytest.raises(SystemExit) as ended:
        written(monkeypatch, tmp_path / "results", page, *more)
    assert "nothing is written" in str(ended.value.code)
    assert not page.exists()


def test_a_contradiction_is_on_the_page(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(a_record(name="tight", objective=100.0, bound=100.0))
    store.add(a_record(name="slots", objective=120.0, bound=120.0))
    assert "proves at least 120, and tight has a legal plan of 100" in results.page(store.latest())


def test_records_of_two_states_are_not_one_page() -> None:
    with pytest.raises(ValueError, match="one state"):
        results.page([a_record(), a_record(commit="bbbb")])
