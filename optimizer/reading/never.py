"""What can never be, in an instance that is well-formed: warnings, and the notes about blank contributions.

A check is sound rather than complete: it speaks only of what no plan could do. Each looks only at tables and sections
without errors, so that it can be heard in the same run as the errors of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from optimizer.findings import Finding
from optimizer.reading.never_approved import firm_dates, reviews
from optimizer.reading.never_made import components, demands_without_source, items
from optimizer.reading.never_sent import heavy_units, lanes, origins
from optimizer.reading.scene import Scene

SCORED_COLUMNS = {
    "defence_pct_gdp": "defence_level and defence_trend",
    "defence_pct_gdp_prior": "defence_trend",
    "ukraine_military_pct_gdp": "ukraine_support",
    "strategic_role": "strategic_role",
    "economic_contribution": "economic_contribution",
}
"""Contributions and the scores that rest on them (`problem.md`, "Priority weights")."""


def missing_scores(scene: Scene) -> Iterator[Finding]:
    """Every blank contribution: what scores `missing_score`."""
    policy = scene.problem.weights
    if policy is None:
        return
    table = scene.tables["recipients"]
    for k, recipient in enumerate(scene.problem.recipients):
        for column, scores in SCORED_COLUMNS.items():
            if getattr(recipient, column) is None:
                yield Finding(
                    "note",
                    "missing_score",
                    table.file,
                    table.rows[k],
                    column,
                    "",
                    f"{recipient.recipient}: {scores} counts as missing_score, {policy.missing_score:g}.",
                )


def demand(scene: Scene) -> Iterator[Finding]:
    """Nothing is asked for at all, or by a row."""
    problem = scene.problem
    if not problem.orders and not problem.needs:
        yield scene.warn_setting("no_demand", "name", "There is neither an order nor a need: nothing to plan for.")
    for name in ("orders", "needs"):
        for k, row in enumerate(getattr(problem, name)):
            if row.quantity == 0:
                yield scene.warn("zero_quantity", (name, k, "quantity"), "The row asks for nothing.", "at least 1")


_BEGINNINGS = (
    ("orders", "earliest_date"),
    ("pledges", "available_on"),
    ("offers", "available_on"),
    ("packages", "release_on"),
)


def horizon(scene: Scene) -> Iterator[Finding]:
    """Rows whose dates leave them no part in the horizon."""
    start, end = scene.problem.start, scene.calendar.day(scene.calendar.count)
    for name, column in _BEGINNINGS:
        for k, row in enumerate(getattr(scene.problem, name)):
            date = getattr(row, column)
            if date is not None and date >= end:
                message = f"The horizon is over on {end}: the row takes no part."
                yield scene.warn("starts_after_horizon", (name, k, column), message, f"before {end}")
    for k, need in enumerate(scene.problem.needs):
        if need.expires_on is not None and need.expires_on < start:
            message = "The need is over before the horizon begins: nothing can arrive for it."
            yield scene.warn("ends_before_horizon", ("needs", k, "expires_on"), message, f"{start} or later")
    for k, receipt in enumerate(scene.problem.receipts):
        if receipt.date >= end:
            message = "The receipt comes after the horizon: it is ignored."
            yield scene.warn("outside_horizon", ("receipts", k, "date"), message, f"before {end}")
    for k, committed in enumerate(scene.problem.commitments):
        if not start <= committed.date < end:
            message = "The dispatch lies outside the horizon: the row is ignored."
            yield scene.warn("outside_horizon", ("commitments", k, "date"), message, f"{start} to before {end}")


def commitments(scene: Scene) -> Iterator[Finding]:
    """A committed dispatch of an item that its demand cannot take costs the same in every plan."""
    takes: dict[str, set[str]] = {order.order: {order.item} for order in scene.problem.orders}
    takes |= {offer.offer: {offer.replacement_item} for offer in scene.problem.offers}
    takes |= {need.need: {item for item, _ in scene.substitutes[need.item]} for need in scene.problem.needs}
    for k, row in enumerate(scene.problem.commitments):
        if row.demand in takes and row.item not in takes[row.demand]:
            message = f"{row.demand} cannot take {row.item}: its change costs the same in every plan."
            yield scene.warn("never_kept", ("commitments", k, "item"), message, " or ".join(sorted(takes[row.demand])))


def packages(scene: Scene) -> Iterator[Finding]:
    """Packages and pledges that have no effect."""
    problem = scene.problem
    policy = problem.package_policy
    filled = {row.package for row in problem.package_contents if row.quantity}
    for k, package in enumerate(problem.packages):
        if package.package not in filled:
            yield scene.warn("empty_package", ("packages", k, "package"), "package_contents lists nothing for it.")
    if policy is None:
        if problem.packages:
            message = "There is no section [packages]: needs need no package."
            yield scene.warn("packages_without_policy", ("packages", 0, "package"), message, "a section [packages]")
        return
    own = {item.item: item for item in problem.items}
    needed = {own[need.item].category for need in problem.needs if need.quantity}
    for k, pledge in enumerate(problem.pledges):
        if pledge.earmark is not None and pledge.earmark not in needed:
            message = f"No need is in the category {pledge.earmark}: the money cannot be used."
            yield scene.warn("earmark_without_need", ("pledges", k, "earmark"), message, " or ".join(sorted(needed)))
    worth = sum(need.quantity * own[need.item].unit_price_usd_m for need in problem.needs)
    least = policy.target_usd_m * (1 - policy.tolerance)
    if problem.needs and policy.max_new and worth < least - 1e-9:
        message = f"All needs are worth {worth:.6g} million USD, a new package at least {least:.6g}: there can be none."
        yield scene.warn_setting("package_never_worth", "packages.target_usd_m", message)


_SUPPLY = ("items", "lines", "line_rates", "line_items", "components", "component_rates", "item_components")
_DEMAND = ("orders", "needs")

Check = Callable[[Scene], Iterator[Finding]]
CHECKS: tuple[tuple[Check, tuple[str, ...]], ...] = (
    (demand, _DEMAND),
    (horizon, ("orders", "pledges", "offers", "packages", "needs", "receipts", "commitments")),
    (items, _SUPPLY),
    (components, _SUPPLY),
    (demands_without_source, (*_SUPPLY, *_DEMAND, "stocks", "receipts", "offers", "substitutes")),
    (lanes, ("lanes", "sites", "[delivery]")),
    (heavy_units, ("lanes", "items", "needs", "substitutes", "[delivery]")),
    (origins, ("lanes", "sites", "offers", "needs", "[delivery]")),
    (reviews, ("approvals", "orders", "recipients", "[approval]")),
    (firm_dates, ("approvals", "orders", "recipients", "[approval]")),
    (commitments, ("items", *_DEMAND, "offers", "substitutes", "commitments")),
    (packages, ("items", "needs", "packages", "package_contents", "pledges", "[packages]")),
    (missing_scores, ("recipients", "[weights]")),
)
"""Every check, with the tables and [sections] that must be without errors for it to be heard."""


def judge(scene: Scene, sound: frozenset[str]) -> list[Finding]:
    """All warnings and notes. `sound` names the tables, and the sections in brackets, without errors."""
    return [finding for check, needs in CHECKS if sound.issuperset(needs) for finding in check(scene)]
