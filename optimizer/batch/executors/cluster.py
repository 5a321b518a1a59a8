"""A Dask cluster, or workers of its kind on this machine, for when one machine is not enough.

Instances are given to the cluster once, as a plugin that every worker takes up when it starts, also one that comes
later or in the place of a dead one. A worker that dies is replaced by its nanny and its tasks are run again by the
scheduler; a task that has cost several workers their lives is a row that says so. Where the scheduler itself goes away
and comes back, what had not ended is given to it again. Scheduling is Dask's alone.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import Any

from optimizer.batch.executors.given import Given
from optimizer.batch.executors.interface import ATTEMPTS, ExecutorError, Run, Stop
from optimizer.batch.executors.worker import SendInstances
from optimizer.batch.extras import extra
from optimizer.batch.sources import NotSentError
from optimizer.batch.sweep_run import OtherProgramError, PlanNotWrittenError, run_task
from optimizer.batch.sweep_task import CRASHED, ERROR, Ended, Task, within_share
from optimizer.batch.watchdog import said
from optimizer.solving.memory import free_and_total
from optimizer.solving.places.interface import LostError
from optimizer.solving.places.link import ClusterError, connected, own, waited, workers_of
from optimizer.solving.places.where import LOCAL

_log = logging.getLogger(__name__)
TOPIC = "burdenshare"
_POLL = 0.2
_GATHER = 5.0
"""Seconds to wait for a result; one that does not come is being made again, or the scheduler is gone."""
NOBODY = 10.0
"""Seconds after which it is said that a scheduler has no worker."""
PATIENCE = 120.0
"""Seconds to wait for a scheduler that went away."""


class Cluster:
    """The workers behind the scheduler at an address; `local`: a scheduler and `workers` processes on this machine."""

    shares_files = False

    def __init__(
        self,
        address: str,
        workers: int = 1,
        *,
        memory_mib: float | None = None,
        attempts: int = ATTEMPTS,
        patience: float = PATIENCE,
        made_by: Run = run_task,
    ) -> None:
        """Nothing is started or asked yet.

        `memory_mib`: of each local worker; `patience`: seconds to wait for a scheduler that went away; `made_by`: what
        a worker does.
        """
        self.made_by = made_by
        self.address, self.workers, self.memory_mib = address, workers, memory_mib
        self.attempts, self.patience = attempts, patience

    @property
    def name(self) -> str:
        """Where it is."""
        return f"Dask, {self.workers} local processes" if self.address == LOCAL else f"Dask at {self.address}"

    def run(self, tasks: Sequence[Task], sources: Mapping[str, bytes], stop: Stop) -> Iterator[Ended]:
        """See `Executor.run`."""
        if self.address == LOCAL:
            total_mib = free_and_total()[1] / 2**20
            tasks = [within_share(task, total_mib, self.workers) for task in tasks]
        given = Given(tasks)
        with ExitStack() as stack:
            address = (
                own(stack, self.workers, self.memory_mib, self.attempts) if self.address == LOCAL else self.address
            )
            wait = min(15.0, self.patience)
            while not (given.over or stop()):
                try:
                    yield from self._connected(address, wait, given, sources, stop)
                except LostError as gone:
                    _log.warning("%s; waiting up to %.0f s for it", gone, self.patience)
                    wait = self.patience

    def _connected(
        self, address: str, wait: float, given: Given, sources: Mapping[str, bytes], stop: Stop
    ) -> Iterator[Ended]:
        """Runs tasks until there are none; `given` keeps what has not ended. Raises `LostError`."""
        client = self._client(address, wait, stop)
        if client is None:
            return
        told: dict[str, str] = {}
        asked = time.monotonic() + NOBODY
        try:
            client.register_plugin(SendInstances(dict(sources)), name=f"instances-{_hash(sources)}")
            client.subscribe_topic(TOPIC, lambda event: told.update([event[1]]))
            while not (given.over or stop()):
                if time.monotonic() > asked:
                    asked = math.inf
                    if not workers_of(client):
                        _log.warning("the scheduler at %s has no worker: waiting for one", address)
                given.give(client, self.made_by)
                done = self._done(client, given.running, told)
                given.give(client, self.made_by)  # workers that are done go on while what they found is fetched
                for future in done:
                    ended = self._ended(future, given, told)
                    if ended is not None:
                        given.ended(future)
                        yield ended
        except (OSError, TimeoutError) as gone:
            raise LostError(f"the scheduler at {address} is gone ({type(gone).__name__})") from gone
        finally:
            futures = given.back()
            with suppress(Exception):
                client.cancel(futures, force=True)
            with suppress(Exception):
                client.close(timeout=2)

    def _client(self, address: str, wait: float, stop: Stop) -> Any:
        """A connection to a scheduler that has workers of the right kind; None where the user stops it."""
        try:
            return connected(address, wait, stop)
        except ClusterError as problem:
            raise ExecutorError(str(problem)) from problem

    def _done(self, client: Any, running: Mapping[Any, Task], told: Mapping[str, str]) -> list[Any]:
        """The futures that have ended by now, or whose worker said that it ends; waits a moment for one."""
        waited(client, list(running), _POLL)
        if client.status not in ("running", "connecting"):
            raise LostError(f"the connection to the scheduler is {client.status}")
        return [future for future, task in running.items() if future.done() or task.key in told]

    def _ended(self, future: Any, given: Given, told: dict[str, str]) -> Ended | None:
        """The end of a task; None where it is not at its end: its result went with a worker, and it is made again."""
        task = given.running[future]
        killed = extra("distributed").scheduler.KilledWorker
        cause = told.pop(task.key, None)
        if cause is not None and future.status != "finished":
            with suppress(Exception):
                future.cancel(force=True)
            return Ended(task, None, cause, said(cause, task.limits))
        if future.status in ("cancelled", "lost"):
            raise LostError("the scheduler has lost a task")
        try:
            return Ended(task, future.result(timeout=_GATHER))
        except (OtherProgramError, PlanNotWrittenError):
            raise
        except NotSentError as wrong:
            # the client finds its way to a scheduler that was started anew by itself, and that one knows no instances
            raise LostError("the scheduler was started anew") from wrong
        except killed as death:
            if given.again(future):
                return None
            times = self.attempts if self.address == LOCAL else "several"
            return Ended(task, None, CRASHED, f"{times} worker processes ended over it; {_short(death)}")
        except TimeoutError:
            return None
        except OSError:
            raise
        except Exception as wrong:
            if type(wrong).__name__ in ("CancelledError", "FutureCancelledError"):
                raise LostError("the scheduler has lost a task") from wrong
            return Ended(task, None, ERROR, f"{type(wrong).__name__}: {wrong}"[:2000])


def _short(death: Exception) -> str:
    return str(death).splitlines()[0][:300] if str(death) else type(death).__name__


def _hash(sources: Mapping[str, bytes]) -> str:
    import hashlib

    return hashlib.sha256("".join(sorted(sources)).encode()).hexdigest()[:12]
