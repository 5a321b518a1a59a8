"""Rules of packages and the money for them (`problem.md`, "Packages and funding").

Without a `[packages]` section needs need no package, and none of these rules applies.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator

from models.checker.facts import Facts
from models.checker.ledger import Ledger
from models.checker.wording import during, excess, money, number, on, runs, units
from models.plan import POOL, Violation


def _values(facts: Facts, ledger: Ledger, package: str) -> dict[str, float]:
    """Million USD of the package's content in each category."""
    values: dict[str, float] = defaultdict(float)
    for need, quantity in ledger.content(facts, package).items():
        item = facts.items[facts.needs[need].item]
        values[item.category] += quantity * item.unit_price_usd_m
    return dict(values)


def released_once(_: Facts, ledger: Ledger, __: float) -> Iterator[Violation]:
    """A proposed or new package is released once at most: index (package,), amount the releases too many."""
    for package, times in sorted(Counter(row.package for row in ledger.releases).items()):
        if times > 1:
            yield Violation(
                "released_once",
                (package,),
                float(times - 1),
                f"package {package} is released {times} times",
            )


def package_value(facts: Facts, ledger: Ledger, tolerance: float) -> Iterator[Violation]:
    """A released new package is worth about its target, any other nothing: index (package,), amount in million USD."""
    policy = facts.problem.package_policy
    if policy is None:
        return
    low, high = policy.target_usd_m * (1 - policy.tolerance), policy.target_usd_m * (1 + policy.tolerance)
    new = {package for package in ledger.released if package not in facts.packages} | ledger.new_content.keys()
    for package in sorted(new):
        value = sum(_values(facts, ledger, package).values())
        if package not in ledger.released:
            yield Violation(
                "package_value",
                (package,),
                value,
                f"new package {package} is never released, yet holds needs worth {money(value)}",
            )
            continue
        off = excess(value, high, tolerance) or excess(-value, -low, tolerance)
        if off:
            yield Violation(
                "package_value",
                (package,),
                off,
                f"new package {package} is worth {money(value)}, allowed is {number(low)} to {money(high)}",
            )


def releases_per_period(facts: Facts, ledger: Ledger, _: float) -> Iterator[Violation]:
    """No more packages are released in a period than allowed: index (period,), amount the releases too many."""
    policy = facts.problem.package_policy
    if policy is None or policy.max_releases_per_period is None:
        return
    for period, releases in sorted(Counter(row.period for row in ledger.releases).items()):
        if releases > policy.max_releases_per_period:
            yield Violation(
                "releases_per_period",
                (str(period),),
                float(releases - policy.max_releases_per_period),
                f"{releases} packages are released in the period from {on(facts.timeline, period)}, "
                f"{policy.max_releases_per_period} are allowed",
            )


def fully_funded(facts: Facts, ledger: Ledger, tolerance: float) -> Iterator[Violation]:
    """Pledges pay, category by category, exactly what a released package is worth, and nothing for any other.

    Index (package, category), amount in million USD too little or too much. A funded package is paid already: nothing
    more is paid for it.
    """
    paid: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for (package, _), by_category in ledger.paid.items():
        for category, amount in by_category.items():
            paid[package][category] += amount
    for package in sorted(paid.keys() | ledger.released.keys()):
        owed = _values(facts, ledger, package) if package in ledger.released else {}
        for category in sorted(owed.keys() | paid[package].keys()):
            due, given = owed.get(category, 0.0), paid[package].get(category, 0.0)
            off = excess(given, due, tolerance) or excess(-given, -due, tolerance)
            if off:
                state = "" if package in ledger.released else ", as it is not released by the plan"
                yield Violation(
                    "fully_funded",
                    (package, category),
                    off,
                    f"package {package} costs {money(due)} in {category}{state}, and pledges pay {money(given)}",
                )


def within_pledge(facts: Facts, ledger: Ledger, tolerance: float) -> Iterator[Violation]:
    """A pledge pays no more than its amount: index (pledge,), million USD."""
    spent: dict[str, float] = defaultdict(float)
    for (_, pledge), amount in ledger.paid_in_all().items():
        spent[pledge] += amount
    for pledge, amount in sorted(spent.items()):
        over = excess(amount, facts.pledges[pledge].amount_usd_m, tolerance)
        if over:
            yield Violation(
                "within_pledge",
                (pledge,),
                over,
                f"pledge {pledge} is of {money(facts.pledges[pledge].amount_usd_m)}, and pays {money(amount)}",
            )


def pledge_earmark(facts: Facts, ledger: Ledger, tolerance: float) -> Iterator[Violation]:
    """A pledge with an earmark pays for that category only: index (pledge, package, category), million USD."""
    for (package, pledge), by_category in sorted(ledger.paid.items()):
        earmark = facts.pledges[pledge].earmark
        for category, amount in sorted(by_category.items()):
            if earmark is not None and category != earmark and amount > tolerance:
                yield Violation(
                    "pledge_earmark",
                    (pledge, package, category),
                    amount,
                    f"pledge {pledge} is for {earmark} only, and pays {money(amount)} for {category} in {package}",
                )


