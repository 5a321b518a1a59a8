"""`burdenshare roll`: what it prints, its exit codes, and that nothing a user wrote becomes markup."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from optimizer.reading.instance import read_instance
from optimizer.reading.write import write_folder
from optimizer.reporting.figures.bundle import bundle
from tests.batch.rolls import use
from tests.builders import an_item, an_order, bare_problem
from tests.cli.runs import TOY, Command

SCENARIO = """
name = "<script>alert(1)</script>"
[[line_slips]]
name = "slip"
lines = "*"
per_week = 0.5
loss = [0.4, 0.9]
weeks = 1
"""


@pytest.fixture(autouse=True)
def _exact(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch)


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "rough.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def test_a_roll_for_people(burdenshare: Command, tmp_path: Path, scenario: Path) -> None:
    run = burdenshare("roll", TOY, "--weeks", 3, "--out", tmp_path / "roll", "--scenario", scenario, "--seed", 1)
    assert run.code == 0
    for word in ("2026-01-05", "2026-01-19", "units moved", "Promises", "With hindsight", "Dispatches in frozen weeks"):
        assert word in run.out, word
    assert run.err.count("week ") == 3
    assert "The roll is in" in run.err


def test_a_roll_as_json(burdenshare: Command, tmp_path: Path) -> None:
    run = burdenshare("roll", TOY, "--weeks", 2, "--out", tmp_path / "roll", "--json", "--no-hindsight")
    assert run.code == 0
    found = json.loads(run.out)
    assert (found["instance"], found["weeks"], found["hindsight"], found["checker"]) == ("toy", 2, None, "passed")
    assert len(found["rows"]) == 2
    written = json.loads((tmp_path / "roll" / "summary.json").read_text(encoding="utf-8"))
    assert written == found


def test_every_finding_of_the_scenario_at_once(burdenshare: Command, tmp_path: Path, scenario: Path) -> None:
    scenario.write_text(SCENARIO.replace("0.5", "5").replace("weeks = 1", "weeks = 0"), encoding="utf-8")
    run = burdenshare("roll", TOY, "--weeks", 2, "--out", tmp_path / "roll", "--scenario", scenario, "--json")
    assert run.code == 2
    assert "line_slips[0].per_week" in run.err
    assert "line_slips[0].weeks" in run.err
    errors = [row for row in json.loads(run.out)["findings"] if row["severity"] == "error"]
    assert {row["file"] for row in errors} == {"rough.toml"}
    assert not (tmp_path / "roll").exists()


@pytest.mark.parametrize("words", [("--weeks", 0), ("--seconds", -1), ("--gap", "nan"), ("--formulation", "slot")])
def test_arguments_out_of_range(burdenshare: Command, tmp_path: Path, words: tuple[object, ...]) -> None:
    run = burdenshare("roll", TOY, "--weeks", 2, "--out", tmp_path / "roll", *words)
    assert run.code == 2
    assert not (tmp_path / "roll").exists()


def test_a_folder_of_somebody_else(burdenshare: Command, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    run = burdenshare("roll", TOY, "--weeks", 2, "--out", tmp_path)
    assert run.code == 2
    assert "target_exists" in run.err


def test_names_of_a_user_are_text(burdenshare: Command, tmp_path: Path, scenario: Path) -> None:
    evil = "</script><img src=x onerror=alert(1)>"
    problem = bare_problem(
        name=evil,
        items=(an_item(), an_item("=1+1")),
        orders=(an_order(evil, quantity=3), an_order("=2+2", quantity=2)),
    )
    write_folder(problem, tmp_path / "instance")
    assert read_instance(tmp_path / "instance").problem is not None
    out = tmp_path / "roll"
    run = burdenshare("roll", tmp_path / "instance", "--weeks", 4, "--out", out, "--scenario", scenario)
    assert run.code == 0
    page = (out / "report.html").read_text(encoding="utf-8").replace(bundle(), "")
    assert evil not in page
    assert "<img" not in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_an_instance_without_orders_and_needs(burdenshare: Command, tmp_path: Path, scenario: Path) -> None:
    write_folder(bare_problem(), tmp_path / "instance")
    run = burdenshare("roll", tmp_path / "instance", "--weeks", 3, "--out", tmp_path / "roll", "--scenario", scenario)
    assert run.code == 0


def test_periods_of_unequal_length(burdenshare: Command, tmp_path: Path, scenario: Path) -> None:
    """A plan is made on the first day of every period; the horizon may end before the weeks do."""
    problem = bare_problem(periods=((1, 1), (1, 3), (2, 2)), orders=(an_order(quantity=20),))
    write_folder(problem, tmp_path / "instance")
    run = burdenshare(
        *("roll", tmp_path / "instance", "--weeks", 20, "--out", tmp_path / "roll", "--scenario", scenario),
        *("--fixed-end", "--json"),
    )
    assert run.code == 0
    found = json.loads(run.out)
    assert [row["date"] for row in found["rows"]] == ["2026-01-05", "2026-01-12", "2026-02-02", "2026-02-16"]
    assert found["unaccounted"] == []
