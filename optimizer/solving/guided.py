"""Method "guided": a relaxation leads, whole plans follow, neighbourhoods polish; a bound is proven beside it.

1. The *guide* is the same model with pledges pooled into purses, a relaxation. A process of its own bounds it, first
   block by block, then with only the decisive columns whole (releases, expensive contents, approvals, completions,
   offers): its bound is valid.
2. Schedules of releases are compared by the guide's linear relaxation (`schedule`). Then payers and whole contents
   (`models.settle`, `diving`), then the rest of the exact model, group of items after group of items (`finishing`).
3. Neighbourhoods of the best plan are freed in turn and solved again (large-neighbourhood search) until the gap is
   proven or time is over.

Sources: relax-and-fix and fix-and-optimize as in Pochet & Wolsey, "Production Planning by Mixed Integer Programming"
(2006), ch. 3; large-neighbourhood search after Shaw (1998).
"""

from __future__ import annotations

import logging
import math
import time
from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np

from models.baselines import list_plan, ranking_by_weight
from models.build import Built, compile_draft
from models.facts import Facts
from models.matrix import Vector
from models.settle import Wanted, contents, payers, worth
from optimizer.solving.bounding import Bounding
from optimizer.solving.completing import CompletionSearch, chains_of
from optimizer.solving.direct import direct
from optimizer.solving.diving import dive, milestones
from optimizer.solving.finishing import DECISIONS, Finish
from optimizer.solving.highs import Answer, Limits, run
from optimizer.solving.leads import Link, Settled, bundles, expensive, ranking, room, savings, wanted
from optimizer.solving.neighbourhoods import Neighbourhoods
from optimizer.solving.program import Mask, Program, program_of
from optimizer.solving.schedule import ScheduleSearch
from optimizer.solving.search import Search, start_vector

log = logging.getLogger(__name__)
RELEASES = ("is_released", "releases", "proposed_released")
SETTLED = (*RELEASES, "content", "takes_part")
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
CONTENTS = 0.15
"""Share of the time left in which contents are improved once it is known who pays."""
MILESTONES = (0.67,)
"""Shares of the cost of a dive at which its contents are made whole as well as at its end."""
BETTER = 3e-5
"""Relative gain from which on other contents are taken, and the groups of items finished again."""
DECIDED = 1e-6
"""How far from a whole number a decision may be that counts as made."""
UNPAID = 0.001
"""Share of the wanted money that may stay unpaid; contents shrink by as much."""


def _decided(kinds: np.ndarray, x: Vector) -> Mask:
    """Columns of the decisions if x decides all of them, none otherwise."""
    mask = np.isin(kinds, DECISIONS)
    return mask if np.all(np.abs(x - np.round(x))[mask] < DECIDED) else np.zeros_like(mask)


