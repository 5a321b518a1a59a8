"""Method "guided": a relaxation leads, whole plans follow, neighbourhoods polish; a bound is proven beside it.

1. The *guide* is the same model with payments from purses, a relaxation. A process of its own bounds it
   (`bounding`): its bound is valid.
2. Schedules of releases are compared by the guide's linear relaxation (`schedule`), then completions and offers under
   the best one (`completing`). Then payers and whole contents (`settling`), then the rest of the exact model, group of
   items after group of items (`finishing`).
3. Neighbourhoods of the best plan are freed in turn and solved again (large-neighbourhood search) until the gap is
   proven or time is over.

Sources: relax-and-fix and fix-and-optimize as in Pochet & Wolsey, "Production Planning by Mixed Integer Programming"
(2006), ch. 3; large-neighbourhood search after Shaw (1998).
"""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np

from models.baselines import list_plan, ranking_by_weight
from models.build import Built
from models.facts import Facts
from models.matrix import Vector
from optimizer.solving.bounding import Bounding, Subject, bound
from optimizer.solving.clock import clock, now
from optimizer.solving.completing import CompletionSearch, chains_of
from optimizer.solving.direct import direct
from optimizer.solving.diving import dive
from optimizer.solving.finishing import DECISIONS, Finish
from optimizer.solving.highs import Answer, Limits, run
from optimizer.solving.leads import Link, Settled, bundles, expensive, ranking
from optimizer.solving.neighbourhoods import Neighbourhoods
from optimizer.solving.program import Program
from optimizer.solving.schedule import ScheduleSearch
from optimizer.solving.search import Search, start_vector
from optimizer.solving.settling import RELEASES, SETTLED, Chosen, Settling, decided

log = logging.getLogger(__name__)
CHOICES = ("is_completed", "is_approved", "is_accepted")
COUPLING = (
    "dispatch_after_release", "content_within_need", "promise_kept", "lane_capacity", "lane_rounded", "after_approval",
)  # fmt: skip
"""Rules without which money, review and groups of items that share supply have nothing to do with each other."""
NEAR = 3e-3
"""Relative: a guide's solution is followed to this gap, and one that promises less than this is not followed."""
SCHEDULING = (0.2, 30.0)
"""Share of the time, and seconds at most, in which schedules of releases are compared."""
COMPLETING = (0.25, 30.0)
"""Share of the time left, and seconds at most, for completions and offers under the best schedule."""


FIRST = 0.2
"""Share of the time for the bound where one thread has to do everything."""


def guided(search: Search) -> None:
    """Runs the method; improves `search` until it is over."""
    task = search.task
    assert task.guide is not None
    assert task.guide_program is not None
    lead = _Lead(search, task.guide, task.guide_program, Link.of(task.guide, task.exact))
    try:
        lead.run()
    finally:
        lead.close()


class _Here:
    """Bounds and solutions for a run of the method, found in its own process."""

    lead = None

    def __init__(self, to: _Lead) -> None:
        self.to = to

    def bound(self, bound: float | None) -> None:
        self.to.search.raise_bound(bound)

    def solution(self, x: Vector, objective: float) -> None:
        self.to.leads.append((x, objective))

    def stop(self) -> bool:
        return self.to.search.stop()


