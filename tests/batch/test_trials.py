"""Plans tried out: the measure, common worlds, errors of differences, and when a plan is surely better."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.baselines import first_come_first_served, priority_list
from models.plan import Plan
from models.stochastic.risk import Risk
from models.stochastic.scenario import Prices
from optimizer.batch.stress_draws import out_of_sample
from optimizer.batch.trials import MOST, Gain, Training, Trial, executed, gain, measured, training_of, tried
from optimizer.scenarios.robust_file import RobustFile
from tests.builders import small_plan, small_problem, with_dispatch
from tests.models.stochastic.worlds import slowed
from tests.scenarios.histories import all_kinds

RISK = Risk(0.9, 0.5)


def a_file(draws: int = 12, nominal: float = 0.2) -> RobustFile:
    return RobustFile(all_kinds(0.3), "all.toml", b"", 2, draws, 5, 4, RISK, nominal, Prices())


def a_trial(delay: list[float], broken: list[float] | None = None, name: str = "x") -> Trial:
    missed = [0.0] * len(delay) if broken is None else broken
    return Trial(name, Plan(), 0.0, np.array(delay), np.array(missed))


def a_training(count: int, nominal: float = 0.2) -> Training:
    rest = (1 - nominal) / (count - 1)
    problem = small_problem()
    return Training(problem, (problem,) * count, np.array([nominal, *[rest] * (count - 1)]), RISK)


@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.integers(1, 9)), min_size=1, max_size=12),
    st.sampled_from([0.0, 0.5, 0.9]),
    st.sampled_from([0.0, 0.5, 1.0]),
)
def test_the_measure_is_that_of_the_stochastic_program(
    rows: list[tuple[float, int]], level: float, weight: float
) -> None:
    total = sum(count for _, count in rows)
    costs, shares = [cost for cost, _ in rows], [count / total for _, count in rows]
    risk = Risk(level, weight)
    found = measured(np.array([costs, costs[::-1]]), np.array([shares, shares[::-1]]), risk)
    assert found == pytest.approx([risk.value(costs, shares)] * 2, rel=1e-9, abs=1e-6)


def test_training_worlds_are_the_draws_of_the_file_after_the_nominal_instance() -> None:
    problem, plan = small_problem(), small_plan()
    training = training_of(problem, a_file())
    assert training.worlds[0] == problem
    assert training.probabilities.sum() == pytest.approx(1.0)
    assert training.probabilities[0] == 0.2
    delay, _ = executed(problem, plan, training.worlds)
    assert delay[1:] == pytest.approx(out_of_sample(problem, plan, all_kinds(0.3), range(5, 17)))
    assert len(training_of(problem, a_file(draws=MOST + 3)).worlds) == MOST + 1


def test_broken_promises_are_counted_in_million_usd() -> None:
    problem, plan = small_problem(), small_plan()
    whole, none = executed(problem, plan, [problem]), executed(problem, plan, [slowed(problem, 0.0)])
    assert whole[1] == pytest.approx([0.0])
    # three shells short of the ten promised at least, which cost 2 million each
    assert none[1][0] >= 6.0
    assert none[0][0] > whole[0][0]


def test_what_is_illegal_is_not_tried() -> None:
    training = training_of(small_problem(), a_file(draws=2))
    assert tried(training, "x", with_dispatch(small_plan(), "O-firm", 1, quantity=0)) is None
    assert tried(training, "x", small_plan()) is not None


def test_a_plan_against_itself_gains_nothing_and_is_the_same() -> None:
    training = training_of(small_problem(), a_file())
    one, two = (tried(training, name, small_plan()) for name in ("one", "two"))
    assert one is not None
    assert two is not None
    assert one.same(two)
    found = gain(training, two, one)
    assert (found.difference, found.error, found.more_broken) == (0.0, 0.0, 0.0)
    assert not found.is_better(1)


def test_common_worlds_take_the_noise_out_of_a_difference() -> None:
    noise = np.random.default_rng(0).uniform(0, 1e6, 60)
    training = a_training(61)
    nominal = a_trial([0.0, *noise])
    steady = gain(training, a_trial([0.0, *(noise - 10.0)]), nominal)
    assert steady.error < 1.0, "ten less in every draw is sure, however the draws differ"
    assert steady.is_better(1)
    shuffled = gain(training, a_trial([0.0, *(noise[::-1] - 10.0)]), nominal)
    assert not shuffled.is_better(1), "the same gain in worlds that are not common is not"


def test_surely_better_depends_on_how_many_were_compared() -> None:
    found = Gain(0.0, 0.0, 0.0, difference=-2.2, error=1.0, broken=0.0, more_broken=0.0, broken_error=0.0)
    assert found.is_better(1)
    assert not found.is_better(10)
    assert not replace(found, difference=2.2).is_better(1)


def test_a_gain_that_breaks_promises_is_none() -> None:
    found = Gain(0.0, 0.0, 0.0, difference=-9.0, error=1.0, broken=5.0, more_broken=5.0, broken_error=1.0)
    assert not found.is_better(1)
    assert replace(found, more_broken=1.5).is_better(1), "within what chance explains"
    assert replace(found, more_broken=-5.0).is_better(1)


def test_gains_are_those_of_the_plans() -> None:
    problem = small_problem()
    training = training_of(problem, a_file(nominal=0.5))
    first, second = (tried(training, "x", make(problem)) for make in (first_come_first_served, priority_list))
    if first is None or second is None:
        pytest.skip("a baseline is not legal here")
    found = gain(training, second, first)
    values = [RISK.value(row.delay.tolist(), training.probabilities.tolist()) for row in (first, second)]
    assert found.value == pytest.approx(values[1])
    assert found.difference == pytest.approx(values[1] - values[0])
