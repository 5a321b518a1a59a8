"""Order books that minimise in stages: one weighted sum for method "bulk", and what is proven of the stages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from models.bulk.stages import factors, weighed
from models.bulk.worth import worth
from models.checker import check_plan
from models.facts import Facts
from models.plan import Plan, Terms
from models.problem import TERMS, Problem
from optimizer.solving.bulk import RELAXING, Bulk, Found
from optimizer.solving.highs import Limits
from optimizer.solving.outcome import Stage
from optimizer.solving.places.where import Where

PROVING = 0.15
"""Share of the time for a bound of the first stage by itself."""
TOLD = (
    "stages were weighed in one sum, each far more than the next (docs/methods.md); a bound is looked for of the first "
    "one only"
)


@dataclass
class Staged:
    """An instance that minimises in stages. `problem` as asked; `bound` of its first stage, None before `prove`."""

    problem: Problem
    bound: float | None = None

    def __post_init__(self) -> None:
        """Derives the instance that is solved instead."""
        self.stages = self.problem.objective.stages
        self.weighed = weighed(self.problem, factors(self.problem))
        self._facts = Facts(self.problem)

    def prove(self, limits: Limits, where: Where, report: Callable[[Found], None], stop: Callable[[], bool]) -> None:
        """A bound of the first stage: the relaxation with nothing else in its objective. `limits` of the whole."""
        alone = weighed(self.problem, {term: float(term == self.stages[0]) for term in TERMS})
        share = replace(limits, seconds=PROVING / RELAXING * limits.seconds)

        def heard(found: Found) -> None:
            report(replace(found, bound=None, phase=f"bound of {self.stages[0]}"))

        self.bound = Bulk(Facts(alone), share, where, heard, stop).prove()

    def objective(self, plan: Plan) -> float:
        """The sum of all terms as the instance weighs them."""
        return worth(self._facts, plan)

    def best(self, plans: Sequence[Plan]) -> tuple[Plan, Terms]:
        """Of legal plans the one that is best stage by stage, each within the tolerance of the instance."""
        left = [(plan, check_plan(self.problem, plan).terms) for plan in plans]
        for stage in self.stages:
            least = min(_value(terms, stage) for _, terms in left)
            most = least + max(self.problem.objective.stage_tolerance * abs(least), 1e-6, 1e-9 * abs(least))
            left = [(plan, terms) for plan, terms in left if _value(terms, stage) <= most]
        return min(left, key=lambda row: row[1].total)

    def reached(self, terms: Terms) -> tuple[Stage, ...]:
        """The stages of a plan. A term is a sum of delays, shortfalls or changes: nothing is below 0."""
        bounds = [self.bound or 0.0] + [0.0] * (len(self.stages) - 1)
        values = [_value(terms, stage) for stage in self.stages]
        return tuple(
            Stage(stage, value, max(0.0, min(value, bound)))
            for stage, value, bound in zip(self.stages, values, bounds, strict=True)
        )


def _value(terms: Terms, stage: str) -> float:
    return float(getattr(terms, stage))
