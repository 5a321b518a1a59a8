"""The model of a scenario: the blocks of a formulation between those that let promises break and share first weeks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from models.build import Built, compile_draft
from models.draft import Block, Draft
from models.facts import Facts
from models.formulation import Formulation
from models.matrix import Vector
from models.problem import Problem
from models.stochastic.first_weeks import NOTHING, Decision, Loose, first_weeks, has, in_order, loose_in
from models.stochastic.promises import breakable
from models.stochastic.scenario import Prices, ScenarioFacts, Stochastic, scenario_facts, shared_periods

PRICED = ("broken_firm", "broken_replacement", "broken_content", "missed")
"""Variables that stand for what gave way; their cost is a price, not delay."""
FITTING = {
    "packages": ("slots", "slots_linked"),
    "funding": ("joint", "pooled", "counted"),
    "offers": ("late",),
    "orders": ("late_only", "prework"),
    "demand": ("per_unit_period",),
    "needs": ("useful",),
}
"""Choices whose rows may give way and whose first weeks can be read, so that scenarios can be linked."""


def fits(formulation: Formulation) -> bool:
    """Whether scenarios can be modelled in the formulation."""
    return all(getattr(formulation, part) in choices for part, choices in FITTING.items())


@dataclass(frozen=True)
class ScenarioModel:
    """A compiled model of a scenario. `shared`: columns and coefficients of every decision of the first weeks;
    `below`: those that may be less than in the nominal scenario."""

    problem: Problem
    built: Built
    shared: Mapping[Decision, tuple[npt.NDArray[np.int64], Vector]]
    loose: Loose = NOTHING
    below: frozenset[Decision] = frozenset()

    @cached_property
    def cost(self) -> tuple[Vector, float]:
        """Delay and prices: objective vector and constant."""
        return self.built.matrix.cost()

    @cached_property
    def priced(self) -> npt.NDArray[np.bool_]:
        """Columns that stand for what gave way."""
        return np.isin(self.built.matrix.kinds, PRICED)

    def first(self, x: Vector) -> dict[Decision, float]:
        """The decisions of the first weeks in a solution, without those that are 0."""
        values = {d: float(factors @ x[columns]) for d, (columns, factors) in self.shared.items()}
        return {d: value for d, value in values.items() if abs(value) > 1e-9}

    def penalty(self, x: Vector) -> float:
        """What of the cost at x is prices of promises broken and dispatches missed."""
        vector, _ = self.cost
        return float(vector[self.priced] @ x[self.priced])

    def rows(self, decisions: Iterable[Decision]) -> sparse.csr_array:
        """One row a decision; one that the model has no variable for is a row of zeros."""
        starts, columns, factors = [0], list[int](), list[float]()
        count = 0
        for decision in decisions:
            own = self.shared.get(decision)
            if own is not None:
                columns += own[0].tolist()
                factors += own[1].tolist()
            starts.append(len(columns))
            count += 1
        shape = (count, self.built.matrix.shape[1])
        return sparse.csr_array((np.array(factors), np.array(columns, dtype=np.int64), np.array(starts)), shape=shape)

    def linked(self, others: Iterable[Decision]) -> list[Decision]:
        """Decisions that must equal the nominal ones: the scenario's own and the others, of what the scenario has."""
        found = has(self.problem, {*self.shared, *others})
        if self.loose.review:
            found = {d for d in found if d.kind != "reviewed"}
        return sorted(found, key=in_order)


def nominal_model(program: Stochastic, formulation: Formulation) -> ScenarioModel:
    """The model of the nominal scenario, in which nothing gives way."""
    return _model(Facts(program.nominal), formulation, program, NOTHING, ())


def scenario_model(
    program: Stochastic, number: int, formulation: Formulation, nominal: Iterable[Decision]
) -> ScenarioModel:
    """The model of a scenario other than the nominal one; `nominal`: decisions of the nominal one's first weeks."""
    mine, base = program.scenarios[number].problem, Facts(program.nominal)
    first = shared_periods(base, program.shared_weeks)
    facts = scenario_facts(mine, program.nominal)
    return _model(facts, formulation, program, loose_in(facts, base, first), nominal)


def _model(
    facts: Facts, formulation: Formulation, program: Stochastic, loose: Loose, wanted: Iterable[Decision]
) -> ScenarioModel:
    first = shared_periods(facts, program.shared_weeks)
    shared = first_weeks(first, loose, wanted, program.prices)
    blocks = _blocks(facts, formulation, shared, program.prices)
    draft = Draft(facts)
    for block in blocks:
        block.build(draft)
    built = compile_draft(draft, tuple(blocks))
    return ScenarioModel(facts.problem, built, _columns(built), loose, frozenset(draft.notes["below"]))


def _blocks(facts: Facts, formulation: Formulation, shared: Block, prices: Prices) -> list[Block]:
    chosen = formulation.blocks()
    if isinstance(facts, ScenarioFacts):
        before, after = breakable(prices)
        chosen = [before, *chosen, after]
    return [*chosen, shared]


def _columns(built: Built) -> dict[Decision, tuple[npt.NDArray[np.int64], Vector]]:
    """Columns and coefficients of every decision; a column named twice stands there once."""
    found = {}
    for decision, terms in built.draft.notes["shared"].items():
        total: dict[int, float] = {}
        for factor, variable in built.draft.expanded(terms):
            column = built.columns.get(id(variable))
            if column is not None:
                total[column] = total.get(column, 0.0) + factor
        kept = sorted((column, factor) for column, factor in total.items() if factor)
        found[decision] = (
            np.array([column for column, _ in kept], dtype=np.int64),
            np.array([factor for _, factor in kept], dtype=float),
        )
    return found
