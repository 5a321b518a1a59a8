"""How much memory a solve takes with all its processes, and when it has to end so that the system does not end it.

Resident memory is what counts: what processes share is counted in each, so that the sum errs on the safe side.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

GIB = 2.0**30
SOON = 0.9
"""Share of the cap at which a solve is asked to end with what it has; at the cap itself its processes are ended."""
SPARE, LEAST = 0.06, 0.02
"""Shares of the machine's memory that must be free: below the first a solve is asked to end, below the second it is
ended."""
State = Literal["fine", "ending", "full"]
_CGROUPS = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current"), Path("/sys/fs/cgroup/memory.stat")),
    (
        Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
        Path("/sys/fs/cgroup/memory/memory.usage_in_bytes"),
        Path("/sys/fs/cgroup/memory/memory.stat"),
    ),
)
"""Limit, use and statistics of the control group that this process is in, as the two versions have them."""


@dataclass
class Memory:
    """Watches this process and all below it. `most_gib`: the cap, None where only the machine's memory is one."""

    most_gib: float | None = None
    most_seen_gib: float = 0.0

    def state(self) -> State:
        """Whether there is room, little of it, or none."""
        used = sum(_resident(process) for process in _tree()) / GIB
        self.most_seen_gib = max(self.most_seen_gib, used)
        free, total = free_and_total()
        if (self.most_gib is not None and used > self.most_gib) or free < LEAST * total:
            return "full"
        if (self.most_gib is not None and used > SOON * self.most_gib) or free < SPARE * total:
            return "ending"
        return "fine"

    def said(self) -> str:
        """Why a solve had to end, for its messages."""
        cap = "the machine has no more" if self.most_gib is None else f"the cap is {self.most_gib:g} GiB"
        return f"the solve ended early for want of memory: it took {self.most_seen_gib:.2f} GiB, and {cap}"


def end_below(pid: int) -> None:
    """Ends a process and all below it; those below first, so that nobody starts them again."""
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        for one in (*reversed(process.children(recursive=True)), process):
            with suppress(psutil.Error):
                one.kill()


def free_and_total() -> tuple[float, float]:
    """Bytes that may still be taken, and bytes in all: of the machine, or of the control group if that has less."""
    machine = psutil.virtual_memory()
    found = [(float(machine.available), float(machine.total))]
    for limit, current, statistics in _CGROUPS:
        with suppress(OSError, ValueError):
            most = float(limit.read_text(encoding="ascii"))  # "max" is no number: there is no limit
            used = float(current.read_text(encoding="ascii"))
            rows = dict(line.split() for line in statistics.read_text(encoding="ascii").splitlines())
            cached = float(rows.get("inactive_file", rows.get("total_inactive_file", "0")))
            if most < machine.total:
                found.append((most - used + cached, most))
    return min(found)


def _tree() -> Iterator[psutil.Process]:
    me = psutil.Process()
    yield me
    with suppress(psutil.Error):
        yield from me.children(recursive=True)


def _resident(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss)
    except psutil.Error:
        return 0.0
