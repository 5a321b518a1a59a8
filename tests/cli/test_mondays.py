"""Three Mondays in a row on the toy, as somebody types them; then every other command on what was written."""

from __future__ import annotations

import csv
import datetime as dt
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from models.checker import check_plan
from optimizer import pipeline
from optimizer.cli import main
from optimizer.reporting.again import read_report
from tests.cli.runs import TOY, Command

FAST = ("--seconds", "20", "--threads", "1")
ACTUALS = "event,entity,item,origin,package,date,quantity\n"
MONDAY = dt.date(2026, 1, 12)


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def summary(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def mondays(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Plans `one`, `two` with nothing changed, and `three`, before which LM made nothing that was planned."""
    folder = tmp_path_factory.mktemp("mondays")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "valued", lambda _problem, outcome, _settings, _stop: (None, outcome))
        assert main(["solve", str(TOY), "--out", str(folder / "one"), *FAST]) == 0
        two = ["--previous", str(folder / "one"), "--out", str(folder / "two")]
        assert main(["solve", str(folder / "one" / "instance"), *two, *FAST]) == 0
        edited = folder / "edited"
        shutil.copytree(folder / "two" / "instance", edited)
        (edited / "actuals.csv").write_text(f"{ACTUALS}produced,LM,MISSILE,,,{MONDAY},0\n", encoding="utf-8")
        three = ["--previous", str(folder / "two"), "--out", str(folder / "three")]
        assert main(["solve", str(edited), *three, *FAST]) == 0
    return folder


def sent(folder: Path) -> Counter[tuple[str, ...]]:
    found: Counter[tuple[str, ...]] = Counter()
    for row in rows(folder, "dispatches.csv"):
        found[tuple(row[k] for k in ("demand", "origin", "item", "dispatch_date"))] += int(row["quantity"])
    return found


def test_with_nothing_changed_nothing_moves(mondays: Path) -> None:
    later = Counter({key: units for key, units in sent(mondays / "one").items() if key[3] >= MONDAY.isoformat()})
    assert sent(mondays / "two") == later
    assert later
    told = summary(mondays / "two")["replanning"]
    assert told["nothing_changed"]
    assert told["demands_moved"] == 0
    assert summary(mondays / "two")["terms"]["plan_change"] == 0
    gone = summary(mondays / "one")["objective"] - summary(mondays / "two")["objective"]
    assert told["gone"] == pytest.approx(gone)


def test_what_was_not_made_is_not_sent(mondays: Path) -> None:
    """What has gone out was in the pool: of the missile that was planned nothing is there."""
    assert summary(mondays / "three")["checker"] == "passed"
    told = summary(mondays / "three")["replanning"]
    assert not told["nothing_changed"]
    assert [(row["event"], row["entity"], row["planned"], row["actual"]) for row in told["actuals"]] == [
        ("produced", "LM", 1, 0)
    ]
    before, after = read_report(mondays / "two")[0], read_report(mondays / "three")[0]
    assert before is not None
    assert after is not None
    wanted = {row.order: row.quantity for row in before.problem.orders}
    wanted |= {row.need: row.quantity for row in before.problem.needs}
    wanted |= {row.offer: row.replacement_quantity for row in before.problem.offers}
    left = {row.order: row.quantity for row in after.problem.orders} | {
        row.need: row.quantity for row in after.problem.needs
    }
    left |= {row.offer: row.replacement_quantity for row in after.problem.offers}
    missiles = {d for d in wanted if any(row.demand == d and row.item == "MISSILE" for row in before.plan.dispatches)}
    gone = sum(wanted[d] - left.get(d, 0) for d in missiles)
    stock = {row.item: row.on_hand for row in before.problem.stocks}["MISSILE"]
    held = {row.item: row.on_hand for row in after.problem.stocks}.get("MISSILE", 0)
    coming = sum(row.quantity for row in after.problem.receipts if row.item == "MISSILE")
    assert gone == stock - held - coming + sum(row.quantity for row in before.problem.receipts if row.item == "MISSILE")


def test_quantities_that_stand_are_not_rolled_on_again(mondays: Path, burdenshare: Command, tmp_path: Path) -> None:
    again = tmp_path / "again"
    ended = burdenshare(
        "solve", mondays / "two" / "instance", "--previous", mondays / "one", "--out", again, *FAST, "--gap", "0"
    )
    assert ended.code == 0
    assert not summary(again)["replanning"]["rolled"]
    assert rows(again / "instance", "orders.csv") == rows(mondays / "two" / "instance", "orders.csv")
    assert summary(again)["objective"] == pytest.approx(summary(mondays / "two")["objective"])


@pytest.mark.parametrize("folder", ["two", "three"])
def test_every_command_knows_the_folder(mondays: Path, burdenshare: Command, tmp_path: Path, folder: str) -> None:
    plan = tmp_path / folder
    shutil.copytree(mondays / folder, plan)
    for words in (
        ("explain", plan),
        ("explain", plan, "O2"),
        ("compare", mondays / "one", plan),
        ("value", plan),
        ("report", plan),
        ("check", plan / "instance", "--plan", plan),
    ):
        ended = burdenshare(*words)
        assert ended.code == 0, (words, ended.err)
    report, _ = read_report(plan)
    assert report is not None
    assert check_plan(report.problem, report.plan).passed


def test_what_happened_is_judged_all_at_once(mondays: Path, burdenshare: Command, tmp_path: Path) -> None:
    edited, out = tmp_path / "edited", tmp_path / "out"
    shutil.copytree(mondays / "one" / "instance", edited)
    wrong = (
        "produced,LX,MISSILE,,,2026-01-05,1",
        "dispatched,O1,MISSILE,,,2026-03-30,1",
        "sent,O1,MISSILE,,,2026-01-05,1",
    )
    (edited / "actuals.csv").write_text(ACTUALS + "\n".join(wrong), encoding="utf-8")
    ended = burdenshare("solve", edited, "--previous", mondays / "one", "--out", out)
    assert ended.code == 2
    assert not out.exists()
    for words in ("actuals.csv, row 2", "LX", "actuals.csv, row 4", "sent"):
        assert words in ended.err
    assert "Traceback" not in ended.err


def test_a_folder_without_a_plan(burdenshare: Command, tmp_path: Path) -> None:
    ended = burdenshare("solve", TOY, "--previous", tmp_path, "--out", tmp_path / "out")
    assert ended.code == 2
    assert "no plan" in ended.err
    assert not (tmp_path / "out").exists()
