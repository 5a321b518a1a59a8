"""One sweep a folder, whoever died before."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from optimizer.batch import lock
from optimizer.batch.executors.here import Here
from optimizer.batch.lock import NAME, STALE_AFTER, LockedError, locked
from optimizer.batch.sweep import sweep
from tests.batch.sweeps import small_plan


def put(folder: Path, age: float = 0.0, **changes: Any) -> Path:
    """A lock that somebody left, so many seconds ago."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    path.write_text(json.dumps(asdict(replace(lock._me(), **changes))), encoding="utf-8")
    now = path.stat().st_mtime - age
    os.utime(path, (now, now))
    return path


def test_a_second_sweep_is_refused(tmp_path: Path) -> None:
    plan = small_plan(tmp_path)
    with locked(tmp_path / "out"):
        with pytest.raises(LockedError, match=f"process {os.getpid()} on"):
            sweep(plan, tmp_path / "out", Here())
        assert not (tmp_path / "out" / "records").exists()
    assert not (tmp_path / "out" / NAME).exists()
    assert sweep(plan, tmp_path / "out", Here()).done == 7


def test_a_lock_goes_also_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), locked(tmp_path):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def dead_process() -> int:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_the_lock_of_a_dead_process_is_taken(tmp_path: Path) -> None:
    put(tmp_path, pid=dead_process())
    with locked(tmp_path) as path:
        assert json.loads(path.read_text(encoding="utf-8"))["pid"] == os.getpid()


def test_a_process_that_got_the_number_of_a_dead_one_is_not_taken_for_it(tmp_path: Path) -> None:
    put(tmp_path, began=1.0)
    with locked(tmp_path):
        pass


def test_a_lock_from_before_the_machine_started_is_taken(tmp_path: Path) -> None:
    put(tmp_path, boot="another")
    with locked(tmp_path):
        pass


@pytest.mark.parametrize("where", [{"host": "elsewhere", "boot": "another"}, {"table": "pid:[1]"}])
def test_what_cannot_be_looked_at_lives_while_it_touches_its_lock(tmp_path: Path, where: dict[str, str]) -> None:
    put(tmp_path, pid=1, **where)
    with pytest.raises(LockedError, match=where.get("host", platform.node())), locked(tmp_path):
        pass
    put(tmp_path, age=STALE_AFTER + 5, pid=1, **where)
    with locked(tmp_path):
        pass


def test_a_lock_that_is_no_lock_counts_as_one_for_a_while(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text("{", encoding="utf-8")
    with pytest.raises(LockedError), locked(tmp_path):
        pass
    os.utime(path, (1.0, 1.0))
    with locked(tmp_path):
        pass


def test_a_lock_is_touched_and_not_taken_from_who_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "TOUCHED_EVERY", 0.01)
    with locked(tmp_path) as path:
        os.utime(path, (1.0, 1.0))
        for _ in range(500):
            if path.stat().st_mtime > 2.0:
                break
            lock.threading.Event().wait(0.01)
        assert path.stat().st_mtime > 2.0
        other = put(tmp_path, token="of another")
    assert other.exists(), "what another holds is not ours to take away"
