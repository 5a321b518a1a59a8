"""Runs one after another in this very process: for notebooks, debugging, and where nothing may be started."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from optimizer.batch.executors.interface import Stop
from optimizer.batch.sources import HERE
from optimizer.batch.sweep_run import run_task
from optimizer.batch.sweep_task import Ended, Task


class Here:
    """This process. A native crash ends it, and no memory cap holds; what is finished stays."""

    name = "this process"
    shares_files = True

    def run(self, tasks: Sequence[Task], sources: Mapping[str, bytes], stop: Stop) -> Iterator[Ended]:
        """See `Executor.run`; a run that is stopped is given up, as it would be elsewhere."""
        HERE.add(sources)
        for task in tasks:
            if stop():
                return
            answer = run_task(task, stop)
            if stop():
                return
            yield Ended(task, answer)
