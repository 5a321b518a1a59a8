"""`burdenshare incentive`: what it prints, its JSON, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.runs import TOY, Command, answers, use


@pytest.fixture
def plan(burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use(monkeypatch, answers("optimal"))
    assert burdenshare("solve", TOY, "--out", tmp_path / "plan").code == 0
    return tmp_path / "plan"


def test_a_curve(burdenshare: Command, plan: Path) -> None:
    run = burdenshare("incentive", plan, "GAM", "--points", 3, "--threads", 1)
    assert run.code == 0
    assert "As GAM's defence spending rises from 0.00 % of GDP to 3.50 % of GDP" in run.out
    assert "(now)" in run.out


@pytest.mark.parametrize("by", ["defence", "support", "offer"])
def test_json(burdenshare: Command, plan: Path, by: str) -> None:
    run = burdenshare("incentive", plan, "GAM", "--by", by, "--points", 3, "--threads", 1, "--json")
    assert run.code == 0, run.err
    found = json.loads(run.out)
    assert (found["recipient"], found["by"]) == ("GAM", by)
    assert found["points"][0]["present"] is True
    assert [p["weight"] for p in found["points"]] == sorted(p["weight"] for p in found["points"])


def test_every_recipient_that_orders(burdenshare: Command, plan: Path) -> None:
    run = burdenshare("incentive", plan, "--points", 2, "--threads", 1, "--json")
    assert run.code == 0, run.err
    found = [curve["recipient"] for curve in json.loads(run.out)["curves"]]
    assert "GAM" in found
    assert len(found) == len(set(found)) > 1
    text = burdenshare("incentive", plan, "--points", 2, "--threads", 1).out
    assert all(name in text for name in found)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["GEM"], "'GEM' is no recipient"),
        (["GAM", "--by", "defense"], "Maybe 'defence'"),
        (["GAM", "--item", "missile"], "is no item"),
        (["GAM", "--points", "1"], "points"),
        (["GAM", "--seconds", "nan"], "above 0"),
    ],
)
def test_what_is_refused(burdenshare: Command, plan: Path, words: list[str], said: str) -> None:
    run = burdenshare("incentive", plan, *words)
    assert (run.code, run.out) == (2, "")
    assert said in run.err


def test_a_folder_without_a_plan(burdenshare: Command, tmp_path: Path) -> None:
    run = burdenshare("incentive", tmp_path / "nowhere", "GAM", "--json")
    assert run.code == 2
    assert "error" in json.loads(run.out)
