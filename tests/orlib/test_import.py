"""OR-Library files become instances whose plans are worth what the published problem says."""

from __future__ import annotations

import subprocess
import sys
from itertools import permutations
from pathlib import Path

import pytest

from benchmarks.orlib import Jobs, parse, problem_of
from models.calendar import calendar_of
from models.checker import check_plan
from models.facts import Facts
from models.plan import POOL, Dispatch, Made, Plan
from optimizer.reading.instance import read_instance
from tests.docs.pages import ROOT
from tests.orlib.subsets import least_weighted_tardiness

DATA = Path(__file__).parent / "data"
WT40 = parse((DATA / "wt40-first20.txt").read_text(encoding="utf-8"))
OPTIMA = [int(word) for word in (DATA / "wtopt40-first20.txt").read_text(encoding="utf-8").split()]
THREE = Jobs((3, 2, 4), (2, 5, 1), (3, 4, 6))


def in_sequence(jobs: Jobs, sequence: tuple[int, ...]) -> Plan:
    """The plan that makes the jobs one after the other."""
    made, sent, week = [], [], 0
    for j in sequence:
        name = f"J{j + 1:02d}"
        made += [Made("MACHINE", name, week + k, 1) for k in range(jobs.processing[j])]
        week += jobs.processing[j]
        sent.append(Dispatch(name, "order", POOL, name, jobs.processing[j], week - 1, week - 1))
    return Plan(dispatches=tuple(sent), made=tuple(made))


def tardiness(jobs: Jobs, sequence: tuple[int, ...]) -> int:
    total = end = 0
    for j in sequence:
        end += jobs.processing[j]
        total += jobs.weights[j] * max(0, end - jobs.due[j])
    return total


@pytest.mark.parametrize("sequence", list(permutations(range(3))))
def test_a_sequence_costs_its_weighted_tardiness(sequence: tuple[int, ...]) -> None:
    verdict = check_plan(problem_of(THREE, "three"), in_sequence(THREE, sequence))
    assert verdict.violations == ()
    assert verdict.terms.total == pytest.approx(tardiness(THREE, sequence))


def test_the_oracle_finds_the_best_of_all_sequences() -> None:
    for number, jobs in enumerate(WT40):
        cut = jobs.first(6, scaled=True)
        best = min(tardiness(cut, sequence) for sequence in permutations(range(6)))
        assert least_weighted_tardiness(cut.processing, cut.weights, cut.due) == best, number


def test_the_file_has_twenty_instances_of_forty_jobs() -> None:
    assert len(WT40) == len(OPTIMA) == 20
    assert {len(jobs.processing) for jobs in WT40} == {40}
    assert (WT40[0].processing[0], WT40[0].weights[0], WT40[0].due[0]) == (26, 1, 1588)


def test_a_cut_keeps_due_dates_and_a_scaled_one_shrinks_them() -> None:
    plain, scaled = WT40[0].first(8), WT40[0].first(8, scaled=True)
    assert plain.due == WT40[0].due[:8]
    assert scaled.due == tuple(d * sum(plain.processing) // 2065 for d in plain.due)


def test_the_horizon_has_a_week_for_every_unit_of_work() -> None:
    problem = problem_of(WT40[0].first(12), "cut")
    assert calendar_of(problem).count == sum(WT40[0].processing[:12])
    slots = Facts(problem).slots["MACHINE"]
    assert set(slots) == {1}


@pytest.mark.parametrize("text", ["1 2\n3 4\n", "1 2\n3 4\n5\n", "1 x\n1 1\n1 1\n", "0 1\n1 1\n1 1\n"])
def test_a_wrong_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"three|as many|line 1|at least 1"):
        parse(text)


def test_the_command_writes_instances_that_read_back(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.orlib", str(DATA / "wt40-first20.txt"), "--out", str(tmp_path)]
    options = ["--take", "2", "--jobs", "8"]
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(tmp_path / f"wt40-first20-00{k}-8") for k in (1, 2)]
    for k in (1, 2):
        read = read_instance(tmp_path / f"wt40-first20-00{k}-8")
        assert list(read.findings) == []
        assert read.problem == problem_of(WT40[k - 1].first(8), f"wt40-first20-00{k}-8")
    again = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    assert again.returncode != 0
    assert "exists already" in again.stderr
