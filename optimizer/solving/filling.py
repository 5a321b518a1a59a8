"""Whole contents of packages that were put off, near those that they had: few are chosen again, and the rest stays.

If every group of items chose its own units, they would not add up to a package. The relaxation leaves most contents as
they were (on the real instance, in scenarios with late money, all but 30 to 56 of some 450), as in relaxation induced
neighbourhoods (Danna, Rothberg & Le Pape, Mathematical Programming 102, 2005). These are rounded in a dive, and what
that leaves loose goes to branch and bound. By branch and bound on all contents at once the first ones came late and
were poor: 33.1 million after 21 units of work where the relaxation is 24.4.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from models.matrix import Vector
from optimizer.solving.clock import now
from optimizer.solving.diving import dive
from optimizer.solving.highs import run
from optimizer.solving.program import Mask, Program
from optimizer.solving.search import Search

log = logging.getLogger(__name__)
SHARE = 0.4
"""Share of the search's time; the ways that are left share what is left of it alike."""
GAP = 5e-3
"""Gap to which what is loose is solved."""
AROUND = (1.0, 3.0)
"""Units by which contents may leave the dive, rounded up or down, where what is loose cannot be made whole alone: with
one there may be no solution, with more one may not be found."""
WAYS = 2 + len(AROUND)
"""Ways of which each gets its share; one more, of all contents, gets what they leave."""
WHOLE = 1e-6


def filled(program: Program, contents: Mask, weight: Vector, lead: Vector, search: Search) -> Program:
    """The program with whole contents held; the program itself where none were found.

    Args:
        contents: their columns, some of them free.
        weight: by column, how much a unit matters to the rest.
        lead: contents that they had, whole; they need not be possible.
    """
    contents = contents & program.whole
    if not (contents & (program.lower < program.upper)).any():
        return program
    until = now() + SHARE * search.left

    def over() -> bool:
        return now() > until or search.over

    for number, way in enumerate(_ways(program, contents, weight, lead, search=search, over=over)):
        loose = int((contents & (way.lower < way.upper)).sum())
        seconds = max(0.0, until - now()) / max(1, WAYS - number)
        answer = run(way.relaxed(keep=contents), search.limits(seconds, GAP), stop=over)
        log.debug("contents: %d loose, %s, %s of %s", loose, answer.end, answer.objective, answer.bound)
        if answer.x is not None:
            return program.fixed(contents, answer.x)
        if over():
            break
    return program


def _ways(
    program: Program, contents: Mask, weight: Vector, lead: Vector, *, search: Search, over: Callable[[], bool]
) -> Iterator[Program]:
    """What is left of the program for branch and bound, the least first."""
    relaxed = run(program.relaxed(), search.limits(search.left, GAP), stop=over)
    if relaxed.x is None:
        return
    some = program.fixed(contents & (np.abs(relaxed.x - lead) < WHOLE), lead)
    dived = dive(some, contents, weight, search.limits(search.left, GAP), over)
    if dived is not None:
        x = dived[1]
        yield some.fixed(contents & (np.abs(x - np.round(x)) < WHOLE), x)
        for units in AROUND:
            lower, upper = np.floor(x + WHOLE) - units, np.ceil(x - WHOLE) + units
            yield replace(
                some,
                lower=np.where(contents, np.maximum(some.lower, lower), some.lower),
                upper=np.where(contents, np.minimum(some.upper, upper), some.upper),
            )
    yield some
    yield program
