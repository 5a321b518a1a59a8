"""`burdenshare compare`: two folders, four outputs, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.runs import INFEASIBLE, TOY, Command, answers, copy_of, files, use


@pytest.fixture
def plan(burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use(monkeypatch, answers("optimal", bound=1.0))
    assert burdenshare("solve", TOY, "--out", tmp_path / "plan").code == 0
    return tmp_path / "plan"


@pytest.fixture
def other(burdenshare: Command, tmp_path: Path, plan: Path) -> Path:
    changed = copy_of(TOY, tmp_path / "changed")
    text = (changed / "orders.csv").read_text(encoding="utf-8")
    assert ",4,2026-01-19,2025-03-03" in text
    (changed / "orders.csv").write_text(text.replace(",4,2026-01-19,2025-03-03", ",6,2026-01-19,2025-03-03"), "utf-8")
    assert burdenshare("solve", changed, "--out", tmp_path / "other").code == 0
    return tmp_path / "other"


def test_it_prints_what_moved(burdenshare: Command, plan: Path, other: Path) -> None:
    run = burdenshare("compare", plan, other)
    assert run.code == 0
    assert "The instances differ in 1 place." in run.out
    assert "because of its own row: quantity 4 → 6" in run.out


def test_json_is_one_document(burdenshare: Command, plan: Path, other: Path) -> None:
    run = burdenshare("compare", plan, other, "--json")
    found = json.loads(run.out)
    assert (run.code, found["same_instance"]) == (0, False)
    assert [(row["table"], row["key"], row["old"], row["new"]) for row in found["inputs"]] == [("orders", ["O1"], 4, 6)]
    lead = next(row for row in found["demands"] if row["demand"] == "O1")["causes"][0]
    assert (lead["cause"], lead["support"]) == ("own_row", "because")


def test_page_and_workbook_are_written_where_told(
    burdenshare: Command, plan: Path, other: Path, tmp_path: Path
) -> None:
    before = files(plan)
    run = burdenshare("compare", plan, other, "--html", tmp_path / "c.html", "--xlsx", tmp_path / "c.xlsx", "--json")
    assert (run.code, json.loads(run.out)["demands_moved"] > 0) == (0, True)
    assert "What moved" in (tmp_path / "c.html").read_text(encoding="utf-8")
    assert (tmp_path / "c.xlsx").read_bytes()[:2] == b"PK"
    assert files(plan) == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".c.")]


def test_the_same_folder_twice(burdenshare: Command, plan: Path) -> None:
    run = burdenshare("compare", plan, plan)
    assert (run.code, "Nothing moved" in run.out) == (0, True)


def test_only_and_top(burdenshare: Command, plan: Path, other: Path) -> None:
    found = json.loads(burdenshare("compare", plan, other, "--only", "O1", "--json").out)
    assert (found["only"], [row["demand"] for row in found["demands"]]) == (["O1"], ["O1"])
    assert len(json.loads(burdenshare("compare", plan, other, "--top", "1", "--json").out)["demands"]) == 1
    assert burdenshare("compare", plan, other, "--top", "0").code == 2
    assert "Maybe 'ALP'" in burdenshare("compare", plan, other, "--only", "alp").err
    run = burdenshare("compare", plan, other, "--only", "O11", "--json")
    finding = json.loads(run.out)["findings"][0]
    assert (run.code, finding["code"], "Maybe" in finding["hint"]) == (2, "unknown_key", True)


def test_a_folder_without_a_plan(burdenshare: Command, plan: Path, tmp_path: Path) -> None:
    for folders in ((plan, tmp_path / "nowhere"), (TOY, plan)):
        run = burdenshare("compare", *folders, "--json")
        assert (run.code, [row["code"] for row in json.loads(run.out)["findings"]]) == (2, ["missing_file"])
    both = burdenshare("compare", TOY, tmp_path, "--json")
    assert len(json.loads(both.out)["findings"]) == 2, "both are named at once"


def test_a_solve_that_found_no_plan(
    burdenshare: Command, plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, answers("infeasible"))
    assert burdenshare("solve", INFEASIBLE, "--out", tmp_path / "none").code == 4
    run = burdenshare("compare", plan, tmp_path / "none")
    assert run.code == 2
    assert "its status is infeasible" in run.err


def test_plans_of_different_instances(burdenshare: Command, plan: Path, tmp_path: Path) -> None:
    strange = copy_of(TOY, tmp_path / "strange")
    for name in ("orders", "needs", "offers", "commitments", "approvals"):
        text = (strange / f"{name}.csv").read_text(encoding="utf-8")
        for letter in "ONVC":
            for number in range(1, 6):
                text = text.replace(f"{letter}{number}", f"X{letter}{number}")
        (strange / f"{name}.csv").write_text(text, encoding="utf-8")
    assert burdenshare("solve", strange, "--out", tmp_path / "renamed").code == 0
    assert burdenshare("compare", plan, tmp_path / "renamed").code == 0, "one name, so one instance, all of it anew"
    toml = strange / "instance.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace('"toy"', '"another"'), encoding="utf-8")
    assert burdenshare("solve", strange, "--out", tmp_path / "another").code == 0
    run = burdenshare("compare", plan, tmp_path / "another", "--json")
    assert (run.code, json.loads(run.out)["findings"][0]["code"]) == (2, "cannot_compare")


def test_a_plan_changed_by_hand_is_compared_and_said_to_be_illegal(
    burdenshare: Command, plan: Path, tmp_path: Path
) -> None:
    shutil.copytree(plan, tmp_path / "by-hand")
    (tmp_path / "by-hand" / "production.csv").write_text("line,item,date,quantity\n", encoding="utf-8")
    run = burdenshare("compare", plan, tmp_path / "by-hand")
    assert run.code == 0
    assert "breaks rules of its own instance: stock_balance" in run.out
    assert "by-hand" in run.err


def test_where_nothing_can_be_written(burdenshare: Command, plan: Path, other: Path, tmp_path: Path) -> None:
    for words in (("--html", tmp_path), ("--xlsx", tmp_path / "plan" / "instance" / "items.csv" / "c.xlsx")):
        run = burdenshare("compare", plan, other, *words, "--json")
        assert (run.code, json.loads(run.out)["findings"][0]["code"]) == (2, "cannot_write")
    assert burdenshare("compare", plan, other, "--xlsx", tmp_path / "c.csv").code == 2
    same = tmp_path / "c.xlsx"
    assert burdenshare("compare", plan, other, "--xlsx", same, "--html", same).code == 2
