"""Goods under way keep their room on lanes, whatever a later plan thinks."""

from __future__ import annotations

from dataclasses import replace

from models.checker import check_plan
from models.plan import Plan
from models.problem import DeliveryPolicy, Lane, Problem, Site, Stock
from optimizer.rolling.history import Elapsed
from optimizer.rolling.under_way import carried_out, loads_of, overloads
from tests.builders import a_need, an_item, bare_problem, day, to_need

ROUTE = ("sea", "road")


def a_port() -> Problem:
    """A week by sea, then a road that carries two units a week; ten are in stock."""
    return bare_problem(
        items=(an_item(tonnes=1.0),),
        needs=(a_need(quantity=10, needed_by=day(0)),),
        stocks=(Stock("missile", 10),),
        sites=tuple(Site(name, name) for name in ("plant", "port", "end")),
        lanes=(Lane("sea", "plant", "port", 1), Lane("road", "port", "end", 0, 2.0)),
        delivery=DeliveryPolicy("plant", "end", 1, 2),
    )


def sent(week: int, units: int) -> Elapsed:
    return Elapsed(day(week), day(week + 1), Plan(dispatches=(to_need("N-missile", "missile", units, (0, 1), ROUTE),)))


def later(problem: Problem, week: int) -> Problem:
    return replace(problem, start=day(week), periods=((8 - week, 1),))


def test_loads_are_on_limited_lanes_on_the_day_of_their_use() -> None:
    assert loads_of(a_port(), [sent(0, 2), sent(1, 1)]) == {("road", day(1)): 2.0, ("road", day(2)): 1.0}


def test_a_plan_that_counts_on_room_that_is_taken() -> None:
    """A week later the sea takes no time any more in the plan's eyes: its goods would meet those under way."""
    fast = later(replace(a_port(), lanes=(Lane("sea", "plant", "port", 0), Lane("road", "port", "end", 0, 2.0))), 1)
    loads = loads_of(a_port(), [sent(0, 1)])
    plan = Plan(dispatches=(to_need("N-missile", "missile", 2, (0, 0), ROUTE),))
    assert check_plan(fast, plan).passed
    assert overloads(fast, plan.dispatches, loads)
    assert not overloads(fast, plan.dispatches, {})
    done = carried_out(fast, plan, fast, loads)
    assert {(row.period, row.quantity) for row in done.dispatches} == {(0, 1), (1, 1)}
    assert not overloads(fast, done.dispatches, loads)


def test_what_is_over_takes_no_room() -> None:
    fast = later(replace(a_port(), lanes=(Lane("sea", "plant", "port", 0), Lane("road", "port", "end", 0, 2.0))), 2)
    plan = Plan(dispatches=(to_need("N-missile", "missile", 2, (0, 0), ROUTE),))
    assert not overloads(fast, plan.dispatches, loads_of(a_port(), [sent(0, 2)]))
