"""Memory: who is counted, what the machine or its control group leaves, and a solve that ends in time."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from models.baselines import first_come_first_served, priority_list
from models.bulk import size
from models.checker import check_plan
from optimizer.settings import Settings
from optimizer.solving import memory
from optimizer.solving import solve as solving
from optimizer.solving.memory import Memory, end_below, free_and_total
from optimizer.solving.outcome import Progress
from optimizer.solving.solve import solve
from tests.solving.small_books import work
from tests.solving.tasks import SLOTS, TIGHT, case, named, toy

GIB = 2**30
HOLDER = "import subprocess, sys; b = bytearray(60_000_000)"
BELOW = "import time; b = bytearray(60_000_000); print(1, flush=True); time.sleep(60)"


def a_machine(monkeypatch: pytest.MonkeyPatch, *, used: float, free: float, total: float = 16.0) -> None:
    """Processes that take so many GiB on a machine that has so many left."""
    monkeypatch.setattr(memory, "_tree", lambda: [used * GIB])
    monkeypatch.setattr(memory, "_resident", lambda one: one)
    monkeypatch.setattr(memory, "free_and_total", lambda: (free * GIB, total * GIB))


@pytest.mark.parametrize(
    ("used", "free", "cap", "state"),
    [
        (1.0, 8.0, None, "fine"),
        (1.0, 8.0, 2.0, "fine"),
        (1.85, 8.0, 2.0, "ending"),
        (2.1, 8.0, 2.0, "full"),
        (1.0, 0.9, None, "ending"),
        (1.0, 0.3, None, "full"),
        (1.0, 0.3, 8.0, "full"),
    ],
)
def test_room_is_what_the_cap_and_the_machine_leave(
    monkeypatch: pytest.MonkeyPatch, used: float, free: float, cap: float | None, state: str
) -> None:
    a_machine(monkeypatch, used=used, free=free)
    watched = Memory(cap)
    assert watched.state() == state
    assert watched.most_seen_gib == used


def test_a_process_below_counts_and_ends_with_the_one_above() -> None:
    sleeper = f"{HOLDER}; subprocess.run([sys.executable, '-c', {BELOW!r}])"
    before = Memory()
    before.state()
    with subprocess.Popen([sys.executable, "-c", sleeper], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        now = Memory()
        now.state()
        below = psutil.Process(process.pid).children(recursive=True)
        end_below(process.pid)
        process.wait(10)
    assert now.most_seen_gib - before.most_seen_gib > 2 * 60e6 / GIB
    assert below
    assert psutil.wait_procs(below, timeout=5.0)[1] == []
    end_below(process.pid)  # one that has gone already is no error


def test_a_control_group_may_leave_less_than_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machine = SimpleNamespace(available=8.0 * GIB, total=16.0 * GIB)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: machine)
    files = tuple(tmp_path / name for name in ("max", "current", "stat"))
    monkeypatch.setattr(memory, "_CGROUPS", (files,))
    assert free_and_total() == (8.0 * GIB, 16.0 * GIB)
    for file, text in zip(files, ("max\n", f"{GIB}\n", "inactive_file 0\n"), strict=True):
        file.write_text(text, encoding="ascii")
    assert free_and_total() == (8.0 * GIB, 16.0 * GIB)
    files[0].write_text(f"{4 * GIB}\n", encoding="ascii")
    files[2].write_text(f"anon 5\ninactive_file {GIB // 2}\n", encoding="ascii")
    assert free_and_total() == (3.5 * GIB, 4.0 * GIB)  # what is only cached can be had


def test_little_room_ends_a_solve_with_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    found, start = case("mixed-112"), first_come_first_served(case("mixed-112").problem)
    seen: list[Progress] = []
    ready = lambda: any(look.phase == "branch and bound" for look in seen)  # noqa: E731
    monkeypatch.setattr(Memory, "state", lambda _self: "ending" if ready() else "fine")
    monkeypatch.setattr(solving, "LOOKS", 0.0)
    outcome = solve(
        found.problem, SLOTS, Settings(seconds=120.0, gap=0.0, threads=1, memory_gib=4.0), starts=named(start),
        progress=seen.append,
    )  # fmt: skip
    assert outcome.status == "time_limit"
    assert outcome.plan is not None
    assert check_plan(found.problem, outcome.plan).violations == ()
    assert any("for want of memory" in message and "4 GiB" in message for message in outcome.messages)


def test_no_room_ends_an_order_book_with_the_plan_it_had_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its process is killed and nothing is tried again, as that would end in the same way."""
    problem, seen = toy(3), list[Progress]()
    monkeypatch.setattr(size, "LARGE", 0)
    monkeypatch.setattr(solving, "work", work)
    monkeypatch.setattr(solving, "LOOKS", 0.0)
    monkeypatch.setattr(Memory, "state", lambda _self: "full" if any(s.phase == "blocks" for s in seen) else "fine")
    outcome = solve(
        problem, TIGHT, Settings(seconds=60.0, gap=1e-9, threads=1), starts=named(priority_list(problem)),
        progress=seen.append,
    )  # fmt: skip
    assert outcome.status == "time_limit"
    assert outcome.plan is not None
    assert outcome.bound is not None
    assert any("for want of memory" in message for message in outcome.messages)
    assert not any("solved again" in message for message in outcome.messages)


def test_no_room_before_anything_is_found_is_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Memory, "state", lambda _self: "full")
    outcome = solve(case("mixed-112").problem, SLOTS, replace(Settings(seconds=60.0, threads=1), memory_gib=0.001))
    assert (outcome.status, outcome.plan) == ("no_plan", None)
    assert any("for want of memory" in message for message in outcome.messages)
