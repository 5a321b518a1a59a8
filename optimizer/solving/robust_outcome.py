"""What a robust solve says: the plan's outcome as of any solve, and the figures of the stochastic program."""

from __future__ import annotations

from dataclasses import dataclass

from models.plan import Plan
from models.stochastic.figures import RobustFigures, ScenarioFigures
from models.stochastic.risk import cvar, expectation
from models.stochastic.scenario import Stochastic
from optimizer.solving.outcome import Outcome, relative_gap


@dataclass(frozen=True, slots=True)
class RobustOutcome:
    """The end of a robust solve. `outcome.plan` is the nominal scenario's plan; `figures` None without one."""

    outcome: Outcome
    figures: RobustFigures | None
    nominal: Plan | None = None
    """The plan before hedging."""


def figures_of(
    program: Stochastic,
    rows: tuple[ScenarioFigures, ...],
    *,
    bound: float | None,
    wait_and_see: float | None,
    route: str,
    chosen: str,
    rounds: int,
) -> RobustFigures:
    """The figures that follow from those of the scenarios. A bound is never above the value that it bounds."""
    risk = program.risk
    probabilities = [row.probability for row in rows]
    costs = [row.cost for row in rows]
    value = risk.value(costs, probabilities)
    known = [row.nominal_cost for row in rows]
    nominal = [cost for cost in known if cost is not None]
    complete = len(nominal) == len(rows)
    bound = None if bound is None else min(bound, value)
    return RobustFigures(
        risk.level, risk.weight, program.shared_weeks, value, expectation(costs, probabilities),
        cvar(costs, probabilities, risk.level), bound, relative_gap(value, bound), wait_and_see,
        risk.value(nominal, probabilities) if complete else None,
        expectation(nominal, probabilities) if complete else None,
        cvar(nominal, probabilities, risk.level) if complete else None,
        route, chosen, rounds, rows,
    )  # fmt: skip
