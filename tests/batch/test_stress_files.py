"""The files of a stress test: whole, the same again, and safe whatever things are called."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from models.plan import Plan
from optimizer.batch.stress import Stress, stress
from optimizer.batch.stress_files import DEMAND_DRAWS, DRAWS, PAGE, WORKBOOK, refusal, summary, write_stress
from optimizer.batch.stress_page import stress_page
from optimizer.batch.stress_tables import sheets
from optimizer.batch.stress_words import headline
from optimizer.reporting.output import OutputError
from optimizer.scenarios.disturbances import Disturbances
from tests.batch.test_stress import ALWAYS, MIXED
from tests.builders import a_recipient, an_item, an_order, bare_problem, day, small_plan, small_problem, to_order
from tests.rolling.test_execute import made

NASTY = "</script><script>alert(1)</script>"


@pytest.fixture(scope="module")
def found() -> Stress:
    return stress(small_problem(), small_plan(), MIXED, draws=12, seed=2)


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "file.toml"
    path.write_text('name = "x"\n', encoding="utf-8")
    return path


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_everything_is_written_and_the_same_again(found: Stress, tmp_path: Path, scenario: Path) -> None:
    for name in ("one", "two"):
        write_stress(tmp_path / name, found, scenario, 1.5)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == sorted(
        [
            "summary.json",
            "manifest.json",
            PAGE,
            WORKBOOK,
            DRAWS,
            DEMAND_DRAWS,
            "leans.csv",
            "promises.csv",
            "demands.csv",
        ]
    )
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_tables_hold_what_was_found(found: Stress, tmp_path: Path, scenario: Path) -> None:
    write_stress(tmp_path / "out", found, scenario, 1.5)
    draws = rows(tmp_path / "out" / DRAWS)
    assert [int(row["seed"]) for row in draws] == list(range(2, 14))
    total = sum(float(row["needs_delay"]) + float(row["orders_delay"]) for row in draws) / 12
    assert total == pytest.approx(found.delay.mean)
    told = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert told == json.loads(json.dumps(summary(found)))
    assert told["delay"]["mean"] == pytest.approx(found.delay.mean)
    by_demand = rows(tmp_path / "out" / DEMAND_DRAWS)
    assert len(by_demand) == 12 * len(found.demand_risks)
    first = found.demand_risks[0]
    late = [float(row["weeks_late"]) for row in by_demand if row["demand"] == first.demand]
    assert sum(late) / 12 == pytest.approx(first.weeks_late.mean)
    book = openpyxl.load_workbook(tmp_path / "out" / WORKBOOK)
    assert book.sheetnames == ["summary", "totals", "leans", "promises", "demands"]
    assert book["totals"]["C2"].value == pytest.approx(found.delay.mean)
    made_by = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert (made_by["program"], made_by["command"], made_by["seed"], made_by["draws"]) == (
        "burdenshare",
        "stress",
        2,
        12,
    )
    assert len(made_by["scenario"]["sha256"]) == 64


def test_a_test_replaces_a_test_but_nothing_else(found: Stress, tmp_path: Path, scenario: Path) -> None:
    write_stress(tmp_path / "out", found, scenario, 1.5)
    assert refusal(tmp_path / "out") is None
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("years", encoding="utf-8")
    with pytest.raises(OutputError):
        write_stress(tmp_path / "other", found, scenario, 1.5)
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["thesis.txt"]
    (tmp_path / "out" / "dispatches.csv").write_text("", encoding="utf-8")  # then it is a plan's folder
    problem = refusal(tmp_path / "out")
    assert problem is not None
    assert problem.code == "target_exists"


def test_names_are_never_markup_nor_formulas(tmp_path: Path, scenario: Path) -> None:
    problem = bare_problem(
        name=NASTY,
        items=(an_item(),),
        recipients=(a_recipient(),),
        orders=(an_order("=1+1", quantity=1, firm_by=day(3)), an_order(NASTY, quantity=1)),
    )
    plan = Plan(dispatches=(to_order("=1+1", "missile", 1, 0), to_order(NASTY, "missile", 1, 0)), made=made((0, 2)))
    tested = stress(problem, plan, replace(ALWAYS, name=NASTY, about=NASTY), draws=3)
    page = stress_page(tested)
    assert NASTY not in page
    assert "&lt;/script&gt;" in page
    write_stress(tmp_path / "out", tested, scenario, 0.0)
    cells = [cell for row in openpyxl.load_workbook(tmp_path / "out" / WORKBOOK)["demands"] for cell in row]
    assert [cell.data_type for cell in cells if cell.value == "=1+1"] == ["s"]


def test_the_page_has_a_chart_a_table_and_nothing_from_elsewhere(found: Stress) -> None:
    page = stress_page(found)
    for sheet in sheets(found):
        assert (f'id="{sheet.name}-table"' in page) == bool(sheet.rows)
    for name in ("delays-chart", "leans-chart", "promises-chart", "demands-chart"):
        spec = page.split(f'id="{name}-spec">')[1].split("</script>")[0]
        assert json.loads(spec)["datasets"]
    assert "http://" not in page
    assert "https://" not in page
    assert page.split("script-src ")[1].split("img-src")[0].count("sha256-") == 2


def test_a_test_in_which_nothing_happens_says_so() -> None:
    quiet = stress(small_problem(), small_plan(), Disturbances("nothing"), draws=2)
    told = " ".join(headline(quiet))
    assert "None of" in told
    assert "leans most" not in told
    assert "leans-chart" not in stress_page(quiet).split("<script>")[0].split('<section id="words"')[0]
