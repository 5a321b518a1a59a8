"""A plan of an order book made better: its packages, approvals and offers stay, and blocks decide when units leave."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import numpy as np

from models.bulk.reading import plan_of
from models.bulk.rows import Rows
from models.bulk.settled import settled
from models.bulk.tables import Tables
from models.bulk.trimming import trimmed
from models.bulk.worth import worth
from models.facts import Facts
from models.matrix import Vector
from models.plan import Plan
from models.problem import Problem
from optimizer.solving.bulk_blocks import Block, Dealer, Part, Workers, blocks_of, wholeness
from optimizer.solving.bulk_master import Master, Relaxed
from optimizer.solving.bulk_start import balanced, columns_of, near, promising, served, whole_needs
from optimizer.solving.clock import now
from optimizer.solving.highs import Limits
from optimizer.solving.program import FEASIBLE, Program

log = logging.getLogger(__name__)
LIKED = 10
"""Columns that a demand has in its block: those that the relaxation's prices like best."""
SETTLING, NEEDS, FIRST, REPAIR, ROUND = 0.3, 0.3, 0.4, 0.6, 0.8
"""Shares of the time left for the settled relaxation, for needs in whole units, for the blocks near the relaxation, for
those of them that break a promise, and for one round after these: a block that is hard begins anew in every round."""
WAVE, WAVES = 8, 8
"""Blocks that are solved before what they leave over is dealt to others; after so many waves come all the rest."""
REPAIRS = 3
"""How often blocks that break a promise are solved again, at most."""
SETTLED = 1e-5
"""A round of blocks that gains less than this, relative, is the last."""
ENOUGH = 1e-4
"""Relative gap at which a block counts as solved."""


class Course(Protocol):
    """The run that a plan is polished in: its instance, its limits, and who hears of better plans."""

    facts: Facts
    limits: Limits
    workers: int
    messages: list[str]

    @property
    def left(self) -> float:
        """Seconds left."""

    def over(self) -> bool:
        """Whether to end."""

    def crowd(self) -> None:
        """All processes are wanted from now on."""

    def offer(self, plan: Plan, objective: float) -> None:
        """Takes a plan if it is better."""


