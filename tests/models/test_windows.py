"""Dominance: what is left out never makes a plan better, and what must stay stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from models.build import compile_model
from models.facts import Facts, Move
from models.problem import (
    Commitment,
    DeliveryPolicy,
    Lane,
    Problem,
    ReadinessPolicy,
    Receipt,
    Site,
    StabilityPolicy,
    Stock,
)
from models.windows import order_window, replacement_window, supply_bound, useful_moves
from optimizer.solving.highs import run
from optimizer.solving.program import program_of
from tests.builders import START, a_need, an_offer, an_order, bare_problem, day
from tests.models.solved import LIMITS, TEXTBOOK
from tests.strategies import problems

CHANGE = StabilityPolicy(0, 0.0, 1.0)


def window(problem: Problem) -> list[int]:
    """Window of the one order of a problem of eight weeks."""
    return order_window(Facts(problem), problem.orders[0])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"due_date": day(5)}, [5, 6, 7]),
        ({"due_date": day(4, 1)}, [4, 5, 6, 7]),
        ({"due_date": day(-3)}, list(range(8))),
        ({"due_date": day(2), "earliest_date": day(5)}, [5, 6, 7]),
        ({"due_date": day(5), "firm_by": day(3)}, [3]),
        ({"due_date": day(2), "firm_by": day(4, 6)}, [2, 3, 4]),
        ({"due_date": day(2), "earliest_date": day(4), "firm_by": day(3)}, []),
        ({"due_date": day(8)}, []),
        ({"due_date": day(9), "firm_by": day(6)}, [6]),
        ({"due_date": day(7, 1)}, [7]),
    ],
)
def test_order_window_by_hand(changes: dict[str, Any], expected: list[int]) -> None:
    """From the last period on time to the end, or to the promise; nothing where it is never late."""
    assert window(bare_problem(orders=(an_order(**changes),))) == expected


def test_a_commitment_keeps_its_period_open() -> None:
    rows = (Commitment("O-each", "missile", day(1), 1), Commitment("O-each", "missile", day(12), 1))
    problem = bare_problem(orders=(an_order(due_date=day(6)),), commitments=rows, stability=CHANGE)
    assert window(problem) == [1, 6, 7]
    assert window(replace(problem, stability=None)) == [6, 7]


def test_replacement_leaves_last_thing_or_as_committed() -> None:
    offer = an_offer("V", available_on=day(1, 3), replacement_within_weeks=4)
    rows = (Commitment("V", "missile", day(2), 1), Commitment("V", "missile", day(7), 1))
    problem = bare_problem(offers=(offer,), commitments=rows, stability=CHANGE)
    assert replacement_window(Facts(problem), offer) == [2, 5]
    assert replacement_window(Facts(problem), replace(offer, available_on=day(-9))) == []


def moves_of(problem: Problem) -> list[tuple[str, int, tuple[str, ...]]]:
    """Origin, period and lanes of the useful moves."""
    return [(move.origin, move.period, move.route.lanes) for move in useful_moves(Facts(problem))]


def travelling(*lanes: Lane, **changes: Any) -> Problem:
    return bare_problem(
        periods=((4, 1),),
        needs=(a_need(quantity=1, needed_by=day(2), **changes),),
        sites=(Site("plant", "plant"), Site("dest", "dest")),
        lanes=lanes,
        delivery=DeliveryPolicy("plant", "dest", 9, 2),
    )


def test_on_a_free_route_only_the_latest_of_equals_leaves() -> None:
    """One week away and due in week 2: leaving in 0 or in 1 is as good; in 2 it arrives in 3, in 3 never."""
    problem = travelling(Lane("road", "plant", "dest", 1))
    assert moves_of(problem) == [("pool", 1, ("road",)), ("pool", 2, ("road",))]
    kept = replace(problem, commitments=(Commitment("N-missile", "missile", START, 1),), stability=CHANGE)
    assert [period for _, period, _ in moves_of(kept)] == [0, 1, 2]


def test_on_a_limited_route_every_period_counts() -> None:
    problem = travelling(Lane("road", "plant", "dest", 1, 5.0))
    assert [period for _, period, _ in moves_of(problem)] == [0, 1, 2]


def test_a_quicker_route_that_is_free_leaves_no_other() -> None:
    free, limited = Lane("air", "plant", "dest", 0), Lane("rail", "plant", "dest", 1, 5.0)
    assert {lanes for _, _, lanes in moves_of(travelling(free, limited))} == {("air",)}
    scarce, slow = Lane("air", "plant", "dest", 0, 5.0), Lane("rail", "plant", "dest", 1)
    assert {lanes for _, _, lanes in moves_of(travelling(scarce, slow))} == {("air",), ("rail",)}


def test_what_would_arrive_expired_does_not_exist() -> None:
    problem = travelling(Lane("road", "plant", "dest", 1, 5.0), expires_on=day(2, 6))
    assert [period for _, period, _ in moves_of(problem)] == [0, 1]


def test_supply_bound_by_hand() -> None:
    """Two above the floor, three slots a week, one received in week 1."""
    problem = bare_problem(
        periods=((3, 1),), stocks=(Stock("missile", 5, 3),), receipts=(Receipt("missile", day(1), 1),)
    )
    assert supply_bound(Facts(problem)) == {"missile": [5, 9, 12]}


drawn = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@given(problems())
@drawn
def test_no_plan_takes_more_than_the_supply_bound(problem: Problem) -> None:
    """The most that can have left by each period, found by a linear program over the literal model."""
    quiet = replace(problem, needs=(), offers=(), package_policy=None, packages=(), package_contents=(), commitments=())
    orders = tuple(replace(order, firm_by=None) for order in quiet.orders)
    built = compile_model(replace(quiet, orders=orders, approval=None, readiness=ReadinessPolicy(0.0)), TEXTBOOK)
    facts, program = built.draft.facts, program_of(built.matrix)
    bound = supply_bound(facts)
    for order in facts.problem.orders:
        cost = 0 * program.cost
        for t in range(facts.T):
            if ("dispatched", (order.order, t)) in built.matrix.column_of:
                cost[built.matrix.column_of["dispatched", (order.order, t)]] = -1.0
            answer = run(replace(program, cost=cost, offset=0.0), LIMITS)
            assert answer.objective is not None
            assert -answer.objective <= bound[order.item][t] + 1e-6


def dominates(facts: Facts, other: Move, move: Move) -> bool:
    """Whether the other move may stand in for it: same unit and origin, no earlier, saves as much, no other lane."""
    lanes, own = facts.lane_periods(other), facts.lane_periods(move)
    same = (other.need, other.item, other.origin) == (move.need, move.item, move.origin)
    return same and other.period >= move.period and other.saving >= move.saving and set(lanes) <= set(own)


@given(problems())
@drawn
def test_every_move_left_out_has_one_that_stands_in(problem: Problem) -> None:
    facts = Facts(problem)
    kept = useful_moves(facts)
    assert set(kept) <= set(facts.moves)
    for move in facts.moves:
        if move not in kept:
            heavy = facts.items[move.item].tonnes * move.ratio
            fits = all(heavy <= facts.lane_tonnes[lane][t] + 1e-9 for lane, t in facts.lane_periods(move))
            assert not fits or any(dominates(facts, other, move) for other in kept), move
            if fits and move.origin == "pool":
                committed = facts.committed_periods.get(move.need, set())
                stays = [m for m in kept if m.period == move.period and dominates(facts, m, move)]
                assert move.period not in committed or stays