def pledge_dates(facts: Facts, ledger: Ledger, tolerance: float) -> Iterator[Violation]:
    """A pledge pays for packages released while it stands: index (pledge, package), amount in periods outside."""
    timeline = facts.timeline
    for (package, name), amount in sorted(ledger.paid_in_all().items()):
        release, pledge = ledger.released.get(package), facts.pledges[name]
        if release is None or amount <= tolerance:
            continue
        first = timeline.period(pledge.available_on)
        last = timeline.count if pledge.expires_on is None else timeline.period(pledge.expires_on)
        outside = max(first - release, release - last)
        if outside > 0:
            until = "on" if pledge.expires_on is None else f"to {pledge.expires_on}"
            yield Violation(
                "pledge_dates",
                (name, package),
                float(outside),
                f"pledge {name} stands from {pledge.available_on} {until}, and pays {money(amount)} for "
                f"{package}, released on {on(timeline, release)}",
            )


def minimum_contribution(facts: Facts, ledger: Ledger, tolerance: float) -> Iterator[Violation]:
    """A pledge that pays for a package pays a worthwhile part: index (pledge, package), million USD missing."""
    policy = facts.problem.package_policy
    if policy is None:
        return
    for (package, pledge), amount in sorted(ledger.paid_in_all().items()):
        missing = excess(-amount, -policy.min_contribution_usd_m, tolerance)
        if missing and amount > tolerance:
            yield Violation(
                "minimum_contribution",
                (pledge, package),
                missing,
                f"pledge {pledge} pays {money(amount)} for {package}, "
                f"the least is {money(policy.min_contribution_usd_m)}",
            )


def donors_per_package(facts: Facts, ledger: Ledger, tolerance: float) -> Iterator[Violation]:
    """Not too many pledges pay for one package: index (package,), amount the pledges too many."""
    policy = facts.problem.package_policy
    if policy is None:
        return
    paying = Counter(package for (package, _), amount in ledger.paid_in_all().items() if amount > tolerance)
    for package, pledges in sorted(paying.items()):
        if pledges > policy.max_donors:
            yield Violation(
                "donors_per_package",
                (package,),
                float(pledges - policy.max_donors),
                f"{pledges} pledges pay for {package}, {policy.max_donors} are allowed",
            )


def content_within_need(facts: Facts, ledger: Ledger, _: float) -> Iterator[Violation]:
    """Packages and gifts together do not exceed a need: index (need,), amount in units of the need.

    Funded packages count, and proposed and new ones that are released.
    """
    if facts.problem.package_policy is None:
        return
    covered: Counter[str] = Counter()
    funded = [row.package for row in facts.problem.packages if row.status == "funded"]
    for package in [*funded, *ledger.released]:
        covered.update(ledger.content(facts, package))
    given: Counter[str] = Counter()
    for need, rows in ledger.to_need.items():
        given[need] = sum(row.units for row in rows if row.dispatch.origin != POOL)
    for need in sorted(covered.keys() | given.keys()):
        needed, total = facts.needs[need].quantity, covered[need] + given[need]
        if total > needed:
            yield Violation(
                "content_within_need",
                (need,),
                float(total - needed),
                f"need {need} is for {units(needed)}: packages hold {number(covered[need])} and "
                f"offers give {number(given[need])}",
            )


def _available(facts: Facts, ledger: Ledger) -> dict[str, Counter[int]]:
    """Units of each need that packages free for dispatch from the pool, by the first period they may leave."""
    policy, timeline = facts.problem.package_policy, facts.timeline
    freed: dict[str, Counter[int]] = defaultdict(Counter)
    if policy is None:
        return freed
    contract = policy.contract_weeks
    periods = {package: timeline.shift(release, contract) for package, release in ledger.released.items()}
    for row in facts.problem.packages:
        if row.status == "funded" and row.release_on is not None:
            periods[row.package] = timeline.period(row.release_on + dt.timedelta(weeks=contract))
    for package, period in periods.items():
        for need, quantity in ledger.content(facts, package).items():
            freed[need][period] += quantity
    return freed


def dispatch_after_release(facts: Facts, ledger: Ledger, _: float) -> Iterator[Violation]:
    """Up to any period no more leaves the pool for a need than packages contracted by then hold.

    One violation for each run of periods: index (need, first period of the run), amount the most units too early.
    """
    if facts.problem.package_policy is None:
        return
    freed = _available(facts, ledger)
    for need, rows in ledger.to_need.items():
        leaving: Counter[int] = Counter()
        for row in rows:
            if row.dispatch.origin == POOL:
                leaving[row.dispatch.period] += row.units
        total, early = 0, []
        for period in range(facts.timeline.count):
            total += leaving[period] - freed[need][period]
            early.append(total)
        for first, last, most in runs(early):
            yield Violation(
                "dispatch_after_release",
                (need, str(first)),
                float(most),
                f"{units(most)} more for need {need} have left the pool than released and contracted packages hold "
                f"{during(facts.timeline, first, last)}",
            )


def promise_kept(facts: Facts, ledger: Ledger, _: float) -> Iterator[Violation]:
    """What donors are asked to pay for leaves the pool in the horizon: index (need,), amount in units of the need."""
    promised: Counter[str] = Counter()
    for package in ledger.released:
        promised.update(ledger.content(facts, package))
    for need, quantity in sorted(promised.items()):
        sent = sum(row.units for row in ledger.to_need.get(need, ()) if row.dispatch.origin == POOL)
        if sent < quantity:
            yield Violation(
                "promise_kept",
                (need,),
                float(quantity - sent),
                f"proposed and new packages hold {units(quantity)} for need {need}, and {number(sent)} leave the pool",
            )
