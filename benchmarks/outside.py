"""Everything outside the solver, phase by phase: processor seconds and memory, and how both grow with the book.

    python -m benchmarks.outside [CLASS[:FACTOR] ...] [--seed 1]

Writes `benchmarks/outside.md` and `.csv`. Each instance is generated, read, judged and written with all its files in a
process of its own, as `solve` does it but for the solver: the plan is that of the priority list. Then its folder is
read back, explained, compared with the plan of first come, first served, and written again. Seconds are those of the
processor, since other work may share the machine. Memory is the most that was resident in the phase (`VmHWM`, set back
before each, where the system lets it be; else the most so far).

The exponent says how seconds grow from the first instance of a pair to the second: log(ratio of seconds) / log(ratio of
demands), or of periods where the demands are the same. 1 is linear; phases below a second say little.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

HERE = Path(__file__).parent
DEFAULTS = ("alliance", "book", "book-weekly", "book:2")
SOLVING = ("read", "first come, first served", "priority list", "checker", "facts and explanations", "ledgers",
           "CSV files", "report.html", "plan.xlsx")  # fmt: skip
"""Phases of a solve outside the solver; the others are commands on what was written."""
SOON = 1.0
"""Seconds below which no exponent is told."""
Made = TypeVar("Made")


@dataclass(frozen=True)
class Measured:
    """One instance. `phases`: seconds and MB by name; `sizes`: bytes of files, and rows, by name."""

    name: str
    demands: int
    periods: int
    phases: dict[str, tuple[float, float]]
    sizes: dict[str, int]

    @property
    def outside(self) -> float:
        """Seconds of a solve outside the solver."""
        return sum(self.phases[name][0] for name in SOLVING)


class Phases:
    """Runs phases and keeps what they took."""

    def __init__(self) -> None:
        """Nothing has run yet."""
        self.taken: dict[str, tuple[float, float]] = {}

    def run(self, name: str, work: Callable[[], Made]) -> Made:
        """What the work gives; phases of one name add up."""
        _set_back()
        begin = time.process_time()
        found = work()
        seconds, most = self.taken.get(name, (0.0, 0.0))
        self.taken[name] = (seconds + time.process_time() - begin, max(most, _resident()))
        print(f"  {name}: {self.taken[name][0]:.2f} s, {self.taken[name][1]:.0f} MB", file=sys.stderr, flush=True)
        return found


def _set_back() -> None:
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _resident() -> float:
    """The most MB that were resident since it was set back."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def measured(name: str, seed: int, work: Path) -> Measured:
    """One instance, in this process."""
    found = _written(name, seed, work)
    phases = Phases()
    _commands(phases, work)
    return replace(found, phases={**found.phases, **phases.taken})


