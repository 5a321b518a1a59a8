"""Named scenarios of a robust file: what may be said, what a plan could not live in, and what comes of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.problem import Problem
from optimizer.batch.trials import gain, training_of, tried
from optimizer.reading.instance import read_instance
from optimizer.scenarios.robust_file import RobustFile, read_robust
from optimizer.scenarios.scenario_file import read_scenarios
from optimizer.scenarios.scenario_set import scenario_set
from tests.builders import small_plan, small_problem
from tests.docs.pages import ROOT
from tests.scenarios.test_robust_file import SLIPS, written

FILE = """
[scenario.slow]
about = "Half the output."
changes = [{ scale = "line_rates.*.slots_per_week", by = 0.5 }]

[scenario.slow-and-poor]
of = ["slow"]
changes = [{ scale = "pledges.*.amount_usd_m", by = 0.5 }]
"""
NAMED = """
[[named]]
name = "slow-and-poor"
file = "worlds.toml"
probability = 0.25

[[named]]
name = "no offer"
probability = 0.15
changes = [
  { remove = "offers.V-open" },
  { remove = "commitments.V-open" },
  { add = "needs", row = { need = "N-new", item = "shell", quantity = 3, urgency = 1, needed_by = 2026-02-02 } },
]
"""
DRAWN = 'disturbances = "slips.toml"\ndraws = 6\nscenarios = 2\n'


def robust(tmp_path: Path, text: str, worlds: str = FILE) -> Path:
    (tmp_path / "worlds.toml").write_text(worlds, encoding="utf-8")
    return written(tmp_path, text)


def right(path: Path, **more: bool) -> RobustFile:
    file, findings = read_robust(path, small_problem(), **more)
    assert file is not None, findings
    return file


def codes(path: Path, problem: Problem | None = None) -> list[tuple[str, str | None]]:
    file, findings = read_robust(path, problem or small_problem())
    assert file is None
    return [(finding.code, finding.column) for finding in findings if finding.severity == "error"]


def change(text: str) -> str:
    return f'[[named]]\nname = "other"\nprobability = 0.1\nchanges = [{{ {text} }}]\n'


def test_scenarios_of_a_file_and_of_the_robust_file_itself(tmp_path: Path) -> None:
    problem, file = small_problem(), right(robust(tmp_path, DRAWN + NAMED))
    assert [(row.name, row.probability) for row in file.named] == [("slow-and-poor", 0.25), ("no offer", 0.15)]
    assert file.drawn_weight == pytest.approx(1 - 0.2 - 0.4)
    assert file.files == {"worlds.toml": FILE.encode(), "slips.toml": SLIPS.encode()}
    slow, without = (row.world(problem) for row in file.named)
    assert [row.slots_per_week for row in slow.line_rates] == [row.slots_per_week / 2 for row in problem.line_rates]
    assert [row.amount_usd_m for row in slow.pledges] == [row.amount_usd_m / 2 for row in problem.pledges]
    assert replace(slow, line_rates=problem.line_rates, pledges=problem.pledges) == problem
    assert not [row for row in without.offers if row.offer == "V-open"]
    assert without.needs[-1].need == "N-new"


def test_they_stand_between_the_instance_and_the_draws(tmp_path: Path) -> None:
    file = right(robust(tmp_path, DRAWN + NAMED))
    rows = scenario_set(small_problem(), file).program.scenarios
    assert [row.name for row in rows[:3]] == ["nominal", "slow-and-poor", "no offer"]
    assert [row.probability for row in rows[:3]] == [0.2, 0.25, 0.15]
    assert len(rows) == 5
    assert sum(row.probability for row in rows) == pytest.approx(1.0)
    training = training_of(small_problem(), file)
    assert (len(training.worlds), training.fixed) == (9, 3)
    assert training.worlds[1] == rows[1].problem
    assert training.probabilities.sum() == pytest.approx(1.0)
    assert training.probabilities[3:] == pytest.approx([0.4 / 6] * 6)


def test_without_draws_the_instance_has_what_they_leave(tmp_path: Path) -> None:
    file = right(robust(tmp_path, "level = 0.8\n" + NAMED))
    assert (file.disturbances, file.draws, file.scenarios) == (None, 0, 0)
    assert file.nominal_weight == pytest.approx(0.6)
    found = scenario_set(small_problem(), file)
    assert [row.probability for row in found.program.scenarios] == pytest.approx([0.6, 0.25, 0.15])
    assert (found.seeds, found.lost) == ((), 0.0)
    assert len(training_of(small_problem(), file).worlds) == 3


def test_what_is_not_drawn_is_in_every_resample(tmp_path: Path) -> None:
    """With named scenarios alone nothing is sampled, so a difference has no error."""
    problem, plan = small_problem(), small_plan()
    alone = training_of(problem, right(robust(tmp_path, NAMED)))
    one, other = tried(alone, "one", plan), tried(alone, "other", replace(plan, made=plan.made))
    assert one is not None
    assert other is not None
    other = replace(other, delay=one.delay + np.array([0.0, 50.0, -10.0]))
    found = gain(alone, other, one)
    assert found.error == found.broken_error == 0.0
    assert found.difference > 0
    assert gain(replace(alone, fixed=1), other, one).error > 0


def test_a_likely_world_counts_more_where_worlds_are_a_sample(tmp_path: Path) -> None:
    training = training_of(small_problem(), right(robust(tmp_path, NAMED)))
    assert training.others.count(training.worlds[1]) == 2 * training.others.count(training.worlds[2])
    drawn = training_of(small_problem(), right(robust(tmp_path, DRAWN)))
    assert drawn.others == drawn.worlds[1:]


def test_the_copies_beside_a_plan_are_read_by_their_own_names(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    path = robust(tmp_path, DRAWN + NAMED.replace("worlds.toml", "far/worlds.toml"))
    (tmp_path / "worlds.toml").rename(tmp_path / "far" / "worlds.toml")
    file, kept = right(path), tmp_path / "kept"
    kept.mkdir()
    for name, data in {**file.files, "robust.toml": path.read_bytes()}.items():
        (kept / name).write_bytes(data)
    assert right(kept / "robust.toml", kept=True) == file


@pytest.mark.parametrize("name", ["toy", "purl-2026-w02"])
def test_the_shipped_files_fit_any_instance(name: str) -> None:
    """What has no effect is said once, though two scenarios are made of it."""
    problem = read_instance(ROOT / "instances" / name).problem
    assert problem is not None
    file, findings = read_robust(ROOT / "instances" / "scenarios" / "named.toml", problem)
    assert file is not None
    assert len(set(findings)) == len(findings)
    assert {finding.code for finding in findings} <= {"nothing_changed"}
    assert [row.name for row in file.named] == ["slow-lines", "late-money", "late-and-slow"]
    worlds = [row.world(problem) for row in file.named]
    assert worlds[2].line_rates == worlds[0].line_rates != problem.line_rates
    assert worlds[2].pledges == worlds[1].pledges != problem.pledges
    scenarios, found = read_scenarios(ROOT / "instances" / "scenarios" / "worlds.toml")
    assert (found, list(scenarios.patches) if scenarios else None) == ((), [row.name for row in file.named])


@pytest.mark.parametrize(
    "text",
    [
        'scale = "line_rates.*.slots_per_week", by = 0.5',
        'scale = "component_rates.*.units_per_week", by = 0.5',
        'scale = "receipts.*.quantity", by = 0',
        'set = "lanes.road.tonnes_per_week", to = 1',
        'shift = "pledges.*.available_on", by = 3',
        'remove = "pledges.G-any"',
        'remove = "offers.V-open" }, { remove = "commitments.V-open"',
        'scale = "approvals.*.review_weeks", by = 2',
        'set = "approval.review_weeks_per_week", to = 1',
        'add = "needs", row = { need = "N-new", item = "shell", quantity = 3, urgency = 1, needed_by = 2026-02-02 }',
    ],
)
def test_a_plan_can_live_in(tmp_path: Path, text: str) -> None:
    (named,) = right(robust(tmp_path, change(text))).named
    assert named.world(small_problem()) != small_problem()


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ('set = "orders.O-each.quantity", to = 1', "orders"),
        ('set = "needs.N-shell.quantity", to = 1', "needs are others"),
        ('set = "weights.ukraine", to = 9', "[weights]"),
        ('set = "packages.max_new", to = 2', "[packages]"),
        ('shift = "packages.P-funded.release_on", by = 2', "packages"),
        ('set = "lanes.road.weeks", to = 2', "lanes"),
        ('set = "after_horizon_weeks", to = 9', "after_horizon_weeks"),
    ],
)
def test_a_plan_cannot_live_in(tmp_path: Path, text: str, about: str) -> None:
    path = robust(tmp_path, change(text))
    assert [code for code, _ in codes(path)] == ["wrong_change"]
    (finding,) = read_robust(path, small_problem())[1]
    assert about in finding.message
    assert "line_rates" in finding.expected
    assert "other" in (finding.column or "")


def test_everything_is_said_at_once(tmp_path: Path) -> None:
    text = """
