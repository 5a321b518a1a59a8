"""Which runs the workers of a cluster hold, and which wait here."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from typing import Any

from optimizer.batch.executors.interface import Run
from optimizer.batch.executors.worker import on_worker
from optimizer.batch.sweep_task import Task
from optimizer.solving.places.link import workers_of

AHEAD = 2
"""Runs that a worker holds: the one it makes, and the one it takes up next without asking anybody."""


class Given:
    """What is left to give to a cluster and what it has.

    A worker that dies is held to have died of all that it held. So a run that cost workers their lives while another
    was with it is made once more where it is alone, after the others; and from then on each worker holds one.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        """All of `tasks` is left."""
        self.left = deque(tasks)
        self.running: dict[Any, Task] = {}
        self._doubtful: deque[Task] = deque()
        self._in_company: set[Any] = set()
        self._each = AHEAD

    @property
    def over(self) -> bool:
        """Whether there is nothing left to give and nothing to wait for."""
        return not (self.left or self._doubtful or self.running)

    def give(self, client: Any, made_by: Run) -> None:
        """Gives tasks away: as many as a worker may hold, and at the end one, so that none waits behind a long one."""
        if not (self.left or self._doubtful):
            return
        workers, held = max(1, len(workers_of(client))), sum(future.status != "finished" for future in self.running)
        while self.left and held < (self._each if len(self.left) > workers else 1) * workers:
            held += self._submit(client, made_by, self.left.popleft(), self._each > 1)
        while self._doubtful and not self.left and held < workers and not self._in_company:
            held += self._submit(client, made_by, self._doubtful.popleft(), False)

    def _submit(self, client: Any, made_by: Run, task: Task, in_company: bool) -> int:
        name = f"burdenshare-{task.key}-{time.monotonic_ns()}"
        future = client.submit(on_worker, task, made_by, key=name, pure=False)
        self.running[future] = task
        if in_company:
            self._in_company.add(future)
        return 1

    def again(self, future: Any) -> bool:
        """Whether a run that is held to have killed its workers gets another try, as it was not alone there."""
        if future not in self._in_company:
            return False
        self._doubtful.append(self.ended(future))
        self._each = 1
        return True

    def ended(self, future: Any) -> Task:
        """Takes back what has ended."""
        self._in_company.discard(future)
        return self.running.pop(future)

    def back(self) -> list[Any]:
        """Takes back what has not ended: it is left again, in the order in which it was given. Its futures."""
        futures = list(self.running)
        self.left.extendleft(reversed(self.running.values()))
        self.running.clear()
        self._in_company.clear()
        return futures
