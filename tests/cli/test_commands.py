"""The other commands: what they print, their JSON, and their exit codes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.catalog import DEFAULT, FORMULATIONS
from models.checker import RULES
from optimizer.cli.app import app
from tests.cli.runs import TOY, Command, answers, copy_of, files, use


@pytest.fixture
def plan(burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use(monkeypatch, answers("optimal"))
    assert burdenshare("solve", TOY, "--out", tmp_path / "plan").code == 0
    return tmp_path / "plan"


def test_the_commands_are_those_that_work() -> None:
    help_text = CliRunner().invoke(app, ["--help"]).output
    there = (
        "solve",
        "explain",
        "check",
        "compare",
        "weights",
        "convert",
        "template",
        "generate",
        "report",
        "incentive",
        "export",
        "formulations",
        "bench",
        "whatif",
        "sweep",
        "roll",
    )
    for name in there:
        assert f"\n  {name} " in help_text


@pytest.mark.parametrize("words", [[], ["nonsense"], ["solv"], ["weights"], ["weights", TOY, "--nonsense"]])
def test_usage_errors(burdenshare: Command, words: list[str]) -> None:
    run = burdenshare(*words)
    assert (run.code, run.out) == (2, "")
    assert "Usage" in run.err


def test_a_command_one_letter_off_gets_a_hint(burdenshare: Command) -> None:
    assert "solve" in burdenshare("solv").err


def test_check_of_a_good_instance(burdenshare: Command) -> None:
    run = burdenshare("check", TOY)
    assert run.code == 0
    assert "0 errors" in run.out
    assert json.loads(burdenshare("check", TOY, "--json").out) == []


def test_check_prints_every_finding(burdenshare: Command, tmp_path: Path) -> None:
    bad = copy_of(TOY, tmp_path / "bad")
    for table in ("items", "orders"):
        lines = (bad / f"{table}.csv").read_text(encoding="utf-8").splitlines()
        (bad / f"{table}.csv").write_text("\n".join([lines[0], *lines[1:], lines[1]]) + "\n", encoding="utf-8")
    run = burdenshare("check", bad, "--json")
    assert run.code == 2
    found = json.loads(run.out)
    assert {(row["code"], row["file"]) for row in found} >= {
        ("duplicate_key", "items.csv"),
        ("duplicate_key", "orders.csv"),
    }
    assert "duplicate_key" in burdenshare("check", bad).out


def test_check_of_nothing(burdenshare: Command, tmp_path: Path) -> None:
    run = burdenshare("check", tmp_path / "nowhere", "--json")
    assert run.code == 2
    assert [row["code"] for row in json.loads(run.out)] == ["no_such_path"]


def test_check_of_a_plan_goes_rule_by_rule(burdenshare: Command, plan: Path) -> None:
    run = burdenshare("check", TOY, "--plan", plan)
    assert run.code == 0
    assert all(rule in run.out for rule in RULES)
    assert "broken" not in run.out
    assert "Objective" in run.out
    assert burdenshare("check", plan / "instance", "--plan", plan).code == 0


def test_check_of_a_plan_changed_by_hand(burdenshare: Command, plan: Path) -> None:
    (plan / "production.csv").write_text("line,item,date,quantity\n", encoding="utf-8")
    run = burdenshare("check", TOY, "--plan", plan, "--json")
    assert run.code == 2
    found = json.loads(run.out)
    assert {row["code"] for row in found} == {"stock_balance", "readiness_floor"}
    assert all(row["amount"] > 0 and row["index"] and row["severity"] == "error" for row in found)
    assert "stock_balance" in burdenshare("check", TOY, "--plan", plan).out


def test_check_of_a_plan_that_is_none(burdenshare: Command, tmp_path: Path) -> None:
    run = burdenshare("check", TOY, "--plan", tmp_path)
    assert run.code == 2
    assert "missing_file" in run.out


def test_weights(burdenshare: Command, plan: Path) -> None:
    found = json.loads(burdenshare("weights", TOY, "--json").out)
    written = {
        row["recipient"]: float(row["weight"])
        for row in csv.DictReader(io.StringIO((plan / "weights.csv").read_text(encoding="utf-8")))
    }
    assert {row["recipient"]: row["weight"] for row in found} == pytest.approx(written)
    assert all(row["weight"] == pytest.approx(1.0 + sum(row["adds"].values())) for row in found)
    table = burdenshare("weights", TOY).out
    assert all(row["name"] in table for row in found)


def test_weights_of_a_wrong_input(burdenshare: Command, tmp_path: Path) -> None:
    run = burdenshare("weights", tmp_path / "nowhere", "--json")
    assert run.code == 2
    assert json.loads(run.out)["findings"][0]["code"] == "no_such_path"


def test_formulations(burdenshare: Command) -> None:
    found = json.loads(burdenshare("formulations", "--json").out)
    assert [row["name"] for row in found] == list(FORMULATIONS)
    assert [row["name"] for row in found if row["default"]] == [DEFAULT]
    assert all(row["summary"] and row["source"] for row in found)
    assert all(name in burdenshare("formulations").out for name in FORMULATIONS)


def test_convert_there_and_back(burdenshare: Command, tmp_path: Path) -> None:
    run = burdenshare("convert", TOY, tmp_path / "toy.xlsx", "--json")
    assert (run.code, json.loads(run.out)) == (0, {"written": str(tmp_path / "toy.xlsx")})
    assert burdenshare("convert", tmp_path / "toy.xlsx", tmp_path / "back").code == 0
    assert json.loads(burdenshare("weights", tmp_path / "back", "--json").out) == json.loads(
        burdenshare("weights", TOY, "--json").out
    )


def test_convert_overwrites_nothing_else(burdenshare: Command, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    run = burdenshare("convert", TOY, tmp_path)
    assert run.code == 2
    assert files(tmp_path) == {"notes.txt": b"mine"}


def test_template(burdenshare: Command, tmp_path: Path) -> None:
    assert burdenshare("template", tmp_path / "new.xlsx").code == 0
    assert (tmp_path / "new.xlsx").stat().st_size > 0
    again = burdenshare("template", tmp_path / "new.xlsx")
    assert (again.code, "not overwritten" in again.err) == (2, True)
    assert burdenshare("template", tmp_path / "new.csv").code == 2


def test_template_where_nothing_can_be_written(burdenshare: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    run = burdenshare("template", tmp_path / "file" / "new.xlsx", "--json")
    assert run.code == 2
    assert json.loads(run.out)["findings"][0]["code"] == "cannot_write"


def test_report_writes_the_same_page_and_workbook_again(burdenshare: Command, plan: Path) -> None:
    before = files(plan)
    for name in ("report.html", "plan.xlsx"):
        (plan / name).unlink()
    run = burdenshare("report", plan)
    assert (run.code, run.err) == (0, "")
    assert files(plan) == before


def test_report_of_a_plan_changed_by_hand_says_so(burdenshare: Command, plan: Path) -> None:
    (plan / "production.csv").write_text("line,item,date,quantity\n", encoding="utf-8")
    run = burdenshare("report", plan)
    assert run.code == 0
    assert "not the one that was written" in run.err
    assert "stock_balance" in (plan / "report.html").read_text(encoding="utf-8")


def test_report_of_no_plan(burdenshare: Command, tmp_path: Path) -> None:
    run = burdenshare("report", tmp_path, "--json")
    assert run.code == 2
    assert json.loads(run.out)["findings"]
    assert list(tmp_path.iterdir()) == []


def test_report_of_a_summary_that_is_none(burdenshare: Command, plan: Path) -> None:
    (plan / "summary.json").write_text("[]", encoding="utf-8")
    run = burdenshare("report", plan)
    assert run.code == 2
    assert "holds no plan" in run.err
