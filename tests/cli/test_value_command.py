"""`burdenshare value` on a written plan, and what `solve` leaves for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from optimizer.cli.app import app
from optimizer.reporting.again import read_report

TOY = Path(__file__).parents[2] / "instances" / "toy"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("value") / "plan"
    done = CliRunner().invoke(app, ["solve", str(TOY), "--out", str(folder)])
    assert done.exit_code == 0, done.output
    return folder


def value(plan: Path, *more: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["value", str(plan), *more])
    return done.exit_code, done.stdout


def test_solve_leaves_values_and_their_seconds(plan: Path) -> None:
    assert (plan / "marginal_values.csv").is_file()
    assert json.loads((plan / "summary.json").read_text())["seconds"]["explain"] >= 0
    report, _ = read_report(plan)
    assert report is not None
    assert report.values is not None
    assert report.values.values


def test_everything_as_a_table_and_as_json(plan: Path) -> None:
    code, text = value(plan)
    assert code == 0
    assert "What one more is worth" in text
    assert "One more slot of" in text
    code, text = value(plan, "--json")
    found = json.loads(text)
    assert code == 0
    assert found["complete"] is True
    assert {"kind", "entity", "date", "value", "how", "words", "gains"} <= set(found["values"][0])


def test_one_line_and_one_week(plan: Path) -> None:
    found = json.loads(value(plan, "--line", "LM", "--json")[1])["values"]
    assert found
    assert {one["entity"] for one in found} == {"LM"}
    (one,) = json.loads(value(plan, "--line", "LM", "--week", found[0]["date"], "--json")[1])["values"]
    assert one == found[0]


def test_solved_again(plan: Path) -> None:
    (one,) = json.loads(value(plan, "--line", "LM", "--week", "2026-01-07", "--exact", "--json")[1])["values"]
    assert one["how"] == "resolved"
    assert one["timed_out"] is False
    assert one["date"] == "2026-01-05"
    assert one["low"] == one["value"] == one["high"]


@pytest.mark.parametrize(
    "wrong",
    [["--line", "nobody"], ["--exact"], ["--line", "LM", "--exact"], ["--week", "soon"], ["--week", "1999-01-01"]],
)
def test_what_is_wrong_is_said(plan: Path, wrong: list[str]) -> None:
    assert value(plan, *wrong)[0] == 2


def test_a_folder_without_a_plan(tmp_path: Path) -> None:
    assert value(tmp_path)[0] == 2
