"""The command `rerun`, and `solve --work`: codes, JSON and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from optimizer import pipeline
from tests.cli.runs import TOY, Command, answers, use


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, answers("optimal", bound=1.0, repeatable=True))
    monkeypatch.setattr(pipeline, "valued", lambda _problem, outcome, _settings, _stop: (None, outcome))


def test_what_solve_wrote_is_run_again(burdenshare: Command, tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    assert burdenshare("solve", TOY, "--out", plan, "--work", "3", "--seed", "5").code == 0
    options = json.loads((plan / "manifest.json").read_text(encoding="utf-8"))["options"]
    assert (options["work"], options["seconds"], options["seed"]) == (3.0, 600.0, 5)
    told = burdenshare("rerun", plan)
    assert told.code == 0
    assert "Identical" in told.out
    kept = burdenshare("rerun", plan, "--out", tmp_path / "again", "--json")
    document = json.loads(kept.out)
    assert (kept.code, document["identical"], document["promised"]) == (0, True, True)
    assert document["folder"] == str(tmp_path / "again")


def test_another_plan_has_a_code_of_its_own(burdenshare: Command, tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    burdenshare("solve", TOY, "--out", plan, "--work", "3")
    (plan / "weights.csv").write_text("", encoding="utf-8")
    told = burdenshare("rerun", plan, "--json")
    assert (told.code, json.loads(told.out)["files"]["weights.csv"]) == (6, "differs")


def test_what_cannot_be_run_again_is_said(burdenshare: Command, tmp_path: Path) -> None:
    told = burdenshare("rerun", tmp_path)
    assert told.code == 2
    assert "cannot_rerun" in told.err
    told = burdenshare("rerun", tmp_path, "--json")
    assert (told.code, json.loads(told.out)["findings"][0]["code"]) == (2, "cannot_rerun")


@pytest.mark.parametrize("work", ["0", "-1", "nan", "inf", "much"])
def test_work_is_a_number_above_0(burdenshare: Command, tmp_path: Path, work: str) -> None:
    assert burdenshare("solve", TOY, "--out", tmp_path / "plan", "--work", work).code == 2
    assert not (tmp_path / "plan").exists()


def test_seconds_are_then_the_net(burdenshare: Command, tmp_path: Path) -> None:
    burdenshare("solve", TOY, "--out", tmp_path / "plan", "--work", "3", "--seconds", "44")
    options = json.loads((tmp_path / "plan" / "manifest.json").read_text(encoding="utf-8"))["options"]
    assert (options["work"], options["seconds"]) == (3.0, 44.0)
