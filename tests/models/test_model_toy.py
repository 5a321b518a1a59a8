"""The toy instance: both formulations find what its README works out by hand."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from models.checker import check_plan
from models.formulation import Formulation
from models.problem import Problem
from optimizer.reading.instance import read_instance
from tests.models.solved import SLOTS, TEXTBOOK, solved

TOY = Path(__file__).parents[2] / "instances" / "toy"
both = pytest.mark.parametrize("formulation", [TEXTBOOK, SLOTS], ids=lambda f: f.name)


@pytest.fixture(scope="module")
def toy() -> Problem:
    problem = read_instance(TOY).problem
    assert problem is not None
    return problem


@pytest.fixture(scope="module")
def promised() -> dict[str, object]:
    readme = (TOY / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```json\n(.*?)```", readme, re.DOTALL)
    found: dict[str, object] = json.loads(block)
    assert set(found) == {"objective", "terms", "objective_without_offer"}
    return found


@both
def test_the_optimum_is_the_one_worked_by_hand(
    toy: Problem, promised: dict[str, object], formulation: Formulation
) -> None:
    found = solved(toy, formulation)
    assert found.value == pytest.approx(promised["objective"])
    assert found.terms == pytest.approx(promised["terms"])
    verdict = check_plan(toy, found.plan)
    assert verdict.violations == ()
    assert verdict.terms.total == pytest.approx(promised["objective"])


@both
def test_the_plan_is_the_one_of_the_readme(toy: Problem, formulation: Formulation) -> None:
    """What the README says no other plan of that cost does differently: release, content, gift, approval."""
    plan = solved(toy, formulation).plan
    assert [(row.status, row.period) for row in plan.releases] == [("new", 2)]
    assert {(row.need, row.quantity) for row in plan.contents} == {("N1", 3), ("N2", 6)}
    assert plan.accepted_offers == ("V1",)
    assert [(row.case, row.period) for row in plan.approvals] == [("C3", 2)]
    assert sum(row.amount_usd_m for row in plan.payments) == pytest.approx(42.0)


@both
def test_without_the_offer_it_costs_more(toy: Problem, promised: dict[str, object], formulation: Formulation) -> None:
    assert solved(replace(toy, offers=()), formulation).value == pytest.approx(promised["objective_without_offer"])
