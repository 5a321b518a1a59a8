"""The entry of a solver process. Kept light: the parent needs neither Pyomo nor HiGHS to ask."""

from __future__ import annotations

from multiprocessing.connection import Connection

from optimizer.solving.job import Job


def work(pipe: Connection, job: Job) -> None:
    """Target of the spawned process: what it needs is imported there."""
    from optimizer.solving.child import main

    main(pipe, job)
