"""A robust plan: the nominal one, candidates beside it, the hedged one of the stochastic program; chosen by execution.

The time (or work) is shared: up to `NOMINAL` of it for the nominal plan, up to `TRYING` for the candidates
(`TRYING_SMALL` where the program can be solved to the end), the rest for the stochastic program, whose plan is the last
candidate. What a part does not need is left to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from models.bulk.size import is_book
from models.formulation import Formulation
from models.plan import Plan
from models.stochastic.figures import RobustFigures
from optimizer.batch.candidates import Choice, SearchForPlan
from optimizer.batch.trials import Training
from optimizer.scenarios.scenario_set import ScenarioSet
from optimizer.settings import Settings
from optimizer.solving.clock import clock, clock_of, going_by, now, wall
from optimizer.solving.outcome import Outcome, Progress, Status
from optimizer.solving.robust import solve_robust
from optimizer.solving.robust_outcome import RobustOutcome
from optimizer.solving.robust_search import is_small
from optimizer.solving.solve import solve

NOMINAL, TRYING, TRYING_SMALL = 0.4, 0.7, 0.6
"""Shares of the time by which the nominal plan and the candidates are to be there."""
HEDGED = "first weeks hedged"
TOO_LARGE = "no stochastic program was solved: its scenarios are models that an order book is too large for"


@dataclass(frozen=True)
class RobustPlan:
    """The end of the search. `outcome.plan` is the plan to carry out, its objective and bound those of the nominal
    instance, its status that of the stochastic program; `choice` None without a nominal plan; `figures` of the program,
    None where its scenarios were not all solved."""

    outcome: Outcome
    choice: Choice | None = None
    figures: RobustFigures | None = None

    @property
    def nominal(self) -> Plan | None:
        """The plan that the others are compared with."""
        return None if self.choice is None else self.choice.trials[0].plan


def search_robust(
    scenarios: ScenarioSet,
    training: Training,
    formulation: Formulation,
    settings: Settings,
    *,
    starts: Sequence[tuple[str, Plan]] = (),
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> RobustPlan:
    """The plan that does best in the training draws, unless it is not surely better than the nominal one.

    Raises:
        SolverError, CrewError: an error of the program inside a solver process.
    """
    stopped = stop or (lambda: False)
    with going_by(clock_of(settings.work, settings.seconds)):
        began, at = now(), wall()

        def report(phase: str) -> None:
            if progress is not None:
                progress(Progress(phase, None, None, wall() - at))

        problem = training.problem
        weighted = replace(problem, objective=replace(problem.objective, mode="weighted"))
        limits = settings.limited(NOMINAL * settings.limit)
        nominal = solve(weighted, formulation, limits, starts=starts, progress=progress, stop=stopped)
        clock().spend(nominal.work or 0.0)
        if nominal.plan is None:
            return RobustPlan(nominal)
        search = SearchForPlan(training, formulation, settings, report, stopped)
        whole, large = 0 if nominal.matrix is None else nominal.matrix.integers, is_book(problem)
        small = is_small(whole, len(scenarios.program.scenarios))
        share = 1.0 if large else TRYING_SMALL if small else TRYING
        search.run(nominal.plan, began + share * settings.limit)
        program: RobustOutcome | None = None
        left = settings.limit - (now() - began)
        if large:
            search.notes.append(TOO_LARGE)
        elif not stopped() and left > 0:
            known = [("nominal", nominal.plan), *starts]
            limits = settings.limited(left, clock().net())
            program = solve_robust(
                scenarios.program, formulation, limits, starts=known, progress=progress, stop=stopped, known=not small
            )
            clock().spend(program.outcome.work or 0.0)
            hedged = program.outcome.plan
            if hedged is not None and program.figures is not None and program.figures.chosen != "nominal":
                search.consider(HEDGED, hedged)
        choice = search.choice()
        outcome = _outcome(nominal, program, choice, wall() - at, stopped=stopped())
        parts = (nominal, *(() if program is None else (program.outcome,)))
        same = all(part.repeatable for part in parts) and not (search.disturbed or clock().late or stopped())
        late = (f"the net of {settings.seconds:g} s ended the search before its work was done",) if clock().late else ()
        outcome = replace(
            outcome, repeatable=clock().counted and same, work=clock().spent(), messages=(*outcome.messages, *late)
        )
        return RobustPlan(outcome, choice, None if program is None else program.figures)


def _outcome(
    nominal: Outcome, program: RobustOutcome | None, choice: Choice, seconds: float, *, stopped: bool
) -> Outcome:
    """The plan that was chosen, with what is proven of the nominal instance and what came of the program."""
    objective = choice.taken.objective
    bounds = [row.bound for row in (nominal, program.outcome if program else None) if row and row.bound is not None]
    status: Status = "interrupted" if stopped else "time_limit"
    messages = [*nominal.messages, *choice.notes]
    if program is not None:
        messages += [row for row in program.outcome.messages if row not in messages]
        if program.figures is not None and not stopped:
            status = program.outcome.status
    return replace(
        nominal,
        status=status,
        plan=choice.taken.plan,
        objective=objective,
        bound=min(max(bounds), objective) if bounds else None,
        matrix=nominal.matrix if program is None or program.outcome.matrix is None else program.outcome.matrix,
        seconds={**nominal.seconds, "solve": seconds},
        messages=tuple(messages),
    )
