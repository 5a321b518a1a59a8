"""Starting processes that never run the user's main module again, and that add numbers up with one thread."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import types
from collections.abc import Iterator
from multiprocessing import resource_tracker
from multiprocessing.context import SpawnContext, SpawnProcess

_LOCK = threading.Lock()
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Where the libraries that numpy may be built with look, once, when they are loaded."""


@contextlib.contextmanager
def plain_main() -> Iterator[None]:
    """Hides the main module: a spawned child imports it otherwise, and a script without a guard would run twice."""
    with _LOCK:
        main = sys.modules.get("__main__")
        sys.modules["__main__"] = types.ModuleType("__main__")
        try:
            yield
        finally:
            if main is not None:
                sys.modules["__main__"] = main


def adds_with_one_thread() -> bool:
    """Whether this process was started so."""
    return any(os.environ.get(name) == "1" for name in THREADS)


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """One thread for sums and products of the libraries below: with several, the last digit depends on how many."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _held_back() -> Iterator[None]:
    """Blocks SIGINT in this thread, where the system can; a process started inside inherits that for good."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # starting it unblocks SIGINT
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class QuietProcess(SpawnProcess):
    """A spawned process that never runs the user's main module again, and leaves Ctrl-C to its parent."""

    def start(self) -> None:
        """Starts it; see `start_quietly`."""
        with plain_main(), _one_thread(), _held_back():
            super().start()


class QuietContext(SpawnContext):
    """A way to start processes, all of them quiet: for libraries that start them by themselves."""

    Process = QuietProcess


def start_quietly(process: SpawnProcess) -> None:
    """Starts a spawned process without importing the main module in it.

    Ctrl-C reaches the whole group of processes. A child that it kills before it has read its job leaves the parent
    writing to a pipe that nobody reads, so it is held back: the child never sees it, the parent sees it after.
    """
    with plain_main(), _one_thread(), _held_back():
        process.start()
