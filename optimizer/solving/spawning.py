"""Starting processes that never run the user's main module again."""

from __future__ import annotations

import contextlib
import sys
import threading
import types
from collections.abc import Iterator
from multiprocessing.context import SpawnProcess

_LOCK = threading.Lock()


@contextlib.contextmanager
def _plain_main() -> Iterator[None]:
    """Hides the main module: a spawned child imports it otherwise, and a script without a guard would run twice."""
    with _LOCK:
        main = sys.modules.get("__main__")
        sys.modules["__main__"] = types.ModuleType("__main__")
        try:
            yield
        finally:
            if main is not None:
                sys.modules["__main__"] = main


def start_quietly(process: SpawnProcess) -> None:
    """Starts a spawned process without importing the main module in it."""
    with _plain_main():
        process.start()