class Polish:
    """One plan's decisions, and the program that is left with them."""

    def __init__(self, course: Course, plan: Plan, whole: Rows, relaxed: Relaxed) -> None:
        """`whole`, `relaxed`: of the whole instance; its prices say which columns are worth having."""
        self.course, self.plan = course, plan
        problem, promised = settled(course.facts, plan)
        tables = Tables(Facts(problem))
        self.rows = Rows(tables, promised)
        self.master = Master(self.rows, tables.never + self.rows.committed_cost + _lost(course.facts, problem))
        dual = _carried(whole, self.rows, relaxed.dual)
        eager = dual.copy()
        for rule in ("ordered_quantity", "needed_quantity", "funded_content"):
            eager[self.rows.layout.rows[rule]] = 1e12
        self.master.add(self.master.pricing.price(dual, eager, LIKED, 0.0).batches)
        self.relaxed: Relaxed | None = None
        self.start: Vector = np.zeros(0)

    @property
    def value(self) -> float:
        """Of the relaxation of what is settled; infinite as long as it is not solved."""
        return np.inf if self.relaxed is None else self.relaxed.value

    def relax(self) -> None:
        """Solves the relaxation of what is settled."""
        limits = replace(self.course.limits, seconds=max(1.0, SETTLING * self.course.left))
        self.start = columns_of(self.master, self.plan)
        self.relaxed = self.master.run(limits, self.course.over, lambda *_: None)
        log.debug("settled: relaxed %s", self.relaxed and self.relaxed.value)

    def run(self) -> None:
        """Makes the plan better as long as there is time, from the relaxation on."""
        course, rows, relaxed = self.course, self.rows, self.relaxed
        program = self.master.program()
        program = replace(program, whole=wholeness(program, rows))
        strict = replace(program, upper=promising(program, rows))
        x = balanced(program, rows, _filled(self.start, len(program.cost)))
        if strict.violation(x) > FEASIBLE:
            course.messages.append("no plan with whole packages near the relaxation was found that keeps every promise")
            return
        self._offer(x)
        if relaxed is None:
            return
        wish = _filled(relaxed.x, len(x))
        with Workers(course.workers, course.over) as workers:
            made = self._near(workers, program, wish)
            if made is not None and strict.violation(made) <= FEASIBLE:
                self._offer(made)
                x = made  # even if it is no better yet: where it is worse, it is in a few blocks that want more time
            while not course.over():
                before, x = strict.value(x), self._round(workers, strict, x, wish)
                after = strict.value(x)
                log.debug("round of blocks: %.6g after %.6g", after, before)
                if before - after <= SETTLED * abs(before):
                    break

    def _near(self, workers: Workers, program: Program, wish: Vector) -> Vector | None:
        """Blocks solved whole where a relaxation leaves them room: a few at a time, as each leaves some to the others.

        Needs come first, in all blocks together, as they meet at the lanes. A promise that does not fit may be broken
        at a price; then blocks that break one get all that is left over, and time. None if time was over before every
        block had a solution.
        """
        course, who = self.course, served(program, self.rows)
        limits = replace(course.limits, seconds=max(1.0, NEEDS * course.left), gap=ENOUGH)
        x = whole_needs(program, who, wish, limits, course.over)
        course.crowd()
        close, blocks, dealer = near(program, who, x), blocks_of(program, self.rows), Dealer(program, self.rows)
        solved = 0
        until = now() + FIRST * course.left
        ends = [*range(WAVE, min(WAVES * WAVE, len(blocks)), WAVE), len(blocks)]
        for first, end in zip([0, *ends], ends, strict=False):
            wave = blocks[first:end]
            parts = list(dealer.parts(wave, x, [2 * dealer.use(block, x) for block in wave], close))
            sizes = [len(block.columns) for block in blocks[first:]]
            latest = now() + sum(sizes[: len(wave)]) / max(1, sum(sizes)) * max(0.0, until - now())
            x, count = self._solved(workers, program, parts, x, latest)
            solved += count
        log.debug("blocks near the relaxation: %.6g, %d of %d", program.value(x), solved, len(blocks))
        for _ in range(REPAIRS):
            breaking = self._breaking(blocks, x)
            if not breaking or course.over():
                break
            log.debug("%d blocks break a promise", len(breaking))
            parts = list(dealer.parts(breaking, x, [dealer.use(block, x) + 1.0 for block in breaking]))
            parts = _promising(program, parts, x, wish)
            x, _ = self._solved(workers, program, parts, x, now() + REPAIR * course.left)
        return x if solved == len(blocks) else None

    def _round(self, workers: Workers, program: Program, x: Vector, wish: Vector) -> Vector:
        """Every block once more from x, with the shared capacity that x leaves over dealt out anew."""
        blocks, dealer = blocks_of(program, self.rows), Dealer(program, self.rows)
        parts = list(dealer.parts(blocks, x, [dealer.use(block, wish) for block in blocks]))
        parts = _promising(program, parts, x, wish)
        made, _ = self._solved(workers, program, parts, x, now() + ROUND * self.course.left)
        if program.violation(made) > FEASIBLE:
            log.debug("blocks together break a row by %g", program.violation(made))
            return x
        self._offer(made)
        return made

    def _solved(
        self, workers: Workers, program: Program, parts: list[Part], x: Vector, until: float
    ) -> tuple[Vector, int]:
        """x with what the parts decide by then, and how many of them decide anything."""
        found, count = x.copy(), 0

        def done(part: Part, values: Vector | None) -> None:
            nonlocal count
            if values is not None:
                found[part.columns] = values
                count += 1

        limits = replace(self.course.limits, gap=ENOUGH, threads=1)
        self.course.messages += workers.solve(parts, limits, _until(until), done)
        return balanced(program, self.rows, found), count

    def _offer(self, x: Vector) -> None:
        """The plan that x says, without content that does not leave in it."""
        rows, batches, standing = self.rows, self.master.batches, self.rows.standing.count
        told = plan_of(self.master.pricing, batches, x[:standing], x[standing:], self.plan)
        needs = [need.need for n, need in enumerate(rows.facts.problem.needs) if rows.promised[n] >= 0]
        missing = x[rows.names["content_left"]]
        left = {needs[k]: round(missing[k]) for k in np.flatnonzero(missing > 0.5).tolist()}
        plan = trimmed(self.course.facts, told, left)
        if plan is not None:
            objective = worth(self.course.facts, plan)
            log.debug("a plan: %.6g, %d units of content taken back", objective, sum(left.values()))
            self.course.offer(plan, objective)

    def _breaking(self, blocks: list[Block], x: Vector) -> list[Block]:
        """Blocks in which a promise is broken, or content left."""
        broken = np.zeros(len(x), dtype=bool)
        for name in ("promise_broken", "content_left"):
            broken[self.rows.names[name]] = x[self.rows.names[name]] > FEASIBLE
        return [block for block in blocks if broken[block.columns].any()]


def _until(latest: float) -> Callable[[], float]:
    return lambda: latest - now()


def _filled(x: Vector, count: int) -> Vector:
    """x with zeros up to that many columns: those that came later."""
    return np.concatenate([x, np.zeros(count - len(x))])


def _promising(program: Program, parts: list[Part], x: Vector, wish: Vector) -> list[Part]:
    """The parts with time by what each could gain: at most what its columns cost more in x than in the relaxation."""
    lost = [float(program.cost[part.columns] @ (x - wish)[part.columns]) for part in parts]
    log.debug(
        "columns and loss of the blocks that lose most: %s",
        sorted(((round(loss), len(part.columns)) for part, loss in zip(parts, lost, strict=True)), reverse=True)[:5],
    )
    return [replace(part, weight=max(0.0, loss)) for part, loss in zip(parts, lost, strict=True)]


def _lost(facts: Facts, problem: Problem) -> float:
    """What orders cost that the settled instance does not have: they are never served."""
    there = {order.order for order in problem.orders}
    return sum(facts.never_cost(o) * o.quantity for o in facts.problem.orders if o.order not in there)


def _carried(whole: Rows, rows: Rows, dual: Vector) -> Vector:
    """Duals of the whole relaxation for the rows of a settled instance that are the same."""
    found = np.zeros(rows.layout.count)
    for rule in ("stock_balance", "line_capacity", "component_supply", "readiness_floor", "lane_capacity"):
        found[rows.layout.rows[rule]] = dual[whole.layout.rows[rule]]
    return found
