"""Scenarios drawn and chosen: probabilities, order, repetition."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from optimizer.scenarios.robust_file import RobustFile, read_robust
from optimizer.scenarios.scenario_set import scenario_set
from tests.builders import small_problem
from tests.scenarios.test_robust_file import written


@pytest.fixture
def file(tmp_path: Path) -> RobustFile:
    text = 'disturbances = "slips.toml"\ndraws = 12\nscenarios = 3\nseed = 7\n'
    found, findings = read_robust(written(tmp_path, text))
    assert found is not None, findings
    return found


def test_the_nominal_instance_comes_first_and_probabilities_sum_to_1(file: RobustFile) -> None:
    found = scenario_set(small_problem(), file)
    rows = found.program.scenarios
    assert rows[0].problem == small_problem()
    assert rows[0].probability == 0.2
    assert len(rows) == 4
    assert sum(row.probability for row in rows) == pytest.approx(1.0)
    assert set(found.seeds) <= set(range(7, 19))
    assert [row.name for row in rows[1:]] == [f"draw {seed}" for seed in found.seeds]
    assert 0 <= found.lost <= 1


def test_the_same_file_gives_the_same_scenarios_and_another_seed_others(file: RobustFile) -> None:
    assert scenario_set(small_problem(), file) == scenario_set(small_problem(), file)
    assert scenario_set(small_problem(), replace(file, seed=500)) != scenario_set(small_problem(), file)


def test_all_draws_kept_lose_nothing(file: RobustFile) -> None:
    found = scenario_set(small_problem(), replace(file, scenarios=12))
    assert found.lost == pytest.approx(0.0)
    worlds = [row.problem for row in found.program.scenarios[1:]]
    assert all(a != b for k, a in enumerate(worlds) for b in worlds[:k]), "equal draws are one"


def test_with_all_weight_on_the_nominal_instance_there_is_nothing_else(file: RobustFile) -> None:
    found = scenario_set(small_problem(), replace(file, nominal_weight=1.0))
    assert [row.probability for row in found.program.scenarios] == [1.0]
