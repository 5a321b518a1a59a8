"""What happens on a worker of a Dask cluster. Imported only where Dask is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from distributed import get_worker
from distributed.diagnostics.plugin import WorkerPlugin

from optimizer.batch import watchdog
from optimizer.batch.executors.interface import Run
from optimizer.batch.sources import HERE, NotSentError
from optimizer.batch.sweep_task import Answer, Task

_TOPIC = "burdenshare"
_SAID_IN = 1.0
"""Seconds in which a last word must have left a process that ends itself."""


class SendInstances(WorkerPlugin):
    """A plugin of workers: each takes the instances up once, when it starts or when the plugin comes."""

    idempotent = True

    def __init__(self, sources: Mapping[str, bytes]) -> None:
        """`sources`: instances by the hash of their content, packed."""
        self.sources = sources

    def setup(self, worker: Any) -> None:
        """Keeps the instances; under a nanny, the process may end itself from now on, as another takes its place."""
        HERE.add(self.sources)
        from optimizer.solving import child  # noqa: F401 - loads Pyomo and HiGHS once, before the first run is timed

        if worker.nanny is not None:
            watchdog.arm()


_current: list[tuple[Any, str]] = []


def on_worker(task: Task, made_by: Run) -> Answer:
    """Makes a run on a worker; if it must be ended by force, its cause is said before the process goes."""
    if _last_word not in watchdog.BEFORE_THE_END:
        watchdog.BEFORE_THE_END.append(_last_word)
    if task.digest not in HERE:
        raise NotSentError(f"instance {task.digest} was never sent to this worker")
    _current[:] = [(get_worker(), task.key)]
    return made_by(task)


def _last_word(cause: str) -> None:
    """Tells whoever waits why this process ends. Called from a thread of its own, while the run goes on."""
    for worker, key in _current:
        worker.log_event(_TOPIC, (key, cause))
    time.sleep(_SAID_IN)
