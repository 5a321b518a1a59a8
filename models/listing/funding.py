"""Who pays for a package (`problem.md`, "Packages and funding"). Money in million USD."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from models.calendar import Calendar
from models.problem import PackagesPolicy, Problem

_DUST = 1e-9


@dataclass(frozen=True, slots=True)
class Purse:
    """What a pledge still holds, and the periods (first and last) in which it may pay."""

    pledge: str
    earmark: str | None
    left: float
    first: int
    last: int


Share = tuple[str, str, float]
"""Pledge, category, amount."""


class Treasury:
    """The pledges, less what they have paid."""

    def __init__(self, problem: Problem, calendar: Calendar, policy: PackagesPolicy) -> None:
        """Nothing is paid yet."""
        self._policy = policy
        self._purses = [
            Purse(
                pledge.pledge,
                pledge.earmark,
                pledge.amount_usd_m,
                calendar.period(pledge.available_on),
                calendar.count if pledge.expires_on is None else calendar.period(pledge.expires_on),
            )
            for pledge in sorted(problem.pledges, key=lambda pledge: pledge.available_on)
        ]

    def left(self) -> tuple[Purse, ...]:
        """All pledges that hold a least contribution or more, those that open later as well."""
        least = max(_DUST, self._policy.min_contribution_usd_m)
        return tuple(purse for purse in self._purses if purse.left >= least - _DUST)

    def open_in(self, period: int) -> tuple[Purse, ...]:
        """Pledges that may pay for a package released in the period, by `available_on` (`pledge_dates`).

        A pledge that holds less than the least contribution is left out (`minimum_contribution`).
        """
        least = max(_DUST, self._policy.min_contribution_usd_m)
        return tuple(
            purse for purse in self._purses if purse.first <= period <= purse.last and purse.left >= least - _DUST
        )

    def pay(self, shares: Iterable[Share]) -> None:
        """Deduct what was paid (`within_pledge`)."""
        paid: dict[str, float] = {}
        for pledge, _, amount in shares:
            paid[pledge] = paid.get(pledge, 0.0) + amount
        self._purses = [
            Purse(p.pledge, p.earmark, max(0.0, p.left - paid[p.pledge]), p.first, p.last) if p.pledge in paid else p
            for p in self._purses
        ]


def split(value: Mapping[str, float], purses: Sequence[Purse], policy: PackagesPolicy) -> tuple[Share, ...] | None:
    """Payments that cover `value` (by category) exactly, or None if none is found.

    Pledges are asked in the order given; if that takes more than `max_donors`, the largest first; then those with an
    earmark first. For a set of pledges the answer is exact: a pledge with an earmark pays for its category alone
    (`pledge_earmark`), the others for whatever is left, each at least the least contribution (`fully_funded`,
    `minimum_contribution`, `donors_per_package`). Not every set is tried.
    """
    orders: tuple[Callable[[Purse], tuple[float, float]] | None, ...] = (
        None,
        lambda purse: (-purse.left, 0.0),
        lambda purse: (float(purse.earmark is None), -purse.left),
    )
    for key in orders:
        chosen = _choose(value, purses if key is None else sorted(purses, key=key), policy.min_contribution_usd_m)
        if chosen is not None and len(chosen) <= policy.max_donors:
            shares = _share(value, chosen, policy.min_contribution_usd_m)
            if shares is not None:
                return shares
    return None


def thrifty(value: Mapping[str, float], purses: Sequence[Purse], policy: PackagesPolicy) -> tuple[Share, ...] | None:
    """Payments as `split` makes them, by pledges chosen so that later packages find donors as well, or None.

    Those that expire first and hold least are asked first, as long as the largest of the others can fill the places
    that are left: small remainders are used up, and large pledges stay for later.
    """
    least = policy.min_contribution_usd_m
    worth = [min(p.left, value.get(p.earmark, 0.0)) if p.earmark is not None else p.left for p in purses]
    fitting = [(p.last, amount, p) for p, amount in zip(purses, worth, strict=True) if amount >= max(least, _DUST)]
    fitting.sort(key=lambda row: (row[0], row[1], row[2].pledge))
    missing, chosen = sum(value.values()), list[Purse]()
    ahead = sorted((amount for _, amount, _ in fitting), reverse=True)
    for _, amount, purse in fitting:
        places = policy.max_donors - len(chosen)
        if missing <= _DUST or places <= 0:
            break
        ahead.remove(amount)
        if amount + sum(ahead[: places - 1]) >= missing - _DUST and missing >= least - _DUST:
            chosen.append(purse)
            missing -= amount
    if missing > _DUST:
        return None
    fits = _choose(value, chosen, least)
    return None if fits is None else _share(value, fits, least)


def _choose(value: Mapping[str, float], purses: Sequence[Purse], least: float) -> list[Purse] | None:
    """The first pledges that together cover the value; None if all of them do not."""
    chosen: list[Purse] = []
    open_value, count, general = dict(value), dict.fromkeys(value, 0), 0.0
    for purse in purses:
        if sum(open_value.values()) <= general + _DUST:
            break
        if purse.earmark is None:
            general += purse.left
        elif open_value.get(purse.earmark, 0.0) > _DUST and least * (count[purse.earmark] + 1) <= value[purse.earmark]:
            open_value[purse.earmark] = max(0.0, open_value[purse.earmark] - purse.left)
            count[purse.earmark] += 1
        else:
            continue
        chosen.append(purse)
    return chosen if sum(open_value.values()) <= general + _DUST else None


def _share(value: Mapping[str, float], chosen: Sequence[Purse], least: float) -> tuple[Share, ...] | None:
    """What each of the chosen pledges pays; None if the least contributions exceed the value."""
    marked = {category: [p for p in chosen if p.earmark == category] for category in value}
    general = [purse for purse in chosen if purse.earmark is None]
    own = {category: min(value[category], sum(p.left for p in marked[category])) for category in value}
    excess = least * len(general) - sum(value[category] - own[category] for category in value)
    for category in value:  # earmarked pledges step back until the general ones reach their least contribution
        back = min(max(0.0, excess), max(0.0, own[category] - least * len(marked[category])))
        own[category] -= back
        excess -= back
    if general and excess > _DUST:
        return None
    shares: list[Share] = []
    for category in value:
        shares += [(pledge, category, paid) for pledge, paid in _fill(own[category], marked[category], least)]
    rest = {category: value[category] - own[category] for category in value}
    for pledge, amount in _fill(sum(rest.values()), general, least):
        unspent = amount
        for category in value:
            part = min(unspent, rest[category])
            if part > _DUST:
                shares.append((pledge, category, part))
                rest[category] -= part
                unspent -= part
    return tuple(shares)


def _fill(total: float, purses: Sequence[Purse], least: float) -> list[tuple[str, float]]:
    """`total` shared out: the least contribution each, the rest in order."""
    spread = total - least * len(purses)
    shares = []
    for purse in purses:
        more = min(max(0.0, spread), max(0.0, purse.left - least))
        spread -= more
        shares.append((purse.pledge, least + more))
    return [share for share in shares if share[1] > _DUST]
