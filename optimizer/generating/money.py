"""Packages of the table, pledges and offers."""

from __future__ import annotations

from dataclasses import dataclass, field

from optimizer.generating.classes import SizeClass
from optimizer.generating.demand import NeedDraw, day
from optimizer.generating.draws import Draws, Lognormal, Weighted, every
from optimizer.generating.figures import figures
from optimizer.generating.market import Market
from optimizer.generating.promises import Promises
from optimizer.generating.tables import Tables
from optimizer.generating.volumes import Volumes

_MONEY_OVER_PACKAGES = 0.75
"""All pledges as a share of what proposed and new packages are worth."""
MIN_CONTRIBUTION_USD_M = 5.0
_EARMARKED_SHARE = 0.2
_EXPIRING_SHARE = 0.35
_DEAREST_OFFER = 150.0


@dataclass
class Filler:
    """Fills the packages of the table one after the other from the needs as they are drawn."""

    size: SizeClass
    market: Market
    tables: Tables
    draws: Draws
    _number: int = 0
    _value: float = 0.0
    _contents: list[tuple[str, int]] = field(default_factory=list)
    funded_needs: dict[str, int] = field(default_factory=dict)
    """Units in funded packages by need."""

    def offer(self, need: NeedDraw, quantity: int) -> None:
        """Take a part of the need into the package that is being filled, if it fits."""
        if self._number >= self.size.funded_packages + self.size.proposed_packages:
            return
        funded = self._number < self.size.funded_packages
        if funded and need.week > 0.5 * self.size.weeks:
            return
        price = self.market.items[need.item].price
        room = self.size.package_usd_m * 1.04 - self._value
        units = min(quantity, max(1, round(quantity * (0.3 + 0.6 * need.part))), int(room / price))
        if units < 1:
            return
        self._contents.append((need.name, units))
        self._value += units * price
        if self._value >= self.size.package_usd_m * 0.95:
            self.close()

    def close(self) -> None:
        """Write the package, if it holds anything, and begin the next."""
        if not self._contents:
            return
        funded = self._number < self.size.funded_packages
        name = f"{'FUNDED' if funded else 'PROPOSED'}-{self._number + 1}"
        status = "funded" if funded else "proposed"
        released = day(-self.draws.whole(0, 16)) if funded else None
        self.tables.write("packages", package=name, status=status, release_on=released)
        for need, units in self._contents:
            self.tables.write("package_contents", package=name, need=need, quantity=units)
            if funded:
                self.funded_needs[need] = units
        self._number += 1
        self._value, self._contents = 0.0, []


def write_pledges(tables: Tables, asked: Volumes) -> None:
    """Contributions, heavy-tailed as the public ones; in sum a share of what packages are worth. Two passes."""
    law = Lognormal(0.0, figures().contribution.deviation)
    size, draws = asked.world.size, asked.world.draws("pledges")
    raw = sum(draws.lognormal(law, 2.0) for _ in range(size.pledges))
    scale = _MONEY_OVER_PACKAGES * (size.proposed_packages + size.new_packages) * size.package_usd_m / raw
    sizes, draws = asked.world.draws("pledges"), asked.world.draws("donors")
    donors = [one for one in asked.world.customers if one.gives]
    who = Weighted([(one.gdp * (one.ukraine_military_pct_gdp or 0.0)) ** 0.5 for one in donors])
    categories, values = _category_values(asked)
    wanted = Weighted(values)
    for k in range(size.pledges):
        amount = max(MIN_CONTRIBUTION_USD_M, round(scale * sizes.lognormal(law, 2.0), 1))
        donor = donors[who.at(draws.unit())]
        week = 0 if draws.chance(0.4) else draws.whole(1, round(0.6 * size.weeks))
        until, category = draws.whole(20, 52), categories[wanted.at(draws.unit())]
        tables.write(
            "pledges",
            pledge=f"{donor.code}-P{k + 1:03d}",
            donor=donor.code,
            amount_usd_m=amount,
            available_on=day(week),
            expires_on=day(week + until) if every(k, _EXPIRING_SHARE) else None,
            earmark=category if draws.chance(_EARMARKED_SHARE) else None,
        )


def _category_values(asked: Volumes) -> tuple[list[str], list[float]]:
    """Categories that needs are in, and the value of these."""
    value: dict[str, float] = {}
    for item, units in zip(asked.world.market.items, asked.needed, strict=True):
        if units:
            value[item.category.name] = value.get(item.category.name, 0.0) + units * item.price
    return list(value), list(value.values())


def write_offers(tables: Tables, asked: Volumes, depots: list[str], promises: Promises) -> None:
    """Gifts from stock against replacement; some are accepted, with a date that can be kept."""
    size, market, draws = asked.world.size, asked.world.market, asked.world.draws("offers")
    donors = [one for one in asked.world.customers if one.gives]
    who = Weighted([one.gdp**0.4 for one in donors])
    items = [n for n, units in enumerate(asked.needed) if units]
    for k in range(size.offers):
        donor, n = donors[who.at(draws.unit())], draws.pick(items)
        item = market.items[n]
        most = max(1, int(_DEAREST_OFFER / item.price))
        quantity = max(1, min(most, round(item.units_per_week * draws.between(1.0, 5.0))))
        back = max(1, round(quantity * draws.between(0.6, 1.0)))
        start, within = draws.whole(0, round(0.3 * size.weeks)), draws.whole(20, 45)
        accepted = every(k, size.accepted_offers / size.offers)
        kept = promises.promise(n, back, start + within if start + within < size.weeks else start) if accepted else None
        if kept is not None:
            within = max(1, kept - start)
        tables.write(
            "offers",
            offer=f"V{k + 1:02d}-{donor.code}",
            donor=donor.code,
            item=item.name,
            quantity=quantity,
            available_on=day(start),
            site=draws.pick(depots),
            replacement_item=item.name,
            replacement_quantity=back,
            replacement_within_weeks=within,
            status="accepted" if kept is not None else "open",
        )
