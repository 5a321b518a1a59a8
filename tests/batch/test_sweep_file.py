"""A sweep file is judged like any input: everything wrong is said at once, with its key and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.batch.sweep import planned_sweep
from optimizer.batch.sweep_file import read_sweep
from optimizer.batch.sweep_plan import SweepPlan
from tests.batch.sweeps import SMALL, TOY, small_plan, write_sweep

HEAD = 'name = "x"\ninstances = ["{toy}"]\n'


def refused(folder: Path, text: str) -> list[str]:
    """Lines of the findings of a file that is refused."""
    plan, findings = planned_sweep(write_sweep(folder, text), folder / "out")
    assert plan is None
    assert not (folder / "out" / "records").exists()
    return [finding.line() for finding in findings if finding.severity == "error"]


def planned(folder: Path, text: str) -> SweepPlan:
    plan, findings = planned_sweep(write_sweep(folder, text), folder / "out")
    assert plan is not None, [finding.line() for finding in findings]
    return plan


def test_a_small_sweep_crosses_its_grid_and_keeps_the_base(tmp_path: Path) -> None:
    plan = small_plan(tmp_path)
    assert [one.label for one in plan.planned][:3] == ["base", "late 0, money 0.5", "late 0, money 1"]
    assert len(plan.planned) == 7
    assert plan.parameters == {"late": "Int64", "money": "Float64"}
    assert [one.base for one in plan.planned] == [True] + 6 * [False]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("setings = []", "Maybe settings"),
        ("settings = [{{ secnds = 5 }}]", "Maybe seconds"),
        ("settings = [{{ seconds = -1 }}]", "too_small"),
        ("settings = [{{ seconds = nan }}]", "settings[0].seconds"),
        ('formulations = ["tigth"]', "Maybe tight"),
        ('formulations = [{{ name = "slots", changes = {{ method = "guidded" }} }}]', "Maybe guided"),
        ("seeds = [1, 1]", "stands there twice"),
        ("seeds = []", "wrong_length"),
        ("[grid]\nlate = []", "grid.late"),
        ("[grid]\nLate = [1]", "Late"),
        ("[grid]\nlate = {{ from = 1, to = 2 }}", "'steps'"),
        ('[grid]\nlate = [1]\n[[changes]]\nshift = "pledges.*.available_on"\nby = "$lat"', "$lat is no parameter"),
        ('[grid]\nlate = [1]\n[[changes]]\nset = "stocks.*.on_hand"\nto = 1', "'late' changes nothing"),
        ('[grid]\nwho = {{ column = "orders.recipint" }}\n[[changes]]\nset="x.$who"\nto=1', "Maybe orders.recipient"),
        ('[grid]\nseed = [1]\n[[changes]]\nset = "stocks.*.on_hand"\nto = "$seed"', "reserved_key"),
        ("[draws]\ncount = 2\n[draws.parameters]\na = {{ normal = [1, -1] }}", "standard deviation"),
        ("[draws]\ncount = 2\n[draws.parameters]\na = {{ uniform = [2, 1] }}", "does not rise"),
        ("[draws]\ncount = 0\n[draws.parameters]\na = {{ uniform = [1, 2] }}", "draws.count"),
        ("[draws]\ncount = 1\n[draws.parameters]\na = {{ unifrom = [1, 2] }}", "Maybe uniform"),
        ('[[scenarios]]\nname = "a"\nchanges = [{{ set = "orders.NOBODY.quantity", to = 1 }}]', "NOBODY"),
        ('[[scenarios]]\nname = "a"\nchanges = [{{ set = "stocks.*.on_hnd", to = 1 }}]', "Maybe on_hand"),
        ('[[scenarios]]\nname = "base"\nchanges = []', "duplicate_key"),
        ('[[scenarios]]\nfile = "nowhere.toml"', "nowhere.toml"),
        ('[[changes]]\nset = "stocks.*.on_hand"\nto = 1', "without any they are a scenario"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, more: str, said: str) -> None:
    lines = refused(tmp_path, HEAD + more)
    assert any(said in line for line in lines), lines
    assert all("sweep.toml" in line or "nowhere" in line for line in lines)


def test_everything_is_said_at_once(tmp_path: Path) -> None:
    lines = refused(tmp_path, 'name = "no spaces"\ninstances = []\nseeds = [-1]\nsettings = [{{ gap = "small" }}]\n')
    assert len(lines) == 4


def test_what_no_file_can_be(tmp_path: Path) -> None:
    assert read_sweep(tmp_path / "none.toml")[1][0].code == "no_such_path"
    assert "broken_toml" in refused(tmp_path, "name = ")[0]
    (tmp_path / "latin.toml").write_bytes(b'name = "\xe9"')
    assert read_sweep(tmp_path / "latin.toml")[1][0].code == "wrong_encoding"
    assert read_sweep(tmp_path)[1][0].code == "cannot_read"


def test_instances_that_cannot_be_had(tmp_path: Path) -> None:
    lines = refused(tmp_path, 'name = "x"\ninstances = ["nowhere", "no*thing", {{ class = "wekly" }}]')
    assert any("Maybe weekly" in line for line in lines)
    lines = refused(tmp_path, 'name = "x"\ninstances = ["nowhere", "no*thing"]')
    assert any("There is no" in line for line in lines)
    assert any("No instance matches 'no*thing'" in line for line in lines)


def test_a_broken_instance_names_itself(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    for file in TOY.iterdir():
        (broken / file.name).write_bytes(file.read_bytes())
    (broken / "items.csv").write_text("item,name\n", encoding="utf-8")
    lines = refused(tmp_path, 'name = "x"\ninstances = ["broken"]')
    assert any("broken/items.csv" in line and "missing_column" in line for line in lines)


def test_a_change_that_breaks_the_instance_is_found_before_the_first_run(tmp_path: Path) -> None:
    text = HEAD + '[grid]\nshare = [0.35, 0.9]\n[[changes]]\nset = "weights.shares.defence_level"\nto = "$share"'
    lines = refused(tmp_path, text)
    assert len(lines) == 1
    assert "wrong_sum" in lines[0]
    assert planned(tmp_path, text.replace(", 0.9", ""))


def test_absurd_numbers_are_refused_unless_asked_for(tmp_path: Path) -> None:
    text = HEAD + (
        "[grid]\na = {{ from = 0, to = 1, steps = 1000 }}\nb = {{ from = 0, to = 1, steps = 1000 }}\n"
        '[[changes]]\nset = "stocks.*.on_hand"\nto = "$a"\n[[changes]]\nset = "stocks.*.on_hand"\nto = "$b"'
    )
    lines = refused(tmp_path, text)
    assert "1,000,001 runs" in lines[0]
    assert "--most 1000001" in lines[0]
    plan, findings = planned_sweep(write_sweep(tmp_path), tmp_path / "out", most_runs=6)
    assert plan is None
    assert "7 runs" in findings[0].message


def test_a_column_gives_the_values_of_the_instance(tmp_path: Path) -> None:
    text = HEAD + (
        '[grid]\nwho = {{ column = "orders.recipient" }}\n'
        '[[changes]]\nset = "recipients.${{who}}.defence_pct_gdp"\nto = 3'
    )
    plan = planned(tmp_path, text)
    assert [dict(one.parameters).get("who") for one in plan.planned] == [None, "ALP", "GAM", "BET"]
    assert plan.parameters == {"who": "String"}


def test_scenarios_of_a_file_cross_the_grid(tmp_path: Path) -> None:
    (tmp_path / "donors.toml").write_text(
        '[scenario.late]\nchanges = [{ shift = "pledges.*.available_on", by = 8 }]\n'
        '[scenario.half]\nchanges = [{ scale = "pledges.*.amount_usd_m", by = 0.5 }]\n',
        encoding="utf-8",
    )
    text = 'scenarios = ["donors.toml"]\n[grid]\nheld = [0, 1]\n[[changes]]\nset = "stocks.*.on_hand"\nto = "$held"'
    plan = planned(tmp_path, HEAD + text)
    assert [one.scenario for one in plan.planned] == ["base", "late", "late", "half", "half"]
    assert all(len(one.task.patches) == 2 for one in plan.planned[1:])
    chosen = HEAD + '[[scenarios]]\nfile = "donors.toml"\nnames = ["half", "hlaf"]'
    assert any("unknown_scenario" in line and "Maybe half" in line for line in refused(tmp_path, chosen))


def test_generated_instances_formulations_and_seeds_are_crossed(tmp_path: Path) -> None:
    text = (
        'name = "x"\ninstances = [{{ class = "toy", seeds = [1, 2] }}]\nseeds = [0, 7]\n'
        'formulations = ["tight", "slots"]\nbase = true'
    )
    plan = planned(tmp_path, text)
    assert len(plan.planned) == len(plan.tasks()) == 8
    assert sorted({one.instance for one in plan.planned}) == ["toy-1", "toy-2"]
    assert {one.task.settings.seed for one in plan.planned} == {0, 7}


def test_without_base_only_what_is_asked_for(tmp_path: Path) -> None:
    plan = planned(tmp_path, SMALL.replace("{more}", "base = false"))
    assert len(plan.planned) == 6


def test_names_change_no_key_and_content_does(tmp_path: Path) -> None:
    one = planned(tmp_path, HEAD + '[[scenarios]]\nname = "a"\nchanges = [{{ set = "stocks.*.on_hand", to = 1 }}]')
    other = planned(tmp_path, HEAD + '[[scenarios]]\nname = "<b>"\nchanges = [{{ set = "stocks.*.on_hand", to = 1 }}]')
    third = planned(tmp_path, HEAD + '[[scenarios]]\nname = "a"\nchanges = [{{ set = "stocks.*.on_hand", to = 2 }}]')
    assert [p.task.key for p in one.planned] == [p.task.key for p in other.planned]
    assert one.planned[0].task.key == third.planned[0].task.key
    assert one.planned[1].task.key != third.planned[1].task.key
