"""`explain`: one demand, all that is late, one line in one week; as text and as JSON; names that are not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from optimizer.explaining.reasons import REASONS
from optimizer.reading.write import write_folder
from tests.builders import small_plan, small_problem
from tests.cli.runs import Command, answers, use

SMALL = small_problem()


@pytest.fixture
def folder(burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the small plan."""
    write_folder(small_problem(), tmp_path / "instance")
    use(monkeypatch, answers("time_limit", bound=None, spoil=lambda _: small_plan(), objective=None))
    assert burdenshare("solve", tmp_path / "instance", "--out", tmp_path / "plan").code == 3
    return tmp_path / "plan"


def answer(burdenshare: Command, *words: object) -> Any:
    run = burdenshare("explain", *words, "--json")
    assert run.code == 0, run.err
    return json.loads(run.out)


def test_a_demand(burdenshare: Command, folder: Path) -> None:
    found = answer(burdenshare, folder, "N-missile")
    assert found["subject"] == "need"
    assert found["reasons"], "it is late"
    assert {reason["code"] for reason in found["reasons"]} <= set(REASONS)
    assert sum(unit["units"] for unit in found["units"]) >= found["delivered"] > 0
    assert found["packages"]
    assert sum(reason["unit_weeks"] for reason in found["reasons"]) == found["unit_weeks_late"]
    text = burdenshare("explain", folder, "N-missile").out
    assert "Where its units come from" in text
    assert "Under which packages" in text
    assert found["reasons"][0]["text"] in text


def test_a_demand_in_time_has_no_reasons(burdenshare: Command, folder: Path) -> None:
    everything = {row["name"] for row in answer(burdenshare, folder)["reasons"]}
    for order in small_problem().orders:
        assert bool(answer(burdenshare, folder, order.order)["reasons"]) == (order.order in everything)


@pytest.mark.parametrize(
    "name", [p.pledge for p in small_problem().pledges] + [v.offer for v in small_problem().offers]
)
def test_whatever_has_a_name(burdenshare: Command, folder: Path, name: str) -> None:
    assert answer(burdenshare, folder, name)["name"] == name
    assert burdenshare("explain", folder, name).code == 0


def test_all_that_is_late(burdenshare: Command, folder: Path) -> None:
    found = answer(burdenshare, folder)["reasons"]
    assert found
    assert [row["delay"] for row in found] == sorted((row["delay"] for row in found), reverse=True)
    assert found[0]["name"] in burdenshare("explain", folder).out


def test_a_line_in_a_week(burdenshare: Command, folder: Path) -> None:
    found = answer(burdenshare, folder, "--line", "missile_line", "--week", "2026-01-12")
    assert found["period"] == "2026-01-12"
    assert found["used"] == sum(row["units"] for row in found["users"]) + sum(row["units"] for row in found["unused"])
    assert isinstance(found["reasons"], list)
    assert "missile_line" in burdenshare("explain", folder, "--line", "missile_line").out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("N-misile",), "Maybe N-missile"),
        (("--line", "missile_lime"), "missile_line"),
        (("--line", "missile_line", "--week", "12.1.2026"), "not a date"),
        (("--line", "missile_line", "--week", "2031-01-01"), "does not cover"),
        (("--line", "nothing", "--week", "nonsense"), "there is no such line"),
        (("N-missile", "--line", "missile_line"), "not both"),
        (("--week", "2026-01-12"), "--line"),
        (("--on-time",), "takes a DEMAND"),
        (("G-any", "--on-time"), "only a demand"),
    ],
)
def test_what_is_not_there(burdenshare: Command, folder: Path, words: tuple[str, ...], says: str) -> None:
    run = burdenshare("explain", folder, *words)
    assert run.code == 2
    assert says in run.err
    assert "Traceback" not in run.err + run.out


def test_all_that_is_wrong_is_said_at_once(burdenshare: Command, folder: Path) -> None:
    output = burdenshare("explain", folder, "--line", "nothing", "--week", "nonsense").err
    assert "nothing" in output
    assert "nonsense" in output


def test_a_folder_without_a_plan(burdenshare: Command, tmp_path: Path) -> None:
    assert burdenshare("explain", tmp_path, "N-missile").code == 2


def test_what_would_bring_it_on_time(burdenshare: Command, folder: Path) -> None:
    late = answer(burdenshare, folder)["reasons"][0]["name"]
    found = answer(burdenshare, folder, late, "--on-time", "--seconds", "5")["on_time_if"]
    assert {"slots", "slips", "weight"} <= {one["kind"] for one in found}
    text = burdenshare("explain", folder, late, "--on-time", "--seconds", "5").out
    assert "More slots" in text
