"""Two plans side by side: what moved, for whom, by how much, and what it goes with.

Pure: two `Side`s in, one frozen `Comparison` out. Everything is new − old, in the objective's units (weight × million
USD × weeks), units, days or million USD. `compare(a, b)` and `compare(b, a)` say the same, seen from either side.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from models.plan import Plan, Terms
from models.problem import TERMS, Problem
from optimizer.explaining import tallies
from optimizer.explaining.carrying import Valuation, valued
from optimizer.explaining.causes import Cause, Causes
from optimizer.explaining.changes import Change, changes
from optimizer.explaining.facts import Facts
from optimizer.explaining.moved import DemandChange, Key, demand_changes
from optimizer.explaining.steadiness import Stability, stability
from optimizer.explaining.tallies import UKRAINE, GroupChange, Pair, Switch

Significance = Literal["same_instance", "proven", "within_gaps", "unknown", "by_stages"]

SIGNIFICANCE: dict[Significance, str] = {
    "same_instance": "Both plans answer the same instance: the better one is better, and the best plan is the same.",
    "proven": "The bounds prove it: the best plan of one instance is better than the best plan of the other.",
    "within_gaps": "Not significant: the gaps leave open which of the two instances allows the better plan.",
    "unknown": "At least one plan has no proven bound: whether the difference is one of the instances is not known.",
    "by_stages": "At least one plan was made stage by stage: the sum of the terms was not what it minimised.",
}
"""What the difference of the two objectives proves; a closed list."""


@dataclass(frozen=True)
class Side:
    """One of the two plans: `name` for people, the judged plan, and the figures of its summary.

    `terms` and `broken` (names of broken rules) are the checker's; `bound` is None where none is proven.
    """

    name: str
    problem: Problem
    plan: Plan
    facts: Facts
    terms: Terms
    broken: tuple[str, ...] = ()
    bound: float | None = None

    @property
    def objective(self) -> float:
        """The sum of the terms."""
        return self.terms.total

    @property
    def open(self) -> float | None:
        """By how much the best plan may be better: objective − bound; None if no bound is known."""
        return None if self.bound is None else max(0.0, self.objective - self.bound)


@dataclass(frozen=True, slots=True)
class Effects:
    """The change of the objective taken apart: what the input does to one and the same plan, and what re-planning does.

    `by`: the plan that is legal in both instances, "old" or "new". `input` + `replanning` is the whole difference.
    """

    by: Literal["old", "new"]
    input: float
    replanning: float


@dataclass(frozen=True)
class Comparison:
    """What differs between two plans.

    `inputs`: every difference of the instances; `demands`: every demand of either plan, with `causes` for those that
    moved; `recipients`, `items`: sums over `demands`; `donors`, `lines`, `floors`: figures of both; `packages`,
    `offers`, `cases`: decisions of both; `old_in_new`, `new_in_old`: each plan valued in the other's instance; `only`:
    the names it was narrowed to, empty if it was not; `whole`: every demand, narrowed or not.
    """

    old: Side
    new: Side
    inputs: tuple[Change, ...]
    demands: tuple[DemandChange, ...]
    causes: dict[Key, tuple[Cause, ...]]
    recipients: tuple[GroupChange, ...]
    items: tuple[GroupChange, ...]
    donors: tuple[Pair, ...]
    lines: tuple[Pair, ...]
    floors: tuple[Pair, ...]
    packages: tuple[Switch, ...]
    offers: tuple[Switch, ...]
    cases: tuple[Switch, ...]
    stability: Stability
    old_in_new: Valuation
    new_in_old: Valuation
    whole: dict[Key, DemandChange]
    only: tuple[str, ...] = ()

    @property
    def difference(self) -> float:
        """By how much the objective differs, new − old."""
        return self.new.objective - self.old.objective

    @property
    def terms(self) -> tuple[Pair, ...]:
        """The objective by term."""
        return tuple(Pair(term, getattr(self.old.terms, term), getattr(self.new.terms, term)) for term in TERMS)

    @property
    def moved(self) -> tuple[DemandChange, ...]:
        """Demands that moved, those first whose part of the objective changed most, then by units and weeks."""
        found = [change for change in self.demands if change.moved]
        return tuple(sorted(found, key=lambda change: (-abs(change.delay), -(change.earlier + change.later))))

    @cached_property
    def same_instance(self) -> bool:
        """Whether both plans answer the same question, whatever it is called."""
        return not any(change.column != "name" or change.key for change in self.inputs)

    @property
    def same(self) -> bool:
        """Whether nothing at all differs: neither the instances nor what the plans do."""
        pairs = any(pair.differs for pair in (*self.terms, *self.donors, *self.lines, *self.floors))
        decided = any(switch.old != switch.new for switch in (*self.packages, *self.offers, *self.cases))
        demands = any(change.moved or change.rerouted for change in self.demands)
        return not (self.inputs or pairs or decided or demands)

    @property
    def effects(self) -> Effects | None:
        """The difference taken apart by a plan that is legal in both instances; None if neither is."""
        if self.old_in_new.legal and not self.old.broken:
            middle = self.old_in_new.terms.total
            return Effects("old", middle - self.old.objective, self.new.objective - middle)
        if self.new_in_old.legal and not self.new.broken:
            middle = self.new_in_old.terms.total
            return Effects("new", self.new.objective - middle, middle - self.old.objective)
        return None

    @property
    def best_difference(self) -> tuple[float, float] | None:
        """Between what the difference of the two best plans must lie; None if a bound is unknown."""
        if self.old.bound is None or self.new.bound is None:
            return None
        low = min(self.new.bound, self.new.objective) - self.old.objective
        return low, self.new.objective - min(self.old.bound, self.old.objective)

    @property
    def significance(self) -> Significance:
        """What the difference of the objectives proves about the instances."""
        if self.same_instance:
            return "same_instance"
        if any(side.problem.objective.mode != "weighted" for side in (self.old, self.new)):
            return "by_stages"
        span = self.best_difference
        if span is None:
            return "unknown"
        slack = 1e-9 * max(1.0, abs(self.old.objective), abs(self.new.objective))
        return "proven" if span[0] > slack or span[1] < -slack else "within_gaps"


def compare(old: Side, new: Side) -> Comparison:
    """Everything that differs between two plans, and what it goes with."""
    a, b = (old.problem, old.plan, old.facts), (new.problem, new.plan, new.facts)
    inputs = changes(old.problem, new.problem)
    demands = demand_changes(old.facts, new.facts)
    finder = Causes(a, b, inputs, demands)
    calendars = old.facts.calendar, new.facts.calendar
    return Comparison(
        old=old,
        new=new,
        inputs=inputs,
        demands=demands,
        causes={change.key: finder.of(change) for change in demands if change.moved},
        recipients=tallies.groups(demands, lambda demand: demand.recipient, _weights(old, new)),
        items=tallies.groups(demands, lambda demand: demand.item),
        donors=tallies.donors(old.facts, new.facts),
        lines=tallies.lines(a[1:], b[1:]),
        floors=tallies.floors((old.problem, old.facts), (new.problem, new.facts)),
        packages=tallies.packages(old.facts, new.facts),
        offers=tallies.offers(a[:2], b[:2]),
        cases=tallies.cases((*a[:2], calendars[0]), (*b[:2], calendars[1])),
        stability=stability(a, b),
        old_in_new=valued(old.plan, old.problem, new.problem),
        new_in_old=valued(new.plan, new.problem, old.problem),
        whole={change.key: change for change in demands},
    )


def _weights(old: Side, new: Side) -> tuple[dict[str, float], dict[str, float]]:
    before, after = ({name: priority.weight for name, priority in side.facts.priorities.items()} for side in (old, new))
    return before, after


UKRAINE_NAME = "Ukraine"
"""The name by which needs, which have no recipient, are asked for."""


def names(comparison: Comparison) -> set[str]:
    """Every name that `narrowed` knows."""
    return {name for change in comparison.demands for name in _names(change)}


def _names(change: DemandChange) -> Iterator[str]:
    yield change.demand
    for facts in (change.old, change.new):
        if facts is not None:
            yield facts.item
            yield UKRAINE_NAME if facts.recipient == UKRAINE else facts.recipient


def narrowed(comparison: Comparison, only: Collection[str]) -> Comparison:
    """The same comparison with the demands of these recipients, of these names or for these items alone.

    Recipients and items are summed over these demands; the objective, the lines, the money and the input stay whole.
    """
    wanted = set(only)
    demands = tuple(change for change in comparison.demands if wanted.intersection(_names(change)))
    weights = _weights(comparison.old, comparison.new)
    return replace(
        comparison,
        demands=demands,
        causes={change.key: comparison.causes[change.key] for change in demands if change.moved},
        recipients=tallies.groups(demands, lambda demand: demand.recipient, weights),
        items=tallies.groups(demands, lambda demand: demand.item),
        only=tuple(only),
    )
