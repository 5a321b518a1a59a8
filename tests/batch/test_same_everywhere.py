"""The same files, byte for byte: whatever the hash seed, the threads of numpy, the load, and who asks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from optimizer.batch.executors.here import Here
from optimizer.batch.executors.pool import Pool
from optimizer.batch.sameness import content, same_files
from optimizer.batch.sweep import planned_sweep, sweep
from optimizer.generating.generate import generate
from optimizer.pipeline import solve_instance
from optimizer.reporting import output
from optimizer.settings import Settings

ROOT = Path(__file__).parents[2]


@contextmanager
def busy() -> Iterator[None]:
    """A process beside that does nothing but work."""
    process = subprocess.Popen([sys.executable, "-c", "x = 1\nwhile True: x = x * 3 % 1000003"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def by_command(
    instance: Path, out: Path, *options: str, work: str = "1.5", threads: str = "1", **environment: str
) -> Path:
    words = ["solve", str(instance), "--out", str(out), "--work", work, "--threads", threads, *options]
    done = subprocess.run(
        [sys.executable, "-m", "optimizer.cli", *words],
        cwd=ROOT, capture_output=True, check=False, timeout=300, env={**os.environ, **environment},
    )  # fmt: skip
    assert done.returncode in (0, 3), done.stderr
    return out


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("generated") / "weekly"
    generate("weekly", 5, found, factor=0.1)
    return found


def test_hash_seed_load_threads_and_process_have_no_say(instance: Path, tmp_path: Path) -> None:
    one = by_command(instance, tmp_path / "one", PYTHONHASHSEED="1", OMP_NUM_THREADS="1")
    with busy():
        two = by_command(instance, tmp_path / "two", PYTHONHASHSEED="29", OMP_NUM_THREADS="2")
    here = tmp_path / "here"
    solve_instance(instance, here, settings=Settings(work=1.5, threads=1))
    for other in (two, here):
        found = same_files(one, other)
        assert set(found.values()) == {"same"}, {name: same for name, same in found.items() if same != "same"}
    for name in ("dispatches.csv", output.PAGE, output.WORKBOOK, output.VALUES):
        assert (one / name).read_bytes() == (two / name).read_bytes()


@pytest.mark.parametrize("threads", ["1", "2"])
def test_nor_have_they_where_scenarios_are_planned_against(instance: Path, tmp_path: Path, threads: str) -> None:
    """Nominal plan, candidates, stochastic program: three kinds of processes, each with work of its own."""
    robust = tmp_path / "robust.toml"
    disturbances = (ROOT / "instances" / "scenarios" / "disturbances.toml").as_posix()
    robust.write_text(f'disturbances = "{disturbances}"\ndraws = 20\nscenarios = 2\n', encoding="utf-8")
    asked = ("--robust", str(robust))
    one = by_command(instance, tmp_path / "one", *asked, work="10", threads=threads, PYTHONHASHSEED="1")
    with busy():
        two = by_command(instance, tmp_path / "two", *asked, work="10", threads=threads, PYTHONHASHSEED="29")
    found = same_files(one, two)
    assert set(found.values()) == {"same"}, {name: same for name, same in found.items() if same != "same"}
    told = json.loads((one / output.SUMMARY).read_text(encoding="utf-8"))["robust"]
    assert len(told["candidates"]) > 1
    assert told["value"] is not None
    assert json.loads((one / output.MANIFEST).read_text(encoding="utf-8"))["repeatable"] is True


def test_nor_has_the_executor_of_a_sweep(instance: Path, tmp_path: Path) -> None:
    """Plans of runs made here, in processes and on Dask; their lines are those that the command writes."""
    pytest.importorskip("distributed")
    from optimizer.batch.executors.cluster import Cluster

    file = tmp_path / "sweep.toml"
    file.write_text(
        f'name = "same"\ninstances = ["{instance.as_posix()}"]\nseeds = [0, 1]\nplans = true\n'
        "settings = [{ work = 1.5, gap = 0.0001 }]\n",
        encoding="utf-8",
    )
    folders = []
    for name, executor in (("here", Here()), ("pool", Pool(2)), ("dask", Cluster("local", 2))):
        plan, findings = planned_sweep(file, tmp_path / name)
        assert plan is not None, findings
        swept = sweep(plan, tmp_path / name, executor)
        folders.append([tmp_path / name / "plans" / row["key"] for row in swept.rows])
    here, pool, dask = folders
    assert len(here) == 2
    for one, two, three in zip(here, pool, dask, strict=True):
        assert set(same_files(two, three).values()) == {"same"}
        told = same_files(one, two)
        told.pop(output.MANIFEST)  # numpy's threads are whoever's this process is, so it promises nothing
        assert set(told.values()) == {"same"}, told
    by_hand = by_command(instance, tmp_path / "by hand")
    for name in ("dispatches.csv", "packages.csv", "payments.csv", "approvals.csv"):
        assert (here[0] / name).read_bytes() == (by_hand / name).read_bytes()


def test_times_do_not_count_and_all_else_does(tmp_path: Path) -> None:
    def written(folder: str, summary: str, manifest: str) -> Path:
        (tmp_path / folder / "instance").mkdir(parents=True)
        (tmp_path / folder / "summary.json").write_text(summary, encoding="utf-8")
        (tmp_path / folder / "instance" / "summary.json").write_text(summary, encoding="utf-8")
        (tmp_path / folder / "manifest.json").write_text(manifest, encoding="utf-8")
        return tmp_path / folder

    old = written(
        "old", '{"gap": 0, "seconds": 1}', '{"trace": [{"bound": 1, "seconds": 2}], "started": "a", "seed": 0}'
    )
    new = written(
        "new", '{"gap": 0, "seconds": 9}', '{"trace": [{"bound": 1, "seconds": 7}], "started": "b", "seed": 0}'
    )
    odd = written(
        "odd", '{"gap": 1, "seconds": 1}', '{"trace": [{"bound": 2, "seconds": 2}], "started": "a", "seed": 0}'
    )
    (odd / "more.csv").write_text("", encoding="utf-8")
    assert same_files(old, new) == {
        "instance/summary.json": "differs",  # a file of the instance is what it is
        "manifest.json": "same",
        "summary.json": "same",
    }
    assert same_files(old, odd) == {
        "instance/summary.json": "differs",
        "manifest.json": "differs",
        "more.csv": "new",
        "summary.json": "differs",
    }
    assert same_files(odd, old)["more.csv"] == "missing"


@pytest.mark.parametrize("text", ["not json", "[1]", ""])
def test_what_is_no_document_counts_as_it_is(tmp_path: Path, text: str) -> None:
    (tmp_path / "summary.json").write_text(text, encoding="utf-8")
    assert content(tmp_path / "summary.json") == text.encode()
