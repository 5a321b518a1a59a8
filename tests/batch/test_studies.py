"""The policy studies that ship are planned as they stand, and the script for Slurm runs a sweep."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from optimizer.batch.sweep import planned_sweep
from tests.batch.sweeps import ROOT, write_sweep

STUDIES = sorted((ROOT / "benchmarks" / "studies").glob("*.toml"))
SBATCH = """#!/bin/sh
# stands in for Slurm: the job script runs on the spot, and its number is told as Slurm would
sh "$1" > "$1.log" 2>&1 &
echo "Submitted batch job $!"
"""


def test_there_is_a_study_for_every_question() -> None:
    assert {path.stem for path in STUDIES} >= {"incentive", "packages", "donors", "shares", "ramp"}


@pytest.mark.parametrize("study", STUDIES, ids=lambda path: path.stem)
def test_studies_are_what_a_sweep_can_make(study: Path, tmp_path: Path) -> None:
    """Every patch fits the real instance, and the runs differ."""
    plan, findings = planned_sweep(study, tmp_path / "out")
    assert [finding.line() for finding in findings if finding.severity == "error"] == []
    assert plan is not None
    assert len(plan.tasks()) > 3
    assert all("purl" in one.instance for one in plan.planned)


def test_the_script_for_slurm(tmp_path: Path) -> None:
    pytest.importorskip("dask_jobqueue")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, text in (("sbatch", SBATCH), ("scancel", "#!/bin/sh\nkill $1 2>/dev/null\nexit 0\n")):
        (tools / name).write_text(text, encoding="utf-8")
        (tools / name).chmod(0o755)
    file, out = write_sweep(tmp_path / "file"), tmp_path / "out"
    words = [str(ROOT / "benchmarks" / "cluster" / "slurm.py"), str(file), "--out", str(out), "--jobs", "2"]
    environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *words, "--interface", "lo", "--memory", "2GiB"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "7 runs made now, 0 known before, 0 failed" in done.stdout
    assert (out / "report.html").is_file()
