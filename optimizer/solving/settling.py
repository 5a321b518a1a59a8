"""From a guide's solution to payers and whole contents of packages.

The guide says when to release packages with which contents, in fractions and paid from purses. `Settling` chooses the
pledges that pay for each release and whole contents near the guide's (`models.settle`); then, once it is known who
pays, contents that the exact model wants (`choosing`).
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from models.build import Built, compile_draft
from models.facts import Facts
from models.matrix import Vector
from models.settle import Wanted, contents, payers, worth
from optimizer.solving.choosing import ContentChoice
from optimizer.solving.clock import now
from optimizer.solving.finishing import DECISIONS
from optimizer.solving.highs import run
from optimizer.solving.leads import Settled, room, savings, wanted
from optimizer.solving.program import Mask, Program, program_of
from optimizer.solving.search import Search

log = logging.getLogger(__name__)
RELEASES = ("is_released", "releases", "proposed_released")
SETTLED = (*RELEASES, "content", "takes_part")
DECIDED = 1e-6
"""How far from a whole number a decision may be that counts as made."""
UNPAID = 0.001
"""Share of the wanted money that may stay unpaid; contents shrink by as much."""
DIVING = 0.3
"""Share of the time for contents in which they are rounded by themselves."""
DROPPED = 2
"""Releases that are left out, one after the other, where no whole contents are found for the pledges that pay: with
another schedule all would be lost that this one is worth."""
SPARE = (0.0, 0.02)
"""Money beyond the least that a package must be worth, as a share of one: first as wanted, then with some to spare."""
CONTENTS = (0.2, 30.0)
"""Share of the time left, and seconds at most, in which contents are improved once it is known who pays."""


def decided(kinds: np.ndarray, x: Vector) -> Mask:
    """Columns of the decisions if x decides all of them, none otherwise."""
    mask = np.isin(kinds, DECISIONS)
    return mask if np.all(np.abs(x - np.round(x))[mask] < DECIDED) else np.zeros_like(mask)


@dataclass(frozen=True)
class Chosen:
    """Releases, the pledges that pay for each, and these with whole contents as values of columns."""

    releases: list[Wanted]
    payers: dict[int, set[str]]
    settled: Settled


class Settling:
    """Settles packages of the exact model. `over` is polled; the search gives limits."""

    def __init__(self, search: Search, guide: Built, over: Callable[[], bool]) -> None:
        """`guide`: the model whose solutions are settled."""
        self.search, self.guide, self.over = search, guide, over
        self.exact = search.task.exact
        self.facts: Facts = self.exact.draft.facts
        self.kinds = self.exact.matrix.kinds

    def settle(self, lead: Vector) -> Chosen | None:
        """Payers and whole contents near a guide's solution; None if none were found."""
        if self.facts.problem.package_policy is None:
            return Chosen([], {}, {})
        releases, failed = wanted(self.facts, self.guide, lead), 0
        while True:
            for spare in SPARE:
                chosen = self._payers(releases, spare)
                settled = None if chosen is None or self.over() else self._near(lead, releases, chosen)
                if chosen is not None and settled is not None:
                    return Chosen(releases, chosen, settled)
                if chosen is None:
                    break
            else:
                failed += 1
            if not releases or failed > DROPPED or self.over():
                return None
            droppable = [release for release in releases if not release.is_new] or releases
            releases = [release for release in releases if release is not droppable[-1]]

    def improve(self, program: Program, found: Chosen, x: Vector) -> Settled:
        """Better whole contents for these payers, the settled ones themselves if none are.

        `program`: the task with releases and payers held at x, and what else is decided already.
        """
        if not found.releases:
            return found.settled
        began, seconds = now(), min(CONTENTS[0] * self.search.left, CONTENTS[1])

        def over(share: float = 1.0) -> bool:
            return now() > began + share * seconds or self.over()

        weight = np.array([self.facts.price(key[0]) if kind == "content" else 0.0
                           for kind, key in zip(self.kinds, self.exact.matrix.column_keys, strict=True)])  # fmt: skip
        contents = (self.kinds == "content") & program.whole
        choice = ContentChoice(program, contents, self.search.limits(self.search.left, self.search.gap), self.over)
        most = self.having(found.settled, x)[choice.columns]
        dived = choice.dive(weight, lambda: over(DIVING))
        releases = [] if dived is None else wanted(self.facts, self.exact, dived)
        if dived is None or [release.place for release in releases] != [release.place for release in found.releases]:
            return found.settled
        built = self._contents(self.exact, dived, releases, self._paying(found), 1.0)
        pay = built.matrix.kinds == "takes_part"
        model = program_of(built.matrix).fixed(pay, np.ones(pay.size))  # who pays is held in the choice as well
        most = choice.best(model, self._places(built, releases, choice), dived[choice.columns], most, over)
        kept = {key: value for key, value in found.settled.items() if key[0] != "content"}
        keys = [("content", self.exact.matrix.column_keys[j]) for j in choice.columns]
        return kept | {key: float(round(units)) for key, units in zip(keys, most, strict=True) if units > 0.5}

    def _paying(self, found: Chosen) -> dict[int, set[str]]:
        """The pledges that do pay, by number of the release."""
        paying: dict[int, set[str]] = {k: set() for k in range(len(found.releases))}
        number = {release.payable: k for k, release in enumerate(found.releases)}
        for kind, key in found.settled:
            if kind == "takes_part":
                paying[number[key[1:]]].add(key[0])
        return paying

    def _places(self, built: Built, releases: list[Wanted], choice: ContentChoice) -> np.ndarray:
        """Column of the model of contents for every content of the choice; −1 where the model has none."""
        number = {release.place[1:]: k for k, release in enumerate(releases) if release.is_new}
        keys = [self.exact.matrix.column_keys[j] for j in choice.columns]
        of = built.matrix.column_of
        return np.array([of.get(("content", (key[0], number.get(key[1:]))), -1) for key in keys], dtype=np.int64)

    def within(self, settled: Settled, x: Vector) -> Program:
        """The task with these releases and payers; contents may shrink: one that cannot be sent breaks its promise."""
        y = self.having(settled, x)
        program = self.search.task.program.fixed(np.isin(self.kinds, SETTLED) & (self.kinds != "content"), y)
        most = np.where(self.kinds == "content", np.minimum(program.upper, y), program.upper)
        return replace(program, upper=most)

    def having(self, settled: Settled, x: Vector) -> Vector:
        """x with these releases, contents and payers."""
        y = np.where(np.isin(self.kinds, SETTLED), 0.0, x)
        for key, value in settled.items():
            y[self.exact.matrix.column_of[key]] = value
        return y

    # --- the models of `models.settle` --------------------------------------------------------------------------------

    def _payers(self, releases: list[Wanted], spare: float) -> dict[int, set[str]] | None:
        """The pledges that pay for each release, `spare` beyond the least it must be worth, as share of a package."""
        policy = self.facts.problem.package_policy
        assert policy is not None
        built = compile_draft(payers(self.facts, releases, spare * policy.target_usd_m))
        total = sum(sum(worth(self.facts, release).values()) for release in releases)
        seconds = min(15.0, 0.12 * self.search.left)
        enough = self.search.limits(seconds, 1e-3, **({} if spare else {"objective_target": UNPAID * total}))
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
        self, model: Built, lead: Vector, releases: list[Wanted], chosen: dict[int, set[str]], more: float
    ) -> Built:
        """The model of whole contents near those of a solution, paid by the chosen pledges."""
        most = room(self.facts, model, lead, releases, more)
        return compile_draft(contents(self.facts, releases, chosen, most, savings(self.facts, model, lead)))

    def _near(self, lead: Vector, releases: list[Wanted], chosen: dict[int, set[str]]) -> Settled | None:
        """Whole contents nearest to those of the guide's solution."""
        built = self._contents(self.guide, lead, releases, chosen, 0.0)
        answer = run(program_of(built.matrix), self.search.limits(3.0, 1e-2), stop=self.over)
        log.debug("contents: %s, off by %s in %.1f s", answer.end, answer.objective, answer.seconds)
        return None if answer.x is None else self._read(built, answer.x, releases)

    def _read(self, built: Built, x: Vector, releases: list[Wanted]) -> Settled:
        """Releases, contents and payers of a solution of the model of contents."""
        settled: Settled = {}
        for release in releases:
            kind = "is_released" if release.is_new else "proposed_released"
            settled[kind, release.place[1:]] = 1.0
        for (kind, key), j in built.matrix.column_of.items():
            value = round(x[j])
            if kind == "content" and value:
                settled["content", (key[0], *releases[key[1]].place[1:])] = float(value)
            elif kind == "takes_part" and value:
                settled["takes_part", (key[0], *releases[key[1]].payable)] = 1.0
        known = self.exact.matrix.column_of
        return {key: value for key, value in settled.items() if key in known}
