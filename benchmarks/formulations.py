"""Size and linear relaxation of every formulation of the catalogue, into the pages of docs/formulations.

    python -m benchmarks.formulations [INSTANCE ...]      # a path, or CLASS:SEED for a generated one
    python -m benchmarks.formulations --pages             # the pages and the table again, from formulations.json

Each model is built and solved in a process of its own, one after the other, with one thread; no linear program has more
than `--seconds` (60). Written are `benchmarks/formulations.json`, `formulations.md`, and what stands between the marks
in docs/formulations/NAME.md. Compare figures of one run only, as ratios: machines differ.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.relaxations import ROOT, problem_at, relaxation
from models.catalog import FORMULATIONS
from optimizer.bench.machine import machine, state
from optimizer.reporting.manifest import versions

HERE = Path(__file__).resolve().parent
RESULTS, TABLE, PAGES = HERE / "formulations.json", HERE / "formulations.md", ROOT / "docs" / "formulations"
DEFAULTS = ("instances/toy", "weekly:1", "instances/purl-2026-w02")
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
HEAD = (
    "| rows | columns | nonzeros | whole | build s | relaxation s | relaxation |",
    "|---:|---:|---:|---:|---:|---:|---:|",
)
WAIT = 900.0
"""Seconds after which a process that builds and solves is ended."""


def measured(instances: list[str], seconds: float) -> dict[str, Any]:
    """All figures: by instance and formulation, with what they were measured on."""
    load, (commit, changed) = os.getloadavg(), state()
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for asked in instances:
            path = _instance(asked, Path(folder))
            found[path.name] = {}
            for name in FORMULATIONS:
                found[path.name][name] = _in_a_process(path, name, seconds)
                print(path.name, name, found[path.name][name], flush=True)
    return {
        "commit": commit, "changed": changed or state() != (commit, changed), "machine": machine(),
        "versions": versions(), "seconds": seconds,
        "load": [round(load[0], 1), round(os.getloadavg()[0], 1)], "asked": instances, "instances": found,
    }  # fmt: skip


def _instance(asked: str, folder: Path) -> Path:
    """The path of an instance; one of a class is generated below the folder."""
    if ":" not in asked or (ROOT / asked).exists():
        return ROOT / asked
    from optimizer.generating.generate import generate

    kind, seed = asked.split(":")
    path = folder / f"{kind}-seed-{seed}"
    generate(kind, int(seed), path)
    return path


def _in_a_process(path: Path, name: str, seconds: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.formulations", str(path), "--one", name, "--seconds", str(seconds)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False, timeout=WAIT
        )
    except subprocess.TimeoutExpired:
        return {"error": f"ended after {WAIT:.0f} s"}
    if done.returncode:
        return {"error": f"exit {done.returncode}"}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def figures(row: dict[str, Any], seconds: float) -> str:
    """One row of figures, without its first cells."""
    if "error" in row:
        return f"| {row['error']} | | | | | | |"
    counts = " | ".join(f"{row[part]:,}" for part in ("rows", "columns", "nonzeros", "whole"))
    if row["bound"] is None:
        return f"| {counts} | {row['build_seconds']:.2f} | > {seconds:.0f} | – |"
    return f"| {counts} | {row['build_seconds']:.2f} | {row['seconds']:.2f} | {row['bound']:,.0f} |"


def where(results: dict[str, Any]) -> str:
    """What the figures were measured on, and how to repeat them."""
    of, known = results["machine"], results["versions"]
    before, after = results["load"]
    commit = results["commit"] + (" with changes" if results["changed"] else "")
    return (
        f"By `python -m benchmarks.formulations {' '.join(results['asked'])}`, once, at commit {commit}: {of['cores']} "
        f"cores ({of['processor'] or of['architecture']}), Python {known['python']}, Pyomo {known['pyomo']}, HiGHS "
        f"{known['highspy']}, one thread, at most {results['seconds']:.0f} s a linear program. The machine was shared "
        f"(load {before:g} before, {after:g} after), so compare seconds as orders of magnitude."
    )


def section(results: dict[str, Any], name: str) -> str:
    """The measured part of one formulation's page."""
    lines = [f"| instance {HEAD[0]}", f"|---{HEAD[1]}"]
    for instance, rows in results["instances"].items():
        if name in rows:
            lines.append(f"| {instance} {figures(rows[name], results['seconds'])}")
    return "\n".join([*lines, "", where(results)])


def table(results: dict[str, Any]) -> str:
    """All figures as a page, a table an instance."""
    lines = ["# Formulations: size and linear relaxation", "", where(results), ""]
    for instance, rows in results["instances"].items():
        lines += [f"## {instance}", "", f"| formulation {HEAD[0]}", f"|---{HEAD[1]}"]
        lines += [*(f"| {name} {figures(row, results['seconds'])}" for name, row in rows.items()), ""]
    return "\n".join(lines)


def between(text: str, content: str) -> str:
    """The text with what stands between the marks replaced.

    Raises:
        ValueError: the marks are not there once each, in order.
    """
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise ValueError(f"the page needs {BEGIN} and {END}, once each")
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{content}\n{END}{rest.partition(END)[2]}"


def write(results: dict[str, Any]) -> None:
    """The table and the measured parts of the pages."""
    TABLE.write_text(table(results), encoding="utf-8")
    for name in FORMULATIONS:
        page = PAGES / f"{name}.md"
        page.write_text(between(page.read_text(encoding="utf-8"), section(results, name)), encoding="utf-8")


def main() -> None:
    """Measures, or only writes the pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("instances", nargs="*", default=list(DEFAULTS))
    parser.add_argument("--seconds", type=float, default=60.0, help="of each linear program")
    parser.add_argument("--pages", action="store_true", help="measure nothing")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        found = relaxation(problem_at(Path(options.instances[0])), FORMULATIONS[options.one], options.seconds)
        print(json.dumps(asdict(found)))
        return
    if not options.pages:
        results = measured(options.instances, options.seconds)
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    write(json.loads(RESULTS.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
