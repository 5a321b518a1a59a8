"""What one more is worth beside a plan: all of it fast, one of it exactly."""

from __future__ import annotations

from collections.abc import Callable, Collection
from math import inf

from models.calendar import calendar_of
from models.plan import Plan
from models.problem import Problem
from optimizer.explaining.values import KINDS, UNITS, MarginalValue, MarginalValues, Resource
from optimizer.valuing.apart import apart

FAST_SECONDS = 30.0
EXACT_SECONDS = 60.0
"""Seconds that a valuation may take unless told otherwise."""
NOT_IN_TIME = "nothing was valued: it was stopped, or took too long"
"""Said where the process that values was ended."""
Stop = Callable[[], bool]


def marginal_values(
    problem: Problem,
    plan: Plan,
    *,
    seconds: float = FAST_SECONDS,
    kinds: Collection[str] = KINDS,
    stop: Stop | None = None,
    work: float | None = None,
) -> MarginalValues:
    """What one more of everything is worth, from the linear program with the plan's decisions held.

    Runs in a process of its own, one thread.

    Args:
        problem: the instance, judged.
        plan: an allowed plan of it.
        seconds: limit; what was not looked at by then is said in `messages`.
        kinds: of what, see `optimizer.explaining.values.KINDS`.
        stop: polled; once true nothing more is found.
        work: limit in units of work (`optimizer.solving.clock`), which gives the same values again; `seconds` is then
            the time after which a process that is not done gives nothing.

    Raises:
        ValueError: the plan breaks rules of the problem.
        SolverError: an error of the program.
    """
    arguments = {"problem": problem, "plan": plan, "seconds": seconds, "kinds": tuple(kinds), "work": work}
    found = apart("optimizer.valuing.fast", "fast_values", arguments, seconds, stop)
    if isinstance(found, MarginalValues):
        return found
    return MarginalValues((), None, (NOT_IN_TIME,), False)


def one_more(
    problem: Problem, plan: Plan, what: Resource, *, seconds: float = EXACT_SECONDS, stop: Stop | None = None
) -> MarginalValue:
    """What one more of this is worth, solved again with whole units, see `optimizer.valuing.exact`.

    Runs in a process of its own, one thread. `timed_out` is set, and the value lies between `low` and `high`, where
    `seconds` were not enough.

    Raises:
        ValueError: the plan breaks rules of the problem.
        KeyError: the problem has no such thing.
        SolverError: an error of the program.
    """
    arguments = {"problem": problem, "plan": plan, "resource": what, "seconds": seconds}
    found = apart("optimizer.valuing.exact", "exact_value", arguments, seconds, stop)
    if isinstance(found, MarginalValue):
        return found
    day = None if what.period is None else calendar_of(problem).day(what.period)
    return MarginalValue(
        what.kind, what.entity, what.period, day, UNITS[what.kind], 0.0, "resolved", 0.0, inf, None, (), True
    )
