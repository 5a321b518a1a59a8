"""A `Plan` as the rules look at it: its readable records, summed and indexed once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from models.checker import structure
from models.checker.facts import Facts
from models.checker.structure import Fault
from models.plan import POOL, Dispatch, Made, Plan, Release, Violation

WELL_FORMED = "well_formed"


@dataclass(frozen=True, slots=True)
class Served:
    """A dispatch for a need, and how many units of the need it serves."""

    dispatch: Dispatch
    units: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """Readable records by demand, origin and package; `faults` are the others. Units as in the instance."""

    faults: tuple[Violation, ...]
    made: tuple[Made, ...]
    to_order: Mapping[str, list[Dispatch]]
    to_need: Mapping[str, list[Served]]
    as_replacement: Mapping[str, list[Dispatch]]
    from_offer: Mapping[str, int]
    """Units that left each offer."""
    left_pool: Mapping[str, Mapping[int, int]]
    """Units of each item that left the pool, by period."""
    stock: Mapping[str, tuple[int, ...]]
    """Units of each item in the pool at the end of every period; negative where the plan takes more than there is."""
    accepted: frozenset[str]
    """Offers accepted by the plan or by the instance."""
    approved: Mapping[str, int]
    releases: tuple[Release, ...]
    released: Mapping[str, int]
    """The (first) period in which each proposed or new package is released."""
    new_content: Mapping[str, Mapping[str, int]]
    """Units of each need in each new package."""
    paid: Mapping[tuple[str, str], Mapping[str, float]]
    """By (package, pledge): million USD toward each category."""

    def content(self, facts: Facts, package: str) -> Mapping[str, int]:
        """Units of each need in any package, of the table or new."""
        return facts.table_content[package] if package in facts.packages else self.new_content.get(package, {})

    def paid_in_all(self) -> dict[tuple[str, str], float]:
        """Million USD that each pledge pays for each package, by (package, pledge)."""
        return {key: sum(by_category.values()) for key, by_category in self.paid.items()}


def ledger_of(facts: Facts, plan: Plan, tolerance: float) -> Ledger:
    """Reads the plan; what cannot be read is a fault and counts for nothing."""
    faults: list[Violation] = []
    dispatches = _readable_dispatches(facts, plan, faults)
    made = _readable_made(facts, plan, faults)
    left_pool: dict[str, Counter[int]] = defaultdict(Counter)
    from_offer: Counter[str] = Counter()
    to_order: dict[str, list[Dispatch]] = defaultdict(list)
    to_need: dict[str, list[Served]] = defaultdict(list)
    as_replacement: dict[str, list[Dispatch]] = defaultdict(list)
    for dispatch in dispatches:
        if dispatch.origin == POOL:
            left_pool[dispatch.item][dispatch.period] += dispatch.quantity
        else:
            from_offer[dispatch.origin] += dispatch.quantity
        if dispatch.kind == "order":
            to_order[dispatch.demand].append(dispatch)
        elif dispatch.kind == "replacement":
            as_replacement[dispatch.demand].append(dispatch)
        else:
            per_unit = facts.units_per_unit[facts.needs[dispatch.demand].item, dispatch.item]
            to_need[dispatch.demand].append(Served(dispatch, dispatch.quantity // per_unit))
    releases = _readable_releases(facts, plan, faults)
    released: dict[str, int] = {}
    for release in releases:
        released[release.package] = min(release.period, released.get(release.package, release.period))
    new_content = _readable_content(facts, plan, released, faults)
    return Ledger(
        made=made,
        to_order=dict(to_order),
        to_need=dict(to_need),
        as_replacement=dict(as_replacement),
        from_offer=dict(from_offer),
        left_pool=left_pool,
        stock=_stock(facts, made, left_pool),
        accepted=_accepted(facts, plan, faults),
        approved=_readable_approvals(facts, plan, faults),
        releases=releases,
        released=released,
        new_content=new_content,
        paid=_readable_payments(facts, plan, tolerance, faults),
        faults=tuple(faults),
    )


def _note(faults: list[Violation], fault: Fault, *index: object) -> None:
    amount, message = fault
    names = tuple(str(part) for part in index)
    faults.append(Violation(WELL_FORMED, names, amount, f"{' '.join(names)}: {message}"))


def _readable_dispatches(facts: Facts, plan: Plan, faults: list[Violation]) -> list[Dispatch]:
    readable = []
    for row in plan.dispatches:
        fault = structure.dispatch_fault(facts, row)
        if fault:
            _note(faults, fault, "dispatch", row.demand, row.origin, row.item, row.period)
        else:
            readable.append(row)
    return readable


def _readable_made(facts: Facts, plan: Plan, faults: list[Violation]) -> tuple[Made, ...]:
    readable = []
    for row in plan.made:
        fault = structure.made_fault(facts, row)
        if fault:
            _note(faults, fault, "made", row.line, row.item, row.period)
        else:
            readable.append(row)
    return tuple(readable)


def _readable_approvals(facts: Facts, plan: Plan, faults: list[Violation]) -> dict[str, int]:
    approved: dict[str, int] = {}
    for row in plan.approvals:
        fault = structure.approval_fault(facts, row)
        if fault is None and row.case in approved:
            fault = 1.0, "a case is approved once, and the plan says so twice"
        if fault:
            _note(faults, fault, "approval", row.case, row.period)
        else:
            approved[row.case] = row.period
    return approved


def _readable_releases(facts: Facts, plan: Plan, faults: list[Violation]) -> tuple[Release, ...]:
    readable = []
    for row in plan.releases:
        fault = structure.release_fault(facts, row)
        if fault:
            _note(faults, fault, "release", row.package, row.period)
        else:
            readable.append(row)
    return tuple(readable)


def _readable_content(
    facts: Facts, plan: Plan, released: Mapping[str, int], faults: list[Violation]
) -> dict[str, dict[str, int]]:
    content: dict[str, dict[str, int]] = defaultdict(dict)
    for row in plan.contents:
        fault = structure.content_fault(facts, row)
        if fault:
            _note(faults, fault, "content", row.package, row.need)
        elif row.quantity:
            content[row.package][row.need] = content[row.package].get(row.need, 0) + row.quantity
    policy = facts.problem.package_policy
    new = {package for package in released if package not in facts.packages} | content.keys()
    if policy is not None and len(new) > policy.max_new:
        too_many = len(new) - policy.max_new
        message = f"{len(new)} new packages, {policy.max_new} are allowed: {', '.join(sorted(new))}"
        _note(faults, (float(too_many), message), "packages")
    return dict(content)


def _readable_payments(
    facts: Facts, plan: Plan, tolerance: float, faults: list[Violation]
) -> dict[tuple[str, str], dict[str, float]]:
    paid: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in plan.payments:
        fault = structure.payment_fault(facts, row, tolerance)
        if fault:
            _note(faults, fault, "payment", row.package, row.pledge, row.category)
        else:
            paid[row.package, row.pledge][row.category] += row.amount_usd_m
    return dict(paid)


def _accepted(facts: Facts, plan: Plan, faults: list[Violation]) -> frozenset[str]:
    named = frozenset(plan.accepted_offers)
    for offer in sorted(named - facts.offers.keys()):
        _note(faults, (1.0, f"the instance has no offer '{offer}'"), "offer", offer)
    settled = frozenset(offer.offer for offer in facts.problem.offers if offer.status == "accepted")
    for offer in sorted(settled - named):
        _note(faults, (1.0, "the instance has accepted it already, and the plan does not name it"), "offer", offer)
    return (named & facts.offers.keys()) | settled


def _stock(
    facts: Facts, made: tuple[Made, ...], left_pool: Mapping[str, Mapping[int, int]]
) -> dict[str, tuple[int, ...]]:
    change: dict[str, list[int]] = {item: [0] * facts.timeline.count for item in facts.items}
    for item, received in facts.receipts.items():
        for period, quantity in received.items():
            change[item][period] += quantity
    for row in made:
        change[row.item][row.period] += row.quantity
    for item, leaving in left_pool.items():
        for period, quantity in leaving.items():
            change[item][period] -= quantity
    stock = {}
    for item, changes in change.items():
        level, levels = facts.on_hand.get(item, 0), []
        for step in changes:
            level += step
            levels.append(level)
        stock[item] = tuple(levels)
    return stock
