"""A pool of spawned processes on this machine. A worker that dies costs only its task, and that is run once more."""

from __future__ import annotations

import os
import signal
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from optimizer.batch import watchdog
from optimizer.batch.executors.interface import ATTEMPTS, ExecutorError, Run, Stop
from optimizer.batch.extras import extra
from optimizer.batch.sources import HERE
from optimizer.batch.sweep_run import OtherProgramError, PlanNotWrittenError, run_task
from optimizer.batch.sweep_task import CRASHED, ERROR, KILLED_TIME, Answer, Ended, Task, within_share
from optimizer.solving.memory import free_and_total
from optimizer.solving.spawning import QuietContext

_POLL = 0.2
_LATE = 30.0
"""Seconds after its limit at which a worker that did not end itself is ended from outside."""
_POOLS = 3
"""Pools in a row that may break without one finished task."""


def begin(sources: Mapping[str, bytes], parent: int) -> None:
    """What a worker does first: keeps the instances, and lets its guard look after it and its parent."""
    HERE.add(sources)
    watchdog.arm(parent)
    from optimizer.solving import child  # noqa: F401 - loads Pyomo and HiGHS once, before the first run is timed


class Pool:
    """`workers` processes, one run at a time in each."""

    shares_files = True

    def __init__(self, workers: int, *, attempts: int = ATTEMPTS, made_by: Run = run_task) -> None:
        """Nothing is started yet.

        `attempts`: how often a task may lose its worker before its row says so; `made_by`: what a worker does.
        """
        self.workers, self.attempts, self.made_by = workers, attempts, made_by

    @property
    def name(self) -> str:
        """How many processes."""
        return f"{self.workers} process" + ("es" if self.workers != 1 else "")

    def run(self, tasks: Sequence[Task], sources: Mapping[str, bytes], stop: Stop) -> Iterator[Ended]:
        """See `Executor.run`."""
        left, deaths, broken = deque(tasks), Counter[str](), 0
        while left and not stop():
            before = len(left)
            yield from self._pooled(left, deaths, sources, stop)
            if left and not stop():
                broken = broken + 1 if len(left) == before else 0
                if broken == _POOLS:
                    raise ExecutorError("worker processes end before they do anything; see what they said")

    def _pooled(
        self, left: deque[Task], deaths: Counter[str], sources: Mapping[str, bytes], stop: Stop
    ) -> Iterator[Ended]:
        """Runs tasks until there are none, or the pool breaks; `left` keeps what has not ended."""
        pebble = extra("pebble")
        count, total_mib = min(self.workers, len(left)), free_and_total()[1] / 2**20
        pool = pebble.ProcessPool(
            max_workers=count, initializer=begin, initargs=(dict(sources), os.getpid()), context=QuietContext()
        )
        running: dict[Future[Answer], Task] = {}
        try:
            while (left or running) and not stop():
                while left and len(running) < 2 * count:
                    task = within_share(left.popleft(), total_mib, count)
                    running[pool.schedule(self.made_by, args=(task,), timeout=task.limits.seconds + _LATE)] = task
                for future in wait(running, timeout=_POLL, return_when=FIRST_COMPLETED).done:
                    task = running[future]
                    ended = self._ended(future, task, deaths)
                    del running[future]
                    if ended is None:
                        left.appendleft(task)
                    else:
                        yield ended
        except BrokenProcessPool:
            pass
        finally:
            left.extendleft(reversed(running.values()))
            pool.stop()
            pool.join()

    def _ended(self, future: Future[Answer], task: Task, deaths: Counter[str]) -> Ended | None:
        """The end of a task; None where it is to be run once more. Raises what ends all."""
        expired: Any = extra("pebble").ProcessExpired
        attempts = deaths[task.key] + 1
        try:
            return Ended(task, future.result(), attempts=attempts)
        except (BrokenProcessPool, OtherProgramError, PlanNotWrittenError):
            raise
        except expired as death:
            cause = watchdog.CAUSES.get(death.exitcode)
            if cause is not None:
                return Ended(task, None, cause, watchdog.said(cause, task.limits), attempts)
            deaths[task.key] += 1
            if deaths[task.key] < self.attempts:
                return None
            return Ended(task, None, CRASHED, _last_words(death.exitcode, attempts), attempts)
        except TimeoutError:
            return Ended(task, None, KILLED_TIME, watchdog.said(KILLED_TIME, task.limits), attempts)
        except Exception as wrong:  # noqa: BLE001 - what a worker could not even say in a row
            return Ended(task, None, ERROR, f"{type(wrong).__name__}: {wrong}"[:2000], attempts)


def _last_words(code: int, attempts: int) -> str:
    """How a process ended that did not end itself."""
    times = f", {attempts} times" if attempts > 1 else ""
    if code >= 0:
        return f"the worker process ended with code {code}{times}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    also = "; the system ends processes so when memory runs out" if name == "SIGKILL" else ""
    return f"the worker process was ended by {name}{times}{also}"
