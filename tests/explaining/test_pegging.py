"""Pegs: every unit that leaves has a source, in the order in which units came, and no source is used twice."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import HealthCheck, given, settings

from models import capacity
from models.baselines import priority_list
from models.calendar import calendar_of
from models.checker import check_plan
from models.plan import POOL, Made, Plan
from models.problem import Problem, Receipt, Stock
from optimizer.explaining.facts import facts_of
from optimizer.explaining.pegging import Peg
from tests.builders import an_order, bare_problem, day, small_plan, small_problem, to_order
from tests.strategies import problems

DRAWN = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def test_first_in_first_out() -> None:
    problem = bare_problem(
        orders=(an_order("A", quantity=4), an_order("B", quantity=3, due_date=day(1))),
        stocks=(Stock("missile", 2),),
        receipts=(Receipt("missile", day(1), 1),),
    )
    made = (Made("missile_line", "missile", 0, 2), Made("missile_line", "missile", 2, 2))
    plan = Plan(made=made, dispatches=(to_order("A", "missile", 4, 2), to_order("B", "missile", 3, 2)))
    found = facts_of(problem, plan).pegging
    b = [(peg.source, peg.begun, peg.units) for peg in found.of("order", "B")]
    a = [(peg.source, peg.begun, peg.units) for peg in found.of("order", "A")]
    assert b == [("stock", -1, 2), ("slot", 0, 1)], "due first, B is pegged first"
    assert a == [("slot", 0, 1), ("receipt", 1, 1), ("slot", 2, 2)]
    assert [peg.demand for peg in found.on_line("missile_line", 0)] == ["B", "A"]
    assert found.on_line("no_line") == ()


def test_stock_below_the_floor_never_leaves() -> None:
    problem = bare_problem(orders=(an_order("A", quantity=3),), stocks=(Stock("missile", 4, 3),))
    plan = Plan(made=(Made("missile_line", "missile", 0, 2),), dispatches=(to_order("A", "missile", 3, 0),))
    found = facts_of(problem, plan).pegging.of("order", "A")
    assert [(peg.source, peg.units) for peg in found] == [("stock", 1), ("slot", 2)]


def test_units_of_an_offer_come_from_it_and_a_packages_units_from_those_who_pay() -> None:
    problem, plan = small_problem(), small_plan()
    found = facts_of(problem, plan).pegging
    given_units = [row for row in plan.dispatches if row.origin != POOL]
    assert given_units
    assert sum(peg.units for peg in found.pegs if peg.source == "offer") == sum(row.quantity for row in given_units)
    assert found.packages
    payers = [peg for peg in found.packages if peg.payers]
    assert payers
    assert all(abs(sum(share for _, share in peg.payers) - 1) < 1e-9 for peg in payers)


def judge(problem: Problem, plan: Plan, pegs: tuple[Peg, ...]) -> None:
    """Raises unless the pegs account for every unit that leaves, and for no unit twice."""
    sent: dict[tuple[str, str, str, int], int] = defaultdict(int)
    for row in plan.dispatches:
        sent[row.kind, row.demand, row.item, row.period] += row.quantity
    pegged: dict[tuple[str, str, str, int], int] = defaultdict(int)
    used: dict[tuple[str, str, str, int], int] = defaultdict(int)
    for peg in pegs:
        assert peg.units > 0
        assert peg.begun <= peg.leaves, "nothing leaves before it is there"
        pegged[peg.kind, peg.demand, peg.item, peg.leaves] += peg.units
        if peg.source != "offer":
            used[peg.source, peg.name, peg.item, peg.begun] += peg.units
    assert dict(pegged) == dict(sent)
    there: dict[tuple[str, str, str, int], int] = defaultdict(int)
    for item, units in capacity.on_hand(problem).items():
        there["stock", "", item, -1] = units
    for item, row in capacity.receipts(problem, calendar_of(problem)).items():
        for t, units in enumerate(row):
            there["receipt", "", item, t] = units
    for made in plan.made:
        there["slot", made.line, made.item, made.period] += made.quantity
    assert all(units <= there[key] for key, units in used.items())


@DRAWN
@given(problem=problems())
def test_every_unit_has_one_source(problem: Problem) -> None:
    plan = priority_list(problem)
    if check_plan(problem, plan).passed:
        judge(problem, plan, facts_of(problem, plan).pegging.pegs)


@DRAWN
@given(problem=problems())
def test_under_packages_nothing_leaves_before_they_allow_it(problem: Problem) -> None:
    plan = priority_list(problem)
    if not check_plan(problem, plan).passed or problem.package_policy is None:
        return
    facts = facts_of(problem, plan)
    sent = sum(
        units for d in facts.needs for row, units in zip(d.sent, d.sent_units, strict=True) if row.origin == POOL
    )
    assert sum(peg.units for peg in facts.pegging.packages) == sent
    for peg in facts.pegging.packages:
        assert peg.released is not None
        assert facts.calendar.period(peg.released) <= peg.leaves


def test_a_peg_too_much_is_found_out() -> None:
    problem, plan = small_problem(), small_plan()
    pegs = facts_of(problem, plan).pegging.pegs
    judge(problem, plan, pegs)
    try:
        judge(problem, plan, (*pegs, pegs[0]))
    except AssertionError:
        return
    raise AssertionError("a unit that is counted twice passes")
