"""Method "bulk", for order books: one relaxation of everything, then a plan settled and polished block by block.

1. The relaxation (`bulk_master`, `models.bulk`) is solved by column generation. Its bound is valid for the whole.
2. The list scheduler serves demands in the relaxation's order, with packages near its contents: a legal plan.
3. With that plan's packages, approvals and offers settled, items fall apart into blocks (`bulk_blocks`), which are
   solved whole, each over the columns that the relaxation's prices like best, from the plan in hand.
4. Shared capacity is dealt out anew and the blocks are solved again, until nothing is better or time is over.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.baselines import list_plan
from models.bulk.batch import Batch
from models.bulk.reading import mean_periods, plan_of, wanted_releases
from models.bulk.rows import Rows
from models.bulk.settled import settled
from models.bulk.tables import Tables
from models.bulk.worth import worth
from models.facts import Facts
from models.matrix import Vector
from models.plan import Plan
from models.problem import Problem
from optimizer.solving.bulk_blocks import Part, blocks_of, parts_of, solve_all, wholeness
from optimizer.solving.bulk_master import Master, Relaxed
from optimizer.solving.bulk_start import balanced, columns_of, promising
from optimizer.solving.clock import now
from optimizer.solving.highs import Limits
from optimizer.solving.outcome import relative_gap
from optimizer.solving.program import FEASIBLE, Program

log = logging.getLogger(__name__)
RELAXING = 0.5
"""Share of the time for the relaxation at most."""
LIKED = 10
"""Columns that a demand has in its block: those that the relaxation's prices like best."""
SETTLED = 1e-5
"""A round of blocks that gains less than this, relative, is the last."""
ROUND = 0.5
"""Share of the time left for one round."""
ENOUGH = 2e-4
"""Relative gap at which a block counts as solved."""


@dataclass
class Found:
    """The state of a solve: the best plan so far, its objective by the columns, and the bound."""

    plan: Plan | None = None
    objective: float | None = None
    bound: float | None = None
    phase: str = "start"


class Bulk:
    """One run of the method."""

    def __init__(
        self, facts: Facts, limits: Limits, workers: int, report: Callable[[Found], None], stop: Callable[[], bool]
    ) -> None:
        """`limits`: seconds and gap of the whole; `report` hears of every change; `stop` ends it soon."""
        self.facts, self.limits, self.workers = facts, limits, max(1, workers)
        self.report, self._stop = report, stop
        self.found, self.began = Found(), now()
        self.messages: list[str] = []
        self.size = (0, 0, 0, 0)

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.limits.seconds - (now() - self.began)

    def over(self) -> bool:
        """Whether to end."""
        gap = relative_gap(self.found.objective, self.found.bound)
        return self.left <= 0 or self._stop() or (gap is not None and gap <= self.limits.gap)

    def enter(self, phase: str) -> None:
        """Names what is being done."""
        self.found.phase = phase
        self.report(self.found)

    def run(self, starts: Sequence[tuple[Plan, float]]) -> Found:
        """Runs the method from legal plans with their objectives."""
        for plan, objective in starts:
            self.offer(plan, objective)
        self.enter("relaxation")
        tables = Tables(self.facts)
        rows = Rows(tables)
        master = Master(rows, tables.never + rows.committed_cost)
        master.begin()
        until = now() + RELAXING * self.limits.seconds

        def over() -> bool:
            return now() > until or self.over()

        relaxed = master.run(replace(self.limits, seconds=max(1.0, until - now())), over, self._heard)
        self.size = master.size
        if relaxed is None:
            late = "not solved in its share of the time" if over() else "without a solution: promises may clash"
            self.messages.append(f"the relaxation is {late}")
            return self.found
        if not self.over():
            self._settle(rows, master, relaxed)
        return self.found

    def _heard(self, _value: float, bound: float) -> None:
        if self.found.bound is None or bound > self.found.bound:
            self.found.bound = max(0.0, bound)
            self.report(self.found)

    def offer(self, plan: Plan, objective: float) -> None:
        """Takes a plan if it is better."""
        if self.found.objective is None or objective < self.found.objective:
            self.found.plan, self.found.objective = plan, objective
            self.report(self.found)

    # --- a plan -------------------------------------------------------------------------------------------------------

    def _settle(self, rows: Rows, master: Master, relaxed: Relaxed) -> None:
        self.enter("first plan")
        standing = rows.standing.count
        x = relaxed.x[standing:]
        batches = _first(master.batches, len(x))
        means = mean_periods(master.pricing, batches, x)
        releases = wanted_releases(rows, master.pricing, batches, relaxed.x[:standing], x)
        accepted = [
            offer.offer
            for offer, share in zip(self.facts.problem.offers, relaxed.x[rows.names["accepted"]], strict=True)
            if share > 0.5
        ]
        plans: list[tuple[float, int, Plan]] = []
        if self.found.plan is not None and self.found.objective is not None:
            plans.append((self.found.objective, 0, self.found.plan))
        for ranking in _rankings(self.facts, means):
            if plans and self.over():
                break
            plan = list_plan(
                self.facts.problem, ranking, releases=releases if rows.policy else None, accepted=accepted,
                case_ranking=_cases(self.facts, means), just_in_time=True,
            )  # fmt: skip
            objective = worth(self.facts, plan)
            log.debug("list: %.6g, %d of %d releases", objective, len(plan.releases), len(releases))
            if keeps_promises(self.facts, plan):
                plans.append((objective, len(plans), plan))
                self.offer(plan, objective)
        if not plans:
            self.messages.append("no plan near the relaxation was found that keeps every promise")
        elif not self.over():
            self._polish(min(plans)[2], rows, relaxed)

    def _polish(self, plan: Plan, whole: Rows, relaxed: Relaxed) -> None:
        problem, promised = settled(self.facts, plan)
        facts = Facts(problem)
        tables = Tables(facts)
        rows = Rows(tables, promised)
        lost = self._lost(problem)
        master = Master(rows, tables.never + rows.committed_cost + lost)
        self.enter("blocks")
        dual = _carried(whole, rows, relaxed.dual)
        eager = dual.copy()
        for rule in ("ordered_quantity", "needed_quantity", "funded_content"):
            eager[rows.layout.rows[rule]] = 1e12
        master.add(master.pricing.price(dual, eager, LIKED, 0.0).batches)
        start = columns_of(master, plan)
        spent = now()
        settling = master.run(replace(self.limits, seconds=max(1.0, 0.3 * self.left)), self.over, lambda *_: None)
        program = master.program()
        program = replace(program, whole=wholeness(program, rows), upper=promising(program, rows))
        x, wish = np.zeros(len(program.cost)), np.zeros(len(program.cost))
        x[: len(start)] = start
        x = balanced(program, rows, x)
        log.debug(
            "settled: list %.6g, relaxed %s in %.1f s", program.value(x), settling and settling.value, now() - spent
        )
        if program.violation(x) > FEASIBLE:
            self.messages.append("no plan with whole packages near the relaxation was found that keeps every promise")
            return
        self._offer(master, program, x, plan)
        if settling is not None:
            wish[: len(settling.x)] = settling.x
        while not self.over():
            before = program.value(x)
            x = self._round(master, program, x, wish, plan)
            after = program.value(x)
            log.debug("round of blocks: %.6g after %.6g", after, before)
            if before - after <= SETTLED * abs(before):
                break

    def _round(self, master: Master, program: Program, x: Vector, wish: Vector, plan: Plan) -> Vector:
        """Every block once more from x, with the shared capacity that x leaves over dealt out anew."""
        rows = master.rows
        parts = list(parts_of(program, rows, blocks_of(program, rows), x, wish))
        better = x.copy()

        def done(part: Part, found: Vector | None) -> None:
            if found is not None:
                better[part.columns] = found

        limits = replace(self.limits, gap=ENOUGH, threads=1)
        self.messages += solve_all(
            parts, limits, self.workers, left=lambda: ROUND * self.left, stop=self.over, done=done
        )
        made = balanced(program, rows, better)
        if program.violation(made) > FEASIBLE:
            log.debug("blocks together break a row by %g", program.violation(made))
            return x
        self._offer(master, program, made, plan)
        return made

    def _offer(self, master: Master, program: Program, x: Vector, plan: Plan) -> None:
        standing = master.rows.standing.count
        found = plan_of(master.pricing, master.batches, x[:standing], x[standing:], plan)
        self.offer(found, worth(self.facts, found))

    def _lost(self, problem: Problem) -> float:
        """What orders cost that the settled instance does not have: they are never served."""
        there = {order.order for order in problem.orders}
        facts = self.facts
        return sum(facts.never_cost(o) * o.quantity for o in facts.problem.orders if o.order not in there)


