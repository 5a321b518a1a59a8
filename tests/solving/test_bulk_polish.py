"""A settled order book: shared capacity is dealt out once, whole needs stay near the relaxation, rounds never lose."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from models.baselines import priority_list
from models.bulk.batch import EACH_KEPT
from models.bulk.worth import worth
from models.checker import check_plan
from models.facts import Facts
from models.matrix import Vector
from models.plan import Content, Dispatch, Made, Payment, Plan, Release
from models.problem import (
    Commitment,
    Component,
    ComponentRate,
    ItemComponent,
    Line,
    LineItem,
    LineRate,
    PackagesPolicy,
    Problem,
    StabilityPolicy,
    Stock,
)
from optimizer.solving.bulk import Bulk
from optimizer.solving.bulk_blocks import Dealer, blocks_of, wholeness
from optimizer.solving.bulk_polish import Polish
from optimizer.solving.bulk_start import balanced, columns_of, near, promising, served, whole_needs
from optimizer.solving.highs import Limits, run
from optimizer.solving.places.where import Where
from optimizer.solving.program import FEASIBLE, Program
from tests.builders import a_need, a_pledge, an_item, an_order, bare_problem, day
from tests.models.bulk.books import master_of, relaxed
from tests.models.solved import SLOTS, solved
from tests.solving.tasks import toy

LIMITS = Limits(20.0, 1e-6, 1, 0)


def seekers() -> Problem:
    """Two items on lines of their own want the same seekers."""
    items = (an_item("a"), an_item("b"))
    lines = tuple(Line(f"line {item.item}", item.item) for item in items)
    return bare_problem(
        items=items,
        lines=lines,
        line_rates=tuple(LineRate(line.line, day(0), 3.0) for line in lines),
        line_items=tuple(LineItem(line.line, item.item, 1) for line, item in zip(lines, items, strict=True)),
        components=(Component("seeker", 0),),
        component_rates=(ComponentRate("seeker", day(0), 2.0),),
        item_components=tuple(ItemComponent(item.item, "seeker", 1) for item in items),
        orders=tuple(an_order(f"O-{item.item}", item=item.item, quantity=16, due_date=day(0)) for item in items),
    )


PROBLEMS = {"toy 1": toy(1), "toy 2": toy(2), "toy 3": toy(3), "seekers": seekers()}
named = pytest.mark.parametrize("name", list(PROBLEMS))


def listed(name: str) -> Plan:
    """The plan that is settled: of the seekers one that makes nothing."""
    return Plan() if name == "seekers" else priority_list(PROBLEMS[name])


@cache
def begun(name: str) -> tuple[Bulk, Polish, Program, Vector]:
    """A plan's decisions settled, the program that they leave, and the plan as a solution of it."""
    problem = PROBLEMS[name]
    course = Bulk(Facts(problem), LIMITS, Where(workers=1), lambda _found: None, lambda: False)
    master = master_of(problem)
    found, _ = relaxed(master)
    assert found is not None
    polish = Polish(course, listed(name))
    polish.begin(master.rows, found)
    start = columns_of(polish.master, polish.plan)
    assert polish.master.run(LIMITS, lambda: False, lambda *_: None) is not None
    program = polish.master.program()
    program = replace(program, whole=wholeness(program, polish.rows), upper=promising(program, polish.rows))
    x = balanced(program, polish.rows, np.concatenate([start, np.zeros(len(program.cost) - len(start))]))
    return course, polish, program, x


def test_a_settled_relaxation_may_keep_what_the_plan_before_had() -> None:
    """As good as with all first columns written down: pricing alone makes none for committed units of `each` orders."""
    problem = bare_problem(
        orders=(an_order("O", quantity=6, due_date=day(0)), an_order("P", quantity=6, due_date=day(0))),
        commitments=(Commitment("O", "missile", day(1), 3), Commitment("P", "missile", day(2), 3)),
        stability=StabilityPolicy(4, 52.0, 1.0),
    )
    whole = master_of(problem)
    found, _ = relaxed(whole)
    assert found is not None
    polish = Polish(Bulk(Facts(problem), LIMITS, Where(workers=1), lambda _found: None, lambda: False), Plan())
    polish.begin(whole.rows, found)
    polish.relax()
    assert polish.value == pytest.approx(found.value)
    assert any(batch.kind == EACH_KEPT for batch in polish.master.batches)


@named
def test_a_listed_plan_is_a_solution_of_what_it_settles_and_of_every_block(name: str) -> None:
    course, polish, program, x = begun(name)
    assert program.violation(x) <= FEASIBLE
    # units that stay where the plan before had them are other columns, which cost less
    assert program.value(x) == pytest.approx(worth(course.facts, polish.plan), rel=0.01)
    assert program.value(x) >= worth(course.facts, polish.plan) - 1e-6
    blocks, dealer = blocks_of(program, polish.rows), Dealer(program, polish.rows)
    parts = list(dealer.parts(blocks, x, [dealer.use(block, x) + 1.0 for block in blocks], program))
    assert len(parts) == len(blocks)
    for part in parts:
        assert part.start is not None
        assert part.program.violation(part.start) <= FEASIBLE
    assert len(np.unique(np.concatenate([part.columns for part in parts]))) == sum(len(part.columns) for part in parts)


