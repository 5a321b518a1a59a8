"""Who uses a line in a period, and who wanted it."""

from __future__ import annotations

from models.plan import Made, Plan
from optimizer.explaining.facts import facts_of
from optimizer.explaining.usage import slot_use
from tests.builders import an_order, bare_problem, day, to_order


def test_users_and_those_who_wanted_it() -> None:
    orders = (
        an_order("first", quantity=3),
        an_order("late", quantity=3, due_date=day(0), weight_multiplier=3.0),
        an_order("later", quantity=1, due_date=day(0)),
        an_order("in time", quantity=1, due_date=day(7)),
    )
    problem = bare_problem(orders=orders)
    made = tuple(Made("missile_line", "missile", t, 3) for t in range(3))
    rows = (
        to_order("first", "missile", 3, 0),
        to_order("late", "missile", 3, 1),
        to_order("later", "missile", 1, 2),
        to_order("in time", "missile", 1, 2),
    )
    plan = Plan(made=made, dispatches=rows)
    facts = facts_of(problem, plan)
    use = slot_use(problem, facts, [("missile", 3)], "missile_line", 0)
    assert (use.slots, use.used) == (3, 3)
    assert [(peg.demand, peg.units) for peg in use.users] == [("first", 3)]
    assert [one.demand for one in use.wanting] == ["late", "later"], "the heaviest first; who comes in time wants none"
    assert use.unused == ()
    last = slot_use(problem, facts, [("missile", 3)], "missile_line", 2)
    assert [peg.demand for peg in last.users] == ["later", "in time"]
    assert last.unused == (("missile", 1),)
    assert last.wanting == ()
