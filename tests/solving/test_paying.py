"""Payers chosen again: the safest money first, within every rule, and less content where that is worth it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.checker import check_plan
from models.plan import Content, Dispatch, Made, Payment, Plan, Release
from models.problem import Need, PackagesPolicy, Problem
from optimizer.solving.paying import paid_again
from tests.builders import a_pledge, bare_problem, day

POLICY = PackagesPolicy(
    target_usd_m=50.0, tolerance=0.2, max_new=1, max_donors=2, min_contribution_usd_m=5.0, contract_weeks=1
)


def a_problem(**changes: object) -> Problem:
    """One package of five missiles, 50 million USD, and three pledges of which two can pay for it."""
    pledges = tuple(a_pledge(name, amount_usd_m=amount) for name, amount in (("A", 30.0), ("B", 30.0), ("C", 25.0)))
    problem = bare_problem(needs=(Need("N", "missile", 5, 1, day(1)),), pledges=pledges, package_policy=POLICY)
    return replace(problem, **changes)  # type: ignore[arg-type]


def a_plan(first: str = "A", second: str = "B") -> Plan:
    return Plan(
        dispatches=tuple(Dispatch("N", "need", "pool", "missile", units, t, t) for t, units in ((1, 3), (2, 2))),
        made=(Made("missile_line", "missile", 0, 3), Made("missile_line", "missile", 1, 2)),
        contents=(Content("P", "N", 5),),
        releases=(Release("P", "new", 0),),
        payments=(Payment("P", first, "air_defence", 25.0), Payment("P", second, "air_defence", 25.0)),
    )


def risky(**shares: float) -> dict[tuple[str, int], float]:
    return {(name, t): share for name, share in shares.items() for t in range(8)}


def payers(plan: Plan | None) -> dict[str, float]:
    assert plan is not None
    return {row.pledge: pytest.approx(row.amount_usd_m, abs=1e-6) for row in plan.payments}  # type: ignore[misc]


def test_the_case_itself_is_legal() -> None:
    assert check_plan(a_problem(), a_plan()).passed


def test_money_that_may_fail_is_left_aside() -> None:
    found = paid_again(a_problem(), a_plan(), risk=risky(A=0.5, B=0.1), weeks=None, seconds=10.0)
    assert payers(found) == {"B": 25.0, "C": 25.0}
    assert found is not None
    assert check_plan(a_problem(), found).passed
    assert (found.contents, found.made, found.releases) == (a_plan().contents, a_plan().made, a_plan().releases)


def test_no_more_donors_than_allowed_though_the_rest_would_be_safer() -> None:
    problem = a_problem(pledges=(*a_problem().pledges, a_pledge("D", amount_usd_m=20.0)))
    found = paid_again(problem, a_plan(), risk=risky(A=0.5, B=0.5), weeks=None, seconds=10.0)
    assert payers(found) in ({"A": 25.0, "C": 25.0}, {"B": 25.0, "C": 25.0}, {"A": 25.0, "B": 25.0})
    assert found is not None
    assert check_plan(problem, found).passed


@pytest.mark.parametrize("change", [{"earmark": "ammunition"}, {"available_on": day(1)}, {"amount_usd_m": 4.0}])
def test_safe_money_that_may_not_pay_does_not(change: dict[str, object]) -> None:
    pledges = tuple(replace(row, **change) if row.pledge == "C" else row for row in a_problem().pledges)  # type: ignore[arg-type]
    problem = a_problem(pledges=pledges)
    found = paid_again(problem, a_plan(), risk=risky(A=0.5, B=0.5), weeks=None, seconds=10.0)
    assert set(payers(found)) == {"A", "B"}
    assert found is not None
    assert check_plan(problem, found).passed


def test_contents_are_cut_only_where_failing_money_is_taken_to_cost_enough() -> None:
    problem = a_problem(pledges=a_problem().pledges[:2])
    risk = risky(A=0.9, B=0.9)
    calm = paid_again(problem, a_plan(), risk=risk, weeks=0.0, seconds=10.0)
    wary = paid_again(problem, a_plan(), risk=risk, weeks=500.0, seconds=10.0)
    assert calm is not None
    assert wary is not None
    assert [row.quantity for row in calm.contents] == [5]
    assert [row.quantity for row in wary.contents] == [4], "down to the least value and no further"
    assert sum(row.quantity for row in wary.dispatches) == 4
    assert check_plan(problem, wary).passed


def test_without_packages_there_is_nothing_to_choose() -> None:
    assert paid_again(bare_problem(), Plan(), risk={}, weeks=None, seconds=1.0) is None
    assert paid_again(a_problem(), Plan(), risk={}, weeks=None, seconds=1.0) is None
