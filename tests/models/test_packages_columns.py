"""Packages as columns: exact whether patterns are listed or not, and as tight as the hull of what a package holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.blocks import packages_columns
from models.blocks.packages_columns import listed
from models.build import compile_model
from models.catalog import FORMULATIONS
from models.extract import extract
from models.patterns import knapsacks
from models.problem import Problem
from optimizer.solving.highs import run
from optimizer.solving.program import program_of
from optimizer.solving.search import start_vector
from tests.builders import small_plan, small_problem
from tests.models.cases import all_cases
from tests.models.package_worlds import packagings
from tests.models.solved import LIMITS, SLOTS, lp_bound, solved
from tests.models.test_agree import assert_agrees, slack
from tests.models.test_packages_unindexed import dear_units
from tests.strategies import problems

COLUMNS, LINKED = FORMULATIONS["columns"], FORMULATIONS["linked"]
drawn = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
with_money = problems().filter(lambda problem: problem.package_policy is not None and bool(problem.pledges))


@given(st.one_of(packagings(), problems()))
@settings(drawn, max_examples=40)
def test_it_agrees(problem: Problem) -> None:
    assert_agrees(problem, COLUMNS, solved(problem, SLOTS).value)


@given(st.one_of(packagings(), with_money))
@settings(drawn, max_examples=30)
def test_bounds_are_ordered(problem: Problem) -> None:
    """linked ≤ columns ≤ optimum, as linear relaxations."""
    best = solved(problem, SLOTS).value
    if best is None:
        return
    loose, tight = (lp_bound(compile_model(problem, formulation)) for formulation in (LINKED, COLUMNS))
    assert loose is not None
    assert tight is not None
    assert loose <= tight + slack(tight)
    assert tight <= best + slack(best)


def awkward_units() -> Problem:
    """Units of 7, 7, 4 and 2 for two packages worth 10: of these units no package can be made at all."""
    return dear_units((2, 1, 1), (7.0, 4.0, 2.0), 0.0)


def test_the_hull_knows_what_rows_on_contents_do_not() -> None:
    problem = awkward_units()
    best = solved(problem, SLOTS).value
    assert best is not None
    loose, tight = (lp_bound(compile_model(problem, formulation)) for formulation in (LINKED, COLUMNS))
    assert loose is not None
    assert tight is not None
    assert loose < best - 1.0
    assert tight == pytest.approx(best)
    built = compile_model(problem, COLUMNS)
    assert "pattern_share" not in built.matrix.kinds, "no pattern, no column"
    assert "one_pattern" in built.matrix.rules, "and nothing is released"


def test_shares_are_continuous_and_whole_of_themselves() -> None:
    problem = dear_units((3, 2), (4.0, 3.0), 0.1)
    built = compile_model(problem, COLUMNS)
    share = built.matrix.kinds == "pattern_share"
    assert share.any()
    assert not built.matrix.whole[share].any()
    answer = run(program_of(built.matrix), LIMITS)
    assert answer.x is not None
    assert extract(built, answer.x).releases
    assert np.round(answer.x[share].sum()) == len(extract(built, answer.x).releases)


def test_where_patterns_are_many_slots_stand_as_linked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages_columns, "MOST_LISTED", -1)
    one, other = (compile_model(small_problem(), formulation).matrix for formulation in (COLUMNS, LINKED))
    assert one.column_keys == other.column_keys
    assert one.row_keys == other.row_keys
    assert (one.A != other.A).nnz == 0


@pytest.mark.parametrize("most", [0, 3, 20])
def test_some_periods_may_be_listed_and_others_not(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Case 013 has periods without a pattern and with ten, case 028 with forty."""
    monkeypatch.setattr(packages_columns, "MOST_LISTED", most)
    for name in ("case-013", "mixed-101"):
        case = next(found for found in all_cases() if found.name == name)
        held = knapsacks(compile_model(case.problem, COLUMNS).draft)
        counts = {t: len(patterns) for t, patterns in listed(held).items()}
        assert all(count <= most for count in counts.values())
        assert (len(counts) < len(held)) == (most < 9)
        assert counts
        assert solved(case.problem, COLUMNS).value == pytest.approx(case.objective, rel=1e-6)


def test_a_plan_is_a_start() -> None:
    built = compile_model(small_problem(), COLUMNS)
    assert "pattern_share" in built.matrix.kinds
    x, mask = start_vector(built, built.start(small_plan()))
    program = program_of(built.matrix)
    answer = run(program.fixed(mask & program.whole, x), LIMITS)
    assert answer.x is not None


def test_it_is_exact_by_itself_and_mixes() -> None:
    assert COLUMNS.exact == COLUMNS
    problem = dear_units((3, 2), (4.0, 3.0), 0.1)
    best = solved(problem, SLOTS).value
    for mixed in (replace(COLUMNS, units="integer"), replace(COLUMNS, demand="classes")):
        assert solved(problem, mixed).value == pytest.approx(best)
