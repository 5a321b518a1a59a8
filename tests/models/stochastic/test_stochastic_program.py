"""The extensive form: against single solves, against enumeration, and what always holds of a stochastic program."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.build import compile_model
from models.checker import check_plan
from models.plan import POOL
from models.problem import LineRate, Problem
from models.stochastic.risk import Risk
from models.stochastic.scenario import Prices, scenario_facts, shared_periods
from optimizer.solving.highs import run
from optimizer.solving.program import program_of
from optimizer.solving.robust_job import RobustJob
from optimizer.solving.scenario_work import ScenarioWork
from tests.builders import START, an_item, an_order, bare_problem, day, small_problem, with_row
from tests.models.stochastic.worlds import (
    FORMULATION,
    LIMITS,
    against,
    alone,
    late_money,
    left_by,
    models_of,
    slowed,
    solved,
)
from tests.strategies import problems

SLOW = (LineRate("missile_line", START, 1.0),)
"""A unit a week."""
RISKS = [Risk(0.5, 0.0), Risk(0.5, 0.5), Risk(0.6, 1.0)]


def ordinary(problem: Problem) -> float | None:
    return run(program_of(compile_model(problem, FORMULATION).matrix), LIMITS).objective


@pytest.mark.parametrize("risk", RISKS)
def test_the_nominal_scenario_alone_is_the_ordinary_problem(risk: Risk) -> None:
    assert solved(against(small_problem(), risk=risk, weeks=4)).value == pytest.approx(ordinary(small_problem()))


def test_with_all_probability_on_the_nominal_scenario_the_others_do_not_count() -> None:
    program = against(small_problem(), slowed(small_problem(), 0.3), risk=Risk(0.9, 0.0), weeks=4, nominal=1.0)
    assert solved(program).value == pytest.approx(ordinary(small_problem()))


def test_without_shared_weeks_every_scenario_is_planned_with_foresight() -> None:
    program = against(small_problem(), slowed(small_problem(), 0.3), weeks=0)
    costs = [alone(model) for model in models_of(program)]
    assert solved(program).value == pytest.approx(program.risk.value([c or 0.0 for c in costs], program.probabilities))


def test_shared_weeks_cost_something_here() -> None:
    """So that the tests of the chain below compare what differs."""
    worlds = (slowed(small_problem(), 0.6), slowed(small_problem(), 0.3))
    values = [solved(against(small_problem(), *worlds, weeks=weeks)).value for weeks in (0, 4)]
    assert values[1] > values[0] + 1


@pytest.mark.parametrize("risk", RISKS)
@pytest.mark.parametrize("weeks", [1, 4, 60])
def test_the_classic_chain(risk: Risk, weeks: int) -> None:
    worlds = (slowed(small_problem(), 0.6), slowed(small_problem(), 0.3))
    holds_the_chain(against(small_problem(), *worlds, risk=risk, weeks=weeks))


@settings(max_examples=6)
@given(problems(), st.sampled_from([0.0, 0.5]), st.sampled_from([1, 3]), st.sampled_from(RISKS))
def test_the_classic_chain_on_drawn_instances(problem: Problem, factor: float, weeks: int, risk: Risk) -> None:
    problem = replace(problem, objective=replace(problem.objective, mode="weighted"))
    assume(ordinary(problem) is not None)
    holds_the_chain(against(problem, slowed(problem, factor), late_money(problem, 2), risk=risk, weeks=weeks))


def holds_the_chain(program) -> None:  # type: ignore[no-untyped-def]
    """Wait and see ≤ here and now ≤ the nominal plan's first weeks; CVaR from the costs is the model's."""
    here = solved(program)
    slack = 1e-5 * max(1.0, abs(here.value))
    costs = [alone(model) for model in here.models]
    assert all(cost is not None for cost in costs), "a scenario has a plan whenever the nominal one has"
    assert program.risk.value([c or 0.0 for c in costs], program.probabilities) <= here.value + slack
    assert program.risk.value(here.costs, program.probabilities) == pytest.approx(here.value, abs=slack)
    work = ScenarioWork(RobustJob(program, FORMULATION), lambda _: None, lambda: False)
    nominal = work.alone(0, 60.0, 1e-9)
    given_first = [nominal.cost]
    for s in range(1, len(program.scenarios)):
        answer = work.given(s, nominal.firsts, {}, seconds=60.0, gap=1e-9)
        assert not answer.infeasible, "the nominal first weeks can be followed in every scenario"
        given_first.append(answer.cost)
    followed = program.risk.value([c or 0.0 for c in given_first], program.probabilities)
    assert here.value <= followed + slack, "the value of the stochastic solution is not negative"


@pytest.mark.parametrize("weeks", [2, 4, 60])
def test_nobody_anticipates(weeks: int) -> None:
    """On the plans themselves: what has left by a shared period is the same, or less where output has slipped."""
    program = against(small_problem(), slowed(small_problem(), 0.6), slowed(small_problem(), 0.3), weeks=weeks)
    here = solved(program)
    plans = here.plans
    first = shared_periods(here.models[0].built.draft.facts, weeks)
    nominal = left_by(plans[0], first)
    assert nominal or weeks < 4
    for model, plan in zip(here.models[1:], plans[1:], strict=True):
        mine = left_by(plan, first)
        for key in nominal.keys() | mine.keys():
            assert mine.get(key, 0) <= nominal.get(key, 0), key
            if key[1] not in model.loose.items:
                assert mine.get(key, 0) == nominal.get(key, 0), key
        approved = [{row for row in other.approvals if row.period < first} for other in (plans[0], plan)]
        assert approved[0] == approved[1]
        released = [{(row.status, row.period) for row in other.releases if row.period < first} for other in plans]
        assert released[0] == released[1]


def test_plans_of_scenarios_in_which_nothing_broke_are_legal_plans() -> None:
    program = against(small_problem(), slowed(small_problem(), 0.6), late_money(small_problem(), 3), weeks=4)
    here = solved(program)
    assert check_plan(program.nominal, here.plans[0]).passed
    legal = 0
    for scenario, model, x, plan in zip(program.scenarios, here.models, here.xs, here.plans, strict=True):
        broken = np.isin(model.built.matrix.kinds, ("broken_firm", "broken_replacement", "broken_content"))
        if not np.any(x[broken] > 1e-6):
            verdict = check_plan(scenario.problem, plan)
            assert verdict.passed, (scenario.name, verdict.violations)
            legal += 1
    assert legal == 3


# --- two orders on one line, small enough to list everything ----------------------------------------------------------


def two_orders() -> Problem:
    """One unit a week for six weeks; order A (dear to wait for, due at once), order B (due at once, twice as many)."""
    return bare_problem(
        periods=((6, 1),),
        items=(an_item(),),
        line_rates=SLOW,
        orders=(
            an_order("A", quantity=2, due_date=day(0), delivery="complete", weight_multiplier=3.0, firm_by=None),
            an_order("B", quantity=2, due_date=day(0), delivery="each", weight_multiplier=1.0, firm_by=None),
        ),
    )


@pytest.mark.parametrize("risk", RISKS)
@pytest.mark.parametrize("weeks", [1, 2, 3])
def test_against_enumeration_of_the_first_weeks(risk: Risk, weeks: int) -> None:
    """All dispatches of the first weeks listed; every scenario solved by itself with them given."""
    problem = two_orders()
    program = against(problem, slowed(problem, 0.5), slowed(problem, 0.0), risk=risk, weeks=weeks)
    work = ScenarioWork(RobustJob(program, FORMULATION), lambda _: None, lambda: False)
    nominal = work.model(0)
    decisions = sorted(d for d in nominal.shared if d.kind == "dispatched")
    best = np.inf
    for units in product(range(3), repeat=len(decisions)):
        firsts = dict(zip(decisions, map(float, units), strict=True))
        costs = [work.given(s, firsts, {}, seconds=30.0, gap=1e-9).cost for s in range(3)]
        if all(cost is not None for cost in costs):
            best = min(best, risk.value([c or 0.0 for c in costs], program.probabilities))
    assert np.isfinite(best)
    assert solved(program).value == pytest.approx(best)


# --- promises ---------------------------------------------------------------------------------------------------------


def firm() -> Problem:
    order = an_order("F", quantity=4, due_date=day(4), delivery="each", firm_by=day(4), weight_multiplier=1.0)
    return bare_problem(periods=((8, 1),), items=(an_item(),), line_rates=SLOW, orders=(order,))


def test_a_firm_date_breaks_at_its_price_only_where_output_slips() -> None:
    """A unit a week: five by the fifth week. At half the rate two of four are there by then: two are broken."""
    prices = Prices(broken_weeks=1000.0, missed_weeks=0.0)
    program = against(firm(), slowed(firm(), 0.5), weeks=0, prices=prices, risk=Risk(0.5, 0.0))
    here = solved(program)
    units = here.models[1].built.matrix
    broken = {k: here.xs[1][j] for (kind, k), j in units.column_of.items() if kind == "broken_firm"}
    assert broken == {("F",): pytest.approx(2.0)}
    assert here.models[1].penalty(here.xs[1]) == pytest.approx(2 * 1000.0 * 10.0)
    assert "broken_firm" not in set(here.models[0].built.matrix.kinds)
    assert sum(row.quantity for row in here.plans[1].dispatches) == 4, "a broken order is still served, late"


def test_a_world_that_only_adds_keeps_its_promises_hard() -> None:
    more = replace(firm(), orders=(*firm().orders, an_order("G", quantity=3, due_date=day(0), weight_multiplier=900.0)))
    assert scenario_facts(more, firm()).problem.orders[0].firm_by == day(4)
    program = against(firm(), more, weeks=1, risk=Risk(0.5, 0.0))
    assert "broken_firm" not in set(models_of(program)[1].built.matrix.kinds)


def test_an_earlier_firm_date_than_the_due_date_can_still_be_kept_in_a_slipped_world() -> None:
    order = an_order("F", quantity=2, due_date=day(6), delivery="each", firm_by=day(3), weight_multiplier=1.0)
    problem = bare_problem(periods=((8, 1),), items=(an_item(),), orders=(order,))
    here = solved(against(problem, slowed(problem, 0.75), weeks=0, risk=Risk(0.5, 0.0)))
    assert here.costs[1] == pytest.approx(0.0)


def test_there_is_a_solution_when_nothing_at_all_is_made() -> None:
    problem = with_row(small_problem(), "orders", small_problem().orders[0].order, firm_by=None)
    here = solved(against(problem, slowed(problem, 0.0), late_money(problem, 60), weeks=4))
    assert np.isfinite(here.value)
    assert all(row.origin == POOL for row in here.plans[1].dispatches if row.kind == "order")


def test_a_lane_that_carries_less_lets_needs_miss_first_weeks_and_nothing_else() -> None:
    """Urgent missiles leave by air at once; with no lane to take them they wait, and orders leave as they do."""
    urgent = with_row(small_problem(), "needs", "N-missile", needed_by=START, urgency=1)
    closed = tuple(replace(row, tonnes_per_week=0.0) if row.lane in ("air", "road") else row for row in urgent.lanes)
    answer = solved(against(urgent, replace(urgent, lanes=closed), weeks=2, nominal=0.95, risk=Risk(0.5, 0.0)))
    left = [left_by(plan, 2) for plan in answer.plans]
    assert left[0]["N-missile", "old_missile", 0] > 0
    missed = {key for key in left[0] if left[0][key] != left[1].get(key)}
    assert ("N-missile", "old_missile", 0) in missed
    assert {demand for demand, _, _ in missed} <= {"N-missile", "N-shell"}
    assert answer.models[1].loose.demands == {"N-missile", "N-shell"}
    assert check_plan(urgent, answer.plans[0]).passed