def _written(name: str, seed: int, work: Path) -> Measured:
    """From the instance to all the files of its plan."""
    from models.baselines import first_come_first_served, priority_list
    from models.checker import check_plan
    from optimizer.explaining.facts import facts_of
    from optimizer.generating.generate import generate
    from optimizer.reading.instance import read_instance
    from optimizer.reporting.csv_files import csv_files
    from optimizer.reporting.excel import write_workbook
    from optimizer.reporting.html import page
    from optimizer.reporting.summary import Report, baseline, summarise
    from optimizer.reporting.tables import tables
    from optimizer.solving.outcome import Outcome

    kind, _, factor = name.partition(":")
    source, folder, phases = work / "instance", work / "plan", Phases()
    generate(kind, seed, source, float(factor or 1))
    reading = phases.run("read", lambda: read_instance(source))
    problem = reading.problem
    assert problem is not None, reading.findings[:3]
    first = phases.run("first come, first served", lambda: first_come_first_served(problem))
    plan = phases.run("priority list", lambda: priority_list(problem))
    judged = {
        case: phases.run("checker", lambda made=made: check_plan(problem, made))  # type: ignore[misc]
        for case, made in (("first_come_first_served", first), ("priority_list", plan))
    }
    facts = phases.run("facts and explanations", lambda: facts_of(problem, plan))
    outcome = Outcome("time_limit", plan, None, None, "slots", "priority list", None, {})
    verdict = judged["priority_list"]
    summary = summarise(
        problem, outcome, verdict=verdict, facts=facts,
        baselines=[baseline(case, found) for case, found in judged.items()], seconds={},
    )  # fmt: skip
    report = Report(problem, plan, verdict, facts, summary, first)
    phases.run("ledgers", lambda: (report.ledger, report.ledger_before))
    folder.mkdir()
    texts = phases.run("CSV files", lambda: dict(csv_files(report)))
    for file, text in texts.items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")
    found = phases.run("report.html", lambda: tables(report))
    text = phases.run("report.html", lambda: page(report, found))
    (folder / "report.html").write_text(text, encoding="utf-8", newline="\n")
    phases.run("plan.xlsx", lambda: write_workbook(folder / "plan.xlsx", report, found))
    sizes = {file: (folder / file).stat().st_size for file in ("report.html", "plan.xlsx", "dispatches.csv")}
    sizes["rows of the workbook"] = sum(len(table.rows) for table in found.values())
    _sign(folder, source, reading.files, outcome, summary)
    return Measured(name, len(facts.orders) + len(facts.needs), facts.calendar.count, phases.taken, sizes)


def _sign(folder: Path, source: Path, files: Any, outcome: Any, summary: Any) -> None:
    """What makes a folder that of a plan: the summary, the manifest, the copy of the instance."""
    from optimizer.reporting import output
    from optimizer.reporting.manifest import manifest
    from optimizer.settings import Settings

    output.write_json(folder / output.SUMMARY, summary.as_dict())
    now = dt.datetime.now(dt.UTC)
    told = manifest(
        source.name, files=files, outcome=outcome, settings=Settings(), seconds={}, started=now, warnings=()
    )
    output.write_json(folder / output.MANIFEST, told)
    output.copy_instance(folder, output.snapshot(source, files))