class _Lead:
    """One run of the method."""

    def __init__(self, search: Search, guide: Built, program: Program, link: Link) -> None:
        self.search, self.guide, self.program, self.link = search, guide, program, link
        self.facts: Facts = guide.draft.facts
        self.kinds = guide.matrix.kinds
        self.dear = expensive(guide)
        self.releases = np.isin(self.kinds, RELEASES) | self.dear
        self.choices = np.isin(self.kinds, CHOICES)
        # rows that hold stages before this one stand after the model's and couple everything
        self.coupling = np.ones(program.A.shape[0], dtype=bool)
        self.coupling[: len(guide.matrix.rules)] = np.isin(guide.matrix.rules, COUPLING)
        self.followed: float | None = None
        self.bounding: Bounding | None = None
        self.leads: list[tuple[Vector, float]] = []
        self.settling = Settling(search, guide, self.over)
        self.settled: tuple[Chosen, Vector] | None = None

    def close(self) -> None:
        if self.bounding is None:
            return
        if clock().counted and not self.search.proven and not self.search.infeasible:
            self.search.raise_bound(self.bounding.hear(last=True)[0])
        self.search.disturbed |= self.bounding.broken
        self.bounding.close()

    def hear(self) -> None:
        """Takes what the bounding process has found."""
        if self.bounding is not None:
            bound, solutions = self.bounding.hear()
            self.search.raise_bound(bound)
            self.leads += solutions

    def over(self) -> bool:
        self.hear()
        return self.search.over

    def run(self) -> None:
        limits = Limits(self.search.left, self.search.gap / 4, 1, self.search.seed, (("mip_heuristic_effort", 0.02),))
        decisive = self.program.relaxed(self.releases | self.choices)
        subject = Subject(decisive, self.coupling, self.choices, np.isin(self.kinds, RELEASES))
        if self.search.threads > 1:
            self.bounding = Bounding(subject, limits, self.search.stop)
        else:
            # with one thread the bound comes first; its solutions lead
            self.search.enter("bound")
            end = bound(subject, replace(limits, seconds=FIRST * self.search.left), _Here(self))
            self.search.infeasible = end == "infeasible"
        if self.search.held:
            self._prove()
            return
        first = self._first_lead()
        if first is not None and not self.over():
            self.follow(first)
        around = Neighbourhoods(self.search, self.over)
        while not self.over():
            lead = self._better_lead()
            rounds = around.round
            if lead is not None:
                self.follow(lead)
            elif not around.step():
                self._last_resort()
                break
            if around.round > rounds > 0:
                self.again()

    def _prove(self) -> None:
        """The plan in hand stands: its releases lead the bound, and nothing else is looked for."""
        search = self.search
        search.enter("bound")
        if self.bounding is not None and search.best is not None:
            lead = np.zeros(len(self.kinds))
            lead[self.link.guide] = search.best[self.link.exact]
            self.bounding.lead(lead)
            while not self.over() and not self.bounding.done:
                clock().wait(0.1)

    def _first_lead(self) -> Vector | None:
        """The best schedule of releases found in a fifth of the time, then expensive contents whole within it."""
        search = self.search
        search.enter("releases")
        until = now() + min(SCHEDULING[0] * search.left, SCHEDULING[1])

        def over() -> bool:
            return now() > until or self.over()

        schedules = ScheduleSearch(self.guide, self.program, search.limits(search.left, search.gap), over)
        root = schedules.root()
        if root is None:
            return self._any_lead()
        self.search.raise_bound(self.program.value(root))
        best = schedules.run(root) if schedules.columns.size else None
        log.debug("releases: %s of %d schedules", best and round(best.objective), schedules.valued)
        if best is None:
            return self._any_lead() if schedules.columns.size else root
        if self.bounding is not None:
            self.bounding.lead(best.x)
        fixed = self.program.fixed(np.isin(self.kinds, RELEASES), best.x)
        x = self._completed(fixed, best.x)
        fixed = fixed.fixed(decided(self.kinds, x), x)
        if not (self.dear & fixed.whole & (fixed.lower < fixed.upper)).any():
            return x
        weight = np.array([self.facts.price(key[0]) if dear else 0.0
                           for key, dear in zip(self.guide.matrix.column_keys, self.dear, strict=True)])  # fmt: skip
        whole = dive(fixed, self.dear, weight, search.limits(search.left, search.gap), self.over)
        log.debug("expensive contents: %s", whole and round(whole[0]))
        return x if whole is None else whole[1]

    def _completed(self, fixed: Program, x: Vector) -> Vector:
        """The relaxation's solution with completions and offers decided, or x where that was not to be had in time."""
        self.search.enter("completions")
        until = now() + min(COMPLETING[0] * self.search.left, COMPLETING[1])
        chains = chains_of(self.guide.matrix, fixed)
        if not chains:
            return x
        limits = self.search.limits(self.search.left, self.search.gap)

        def over() -> bool:
            return now() > until or self.over()

        found = CompletionSearch(fixed, chains, limits, over).run()
        return x if found is None else found[1]

    def _any_lead(self) -> Vector | None:
        """Without a schedule: releases and expensive contents by branch and bound, which may prove there is none."""
        answer = self._branched(self.program.relaxed(self.releases), 0.35)
        if answer.end == "infeasible":
            self.search.infeasible = True
        return answer.x

    def _branched(self, program: Program, share: float) -> Answer:
        """A solution by branch and bound, near the best."""
        search = self.search
        limits = search.limits(share * search.left, NEAR, mip_heuristic_effort=0.02)
        answer = run(program, limits, stop=self.over)
        log.debug("contents: %s, %s, bound %s in %.1f s", answer.end, answer.objective, answer.bound, answer.seconds)
        return answer

    def _better_lead(self) -> Vector | None:
        """A solution of the bounding process that promises more than what was followed so far."""
        best = min(self.leads, key=lambda pair: pair[1], default=None)
        self.leads.clear()
        if best is None or (self.followed is not None and best[1] > self.followed * (1 - NEAR)):
            return None
        if self.search.objective is not None and best[1] > self.search.objective * (1 - NEAR):
            return None
        self.followed = best[1]
        return best[0]

    def _last_resort(self) -> None:
        """No neighbourhood helps any more: branch and bound on the exact model, from the best plan, to the end."""
        direct(self.search, self.over)
        while not self.over() and self.bounding is not None and not self.bounding.done:
            clock().wait(0.2)  # the exact model is solved as far as asked; the bound is what is still coming

    # --- from the guide's solution to a whole plan --------------------------------------------------------------------

    def follow(self, lead: Vector) -> None:
        """Settles payers and whole contents, then solves the rest of the exact model."""
        search, exact = self.search, self.search.task.exact
        search.enter("payers and contents")
        found = self.settling.settle(lead)
        if found is None or self.over():
            return
        kinds = exact.matrix.kinds
        mask = np.isin(kinds, SETTLED)
        x = np.zeros(exact.matrix.shape[1])
        x[self.link.exact] = lead[self.link.guide]
        x = self.settling.having(found.settled, x)
        program = search.task.program.fixed(mask & (kinds != "content"), x)
        made = decided(kinds, x)
        settled = self.settling.improve(program.fixed(made, x), found, x)
        search.enter("deliveries")
        self._list(lead, settled)
        plan = Finish(search, self.over).run(self.settling.within(settled, x), x if made.any() else None)
        search.offer(plan)
        self.settled = replace(found, settled=settled), x

    def again(self) -> None:
        """Chooses contents once more, by what orders really leave over in the best plan, and finishes anew."""
        search = self.search
        if self.settled is None or search.best is None or self.over():
            return
        (found, x), kinds = self.settled, search.task.exact.matrix.kinds
        search.enter("contents again")
        program = search.task.program.fixed(np.isin(kinds, SETTLED) & (kinds != "content"), x)
        settled = self.settling.improve(program.fixed(np.isin(kinds, DECISIONS), search.best), found, x)
        if settled != found.settled:
            search.enter("deliveries")
            search.offer(Finish(search, self.over).run(self.settling.within(settled, x), search.best))
            self.settled = replace(found, settled=settled), x

    def _list(self, lead: Vector, settled: Settled) -> None:
        """Whole plans at once: the list scheduler with these releases, demands in the guide's order and by weight."""
        search, exact = self.search, self.search.task.exact
        released = bundles(self.facts, settled)
        accepted = [key[0] for (kind, key), j in self.guide.matrix.column_of.items()
                    if kind == "is_accepted" and lead[j] > 0.5]  # fmt: skip
        for order in (ranking(self.guide, lead), ranking_by_weight(self.facts.problem)):
            plan = list_plan(self.facts.problem, order, releases=released, accepted=accepted, just_in_time=True)
            x, mask = start_vector(exact, exact.start(plan))
            completed = search.complete(search.task.program, mask & search.task.program.whole, x)
            log.debug("list: %s", None if completed is None else search.task.program.value(completed))
            search.offer(completed)
