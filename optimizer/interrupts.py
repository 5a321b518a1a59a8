"""Ctrl-C asks a running solve to stop and keep its best plan; a second one gives up at once."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_log = logging.getLogger(__name__)


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Gives a function that says whether the user asked to stop. The second Ctrl-C raises `KeyboardInterrupt`.

    Outside the main thread no signal can be caught, and the function always says no.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return

    def handle(_number: int, _frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        _log.warning("interrupted: stopping with the best plan so far (once more to give up at once)")

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)
