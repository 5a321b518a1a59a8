"""From releases, contents and payers to a whole plan: approvals, then one group of items after another.

Groups of items that share no supply meet only in lanes, approvals and packages. With these held, each is a small
program of its own: completions first, then units (relax-and-fix, Pochet & Wolsey, 2006, ch. 3). What a group does to
the others stays as the relaxation has it, so little is lost between them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from models.facts import Facts
from models.matrix import Vector
from optimizer.solving.highs import run
from optimizer.solving.neighbourhoods import About, group_mask, item_groups
from optimizer.solving.program import Mask, Program
from optimizer.solving.search import Search

log = logging.getLogger(__name__)
DECISIONS = ("is_completed", "is_accepted")
"""What is decided first within a group; units are settled with these held."""
NEAR = 1e-4
"""Relative to the whole objective: how near its best a group is solved."""
TOGETHER = 400
"""Whole columns of small groups that are solved in one."""


class Finish:
    """Completes a program whose releases and payers are fixed."""

    def __init__(self, search: Search, over: Callable[[], bool]) -> None:
        """`over` is polled; the search gives limits."""
        self.search, self.over = search, over
        self.facts: Facts = search.task.exact.draft.facts
        self.kinds = search.task.exact.matrix.kinds
        self.about = About.of(search)

    def run(self, program: Program, decided: Vector | None = None) -> Vector | None:
        """A whole solution, or None. `decided`: completions and offers to begin with; each group decides again."""
        parts = [self.kinds == "is_approved", *self._groups(program)]
        x = self._relaxation(program, decided)
        for number, part in enumerate(parts):
            if x is None:
                return None
            if not (program.whole & part & (program.lower < program.upper)).any():
                continue
            seconds = max(4.0, 0.5 * self.search.left / (len(parts) - number + 2))
            if number:
                found = self._alone(program, part, x, seconds)
            else:
                found = None if decided is None else self._among_all(self._held(program, decided), part, seconds)
            if found is None:
                found = self._among_all(program, part, seconds)
            x = found
            if x is not None:
                log.debug("finish: part %d of %d, %.0f", number, len(parts), program.value(x))
                if number:
                    program = program.fixed(program.whole & part, x)
        if x is None:
            return None
        rest = program.whole & (program.lower < program.upper)
        return self._among_all(program, rest, 20.0)

    def _relaxation(self, program: Program, decided: Vector | None) -> Vector | None:
        """The relaxation with what is decided held; without, if that cannot be."""
        x = None
        if decided is not None:
            x = _solved(self._held(program, decided).relaxed(), self.search, 30.0, 1e-6, self.over)
        return _solved(program.relaxed(), self.search, 30.0, 1e-6, self.over) if x is None else x

    def _held(self, program: Program, decided: Vector) -> Program:
        return program.fixed(np.isin(self.kinds, DECISIONS), decided)

    def _alone(self, program: Program, part: Mask, x: Vector, seconds: float) -> Vector | None:
        """The columns of the part by themselves, all others held at x."""
        held = _held(program, ~part, x)
        decided = _solved(held.relaxed(np.isin(self.kinds, DECISIONS)), self.search, seconds, NEAR, self.over)
        if decided is not None:
            fixed = held.fixed(held.whole & np.isin(self.kinds, DECISIONS), decided)
            whole = _solved(fixed, self.search, seconds, NEAR, self.over)
            if whole is not None:
                return whole
        return _solved(held, self.search, seconds, NEAR, self.over)

    def _among_all(self, program: Program, part: Mask, seconds: float) -> Vector | None:
        """The part's columns whole, all others free and relaxed."""
        return _solved(program.relaxed(program.whole & part), self.search, max(6.0, seconds), 1e-3, self.over)

    def _groups(self, program: Program) -> list[Mask]:
        """Columns of groups of items, with the most whole columns last; small groups together."""
        masks = [group_mask(self.facts, self.kinds, self.about, group) for group in item_groups(self.facts)]
        masks.sort(key=lambda mask: int((mask & program.whole).sum()))
        joined: list[Mask] = []
        for mask in masks:
            if joined and int(((joined[-1] | mask) & program.whole).sum()) <= TOGETHER:
                joined[-1] = joined[-1] | mask
            else:
                joined.append(mask)
        return joined


def _held(program: Program, mask: Mask, x: Vector) -> Program:
    """The program with the masked columns at x, not rounded: what is held stands for a relaxation of it."""
    value = np.clip(x, program.lower, program.upper)
    return replace(program, lower=np.where(mask, value, program.lower), upper=np.where(mask, value, program.upper))


def _solved(program: Program, search: Search, seconds: float, gap: float, over: Callable[[], bool]) -> Vector | None:
    small, free = program.compressed()
    answer = run(small, search.limits(seconds, gap), stop=over)
    log.debug(
        "  %d columns, %d whole: %s, %s in %.1f s",
        len(free), int(small.whole.sum()), answer.end, answer.objective, answer.seconds,
    )  # fmt: skip
    return None if answer.x is None else program.completed(free, answer.x)
