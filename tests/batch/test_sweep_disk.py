"""A disk that fills while plans are written, wherever runs are made: a limit of the system, nothing patched."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from optimizer.batch.executors.here import Here
from optimizer.batch.executors.interface import Executor
from optimizer.batch.executors.pool import Pool
from optimizer.batch.sweep import CannotWriteError, sweep
from optimizer.batch.sweep_plan import SweepPlan
from tests.batch.sweeps import cramped, results, small_plan


def plan_of(folder: Path) -> SweepPlan:
    """Three runs whose plans are wanted; the second finds the disk full where the worker is `cramped`."""
    plan = small_plan(folder, more="seeds = [0, 13]\nplans = true")
    return type(plan)(plan.source, (plan.planned[0], plan.planned[7], plan.planned[1]), plan.sources, plan.parameters)


def dask() -> Executor:
    pytest.importorskip("distributed")
    from optimizer.batch.executors.cluster import Cluster

    return Cluster("local", 1, made_by=cramped)


@pytest.mark.parametrize("executor", [lambda: Pool(1, made_by=cramped), dask], ids=["pool", "dask"])
def test_what_cannot_be_written_leaves_no_row(tmp_path: Path, executor: type[Executor]) -> None:
    """A row would say that the run is done, and the same command would never make it again."""
    whole = sweep(plan_of(tmp_path / "a"), tmp_path / "whole", Here())
    out = tmp_path / "out"
    with pytest.raises(CannotWriteError, match=r"no plan could be written to .*: File too large"):
        sweep(plan_of(tmp_path / "b"), out, executor())
    kept = sorted(path.stem for path in (out / "records").glob("*.parquet"))
    assert kept == [whole.rows[0]["key"]], "what was written before stays, and nothing else"
    assert sorted(path.name for path in (out / "plans").iterdir() if not path.name.startswith(".")) == kept
    again = sweep(plan_of(tmp_path / "c"), out, Here())
    assert (again.known, again.done) == (len(kept), 3 - len(kept))
    assert not again.failed
    assert results(again) == results(whole)
    assert sorted(path.name for path in (out / "plans").iterdir()) == sorted(row["key"] for row in whole.rows)


def test_in_this_process(tmp_path: Path) -> None:
    """Rows are small and go where plans do not: the sweep stops all the same."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        with pytest.raises(CannotWriteError, match="File too large"):
            sweep(plan_of(tmp_path / "a"), tmp_path / "out", Here())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list((tmp_path / "out" / "records").glob("*.parquet"))
    assert not [path for path in (tmp_path / "out" / "plans").iterdir() if not path.name.startswith(".")]
    assert sweep(plan_of(tmp_path / "b"), tmp_path / "out", Here()).done == 3
