"""A plan against a set of scenarios: the stochastic program of `models.stochastic`, solved with a proven bound.

1. The nominal scenario alone: where hedging begins, and what it is compared with. The plan that a search has found of
   a large one stands as it is.
2. The other scenarios with its first weeks: what following the nominal plan costs; of large ones the first solution.
3. Bounds of the scenarios alone. As the risk measure never falls when a cost rises, its value at these bounds is a
   bound of the whole (wait-and-see; Madansky 1960).
4. Small sets: the extensive form by branch and bound, from the solution in hand; exact. Larger ones: first weeks and
   everything continuous of all scenarios together, other decisions held (fix-and-optimize); then first weeks of single
   scenarios as candidates; then the bound by dual decomposition (`dual`) for the time that is left.
5. The nominal plan with the best first weeks, read back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from models.formulation import Formulation
from models.plan import Plan
from models.stochastic.figures import ScenarioFigures
from models.stochastic.scenario import Stochastic
from optimizer.settings import Settings
from optimizer.solving.clock import clock, clock_of, going_by, wall
from optimizer.solving.crew import Crew
from optimizer.solving.outcome import EXACT, Outcome, Progress, Status
from optimizer.solving.robust_job import RobustJob
from optimizer.solving.robust_outcome import RobustOutcome, figures_of
from optimizer.solving.robust_search import RobustSearch


def solve_robust(
    program: Stochastic,
    formulation: Formulation,
    settings: Settings,
    *,
    starts: Sequence[tuple[str, Plan]] = (),
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
    known: bool = False,
) -> RobustOutcome:
    """The plan of the nominal scenario whose first weeks serve all scenarios best, with the figures of all.

    `known`: one of `starts` is what a search has found for the nominal scenario, and a further search of a model that
    is large would find nothing that matters here.

    The outcome's objective and bound are those of the nominal instance, its status that of the stochastic program.

    Raises:
        CrewError: an error of the program inside a solver process.
    """
    began = wall()
    job = RobustJob(program, formulation, settings.seed, tuple(starts))
    stopped = stop or (lambda: False)
    search: RobustSearch | None = None

    def report(phase: str) -> None:
        if progress is not None:
            value, bound = (None, None) if search is None else (search.value, search.bound)
            progress(Progress(phase, value, bound, wall() - began))

    with (
        going_by(clock_of(settings.work, settings.seconds)),
        Crew(job, min(settings.threads, len(program.scenarios)), report, stopped) as crew,
    ):
        search = RobustSearch(job, settings, crew, stopped, known=known)
        search.run()
        plan, objective = search.plan()
        nominal = search.nominal_plan() if plan is not None else None
        found = _outcome(search, plan, objective, seconds=wall() - began, stopped=stopped())
        return replace(found, nominal=nominal)


def _outcome(
    search: RobustSearch, plan: Plan | None, objective: float | None, *, seconds: float, stopped: bool
) -> RobustOutcome:
    program = search.job.program
    figures = None
    if plan is not None and search.best is not None and objective is not None:
        best = search.best
        costs = [objective, *best.costs[1:]]
        rows = tuple(
            ScenarioFigures(
                scenario.name,
                scenario.probability,
                costs[s],
                best.penalties[s],
                search.nominal_costs.get(s),
                search.bounds.get(s),
            )
            for s, scenario in enumerate(program.scenarios)
        )
        figures = figures_of(
            program,
            rows,
            bound=search.bound,
            wait_and_see=search.wait_and_see,
            route=search.route,
            chosen=best.name,
            rounds=search.rounds,
        )
    bound = search.bounds.get(0)
    bound = None if bound is None or objective is None else min(bound, objective)
    outcome = Outcome(
        _status(search, plan, None if figures is None else figures.gap, stopped=stopped),
        plan,
        objective,
        bound,
        search.job.formulation.name,
        search.route,
        search.size,
        {"build": 0.0, "solve": seconds},
        messages=tuple(search.messages),
        repeatable=clock().counted and not (clock().late or stopped or search.crew.disturbed),
        work=clock().spent(),
    )
    return RobustOutcome(outcome, figures)


def _status(search: RobustSearch, plan: Plan | None, gap: float | None, *, stopped: bool) -> Status:
    if search.infeasible:
        return "infeasible"
    if stopped:
        return "interrupted"
    if plan is None:
        return "no_plan"
    if gap is not None and gap <= EXACT:
        return "optimal"
    return "gap_reached" if gap is not None and gap <= search.settings.gap else "time_limit"
