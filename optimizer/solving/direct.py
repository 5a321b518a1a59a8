"""Method "direct": the whole model to the solver, from the best start there is."""

from __future__ import annotations

from collections.abc import Callable

from models.matrix import Vector
from optimizer.solving.highs import Limits, run
from optimizer.solving.search import Search


def direct(search: Search, over: Callable[[], bool] | None = None) -> None:
    """Solves the exact model in one run; improves `search` as solutions and bounds come. `over` is polled to end it."""
    search.enter("branch and bound")
    program = search.task.program

    def progress(_incumbent: float | None, bound: float | None) -> None:
        search.raise_bound(bound)

    def solution(x: Vector, _objective: float) -> None:
        search.offer(x)

    limits = Limits(search.left, search.gap / 2, search.threads, search.seed)
    if not program.whole.any():
        limits = Limits(search.left, search.gap / 2, 1, search.seed)
    answer = run(
        program,
        limits,
        start=search.best,
        on_solution=solution,
        on_progress=progress,
        stop=over or (lambda: search.over),
    )
    search.offer(answer.x)
    if answer.end == "infeasible" and search.best is None:
        search.infeasible = True
    elif answer.end == "optimal" or answer.bound is not None:
        search.raise_bound(answer.bound)
