"""Records on disk: whole or not there, never changed, readable whatever happens to a file."""

from __future__ import annotations

import logging
from dataclasses import asdict
from pathlib import Path

import polars as pl
import pytest

from optimizer.bench.store import Store, frame
from tests.bench.records import a_record, unsolved


def test_a_record_comes_back_as_it_was(tmp_path: Path) -> None:
    store, told = Store(tmp_path), a_record(message='ü, "quoted"\nsecond line', changes={"method": "direct"})
    store.add(told)
    store.add(unsolved(objective=None, plan_ok=None, started="2026-01-06T00:00:00.000+00:00"))
    first, second = store.all()
    assert asdict(first) == asdict(told)
    assert (second.objective, second.plan_ok, second.nodes) == (None, None, None)


def test_columns_have_the_same_types_however_little_is_known() -> None:
    full, empty = frame([a_record(nodes=3)]), frame([a_record(objective=None, nodes=None)])
    assert full.schema == empty.schema
    assert full.schema["objective"] == pl.Float64


def test_a_broken_file_is_told_and_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = Store(tmp_path)
    path = store.add(a_record())
    store.add(a_record(seed=1))
    path.write_bytes(path.read_bytes()[:200])
    with caplog.at_level(logging.WARNING, "optimizer"):
        assert [record.seed for record in store.all()] == [1]
    assert path.name in caplog.text


def test_a_half_written_file_is_no_record(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(a_record())
    (store.records_folder / "x.part").write_bytes(b"PAR1")
    assert len(store.all()) == 1


def test_the_newest_of_a_key_counts_and_none_is_lost(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(a_record(total_seconds=1.0))
    store.add(a_record(total_seconds=2.0, started="2026-01-07T00:00:00.000+00:00"))
    store.add(a_record(commit="bbbb"))
    assert len(store.all()) == 3
    assert {(r.commit, r.total_seconds) for r in store.latest()} == {("aaaa", 2.0), ("bbbb", 30.0)}


def test_columns_of_another_version_do_no_harm(tmp_path: Path) -> None:
    store = Store(tmp_path)
    path = store.add(a_record())
    rows = pl.read_parquet(path).drop("mode").with_columns(pl.lit(1).alias("of_the_future"))
    rows.write_parquet(path)
    (found,) = store.all()
    assert found.mode is None


def test_no_folder_is_no_record(tmp_path: Path) -> None:
    assert Store(tmp_path / "none").all() == []
