"""A recipient that contributes more: the changed instances of a curve, up to where nothing changes any more."""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.facts import Facts
from models.plan import Plan
from models.problem import Offer, Problem, Recipient
from optimizer.explaining.facts import facts_of
from optimizer.explaining.incentive import By

DEFAULT_WITHIN_WEEKS = 52
"""Weeks until a replacement is promised where the instance has no offer to learn it from."""


class NoCurveError(ValueError):
    """There is no curve to draw; the message says why."""


@dataclass(frozen=True, slots=True)
class Step:
    """One value of the contribution, and the instance with it. `offer`: the name of what is offered, or ""."""

    value: float | None
    present: bool
    problem: Problem
    offer: str = ""


def steps(
    problem: Problem, plan: Plan, recipient: str, by: By, points: int, *, item: str = ""
) -> tuple[list[Step], str]:
    """The steps in rising order, the present one first, and the item that is offered ("" but for `offer`).

    Args:
        problem: the instance.
        plan: the plan in hand.
        recipient: by its name.
        by: what rises.
        points: about how many steps; corners of the policy (target, fast track) take the place of the nearest.
        item: for `offer`, what is offered; by default what it orders most of and some need lacks.

    Raises:
        NoCurveError: there is no such recipient, or nothing that could rise.
    """
    row = next((r for r in problem.recipients if r.recipient == recipient), None)
    if row is None:
        raise NoCurveError(f"there is no recipient {recipient!r}")
    if by == "offer":
        return _offers(problem, plan, recipient, points, item)
    if problem.weights is None and problem.approval is None:
        raise NoCurveError("the instance has no [weights] and no [approval]: contributions change nothing")
    return _spending(problem, row, by, points), ""


def _spending(problem: Problem, row: Recipient, by: By, points: int) -> list[Step]:
    name = "defence_pct_gdp" if by == "defence" else "ukraine_military_pct_gdp"
    present = getattr(row, name)
    found = [Step(present, True, problem)]
    corners = [c for c in _corners(problem, row, by) if present is None or c > present + 1e-9]
    if not corners:
        return found
    low, top = (0.0 if present is None else present), max(corners)
    count = max(1, points - 1)
    values = [low + (top - low) * k / count for k in range(0 if present is None else 1, count + 1)]
    for corner in corners:
        nearest = min(range(len(values)), key=lambda k: abs(values[k] - corner))
        if values[nearest] in corners and values[nearest] != corner:
            values.append(corner)
        else:
            values[nearest] = corner
    for value in sorted(set(values)):
        changed = tuple(
            replace(r, **{name: value}) if r.recipient == row.recipient else r  # type: ignore[arg-type]
            for r in problem.recipients
        )
        found.append(Step(value, False, replace(problem, recipients=changed)))
    return found


def _corners(problem: Problem, row: Recipient, by: By) -> list[float]:
    """Where a score stops rising, or review gets faster; beyond the last of them nothing changes any more."""
    policy, found = problem.weights, list[float]()
    if policy is not None and by == "support":
        found.append(policy.support_reference_pct_gdp)
    if policy is not None and by == "defence":
        found.append(policy.defence_target_pct_gdp)
        if row.defence_pct_gdp_prior is not None:
            found.append(row.defence_pct_gdp_prior + policy.trend_reference_pct_gdp)
    if problem.approval is not None and by == "defence":
        found.append(problem.approval.fast_track_pct_gdp)
    return sorted({corner for corner in found if corner > 0})


def _offers(problem: Problem, plan: Plan, recipient: str, points: int, item: str) -> tuple[list[Step], str]:
    """Offers of rising size: as many units as needs lack, each replaced by a unit of the same item by promise."""
    lacking = _lacking(problem, plan)
    chosen = item or _most_ordered(problem, recipient, lacking)
    if chosen not in {row.item for row in problem.items}:
        raise NoCurveError(
            f"there is no item {chosen!r}" if chosen else f"no need lacks anything that {recipient} orders"
        )
    most = lacking.get(chosen, 0)
    if most < 1:
        raise NoCurveError(f"no need lacks {chosen!r}: all that serve it are served on time")
    names = {row.offer for row in problem.offers}
    name = f"OFFER-{recipient}"
    while name in names:
        name += "-MORE"
    known = [row for row in problem.offers if row.donor == recipient] or list(problem.offers)
    site = next((row.site for row in known if row.site), None)
    if site is None and problem.delivery is not None:
        site = problem.delivery.pool_site
    weeks = sorted(row.replacement_within_weeks for row in problem.offers)
    within = weeks[len(weeks) // 2] if weeks else DEFAULT_WITHIN_WEEKS
    found = [Step(0.0, True, problem)]
    count = max(1, points - 1)
    for units in sorted({max(1, round(most * k / count)) for k in range(1, count + 1)}):
        offer = Offer(name, recipient, chosen, units, problem.start, site, chosen, units, within)
        found.append(Step(float(units), False, replace(problem, offers=(*problem.offers, offer)), name))
    return found, chosen


def _lacking(problem: Problem, plan: Plan) -> dict[str, int]:
    """By item, the most units of it that late or missing units of needs could take."""
    facts, found = Facts(problem), dict[str, int]()
    for demand in facts_of(problem, plan, explained=False).needs:
        short = demand.quantity - demand.on_time
        for item, ratio in facts.variants(facts.needs[demand.demand]):
            found[item] = found.get(item, 0) + short * ratio
    return {item: units for item, units in found.items() if units > 0}


def _most_ordered(problem: Problem, recipient: str, lacking: dict[str, int]) -> str:
    """What the recipient orders most of, of what needs lack; else, of any item, what they lack most."""
    price = {row.item: row.unit_price_usd_m for row in problem.items}
    worth: dict[str, float] = {}
    for row in problem.orders:
        if row.recipient == recipient and row.item in lacking:
            worth[row.item] = worth.get(row.item, 0.0) + row.quantity * price[row.item]
    return max(worth, key=lambda name: (worth[name], name), default="")
