"""Customers and donors: those with public figures first, invented ones beyond."""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_uppercase

from optimizer.generating.classes import SizeClass
from optimizer.generating.draws import Draws, Lognormal
from optimizer.generating.figures import Row, figures

_COLUMNS = (
    *("defence_pct_gdp", "defence_pct_gdp_prior", "ukraine_military_pct_gdp"),
    *("strategic_role", "economic_contribution", "gdp_usd_bn"),
)
_UNKNOWN_GDP = 200.0
MOST_INVENTED = 676


@dataclass(frozen=True, slots=True)
class Recipient:
    """A row of the table; None where nothing is known. Invented ones bear codes that ISO 3166 leaves to users."""

    code: str
    name: str
    defence_pct_gdp: float | None
    defence_pct_gdp_prior: float | None
    ukraine_military_pct_gdp: float | None
    strategic_role: float | None
    economic_contribution: float | None
    gdp_usd_bn: float | None

    @property
    def gdp(self) -> float:
        """GDP in billion USD, or a guess, for drawing only."""
        return self.gdp_usd_bn or _UNKNOWN_GDP

    @property
    def gives(self) -> bool:
        """Whether it supports Ukraine noticeably, so that it may be a donor."""
        return (self.ukraine_military_pct_gdp or 0.0) >= 0.05


def recipients(size: SizeClass, seed: int) -> tuple[Recipient, ...]:
    """The recipients of a class: larger economies rather than small ones, at least three donors among them."""
    draws = Draws(seed, "recipients")
    public = [_public(row) for row in figures().recipients]
    # Efraimidis and Spirakis (2006): the smallest u^(1/w) reversed; a weighted sample without replacement.
    keys = [-(draws.unit() ** (1.0 / recipient.gdp**0.5)) for recipient in public]
    donors = sorted((k for k, one in enumerate(public) if one.gives), key=lambda k: keys[k])[:3]
    others = sorted((k for k in range(len(public)) if k not in donors), key=lambda k: keys[k])
    chosen = sorted([*donors, *others[: max(0, size.recipients - 3)]])
    extra = min(MOST_INVENTED, size.recipients - len(chosen))
    return (*(public[k] for k in chosen), *(_invented(k, draws, public) for k in range(extra)))


def _number(text: str) -> float | None:
    return float(text) if text else None


def _public(row: Row) -> Recipient:
    numbers = {column: _number(row[column]) for column in _COLUMNS}
    return Recipient(row["recipient"], row["name"], **numbers)


def _invented(k: int, draws: Draws, public: list[Recipient]) -> Recipient:
    """A small economy whose percentages are those of a public one, shaken."""
    code = f"X{ascii_uppercase[k // 26]}{ascii_uppercase[k % 26]}"
    like, shake = draws.pick(public), Lognormal(0.0, 0.2)
    level, prior = (
        None if value is None else round(value * draws.lognormal(shake, 2.0), 2)
        for value in (like.defence_pct_gdp, like.defence_pct_gdp_prior)
    )
    support = round((like.ukraine_military_pct_gdp or 0.0) * draws.between(0.0, 0.5), 2) if draws.chance(0.3) else 0.0
    strategic, economic = round(draws.between(0.1, 0.8), 1), round(draws.between(0.0, 0.5), 1)
    gdp = round(draws.lognormal(Lognormal(4.0, 1.2), 2.0), 1)
    return Recipient(code, f"Customer {code} (invented)", level, prior, support, strategic, economic, gdp)
