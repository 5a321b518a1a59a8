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
from optimizer.solving.bulk_blocks import Block, Dealer, blocks_of, wholeness
from optimizer.solving.bulk_master import Master, Relaxed
from optimizer.solving.bulk_part import Part
from optimizer.solving.bulk_saved import InBlocks, Saved
from optimizer.solving.bulk_start import balanced, columns_of, near, promising, served, whole_needs
from optimizer.solving.bulk_workers import Workers
from optimizer.solving.clock import now
from optimizer.solving.highs import Limits
from optimizer.solving.places.where import Where
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
    where: Where
    messages: list[str]
    saved: Saved
    disturbed: bool

    @property
    def left(self) -> float:
        """Seconds left."""

    def over(self) -> bool:
        """Whether to end."""

    def asked(self) -> bool:
        """Whether somebody wants it to end."""

    def offer(self, plan: Plan, objective: float) -> None:
        """Takes a plan if it is better."""


class Polish:
    """One plan's decisions, and the program that is left with them."""

    def __init__(self, course: Course, plan: Plan) -> None:
        """Its master has no columns yet: `begin` or `resume` bring them."""
        self.course, self.plan = course, plan
        problem, promised = settled(course.facts, plan)
        tables = Tables(Facts(problem))
        self.rows = Rows(tables, promised)
        self.master = Master(self.rows, tables.never + self.rows.committed_cost + _lost(course.facts, problem))
        self.relaxed: Relaxed | None = None
        self.start: Vector = np.zeros(0)
        self._before: InBlocks | None = None

    def begin(self, whole: Rows, relaxed: Relaxed) -> None:
        """The columns that the prices of the whole instance's relaxation say are worth having, and all kept ones."""
        dual = _carried(whole, self.rows, relaxed.dual)
        eager = dual.copy()
        for rule in ("ordered_quantity", "needed_quantity", "funded_content"):
            eager[self.rows.layout.rows[rule]] = 1e12
        self.master.add(self.master.pricing.price(dual, eager, LIKED, 0.0).batches)
        self.master.keep()

    def resume(self, relaxed: Relaxed) -> None:
        """Goes on from a relaxation that was kept with its columns, and from where its blocks were."""
        self.start = columns_of(self.master, self.plan)
        self.relaxed, self._before = relaxed, self.course.saved.blocks()

    @property
    def value(self) -> float:
        """Of the relaxation of what is settled; infinite as long as it is not solved."""
        return np.inf if self.relaxed is None else self.relaxed.value

    def relax(self) -> None:
        """Solves the relaxation of what is settled."""
        limits = replace(self.course.limits, seconds=max(1.0, SETTLING * self.course.left))
        self.start = columns_of(self.master, self.plan)
        self.relaxed = self.master.run(limits, self.course.over, lambda _found: None)
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
        before = self._before if self._before is not None and len(self._before.x) == len(x) else None
        if before is not None:
            needs = before.needs
        else:
            limits = replace(course.limits, seconds=max(1.0, NEEDS * course.left), gap=ENOUGH)
            needs = whole_needs(program, served(program, rows), wish, limits, course.over)
        with Workers(course.where, course.over, course.asked) as workers:
            if before is None or before.decided is not None:
                made = self._near(workers, program, needs, before)
            else:
                made = before.x
            if made is not None and strict.violation(made) <= FEASIBLE:
                self._offer(made)
                x = made  # even if it is no better yet: where it is worse, it is in a few blocks that want more time
            while not course.over():
                course.saved.keep_blocks(InBlocks(x, needs, None), soon=False)
                earlier, x = strict.value(x), self._round(workers, strict, x, needs)
                after = strict.value(x)
                log.debug("round of blocks: %.6g after %.6g", after, earlier)
                if earlier - after <= SETTLED * abs(earlier):
                    break
            course.saved.keep_blocks(InBlocks(x, needs, None), soon=False)

    def _near(self, workers: Workers, program: Program, needs: Vector, before: InBlocks | None) -> Vector | None:
        """Blocks dived into where a relaxation leaves them room: a few at a time, as each leaves some to the others.

        A promise that does not fit may be broken at a price; then blocks that break one get all that is left over, and
        time, as do those in which no dive found anything. None if time was over before every block had a solution.
        `needs`: a solution of the relaxation with needs in whole units; `before`: how far a run was that was cut off.
        """
        course = self.course
        blocks, dealer = blocks_of(program, self.rows), Dealer(program, self.rows)
        x, decided = (needs, None) if before is None else (before.x, before.decided)
        decided = np.zeros(len(blocks), dtype=bool) if decided is None else decided.copy()
        close = near(program, served(program, self.rows), needs)
        until = now() + FIRST * course.left
        todo = np.flatnonzero(~decided)
        ends = [*range(WAVE, min(WAVES * WAVE, len(todo)), WAVE), len(todo)]
        for first, end in zip([0, *ends], ends, strict=False):
            wave = todo[first:end].tolist()
            wanted = [2 * dealer.use(blocks[k], x) for k in wave]
            parts = list(dealer.parts([blocks[k] for k in wave], x, wanted, close, torn=len(wave)))
            parts = [replace(part, quick=True) for part in parts]
            sizes = [len(blocks[k].columns) for k in todo[first:].tolist()]
            latest = now() + sum(sizes[: len(wave)]) / max(1, sum(sizes)) * max(0.0, until - now())

            def keep(made: Vector, done: set[int], wave: list[int] = wave) -> None:
                so_far = decided.copy()
                so_far[[wave[k] for k in done]] = True
                course.saved.keep_blocks(InBlocks(made, needs, so_far))

            x, done = self._solved(workers, program, parts, x, latest, keep=keep)
            decided[[wave[k] for k in done]] = True
        log.debug("blocks near the relaxation: %.6g, %d of %d", program.value(x), decided.sum(), len(blocks))
        for _ in range(REPAIRS):
            course.saved.keep_blocks(InBlocks(x, needs, decided), soon=False)
            open_ = np.flatnonzero(~decided).tolist()
            broken = [k for k in self._breaking(blocks, x) if decided[k]]
            if course.over() or not (open_ or broken):
                break
            log.debug("%d blocks have no solution, %d break a promise", len(open_), len(broken))
            some = [blocks[k] for k in open_ + broken]
            wanted = [dealer.use(block, x) + 1.0 for block in some]
            parts = list(dealer.parts(some, x, wanted, close, torn=len(open_)))
            parts = _promising(program, parts, x, needs)
            most = max(1.0, *(part.weight for part in parts))
            parts = [replace(part, weight=most) if part.start is None else part for part in parts]
            x, done = self._solved(workers, program, parts, x, now() + REPAIR * course.left)
            decided[[(open_ + broken)[k] for k in done]] = True
        return x if decided.all() else None

    def _round(self, workers: Workers, program: Program, x: Vector, needs: Vector) -> Vector:
        """Every block once more from x, with the shared capacity that x leaves over dealt out anew.

        What x has in common with the relaxation stays at first, as in relaxation induced neighbourhood search (Danna,
        Rothberg & Le Pape, "Exploring relaxation induced neighborhoods", 2005).
        """
        blocks, dealer = blocks_of(program, self.rows), Dealer(program, self.rows)
        common = np.flatnonzero(program.whole & (np.abs(x - needs) <= FEASIBLE))
        close = program.held(common, x[common])
        parts = list(dealer.parts(blocks, x, [dealer.use(block, needs) for block in blocks], close))
        parts = _promising(program, parts, x, needs)

        def keep(made: Vector, _decided: set[int]) -> None:
            self.course.saved.keep_blocks(InBlocks(made, needs, None))

        made, _ = self._solved(workers, program, parts, x, now() + ROUND * self.course.left, keep=keep)
        if program.violation(made) > FEASIBLE:
            log.debug("blocks together break a row by %g", program.violation(made))
            return x
        self._offer(made)
        return made

    def _solved(
        self,
        workers: Workers,
        program: Program,
        parts: list[Part],
        x: Vector,
        until: float,
        *,
        keep: Callable[[Vector, set[int]], None] | None = None,
    ) -> tuple[Vector, set[int]]:
        """x with what the parts decide by then, and which of them decide anything; `keep` hears of both meanwhile."""
        found, decided = x.copy(), set[int]()
        number = {id(part): k for k, part in enumerate(parts)}

        def done(part: Part, values: Vector | None) -> None:
            if values is not None:
                found[part.columns] = values
                decided.add(number[id(part)])
                if keep is not None and self.course.saved.due_blocks():
                    keep(balanced(program, self.rows, found), decided)

        limits = replace(self.course.limits, gap=ENOUGH, threads=1)
        self.course.messages += workers.solve(parts, limits, _until(until), done)
        self.course.disturbed |= workers.disturbed
        return balanced(program, self.rows, found), decided

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

    def _breaking(self, blocks: list[Block], x: Vector) -> list[int]:
        """Numbers of the blocks in which a promise is broken, or content left."""
        broken = np.zeros(len(x), dtype=bool)
        for name in ("promise_broken", "content_left"):
            broken[self.rows.names[name]] = x[self.rows.names[name]] > FEASIBLE
        return [k for k, block in enumerate(blocks) if broken[block.columns].any()]


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
