"""Method "separating": a relaxation is solved; what it leaves out is found afterwards, or put back where it matters.

The relaxation is the formulation as chosen, with releases and contents by period (`unindexed`), pledges in groups
(`grouped`) or without payments (`separated`). The exact model has these choices replaced by the ones they relax.

1. Branch and bound solves the relaxation; its bound holds for the problem whatever comes after.
2. `models.splitting.split` looks for packages and payers behind its solution. If there are any, the solution is
   realised as a plan of the exact model at the same value, and with the gap reached it is proven.
3. If there are none, the relaxation is refined so that this solution is lost (`models.refinement`): a set of periods
   and categories whose money does not suffice becomes a cut; a period whose contents do not split gets release slots;
   pledges whose least contribution or number decides pay by themselves. Meanwhile the exact model with these releases,
   approvals and completions fixed gives a plan near it. Then from 1.

Refinements only grow and end with the exact model, so the method ends. If the relaxation itself takes too long, its
best solution is made a plan, and neighbourhoods and branch and bound improve that with the time left. A relaxation too
large to be solved at all leads instead of the one with purses in method "guided".

Sources: logic-based Benders decomposition (Hooker and Ottosson, Math. Programming 96, 2003), with disaggregation in
place of no-good cuts (iterative aggregation and disaggregation: Rogers et al., Operations Research 39, 1991).
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import replace

import numpy as np

from models.blocks.funding_separated import demand_terms, money_row, starved
from models.blocks.packages import paying_periods, usable
from models.build import Built, compile_draft
from models.draft import Draft
from models.extract import extract
from models.facts import Facts
from models.matrix import Vector
from models.refinement import Refinement, refined
from models.splitting import Released, split
from optimizer.solving.direct import direct
from optimizer.solving.guided import guided
from optimizer.solving.highs import Answer, Limits, run
from optimizer.solving.neighbourhoods import Neighbourhoods
from optimizer.solving.program import Program, program_of
from optimizer.solving.search import Search, start_vector

log = logging.getLogger(__name__)
LARGE = 6000
"""With more whole columns than this the relaxation is not solved to the end; it leads as in method "guided"."""
SHARE = 0.6
"""Share of the time left that one solve of the relaxation may take."""
SPLIT_SECONDS = 10.0
"""Seconds for one look at whether packages and payers exist; not found in this time counts as not there."""
ROUNDS = 40
"""Most rounds of cuts at the root before branch and bound; cuts found later come in all the same."""
SETTLED = ("is_released", "content", "proposed_released", "takes_part")
CHOICES = ("is_completed", "is_approved", "is_accepted", "completes")


def separating(search: Search) -> None:
    """Runs the method; improves `search` until it is over."""
    assert search.task.guide is not None
    if int(search.task.guide.matrix.whole.sum()) >= LARGE:
        guided(search)
        return
    loop = Loop(search, search.task.guide)
    while not search.over:
        answer = loop.solve()
        if search.infeasible or answer.x is None:
            break
        released = loop.released(answer.x)
        found = loop.realise(answer.x, released)
        if not found:
            loop.near(answer.x)
        if answer.end != "optimal" or search.over or found or not loop.refine(released):
            break
    around = Neighbourhoods(search, lambda: search.over)
    while not search.over and around.step():
        pass
    if not search.over:
        direct(search)


class Loop:
    """The relaxation as far as it has been refined, and what is done with its solutions."""

    def __init__(self, search: Search, relaxation: Built) -> None:
        """Begins with the relaxation as it is."""
        self.search, self.built = search, relaxation
        self.facts: Facts = relaxation.draft.facts
        self.refinement = Refinement()
        self.program = self._as_program(relaxation)
        self.cuts_only = any(block.name == "separated" for block in relaxation.blocks)

    def _as_program(self, built: Built) -> Program:
        given = self.search.task.as_program
        return program_of(built.matrix) if given is None else given(built)

    # --- the relaxation -----------------------------------------------------------------------------------------------

    def solve(self) -> Answer:
        """Branch and bound on the relaxation, after cuts at the root; raises the bound."""
        search = self.search
        if self.cuts_only:
            self._root_cuts()
        search.enter("relaxation")
        limits = Limits(SHARE * search.left, search.gap / 4, search.threads, search.seed)
        answer = run(
            self.program,
            limits,
            start=self._start(),
            on_progress=lambda _incumbent, bound: search.raise_bound(bound),
            stop=lambda: search.over,
        )
        log.debug("relaxation: %s, %s, bound %s in %.1f s", answer.end, answer.objective, answer.bound, answer.seconds)
        if answer.end == "infeasible":
            search.infeasible = True
        else:
            search.raise_bound(answer.objective if answer.bound is None and answer.end == "optimal" else answer.bound)
        return answer

    def _start(self) -> Vector | None:
        """The best plan known, as far as it can be said in the relaxation."""
        search = self.search
        if search.best is None:
            return None
        plan = extract(search.task.exact, search.best)
        x, mask = start_vector(self.built, self.built.start(plan))
        return search.complete(self.program, mask & self.program.whole, x)

    def _root_cuts(self) -> None:
        """Cuts off solutions of the linear relaxation whose releases nobody can pay for."""
        search = self.search
        search.enter("money")
        demand = demand_terms(self.built.draft)
        for _ in range(ROUNDS):
            answer = run(
                self.program.relaxed(), search.limits(SHARE * search.left, search.gap), stop=lambda: search.over
            )
            if answer.x is None:
                return
            search.raise_bound(answer.bound)
            columns = self.built.columns
            value = {pair: sum(c * answer.x[columns[id(v)]] for c, v in terms) for pair, terms in demand.items()}
            if not self._cut(value):
                return

    def _cut(self, value: dict[tuple[int, str], float]) -> bool:
        """Adds a cut for a set of pairs whose money does not suffice; False if there is none that is new."""
        pairs = starved(self.facts, value)
        if pairs is None or pairs in self.refinement.cuts:
            return False
        self.refinement = replace(self.refinement, cuts=(*self.refinement.cuts, pairs))
        terms, money = money_row(self.built.draft, pairs)
        row = np.zeros(self.program.A.shape[1])
        for c, v in terms:
            row[self.built.columns[id(v)]] += c
        self.program = self.program.with_row(row, money)
        log.debug("cut: %d pairs, %.1f million USD", len(pairs), money)
        return True

    # --- from its solution to a plan ----------------------------------------------------------------------------------

    def released(self, x: Vector) -> Released:
        """What a solution of the relaxation releases."""
        count: dict[int, int] = defaultdict(int)
        content: dict[tuple[str, int], int] = defaultdict(int)
        proposed: dict[str, int] = {}
        for (kind, key), j in self.built.matrix.column_of.items():
            units = round(float(x[j]))
            if units < 1:
                continue
            if kind in ("releases", "is_released"):
                count[key[0]] += units
            elif kind == "content":
                content[key[0], key[1]] += units
            elif kind == "proposed_released":
                proposed[key[0]] = key[1]
        return Released(dict(count), dict(content), proposed)

    def realise(self, x: Vector, released: Released) -> bool:
        """Finds packages and payers behind the solution and offers the plan; whether there is one."""
        search = self.search
        search.enter("packages and payers")
        settled = self._split(released)
        if settled is None:
            return False
        program, kinds = search.task.program, search.task.exact.matrix.kinds
        point = self._shared(x)
        point[np.isin(kinds, SETTLED)] = 0.0
        of = search.task.exact.matrix.column_of
        for key, value in settled.items():
            point[of[key]] = value
        completed = search.complete(program, program.whole, point)
        search.offer(completed)
        return completed is not None and program.violation(completed) < 1e-4

    def _shared(self, x: Vector) -> Vector:
        """Values of the columns that relaxation and exact model have in common, in the exact model."""
        of = self.search.task.exact.matrix.column_of
        point = np.zeros(self.search.task.exact.matrix.shape[1])
        for key, j in self.built.matrix.column_of.items():
            if key in of:
                point[of[key]] = x[j]
        return point

    def _split(self, released: Released, paid: bool = True) -> dict[tuple[str, tuple[object, ...]], float] | None:
        """Values of the exact model's columns about packages and payers; None if none exist, or none were found."""
        if self.facts.problem.package_policy is None or not released.periods:
            return {}
        built = compile_draft(split(self.facts, released, paid))
        answer = run(program_of(built.matrix), self.search.limits(SPLIT_SECONDS, 1e-6), stop=self.search.stop)
        log.debug("split of %s: %s in %.1f s", released.count, answer.end, answer.seconds)
        if answer.x is None:
            return None
        found: dict[tuple[str, tuple[object, ...]], float] = {}
        for t, count in released.count.items():
            found.update({("is_released", (t, k)): 1.0 for k in range(count)})
        found.update({("proposed_released", (p, t)): 1.0 for p, t in released.proposed.items()})
        for (kind, key), j in built.matrix.column_of.items():
            if kind in ("content", "takes_part") and answer.x[j] > 0.5:
                found[kind, key] = float(round(answer.x[j]))
        return found

    def near(self, x: Vector) -> None:
        """A plan near the solution: releases, approvals and completions as they are, contents and payers free."""
        search = self.search
        search.enter("a plan near it")
        released = self.released(x)
        exact = search.task.exact.matrix
        point = self._shared(x)
        point[np.isin(exact.kinds, ("is_released", "proposed_released"))] = 0.0
        for t, count in released.count.items():
            for k in range(count):
                point[exact.column_of["is_released", (t, k)]] = 1.0
        for p, t in released.proposed.items():
            point[exact.column_of["proposed_released", (p, t)]] = 1.0
        held = np.isin(exact.kinds, ("is_released", "proposed_released", *CHOICES))
        small, free = search.task.program.fixed(held, point).compressed()
        answer = run(small, search.limits(0.2 * search.left, search.gap), stop=lambda: search.over)
        log.debug("near: %s, %s in %.1f s", answer.end, answer.objective, answer.seconds)
        if answer.x is not None:
            point = search.task.program.fixed(held, point).lower.copy()
            point[free] = answer.x
            search.offer(point)

    # --- what has to be put back --------------------------------------------------------------------------------------

    def refine(self, released: Released) -> bool:
        """Puts back what the solution was missing; False if nothing is left to put back."""
        if self.cuts_only and not self.refinement.pledges and self._cut(released.value(self.facts)):
            return True
        more = self._more(released)
        if more == self.refinement:
            return False
        self.search.enter("refining")
        log.debug("refined: periods %s, %d pledges", sorted(more.periods), len(more.pledges))
        self.refinement = more
        blocks = refined(self.search.task.guide.blocks, more) if self.search.task.guide is not None else ()
        draft = Draft(self.facts)
        for block in blocks:
            block.build(draft)
        self.built = compile_draft(draft, blocks)
        self.program = self._as_program(self.built)
        self.cuts_only = any(block.name == "separated" for block in blocks)
        return True

    def _more(self, released: Released) -> Refinement:
        """The refinement with what the solution needs: periods that do not split, else pledges, else the periods."""
        now = self.refinement
        several = {t for t, count in released.count.items() if count > 1} - now.periods
        if not self._has("unindexed"):
            several = set()
        stuck = {t for t in several if self._split(released.within({t}), paid=False) is None}
        if stuck:
            return replace(now, periods=now.periods | stuck)
        until = self._first_unpaid(released)
        pledges = [g for g in self.facts.problem.pledges if usable(self.facts, g) and g.pledge not in now.pledges]
        if self._has("grouped", "pooled", "counted", "separated"):
            windows = {g.pledge: paying_periods(self.facts, g) for g in pledges}
            for wanted in ({until}, {t for t in released.periods if t <= until}, set(range(self.facts.T))):
                open_ = {g for g, window in windows.items() if not wanted.isdisjoint(window)}
                if open_:
                    return replace(now, pledges=now.pledges | open_)
        for periods in (several & set(range(until + 1)), several):
            if periods:
                return replace(now, periods=now.periods | periods)
        return now

    def _has(self, *names: str) -> bool:
        """Whether the relaxation was chosen with one of these blocks."""
        guide = self.search.task.guide
        return guide is not None and any(block.name in names for block in guide.blocks)

    def _first_unpaid(self, released: Released) -> int:
        """The first period by which what is released has no payers; the last one if all of it has."""
        periods = released.periods
        low, high = 0, len(periods) - 1
        while low < high:
            middle = (low + high) // 2
            if self._split(released.within(set(periods[: middle + 1]))) is None:
                high = middle
            else:
                low = middle + 1
        return periods[low] if periods else 0
