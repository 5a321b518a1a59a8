"""The folder of a roll: resumed after whatever stopped it, never mixed with another, written whole."""

from __future__ import annotations

import csv
import datetime as dt
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars
import pytest

from models.problem import Problem
from optimizer.batch.lock import locked
from optimizer.batch.recipe import recipe_of
from optimizer.batch.roll import RollOptions, RollResult, roll
from optimizer.batch.roll_store import INSTANCE, PLAN, ROLL, WEEK
from optimizer.pipeline import DONE, INFEASIBLE, INTERRUPTED, WRONG_INPUT
from optimizer.reporting.output import holds_plan
from optimizer.rolling.report import COLUMNS
from optimizer.solving.outcome import Outcome
from tests.batch.rolls import exactly, use
from tests.cli.runs import INFEASIBLE as IMPOSSIBLE
from tests.cli.runs import TOY, files

ROUGH = """
name = "rough"
[[line_slips]]
name = "slip"
lines = "*"
per_week = 0.4
loss = [0.3, 0.8]
weeks = [1, 3]
[[urgent_needs]]
name = "urgent"
items = "*"
per_week = 0.1
quantity = [1, 2]
due_weeks = 2
[[withdrawn_offers]]
name = "gone"
offers = "*"
probability = 0.5
"""
OPTIONS = RollOptions(5, hindsight=False)


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "rough.toml"
    path.write_text(ROUGH, encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _exact(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch)


def ran(out: Path, scenario: Path | None, options: RollOptions = OPTIONS, **more: Any) -> RollResult:
    return roll(TOY, out, options, scenario=scenario, seed=1, **more)


def content(folder: Path) -> dict[str, Any]:
    """All files of a roll; times are left out, for they are never the same."""
    found: dict[str, Any] = dict(files(folder))
    for name in [name for name in found if name.endswith(WEEK)]:
        values = json.loads(found[name])
        values.pop("seconds")
        found[name] = values
    summary = json.loads(found.pop("summary.json", b"{}"))
    summary.pop("seconds", None)
    rows = [{key: value for key, value in row.items() if key != "seconds"} for row in summary.pop("rows", [])]
    for name in ("weeks.csv", "weeks.parquet", "report.html"):
        found.pop(name, None)
    return {**found, "summary": summary, "rows": rows}


class KilledError(Exception):
    """As if the process had been killed."""


def test_files_and_columns(tmp_path: Path, scenario: Path) -> None:
    result = ran(tmp_path / "roll", scenario)
    assert (result.code, result.folder) == (DONE, tmp_path / "roll")
    names = {path.name for path in (tmp_path / "roll").iterdir()}
    weeks = {f"week-{number:02d}" for number in range(5)}
    assert names == {*weeks, ROLL, "summary.json", "weeks.csv", "promises.csv", "report.html", "weeks.parquet"}
    with (tmp_path / "roll" / "weeks.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert [row["week"] for row in rows] == ["0", "1", "2", "3", "4"]
    table = polars.read_parquet(tmp_path / "roll" / "weeks.parquet")
    assert tuple(table.columns) == COLUMNS
    assert table["date"].to_list() == [dt.date.fromisoformat(row["date"]) for row in rows]
    assert table["gap"].dtype == polars.Float64
    summary = json.loads((tmp_path / "roll" / "summary.json").read_text(encoding="utf-8"))
    assert summary["unaccounted"] == []
    assert summary["weeks"] == 5


def test_the_same_seed_gives_the_same_history(tmp_path: Path, scenario: Path) -> None:
    ran(tmp_path / "one", scenario)
    ran(tmp_path / "two", scenario)
    assert content(tmp_path / "one") == content(tmp_path / "two")
    other = roll(TOY, tmp_path / "other", OPTIONS, scenario=scenario, seed=2)
    assert other.report is not None
    assert content(tmp_path / "one") != content(tmp_path / "other")


@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_roll_that_was_killed_goes_on(
    tmp_path: Path, scenario: Path, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran(tmp_path / "whole", scenario)
    solves: list[str] = []

    def dying(problem: Problem, *given: Any, **more: Any) -> Outcome:
        if len(solves) == after:
            raise KilledError
        solves.append(str(problem.start))
        return exactly(problem, *given, **more)

    use(monkeypatch, dying)
    with pytest.raises(KilledError):
        ran(tmp_path / "broken", scenario)
    assert not (tmp_path / "broken" / "summary.json").exists()
    again: list[str] = []

    def counting(problem: Problem, *given: Any, **more: Any) -> Outcome:
        again.append(str(problem.start))
        return exactly(problem, *given, **more)

    use(monkeypatch, counting)
    told: list[bool] = []
    assert ran(tmp_path / "broken", scenario, told=lambda _, known: told.append(known)).code == DONE
    assert content(tmp_path / "broken") == content(tmp_path / "whole")
    assert set(solves).isdisjoint(again), "no day is planned twice"
    assert told.count(True) >= after


@pytest.mark.parametrize("spoil", ["week.json", "instance", "half"])
def test_a_day_that_is_not_whole_is_planned_again(tmp_path: Path, scenario: Path, spoil: str) -> None:
    ran(tmp_path / "roll", scenario)
    before = content(tmp_path / "roll")
    day = tmp_path / "roll" / "week-02"
    if spoil == "instance":
        shutil.rmtree(day / INSTANCE)
    elif spoil == "half":
        (day / WEEK).write_text((day / WEEK).read_text(encoding="utf-8")[:200], encoding="utf-8")
    else:
        (day / WEEK).unlink()
    assert ran(tmp_path / "roll", scenario).code == DONE
    assert content(tmp_path / "roll") == before


def test_more_weeks_go_on_from_those_there_are(tmp_path: Path, scenario: Path) -> None:
    ran(tmp_path / "roll", scenario, RollOptions(3, hindsight=False))
    known: list[bool] = []
    ran(tmp_path / "roll", scenario, told=lambda _, there: known.append(there))
    assert known == [True, True, True, False, False]
    ran(tmp_path / "whole", scenario)
    assert content(tmp_path / "roll") == content(tmp_path / "whole")


def test_another_roll_is_never_continued(tmp_path: Path, scenario: Path) -> None:
    ran(tmp_path / "roll", scenario)
    before = files(tmp_path / "roll")
    for options, given, seed, what in (
        (RollOptions(5, stability=False, hindsight=False), scenario, 1, "options"),
        (OPTIONS, None, 1, "history"),
        (OPTIONS, scenario, 2, "history"),
    ):
        result = roll(TOY, tmp_path / "roll", options, scenario=given, seed=seed)
        assert result.code == WRONG_INPUT
        assert [finding.code for finding in result.findings] == ["target_exists"]
        assert what in result.findings[0].message
    assert files(tmp_path / "roll") == before


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, scenario: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine", encoding="utf-8")
    assert ran(tmp_path / "mine", scenario).code == WRONG_INPUT
    assert files(tmp_path / "mine") == {"letter.txt": b"mine"}
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert ran(tmp_path / "file", scenario).code == WRONG_INPUT


def test_a_second_roll_into_one_folder_is_refused(tmp_path: Path, scenario: Path) -> None:
    with locked(tmp_path / "roll"):
        result = ran(tmp_path / "roll", scenario)
    assert result.code == WRONG_INPUT
    assert [finding.code for finding in result.findings] == ["target_exists"]
    assert not (tmp_path / "roll" / "week-00").exists()


def test_wrong_input_writes_nothing(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text('name = "x"\n[[line_slips]]\nname = "s"\nlines = ["LX"]\nper_week = 2\nloss = 0.1\nweeks = 1\n')
    result = ran(tmp_path / "roll", bad)
    assert result.code == WRONG_INPUT
    assert {finding.column for finding in result.findings if finding.severity == "error"} == {"line_slips[0].per_week"}
    assert not (tmp_path / "roll").exists()
    assert roll(tmp_path / "none", tmp_path / "roll", OPTIONS).code == WRONG_INPUT


def test_an_instance_without_any_plan(tmp_path: Path) -> None:
    result = roll(IMPOSSIBLE, tmp_path / "roll", OPTIONS)
    assert result.code == INFEASIBLE
    assert result.report is None
    assert "week 0" in result.message


def test_an_interrupted_day_is_not_kept(tmp_path: Path, scenario: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(problem: Problem, *given: Any, **more: Any) -> Outcome:
        found = exactly(problem, *given, **more)
        if problem.start.isoformat() < "2026-01-19":
            return found
        return Outcome("interrupted", None, None, None, "slots", "exact", None, {"build": 0.0, "solve": 0.0})

    use(monkeypatch, stopped)
    result = ran(tmp_path / "roll", scenario)
    assert result.code == INTERRUPTED
    assert not (tmp_path / "roll" / "week-02").exists()
    assert (tmp_path / "roll" / "week-01").exists()
    use(monkeypatch)
    assert ran(tmp_path / "roll", scenario).code == DONE


def test_plans_that_are_asked_for_later(tmp_path: Path, scenario: Path) -> None:
    """Days that are known get their folders too, and stay what they were."""
    once = RollOptions(2, hindsight=False)
    first = ran(tmp_path / "roll", scenario, once)
    before = [(folder / WEEK).read_bytes() for folder in sorted((tmp_path / "roll").glob("week-*"))]
    again = ran(tmp_path / "roll", scenario, replace(once, keep_plans=True))
    folders = sorted((tmp_path / "roll").glob("week-*"))
    assert len(folders) > 1
    assert all(holds_plan(folder / PLAN) for folder in folders)
    assert [(folder / WEEK).read_bytes() for folder in folders] == before
    assert first.report is not None
    assert again.report is not None
    assert again.report.rows == first.report.rows
    _, findings = recipe_of(folders[0] / PLAN)
    assert [(found.code, found.value) for found in findings] == [("cannot_rerun", "roll")]
    assert "roll again" in findings[0].message


def test_plans_on_request(tmp_path: Path, scenario: Path) -> None:
    ran(tmp_path / "roll", scenario, RollOptions(2, keep_plans=True, hindsight=False))
    for number in range(2):
        assert holds_plan(tmp_path / "roll" / f"week-{number:02d}" / "plan")
