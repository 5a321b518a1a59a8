"""What a stochastic program is made of: scenarios with their probabilities, prices of what may give, first weeks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from models.facts import Facts
from models.problem import Problem
from models.stochastic.risk import Risk


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way in which the instance may turn out. `problem` is the realised instance, with the calendar of the nominal
    one; `probability` above 0."""

    name: str
    probability: float
    problem: Problem


@dataclass(frozen=True, slots=True)
class Prices:
    """What gives way in a slipped scenario costs price (million USD) × units × these weeks.

    `broken_weeks`: a unit of a promise not kept (a firm date, a replacement, content that was paid for).
    `missed_weeks`: a unit that should have left in the first weeks, for every period in which it has not.
    """

    broken_weeks: float = 1000.0
    missed_weeks: float = 1.0


@dataclass(frozen=True, slots=True)
class Stochastic:
    """A stochastic program: `scenarios[0]` is the nominal instance, whose first weeks all the others share.

    `shared_weeks`: how many weeks of decisions all scenarios share; a period is shared if it begins within them.
    """

    scenarios: tuple[Scenario, ...]
    risk: Risk
    shared_weeks: int
    prices: Prices = Prices()

    @property
    def nominal(self) -> Problem:
        """The instance that is planned for."""
        return self.scenarios[0].problem

    @property
    def probabilities(self) -> tuple[float, ...]:
        """By scenario; they sum to 1."""
        return tuple(scenario.probability for scenario in self.scenarios)


@dataclass(frozen=True)
class ScenarioFacts(Facts):
    """Facts of a scenario in which promises may break at a price: `problem` is without firm dates.

    `promised_by`: the firm date of every order that has one. Where the last period that keeps it lies before those in
    which an order without it would leave, it counts as a committed one, so that the promise can still be kept.
    """

    promised_by: Mapping[str, dt.date] = field(default_factory=dict)

    @cached_property
    def committed_periods(self) -> dict[str, set[int]]:
        """Periods that are worth having though they bring no delay down: commitments, and last ones of promises."""
        found = {demand: set(periods) for demand, periods in super().committed_periods.items()}
        for name, firm_by in self.promised_by.items():
            order, last = self.orders[name], self.last_on_time(firm_by)
            begin = max(self.earliest(order), self.last_on_time(order.due_date))
            if last >= 0 and (last < begin or self.never_cost(order) <= 0):
                found.setdefault(name, set()).add(last)
        return found


def scenario_facts(scenario: Problem, nominal: Problem) -> Facts:
    """Facts of a scenario: with promises as hard as they are if it only adds to the nominal instance, else priced."""
    if not slipped(scenario, nominal):
        return Facts(scenario)
    promised = {order.order: order.firm_by for order in scenario.orders if order.firm_by is not None}
    loose = replace(scenario, orders=tuple(replace(order, firm_by=None) for order in scenario.orders))
    return ScenarioFacts(loose, promised_by=promised)


_GIVING = (
    "line_rates", "line_items", "component_rates", "components", "item_components", "receipts", "stocks", "pledges",
    "offers", "lanes", "approvals", "approval", "lines", "items",
)  # fmt: skip


def slipped(scenario: Problem, nominal: Problem) -> bool:
    """Whether anything that promises rest on (output, components, stock, money, offers, lanes, review) is different."""
    return any(getattr(scenario, table) != getattr(nominal, table) for table in _GIVING)


def shared_periods(facts: Facts, weeks: int) -> int:
    """How many periods begin within the first `weeks` weeks."""
    return sum(1 for t in range(facts.T) if facts.calendar.week(t) < weeks)
