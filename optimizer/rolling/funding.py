"""Packages, their contents and the money, rolled on.

What was released and paid becomes `funded`, with the day of its release; what has left the pool for a need is taken
from the packages that hold it, those that could dispatch first before the others (first in, first out), so that
packages and needs shrink alike. What was to be released and was not paid is `proposed`: its content is fixed, and not
yet paid.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from models.problem import Need, Package, PackageContent, Pledge
from optimizer.rolling.happened import MONEY, Past
from optimizer.rolling.records import Happened, Note


@dataclass(frozen=True, slots=True)
class Bundles:
    """Packages and contents of the rolled instance; `names` of those that were new in the plan, old to new."""

    packages: tuple[Package, ...]
    contents: tuple[PackageContent, ...]
    names: dict[str, str]


def bundles(past: Past, done: Happened, needs: tuple[Need, ...], sent: Mapping[str, int], notes: list[Note]) -> Bundles:
    """Packages on the new first day. `sent`: units of each need that have left the pool."""
    names = _names(past, done)
    packages = {row.package: row for row in past.problem.packages}
    contents: dict[str, Counter[str]] = defaultdict(Counter)
    for row in past.problem.package_contents:
        contents[row.package][row.need] += row.quantity
    for new in past.plan.contents:
        if new.package in names:
            contents[names[new.package]][new.need] += new.quantity
    for release in done.released:
        name = names.get(release.package, release.package)
        if release.status == "new" or name in packages:
            packages[name] = Package(name, "funded", past.calendar.day(release.period))
    for release, amount in done.unpaid:
        name = names.get(release.package, release.package)
        if release.status == "new" or name in packages:
            packages[name] = Package(name, "proposed")
            _note_unpaid(name, amount, notes)
    if past.problem.package_policy is None:
        return Bundles(past.problem.packages, past.problem.package_contents, names)
    before = {name: Counter(contents[name]) for name in packages}
    left = {row.need: row.quantity for row in needs}
    _deliver(past, packages, contents, sent)
    _fit(packages, contents, left, notes)
    dropped = _not_releasable(packages, contents, left, notes)
    gone = {name for name, held in before.items() if held.total() and not contents[name].total()} | dropped
    kept = tuple(row for name, row in packages.items() if name not in gone)
    rows = tuple(
        PackageContent(row.package, need, units)
        for row in kept
        for need, units in contents[row.package].items()
        if need in left and (units or not before[row.package][need])
    )
    return Bundles(kept, rows, names)


def pledges(past: Past, done: Happened) -> tuple[Pledge, ...]:
    """Money that is left: pledges less what they paid; those spent to the last are left out."""
    found = []
    for row in past.problem.pledges:
        paid = done.paid.get(row.pledge, 0.0)
        left = row.amount_usd_m - paid
        if paid <= 0:
            found.append(row)
        elif left > MONEY:
            found.append(replace(row, amount_usd_m=left))
    return tuple(found)


def _names(past: Past, done: Happened) -> dict[str, str]:
    """Lasting names of the new packages: the day of release and a number, which no plan gives a new one."""
    taken = {row.package for row in past.problem.packages} | {row.package for row in past.plan.releases}
    names: dict[str, str] = {}
    for release in sorted(
        (*done.released, *(row for row, _ in done.unpaid)), key=lambda row: (row.period, row.package)
    ):
        if release.status != "new":
            continue
        day, number = past.calendar.day(release.period), 1
        while f"PKG-{day}-{number}" in taken:
            number += 1
        names[release.package] = f"PKG-{day}-{number}"
        taken.add(names[release.package])
    return names


def _note_unpaid(name: str, amount: float, notes: list[Note]) -> None:
    if amount > MONEY:
        text = (
            f"package {name} is paid in part ({amount:.1f} million USD): until all is, the money stays with its pledges"
        )
        notes.append(Note("paid_in_part", (name,), amount, text))
    else:
        text = f"package {name} was to be released and was not paid: it is proposed now"
        notes.append(Note("not_paid", (name,), 0.0, text))


def _deliver(
    past: Past, packages: Mapping[str, Package], contents: dict[str, Counter[str]], sent: Mapping[str, int]
) -> None:
    """Takes what has left the pool from the funded packages that could dispatch first."""
    funded = sorted(
        (row for row in packages.values() if row.status == "funded"), key=lambda row: row.release_on or dt.date.min
    )
    for need, units in sent.items():
        left = units
        for row in funded:
            part = min(left, contents[row.package][need])
            contents[row.package][need] -= part
            left -= part


def _fit(
    packages: Mapping[str, Package], contents: dict[str, Counter[str]], left: Mapping[str, int], notes: list[Note]
) -> None:
    """Packages that are paid hold no more of a need than is left of it; the last released give way first."""
    funded = sorted(
        (row for row in packages.values() if row.status == "funded"),
        key=lambda row: row.release_on or dt.date.min,
        reverse=True,
    )
    for need in dict.fromkeys(need for row in funded for need in contents[row.package]):
        over = sum(contents[row.package][need] for row in funded) - left.get(need, 0)
        if over <= 0:
            continue
        text = (
            f"packages that are paid hold {over} more of need {need} than is left of it: they hold that much less now"
        )
        notes.append(Note("beyond_the_need", (need,), float(over), text))
        for row in funded:
            part = min(over, contents[row.package][need])
            contents[row.package][need] -= part
            over -= part


def _not_releasable(
    packages: Mapping[str, Package], contents: dict[str, Counter[str]], left: Mapping[str, int], notes: list[Note]
) -> set[str]:
    """Proposed packages that hold more of a need than is left: with what was sent for it they can never be released."""
    found = set()
    for name, row in packages.items():
        over = [need for need, units in contents[name].items() if units > left.get(need, 0)]
        if row.status == "proposed" and over:
            found.add(name)
            rest = f"more of need {over[0]} than the {left.get(over[0], 0)} left of it"
            text = f"proposed package {name} holds {rest}: it is dropped"
            notes.append(Note("not_releasable", (name, over[0]), float(contents[name][over[0]]), text))
    return found
