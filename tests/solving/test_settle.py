"""Settling packages: payers within donors' number, least contribution, earmarks and dates; contents they can pay."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

import numpy as np
import pytest

from models.blocks.funding import split_by_category
from models.build import Built, compile_draft
from models.checker import check_plan
from models.facts import Facts
from models.plan import Content, Payment, Plan, Release
from models.problem import Package, PackageContent, PackagesPolicy, Pledge, Problem
from models.settle import Wanted, contents, payers, worth
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import program_of
from tests.builders import a_need, a_pledge, an_item, bare_problem, day

FUNDING = {
    "package_value", "fully_funded", "within_pledge", "pledge_earmark", "pledge_dates", "minimum_contribution",
    "donors_per_package", "content_within_need", "releases_per_period", "released_once",
}  # fmt: skip
PRICE = {"missile": 7.0, "shell": 1.5}


def book(pledges: tuple[Pledge, ...], **policy: Any) -> Problem:
    """Needs of forty missiles of 7 and a hundred shells of 1.5 million; packages of 100 ± 10, three donors at most."""
    terms = {"target_usd_m": 100.0, "tolerance": 0.1, "max_new": 3, "max_donors": 3, "min_contribution_usd_m": 10.0}
    return bare_problem(
        items=(
            an_item("missile", unit_price_usd_m=PRICE["missile"]),
            an_item("shell", category="ammunition", unit_price_usd_m=PRICE["shell"]),
        ),
        needs=(a_need("N-missile", quantity=40), a_need("N-shell", item="shell", quantity=100)),
        packages=(Package("P-set", "proposed"),),
        package_contents=(PackageContent("P-set", "N-shell", 20),),
        pledges=pledges,
        package_policy=PackagesPolicy(**(terms | {"contract_weeks": 0} | policy)),
    )


def new(period: int, k: int, missiles: float, shells: float) -> Wanted:
    return Wanted(("new", period, k), {"N-missile": missiles, "N-shell": shells})


SET = Wanted(("proposed", "P-set", 1), {"N-shell": 20})


def solved(built: Built) -> tuple[float | None, dict[str, dict[tuple[Any, ...], float]]]:
    """Objective and values by variable name and index; None if there is no solution."""
    answer = run(program_of(built.matrix), Limits(20.0, 1e-7))
    if answer.x is None:
        assert answer.end == "infeasible"
        return None, {}
    found: dict[str, dict[tuple[Any, ...], float]] = defaultdict(dict)
    for (kind, key), j in built.matrix.column_of.items():
        found[kind][key] = float(answer.x[j])
    return answer.objective, found


def chosen_by(values: dict[str, dict[tuple[Any, ...], float]]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for (pledge, k), value in values["takes_part"].items():
        if value > 0.5:
            found[k].add(pledge)
    return found


def plan_of(facts: Facts, releases: list[Wanted], values: dict[str, dict[tuple[Any, ...], float]]) -> Plan:
    """The packages of settled contents and payers as a plan that sends nothing."""
    rows: list[Content] = []
    made: list[Release] = []
    paid: list[Payment] = []
    for k, wanted in enumerate(releases):
        name = f"new {k}" if wanted.is_new else str(wanted.place[1])
        made.append(Release(name, "new" if wanted.is_new else "proposed", wanted.period))
        held = dict(wanted.contents)
        if wanted.is_new:
            held = {n: float(round(v)) for (n, slot), v in values["content"].items() if slot == k}
            rows += [Content(name, need, int(units)) for need, units in held.items() if units]
        amounts = {g: v for (g, slot), v in values["pays"].items() if slot == k and v > 1e-9}
        paid += split_by_category(facts, name, amounts, worth(facts, Wanted(wanted.place, held)))
    return Plan(contents=tuple(rows), releases=tuple(made), payments=tuple(paid))


def test_worth_by_category() -> None:
    facts = Facts(book(()))
    assert worth(facts, new(0, 0, 2, 10)) == {"air_defence": 14.0, "ammunition": 15.0}
    assert worth(facts, SET) == {"ammunition": 30.0}
    assert (SET.period, SET.is_new, new(2, 0, 1, 1).period) == (1, False, 2)


def test_payers_pay_all_that_they_can() -> None:
    problem = book((a_pledge("A", amount_usd_m=60.0), a_pledge("B", amount_usd_m=41.0)))
    unpaid, values = solved(compile_draft(payers(Facts(problem), [new(0, 0, 10, 20)])))
    assert unpaid == pytest.approx(0.0, abs=1e-6)
    assert sum(values["pays"].values()) == pytest.approx(100.0)
    assert chosen_by(values) == {0: {"A", "B"}}


def test_payers_leave_as_little_unpaid_as_donors_allow() -> None:
    """Four pledges of 32 for a package of 100 and three donors: 96 of it are paid."""
    problem = book(tuple(a_pledge(f"G{k}", amount_usd_m=32.0) for k in range(4)))
    unpaid, values = solved(compile_draft(payers(Facts(problem), [new(0, 0, 10, 20)])))
    assert unpaid == pytest.approx(4.0)
    assert len(chosen_by(values)[0]) == 3


def test_payers_with_money_to_spare_where_whole_units_would_not_add_up() -> None:
    """A package wanted at its least, 90: with pledges of just 90 its seven-million units must add up to that; with some
    to spare the other package, which may be less, gives up as much and more."""
    pledges = (("A", 90.0), ("B", 50.0), ("C", 50.0), ("D", 4.0))
    problem = book(tuple(a_pledge(name, amount_usd_m=amount) for name, amount in pledges), min_contribution_usd_m=2.0)
    two = [Wanted(("new", 0, 0), {"N-missile": 90 / 7}), Wanted(("new", 0, 1), {"N-missile": 104 / 7})]
    unpaid, values = solved(compile_draft(payers(Facts(problem), two)))
    assert unpaid == pytest.approx(0.0, abs=1e-6)
    assert sum(value for (_, k), value in values["pays"].items() if k == 0) == pytest.approx(90.0)
    _, values = solved(compile_draft(payers(Facts(problem), two, 4.0)))
    assert sum(value for (_, k), value in values["pays"].items() if k == 0) == pytest.approx(94.0)
    assert values["spare"] == {(0,): pytest.approx(4.0)}
    assert sum(values["unpaid"].values()) == pytest.approx(4.0)
    assert len(chosen_by(values)[0]) > 1


def test_payers_below_the_least_value_are_none() -> None:
    """Three donors of 29 make 87, less than the 90 a package needs."""
    problem = book(tuple(a_pledge(f"G{k}", amount_usd_m=29.0) for k in range(4)))
    assert solved(compile_draft(payers(Facts(problem), [new(0, 0, 10, 20)])))[0] is None


def test_proposed_package_is_paid_to_the_last() -> None:
    """A proposed package of 30 million has no tolerance: 29 are too little, 30 are enough."""
    short, enough = (book((a_pledge(amount_usd_m=amount),)) for amount in (29.0, 30.0))
    assert solved(compile_draft(payers(Facts(short), [SET])))[0] is None
    assert solved(compile_draft(payers(Facts(enough), [SET])))[0] == pytest.approx(0.0, abs=1e-6)


def test_nobody_pays_less_than_the_least_contribution() -> None:
    """95 and a pledge of 8 that is too small to take part; then one of 12, of which 10 at least are taken."""
    small = book((a_pledge("A", amount_usd_m=95.0), a_pledge("B", amount_usd_m=8.0)))
    unpaid, values = solved(compile_draft(payers(Facts(small), [new(0, 0, 10, 20)])))
    assert unpaid == pytest.approx(5.0)
    assert chosen_by(values) == {0: {"A"}}
    large = book((a_pledge("A", amount_usd_m=95.0), a_pledge("B", amount_usd_m=12.0)))
    unpaid, values = solved(compile_draft(payers(Facts(large), [new(0, 0, 10, 20)])))
    assert unpaid == pytest.approx(0.0, abs=1e-6)
    assert values["pays"]["B", 0] >= 10.0 - 1e-6


def test_earmarked_money_pays_its_category_only() -> None:
    """80 million for ammunition, of which the package wants 30; what is free pays 61."""
    problem = book((a_pledge("A", amount_usd_m=80.0, earmark="ammunition"), a_pledge("B", amount_usd_m=61.0)))
    unpaid, values = solved(compile_draft(payers(Facts(problem), [new(0, 0, 10, 20)])))
    assert unpaid == pytest.approx(9.0)
    assert values["pays"]["A", 0] == pytest.approx(30.0)


def test_money_pays_in_its_time_only() -> None:
    late = a_pledge("A", amount_usd_m=100.0, available_on=day(2), expires_on=day(3))
    for period, there in ((1, False), (2, True), (3, True), (4, False)):
        unpaid, _ = solved(compile_draft(payers(Facts(book((late,))), [new(period, 0, 10, 20)])))
        assert (unpaid is not None) == there, period


def test_pledge_is_spent_once() -> None:
    problem = book((a_pledge("A", amount_usd_m=130.0), a_pledge("B", amount_usd_m=65.0)))
    both = [new(0, 0, 10, 20), new(1, 0, 10, 20)]
    unpaid, values = solved(compile_draft(payers(Facts(problem), both)))
    assert unpaid == pytest.approx(5.0)
    assert values["pays"]["A", 0] + values["pays"]["A", 1] <= 130.0 + 1e-6


def test_contents_are_the_wanted_ones_if_these_can_be_paid() -> None:
    problem = book((a_pledge("A", amount_usd_m=200.0),))
    most, saving = {"N-missile": 40, "N-shell": 100}, {"N-missile": 70.0, "N-shell": 10.0}
    off, values = solved(compile_draft(contents(Facts(problem), [new(0, 0, 10, 20)], {0: {"A"}}, most, saving)))
    assert off == pytest.approx(0.0, abs=1e-5)
    assert values["content"] == pytest.approx({("N-missile", 0): 10.0, ("N-shell", 0): 20.0})


def test_contents_give_up_what_saves_least_for_its_money() -> None:
    """95 for 100: a missile of 7 saves 70, four shells of 6 save 4 · 5; what is left buys no more of either."""
    problem = book((a_pledge("A", amount_usd_m=95.0),))
    most, saving = {"N-missile": 10, "N-shell": 20}, {"N-missile": 70.0, "N-shell": 5.0}
    off, values = solved(compile_draft(contents(Facts(problem), [new(0, 0, 10, 20)], {0: {"A"}}, most, saving)))
    assert values["content"] == pytest.approx({("N-missile", 0): 10.0, ("N-shell", 0): 16.0})
    assert off == pytest.approx(20.0)


def test_contents_keep_to_what_needs_may_get() -> None:
    problem = book((a_pledge("A", amount_usd_m=300.0),))
    releases = [new(0, 0, 10, 20), new(1, 0, 10, 20)]
    most, saving = {"N-missile": 17, "N-shell": 100}, {"N-missile": 70.0, "N-shell": 10.0}
    _, values = solved(compile_draft(contents(Facts(problem), releases, {0: {"A"}, 1: {"A"}}, most, saving)))
    assert values["content"]["N-missile", 0] + values["content"]["N-missile", 1] <= 17 + 1e-6
    verdict = check_plan(problem, plan_of(Facts(problem), releases, values))
    assert {row.rule for row in verdict.violations} & FUNDING == set()


def drawn(seed: int) -> tuple[Problem, list[Wanted]]:
    """Random pledges, some earmarked or dated or too small, and two new releases beside the proposed package."""
    random = np.random.default_rng(seed)
    pledges = []
    for k in range(12):
        first = int(random.integers(0, 3))
        expires: dt.date | None = day(first + int(random.integers(0, 4))) if random.random() < 0.3 else None
        earmark = str(random.choice(["ammunition", "air_defence"])) if random.random() < 0.4 else None
        amount = float(random.integers(5, 70)) + 0.37
        pledges.append(a_pledge(f"G{k:02}", amount_usd_m=amount, available_on=day(first), expires_on=expires,
                                earmark=earmark))  # fmt: skip
    releases = [SET]
    for k, period in enumerate((1, 2)):
        missiles = float(random.uniform(4, 9))
        releases.append(new(period, k, missiles, (float(random.uniform(92, 108)) - missiles * 7) / 1.5))
    return book(tuple(pledges), min_contribution_usd_m=8.0), releases


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_settled_is_allowed(seed: int) -> None:
    """Payers, then contents, judged by the checker: no rule of packages and money is broken."""
    problem, releases = drawn(seed)
    facts = Facts(problem)
    unpaid, values = solved(compile_draft(payers(facts, releases)))
    assert unpaid is not None, "choose another seed: nobody can pay for these"
    chosen = chosen_by(values)
    assert all(1 <= len(donors) <= 3 for donors in chosen.values())
    amounts = [v for v in values["pays"].values() if v > 1e-6]
    assert min(amounts) >= 8.0 - 1e-5
    most, saving = {"N-missile": 40, "N-shell": 80}, {"N-missile": 70.0, "N-shell": 10.0}
    off, values = solved(compile_draft(contents(facts, releases, chosen, most, saving)))
    assert off is not None
    plan = plan_of(facts, releases, values)
    verdict = check_plan(problem, plan)
    assert [row for row in verdict.violations if row.rule in FUNDING] == []
    assert {row.rule for row in verdict.violations} <= {"promise_kept"}, "only what nothing was sent for"
    assert {row.package for row in plan.payments} == {row.package for row in plan.releases}