def _commands(phases: Phases, work: Path) -> None:
    """The commands on what was written."""
    from models.baselines import first_come_first_served
    from models.checker import check_plan
    from optimizer.explaining.comparing import Side, compare
    from optimizer.explaining.facts import facts_of
    from optimizer.reading.instance import read_instance
    from optimizer.reading.plan import read_plan
    from optimizer.reporting.again import read_report, report_again
    from optimizer.reporting.comparing import side_of, write_book, write_page

    folder = work / "plan"
    problem = read_instance(work / "instance").problem
    assert problem is not None
    first = first_come_first_served(problem)
    phases.run("reading a plan back", lambda: read_plan(folder, problem))
    name = problem.orders[len(problem.orders) // 2].order
    phases.run("`explain` of one order", lambda: read_report(folder, only=name))
    phases.run("`report`", lambda: report_again(folder))
    report, _ = read_report(folder)
    assert report is not None
    verdict = check_plan(problem, first)
    other = Side("first", problem, first, facts_of(problem, first), verdict.terms, (), None)
    compared = phases.run("`compare`, both plans read", lambda: compare(other, side_of(report, "plan")))
    phases.run("page of `compare`", lambda: write_page(folder / "compared.html", compared))
    phases.run("workbook of `compare`", lambda: write_book(folder / "compared.xlsx", compared))


def exponent(small: Measured, large: Measured, seconds: Callable[[Measured], float]) -> float | None:
    """How the seconds grow from one to the other; None where they are too few or nothing grew."""
    low, high = seconds(small), seconds(large)
    ratio = large.demands / small.demands
    if abs(ratio - 1) < 0.01:
        ratio = large.periods / small.periods
    if min(low, high) < SOON or abs(ratio - 1) < 0.01:
        return None
    return math.log(high / low) / math.log(ratio)


def page_of(rows: list[Measured], seed: int) -> str:
    """The Markdown page."""
    from optimizer.bench.machine import machine, state

    pairs = [(rows[0], other) for other in rows[1:]] if len(rows) > 1 else []
    by = {row.name: row for row in rows}
    if "book" in by:
        pairs = [(by["book"], other) for other in rows if other.name != "book"]
    pairs = [(b, a) if (b.demands, b.periods) < (a.demands, a.periods) else (a, b) for a, b in pairs]
    lines, where = ["# Everything outside the solver", ""], machine()
    made_on = f"{where['processor']}, {where['cores']} cores, {where['memory_gib']} GiB"
    lines += [
        f"By `python -m benchmarks.outside {' '.join(by)} --seed {seed}` at {state()[0]}; {made_on}.",
        "Seconds of the processor and the most memory of each phase; every instance in a process of its own. The plan",
        "is that of the priority list. What the phases are, and the exponents: `benchmarks/outside.py`.",
        "",
    ]
    head = [f"{row.name}: s | MB" for row in rows] + [f"exponent {a.name} → {b.name}" for a, b in pairs]
    lines += ["| phase | " + " | ".join(head) + " |", "|---|" + "---:|" * (2 * len(rows) + len(pairs))]

    def line(title: str, seconds: Callable[[Measured], float], most: Callable[[Measured], float | None]) -> str:
        cells = []
        for row in rows:
            mb = most(row)
            cells += [f"{seconds(row):.1f}", "" if mb is None else f"{mb:.0f}"]
        grown = [exponent(a, b, seconds) for a, b in pairs]
        return f"| {title} | " + " | ".join([*cells, *("" if e is None else f"{e:.2f}" for e in grown)]) + " |"

    for name in rows[0].phases:
        lines.append(line(name, lambda row: row.phases[name][0], lambda row: row.phases[name][1]))  # noqa: B023
        if name == SOLVING[-1]:
            lines.append(
                line("**a solve, outside the solver**", lambda row: row.outside,
                     lambda row: max(row.phases[one][1] for one in SOLVING))
            )  # fmt: skip
    lines += ["", "| instance | demands | periods | " + " | ".join(rows[0].sizes) + " |"]
    lines += ["|---|" + "---:|" * (2 + len(rows[0].sizes))]
    for row in rows:
        sizes = " | ".join(f"{size:,}" for size in row.sizes.values())
        lines.append(f"| {row.name} | {row.demands:,} | {row.periods} | {sizes} |")
    return "\n".join([*lines, "", "Sizes of files in bytes.", ""])


def main() -> int:
    """Measure, and write the page and the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("classes", nargs="*", default=DEFAULTS, metavar="CLASS[:FACTOR]")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        with tempfile.TemporaryDirectory() as work:
            print(json.dumps(vars(measured(given.classes[0], given.seed, Path(work)))))
        return 0
    rows = []
    for name in given.classes:
        print(name, file=sys.stderr, flush=True)
        command = [sys.executable, "-m", "benchmarks.outside", name, "--seed", str(given.seed), "--one"]
        run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        rows.append(Measured(**json.loads(run.stdout.splitlines()[-1])))
        write(rows, given.seed)  # what is measured stays, whatever comes of the next
    print((HERE / "outside.md").read_text(encoding="utf-8"))
    return 0


def write(rows: list[Measured], seed: int) -> None:
    """The page and the table."""
    (HERE / "outside.md").write_text(page_of(rows, seed), encoding="utf-8", newline="\n")
    with (HERE / "outside.csv").open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(["instance", "demands", "periods", "phase", "processor_seconds", "megabytes"])
        for row in rows:
            for name, (seconds, most) in row.phases.items():
                table.writerow([row.name, row.demands, row.periods, name, f"{seconds:.3f}", f"{most:.1f}"])


if __name__ == "__main__":
    raise SystemExit(main())
