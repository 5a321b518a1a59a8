"""Packages of one scenario in another one, in which money comes later or is less: moved as little as can be.

A package whose payers' pledges are as they were stays as it is: release, content, payers. The others are released in
their order, each in the first period, after the shared weeks and not before its own, in which pledges that are left
can pay its content (the model of `models.settle`). A new one that never can be paid whole is kept if what is left in
the end pays the least that a package must be worth, as contents are chosen again; the others are left out.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, replace

from models.blocks.funding import ANY
from models.blocks.packages import release_periods, release_slots
from models.build import Built, compile_draft
from models.facts import Facts
from models.problem import Problem
from models.settle import Wanted, payers
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import program_of
from optimizer.solving.robust_job import Lead

PACKAGES = ("is_released", "proposed_released", "content", "takes_part", "pays")
"""Columns that say what is in which package, when it is released and who pays."""
UNPAID = 1e-4
"""Million USD of a package that rounding may leave unpaid."""


@dataclass(frozen=True)
class _Package:
    """A package of the lead: `place` is ("new", t, k) or ("proposed", p, t)."""

    place: tuple[object, ...]
    contents: dict[str, float]
    paid: dict[str, float]

    @property
    def period(self) -> int:
        return int(str(self.place[1] if self.place[0] == "new" else self.place[2]))


def moved(lead: Lead, built: Built, nominal: Problem, first: int) -> tuple[Lead, frozenset[tuple[object, ...]]]:
    """The lead with its packages as the scenario of the model can pay them; and the slots of new packages that are
    released later than they were, whose contents may be too late to leave. `first`: number of shared periods."""
    facts: Facts = built.draft.facts
    if facts.problem.package_policy is None or facts.problem.pledges == nominal.pledges:
        return lead, frozenset()
    same = set(facts.problem.pledges) & set(nominal.pledges)
    steady = {row.pledge for row in same}
    packages = sorted(_packages(lead, facts), key=lambda package: (package.period, str(package.place)))
    left = {row.pledge: row.amount_usd_m for row in facts.problem.pledges}
    found = {key: value for key, value in lead.items() if key[0] not in PACKAGES}
    kept = [package for package in packages if package.paid.keys() <= steady]
    for package in kept:
        for pledge, amount in package.paid.items():
            left[pledge] -= amount
    later: list[_Package] = []
    used = Counter((package.place[0], package.period) for package in kept)
    waiting = [package for package in packages if package not in kept]
    for unpaid in (UNPAID, math.inf):
        for package in list(waiting):
            again = _paid_later(package, facts, left, used, first=first, unpaid=unpaid)
            if again is not None:
                waiting.remove(package)
                later.append(again)
                used[again.place[0], again.period] += 1
                for pledge, amount in again.paid.items():
                    left[pledge] -= amount
    placed = _in_turn([*kept, *later], first)
    for package in placed:
        found |= _as_lead(package)
    return found, frozenset(package.place[1:] for package in placed[len(kept) :] if package.place[0] == "new")


def _in_turn(packages: list[_Package], first: int) -> list[_Package]:
    """New packages of a period in its slots from 0 on, as slots are used in turn; in the shared weeks each in its own,
    as there the slot is part of what the scenarios share."""
    numbers: Counter[int] = Counter()
    placed = []
    for package in packages:
        t = package.period
        own = package.place[0] != "new" or t < first
        placed.append(package if own else replace(package, place=("new", t, numbers[t])))
        numbers[t] += not own
    return placed


def _packages(lead: Lead, facts: Facts) -> list[_Package]:
    contents: dict[tuple[object, ...], dict[str, float]] = defaultdict(dict)
    paid: dict[tuple[object, ...], dict[str, float]] = defaultdict(dict)
    for (kind, key), value in lead.items():
        if kind == "content":
            contents["new", key[1], key[2]][key[0]] = value
        elif kind == "pays":
            paid[tuple(key[1:])][key[0]] = value
    found = []
    for kind, key in lead:
        if kind == "is_released":
            place: tuple[object, ...] = ("new", *key)
            found.append(_Package(place, contents[place], paid[place]))
        elif kind == "proposed_released":
            held = {need: float(units) for need, units in facts.package_contents[key[0]].items()}
            found.append(_Package(("proposed", *key), held, paid["proposed", key[0], ANY]))
    return found


def _paid_later(
    package: _Package, facts: Facts, left: dict[str, float], used: Counter[tuple[object, int]], *, first: int,
    unpaid: float,
) -> _Package | None:  # fmt: skip
    """A package in the first period in which it can be released and all but so much of it paid.

    `used`: releases by kind and period; `unpaid`: million USD, beside the least that a package must be worth.
    """
    policy = facts.problem.package_policy
    most = policy.max_releases_per_period if policy is not None else None
    pledges = tuple(replace(row, amount_usd_m=max(0.0, left[row.pledge])) for row in facts.problem.pledges)
    slots = set(release_slots(facts))
    having = Facts(replace(facts.problem, pledges=pledges))
    for t in release_periods(facts):
        if t < max(first, package.period) or (most is not None and used["new", t] + used["proposed", t] >= most):
            continue
        new = package.place[0] == "new"
        place = ("new", t, used["new", t]) if new else ("proposed", package.place[1], t)
        if new and (t, used["new", t]) not in slots:
            continue
        built = compile_draft(payers(having, [Wanted(place, package.contents)]))
        answer = run(program_of(built.matrix), Limits(5.0, 1e-3, 1, 0))
        if answer.x is None or answer.objective is None or answer.objective > unpaid:
            continue
        paid = {
            key[0]: float(answer.x[j])
            for (kind, key), j in built.matrix.column_of.items()
            if kind == "pays" and answer.x[j] > 1e-7
        }
        return _Package(place, package.contents, paid)
    return None


def _as_lead(package: _Package) -> Lead:
    new = package.place[0] == "new"
    key = package.place[1:]
    payable = package.place if new else (*package.place[:2], ANY)
    found: Lead = {("is_released" if new else "proposed_released", key): 1.0}
    if new:
        found |= {("content", (need, *key)): units for need, units in package.contents.items()}
    found |= {("takes_part", (pledge, *payable)): 1.0 for pledge in package.paid}
    found |= {("pays", (pledge, *payable)): amount for pledge, amount in package.paid.items()}
    return found
