"""What a robust solve says: the plan's outcome as of any solve, and the figures of the stochastic program."""

from __future__ import annotations

from dataclasses import dataclass

from models.plan import Plan
from models.stochastic.risk import cvar, expectation
from models.stochastic.scenario import Stochastic
from optimizer.solving.outcome import Outcome, relative_gap


@dataclass(frozen=True, slots=True)
class ScenarioFigures:
    """One scenario, in weight × million USD × weeks.

    `cost` with the plan's first weeks, of which `penalty` is the price of promises broken and dispatches missed;
    `nominal_cost` with those of the nominal plan; `bound` proven with first weeks of its own. None where unknown.
    """

    name: str
    probability: float
    cost: float
    penalty: float
    nominal_cost: float | None
    bound: float | None


@dataclass(frozen=True, slots=True)
class RobustFigures:
    """The stochastic program's side of a robust solve.

    Attributes:
        level, weight: of the risk measure: (1 − weight) · expected + weight · CVaR at level.
        shared_weeks: weeks whose decisions all scenarios share.
        value, expected, cvar: of the cost with the plan's first weeks.
        bound, gap: proven for `value`.
        wait_and_see: what planning with foresight would cost at least (proven), None where not proven.
        nominal_value, nominal_expected, nominal_cvar: the same with the nominal plan's first weeks.
        route: "extensive" or "decomposition".
        chosen: whose first weeks were taken: "nominal", "together", or a scenario's name.
        scenarios: one by one, the nominal one first.
        rounds: of the dual decomposition.
    """

    level: float
    weight: float
    shared_weeks: int
    value: float
    expected: float
    cvar: float
    bound: float | None
    gap: float | None
    wait_and_see: float | None
    nominal_value: float | None
    nominal_expected: float | None
    nominal_cvar: float | None
    route: str
    chosen: str
    scenarios: tuple[ScenarioFigures, ...]
    rounds: int = 0

    @property
    def hedging_gain(self) -> float | None:
        """What the hedged first weeks save against the nominal ones (value of the stochastic solution), if known."""
        return None if self.nominal_value is None else self.nominal_value - self.value


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
        route, chosen, rows, rounds,
    )  # fmt: skip
