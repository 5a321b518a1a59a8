"""Runs a suite: skips what is known, measures the rest one after another, and keeps every record at once."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from optimizer.bench import machine
from optimizer.bench.plan import jobs, places
from optimizer.bench.records import Record, gap_of
from optimizer.bench.store import Store
from optimizer.bench.suite import Suite
from optimizer.bench.trace import primal_integral, time_to_first_plan, time_to_gap
from optimizer.bench.watch import Watched, watch
from optimizer.peers.records import Job
from optimizer.solving.outcome import EXACT

Watch = Callable[[Job, threading.Event], Watched]
Told = Callable[[int, int, Job, Record | None], None]
"""Called with how many runs there are, the number of one, its job, and its record (None: it begins)."""


@dataclass(frozen=True)
class Finished:
    """What came of running a suite.

    Attributes:
        records: the newest of every run of the suite, at this state of the program.
        done: how many were measured now.
        known: how many were known before.
        wanted: how many the suite has.
        interrupted: the user stopped it.
    """

    records: tuple[Record, ...]
    done: int
    known: int
    wanted: int
    interrupted: bool


def run_suite(
    suite: Suite,
    out: Path,
    *,
    again: bool = False,
    at_once: int = 1,
    told: Told | None = None,
    watching: Watch = watch,
) -> Finished:
    """Measures what the suite asks for; records go to `out`.

    Args:
        suite: a judged suite.
        out: folder of the results; what is there of this state of the program is not measured again.
        again: measure everything again; the records before stay.
        at_once: runs at the same time; more than one disturbs times.
        told: is told of every run's begin and end.
        watching: runs one job.

    Raises:
        SuiteError: an instance cannot be had.
    """
    commit, dirty = machine.state()
    wanted = jobs(suite, places(suite, out), commit)
    store = Store(out)
    known = set() if again else {record.key for record in store.all()}
    left = [(number, job) for number, job in enumerate(wanted, 1) if job.key not in known]
    where = Where(suite.content.name, dirty, json.dumps(machine.all_versions()), json.dumps(machine.machine()))
    tell = partial(told, len(wanted)) if told is not None else _say_nothing
    with ThreadPoolExecutor(at_once) as pool:
        done, interrupted = _Measuring(store, where, tell, watching).run(left, pool)
    keys = {job.key for job in wanted}
    records = tuple(record for record in store.latest() if record.key in keys)
    return Finished(records, done, len(wanted) - len(left), len(wanted), interrupted)


@dataclass(frozen=True)
class Where:
    """What all records of one call have in common; versions and machine as JSON."""

    suite: str
    dirty: bool
    versions: str
    machine: str


def _say_nothing(_number: int, _job: Job, _record: Record | None) -> None:
    """Tells nobody."""


class _Measuring:
    """Runs jobs and keeps their records."""

    def __init__(
        self, store: Store, where: Where, tell: Callable[[int, Job, Record | None], None], watching: Watch
    ) -> None:
        self.store, self.where, self.tell, self.watching = store, where, tell, watching
        self.stop, self.one_at_a_time = threading.Event(), threading.Lock()
        self.done = 0

    def run(self, jobs: list[tuple[int, Job]], pool: ThreadPoolExecutor) -> tuple[int, bool]:
        """How many were measured, and whether the user stopped it: that ends what runs, and keeps what ended before."""
        waiting = {pool.submit(self._one, number, job) for number, job in jobs}
        try:
            while waiting:
                ended, waiting = wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in ended:
                    future.result()
        except KeyboardInterrupt:
            self.stop.set()
            wait([future for future in waiting if not future.cancel()])
            return self.done, True
        except BaseException:
            self.stop.set()
            raise
        return self.done, False

    def _one(self, number: int, job: Job) -> None:
        """Measures one job, and keeps its record before the next one begins."""
        if self.stop.is_set():
            return
        with self.one_at_a_time:
            self.tell(number, job, None)
        started = dt.datetime.now(dt.UTC)
        found = record(job, self.watching(job, self.stop), self.where, started)
        if found is not None:
            with self.one_at_a_time:
                self.store.add(found)
                self.done += 1
                self.tell(number, job, found)


def record(job: Job, watched: Watched, where: Where, started: dt.datetime) -> Record | None:
    """The record of a run; None where it was interrupted."""
    if watched.fields is None:
        return None
    fields = dict(watched.fields)
    points = [(float(at), plan, bound) for at, plan, bound in fields.pop("trace", [])]
    objective, bound = fields.get("objective"), fields.get("bound")
    found = Record(
        key=job.key, suite=where.suite, commit=job.commit, dirty=where.dirty,
        started=started.isoformat(timespec="milliseconds"), kind=job.kind, name=job.name,
        changes=json.dumps(dict(job.changes), sort_keys=True), instance=job.label, digest=job.digest, seed=job.seed,
        repeat=job.repeat, seconds_limit=job.seconds, gap_limit=job.gap, threads=job.threads,
        total_seconds=watched.total_seconds, peak_memory_mib=watched.peak_memory_mib, trace=json.dumps(points),
        versions=where.versions, machine=where.machine, **fields,
    )  # fmt: skip
    if found.plan_ok is not True:
        return found  # what no checker has seen, or what it refused, reached nothing
    return replace(
        found, gap=gap_of(objective, bound), to_first_plan=time_to_first_plan(points),
        to_gap_1=time_to_gap(points, 0.01), to_gap_01=time_to_gap(points, 0.001),
        to_gap_001=time_to_gap(points, 0.0001), to_proof=time_to_gap(points, EXACT),
        primal_integral=primal_integral(points, objective, job.seconds),
    )  # fmt: skip
