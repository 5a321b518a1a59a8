"""Money back to units: the packages that units leave under, and the donors behind these."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from models.baselines import priority_list
from models.plan import POOL, Payment, Plan
from models.problem import Problem
from optimizer.explaining.facts import facts_of
from optimizer.explaining.financed import BEFORE, Financed, bought, financed
from tests.builders import small_plan, small_problem, to_need, with_dispatch
from tests.strategies import problems

FAST = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def test_units_belong_to_packages_in_the_order_of_release() -> None:
    problem, plan = small_problem(), small_plan()
    assert financed(problem, facts_of(problem, plan)) == (
        Financed("P-funded", "N-missile", 2, 0, 0),
        Financed("P-proposed", "N-missile", 1, 1, 1),
        Financed("P-new", "N-shell", 5, 4, 5),
        Financed("P-new", "N-shell", 5, 5, 6),
    )


def test_a_dispatch_may_be_split_between_packages_and_the_rest_is_said() -> None:
    problem = small_problem()
    plan = small_plan(dispatches=(to_need("N-missile", "missile", 5, (1, 1), ("air",)),))
    found = financed(problem, facts_of(problem, plan))
    assert [(row.package, row.units) for row in found] == [("P-funded", 2), ("P-proposed", 1), ("", 2)]


def test_without_packages_nothing_is_under_one() -> None:
    problem = small_problem(package_policy=None, packages=(), package_contents=(), pledges=())
    plan = small_plan(contents=(), releases=(), payments=())
    facts = facts_of(problem, plan)
    assert {row.package for row in financed(problem, facts)} == {""}
    assert bought(problem, facts) == ()


def test_a_donor_has_the_part_of_every_unit_that_it_paid_of_the_money() -> None:
    """G-any (DEU) pays 5 and G-ammo (POL) 15 of 20 million USD for ten shells; the first five are on time."""
    problem, plan = small_problem(), small_plan()
    found = {(row.donor, row.package, row.need): row for row in bought(problem, facts_of(problem, plan))}
    german, polish = found["DEU", "P-new", "N-shell"], found["POL", "P-new", "N-shell"]
    assert (german.content, german.delivered, german.on_time, german.value_usd_m) == (2.5, 2.5, 1.25, 5.0)
    assert (polish.content, polish.delivered, polish.on_time, polish.value_usd_m) == (7.5, 7.5, 3.75, 15.0)
    assert (str(polish.first), str(polish.last)) == ("2026-02-09", "2026-02-16")
    assert found["DEU", "P-proposed", "N-missile"].content == 1.0
    assert found[BEFORE, "P-funded", "N-missile"].content == 2.0


def test_money_for_one_category_buys_nothing_of_another() -> None:
    problem = small_problem()
    plan = small_plan(payments=(Payment("P-proposed", "G-any", "ammunition", 10.0),))
    donors = {row.donor for row in bought(problem, facts_of(problem, plan)) if row.package == "P-proposed"}
    assert donors == {BEFORE}


def test_what_is_paid_for_and_not_sent_is_content_only() -> None:
    problem, plan = small_problem(), with_dispatch(small_plan(), "N-shell", 5, quantity=0)
    rows = [row for row in bought(problem, facts_of(problem, plan)) if row.package == "P-new"]
    assert sum(row.content for row in rows) == 10.0
    assert sum(row.delivered for row in rows) == 5.0


@given(problems())
@FAST
def test_units_and_contents_add_up(problem: Problem) -> None:
    plan = priority_list(problem)
    facts = facts_of(problem, plan)
    under: dict[str, int] = defaultdict(int)
    by_package: dict[tuple[str, str], int] = defaultdict(int)
    for row in financed(problem, facts):
        under[row.need] += row.units
        by_package[row.package, row.need] += row.units
    for demand in facts.needs:
        from_pool = sum(n for s, n in zip(demand.sent, demand.sent_units, strict=True) if s.origin == POOL)
        assert under[demand.demand] == from_pool
    parts = bought(problem, facts)
    for package in facts.packages:
        for need, quantity, _ in package.contents if package.period is not None else ():
            mine = [row for row in parts if (row.package, row.need) == (package.package, need)]
            assert sum(row.content for row in mine) == pytest.approx(quantity)
            assert sum(row.delivered for row in mine) == pytest.approx(by_package[package.package, need])
            assert all(row.on_time <= row.delivered + 1e-9 <= row.content + 2e-9 for row in mine)


def test_released_together_counts_in_the_order_of_the_table() -> None:
    problem = small_problem()
    turned = replace(problem, packages=problem.packages[::-1])
    plan: Plan = small_plan()
    assert financed(turned, facts_of(turned, plan))[0].package == "P-funded", "released earlier"
