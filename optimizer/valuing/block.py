"""The demands that share supply, solved again while the rest of the plan is held.

The block of some items is everything that shares a line, a component or a need with them: its orders and needs are
free to be served at other times. Packages, money, approvals and accepted offers stay: released packages become funded
ones, an order may leave when the plan's approval of its case lets it, and what demands outside the block put on lanes
stays there. The model is built from the blocks of a formulation, as a whole instance is.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.build import Built, compile_draft
from models.catalog import DEFAULT, FORMULATIONS
from models.checker import check_plan
from models.draft import Draft
from models.extract import trim
from models.facts import Facts
from models.matrix import Vector
from models.plan import Kind, Plan
from models.problem import TERMS, Need, Offer, Order, Package, PackageContent, Problem
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Program, program_of
from optimizer.solving.search import Search, Task, start_vector, whole_units
from optimizer.valuing.linked import added_block, cut, held_block, linked_items, offered_left


@dataclass(frozen=True)
class Forced:
    """A demand that has to be served wholly, the last unit arriving in period `last`."""

    demand: str
    last: int


@dataclass(frozen=True)
class Solved:
    """A block solved again: the whole plan, and what is proven.

    `plan` is None where there is none (`infeasible`) or none was found. `above_bound`: by how much the block's
    objective may still fall at most; None where no bound is known, and with stages.
    """

    plan: Plan | None
    infeasible: bool
    above_bound: float | None
    optimal: bool


@dataclass(frozen=True)
class BlockModel:
    """A block compiled: of `problem` and `plan` the demands of linked `items`."""

    problem: Problem
    plan: Plan
    items: frozenset[str]
    part: Problem
    built: Built

    @property
    def demands(self) -> frozenset[tuple[Kind, str]]:
        """The block's orders, needs and offers that are replaced from it."""
        return _demands(self.part)


def block_model(problem: Problem, plan: Plan, items: Collection[str], forced: Forced | None = None) -> BlockModel:
    """Builds the block of the items.

    Args:
        problem: the instance.
        plan: what is held of it outside the block.
        items: the block is all that is linked to them.
        forced: a demand that has to be on time.
    """
    facts = Facts(problem)
    linked = frozenset(linked_items(problem, items, with_substitutes=True))
    orders = _orders(facts, plan, linked, forced)
    needs = tuple(_expiring(facts, n, forced) for n in problem.needs if n.item in linked)
    own = {n.need for n in needs}
    part = replace(
        cut(problem, linked),
        orders=orders,
        needs=needs,
        substitutes=tuple(row for row in problem.substitutes if row.item in linked),
        offers=_offers(problem, plan, linked, own),
        **_funded(facts, plan, own),
    )
    free = _demands(part)
    names = {name for _, name in free}
    part = replace(part, commitments=tuple(row for row in problem.commitments if row.demand in names))
    stay = [row for row in plan.dispatches if (row.kind, row.demand) not in free]
    formulation = replace(FORMULATIONS[DEFAULT], lanes="natural", approval="monotone").exact
    promised = _promised(facts, plan, own)
    blocks = (
        held_block(facts, stay, linked),
        *formulation.blocks(),
        added_block("kept", lambda d: _kept(d, promised, forced)),
    )
    draft = Draft(Facts(part))
    for block in blocks:
        block.build(draft)
    return BlockModel(problem, plan, linked, part, compile_draft(draft, blocks))


def _demands(part: Problem) -> frozenset[tuple[Kind, str]]:
    """Kind and name of what is free in a block."""
    found: list[tuple[Kind, str]] = [("order", row.order) for row in part.orders]
    found += [("need", row.need) for row in part.needs]
    found += [("replacement", row.offer) for row in part.offers if row.replacement_quantity]
    return frozenset(found)


def _orders(facts: Facts, plan: Plan, items: Collection[str], forced: Forced | None) -> tuple[Order, ...]:
    """The block's orders, from the period on in which the plan's approvals let them leave; without those it never
    approves."""
    calendar, found = facts.calendar, []
    when = {row.case: row.period for row in plan.approvals}
    for row in facts.problem.orders:
        if row.item not in items:
            continue
        order = row
        if row.case in facts.reviewed_cases:
            opens = facts.after_approval(row.case, when[row.case]) if row.case in when else facts.T
            if opens >= facts.T and (forced is None or forced.demand != row.order):
                continue
            earliest = calendar.day(0) if row.earliest_date is None else row.earliest_date
            order = replace(row, earliest_date=max(earliest, calendar.day(opens)))
        if forced is not None and forced.demand == row.order:
            order = replace(order, firm_by=calendar.day(forced.last))
        found.append(order)
    return tuple(found)


def _expiring(facts: Facts, need: Need, forced: Forced | None) -> Need:
    """The need, which expires after its last period on time if it is forced."""
    if forced is None or forced.demand != need.need:
        return need
    return replace(need, expires_on=facts.calendar.day(forced.last))


def _offers(problem: Problem, plan: Plan, items: Collection[str], own: Collection[str]) -> tuple[Offer, ...]:
    """Accepted offers that give to the block or are replaced from it, with what others leave of them."""
    left = offered_left(plan, problem, own)
    found = []
    for row in problem.offers:
        if row.offer in left and (row.item in items or row.replacement_item in items):
            gives = left[row.offer] if row.item in items else 0
            back = row.replacement_quantity if row.replacement_item in items else 0
            found.append(replace(row, quantity=gives, replacement_quantity=back, status="accepted"))
    return tuple(found)