@named
def test_what_blocks_decide_is_one_solution(name: str) -> None:
    """Every block takes all it can get: together they break no row."""
    _, polish, program, x = begun(name)
    blocks, dealer = blocks_of(program, polish.rows), Dealer(program, polish.rows)
    made = x.copy()
    for part in dealer.parts(blocks, x, [dealer.use(block, x) + 1.0 for block in blocks], program):
        answer = run(part.program, LIMITS, start=part.start)
        assert answer.x is not None
        made[part.columns] = np.where(part.program.whole, np.round(answer.x), answer.x)[: len(part.columns)]
    made = balanced(program, polish.rows, made)
    assert program.violation(made) <= FEASIBLE
    assert program.value(made) <= program.value(x) + 1e-6


@named
def test_needs_are_whole_near_the_relaxation_and_whole_orders_stay(name: str) -> None:
    _, polish, program, _ = begun(name)
    wish = run(program.relaxed(), LIMITS).x
    assert wish is not None
    who = served(program, polish.rows)
    x = whole_needs(program, who, wish, LIMITS, lambda: False)
    units, generated = x[who.begin :], wish[who.begin :]
    assert np.abs(units - np.round(units))[who.of_needs].max(initial=0.0) <= FEASIBLE
    whole = ~who.of_needs & ~who.torn(wish)
    assert np.array_equal(units[whole], np.round(generated[whole]))
    assert program.relaxed().violation(x) <= FEASIBLE
    close = near(program, who, x)
    torn = who.torn(x)
    assert np.array_equal(close.lower[who.begin :][~torn], np.round(units[~torn]))
    assert np.array_equal(close.lower[who.begin :][torn], program.lower[who.begin :][torn])


def polished(problem: Problem, plan: Plan) -> list[tuple[float, Plan]]:
    """What polishing a plan offers; every offer is judged."""
    offered: list[tuple[float, Plan]] = []
    master = master_of(problem)
    found, _ = relaxed(master)
    assert found is not None
    course = Bulk(Facts(problem), LIMITS, Where(workers=1), lambda _found: None, lambda: False)
    course.offer = lambda plan, value: offered.append((value, plan))  # type: ignore[method-assign]
    polish = Polish(course, plan)
    polish.begin(master.rows, found)
    polish.relax()
    polish.run()
    assert course.messages == []
    assert offered
    for value, better in offered:
        verdict = check_plan(problem, better)
        assert verdict.violations == ()
        assert value == pytest.approx(verdict.terms.total)
    return offered


def test_content_that_is_paid_leaves_even_if_nobody_waits_for_it() -> None:
    """The order would have it all: a need that is late at no cost gets its two units all the same."""
    policy = PackagesPolicy(20.0, 0.25, 5, 8, 1.0, 0)
    problem = bare_problem(
        orders=(an_order("O", quantity=24, due_date=day(0)),),
        needs=(a_need("N", quantity=2, needed_by=day(400)),),
        pledges=(a_pledge("G", amount_usd_m=20.0),),
        package_policy=policy,
    )
    need = Dispatch("N", "need", "pool", "missile", 2, 0, 0)
    order = tuple(Dispatch("O", "order", "pool", "missile", 3 if t else 1, t, t) for t in range(8))
    plan = Plan(
        (need, *order), tuple(Made("missile_line", "missile", t, 3) for t in range(8)), (Content("NEW-1", "N", 2),),
        (Release("NEW-1", "new", 0),), (Payment("NEW-1", "G", "air_defence", 20.0),), (), (),
    )  # fmt: skip
    assert check_plan(problem, plan).violations == ()
    for _, better in polished(problem, plan):
        assert sum(row.quantity for row in better.dispatches if row.demand == "N") == 2


@named
def test_a_polished_plan_is_legal_and_no_worse(name: str) -> None:
    course, polish, *_ = begun(name)
    offered = polished(PROBLEMS[name], polish.plan)
    assert min(value for value, _ in offered) <= worth(course.facts, polish.plan) + 1e-6


def test_blocks_find_what_is_best_with_a_shared_component() -> None:
    offered = polished(PROBLEMS["seekers"], Plan())
    assert min(value for value, _ in offered) == pytest.approx(solved(PROBLEMS["seekers"], SLOTS).value, rel=0.05)


def test_a_torn_order_makes_way_for_a_unit_of_a_need() -> None:
    """One missile in stock, half of it for an order and half for a need in the relaxation: the need is worth more."""
    problem = bare_problem(
        lines=(), line_rates=(), line_items=(), stocks=(Stock("missile", 1),),
        orders=(an_order("O", quantity=1, due_date=day(0), weight_multiplier=0.5),),
        needs=(a_need("N", quantity=1, needed_by=day(0)),),
    )  # fmt: skip
    master = master_of(problem)
    assert relaxed(master)[0] is not None
    program = replace(master.program(), whole=wholeness(master.program(), master.rows))
    who = served(program, master.rows)
    x = np.zeros(len(program.cost))
    for demand in (who.demand[~who.of_needs].max(), who.demand[who.of_needs].min()):
        x[who.begin + np.flatnonzero(who.demand == demand)[0]] = 0.5
    x = balanced(program, master.rows, x)
    assert program.relaxed().violation(x) <= FEASIBLE
    made = whole_needs(program, who, x, LIMITS, lambda: False)
    assert made[who.begin :][who.of_needs].sum() == 1.0
    assert made[who.begin :][~who.of_needs].sum() == pytest.approx(0.0)
