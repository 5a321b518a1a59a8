"""What an executor is: tasks in, ends out, in whatever order they come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from optimizer.batch.sweep_task import Answer, Ended, Task

Stop = Callable[[], bool]
Run = Callable[[Task], Answer]
"""What a worker does with a task; a function of a module, so that a spawned process finds it."""
ATTEMPTS = 2
"""How often a task is given to a worker whose death nobody knows the reason of, before it is a row that says so."""


class ExecutorError(RuntimeError):
    """No worker can be had, or none that does what is asked; the message is for the user."""


class Executor(Protocol):
    """A place where runs are made."""

    @property
    def name(self) -> str:
        """What it is, in a few words."""
        ...

    @property
    def shares_files(self) -> bool:
        """Whether its workers see the folders of this process."""
        ...

    def run(self, tasks: Sequence[Task], sources: Mapping[str, bytes], stop: Stop) -> Iterator[Ended]:
        """Gives the end of every task, as they come; each exactly once.

        Args:
            tasks: what to run, in this order as far as it can be.
            sources: the instances by the hash of their content, packed; each is sent to a worker once.
            stop: polled; once true, no more tasks are begun, those that run are given up, and the iterator ends.

        Raises:
            ExecutorError: no worker can be had.
            OtherProgramError: a worker is another state of the program.
            PlanNotWrittenError: the plan of a run cannot be written where it belongs.
        """
        ...
