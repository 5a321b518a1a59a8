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
from optimizer.solving.clock import now
from optimizer.solving.diving import dive
from optimizer.solving.highs import run
from optimizer.solving.neighbourhoods import About, group_mask, item_groups
from optimizer.solving.program import Mask, Program
from optimizer.solving.search import Search

log = logging.getLogger(__name__)
DECISIONS = ("is_completed", "is_accepted")
"""What is decided first within a group; units are settled with these held."""
NEAR = 1e-4
"""Relative to the whole objective: how near its best a group is solved."""
LUMP = 3e-3
"""Share of the objective beyond which a single unit of a delivery is a lump."""
UNITS = 0.7
"""Share of the time for the groups that are still to be done, by their whole columns."""
AT_ONCE = (60.0, 25_000)
"""Seconds that one pass shares out at most, for so many whole columns; more for more. What a longer search has beyond
that is better spent on neighbourhoods of a plan: with shares of ten minutes the first plan came after eight."""
CHOOSING = 0.4
"""Share of a group's time for its decisions, which are mostly made already."""
SHARE = 0.1
"""Share of the time left for what is made whole among all."""
AHEAD = 20.0
"""Seconds, or units of work, at least for what is made whole before all groups; it rarely needs them."""
ORDERS = 4
"""Orders of groups that are tried: two may fail in turn, each after the other."""
WHOLE = 1e-6
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
        self.until = now()

    def run(self, program: Program, decided: Vector | None = None, ahead: Mask | None = None) -> Vector | None:
        """A whole solution, or None.

        Args:
            program: what is to be completed.
            decided: completions and offers to begin with; each group decides again.
            ahead: columns that are made whole before all groups, together.
        """
        seconds, columns = AT_ONCE
        self.until = now() + seconds * max(1.0, int(program.whole.sum()) / columns)
        x = self._relaxation(program, decided)
        x = self._approved(program, x, decided)
        program, x = self._ahead(program, x, ahead)
        x = self._dived(program, self._lumps(), x)
        if x is None:
            return None
        parts = self._groups(program)
        for _ in range(ORDERS):
            if self.over():
                break
            found, failed = self._whole(program, x, parts)
            if failed <= 0:
                return found
            # what fails after others that have had their choice goes before them (Joslin & Clements, Squeaky wheel
            # optimization, 1999); what fails as the first of all fails in any order
            parts.insert(0, parts.pop(failed))
        return None

    def _whole(self, program: Program, x: Vector, parts: list[Mask]) -> tuple[Vector | None, int]:
        """A whole solution with one part after the other made whole, or None and the number of that which failed."""
        sizes = [int((part & program.whole).sum()) for part in parts]
        for number, part in enumerate(parts):
            if not (program.whole & part & (program.lower < program.upper)).any():
                continue
            seconds = max(4.0, UNITS * self._left() * sizes[number] / sum(sizes[number:]))
            found = self._alone(program, part, x, seconds)
            found = self._among_all(program, part, seconds) if found is None else found
            if found is None:
                log.debug("finish: part %d of %d failed", number + 1, len(parts))
                return None, number
            x = found
            log.debug("finish: part %d of %d, %.0f", number + 1, len(parts), program.value(x))
            program = program.fixed(program.whole & part, x)
        rest = program.whole & (program.lower < program.upper)
        best = self._among_all(program, rest, 20.0)
        # with nothing left to make whole x is a plan, also where there is no time for a better one
        return x if best is None and not rest.any() else best, 0

    def _left(self) -> float:
        """Seconds of this pass that are left to be shared out."""
        return min(self.search.left, self.until - now())

    def _relaxation(self, program: Program, decided: Vector | None) -> Vector | None:
        """The relaxation with what is decided held; without, if that cannot be."""
        x = None
        if decided is not None:
            x = _solved(self._held(program, decided).relaxed(), self.search, 30.0, 1e-6, self.over)
        return _solved(program.relaxed(), self.search, 30.0, 1e-6, self.over) if x is None else x

    def _approved(self, program: Program, x: Vector | None, decided: Vector | None) -> Vector | None:
        """x with approvals whole, with what is decided held if that can be, everything else free and relaxed."""
        part = self.kinds == "is_approved"
        if x is None or not (program.whole & part & (program.lower < program.upper)).any():
            return x
        found = None
        if decided is not None:
            found = self._among_all(self._held(program, decided), part, SHARE * self._left())
        return self._among_all(program, part, SHARE * self._left()) if found is None else found

    def _ahead(self, program: Program, x: Vector | None, part: Mask | None) -> tuple[Program, Vector | None]:
        """The program with the part held, whole, and its relaxation; both as they are if there is no such."""
        if x is None or part is None or not (part & program.whole & (program.lower < program.upper)).any():
            return program, x
        for held in (program.fixed(self.kinds == "is_approved", x), program):
            found = self._among_all(held, part, max(AHEAD, SHARE * self._left()))
            if found is not None:
                return program.fixed(program.whole & part, found), found
        return program, x

    def _dived(self, program: Program, part: Mask, x: Vector | None) -> Vector | None:
        """x with hardly any column of the part fractional; what is whole already is held."""
        if x is None:
            return None
        held = program
        for mask in (self.kinds == "is_approved", np.isin(self.kinds, DECISIONS)):
            if np.all(np.abs(x - np.round(x))[mask] < WHOLE):
                held = held.fixed(mask, x)
        part = part & program.whole
        found = dive(held, part, np.abs(program.cost), self.search.limits(self.search.left, NEAR), self.over)
        log.debug("lumps: %s", found and round(found[0]))
        return x if found is None else found[1]

    def _lumps(self) -> Mask:
        """Deliveries of which one unit changes the objective by much: rounded late, they would find lanes taken."""
        program = self.search.task.program
        return np.asarray((self.kinds == "sent") & (np.abs(program.cost) > LUMP * abs(self.search.bound or 0.0)))

    def _held(self, program: Program, decided: Vector) -> Program:
        return program.fixed(np.isin(self.kinds, DECISIONS), decided)

    def _alone(self, program: Program, part: Mask, x: Vector, seconds: float) -> Vector | None:
        """The columns of the part by themselves, all others held at x."""
        held = _held(program, ~part, x)
        choices = held.relaxed(np.isin(self.kinds, DECISIONS))
        decided = _solved(choices, self.search, CHOOSING * seconds, NEAR, self.over, start=x)
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


def _solved(
    program: Program,
    search: Search,
    seconds: float,
    gap: float,
    over: Callable[[], bool],
    *,
    start: Vector | None = None,
) -> Vector | None:
    small, free = program.compressed()
    answer = run(small, search.limits(seconds, gap), stop=over, start=None if start is None else start[free])
    log.debug(
        "  %d columns, %d whole: %s, %s in %.1f s",
        len(free), int(small.whole.sum()), answer.end, answer.objective, answer.seconds,
    )  # fmt: skip
    return None if answer.x is None else program.completed(free, answer.x)
