"""Why a need is not paid for, why money is left, why a proposed package is not released."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from models.plan import POOL
from models.problem import Need
from optimizer.explaining.case import Case
from optimizer.explaining.money import PackageFacts, PledgeFacts
from optimizer.explaining.reasons import Code, Explanation, Reason, Standing
from optimizer.explaining.serving import FUNDING, Serving
from optimizer.explaining.till import CENT, Till

MOST = 3
"""Ways out that are named for a pledge: those that serve the most needs."""
UNUSED = 0.01
"""Million USD of a pledge that are worth a word."""


@dataclass(frozen=True)
class Money:
    """Explains the money of one plan. `explained`: what is said of the needs."""

    serving: Serving
    till: Till
    explained: Mapping[str, Explanation]
    _names: dict[tuple[Code, str], tuple[tuple[str, str], ...]] = field(default_factory=dict)

    @cached_property
    def _by_name(self) -> Mapping[str, Need]:
        return {need.need: need for need in self.serving.room.problem.needs}

    @cached_property
    def _wanting(self) -> Sequence[tuple[Need, bool]]:
        """Late or short needs with units in no package, and whether paying for them alone would bring any sooner."""
        found = []
        for need in self.serving.room.problem.needs:
            said = self.explained.get(need.need)
            if said is not None and said.unit_weeks and self._free(need) > 0:
                alone = any(r.code == "package_not_funded" and r.standing == "alone" for r in said.reasons)
                found.append((need, alone))
        return found

    def _free(self, need: Need) -> int:
        """Units of the need that are in no released package, and that nobody gives."""
        held = sum(quantity for _, quantity, _ in self.serving.contents.get(need.need, ()))
        per = dict(self.serving.ratios[need.item])
        rows = self.serving.sent("need", need.need)
        return max(0, need.quantity - held - sum(row.quantity // per[row.item] for row in rows if row.origin != POOL))

    def of_need(self, need: Need, unpaid: Reason) -> Iterator[Reason]:
        """What stands against paying for a unit more of a need; part of `package_not_funded`."""
        price, category = self.till.price[need.item], self.till.category[need.item]
        for rules in self.till.obstacles(need):
            standing: Standing = "alone" if len(rules) == 1 else "together"
            if unpaid.standing != "alone":
                standing = "contributing"
            for rule in rules:
                along = tuple(other for other in rules if other != rule)
                yield Reason(rule, standing, self._named(rule, category), price, "million USD a unit", along=along)

    def _named(self, rule: Code, category: str) -> tuple[tuple[str, str], ...]:
        """Pledges or packages that the rule is about, for a need of the category."""
        if (rule, category) not in self._names:
            self._names[rule, category] = self._name(rule, category)
        return self._names[rule, category]

    def _name(self, rule: Code, category: str) -> tuple[tuple[str, str], ...]:
        rows = [facts.pledge for facts in self.till.pledges if self.till.left[facts.pledge.pledge] > UNUSED]
        if rule == "pledge_earmarked":
            return tuple(("pledge", row.pledge) for row in rows if row.earmark not in (None, category))
        if rule in ("pledge_not_available", "below_minimum_contribution"):
            return tuple(("pledge", row.pledge) for row in rows if row.earmark in (None, category))
        if rule in ("package_full", "too_many_donors"):
            return tuple(("package", package.package) for package in self.till.new)
        return (("category", category),)

    def pledge(self, facts: PledgeFacts) -> Explanation | None:
        """Why money of a pledge is left; None if (nearly) all is spent."""
        left = facts.left_usd_m
        if left <= UNUSED:
            return None
        name = facts.pledge.pledge
        if not self._wanting:
            only = Reason("not_needed", "bound", amount=left, unit="million USD")
            return Explanation("pledge", name, (only,))
        if not any(helped for _, helped in self._wanting):
            only = Reason("cannot_be_promised", "alone", self._needs, left, "million USD")
            return Explanation("pledge", name, (only,))
        cheapest = min((self.till.price[need.item], need.need) for need, helped in self._wanting if helped)
        if left + CENT < cheapest[0]:
            only = Reason("too_little", "bound", (("need", cheapest[1]),), left, "million USD")
            return Explanation("pledge", name, (only,))
        found: Counter[tuple[Code, ...]] = Counter()
        about: dict[tuple[Code, ...], list[tuple[str, str]]] = defaultdict(list)
        for (need, helped), named in zip(self._wanting, self._needs, strict=True):
            groups = self.till.obstacles(need, name) if helped else ()
            if helped and not groups and self.till.payable(need, frozenset(), name):
                groups = ((),)
            for rules in groups:
                found[rules] += 1
                about[rules].append(named)
        since, until = facts.pledge.available_on, facts.pledge.expires_on
        if not found:
            only = Reason("pledges_spent", "contributing", self._needs, left, "million USD", since, until)
            return Explanation("pledge", name, (only,))
        if () in found:
            entities = tuple(about[()])
            only = Reason("left_out", "alone", entities, left, "million USD", since, until)
            return Explanation("pledge", name, (only,))
        reasons = []
        for rules in sorted(found, key=lambda key: (len(key), -found[key], key))[:MOST]:
            entities = tuple(about[rules])
            for rule in rules:
                along = tuple(other for other in rules if other != rule)
                standing: Standing = "alone" if len(rules) == 1 else "together"
                reasons.append(Reason(rule, standing, entities, left, "million USD", since, until, along=along))
        return Explanation("pledge", name, tuple(reasons))

    @cached_property
    def _needs(self) -> tuple[tuple[str, str], ...]:
        return tuple(("need", need.need) for need, _ in self._wanting)

    def package(self, package: PackageFacts) -> Explanation | None:
        """Why a proposed package is not released; None for any other."""
        if package.status != "proposed" or package.period is not None:
            return None
        reasons = [*self._unpaid(package), *self._unmade(package)]
        if not reasons:
            reasons = [
                Reason("left_out", "contributing", (("package", package.package),), package.value_usd_m, "million USD")
            ]
        return Explanation("package", package.package, tuple(reasons))

    def _unpaid(self, package: PackageFacts) -> Iterator[Reason]:
        """Categories for which the money left is not enough, whatever the period; by arithmetic."""
        by_category: dict[str, float] = defaultdict(float)
        for need, _, value in package.contents:
            by_category[self.till.category[self._by_name[need].item]] += value
        for category, value in sorted(by_category.items()):
            free = [f for f in self.till.pledges if f.pledge.earmark in (None, category)]
            have = sum(self.till.left[facts.pledge.pledge] for facts in free)
            if have + CENT < value:
                others = sum(self.till.left.values()) - have
                code: Code = "pledge_earmarked" if have + others + CENT >= value else "pledges_spent"
                standing: Standing = "alone" if self._can_be_made(package) and len(by_category) == 1 else "contributing"
                yield Reason(code, standing, (("category", category),), value - have, "million USD")

    def _can_be_made(self, package: PackageFacts) -> bool:
        return not any(True for _ in self._unmade(package))

    def _unmade(self, package: PackageFacts) -> Iterator[Reason]:
        """Needs whose units other packages hold, or that could not all be sent in the horizon, were they paid."""
        for name, units, _ in package.contents:
            need = self._by_name[name]
            case = Case(self.serving, need, 0.0)
            free = self._free(need)
            if free < units:
                yield Reason("in_other_packages", "bound", (("need", name),), float(units - free), "units")
            more = case.units(case.served(frozenset((FUNDING,))).rows) - case.delivered
            if more < min(units, free):
                yield Reason("cannot_be_promised", "contributing", (("need", name),), float(units - more), "units")
