"""Many draws of small plans: probabilities that are sure, shares that add up, and the same answer for any workers."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from models.checker import check_plan
from models.plan import Plan
from models.problem import Problem
from optimizer.batch.stress import Stress, stress
from optimizer.batch.stress_draws import Job, Played, out_of_sample, play, total_delay, turns
from optimizer.rolling.execute import execute
from optimizer.rolling.execute_before import Desk
from optimizer.rolling.execute_script import script_of
from optimizer.rolling.execute_supply import Element, mixed, supply_of
from optimizer.scenarios.disturbances import (
    Chance,
    Chosen,
    Disturbances,
    LatePledges,
    LineSlips,
    Range,
    UrgentNeeds,
    WithdrawnOffers,
)
from optimizer.scenarios.draw import draw
from tests.builders import an_order, bare_problem, day, small_plan, small_problem, to_order
from tests.rolling.test_execute import made
from tests.rolling.worlds import legal

NONE = Range(0, 0)
ALWAYS = Disturbances(
    "always", line_slips=(LineSlips("stands still", Chosen(), Chance(per_week=1.0), Range(1, 1), None, NONE),)
)
"""Every line stands still from the first week on."""
MIXED = Disturbances(
    "mixed",
    "Some of everything",
    line_slips=(LineSlips("slip", Chosen(), Chance(per_week=0.1), Range(0.1, 0.9), Range(1, 4), NONE),),
    urgent_needs=(
        UrgentNeeds(
            "urgent", Chosen(), Chance(per_horizon=0.3), Range(1, 3), None, Range(1, 2), Range(1, 3), Range(0, 2)
        ),
    ),
    late_pledges=(LatePledges("late", Chosen(), 0.5, Range(1, 3), Range(0.5, 1.0), NONE),),
    withdrawn_offers=(WithdrawnOffers("gone", Chosen(), 0.5),),
)


def firm() -> tuple[Problem, Plan]:
    """One order firm for week 3 that output serves, and one that is served from stock."""
    problem = bare_problem(orders=(an_order("O-made", quantity=2, firm_by=day(3)), an_order("O-none", quantity=0)))
    return problem, Plan(dispatches=(to_order("O-made", "missile", 2, 1),), made=made((1, 2)))


def under_stress(draws: int = 25, **changes: object) -> Stress:
    return stress(small_problem(), small_plan(), MIXED, draws=draws, **changes)  # type: ignore[arg-type]


def test_a_promise_that_is_surely_broken_has_probability_one() -> None:
    problem, plan = firm()
    found = {row.promise.name: row for row in stress(problem, plan, ALWAYS, draws=20).promise_risks}
    assert found["O-made"].probability == 1.0
    assert found["O-made"].high == 1.0 > found["O-made"].low > 0.8
    assert found["O-made"].missing == 2


def test_a_promise_that_nothing_can_touch_has_probability_zero() -> None:
    problem, plan = firm()
    quiet = Disturbances("quiet", urgent_needs=MIXED.urgent_needs)
    found = stress(problem, plan, quiet, draws=20)
    assert [row.probability for row in found.promise_risks] == [0.0]
    assert found.promise_risks[0].low == 0.0 < found.promise_risks[0].high < 0.2
    assert all(row.later == 0 and row.later_than == (0, 0, 0) and row.short == 0 for row in found.demand_risks)
    assert found.delay.mean - found.planned_delay == pytest.approx(found.played.unplanned.mean())


def test_every_draw_is_the_execution_of_its_seed() -> None:
    problem, plan = small_problem(), small_plan()
    found = under_stress(12, seed=5, leaning=False)
    for column, seed in enumerate(found.played.seeds):
        one = execute(problem, plan, draw(problem, MIXED, seed))
        assert found.played.terms[:, column] == pytest.approx([getattr(one.terms, f.name) for f in fields(one.terms)])
        assert found.played.later[:, column] == pytest.approx([row.later for row in one.demands])
        broken = {(row.promise.kind, row.promise.name): row.missing for row in one.broken}
        missing = dict(zip(found.promises, found.played.missing[:, column], strict=True))
        assert {(row.kind, row.name): units for row, units in missing.items() if units > 0} == broken
    assert found.played.seeds == tuple(range(5, 17))


def test_out_of_sample_gives_the_delay_or_the_objective_of_every_seed() -> None:
    problem, plan = small_problem(), small_plan()
    seeds = (3, 1, 4)
    delays = out_of_sample(problem, plan, MIXED, seeds)
    objectives = out_of_sample(problem, plan, MIXED, seeds, measure="objective")
    for seed, delay, objective in zip(seeds, delays, objectives, strict=True):
        one = execute(problem, plan, draw(problem, MIXED, seed))
        assert (delay, objective) == (pytest.approx(one.delay), pytest.approx(one.terms.total))


def same(one: Played, other: Played) -> bool:
    return all(np.array_equal(getattr(one, f.name), getattr(other, f.name)) for f in fields(Played))


def test_one_and_two_workers_give_the_same() -> None:
    one, two = under_stress(45, workers=1), under_stress(45, workers=2)
    assert same(one.played, two.played)
    assert (one.leans, one.promise_risks, one.demand_risks) == (two.leans, two.promise_risks, two.demand_risks)
    assert one.delay == two.delay


def test_more_draws_keep_the_first_ones() -> None:
    few, many = under_stress(5), under_stress(30)
    assert np.array_equal(few.played.terms, many.played.terms[:, :5])


def test_shares_add_up_to_the_rise_of_the_delay_draw_by_draw() -> None:
    found = under_stress()
    for column, seed in enumerate(found.played.seeds):
        shares = sum(row.share for row in found.played.lent if row.seed == seed)
        assert shares == pytest.approx(found.delays[column] - found.planned_delay, abs=1e-6)
    assert sum(lean.share for lean in found.leans) == pytest.approx(found.delay.mean - found.planned_delay)


def test_what_is_disturbed_alone_is_owed_everything() -> None:
    problem, plan = firm()
    found = stress(problem, plan, ALWAYS, draws=5)
    assert [lean.element for lean in found.leans if lean.share] == [Element("line", "missile_line")]
    lean = found.leans[0]
    assert lean.share == lean.alone > 0
    assert lean.share == pytest.approx(found.delay.mean - found.planned_delay)
    assert (lean.disturbed, lean.error) == (1.0, 0.0)


def test_the_probe_finds_what_the_plan_needs_where_nothing_is_drawn() -> None:
    found = stress(small_problem(), small_plan(), Disturbances("nothing"), draws=3)
    assert all(lean.share == lean.alone == lean.disturbed == 0 for lean in found.leans)
    probes = {lean.element.name: lean.probe for lean in found.leans}
    assert probes["V-open"] is not None
    assert probes["V-open"] > 0
    assert found.leans[0].probe == max(probe for probe in probes.values() if probe is not None)


def test_shares_estimate_the_shapley_value() -> None:
    """Over all orders of the elements the mean of the rises is the Shapley value; the draws' orders are random ones."""
    problem, plan = small_problem(), small_plan()
    script = script_of(problem, plan)
    desk, nominal = Desk(script), supply_of(script)
    elements = (Element("line", "missile_line"), Element("line", "shell_line"), Element("offer", "V-open"))
    other = {**nominal, **{e: nominal[e] * 0 for e in elements[:2]}, elements[2]: np.array([99.0, 0, 0, 0])}
    rises = dict.fromkeys(elements, 0.0)
    for order in permutations(elements):
        values = total_delay(desk, [mixed(nominal, other, order[:k]) for k in range(4)])
        for element, rise in zip(order, np.diff(values), strict=True):
            rises[element] += rise / 6
    sampled = dict.fromkeys(elements, 0.0)
    for seed in range(60):
        order = turns(elements, seed)
        values = total_delay(desk, [mixed(nominal, other, order[:k]) for k in range(4)])
        for element, rise in zip(order, np.diff(values), strict=True):
            sampled[element] += rise / 60
    assert {turns(elements, seed) for seed in range(100)} == set(permutations(elements))
    for element in elements:
        assert sampled[element] == pytest.approx(rises[element], rel=0.35, abs=0.1 * sum(rises.values()))


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one draw"):
        under_stress(0)


@given(legal())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_any_plan_can_be_put_under_stress(case: tuple[Problem, Plan]) -> None:
    problem, plan = case
    played = play(Job(problem, plan, MIXED, (0, 1, 2)))
    assert played.terms.shape == (4, 3)
    verdicts = [
        check_plan(one.problem, one.plan)
        for seed in (0, 1, 2)
        for one in [execute(problem, plan, draw(problem, MIXED, seed))]
    ]
    assert played.terms.sum(axis=0) == pytest.approx([verdict.terms.total for verdict in verdicts])
    found = stress(problem, plan, MIXED, draws=3)
    assert sum(lean.share for lean in found.leans) == pytest.approx(found.delay.mean - found.planned_delay, abs=1e-6)
    for row in found.demand_risks:
        assert row.weeks_late.least <= row.weeks_late.mean <= row.weeks_late.cvar90 + 1e-9


def test_an_empty_instance_has_nothing_to_lose() -> None:
    problem = replace(bare_problem(), lines=(), line_rates=(), line_items=(), orders=())
    found = stress(problem, Plan(), MIXED, draws=4)
    assert found.demand_risks == found.promise_risks == ()
    assert found.delay.mean == pytest.approx(found.played.unplanned.mean())
