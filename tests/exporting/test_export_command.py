"""`burdenshare export` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from optimizer.cli import main
from tests.exporting.reading import highs_model
from tests.models.cases import all_cases

CASES = {case.name: case for case in all_cases()}


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = main(["export", *map(str, words)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_writes_the_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "model.lp"
    words = (CASES["case-010"].folder, "--formulation", "textbook", "--to", file, "--json")
    code, out, _ = run(capsys, *words)
    assert code == 0
    said = json.loads(out)
    read = highs_model(file)
    assert (said["rows"], said["columns"]) == (read.num_row_, read.num_col_)
    assert (said["formulation"], said["objective"], said["written"]) == ("textbook", "weighted", str(file))


def test_says_that_a_model_of_stages_is_that_of_the_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = CASES["stages-051"]
    code, out, err = run(capsys, case.folder, "--to", tmp_path / "model.mps")
    assert code == 0
    assert case.problem.objective.stages[0] in err
    assert "Written" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--formulation", "slot", "--to", "model.mps"], "Maybe 'slots'"),
        (["--to", "model.txt"], "neither .mps nor .lp"),
        (["--to", "there.mps"], "not overwritten"),
        (["--to", "nowhere/model.mps"], "No such file"),
    ],
)
def test_errors(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.mps").write_text("mine", encoding="ascii")
    code, out, err = run(capsys, CASES["case-010"].folder, *words)
    assert (code, out) == (2, "")
    assert said in err
    assert [path.name for path in tmp_path.iterdir()] == ["there.mps"]
    assert (tmp_path / "there.mps").read_text(encoding="ascii") == "mine"


def test_a_broken_instance(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, tmp_path / "none", "--to", tmp_path / "model.mps")
    assert code == 2
    assert "no_such_path" in err or "no such" in err
