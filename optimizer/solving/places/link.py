"""The link to a Dask scheduler, and a scheduler of our own on this machine. For parts of a solve and runs of a sweep.

Nothing of Dask is imported before it is needed: it comes with the extra `cluster`.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from optimizer.extras import imported
from optimizer.identity import solver
from optimizer.solving.clock import WallClock, wall
from optimizer.solving.places import worker
from optimizer.solving.places.interface import ATTEMPTS, LostError, Stop
from optimizer.solving.places.where import LOCAL, Where
from optimizer.solving.spawning import plain_main

ANSWERS = 15.0
"""Seconds in which a scheduler must answer."""
_PAUSE = 0.2


class ClusterError(RuntimeError):
    """No scheduler answers, or its workers are of the wrong kind; the message is for the user."""


def extra(module: str) -> Any:
    """The module, imported now. Raises `MissingExtraError` where it is not installed."""
    return imported(module, "a cluster needs", "cluster")


def quiet() -> None:
    """Lets Dask say nothing on standard error, in a process that loads it from now on.

    Workers come and go; what came of it is told in our words.
    """
    who = ("distributed", "distributed.client", "tornado", "tornado.application", "asyncio")
    extra("dask").config.set({"logging": dict.fromkeys(who, "critical")})


def own(stack: ExitStack, workers: int, memory_mib: float | None = None, attempts: int = ATTEMPTS) -> str:
    """The address of a scheduler started on this machine, whose workers are processes with one thread and a nanny.

    Args:
        stack: ends all of it.
        workers: how many.
        memory_mib: of each, at most; None: no limit.
        attempts: how many workers may die over a task before it fails.
    """
    distributed, dask = extra("distributed"), extra("dask")
    memory = 0 if memory_mib is None else int(memory_mib * 2**20)
    environment = dask.config.get("distributed.nanny.pre-spawn-environ", {})
    options = {
        # one setting of theirs gives memory back after every little thing, which costs a solve some per cent
        "distributed.nanny.pre-spawn-environ": {k: v for k, v in environment.items() if not k.startswith("MALLOC")},
        "distributed.scheduler.allowed-failures": attempts - 1,
        "distributed.scheduler.worker-ttl": None,
        "distributed.worker.daemon": False,
        "distributed.worker.multiprocessing-method": "spawn",
        "distributed.worker.profile.enabled": False,  # a hundred looks a second at what runs, for a page nobody opens
    }
    stack.enter_context(dask.config.set(options))
    with plain_main():
        cluster = stack.enter_context(
            distributed.LocalCluster(
                n_workers=workers, threads_per_worker=1, processes=True, memory_limit=memory,
                dashboard_address=None, host="127.0.0.1", silence_logs=logging.CRITICAL,
            )
        )  # fmt: skip
    return str(cluster.scheduler_address)


def connected(address: str, wait: float, stop: Stop = lambda: False) -> Any:
    """A client of a scheduler that has no workers of the wrong kind; None where `stop` comes first.

    Raises:
        ClusterError: none answers within `wait` seconds, or a worker has several threads.
        LostError: it went away meanwhile.
    """
    distributed = extra("distributed")
    until, problem = wall() + wait, ""
    while wall() < until and not stop():
        try:
            with _nothing_collected():
                client = distributed.Client(address, timeout=min(5.0, wait), set_as_default=False)
        except (OSError, TimeoutError, ValueError) as failure:
            problem = str(failure) or type(failure).__name__
            if isinstance(failure, ValueError):
                break
            WallClock().wait(_PAUSE)
            continue
        threads = {found["nthreads"] for found in workers_of(client).values()}
        if threads - {1}:
            client.close(timeout=2)
            raise ClusterError(
                "a worker of the cluster has several threads, and a solve takes a process of its own: start "
                "workers with --nthreads 1"
            )
        return client
    if stop():
        return None
    raise ClusterError(f"no scheduler answers at {address}: {problem}")


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """No collection of garbage meanwhile, only before.

    A client that failed half way closes when it is collected, which may be in any thread. In that of the next client,
    while it starts, it would wait for the other for ever.
    """
    gc.collect()
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def workers_of(client: Any) -> dict[str, Any]:
    """The workers by address. Raises `LostError` where the scheduler has gone."""
    found: dict[str, Any] | None = client.scheduler_info(n_workers=-1).get("workers")
    if found is None:
        raise LostError("the scheduler is gone")
    return found


def waited(client: Any, futures: Sequence[Any], seconds: float) -> None:
    """Waits until one of the futures has ended, or so long. Raises `LostError` where the scheduler has lost one."""
    try:
        with suppress(TimeoutError), client.as_current():
            extra("distributed").wait(futures, timeout=seconds, return_when="FIRST_COMPLETED")
    except CancelledError as gone:
        raise LostError("the scheduler is gone") from gone


def ready(where: Where) -> None:
    """Looks at the cluster that is asked for, if any, before anything is begun.

    Raises:
        MissingExtraError: Dask is not installed.
        ClusterError: no scheduler answers within `ANSWERS` seconds, or a worker that is there does not fit.
    """
    if not where.cluster:
        return
    for module in ("distributed", "dask"):
        extra(module)
    if where.cluster == LOCAL:
        return
    try:
        client = connected(where.cluster, ANSWERS)
    except LostError as gone:
        raise ClusterError(f"no scheduler answers at {where.cluster}: {gone}") from gone
    try:
        states = set(client.run(worker.state).values())
    except Exception as problem:
        text = f"a worker of the cluster cannot run this program: {type(problem).__name__}: {problem}"
        raise ClusterError(text.splitlines()[0]) from problem
    finally:
        with suppress(Exception):
            client.close(timeout=2)
    if states - {solver()}:
        raise ClusterError("a worker of the cluster has another state of the program: every host needs the same")