@dataclass(frozen=True)
class Chosen:
    """Releases, the pledges that pay for each, and these with whole contents as values of columns."""

    releases: list[Wanted]
    payers: dict[int, set[str]]
    settled: Settled


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

    def close(self) -> None:
        if self.bounding is not None:
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
        decisive = self.program.relaxed(self.releases | self.choices)
        limits = Limits(self.search.left, self.search.gap / 4, 1, self.search.seed, (("mip_heuristic_effort", 0.02),))
        if self.search.threads > 1:
            self.bounding = Bounding(decisive, limits, self.coupling, self.choices)
        else:
            self._bound_here(decisive)
        first = self._first_lead()
        if first is not None and not self.over():
            self.follow(first)
        around = Neighbourhoods(self.search, self.over)
        while not self.over():
            lead = self._better_lead()
            if lead is not None:
                self.follow(lead)
            elif not around.step():
                self._last_resort()
                break

    def _bound_here(self, decisive: Program) -> None:
        """With one thread the bound comes first, in a fifth of the time; its solutions lead."""
        self.search.enter("bound")
        share = 0.2 * self.search.left
        answer = run(
            decisive,
            self.search.limits(share, self.search.gap / 4, mip_heuristic_effort=0.02),
            on_solution=lambda x, value: self.leads.append((x, value)),
            on_progress=lambda _incumbent, bound: self.search.raise_bound(bound),
            stop=self.search.stop,
        )
        self.search.raise_bound(answer.bound)
        self.search.infeasible = answer.end == "infeasible"

    def _first_lead(self) -> Vector | None:
        """The best schedule of releases found in a fifth of the time, then expensive contents whole within it."""
        search = self.search
        search.enter("releases")
        until = time.monotonic() + min(SCHEDULING[0] * search.left, SCHEDULING[1])

        def over() -> bool:
            return time.monotonic() > until or self.over()

        schedules = ScheduleSearch(self.guide, self.program, search.limits(search.left, search.gap), over)
        root = schedules.root()
        if root is None:
            return self._any_lead()
        self.search.raise_bound(self.program.value(root))
        best = schedules.run(root) if schedules.columns.size else None
        log.debug("releases: %s of %d schedules", best and round(best.objective), schedules.valued)
        if best is None:
            return self._any_lead() if schedules.columns.size else root
        fixed = self.program.fixed(np.isin(self.kinds, RELEASES), best.x)
        x = self._completed(fixed, best.x)
        fixed = fixed.fixed(_decided(self.kinds, x), x)
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
        until = time.monotonic() + min(COMPLETING[0] * self.search.left, COMPLETING[1])
        chains = chains_of(self.guide.matrix, fixed)
        if not chains:
            return x
        limits = self.search.limits(self.search.left, self.search.gap)

        def over() -> bool:
            return time.monotonic() > until or self.over()

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
            time.sleep(0.2)  # the exact model is solved as far as asked; the bound is what is still coming

    # --- from the guide's solution to a whole plan --------------------------------------------------------------------

    def follow(self, lead: Vector) -> None:
        """Settles payers and whole contents, then solves the rest of the exact model."""
        search, exact = self.search, self.search.task.exact
        search.enter("payers and contents")
        found = self._settle(lead)
        if found is None or self.over():
            return
        kinds = exact.matrix.kinds
        mask = np.isin(kinds, SETTLED)
        x = np.zeros(exact.matrix.shape[1])
        x[self.link.exact] = lead[self.link.guide]
        x = self._with(found.settled, x)
        program = search.task.program.fixed(mask & (kinds != "content"), x)
        decided = _decided(kinds, x)
        settled = self._dived(program.fixed(decided, x), found, x)
        search.enter("deliveries")
        self._list(lead, settled)
        plan = Finish(search, self.over).run(self._within(settled, x), x if decided.any() else None)
        while search.offer(plan) and plan is not None and not self.over():
            # what is in the packages may now follow what orders really leave over
            search.enter("contents again")
            found = replace(found, settled=settled)
            again = self._dived(program.fixed(np.isin(kinds, DECISIONS), plan), found, x)
            if again is settled:
                break
            settled = again
            search.enter("deliveries")
            plan = Finish(search, self.over).run(self._within(settled, x), plan)

    def _dived(self, program: Program, found: Chosen, x: Vector) -> Settled:
        """Contents valued by what they let leave, once it is known who pays: a dive, then the nearest whole ones.

        The settled values themselves, if these are no better.
        """
        search, exact = self.search, self.search.task.exact
        contents = exact.matrix.kinds == "content"
        if not found.releases:
            return found.settled
        weight = np.array([self.facts.price(key[0]) if whole else 0.0
                           for key, whole in zip(exact.matrix.column_keys, contents, strict=True)])  # fmt: skip
        until = time.monotonic() + CONTENTS * search.left

        def over() -> bool:
            return time.monotonic() > until or self.over()

        way: list[tuple[float, Vector]] = []
        dived = dive(
            program, contents & program.whole, weight, search.limits(search.left, search.gap), over, on_way=way
        )
        if dived is None or self.over():
            return found.settled
        decided = np.isin(exact.matrix.kinds, DECISIONS) & (program.lower == program.upper)

        def value(settled: Settled) -> float:
            return self._relaxed_value(self._within(settled, x).fixed(decided, program.lower))

        best, least = found.settled, value(found.settled)
        for depth, at in milestones(way, MILESTONES):
            again = self._made_whole(at, contents & program.whole, found)
            reached = math.inf if again is None else value(again)
            log.debug("contents: %s, at %.0f whole %s", least, depth, reached)
            if again is not None and reached < least * (1 - BETTER):
                best, least = again, reached
        return best

    def _made_whole(self, x: Vector, contents: Mask, found: Chosen) -> Settled | None:
        """The contents of a solution if they are whole, else the nearest whole ones with the same releases."""
        exact = self.search.task.exact
        if np.all(np.abs(x - np.round(x))[contents] < DECIDED):
            return self._read(x)
        releases = wanted(self.facts, exact, x)
        if [release.place for release in releases] != [release.place for release in found.releases]:
            return None
        return self._contents(exact, x, releases, found.payers)

    def _read(self, x: Vector) -> Settled:
        """Releases, contents and payers of a solution of the exact model in which they are whole."""
        matrix = self.search.task.exact.matrix
        settled = np.flatnonzero(np.isin(matrix.kinds, SETTLED) & (x > 0.5))
        return {(str(matrix.kinds[j]), matrix.column_keys[j]): float(round(x[j])) for j in settled}

    def _within(self, settled: Settled, x: Vector) -> Program:
        """The task with these releases and payers; contents may shrink: one that cannot be sent breaks its promise."""
        kinds = self.search.task.exact.matrix.kinds
        y = self._with(settled, x)
        program = self.search.task.program.fixed(np.isin(kinds, SETTLED) & (kinds != "content"), y)
        return replace(program, upper=np.where(kinds == "content", np.minimum(program.upper, y), program.upper))

    def _relaxed_value(self, program: Program) -> float:
        """The value of the relaxation; infinite if there is no solution."""
        answer = run(program.relaxed().compressed()[0], self.search.limits(10.0, 1e-6), stop=self.over)
        return math.inf if answer.objective is None else answer.objective

    def _with(self, settled: Settled, x: Vector) -> Vector:
        """x with these releases, contents and payers."""
        exact = self.search.task.exact
        y = np.where(np.isin(exact.matrix.kinds, SETTLED), 0.0, x)
        for key, value in settled.items():
            y[exact.matrix.column_of[key]] = value
        return y

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

    def _settle(self, lead: Vector) -> Chosen | None:
        if self.facts.problem.package_policy is None:
            return Chosen([], {}, {})
        releases = wanted(self.facts, self.guide, lead)
        while True:
            chosen = self._payers(releases)
            if chosen is not None:
                break
            droppable = [release for release in releases if not release.is_new] or releases
            if not droppable:
                return None
            releases = [release for release in releases if release is not droppable[-1]]
        settled = self._contents(self.guide, lead, releases, chosen)
        return None if settled is None else Chosen(releases, chosen, settled)

    def _payers(self, releases: list[Wanted]) -> dict[int, set[str]] | None:
        built = compile_draft(payers(self.facts, releases))
        total = sum(sum(worth(self.facts, release).values()) for release in releases)
        enough = self.search.limits(min(15.0, 0.12 * self.search.left), 1e-3, objective_target=UNPAID * total)
        answer = run(program_of(built.matrix), enough, stop=self.over)
        log.debug("payers: %s, unpaid %s of %.1f in %.1f s", answer.end, answer.objective, total, answer.seconds)
        if answer.x is None:
            return None
        chosen: dict[int, set[str]] = defaultdict(set)
        for (kind, key), j in built.matrix.column_of.items():
            if kind == "takes_part" and answer.x[j] > 0.5:
                chosen[key[1]].add(key[0])
        return chosen

    def _contents(
        self, model: Built, lead: Vector, releases: list[Wanted], chosen: dict[int, set[str]]
    ) -> Settled | None:
        """Whole contents near those of a solution of the model, paid by the chosen pledges."""
        most = room(self.facts, model, lead, releases)
        built = compile_draft(contents(self.facts, releases, chosen, most, savings(self.facts, model, lead)))
        answer = run(program_of(built.matrix), self.search.limits(3.0, 1e-2), stop=self.over)
        log.debug("contents: %s, off by %s in %.1f s", answer.end, answer.objective, answer.seconds)
        if answer.x is None:
            return None
        settled: Settled = {}
        for release in releases:
            kind = "is_released" if release.is_new else "proposed_released"
            settled[kind, release.place[1:]] = 1.0
        for (kind, key), j in built.matrix.column_of.items():
            value = round(answer.x[j])
            if kind == "content" and value:
                settled["content", (key[0], *releases[key[1]].place[1:])] = float(value)
            elif kind == "takes_part" and value:
                settled["takes_part", (key[0], *releases[key[1]].payable)] = 1.0
        known = self.search.task.exact.matrix.column_of
        return {key: value for key, value in settled.items() if key in known}
