"""Method "sequencing": lines that only put complete orders in sequence, solved as such.

Where all that costs anything is orders on such lines (`models.blocks.orders_sequence` says when, and why a sequence is
then no less than a plan), every line is solved by itself: a bound by Lagrangian relaxation, the sequence by dynamic
programming over sets of orders. The bounds add up to a bound of the problem; the sequences make a plan, whose columns
are completed by a linear program. What gap is left goes to branch and bound, as does any other problem or objective.
"""

from __future__ import annotations

import numpy as np

from models.blocks.orders_sequence import Sequence, covers, sequences
from models.facts import Facts
from models.plan import Plan
from optimizer.solving.direct import direct
from optimizer.solving.search import Search, start_vector
from optimizer.solving.sequence_bound import Counts, Jobs
from optimizer.solving.sequence_search import MOST_JOBS, MOST_UNITS, Sequenced, sequenced

KEPT = (0.25, 40.0)
"""Share of the time, and seconds at most, kept for completing the plan's columns."""


def fits(facts: Facts) -> bool:
    """Whether all that costs anything in the problem is orders on lines that only put them in sequence."""
    found = sequences(facts)
    small = all(len(s.orders) <= MOST_JOBS and int(s.work.sum()) <= MOST_UNITS for s in found)
    return bool(found) and small and covers(facts, found)


def applies(search: Search) -> bool:
    """Whether the whole search is a matter of sequences: nothing else in the problem, all terms together minimised."""
    exact = search.task.exact
    cost, offset = exact.matrix.cost()
    whole = np.array_equal(search.task.program.cost, cost) and search.task.program.offset == offset
    return whole and fits(exact.draft.facts)


def sequencing(search: Search) -> None:
    """Runs the method; improves `search` until it is over."""
    if applies(search):
        _Lines(search).run()
    if not search.over:
        direct(search)


class _Lines:
    """One run of the method: the lines one after the other, each with its share of the time."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.lines = sequences(search.task.exact.draft.facts)
        self.bounds = dict.fromkeys((line.line for line in self.lines), 0.0)

    def run(self) -> None:
        search = self.search
        kept = min(KEPT[0] * search.left, KEPT[1])
        chosen: list[tuple[Sequence, Counts]] = []
        for k, line in enumerate(self.lines):
            search.enter(f"sequence of {line.line}")
            share = (search.left - kept) / (len(self.lines) - k)
            chosen.append((line, self._solve(line, search.left - share).sequence))
        self._offer(chosen)

    def _solve(self, line: Sequence, until: float) -> Sequenced:
        def heard(found: Sequenced) -> None:
            self.bounds[line.line] = found.bound
            self.search.raise_bound(sum(self.bounds.values()))

        def over() -> bool:
            return self.search.left <= until or self.search.stop()

        return sequenced(Jobs(line.work, line.cost), over, heard)

    def _offer(self, chosen: list[tuple[Sequence, Counts]]) -> None:
        search, exact = self.search, self.search.task.exact
        search.enter("plan of the sequences")
        plans = [line.plan(exact.draft.facts, sequence) for line, sequence in chosen]
        plan = Plan(
            dispatches=tuple(row for plan in plans for row in plan.dispatches),
            made=tuple(row for plan in plans for row in plan.made),
        )
        x, mask = start_vector(exact, exact.start(plan))
        search.offer(search.complete(search.task.program, mask & search.task.program.whole, x, seconds=120.0))
