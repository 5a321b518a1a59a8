"""`burdenshare solve --robust`: what is written, told and refused."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from models.catalog import FORMULATIONS
from optimizer.batch.recipe import recipe_of
from optimizer.reporting.again import read_report, report_again
from optimizer.reporting.summary import Summary
from tests.cli.runs import INFEASIBLE, TOY, Command
from tests.docs.pages import ROOT
from tests.scenarios.test_robust_file import SLIPS, written


@pytest.fixture
def robust(tmp_path: Path) -> Path:
    return written(tmp_path, 'disturbances = "slips.toml"\ndraws = 6\nscenarios = 2\nshared_weeks = 3\n')


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


def test_a_hedged_plan(tmp_path: Path, robust: Path, command: Command) -> None:
    out = tmp_path / "out"
    run = command("solve", TOY, "--out", out, "--robust", robust, "--threads", 1, "--json")
    assert run.code == 0, run.err
    said = json.loads(run.out)
    assert said["checker"] == "passed"
    found = said["robust"]
    assert said == json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert found["route"] == "extensive"
    assert found["gap"] == pytest.approx(0.0, abs=1e-4)
    assert len(found["scenarios"]) == 3
    assert sum(row["probability"] for row in found["scenarios"]) == pytest.approx(1.0)
    assert found["wait_and_see"] <= found["value"] <= found["nominal_value"] + 1e-6
    assert found["hedging_gain"] == pytest.approx(found["nominal_value"] - found["value"], abs=1e-4)
    assert found["nominal_objective"] <= said["objective"] + 1e-6
    assert (out / "robust.toml").read_bytes() == robust.read_bytes()
    assert (out / "slips.toml").read_text(encoding="utf-8") == SLIPS
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["beside"]) == {"robust.toml", "slips.toml"}
    assert manifest["formulation"] == asdict(FORMULATIONS["tight"])
    recipe, findings = recipe_of(out)
    assert findings == ()
    assert recipe is not None
    assert (recipe.robust, recipe.formulation) == (out / "robust.toml", FORMULATIONS["tight"])
    assert "What was hedged" in (out / "report.html").read_text(encoding="utf-8")
    assert Summary.from_dict(said).as_dict() == said
    assert report_again(out) == ()
    report, _ = read_report(out)
    assert report is not None
    assert report.summary.robust is not None
    assert "What was hedged" in (out / "report.html").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "robust.md").read_text(encoding="utf-8")
    for key in found:
        assert f"`{key}`" in page
    nominal, taken = found["candidates"][0], next(row for row in found["candidates"] if row["name"] == found["taken"])
    assert nominal["name"] == "nominal"
    assert (nominal["difference"], nominal["objective"]) == (0.0, pytest.approx(found["nominal_objective"]))
    assert taken["objective"] == pytest.approx(said["objective"])
    assert taken["value"] <= nominal["value"]
    assert found["trained"] == 6
    assert manifest["formulation"]["name"] == said["formulation"]


def test_a_wrong_file_says_everything_and_writes_nothing(tmp_path: Path, command: Command) -> None:
    wrong = written(tmp_path, 'disturbances = "slip.toml"\nlevel = 90\nshared_week = 2\n')
    run = command("solve", TOY, "--out", tmp_path / "out", "--robust", wrong)
    assert run.code == 2
    for word in ("level", "0.9", "shared_weeks", "slips.toml"):
        assert word in run.err
    assert not (tmp_path / "out").exists()


def test_a_formulation_that_cannot_link_scenarios_is_refused(tmp_path: Path, robust: Path, command: Command) -> None:
    run = command("solve", TOY, "--out", tmp_path / "out", "--robust", robust, "--formulation", "textbook")
    assert run.code == 2
    assert "tight" in run.err
    assert not (tmp_path / "out").exists()


def test_an_instance_without_a_plan(tmp_path: Path, robust: Path, command: Command) -> None:
    run = command("solve", INFEASIBLE, "--out", tmp_path / "out", "--robust", robust, "--threads", 1)
    assert run.code == 4
    assert json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["clashes"]


NAMED = """
level = 0.8
weight = 0.8
shared_weeks = 2

[[named]]
name = "late"
file = "worlds.toml"
probability = 0.3

[[named]]
name = "half the output"
probability = 0.2
changes = [{ scale = "line_rates.*.slots_per_week", by = 0.5 }]
"""
WORLDS = """
[scenario.late]
changes = [{ shift = "pledges.*.available_on", by = 4 }]
"""


def test_a_plan_against_named_scenarios_and_the_same_again(tmp_path: Path, command: Command) -> None:
    (tmp_path / "worlds.toml").write_text(WORLDS, encoding="utf-8")
    robust, out = tmp_path / "against.toml", tmp_path / "out"
    robust.write_text(NAMED, encoding="utf-8")
    run = command("solve", TOY, "--out", out, "--robust", robust, "--threads", 1, "--work", 20, "--json")
    assert run.code == 0, run.err
    found = json.loads(run.out)["robust"]
    assert found["named"] == ["late", "half the output"]
    assert (found["draws"], found["trained"], found["disturbances"], found["lost"]) == (0, 0, "", 0.0)
    rows = [(row["name"], row["probability"]) for row in found["scenarios"]]
    assert rows == [("nominal", 0.5), ("late", 0.3), ("half the output", 0.2)]
    assert len(found["candidates"]) > 1
    assert {row["error"] for row in found["candidates"]} == {0.0}
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "executed in the scenarios &#39;late&#39;, &#39;half the output&#39;" in page
    assert (out / "worlds.toml").read_text(encoding="utf-8") == WORLDS
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["beside"]) == {"robust.toml", "worlds.toml"}
    again = command("rerun", out, "--out", tmp_path / "again")
    assert again.code == 0, again.err
    assert (tmp_path / "again" / "dispatches.csv").read_bytes() == (out / "dispatches.csv").read_bytes()


def test_a_scenario_that_no_plan_could_live_in_is_refused(tmp_path: Path, command: Command) -> None:
    robust = tmp_path / "against.toml"
    changes = 'changes = [{ set = "orders.O1.quantity", to = 2 }]'
    robust.write_text(f'[[named]]\nname = "fewer"\nprobability = 0.1\n{changes}\n', encoding="utf-8")
    run = command("solve", TOY, "--out", tmp_path / "out", "--robust", robust)
    assert run.code == 2
    assert "fewer" in run.err
    assert "line_rates" in run.err
    assert not (tmp_path / "out").exists()
