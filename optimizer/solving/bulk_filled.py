"""Contents of packages made whole: units of needs dealt to releases, with what leaves and who pays in parts."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from models.bulk.filling import Filling
from models.matrix import Vector
from optimizer.solving.bulk_held import solved
from optimizer.solving.bulk_part import within_a_unit
from optimizer.solving.clock import now
from optimizer.solving.diving import dive
from optimizer.solving.highs import Limits
from optimizer.solving.program import Program

log = logging.getLogger(__name__)
ENOUGH = 1e-3
"""Relative gap at which contents count as decided, and distance from contents in parts at which they are good."""
HOLDING, DIVING, DIVABLE = 0.35, 0.6, 3_000
"""Share of the time for contents near the relaxation's, where all of them may be dived into after that; of what is left
then for the dive; and how many whole columns there may be for it."""
_LIGHT = 1e-6
_TORN = 1e-6
Contents = dict[int, dict[int, int]]
"""Units by release and need."""


def filled(
    program: Program, form: Filling, start: Vector, limits: Limits, stop: Callable[[], bool]
) -> tuple[Vector, float, Contents | None]:
    """The relaxation with whole contents, its value, units by release and need: None if not even parts are found.

    What the relaxation deals in whole units stays so, if there is a solution with it, and a good one; else all of it is
    open, from where a dive ends. If no way to make it whole is found in time, units are rounded, need by need, all of
    them up to a release together.

    Args:
        program: with columns and rows of contents (`bulk_held.beside`).
        form: these columns.
        start: a solution of the program without them, given back where nothing is found.
        limits: seconds of all of it.
        stop: polled.
    """
    until = now() + limits.seconds
    x, value = solved(program.relaxed(), limits, stop)
    if x is None:
        log.debug("contents: none")
        return start, value, None
    begin = len(start)
    content = slice(begin, begin + len(form.need))
    divable = np.count_nonzero(program.whole & (program.lower < program.upper)) <= DIVABLE
    until_then = until if not divable else until - (1 - HOLDING) * (until - now())
    made, worth = solved(_near(program, form, x, begin), _left(limits, until_then), stop)
    log.debug("contents: relaxed %.6g, whole where it is torn %.6g", value, worth)
    if (made is None or (divable and worth > value + ENOUGH * abs(value))) and now() < until and not stop():
        other, better = (_dived if divable else solved)(program, _left(limits, until), stop)
        log.debug("contents: all of them open %.6g", better)
        if other is not None and better < worth:
            made, worth = other, better
    if made is None:
        return x[:begin], value, _counted(form, _rounded(form, x[content]))
    return made[:begin], worth, _counted(form, np.round(made[content]))


def _left(limits: Limits, until: float) -> Limits:
    return replace(limits, seconds=max(1.0, until - now()), gap=ENOUGH)


def _near(program: Program, form: Filling, x: Vector, begin: int) -> Program:
    """The program with contents held, and what leaves of them, where a solution has them in whole units."""
    units, leaves = x[begin : begin + len(form.need)], x[form.leaving]
    torn = np.zeros(1 + int(max(form.need.max(), form.leaving_need.max())), dtype=bool)
    torn[form.need[np.abs(units - np.round(units)) > _TORN]] = True
    loose = torn.copy()
    loose[form.leaving_need[np.abs(leaves - np.round(leaves)) > _TORN]] = True
    still = np.concatenate([
        begin + np.flatnonzero(~torn[form.need]), form.leaving[~loose[form.leaving_need]]
    ])  # fmt: skip
    return program.held(still, np.round(x[still]))


def _dived(program: Program, limits: Limits, stop: Callable[[], bool]) -> tuple[Vector | None, float]:
    """A whole solution within a unit of where a dive ends, and its value."""
    until, ends = now() + limits.seconds, now() + DIVING * limits.seconds
    diving = replace(limits, seconds=DIVING * limits.seconds)
    found = dive(program, program.whole, np.abs(program.cost) + _LIGHT, diving, lambda: stop() or now() > ends)
    if found is None or stop():
        return None, np.inf
    return solved(within_a_unit(program, found[1]), _left(limits, until), stop)


def _rounded(form: Filling, units: Vector) -> Vector:
    """Whole units near parts: need by need, all of them up to a release are rounded together."""
    whole = np.round(units)
    for n in np.unique(form.need):
        mine = np.flatnonzero(form.need == n)
        mine = mine[np.argsort(form.release[mine], kind="stable")]
        whole[mine] = np.diff(np.floor(np.cumsum(units[mine]) + 0.5), prepend=0.0)
    return whole


def _counted(form: Filling, whole: Vector) -> Contents:
    found: Contents = {}
    for n, r, count in zip(form.need.tolist(), form.release.tolist(), whole.tolist(), strict=True):
        if count > 0:
            found.setdefault(r, {})[n] = int(count)
    return found