def _rankings(facts: Facts, means: Mapping[str, float]) -> list[list[str]]:
    """Orders of service to try: as the relaxation serves; before that, needs by what a tonne of them is worth.

    Lanes are shared by all needs, and the relaxation's times say little about who is worth the last tonne.
    """
    by_mean = sorted(means, key=lambda name: means[name])
    dense = {
        need.need: facts.need_weight[need.need] / max(1e-6, facts.items[need.item].tonnes)
        for need in facts.problem.needs
    }
    return [[*sorted(dense, key=lambda name: -dense[name]), *by_mean], by_mean]


def _cases(facts: Facts, means: Mapping[str, float]) -> list[str]:
    """Cases in the order in which the relaxation serves their first order."""
    orders = sorted((name for name in means if name in facts.orders), key=lambda name: means[name])
    return list(dict.fromkeys(facts.orders[name].case for name in orders))


def keeps_promises(facts: Facts, plan: Plan) -> bool:
    """Whether a listed plan dispatches all of firm orders and replacements: the only promises a list may fail."""
    sent: Counter[str] = Counter()
    for row in plan.dispatches:
        sent[row.demand] += row.quantity if row.kind != "need" else 0
    firm = all(sent[order.order] == order.quantity for order in facts.problem.orders if order.firm_by is not None)
    return firm and all(sent[name] == facts.offers[name].replacement_quantity for name in plan.accepted_offers)


def _first(batches: Sequence[Batch], count: int) -> list[Batch]:
    """The batches of the first so many columns: those of the last round were never in a program."""
    found, at = [], 0
    for batch in batches:
        if at >= count:
            break
        found.append(batch)
        at += batch.who.size
    return found


def _carried(whole: Rows, rows: Rows, dual: Vector) -> Vector:
    """Duals of the whole relaxation for the rows of a settled instance that are the same."""
    found = np.zeros(rows.layout.count)
    for rule in ("stock_balance", "line_capacity", "component_supply", "readiness_floor", "lane_capacity"):
        found[rows.layout.rows[rule]] = dual[whole.layout.rows[rule]]
    return found
