"""What packages let a need send from the pool, and what more money by when would let it send.

Two ways: a new package, funded in whole beside all others, that holds units of the need which no package holds; and a
package of the plan released earlier, which needs the money of those of its pledges that come later.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, replace

from models.draft import Draft, Rows, Term
from models.plan import Plan
from models.problem import Package, PackageContent, Problem
from optimizer.valuing.asked import Asked


@dataclass(frozen=True, slots=True)
class Holding:
    """A package that holds `units` of the need: funded, or released in the plan in `release`.

    `usable`: the first period in which its units may leave (T for never); `pays`: (first period, pledge, million USD)
    of what is paid for it; `value`: what it is worth.
    """

    package: str
    funded: bool
    units: int
    release: int
    usable: int
    pays: tuple[tuple[int, str, float], ...]
    value: float

    def money_earlier(self, period: int) -> float:
        """Million USD that have to be there earlier if it is released in the period."""
        if self.funded:
            return self.value
        return sum(amount for first, _, amount in self.pays if first > period)


@dataclass(frozen=True)
class Funds:
    """The packages behind a need. `asked` is None where no package is needed: orders, and instances without them."""

    asked: Asked | None = None
    holdings: tuple[Holding, ...] = ()

    def rules(self, draft: Draft, may: bool) -> None:
        """dispatch_after_release and content_within_need of the one need; `may`: more money may come."""
        if self.asked is None:
            draft.variables("extra", {})
            draft.variables("released_earlier", {})
            return
        asked, facts, need = self.asked, self.asked.facts, self.asked.demand
        releases = [t for t in range(facts.T) if self._leaves(t) <= asked.last] if may else []
        quantity = asked.need.quantity
        latest = {self._leaves(t): t for t in releases}  # of releases that let leave in one period, the last
        draft.variables("extra", dict.fromkeys(latest.values(), (0, quantity)), whole=True)
        earlier = {
            (h.package, t): (0, 1) for h in self.holdings for t in latest.values()
            if self._leaves(t) < h.usable and t < h.release and (h.funded or self._room(t) > 0)
        }  # fmt: skip
        draft.variables("released_earlier", earlier, whole=True)
        m, units = draft.model, {h.package: h.units for h in self.holdings}
        rows: Rows = {}
        sent: list[Term] = []
        for t in range(facts.T):
            sent = [*sent, *draft.posted("from_pool", need, t)]
            there = sum(h.units for h in self.holdings if h.usable <= t)
            late = {h.package for h in self.holdings if h.usable > t}
            freed: list[Term] = [(-1.0, v) for r, v in m.extra.items() if self._leaves(r) <= t]
            freed += [(-units[p], v) for (p, r), v in m.released_earlier.items() if p in late and self._leaves(r) <= t]
            rows[t] = (None, [*sent, *freed], there)
        draft.rule("dispatch_after_release", rows)
        held = sum(h.units for h in self.holdings)
        content = [*((1.0, v) for v in m.extra.values()), *draft.posted("offered", need)]
        draft.rule("content_within_need", {need: (None, content, quantity - held)})
        once = {
            h.package: (None, [(1.0, v) for (p, _), v in m.released_earlier.items() if p == h.package], 1)
            for h in self.holdings
        }
        draft.rule("released_once", once)
        new = {h.package for h in self.holdings if not h.funded}
        in_period = {t: [(1.0, v) for (p, r), v in m.released_earlier.items() if r == t and p in new] for t in releases}
        draft.rule("releases_per_period", {t: (None, terms, self._room(t)) for t, terms in in_period.items() if terms})

    def costs(self) -> dict[tuple[str, int], float]:
        """Million USD that an earlier release of each package needs earlier, by package and period."""
        T = 0 if self.asked is None else self.asked.facts.T
        return {(h.package, t): h.money_earlier(t) for h in self.holdings for t in range(T)}

    def _leaves(self, release: int) -> int:
        assert self.asked is not None
        policy = self.asked.problem.package_policy
        assert policy is not None
        return self.asked.facts.calendar.shift(release, policy.contract_weeks)

    def _room(self, period: int) -> int:
        """Releases that the period has room for beside those of the plan."""
        assert self.asked is not None
        policy = self.asked.problem.package_policy
        assert policy is not None
        if policy.max_releases_per_period is None:
            return len(self.holdings)
        taken = Counter(row.period for row in self.asked.plan.releases)[period]
        return max(0, policy.max_releases_per_period - taken)

    def paid(self, extra: dict[int, int], earlier: dict[str, int]) -> tuple[Problem, Plan]:
        """The instance and the plan with units in new funded packages by release, and packages released earlier."""
        assert self.asked is not None
        problem, plan, day = self.asked.problem, self.asked.plan, self.asked.facts.calendar.day
        packages, contents = list(problem.packages), list(problem.package_contents)
        names = {row.package for row in packages} | {row.package for row in plan.releases}
        for t, units in sorted(extra.items()):
            name = f"FUNDED-{self.asked.demand}-{t}"
            while name in names:
                name += "-MORE"
            packages.append(Package(name, "funded", day(t)))
            contents.append(PackageContent(name, self.asked.demand, units))
        moved = {h.package: earlier[h.package] for h in self.holdings if h.package in earlier}
        funded = {h.package for h in self.holdings if h.funded}
        packages = [
            replace(row, release_on=day(moved[row.package])) if row.package in moved and row.package in funded else row
            for row in packages
        ]
        sooner: dict[str, int] = {}
        for h in self.holdings:
            if h.package in moved and not h.funded:
                for first, pledge, _ in h.pays:
                    if first > moved[h.package]:
                        sooner[pledge] = min(sooner.get(pledge, first), moved[h.package])
        pledges = tuple(
            replace(row, available_on=day(sooner[row.pledge])) if row.pledge in sooner else row
            for row in problem.pledges
        )
        releases = tuple(
            replace(row, period=moved[row.package]) if row.package in moved else row for row in plan.releases
        )
        changed = replace(problem, packages=tuple(packages), package_contents=tuple(contents), pledges=pledges)
        return changed, replace(plan, releases=releases)


def funds_of(asked: Asked) -> Funds:
    """The packages behind the need that is asked about."""
    problem, facts = asked.problem, asked.facts
    policy = problem.package_policy
    if policy is None or asked.kind != "need":
        return Funds()
    contents = {p: dict(held) for p, held in facts.package_contents.items()}
    for content in asked.plan.contents:
        held = contents.setdefault(content.package, {})
        held[content.need] = held.get(content.need, 0) + content.quantity
    first = {g.pledge: facts.calendar.period(g.available_on) for g in problem.pledges}
    found = []
    released = {row.package: row.period for row in asked.plan.releases}
    units = {name: held[asked.demand] for name, held in contents.items() if held.get(asked.demand)}
    value = {name: sum(facts.price(n) * q for n, q in contents[name].items()) for name in units}
    for row in problem.packages:
        if row.package in units and row.status == "funded" and row.release_on is not None:
            name, usable = (
                row.package,
                facts.calendar.period(row.release_on + dt.timedelta(weeks=policy.contract_weeks)),
            )
            release = facts.calendar.period(row.release_on)
            found.append(Holding(name, True, units[name], release, usable, (), value[name]))
    for name, release in released.items():
        if name in units:
            pays = tuple(
                (first[row.pledge], row.pledge, row.amount_usd_m) for row in asked.plan.payments if row.package == name
            )
            usable = facts.calendar.shift(release, policy.contract_weeks)
            found.append(Holding(name, False, units[name], release, usable, pays, value[name]))
    return Funds(asked, tuple(found))
