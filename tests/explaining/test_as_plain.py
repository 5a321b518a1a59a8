"""Indices and memory change no answer: the plain way of `plain.py` finds the same on drawn instances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from models.baselines import priority_list
from models.plan import Made, Plan
from models.problem import LineItem, Order, PackagesPolicy, Problem
from optimizer.explaining.case import AS_IS, Case
from optimizer.explaining.explanations import serving_of
from optimizer.explaining.facts import facts_of
from optimizer.explaining.holders import Competitors
from optimizer.explaining.money import pledges_of
from optimizer.explaining.pegging import Pegging
from optimizer.explaining.room import FLOOR, NOTHING, Freed, Limit, Room, Units
from optimizer.explaining.serving import Served, Serving
from optimizer.explaining.till import RULES, Till
from optimizer.explaining.why_others import Others
from tests.builders import a_need, a_pledge, an_item, an_order, bare_problem, day, small_plan, small_problem, to_order
from tests.explaining.plain import PlainTill, plain_helps, plain_holders
from tests.strategies import problems

DRAWN = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def plans(problem: Problem) -> Iterator[Plan]:
    """Plans with little and with much in them; legal or not is no matter here."""
    yield Plan()
    yield priority_list(problem)


def same_money(problem: Problem, plan: Plan) -> int:
    """How many questions about money have one answer, the fast way and the plain way. Raises where they differ."""
    serving, pledges = serving_of(problem, plan), pledges_of(problem, plan)
    fast, plain, asked = Till(serving, pledges), PlainTill(serving, pledges), 0
    lifted = [frozenset(rules) for size in (0, 1, 2, len(RULES)) for rules in combinations(RULES, size)]
    for need in problem.needs:
        for only in (None, *(facts.pledge.pledge for facts in pledges)):
            for rules in lifted:
                asked += 1
                assert fast.payable(need, rules, only) == plain.payable(need, rules, only), (need, rules, only)
            assert fast.obstacles(need, only) == plain.obstacles(need, only), (need, only)
    return asked


def same_holders(problem: Problem, plan: Plan) -> int:
    """How many competitors are found both ways. Raises where they differ."""
    serving, facts = serving_of(problem, plan), facts_of(problem, plan, explained=False)
    competitors = Competitors(
        {(one.kind, one.demand): one.weight for one in facts.demands},
        {(one.kind, one.demand): one.recipient for one in facts.demands},
        frozenset(),
    )
    found = 0
    for asked in (*problem.orders, *problem.needs):
        case = Case(serving, asked, 1.0)
        fast = [(one.kind, one.demand, one.item, one.units, one.gain) for one in competitors.holders(case)]
        assert fast == plain_holders(case), asked
        found += len(fast)
    return found


@DRAWN
@given(problem=problems())
def test_money(problem: Problem) -> None:
    for plan in plans(problem):
        same_money(problem, plan)


@DRAWN
@given(problem=problems())
def test_competitors(problem: Problem) -> None:
    for plan in plans(problem):
        same_holders(problem, plan)


@DRAWN
@given(problem=problems())
def test_offers(problem: Problem) -> None:
    for plan in plans(problem) if problem.offers else ():
        serving, facts = serving_of(problem, plan), facts_of(problem, plan)
        late = {name: said for (kind, name), said in facts.explanations.items() if kind == "need"}
        others = Others(serving, {}, late)
        for offer in problem.offers:
            if offer.offer not in plan.accepted_offers:
                assert others._helps(offer) == plain_helps(serving, offer), offer


@DRAWN
@given(problem=problems())
def test_what_one_demand_was_told_does_not_change_what_the_next_is(problem: Problem) -> None:
    """All demands explained from one memory, and each from a memory of its own."""
    plan = priority_list(problem)
    whole = facts_of(problem, plan).explanations
    for name in (*(order.order for order in problem.orders), *(need.need for need in problem.needs)):
        alone = facts_of(problem, plan, only=name).explanations
        assert {key: whole[key] for key in alone} == dict(alone)
        assert {key for key in whole if key[0] in ("order", "need") and key[1] == name} == set(alone)


def test_the_small_plan_asks_something() -> None:
    problem, plan = small_problem(), small_plan()
    assert same_money(problem, plan) > 100
    assert same_holders(problem, plan) > 3


def two_items() -> tuple[Problem, Plan]:
    """A waits for a unit that B got, and for slots that C got for another item; B and C wait for nothing of A's."""
    problem = bare_problem(
        items=(an_item(), an_item("other")),
        line_items=(LineItem("missile_line", "missile", 1), LineItem("missile_line", "other", 1)),
        orders=(
            an_order("A", quantity=3, due_date=day(0)),
            an_order("B", quantity=1, due_date=day(0)),
            an_order("C", item="other", quantity=2, due_date=day(0)),
        ),
    )
    made = (
        Made("missile_line", "missile", 0, 1),
        Made("missile_line", "other", 0, 2),
        Made("missile_line", "missile", 3, 3),
    )
    sent = (to_order("B", "missile", 1, 0), to_order("C", "other", 2, 0), to_order("A", "missile", 3, 3))
    return problem, Plan(dispatches=sent, made=made)