[[named]]
name = "slow"
file = "world.toml"
probability = 0.1

[[named]]
name = "slwo"
file = "worlds.toml"
probability = 20

[[named]]
name = "nominal"
probabilty = 0.1
changes = [{ scale = "line_rate.*.slots_per_week", by = 0.5 }]

[[named]]
name = "both"
probability = 0.1
file = "worlds.toml"
changes = []
"""
    path = robust(tmp_path, DRAWN + text)
    file, findings = read_robust(path, small_problem())
    assert file is None
    assert {(finding.code, finding.row, finding.column) for finding in findings} == {
        ("no_such_path", 5, "named.file"),
        ("unknown_scenario", 10, "named.name"),
        ("too_large", 10, "named.probability"),
        ("reserved_key", 15, "named.name"),
        ("unknown_setting", 15, "named.probabilty"),
        ("missing_setting", 15, "named.probability"),
        ("unknown_table", 15, "named, change 1"),
        ("missing_setting", 20, "named.file"),
    }
    hints = {(finding.code, finding.row): finding.hint for finding in findings}
    assert "worlds.toml" in hints["no_such_path", 5]
    assert "slow" in hints["unknown_scenario", 10]
    assert "0.2" in hints["too_large", 10]
    assert "probability" in hints["unknown_setting", 15]


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("named = 3\n", "wrong_type", "named"),
        ("draws = 5\n" + NAMED, "missing_setting", "disturbances"),
        (DRAWN + "nominal_weight = 0.7\n" + NAMED, "wrong_sum", "nominal_weight"),
        ("nominal_weight = 0.5\n" + NAMED, "wrong_sum", "nominal_weight"),
        (NAMED.replace("0.25", "0.9"), "wrong_sum", "named.probability"),
        (NAMED.replace('"no offer"', '"slow-and-poor"'), "duplicate_key", "named.name"),
        (NAMED.replace('"no offer"', '"draw 3"'), "reserved_key", "named.name"),
        (NAMED.replace("0.25", "nan"), "not_finite", "named.probability"),
        (NAMED.replace("0.25", "0"), "too_small", "named.probability"),
        (NAMED.replace("0.25", '"much"'), "not_a_number", "named.probability"),
        (NAMED.replace("V-open", "V-opn"), "nothing_selected", "no offer, change 1"),
        (NAMED.replace('"worlds.toml"', "7"), "wrong_type", "named.file"),
        (NAMED.replace("worlds.toml", "robust.toml"), "bad_scenario", "named"),
    ],
)
def test_what_is_wrong(tmp_path: Path, text: str, code: str, column: str) -> None:
    assert (code, column) in codes(robust(tmp_path, text))


def test_what_is_wrong_in_the_scenario_file_is_told_once(tmp_path: Path) -> None:
    twice = NAMED + NAMED.split("[[named]]")[1].join(["[[named]]", ""]).replace("slow-and-poor", "slow")
    found = codes(robust(tmp_path, twice, FILE.replace("scale", "scal")))
    assert [code for code, _ in found] == ["bad_scenario"] * 2, "one a change of the file"
