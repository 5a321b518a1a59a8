"""Work spread over spawned processes; nothing is forked, and the user's main module is never run again."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from optimizer.solving.spawning import start_quietly

J = TypeVar("J")
R = TypeVar("R")


def spread(task: Callable[[J], R], jobs: Sequence[J], workers: int) -> list[R | None]:
    """`task` of every job, in order; None where a worker process died of it.

    Args:
        task: a function of a module, so that a spawned process finds it.
        jobs: what it is called with.
        workers: processes; with one the work is done in this process.

    Raises:
        RuntimeError: an error of the program in a worker; the message is its text.
    """
    if workers <= 1 or len(jobs) <= 1:
        return [task(job) for job in jobs]
    count = min(workers, len(jobs))
    shares = [list(range(k, len(jobs), count)) for k in range(count)]
    context = multiprocessing.get_context("spawn")
    running = []
    for share in shares:
        pipe, other = context.Pipe()
        process = context.Process(target=_work, args=(other, task, [jobs[k] for k in share]), daemon=True)
        start_quietly(process)
        other.close()
        running.append((share, pipe, process))
    found: list[R | None] = [None] * len(jobs)
    try:
        for share, pipe, _ in running:
            for k, answer in zip(share, _heard(pipe), strict=False):
                found[k] = answer
    finally:
        for _, pipe, process in running:
            process.join(1)
            if process.is_alive():
                process.kill()
                process.join()
            pipe.close()
    return found


def _heard(pipe: Connection) -> Any:
    """What a worker says, until it ends."""
    while True:
        try:
            kind, answer = pipe.recv()
        except (EOFError, OSError):
            return
        if kind == "error":
            raise RuntimeError(answer)
        yield answer


def _work(pipe: Connection, task: Callable[[J], R], jobs: list[J]) -> None:
    """The worker process."""
    try:
        for job in jobs:
            pipe.send(("answer", task(job)))
    except Exception as wrong:  # noqa: BLE001 - whatever it is, the parent must hear of it
        pipe.send(("error", f"{type(wrong).__name__}: {wrong}"))
    finally:
        pipe.close()
