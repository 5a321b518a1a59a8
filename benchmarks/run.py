"""Measures the main job and writes `benchmarks/results.md` and `results.json`.

    python -m benchmarks.run                      # all below
    python -m benchmarks.run setup                # a fresh clone: set-up seconds
    python -m benchmarks.run main --runs 3        # the real instance, start of process to files written
    python -m benchmarks.run forms                # the catalogue on the real instance, same seconds for each

Every figure names the machine, versions and seed. Compare figures of one run only, as ratios: machines differ.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from models.catalog import DEFAULT

ROOT = Path(__file__).resolve().parent.parent
REAL = ROOT / "instances" / "purl-2026-w02"
HERE = Path(__file__).resolve().parent


def timed(command: list[str], cwd: Path = ROOT, **environment: str) -> tuple[float, subprocess.CompletedProcess[str]]:
    """Wall-clock seconds of a command as a whole process."""
    began = time.monotonic()
    done = subprocess.run(
        command, cwd=cwd, text=True, capture_output=True, env={**os.environ, **environment}, check=False
    )
    return time.monotonic() - began, done


def setup() -> dict[str, Any]:
    """A fresh clone, a fresh environment, `pip install .`: seconds of each."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "burdenshare"
        cloning, _ = timed(["git", "clone", "--quiet", str(ROOT), str(clone)])
        making, _ = timed([sys.executable, "-m", "venv", ".venv"], clone)
        installing, done = timed([".venv/bin/pip", "install", "--quiet", "."], clone)
        return {"clone": cloning, "venv": making, "install": installing, "ok": done.returncode == 0}


def solve(formulation: str, seconds: float, seed: int, gap: float = 1e-4) -> dict[str, Any]:
    """One solve through the command line."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "plan"
        command = [
            sys.executable, "-m", "optimizer.cli", "solve", str(REAL), "--out", str(out), "--formulation", formulation,
            "--seconds", str(seconds), "--seed", str(seed), "--gap", str(gap), "--json",
        ]  # fmt: skip
        wall, done = timed(command)
        if done.returncode not in (0, 3):
            return {"wall": wall, "exit": done.returncode, "error": done.stderr[-500:]}
        summary = json.loads(done.stdout)
        manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
        parts = summary["seconds"]
        outside = wall - parts["solve"]
        sizes = {name: (out / name).stat().st_size for name in ("report.html", "plan.xlsx")}
        return {
            "wall": wall, "exit": done.returncode, "outside": outside, "seconds": parts, "objective":
            summary["objective"], "bound": summary["bound"], "gap": summary["gap"], "terms": summary["terms"],
            "baselines": summary["baselines"], "checker": summary["checker"], "bytes": sizes, "seed": seed,
            "formulation": formulation, "matrix": manifest.get("matrix"),
        }  # fmt: skip


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    names = ("pyomo", "highspy", "numpy", "scipy")
    versions = {name: importlib.metadata.version(name) for name in names}
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, text=True, capture_output=True, check=False
    ).stdout.strip()
    return {
        "python": platform.python_version(), "cores": str(os.cpu_count()), "system": platform.system(),
        "commit": commit, **versions,
    }  # fmt: skip


def table(results: dict[str, Any]) -> str:
    """The results as Markdown."""
    where = results["machine"]
    lines = [
        "# Measured",
        "",
        f"Commit {where['commit']}, Python {where['python']}, {where['cores']} cores, Pyomo {where['pyomo']}, "
        f"HiGHS {where['highspy']}. Written by `python -m benchmarks.run`.",
        "",
    ]
    if "setup" in results:
        s = results["setup"]
        lines += [f"Set-up in a fresh clone: {s['venv'] + s['install']:.0f} s (environment and installation).", ""]
    if results.get("main"):
        lines += ["## The real instance, default formulation", "", *_solves(results["main"]), ""]
        walls = [run["wall"] for run in results["main"] if "gap" in run]
        gaps = [run["gap"] for run in results["main"] if "gap" in run]
        if walls:
            lines += [
                f"Median of {len(walls)}: {statistics.median(walls):.0f} s from start of the process to files written, "
                f"gap {100 * statistics.median(gaps):.2f} %.",
                "",
            ]
    if results.get("forms"):
        lines += ["## Formulations, the same seconds for each", "", *_solves(results["forms"]), ""]
    return "\n".join(lines)


def _solves(runs: list[dict[str, Any]]) -> list[str]:
    lines = [
        "| formulation | seed | wall s | of it outside the solver | objective | bound | gap % "
        "| first come first served | priority list |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for run in runs:
        if "gap" not in run or run["objective"] is None:
            lines.append(f"| {run.get('formulation', '')} | | {run['wall']:.0f} | exit {run['exit']} | | | | | |")
            continue
        base = {entry["name"]: entry["objective"] for entry in run["baselines"]}
        bound = "" if run["bound"] is None else f"{run['bound']:,.0f}"
        gap = "" if run["gap"] is None else f"{100 * run['gap']:.2f}"
        ratio = [f"{value:,.0f} (×{value / run['objective']:.2f})" for value in base.values()]
        lines.append(
            f"| {run['formulation']} | {run['seed']} | {run['wall']:.0f} | {run['outside']:.1f} | "
            f"{run['objective']:,.0f} | {bound} | {gap} | {' | '.join(ratio)} |"
        )
    return lines


def main() -> None:
    """Runs what is asked and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", choices=["setup", "main", "forms"], default=[])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=90.0)
    options = parser.parse_args()
    what = options.what or ["setup", "main", "forms"]
    path = HERE / "results.json"
    results: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    results["machine"] = machine()
    if "setup" in what:
        results["setup"] = setup()
        print(results["setup"])
    if "main" in what:
        results["main"] = []
        for seed in range(options.runs):
            results["main"].append(solve(DEFAULT, options.seconds, seed))
            print(json.dumps(results["main"][-1], indent=1))
    if "forms" in what:
        results["forms"] = [solve(name, options.seconds, 0) for name in (DEFAULT, "textbook")]
        print(json.dumps(results["forms"], indent=1))
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (HERE / "results.md").write_text(table(results), encoding="utf-8")


if __name__ == "__main__":
    main()