def test_a_wrong_memory_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = bare_problem(
        needs=(a_need("N", quantity=9),),
        package_policy=PackagesPolicy(50.0, 0.1, 2, 4, 5.0, contract_weeks=2),
        pledges=(a_pledge("A", amount_usd_m=100.0, earmark="artillery"),),
    )
    same_money(elsewhere, Plan())
    ask = Till._ask
    with monkeypatch.context() as patch:
        patch.setattr(Till, "_ask", lambda self, need, lifted, only: ask(self, need, frozenset(), only))
        with pytest.raises(AssertionError):
            same_money(elsewhere, Plan())
    problem, plan = two_items()
    assert same_holders(problem, plan) == 2
    with monkeypatch.context() as patch:
        patch.setattr(Pegging, "made_on", lambda self, line: {})
        with pytest.raises(AssertionError):
            same_holders(problem, plan)
    first_of = Competitors._first_of
    with monkeypatch.context() as patch:
        patch.setattr(Competitors, "_first_of", lambda self, room, item, lines, _: first_of(self, room, item, lines, 8))
        with pytest.raises(AssertionError):
            same_holders(problem, plan)


def plain_serving(patch: pytest.MonkeyPatch) -> None:
    """Let every question be answered by serving the demand once more, from room that is counted once more."""

    def served(case: Case, lifted: frozenset[Limit] = AS_IS, freed: Freed = NOTHING) -> Served:
        ask = case.serving.order if isinstance(case.asked, Order) else case.serving.need
        return ask(case.asked, lifted, freed)  # type: ignore[arg-type]

    def available(
        room: Room, item: str, own: Units, lifted: frozenset[Limit], freed: Freed = NOTHING, *, making: bool = True
    ) -> Units:
        level = room._stock[item] - (0 if FLOOR in lifted else room.supply.hard_floors[item]) + own.cumsum()
        level = level + (room._makeable(item, lifted, freed) if making else 0)
        level = level + (freed.stock[item].cumsum() if item in freed.stock else 0)
        return np.maximum(0, np.minimum.accumulate(level[::-1])[::-1])

    patch.setattr(Case, "served", served)
    patch.setattr(Room, "available", available)
    patch.setattr(Serving, "_nothing_for", lambda *_: False)


def same_explanations(problem: Problem) -> int:
    """How many explanations are the same with and without what is remembered. Raises where they differ."""
    found = [facts_of(problem, plan).explanations for plan in plans(problem)]
    with pytest.MonkeyPatch.context() as patch:
        plain_serving(patch)
        assert found == [facts_of(problem, plan).explanations for plan in plans(problem)]
    return sum(len(one) for one in found)


@given(problems())
@DRAWN
def test_what_is_remembered_of_serving_explains_drawn_instances_the_same(problem: Problem) -> None:
    same_explanations(problem)


def test_what_is_remembered_of_serving_explains_the_small_instance_the_same() -> None:
    assert same_explanations(small_problem()) > 10


@pytest.mark.parametrize("tonnes", [0.0, 1.0, 2.0, 100.0])
def test_a_lane_is_served_anew_where_it_was_full(tonnes: float) -> None:
    lanes = tuple(replace(lane, tonnes_per_week=tonnes) for lane in small_problem().lanes)
    same_explanations(small_problem(lanes=lanes))