def _funded(facts: Facts, plan: Plan, own: Collection[str]) -> dict[str, Any]:
    """Packages of the plan with what they hold for the block, as funded ones."""
    policy = facts.problem.package_policy
    if policy is None:
        return {}
    day = facts.calendar.day
    packages = [row for row in facts.problem.packages if row.status == "funded"]
    released = {row.package: row.period for row in plan.releases}
    packages += [Package(name, "funded", day(t)) for name, t in released.items()]
    names = {row.package for row in packages}
    rows = [
        row for row in facts.problem.package_contents
        if row.package in names and row.need in own
    ]  # fmt: skip
    rows += [PackageContent(row.package, row.need, row.quantity) for row in plan.contents if row.need in own]
    return {
        "packages": tuple(packages),
        "package_contents": tuple(rows),
        "package_policy": replace(policy, max_new=0),
    }


def _promised(facts: Facts, plan: Plan, own: Collection[str]) -> dict[str, int]:
    """Units of needs of the block that packages asked for hold, so that they have to leave the pool in the horizon."""
    found: Counter[str] = Counter()
    released = {row.package for row in plan.releases}
    for row in facts.problem.package_contents:
        if row.package in released:
            found[row.need] += row.quantity
    for content in plan.contents:
        found[content.need] += content.quantity
    return {need: units for need, units in found.items() if need in own}


def _kept(draft: Draft, promised: Mapping[str, int], forced: Forced | None) -> None:
    """promise_kept of released packages, and a forced need served wholly."""
    facts = draft.facts
    sent = {n: [term for t in range(facts.T) for term in draft.posted("from_pool", n, t)] for n in promised}
    draft.rule("promise_of_released", {n: (units, sent[n], None) for n, units in promised.items()})
    if forced is not None and forced.demand in facts.needs:
        quantity = facts.needs[forced.demand].quantity
        draft.rule("served_on_time", {forced.demand: (quantity, draft.posted("received", forced.demand), quantity)})


def solve_block(model: BlockModel, seconds: float, *, gap: float = 1e-6, seed: int = 0) -> Solved:
    """Solves a block with the objective of the instance; stages one after the other where it is lexicographic.

    The plan of the model starts the solver, unless a demand is forced on time.
    """
    until = time.monotonic() + seconds
    built, policy = model.built, model.problem.objective
    stages: list[tuple[str, ...]] = [TERMS]
    if policy.mode == "lexicographic":
        stages = [(stage,) for stage in policy.stages]
        rest = tuple(term for term in TERMS if term not in policy.stages)
        stages += [rest] if rest else []
    x, held = _started(model, until, seed), list[tuple[Vector, float]]()
    optimal = True
    bound: float | None = None
    for number, terms in enumerate(stages):
        program = _program(built, terms, held)
        left = until - time.monotonic()
        share = left if number + 1 == len(stages) else left / (len(stages) - number)
        answer = run(program, Limits(max(0.0, share), gap, 1, seed), start=x)
        if answer.x is None:
            if answer.end == "infeasible" and x is None:
                return Solved(None, True, None, True)
            optimal = False
            if x is None:
                return Solved(None, False, None, False)
        else:
            x = answer.x
        value = program.value(x)
        optimal &= answer.end == "optimal"
        bound = answer.bound
        row, constant = built.matrix.cost(dict.fromkeys(terms, 1.0))
        slack = max(policy.stage_tolerance * abs(value), 1e-6, 1e-9 * abs(value))
        held.append((row, value + slack - constant))
    assert x is not None
    program = _program(built, TERMS, [])
    x = np.where(program.whole, np.round(x), x)
    x = whole_units(Task(built, program), x)
    above = None if bound is None or len(stages) > 1 else max(0.0, program.value(x) - bound)
    return Solved(_merged(model, x), False, above, optimal)


def _program(built: Built, terms: tuple[str, ...], held: list[tuple[Vector, float]]) -> Program:
    program = program_of(built.matrix, dict.fromkeys(terms, 1.0))
    for row, most in held:
        scale = max(1.0, float(np.max(np.abs(row), initial=0.0)))
        program = program.with_row(row / scale, most / scale)
    return program


def _started(model: BlockModel, until: float, seed: int) -> Vector | None:
    """The plan's own values, completed by a linear program; None where the block does not allow them."""
    built = model.built
    program = program_of(built.matrix)
    search = Search(
        Task(built, program), max(0.0, until - time.monotonic()), 0.0, 1, seed, lambda _: None, lambda: False
    )
    x, mask = start_vector(built, built.start(_own_plan(model)))
    found = search.complete(program, mask & program.whole, x)
    return found if search.offer(found) else None


def _own_plan(model: BlockModel) -> Plan:
    """What the plan says of the block."""
    plan, free = model.plan, model.demands
    return Plan(
        dispatches=tuple(row for row in plan.dispatches if (row.kind, row.demand) in free),
        made=tuple(row for row in plan.made if row.item in model.items),
        accepted_offers=tuple(v.offer for v in model.part.offers),
    )


def _merged(model: BlockModel, x: Vector) -> Plan:
    """The whole plan with the block's demands as they are solved."""
    pieces, plan, free = model.built.pieces(x), model.plan, model.demands
    kept = [row for row in plan.dispatches if (row.kind, row.demand) not in free]
    made = [row for row in plan.made if row.item not in model.items]
    whole = replace(
        plan,
        dispatches=tuple(sorted([*kept, *pieces.get("dispatches", [])])),
        made=tuple(sorted([*made, *pieces.get("made", [])])),
    )
    return trim(Facts(model.problem), whole)


def judged(problem: Problem, plan: Plan) -> float:
    """What a plan is worth, judged by the checker.

    Raises:
        ArithmeticError: the checker refuses it, which is an error of the program.
    """
    verdict = check_plan(problem, plan)
    if not verdict.passed:
        raise ArithmeticError(f"a plan that was solved is refused: {verdict.violations[0].message}")
    return verdict.terms.total
