"""A solver process in which every instance is an order book, however small."""

from __future__ import annotations

from multiprocessing.connection import Connection

from models.bulk import size
from optimizer.solving.job import Job


def work(pipe: Connection, job: Job) -> None:
    """As `optimizer.solving.entry.work`."""
    from optimizer.solving.child import main

    size.LARGE = 0
    main(pipe, job)
