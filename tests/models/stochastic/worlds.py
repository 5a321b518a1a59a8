"""Small stochastic programs, solved in this process: whole, and scenario by scenario."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.catalog import FORMULATIONS
from models.extract import extract
from models.matrix import Vector
from models.plan import POOL, Plan
from models.problem import Problem
from models.stochastic.extensive import Extensive, extensive
from models.stochastic.risk import Risk
from models.stochastic.scenario import Prices, Scenario, Stochastic
from models.stochastic.scenario_model import ScenarioModel, nominal_model, scenario_model
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Program, program_of
from optimizer.solving.search import Task, whole_units

HALF, PRICES = Risk(0.5, 0.5), Prices()
FORMULATION = FORMULATIONS["tight"]
LIMITS = Limits(60.0, 1e-9, 1, 0)


def slowed(problem: Problem, factor: float, lines: Sequence[str] | None = None) -> Problem:
    """The instance with lines turning out less."""
    rows = tuple(
        replace(row, slots_per_week=row.slots_per_week * factor) if lines is None or row.line in lines else row
        for row in problem.line_rates
    )
    return replace(problem, line_rates=rows)


def late_money(problem: Problem, weeks: int) -> Problem:
    """The instance with every pledge some weeks later."""
    rows = tuple(replace(row, available_on=row.available_on + dt.timedelta(weeks=weeks), expires_on=None)
                 for row in problem.pledges)  # fmt: skip
    return replace(problem, pledges=rows)


def against(
    problem: Problem, *others: Problem, risk: Risk = HALF, weeks: int = 2, nominal: float | None = None,
    prices: Prices = PRICES,
) -> Stochastic:  # fmt: skip
    """A program with equal probabilities, or `nominal` for the first scenario."""
    share = 1 / (len(others) + 1) if nominal is None else nominal
    rest = (1 - share) / max(1, len(others))
    rows = [Scenario("nominal", share, problem)]
    rows += [Scenario(f"world {k}", rest, other) for k, other in enumerate(others, 1)]
    return Stochastic(tuple(rows), risk, weeks, prices)


def models_of(program: Stochastic) -> list[ScenarioModel]:
    nominal = nominal_model(program, FORMULATION)
    rest = range(1, len(program.scenarios))
    return [nominal, *(scenario_model(program, s, FORMULATION, nominal.shared) for s in rest)]


def program_for(form: Extensive) -> Program:
    return Program(form.cost, form.offset, form.A, form.row_lower, form.row_upper, form.lower, form.upper, form.whole)


@dataclass(frozen=True)
class Answer:
    """The extensive form's optimum; `plans` as they are read back, scenario by scenario."""

    value: float
    costs: list[float]
    xs: list[Vector]
    models: list[ScenarioModel]

    @property
    def plans(self) -> list[Plan]:
        return [
            extract(model.built, whole_units(Task(model.built, program_of(model.built.matrix)), x))
            for model, x in zip(self.models, self.xs, strict=True)
        ]


def solved(program: Stochastic) -> Answer:
    models = models_of(program)
    form = extensive(models, program.probabilities, program.risk)
    answer = run(program_for(form), LIMITS)
    assert answer.x is not None
    assert answer.objective is not None
    xs = [answer.x[part] for part in form.parts]
    costs = [float(vector @ x) + constant for (vector, constant), x in zip(form.costs, xs, strict=True)]
    return Answer(answer.objective, costs, xs, models)


def alone(model: ScenarioModel) -> float | None:
    """The optimum of one scenario with first weeks of its own; None without a plan."""
    return run(program_of(model.built.matrix), LIMITS).objective


def left_by(plan: Plan, first: int) -> dict[tuple[str, str, int], int]:
    """Units that have left the pool by demand, item and period, running totals over the first periods."""
    steps: dict[tuple[str, str], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for row in plan.dispatches:
        if row.origin == POOL and row.period < first:
            steps[row.demand, row.item][row.period] += row.quantity
    return {
        (*names, t): sum(units for u, units in by.items() if u <= t)
        for names, by in steps.items()
        for t in range(first)
    }
