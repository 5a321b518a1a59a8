"""Burden sharing: what every donor pledged, paid and gave, against its share of wealth, and what came of it.

Money in million USD, GDP in billion USD.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from models.plan import POOL
from models.problem import Problem
from optimizer.explaining.facts import Facts
from optimizer.explaining.financed import BEFORE, Bought, bought


@dataclass(frozen=True, slots=True)
class DonorShare:
    """One donor: whoever has a pledge, or an accepted offer.

    `share_of_paid`: of all paid in this plan, None where nothing is; `share_of_gdp`: of the GDP of all donors whose
    GDP is known, None where its own is blank. `given_usd_m`: value of units of its offers that the plan sends.
    `bought`: what its money buys; `delivered_usd_m` and `on_time_usd_m` of that, `first` and `last` days of arrival.
    `unspent`: why pledges are not spent, as the caller says: (pledge, million USD, words).
    """

    donor: str
    pledged_usd_m: float
    paid_usd_m: float
    given_usd_m: float
    share_of_paid: float | None
    gdp_usd_bn: float | None
    share_of_gdp: float | None
    bought: tuple[Bought, ...]
    delivered_usd_m: float
    on_time_usd_m: float
    first: dt.date | None
    last: dt.date | None
    unspent: tuple[tuple[str, float, str], ...]

    @property
    def left_usd_m(self) -> float:
        """What is pledged and not paid in this plan."""
        return self.pledged_usd_m - self.paid_usd_m

    @property
    def ratio(self) -> float | None:
        """Its share of what is paid over its share of GDP: above 1 it pays more than its wealth alone would say."""
        if self.share_of_paid is None or not self.share_of_gdp:
            return None
        return self.share_of_paid / self.share_of_gdp


@dataclass(frozen=True)
class Sharing:
    """All donors, the one who pays most first, and what was paid before this plan (`before`, by nobody we know)."""

    donors: tuple[DonorShare, ...]
    before: tuple[Bought, ...]

    @property
    def without_gdp(self) -> tuple[str, ...]:
        """Donors whose GDP is blank: they stand in no comparison with wealth."""
        return tuple(row.donor for row in self.donors if row.gdp_usd_bn is None)


def sharing(problem: Problem, facts: Facts, why: Mapping[str, str] | None = None) -> Sharing:
    """Who carries what. `why`: for a pledge with money left the reason in words, where the caller knows it."""
    pledged, paid = defaultdict[str, float](float), defaultdict[str, float](float)
    unspent: dict[str, list[tuple[str, float, str]]] = defaultdict(list)
    for row in facts.pledges:
        donor = row.pledge.donor
        pledged[donor] += row.pledge.amount_usd_m
        paid[donor] += row.paid_usd_m
        if row.left_usd_m > 1e-6:
            unspent[donor].append((row.pledge.pledge, row.left_usd_m, (why or {}).get(row.pledge.pledge, "")))
    given = _given(problem, facts)
    bought_by: dict[str, list[Bought]] = defaultdict(list)
    for part in bought(problem, facts):
        bought_by[part.donor].append(part)
    names = [row.recipient for row in problem.recipients if row.recipient in pledged or row.recipient in given]
    gdp = {row.recipient: row.gdp_usd_bn for row in problem.recipients}
    wealth = sum(value for name in names if (value := gdp[name]) is not None)
    total = sum(paid.values())
    price = {need.demand: need.price for need in facts.needs}

    def one(name: str) -> DonorShare:
        parts, own = tuple(bought_by.get(name, ())), gdp[name]
        return DonorShare(
            donor=name,
            pledged_usd_m=pledged[name],
            paid_usd_m=paid[name],
            given_usd_m=given.get(name, 0.0),
            share_of_paid=paid[name] / total if total > 0 else None,
            gdp_usd_bn=own,
            share_of_gdp=None if own is None or wealth <= 0 else own / wealth,
            bought=parts,
            delivered_usd_m=round(sum(part.value_usd_m for part in parts), 9),
            on_time_usd_m=round(sum(part.on_time * price[part.need] for part in parts), 9),
            first=min((part.first for part in parts if part.first), default=None),
            last=max((part.last for part in parts if part.last), default=None),
            unspent=tuple(unspent.get(name, ())),
        )

    donors = sorted((one(name) for name in names), key=lambda row: (-row.paid_usd_m, -row.pledged_usd_m, row.donor))
    return Sharing(tuple(donors), tuple(bought_by.get(BEFORE, ())))


def _given(problem: Problem, facts: Facts) -> dict[str, float]:
    """Value of the units that the plan sends from each donor's offers; a donor of an accepted offer is there with 0."""
    price = {item.item: item.unit_price_usd_m for item in problem.items}
    donor = {offer.offer: offer.donor for offer in problem.offers}
    found: dict[str, float] = {row.recipient: 0.0 for row in facts.replacements}
    for demand in facts.needs:
        for row in demand.sent:
            if row.origin != POOL:
                found[donor[row.origin]] = found.get(donor[row.origin], 0.0) + row.quantity * price[row.item]
    return found
