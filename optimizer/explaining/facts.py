"""Everything that is said about one plan, derived once from `Plan` and `Problem` alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from models.calendar import Calendar
from models.plan import Plan
from models.priority import Priority, priorities
from models.problem import Problem
from optimizer.explaining.accounts import DemandFacts, State, accounts_of, due_dates, replacement_due
from optimizer.explaining.explanations import explanations_of, serving_of
from optimizer.explaining.money import PackageFacts, PledgeFacts, pledges_of
from optimizer.explaining.pegging import Pegging
from optimizer.explaining.reasons import Explanation, Subject
from optimizer.explaining.supply import Supply

__all__ = ["DemandFacts", "Facts", "State", "due_dates", "facts_of", "replacement_due"]


@dataclass(frozen=True)
class Facts:
    """Everything the reports say about one plan, derived once."""

    calendar: Calendar
    priorities: dict[str, Priority]
    orders: tuple[DemandFacts, ...]
    needs: tuple[DemandFacts, ...]
    replacements: tuple[DemandFacts, ...]
    packages: tuple[PackageFacts, ...]
    pledges: tuple[PledgeFacts, ...]
    supply: Supply
    pegging: Pegging
    explanations: Mapping[tuple[Subject, str], Explanation]

    @property
    def demands(self) -> tuple[DemandFacts, ...]:
        """Orders, needs, then replacements of accepted offers."""
        return self.orders + self.needs + self.replacements

    def unmet(self) -> dict[str, int]:
        """How many orders and needs miss units at the end of the horizon, and how many units."""
        return {
            "orders": sum(d.undelivered > 0 for d in self.orders),
            "order_units": sum(d.undelivered for d in self.orders),
            "needs": sum(d.undelivered > 0 for d in self.needs),
            "need_units": sum(d.undelivered for d in self.needs),
        }


def facts_of(problem: Problem, plan: Plan, *, explained: bool = True, only: str | None = None) -> Facts:
    """Derive the facts of a plan.

    `explained`: with its explanations, which take most of the time; `only`: that of one order or need.
    """
    serving, weights = serving_of(problem, plan), priorities(problem)
    calendar, pledges = serving.room.calendar, pledges_of(problem, plan)
    accounts = accounts_of(problem, plan, calendar, weights)
    found = explanations_of(serving, pledges, accounts, only) if explained else {}
    return Facts(
        calendar=calendar,
        priorities=weights,
        orders=_with_reasons(accounts.orders, found),
        needs=_with_reasons(accounts.needs, found),
        replacements=accounts.replacements,
        packages=tuple(serving.packages),
        pledges=pledges,
        supply=serving.room.supply,
        pegging=serving.room.pegging,
        explanations=found,
    )


def _with_reasons(
    demands: tuple[DemandFacts, ...], found: Mapping[tuple[Subject, str], Explanation]
) -> tuple[DemandFacts, ...]:
    def one(demand: DemandFacts) -> DemandFacts:
        said = found.get((demand.kind, demand.demand))
        leading = None if said is None else said.leading
        return demand if leading is None else replace(demand, reason=leading.code)

    return tuple(one(demand) for demand in demands)
