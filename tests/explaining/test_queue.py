"""Places in the queue for an item: in the plan, and by the dates alone."""

from __future__ import annotations

from models.plan import Made, Plan
from optimizer.explaining.facts import facts_of
from optimizer.explaining.queue import Place, places
from tests.builders import a_need, an_order, bare_problem, day, small_plan, small_problem, to_order


def test_who_is_served_first_stands_first() -> None:
    orders = (an_order("A", placed_on=day(-9)), an_order("B", placed_on=day(-8)), an_order("C", placed_on=day(-7)))
    problem = bare_problem(orders=orders)
    plan = Plan(
        dispatches=(to_order("C", "missile", 2, 0), to_order("A", "missile", 1, 1), to_order("A", "missile", 1, 4))
    )
    found = places(problem, facts_of(problem, plan))
    assert found["order", "C"] == Place(1, 3, 3)
    assert found["order", "A"] == Place(2, 1, 3)
    assert found["order", "B"] == Place(3, 2, 3), "what never leaves stands last"


def test_half_an_order_early_is_not_a_whole_one() -> None:
    problem = bare_problem(orders=(an_order("A", quantity=4), an_order("B", quantity=4)))
    plan = Plan(
        made=(Made("missile_line", "missile", 0, 3),),
        dispatches=(to_order("A", "missile", 1, 0), to_order("B", "missile", 4, 5)),
    )
    found = places(problem, facts_of(problem, plan))
    assert (found["order", "A"].place, found["order", "B"].place) == (2, 1)


def test_those_who_are_level_share_the_better_place() -> None:
    problem = bare_problem(orders=(an_order("A"), an_order("B")), needs=(a_need("N", needed_by=day(3)),))
    found = places(problem, facts_of(problem, Plan()))
    assert {place.place for place in found.values()} == {1}
    assert [found[key].by_date for key in (("order", "A"), ("order", "B"), ("need", "N"))] == [1, 1, 3]


def test_every_item_has_a_queue_of_its_own_and_gifts_wait_in_none() -> None:
    problem = small_problem()
    found = places(problem, facts_of(problem, small_plan()))
    assert found["need", "N-shell"] == Place(3, 3, 3)
    assert found["replacement", "V-open"] == Place(4, 3, 4)
    assert {place.of for key, place in found.items() if key[1].startswith(("O-each", "O-firm", "N-missile"))} == {4}
