"""Method "started": a warm start by relax-and-fix along the calendar, then branch and bound on the whole model.

The periods are cut into windows. In the first step the decisions of the first window are whole, later ones relaxed; in
each further step the window before is fixed at what was found, the next is made whole. Where what is fixed leaves no
solution, the window before is freed once more. What belongs to no period (offers, payers of proposed packages) is whole
all the while and never fixed. The last step gives a plan; the better of it and the baselines starts branch and bound.

Source: relax-and-fix as in Dillenberger, Escudero, Wollensak & Zhang (1994) and Pochet & Wolsey, "Production Planning
by Mixed Integer Programming" (2006), sec. 3.6.
"""

from __future__ import annotations

import logging

import numpy as np
import numpy.typing as npt

from models.baselines import first_come_first_served, priority_list
from models.build import Built
from models.facts import Facts
from models.matrix import Key, Vector
from optimizer.solving.direct import direct
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Mask, Program
from optimizer.solving.search import Search, start_vector

log = logging.getLogger(__name__)
WINDOWS = 6
"""Into how many windows the calendar is cut at most, with about as many decisions in each."""
SHARE = 0.4
"""Share of the time left that all windows together may take."""
LEAST = 2.0
"""Times as long as the linear relaxation of the whole took a window needs at least; else there are fewer of them."""
NEAR = 1e-3
"""Relative gap to which a window is solved."""
NO_PERIOD = -1


def started(search: Search) -> None:
    """Runs the method; improves `search` until it is over."""
    offer_baselines(search)
    relaxed = root_bound(search)
    count = min(WINDOWS, int(SHARE * search.left / max(1e-9, LEAST * relaxed)))
    if not search.over and count > 1:
        search.offer(Calendar(search, count).run())
    if not search.over:
        direct(search)


def offer_baselines(search: Search) -> None:
    """With nothing in hand, offers the two cases to compare with, completed by a linear program each."""
    if search.best is not None:
        return
    search.enter("baselines")
    exact = search.task.exact
    for make in (priority_list, first_come_first_served):
        if not search.over:
            x, mask = start_vector(exact, exact.start(make(exact.draft.facts.problem)))
            search.offer(search.complete(search.task.program, mask & search.task.program.whole, x))


def root_bound(search: Search) -> float:
    """Raises the bound to the value of the linear relaxation; the seconds that took.

    That it has no solution is left to others to confirm.
    """
    search.enter("relaxation")
    limits = search.limits(search.left, search.gap)
    answer = run(search.task.program.relaxed(), limits, stop=lambda: search.over)
    search.raise_bound(answer.bound)
    return answer.seconds


def periods(built: Built) -> npt.NDArray[np.int64]:
    """The period of every column of a model, `NO_PERIOD` where it has none.

    The first whole number in a variable's index is its period; a move, which is a number alone, leaves in one.
    """
    facts: Facts = built.draft.facts
    moves = built.draft.notes.get("moves", [])

    def period(key: Key) -> int:
        if len(key) == 1 and isinstance(key[0], int):
            return int(moves[key[0]].period)
        return next((int(part) for part in key if isinstance(part, int)), NO_PERIOD)

    found = np.array([period(key) for key in built.matrix.column_keys], dtype=np.int64)
    return np.minimum(found, facts.T - 1)


def windows(at: npt.NDArray[np.int64], count: int) -> list[tuple[int, int]]:
    """Cuts the periods of dated decisions into at most so many windows (first, last), with about as many in each."""
    dated = np.sort(at[at != NO_PERIOD])
    lasts = sorted({int(dated[(k * dated.size) // count - 1]) for k in range(1, count + 1)}) if dated.size else []
    return [(0 if k == 0 else lasts[k - 1] + 1, last) for k, last in enumerate(lasts)]


class Calendar:
    """One pass of relax-and-fix over so many windows at most."""

    def __init__(self, search: Search, count: int = WINDOWS) -> None:
        """The time begins now: a share of what the search has left."""
        self.search, self.program = search, search.task.program
        self.at = periods(search.task.exact)
        self.windows = windows(self.at[self.program.whole], count)
        self.until = search.left * (1 - SHARE)

    def over(self) -> bool:
        """Whether the search is over, or the time for the windows."""
        return self.search.over or self.search.left <= self.until

    def run(self) -> Vector | None:
        """A solution of the whole model, or None if a window has none, or time is over."""
        x: Vector | None = None
        for k, (first, last) in enumerate(self.windows or [(0, 0)]):
            self.search.enter(f"window {k + 1} of {max(1, len(self.windows))}")
            found = self._step(x, first, last, k)
            if found is None and k > 0 and not self.over():
                found = self._step(x, self.windows[k - 1][0], last, k)
            if found is None:
                return None
            x = found
        return x

    def _step(self, x: Vector | None, first: int, last: int, k: int) -> Vector | None:
        """The window whole, what is before it fixed at x, what is after it relaxed."""
        final = k + 1 >= len(self.windows)
        whole: Mask = (self.at <= last) | final
        program: Program = self.program.relaxed(whole)
        if x is not None:
            before = (self.at < first) & (self.at != NO_PERIOD) & program.whole
            program = program.fixed(before, x)
        small, free = program.compressed()
        share = (self.search.left - self.until) / max(1, len(self.windows) - k)
        limits = Limits(min(share, self.search.left), max(NEAR, self.search.gap / 2), self.search.threads,
                        self.search.seed)  # fmt: skip
        answer = run(small, limits, stop=self.over)
        log.debug("window to %d: %s, %s in %.1f s", last, answer.end, answer.objective, answer.seconds)
        return None if answer.x is None else program.completed(free, answer.x)
