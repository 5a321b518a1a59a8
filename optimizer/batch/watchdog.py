"""What a worker process does about itself: it ends where a run takes too much, and where nobody waits for it any more.

A run cannot be taken back from native code, so the process ends with a code that says why; whoever started it puts
another one in its place. Memory is looked at often enough that a model that grows while it is built is caught; one
single allocation beyond all bounds is caught by the limit of the system that is set beside it, where there is one.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from optimizer.batch.extras import extra
from optimizer.batch.sweep_task import KILLED_MEMORY, KILLED_TIME, Limits

MEMORY_CODE, TIME_CODE, ALONE_CODE = 86, 87, 88
"""Exit codes of a process that ended itself."""
CAUSES = {MEMORY_CODE: KILLED_MEMORY, TIME_CODE: KILLED_TIME}
_EVERY = 0.05
_BACKSTOP = 1.5
"""How far beyond the memory cap the limit of the system lies."""


@dataclass
class Watch:
    """What is watched of one run. `peak_mib`: resident memory at its highest, as far as the system tells."""

    until: float
    most: float | None
    peak_mib: float = 0.0


class _Guard:
    """One thread a process that looks at the run under way."""

    def __init__(self) -> None:
        self.current: Watch | None = None
        self.parent: int | None = None
        self.armed = False
        self._thread: threading.Thread | None = None

    def arm(self, parent: int) -> None:
        """From now on this process may be ended by its guard; `parent`: the process whose end it must not survive."""
        self.armed, self.parent = True, parent
        if self._thread is None:
            self._thread = threading.Thread(target=self._look, name="watchdog", daemon=True)
            self._thread.start()

    def _look(self) -> None:
        process = extra("psutil").Process()
        while True:
            time.sleep(_EVERY)
            if self.parent is not None and os.getppid() != self.parent:
                os._exit(ALONE_CODE)
            watch = self.current
            if watch is None:
                continue
            used = process.memory_info().rss
            watch.peak_mib = max(watch.peak_mib, used / 2**20)
            if watch.most is not None and used > watch.most:
                _end(MEMORY_CODE)
            if time.monotonic() > watch.until:
                _end(TIME_CODE)


def _end(code: int) -> None:
    for hook in BEFORE_THE_END:
        with contextlib.suppress(Exception):
            hook(CAUSES[code])
    os._exit(code)


def said(cause: str, limits: Limits) -> str:
    """Why a run was ended by force, in words."""
    if cause == KILLED_MEMORY:
        return f"ended as it took more than {limits.memory_mib:,.0f} MiB of memory"
    return f"ended after {limits.seconds:,.0f} s"


BEFORE_THE_END: list[Callable[[str], None]] = []
"""Called with the cause before the process ends: who must hear of it otherwise than by the code."""
_GUARD = _Guard()


def arm(parent: int | None = None) -> None:
    """Lets this process end itself: for workers only. `parent`: its parent's id where it must not survive it."""
    _GUARD.arm(os.getppid() if parent is None else parent)


@contextlib.contextmanager
def watched(limits: Limits) -> Iterator[Watch]:
    """Watches what happens inside. In a process that is not armed nothing is ended, and only the peak is taken."""
    most = None if limits.memory_mib is None else limits.memory_mib * 2**20
    watch = Watch(time.monotonic() + limits.seconds, most)
    _forget_peak()
    if _GUARD.armed:
        _limit(most)
        _GUARD.current = watch
    try:
        yield watch
    finally:
        _GUARD.current = None
        watch.peak_mib = _peak() or watch.peak_mib or extra("psutil").Process().memory_info().rss / 2**20


def _limit(most: float | None) -> None:
    """A limit on the data of this process beyond which an allocation fails, where the system has such a thing."""
    if most is None:
        return
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (int(_BACKSTOP * most) + 2**28, hard))


def _forget_peak() -> None:
    """Linux: the highest resident memory counts from here on."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> float | None:
    """Linux: the highest resident memory since the last `_forget_peak`, MiB."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return None
