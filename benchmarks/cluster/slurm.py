"""A sweep on Slurm: workers by dask-jobqueue, one core and one process a job. See docs/sweep.md.

    python benchmarks/cluster/slurm.py FILE.toml --out DIR --jobs 20 --partition normal --walltime 02:00:00

Needs `pip install 'burdenshare[cluster]'` where it runs and where the jobs run: the same environment on all hosts.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from dask_jobqueue import SLURMCluster

from optimizer.batch.executors.cluster import Cluster
from optimizer.batch.executors.interface import ExecutorError
from optimizer.batch.sweep import CannotWriteError, LockedError, Progress, planned_sweep, sweep
from optimizer.batch.sweep_page import write_pages
from optimizer.batch.sweep_run import OtherProgramError


def main(words: list[str] | None = None) -> int:
    """The command line; its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=4, help="workers to ask for")
    parser.add_argument("--memory", default="4GiB", help="of a job")
    parser.add_argument("--walltime", default="01:00:00", help="of a job; a worker that ends early is replaced")
    parser.add_argument("--partition")
    parser.add_argument("--interface", help="network interface that the jobs reach this host by, as ib0")
    parser.add_argument("--directive", action="append", default=[], help="another #SBATCH line, as '--account=x'")
    asked = parser.parse_args(words)
    plan, findings = planned_sweep(asked.file, asked.out)
    for finding in findings:
        print(finding.line(), file=sys.stderr)
    if plan is None:
        return 2
    with SLURMCluster(
        cores=1, processes=1, memory=asked.memory, walltime=asked.walltime, queue=asked.partition,
        interface=asked.interface, job_extra_directives=asked.directive, python=sys.executable, nanny=True,
        scheduler_options={"dashboard_address": None},
    ) as jobs:  # fmt: skip
        wanted = min(asked.jobs, len(plan.tasks()))
        jobs.adapt(minimum_jobs=wanted, maximum_jobs=wanted)  # all at once, and another for one that ends early
        try:
            swept = sweep(plan, asked.out, Cluster(jobs.scheduler_address), told=_told, also=write_pages)
        except (CannotWriteError, LockedError, ExecutorError, OtherProgramError) as refused:
            print(refused, file=sys.stderr)
            return 2
    print(f"{swept.done} runs made now, {swept.known} known before, {len(swept.failed)} failed: {asked.out}")
    return 130 if swept.interrupted else 0


def _told(reached: Progress) -> None:
    print(f"{reached.done} of {reached.wanted}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
