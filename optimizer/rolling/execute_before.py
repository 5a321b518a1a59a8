"""When packages are released and cases approved in an execution: money and review, before any unit moves.

Neither depends on output, so both are settled first; releases by `execute_money`. Reviewers work on cases in the order
in which the plan approves them; a case is approved when its review is done, not before the plan has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from models.plan import Payment, Release
from optimizer.rolling.execute_money import CENT, Treasury
from optimizer.rolling.execute_script import Script
from optimizer.rolling.execute_supply import Element, Supply


@dataclass(frozen=True, slots=True)
class Beforehand:
    """Periods (T = never) by index: `releases` of the plan's, `approvals` of its cases; `payments` for the releases.

    `ready`: by demand, the first period in which an order may leave (0 for needs and replacements); `free`: by need in
    table order and period, the units that packages let leave the pool by then.
    """

    releases: tuple[int, ...]
    approvals: tuple[int, ...]
    payments: tuple[Payment, ...]
    ready: np.ndarray
    free: np.ndarray


class Desk:
    """Settles releases and approvals for one script; what was settled once is looked up."""

    def __init__(self, script: Script) -> None:
        """Derive what the plan pays and approves."""
        self.script, self.facts = script, script.facts
        self.packages: tuple[Release, ...] = tuple(sorted(script.plan.releases, key=_turn))
        self.cases = tuple(sorted(script.plan.approvals, key=lambda row: (row.period, row.case)))
        self.treasury = Treasury(script, self.packages)
        self._known: dict[Any, Any] = {}

    def settle(self, supply: Supply) -> Beforehand:
        """Everything that is settled before units move."""
        releases, payments = self._once("releases", supply, ("pledge",), self.treasury.settle)
        approvals = self._once("approvals", supply, ("case", "review"), self._approvals)
        funded = tuple(float(numbers[0]) for _, numbers in sorted_of(supply, ("package",)))
        ready = self._remembered(("ready", approvals), lambda: self._ready(approvals))
        free = self._remembered(("free", releases, funded), lambda: self._free(releases, supply))
        return Beforehand(releases, approvals, payments, ready, free)

    def _remembered(self, key: Any, make: Any) -> Any:
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

    def _once(self, what: str, supply: Supply, kinds: tuple[str, ...], make: Any) -> Any:
        key = what, *((element, numbers.tobytes()) for element, numbers in sorted_of(supply, kinds))
        return self._remembered(key, lambda: make(supply))

    @cached_property
    def funded(self) -> tuple[str, ...]:
        """Packages of the table that are paid already."""
        return tuple(row.package for row in self.script.problem.packages if row.status == "funded")

    @cached_property
    def contents(self) -> dict[str, dict[str, int]]:
        """Units of each need in the packages of the table and in the plan's new ones."""
        found = {package: dict(content) for package, content in self.facts.package_contents.items()}
        for row in self.script.plan.contents:
            content = found.setdefault(row.package, {})
            content[row.need] = content.get(row.need, 0) + row.quantity
        return found

    def _approvals(self, supply: Supply) -> tuple[int, ...]:
        T = self.script.T
        capacity = supply.get(Element("review", ""))
        if capacity is None:
            return tuple(row.period for row in self.cases)
        found = [T] * len(self.cases)
        facts = [supply.get(Element("case", row.case)) for row in self.cases]
        left = [np.inf if numbers is None else float(numbers[1]) for numbers in facts]
        for t in range(T):
            room = float(capacity[t])
            for k, row in enumerate(self.cases):
                numbers = facts[k]
                if found[k] < T or numbers is None or numbers[0] > t:
                    continue
                done = min(room, left[k])
                room, left[k] = room - done, left[k] - done
                # The checker forgives this much to the plan; only where the plan is kept may it be used.
                slack = CENT if t == row.period else 1e-9
                if t >= row.period and left[k] <= slack:
                    found[k] = t
        return tuple(found)

    def _ready(self, approvals: tuple[int, ...]) -> np.ndarray:
        facts, T = self.facts, self.script.T
        by_case = {row.case: period for row, period in zip(self.cases, approvals, strict=True)}
        ready = np.zeros(len(self.script.asked), dtype=np.int64)
        for k, row in enumerate(self.script.asked):
            if row.kind == "order":
                order = facts.orders[row.demand]
                first = 0 if order.earliest_date is None else facts.calendar.period(order.earliest_date)
                if order.case in facts.reviewed_cases:
                    first = max(first, facts.after_approval(order.case, by_case.get(order.case, T)))
                ready[k] = first
        return ready

    def _free(self, releases: tuple[int, ...], supply: Supply) -> np.ndarray:
        problem, T = self.script.problem, self.script.T
        policy = problem.package_policy
        free = np.zeros((len(problem.needs), T), dtype=np.int64)
        if policy is None:
            return free + sum(row.quantity for row in problem.needs)
        at = {row.need: k for k, row in enumerate(problem.needs)}
        shift = self.facts.calendar.shift
        ready = {row.package: shift(t, policy.contract_weeks) for row, t in zip(self.packages, releases, strict=True)}
        for name in self.funded:
            numbers = supply.get(Element("package", name))
            if numbers is not None:
                ready[name] = int(numbers[0])
        for package, t in ready.items():
            for need, quantity in self.contents.get(package, {}).items():
                free[at[need], t:] += quantity
        return free


def sorted_of(supply: Supply, kinds: tuple[str, ...]) -> list[tuple[Element, np.ndarray]]:
    """The elements of some kinds, in order."""
    return sorted(((e, numbers) for e, numbers in supply.items() if e.kind in kinds), key=lambda row: row[0])


def _turn(row: Release) -> tuple[int, str]:
    return row.period, row.package
