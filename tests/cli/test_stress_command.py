"""`burdenshare stress`: what it prints, its JSON, what it writes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.runs import ROOT, TOY, Command, answers, files, use

SLIPS = ROOT / "instances" / "scenarios" / "slips.toml"


@pytest.fixture
def plan(burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use(monkeypatch, answers("optimal"))
    assert burdenshare("solve", TOY, "--out", tmp_path / "plan").code == 0
    return tmp_path / "plan"


def test_it_prints_what_becomes_of_the_plan(burdenshare: Command, plan: Path) -> None:
    before = files(plan)
    run = burdenshare("stress", plan, "--scenario", SLIPS, "--draws", 10, "--workers", 1)
    assert run.code == 0, run.err
    assert "10 draws of “slips”, seeds 0 to 9." in run.out
    assert "CVaR90" in run.out
    assert "What the plan leans on" in run.out
    assert files(plan) == before


def test_json_is_one_document_and_follows_the_seed_alone(burdenshare: Command, plan: Path) -> None:
    words = ("stress", plan, "--scenario", SLIPS, "--draws", 30, "--json")
    one, two = burdenshare(*words, "--workers", 1), burdenshare(*words, "--workers", 2)
    assert one.code == two.code == 0
    assert one.out == two.out
    found = json.loads(one.out)
    assert (found["draws"], found["seed"], found["scenario"]) == (30, 0, "slips")
    assert found["delay"]["mean"] >= found["delay"]["planned"]
    assert json.loads(burdenshare(*words, "--seed", 7).out)["delay"] != found["delay"]


def test_a_folder_is_written_and_written_again(burdenshare: Command, plan: Path, tmp_path: Path) -> None:
    words = ("stress", plan, "--scenario", SLIPS, "--draws", 3, "--workers", 1, "--out", tmp_path / "out")
    assert burdenshare(*words).code == 0
    assert {"summary.json", "stress.html", "stress.xlsx", "draws.csv"} <= set(files(tmp_path / "out"))
    assert burdenshare(*words).code == 0


def test_a_plan_is_not_overwritten(burdenshare: Command, plan: Path) -> None:
    before = files(plan)
    run = burdenshare("stress", plan, "--scenario", SLIPS, "--draws", 3, "--out", plan)
    assert run.code == 2
    assert "the folder holds a plan" in run.err
    assert files(plan) == before


def test_all_findings_at_once(burdenshare: Command, plan: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('name = "w"\n[[line_slips]]\nname = "s"\nlines = "LX"\nper_week = 2\nloss = 0.1\n', "utf-8")
    run = burdenshare("stress", plan, "--scenario", wrong, "--out", plan, "--json")
    assert run.code == 2
    codes = [finding["code"] for finding in json.loads(run.out)["findings"]]
    assert "target_exists" in codes
    assert len(codes) > 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--scenario", "nowhere.toml"], "no_such_path"),
        (["--scenario", SLIPS, "--draws", 0], "draws"),
        (["--scenario", SLIPS, "--seed", -1], "seed"),
        (["--scenario", SLIPS, "--workers", 0], "workers"),
        ([], "scenario"),
    ],
)
def test_wrong_arguments(burdenshare: Command, plan: Path, words: list[object], said: str) -> None:
    run = burdenshare("stress", plan, *words)
    assert run.code == 2
    assert said in run.err
    assert "Traceback" not in run.err


def test_a_folder_without_a_plan(burdenshare: Command) -> None:
    run = burdenshare("stress", TOY, "--scenario", SLIPS)
    assert run.code == 2
    assert "holds no plan" in run.err


def test_a_plan_that_breaks_a_rule_is_refused(burdenshare: Command, plan: Path) -> None:
    path = plan / "dispatches.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")
    run = burdenshare("stress", plan, "--scenario", SLIPS, "--draws", 2)
    assert run.code == 2
