"""The gap of the urgent needs, and asks that add up to it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.plan import Plan
from models.problem import Problem
from optimizer.explaining.asks import KEYS, STEP, Gap, NeedGap, asks, basis, gap
from optimizer.explaining.facts import facts_of
from tests.builders import a_need, bare_problem, day, small_plan, small_problem, with_policy, with_row
from tests.explaining.test_sharing import wealthy


def of(problem: Problem, plan: Plan, *urgencies: int) -> Gap:
    return gap(problem, facts_of(problem, plan), urgencies or (1, 2))


def test_what_is_in_a_package_or_given_lacks_nothing() -> None:
    """N-missile: two funded, one proposed and released in time for week 3, two units' worth of a gift."""
    assert of(small_problem(), small_plan()).needs == ()


def test_what_is_in_no_package_is_missing_and_may_still_be_in_time() -> None:
    plan = small_plan(releases=(), contents=(), payments=(), accepted_offers=(), dispatches=())
    found = of(small_problem(), plan)
    [row] = found.needs
    assert (row.need, row.unfunded, row.held_back, row.category) == ("N-missile", 3, 0, "air_defence")
    assert (found.missing_usd_m, found.sooner_usd_m, found.too_late_usd_m) == (30.0, 0.0, 0.0)
    assert row.money_by == day(2), "needed by week 3, by air in no time, one week for the contract"


def test_the_way_and_the_contract_take_their_time() -> None:
    """The quickest way takes two weeks, the contract one: money is needed by week 0 for week 3."""
    problem = with_row(small_problem(), "lanes", "air", weeks=2)
    problem = with_row(problem, "lanes", "sea", weeks=3)
    nothing = small_plan(releases=(), contents=(), payments=(), accepted_offers=(), dispatches=())
    [row] = of(problem, nothing).needs
    assert row.money_by == day(0)
    [row] = of(with_policy(problem, "package_policy", contract_weeks=2), nothing).needs
    assert row.money_by is None
    found = of(with_policy(problem, "package_policy", contract_weeks=2), nothing)
    assert (found.total_usd_m, found.too_late_usd_m) == (0.0, 30.0)


def test_what_is_released_too_late_for_its_date_wants_its_money_sooner() -> None:
    """The shells of P-new may leave from week 2 on; for week 2, a week on the way, they would have to in week 1."""
    problem = with_row(small_problem(), "needs", "N-shell", needed_by=day(2), urgency=2)
    problem = with_policy(with_row(problem, "lanes", "air", weeks=1), "package_policy", contract_weeks=1)
    found = {row.need: row for row in of(problem, small_plan()).needs}
    assert found["N-shell"].held_back == 10
    assert found["N-shell"].sooner_usd_m == 20.0
    assert found["N-shell"].money_by == day(0)
    in_time = with_row(problem, "needs", "N-shell", needed_by=day(3), urgency=2)
    assert "N-shell" not in {row.need for row in of(in_time, small_plan()).needs}


def test_which_urgencies_count_is_a_parameter() -> None:
    nothing = small_plan(releases=(), contents=(), payments=(), accepted_offers=(), dispatches=())
    assert {row.need for row in of(small_problem(), nothing).needs} == {"N-missile"}
    assert {row.need for row in of(small_problem(), nothing, 3).needs} == {"N-shell"}


def test_without_packages_needs_need_no_money() -> None:
    problem = bare_problem(needs=(a_need(),))
    assert of(problem, Plan()).needs == ()


def test_sums_are_those_of_the_needs() -> None:
    row = NeedGap("N", "I", "air", 1, day(3), 2.0, 3, 4, day(1))
    late = NeedGap("M", "I", "sea", 1, day(3), 2.0, 3, 4, None)
    found = Gap((row, late), (1,))
    assert (found.missing_usd_m, found.sooner_usd_m, found.total_usd_m, found.too_late_usd_m) == (6.0, 8.0, 14.0, 6.0)
    assert found.categories == ("air", "sea")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("gdp", {"POL": 1000.0, "DEU": 3000.0, "JPN": None}),
        ("support", {"POL": 10.0, "DEU": 30.0, "JPN": None}),
        ("paid", {"POL": 15.0, "DEU": 15.0, "JPN": 0.0}),
        ("equal", {"POL": 1.0, "DEU": 1.0, "JPN": 1.0}),
    ],
)
def test_keys(key: str, expected: dict[str, float | None]) -> None:
    problem, plan = wealthy(), small_plan()
    assert basis(problem, facts_of(problem, plan), key) == expected  # type: ignore[arg-type]


def test_every_key_is_tested() -> None:
    assert set(KEYS) == {"gdp", "support", "paid", "equal"}


def test_asks_in_proportion_and_what_is_left_over_to_the_largest_remainder() -> None:
    assert asks(10.0, {"A": 1.0, "B": 1.0, "C": 2.0}) == {"A": 2.5, "B": 2.5, "C": 5.0}
    assert asks(1.0, {"A": 1.0, "B": 1.0, "C": 1.0}) == {"A": 0.4, "B": 0.3, "C": 0.3}
    assert asks(0.94, {"A": 2.0, "B": 1.0}, step=0.5) == {"A": 0.5, "B": 0.5}


def test_who_is_not_measured_is_not_asked() -> None:
    assert asks(10.0, {"A": 1.0, "B": None, "C": 0.0}) == {"A": 10.0}
    assert asks(10.0, {"B": None}) == {}
    assert asks(0.0, {"A": 1.0}) == {"A": 0.0}


def test_a_step_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="step"):
        asks(1.0, {"A": 1.0}, step=0.0)


@given(
    st.floats(0.01, 1e5),
    st.dictionaries(st.sampled_from("ABCDEFG"), st.none() | st.floats(0.0, 1e6), min_size=1),
)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_asks_add_up_to_the_gap(amount: float, measured: dict[str, float | None]) -> None:
    found = asks(amount, measured)
    total = sum(value for value in measured.values() if value)
    if total <= 0:
        assert sum(found.values()) == 0
        return
    assert sum(found.values()) == pytest.approx(STEP * math.ceil(amount / STEP - 1e-9))
    for name, value in found.items():
        assert value == pytest.approx(STEP * round(value / STEP)), "whole steps"
        exact = math.ceil(amount / STEP - 1e-9) * STEP * (measured[name] or 0.0) / total
        assert abs(value - exact) <= STEP + 1e-6
