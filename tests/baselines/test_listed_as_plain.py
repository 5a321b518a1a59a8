"""What is not looked at twice changes no plan: the plain way of `plain.py` makes the same ones on drawn instances."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from models.baselines import first_come_first_served, list_plan, priority_list, ranking_by_weight
from models.listing import bundles
from models.plan import Plan
from models.problem import LineItem, LineRate, PackagesPolicy, Problem
from tests.baselines.plain import plainly
from tests.builders import START, a_need, a_pledge, a_weights_policy, an_item, bare_problem, day, small_problem
from tests.strategies import problems

DRAWN = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def plans(problem: Problem) -> list[Plan]:
    """The two cases, and the other ways of the list."""
    ranking, offers = ranking_by_weight(problem), [offer.offer for offer in problem.offers]
    return [
        first_come_first_served(problem),
        priority_list(problem),
        list_plan(problem, ranking, accepted=offers, just_in_time=True),
    ]


def plain_plans(problem: Problem) -> list[Plan]:
    with pytest.MonkeyPatch.context() as patch:
        plainly(patch)
        return plans(problem)


@given(problems())
@DRAWN
def test_the_same_plans_on_drawn_instances(problem: Problem) -> None:
    assert plans(problem) == plain_plans(problem)


def test_the_same_plans_on_the_small_instance() -> None:
    assert plans(small_problem()) == plain_plans(small_problem())


def many_needs(count: int) -> Problem:
    """Needs of three categories and many prices, a few pledges with earmarks, and packages that hold several."""
    names = [f"I{at}" for at in range(9)]
    items = tuple(
        an_item(name, category=("air", "ammo", "sea")[at % 3], unit_price_usd_m=0.5 + at % 7 * 0.75)
        for at, name in enumerate(names)
    )
    needs = tuple(
        a_need(f"N{at:03}", item=names[at % 9], quantity=1 + at % 4, urgency=1 + at % 5) for at in range(count)
    )
    pledges = (
        a_pledge("G1", amount_usd_m=40.0),
        a_pledge("G2", amount_usd_m=30.0, earmark="air"),
        a_pledge("G3", amount_usd_m=25.0, earmark="sea", available_on=day(2)),
    )
    line_items = tuple(LineItem("missile_line", name, 1) for name in names)
    policy = PackagesPolicy(20.0, 0.2, 8, 3, 1.0, 1)
    return bare_problem(
        items=items,
        needs=needs,
        pledges=pledges,
        line_items=line_items,
        line_rates=(LineRate("missile_line", START, 9.0),),
        package_policy=policy,
        weights=a_weights_policy(),
    )


@pytest.mark.parametrize("look", [1, 5, 32])
def test_packages_are_filled_the_same_however_many_needs_are_looked_at_together(
    look: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = many_needs(120)
    monkeypatch.setattr(bundles, "_LOOK", look)
    found = plans(problem)
    assert all(len(plan.contents) > 10 for plan in found)
    assert found == plain_plans(problem)
