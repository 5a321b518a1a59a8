"""What is known of a plan against scenarios once it is solved: the stochastic program in figures."""

from __future__ import annotations

from dataclasses import dataclass


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
    """The stochastic program's side of a robust solve; docs/robust.md says what every figure is.

    Attributes:
        level, weight: of the risk measure: (1 − weight) · expected + weight · CVaR at level.
        shared_weeks: weeks whose decisions all scenarios share.
        value, expected, cvar: of the cost with the plan's first weeks.
        bound, gap: proven for `value`.
        wait_and_see: what planning with foresight would cost at least (proven), None where not proven.
        nominal_value, nominal_expected, nominal_cvar: the same with the nominal plan's first weeks.
        route: "extensive" or "decomposition".
        chosen: whose first weeks were taken: "nominal", "together", or a scenario's name.
        rounds: of the dual decomposition.
        scenarios: one by one, the nominal one first.
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
    rounds: int
    scenarios: tuple[ScenarioFigures, ...]

    @property
    def hedging_gain(self) -> float | None:
        """What the hedged first weeks save against the nominal ones (value of the stochastic solution), if known."""
        return None if self.nominal_value is None else self.nominal_value - self.value
