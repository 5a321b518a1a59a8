"""Every peer reaches the proven optimum of small instances, with a plan that the checker passes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.build import compile_model
from models.catalog import DEFAULT, FORMULATIONS
from models.checker import check_plan
from optimizer.peers import PEERS, Peer, highs
from tests.house.tree import ROOT
from tests.models.cases import all_cases
from tests.peers.child import answers, job

CASES = {case.name: case for case in all_cases()}
SOLVED = ["case-006", "mixed-111"]
IMPOSSIBLE = "mixed-109"
STAGES = "stages-051"


@pytest.mark.parametrize("name", PEERS)
def test_a_peer_reaches_the_optimum(name: str) -> None:
    if PEERS[name].missing is not None:
        pytest.skip(PEERS[name].missing or "")
    found = answers(name, [*SOLVED, IMPOSSIBLE, STAGES])
    for case in SOLVED:
        said, value = found[case].answer, CASES[case].objective
        assert value is not None
        assert said["status"] in ("optimal", "gap_reached"), (case, said)
        assert said["objective"] == pytest.approx(value, rel=1e-5)
        assert value * (1 - 1e-5) <= said["bound"] <= said["objective"] * (1 + 1e-9)
        assert found[case].passed
        assert found[case].total == pytest.approx(value, rel=1e-5)
        times, incumbents, bounds = zip(*said["trace"], strict=True)
        assert list(times) == sorted(times)
        assert incumbents[-1] == pytest.approx(said["objective"])
        assert bounds[-1] == pytest.approx(said["bound"], rel=1e-6)
        known = [value for value in incumbents if value is not None]
        assert known == sorted(known, reverse=True)
        assert min(said[key] for key in ("rows", "columns", "nonzeros", "integers")) > 0
        assert all(said[key] >= 0 for key in ("build_seconds", "handover_seconds", "solve_seconds"))
    assert (found[IMPOSSIBLE].answer["status"], found[IMPOSSIBLE].answer["objective"]) == ("infeasible", None)
    assert found[STAGES].answer["status"] == "error"
    assert "stages" in found[STAGES].answer["message"]


@pytest.mark.parametrize("name", ["highs_textbook", "scip_textbook", "cbc_textbook", "cpsat"])
def test_a_peer_without_time_says_what_it_has(name: str) -> None:
    if PEERS[name].missing is not None:
        pytest.skip(PEERS[name].missing or "")
    case = CASES["case-004"]
    said = answers(name, [case.name], seconds=0.02)[case.name]
    assert case.objective is not None
    assert said.answer["status"] in ("no_plan", "time_limit", "optimal")
    assert said.answer["bound"] is None or said.answer["bound"] <= case.objective * (1 + 1e-6)
    assert said.passed in (None, True)
    if said.passed:
        assert said.answer["objective"] >= case.objective * (1 - 1e-6)


def test_a_model_too_large_for_the_licence_is_said_to_be() -> None:
    peer = PEERS["gurobi_textbook"]
    if peer.missing is not None:
        pytest.skip(peer.missing or "")
    problem = replace(CASES["case-023"].problem, periods=((80, 1),))
    answer = peer.run(job(peer.name), problem)
    assert answer.status == "too_large"
    assert answer.columns is not None
    assert answer.columns > 2000
    assert f"{answer.columns} columns" in answer.message
    assert answer.plan is None


def test_an_absent_package_is_named() -> None:
    peer = Peer("none", "no such solver", "no_such_solver", "optimizer.peers.none:run")
    answer = peer.run(job("none"), CASES["case-010"].problem)
    assert answer.status == "error"
    assert "no_such_solver" in answer.message
    assert "pip install 'burdenshare[peers]'" in answer.message


def test_a_job_may_change_the_formulation() -> None:
    case, peer = CASES["case-010"], PEERS["highs_textbook"]
    plain, changed = (
        peer.run(replace(job(peer.name), changes=changes), case.problem) for changes in ({}, {"orders": "late_only"})
    )
    assert changed.objective == pytest.approx(plain.objective)
    assert changed.columns != plain.columns


@pytest.mark.parametrize("name", ["numpy_pass", "own_arrays", "own_pyomo"])
def test_the_default_formulation_is_handed_over_with_what_the_job_changes(name: str) -> None:
    problem, changes = CASES["case-006"].problem, {"approval": "monotone"}
    for formulation, of in (
        (FORMULATIONS[DEFAULT], job(name)),
        (replace(FORMULATIONS[DEFAULT], **changes), replace(job(name), changes=changes)),
    ):
        answer = PEERS[name].run(of, problem)
        assert (answer.rows, answer.columns) == compile_model(problem, formulation).matrix.shape


@pytest.mark.parametrize(("changes", "has_constant"), [({}, False), ({"orders": "late_only"}, True)])
def test_the_textbook_model_goes_to_highs_as_a_file(
    changes: dict[str, str], has_constant: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the objective has a constant it is a column of the file: counted in the objective, not in the answer."""
    case, files = CASES["case-006"], list[Path]()
    matrix = compile_model(case.problem, replace(FORMULATIONS["textbook"], **changes)).matrix
    assert (matrix.cost()[1] != 0) == has_constant
    read = highs.read

    def noted(file: Path) -> Any:
        files.append(file)
        assert file.read_text(encoding="ascii").splitlines()[-1] == "ENDATA"
        return read(file)

    monkeypatch.setattr(highs, "read", noted)
    answer = PEERS["highs_textbook"].run(replace(job("highs_textbook"), changes=changes), case.problem)
    assert [file.suffix for file in files] == [".mps"]
    assert not files[0].exists()
    assert answer.columns == matrix.shape[1]
    assert answer.objective == pytest.approx(case.objective)
    assert answer.plan is not None
    assert check_plan(case.problem, answer.plan).violations == ()


def test_highs_says_which_file_it_does_not_read(tmp_path: Path) -> None:
    file = tmp_path / "none.mps"
    file.write_text("no model\n", encoding="ascii")
    with pytest.raises(ValueError, match=r"does not read none\.mps"):
        highs.read(file)


def test_the_registry_imports_no_solver() -> None:
    names = ("highspy", "ortools", "pyomo", "pyscipopt")
    code = f"import sys, optimizer.peers; print([name for name in {names} if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ended.stdout.strip() == "[]"
