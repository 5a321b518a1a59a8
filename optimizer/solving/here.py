"""solve_here(problem, formulation, settings) -> Outcome: in this very process, for workers that may die of it.

`optimizer.solving.solve` keeps a process of its own between the solver and whoever asks. A worker of a sweep is such a
process already: one more for every run would only cost its start. A native crash ends the process that calls this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from models.formulation import Formulation
from models.plan import Plan
from models.problem import Problem
from optimizer.settings import Settings
from optimizer.solving.job import Job
from optimizer.solving.outcome import Outcome
from optimizer.solving.places.where import BESIDE, Where


def solve_here(
    problem: Problem,
    formulation: Formulation,
    settings: Settings,
    *,
    starts: Sequence[tuple[str, Plan]] = (),
    stop: Callable[[], bool] | None = None,
    where: Where = BESIDE,
) -> Outcome:
    """The same as `solve`, without a process of its own and without progress.

    Args:
        problem: the instance, judged.
        formulation: how it is modelled; see `models.catalog`.
        settings: limits; `threads` is global to the process, so all solves of one process take the same.
        starts: named plans to start from; each is checked before it is used.
        stop: polled; once true the solve ends soon, with the best plan so far and status "interrupted".
        where: parts are worked on, by a method that has such.
    """
    from optimizer.solving.child import alone  # Pyomo and HiGHS are loaded where the work is done

    return alone(Job(problem, formulation, settings, tuple(starts), where=where), stop)
