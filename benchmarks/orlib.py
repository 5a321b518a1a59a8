"""OR-Library weighted tardiness as instances: a job is an order that counts when it is complete.

    python -m benchmarks.orlib FILE --out DIR [--take N] [--jobs K] [--scale]

One line with one slot a week, and one week for every unit of work. Job j is an order for p_j units of an item of its
own at a price of w_j / p_j, due d_j weeks after the start, for equal recipients of weight 1. Units may be spread over
weeks as the line likes, which gains nothing: move the last unit of the job that is completed last to the end, and so
on. So the least `orders_delay` equals the least total weighted tardiness.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from dataclasses import dataclass
from pathlib import Path

from models.problem import Item, Line, LineItem, LineRate, Order, Problem, Recipient, WeightsPolicy
from optimizer.reading.write import write_folder

START = dt.date(2026, 1, 5)
AFTER_HORIZON_WEEKS = 13
EQUAL = WeightsPolicy(
    minimum=1.0, maximum=1.0, ukraine=1.0, urgency=(1.0, 1.0, 1.0, 1.0, 1.0), defence_target_pct_gdp=3.5,
    trend_reference_pct_gdp=1.5, support_reference_pct_gdp=1.0, missing_score=0.5,
    shares={"defence_level": 0.2, "defence_trend": 0.2, "ukraine_support": 0.2, "strategic_role": 0.2,
            "economic_contribution": 0.2},
)  # fmt: skip
"""Every recipient weighs 1."""
ANYBODY = Recipient("AAA", "any recipient", 0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Jobs:
    """A single-machine instance: processing times, weights and due dates (time units = weeks), job by job."""

    processing: tuple[int, ...]
    weights: tuple[int, ...]
    due: tuple[int, ...]

    def __post_init__(self) -> None:
        """Raises `ValueError` if the rows do not have one length, or a job takes no time."""
        if not len(self.processing) == len(self.weights) == len(self.due) or not self.processing:
            raise ValueError("processing times, weights and due dates must be as many, and at least one")
        if min(self.processing) < 1 or min(self.weights) < 0 or min(self.due) < 0:
            raise ValueError("a job takes at least 1 unit of time; weights and due dates are not negative")

    def first(self, count: int, *, scaled: bool = False) -> Jobs:
        """The first jobs. `scaled`: due dates shrink with the work, so that the cut is as contested as the whole."""
        p, w, d = self.processing[:count], self.weights[:count], self.due[:count]
        if scaled:
            d = tuple(day * sum(p) // sum(self.processing) for day in d)
        return Jobs(p, w, d)


def parse(text: str) -> list[Jobs]:
    """Instances of a file of three lines each. Raises `ValueError` with the line that is wrong."""
    rows: list[tuple[int, ...]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                rows.append(tuple(int(word) for word in line.split()))
            except ValueError as error:
                raise ValueError(f"line {number}: {error}") from None
    if len(rows) % 3:
        raise ValueError(f"{len(rows)} lines: an instance takes three (processing times, weights, due dates)")
    return [Jobs(*rows[k : k + 3]) for k in range(0, len(rows), 3)]


def problem_of(jobs: Jobs, name: str) -> Problem:
    """The jobs as a `Problem`; raises `ValueError` for more work than a horizon may have weeks."""
    weeks = sum(jobs.processing)
    if weeks > 5000:
        raise ValueError(f"{weeks} weeks of work; a horizon has at most 5,000 periods")
    items, makes, orders = [], [], []
    for k, (p, w, d) in enumerate(zip(jobs.processing, jobs.weights, jobs.due, strict=True), start=1):
        job = f"J{k:02d}"
        items.append(Item(job, f"units of job {k}", "jobs", "unit of work", w / p))
        makes.append(LineItem("MACHINE", job, 1))
        due = START + dt.timedelta(weeks=d - 1)
        orders.append(Order(job, f"case {job}", "AAA", job, p, due, START, delivery="complete"))
    return Problem(
        name, START, ((weeks, 1),), AFTER_HORIZON_WEEKS, tuple(items), (ANYBODY,),
        (Line("MACHINE", "the machine"),), (LineRate("MACHINE", START, 1.0),), tuple(makes), orders=tuple(orders),
        weights=EQUAL,
    )  # fmt: skip


def name_of(stem: str, number: int, jobs: int, *, scaled: bool) -> str:
    """Name of an instance: file, number from 1, jobs, and whether due dates were scaled."""
    return f"{stem}-{number:03d}-{jobs}{'s' if scaled else ''}"


def main() -> None:
    """Writes the instances and names their folders."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="three lines an instance: processing times, weights, due dates")
    parser.add_argument("--out", type=Path, required=True, help="folder for one folder an instance")
    parser.add_argument("--take", type=int, help="only the first N instances")
    parser.add_argument("--jobs", type=int, help="only the first K jobs of each")
    parser.add_argument("--scale", action="store_true", help="shrink due dates with the work of a cut")
    options = parser.parse_args()
    try:
        found = parse(options.file.read_text(encoding="utf-8"))[: options.take]
        for number, whole in enumerate(found, start=1):
            jobs = whole.first(options.jobs, scaled=options.scale) if options.jobs else whole
            name = name_of(options.file.stem, number, len(jobs.processing), scaled=options.scale)
            if (options.out / name).exists():
                raise FileExistsError(f"{options.out / name} exists already")
            write_folder(problem_of(jobs, name), options.out / name)
            print(options.out / name)
    except (OSError, ValueError) as error:
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
