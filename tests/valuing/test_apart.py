"""The calls that everybody uses: in a process of their own, and with stages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.checker import check_plan
from models.problem import ObjectivePolicy
from optimizer.explaining.values import Resource
from optimizer.valuing.values import marginal_values, one_more
from tests.builders import bare_problem, small_plan, small_problem
from tests.valuing.test_fast import ORDERS, PLAN
from tests.valuing.worth import exact, fast

SLOT = Resource("slot", "missile_line", 0)


def test_the_same_as_in_this_process() -> None:
    problem = bare_problem(orders=ORDERS)
    assert marginal_values(problem, PLAN, seconds=30) == fast(problem, PLAN)
    assert one_more(problem, PLAN, SLOT, seconds=30) == exact(problem, PLAN, SLOT)


def test_errors_come_back_as_they_are() -> None:
    with pytest.raises(KeyError):
        one_more(bare_problem(orders=ORDERS), PLAN, Resource("slot", "nobody", 0), seconds=30)
    with pytest.raises(ValueError, match="breaks rules"):
        marginal_values(bare_problem(orders=ORDERS), replace(PLAN, made=()), seconds=30)


def test_who_stops_it_gets_nothing_and_is_told() -> None:
    found = marginal_values(bare_problem(orders=ORDERS), PLAN, seconds=30, stop=lambda: True)
    assert (found.values, found.complete) == ((), False)
    assert found.messages
    one = one_more(bare_problem(orders=ORDERS), PLAN, SLOT, seconds=30, stop=lambda: True)
    assert one.timed_out
    assert (one.low, one.high) == (0.0, float("inf"))


@pytest.mark.parametrize("stages", [("orders_delay", "needs_delay"), ("needs_delay",), ("plan_change", "orders_delay")])
def test_with_stages_no_stage_gets_worse(stages: tuple[str, ...]) -> None:
    problem = small_problem(objective=ObjectivePolicy("lexicographic", stages))
    plan = small_plan()
    found = fast(problem, plan)
    assert found.base is not None
    assert found.base <= check_plan(problem, plan).terms.total + 1e-3
    for one in found.values:
        assert one.value > 0
        assert sum(gain.value for gain in one.gains) == pytest.approx(one.value, abs=1e-5)
    again = exact(problem, plan, Resource("slot", "shell_line", 1))
    assert again.value >= 0
