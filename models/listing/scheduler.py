"""`list_plan`: a whole plan from an order of service, without a solver.

What is served when:

1. Promises come first, because a plan that breaks one is no plan: replacements of accepted offers and firm orders, by
   their deadline, are reserved as late as they may be. A firm order gives its reservation back when its turn in the
   ranking comes and is then served as early as everybody else in its place.
2. Cases are reviewed in the order of their best order; those with a firm order before the others.
3. Demands are served in rank order, each as early as capacity allows (`Service`).
4. Packages are filled in the order of the needs (`Bundler`). Whether a released package can be delivered shows only
   when all that goes before it is served, so the list is run again with less in the new packages, and without proposed
   ones that cannot be kept, until every promise to donors holds (`promise_kept`).
5. Slots that nobody asked for bring the stock back to its readiness floor, where a shortfall costs anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from models.capacity import hard_floors, readiness_floors, review_effort
from models.listing.book import DemandBook
from models.listing.bundles import Bundle, Bundler
from models.listing.review import approve_in_order
from models.listing.service import Service, in_rank_order
from models.listing.supply import Ints
from models.plan import ApprovedCase, Content, Payment, Plan, Release
from models.problem import Problem

_GENTLE_ROUNDS = 8
"""Runs in which a package only loses the units that were short; from then on it loses the whole need."""


def list_plan(
    problem: Problem,
    ranking: Sequence[str],
    *,
    releases: Sequence[Bundle] | None = None,
    case_ranking: Sequence[str] | None = None,
    accepted: Collection[str] = (),
    just_in_time: bool = False,
) -> Plan:
    """Serve the demands in the order of `ranking` and return the plan.

    `ranking`: names of orders and needs; those it leaves out follow in the order of the tables. `releases`: the
    packages to release, and no others, each in the first period from its own on in which it can be paid; None fills
    packages in rank order. `case_ranking`: the order of review. `accepted`: open offers to accept as well; one whose
    replacement cannot be made on time is left. `just_in_time`: units that can be on time leave when they are due, which
    leaves early capacity to those further down.

    The plan keeps every rule of `problem.md`, except that a firm order or the replacement of an offer that *is*
    accepted stays short if this greedy order of service finds no way; it never raises for want of capacity.
    """
    book = DemandBook(problem)
    ranking = in_rank_order(ranking, [*book.orders, *book.needs])
    reviewed = review_effort(problem)
    cases = _case_order(book, ranking, case_ranking)
    approved = approve_in_order(problem, book.calendar, cases)
    start = _with_promises(book, ranking, book.earliest(approved, reviewed), accepted, just_in_time)
    service, bundles = _serve_all(book, ranking, start, releases)
    _replenish(book, service)
    return _plan(service, bundles, approved)


def _case_order(book: DemandBook, ranking: Sequence[str], case_ranking: Sequence[str] | None) -> list[str]:
    """Cases with a firm order by the earliest `firm_by`, then the rest by `case_ranking` or their best order."""
    listed = list(dict.fromkeys(row.case for row in book.problem.approvals))
    by_order = [book.orders[name].case for name in ranking if name in book.orders]
    firm = sorted((order.firm_by, order.case) for order in book.problem.orders if order.firm_by is not None)
    rest = by_order if case_ranking is None else case_ranking
    return in_rank_order([*(case for _, case in firm), *rest], listed)


def _with_promises(
    book: DemandBook, ranking: Sequence[str], earliest: Mapping[str, int], accepted: Collection[str], just_in_time: bool
) -> Service:
    """A service in which every promise is reserved, by deadline; one that fails is tried again before the others."""
    taken = [offer.offer for offer in book.problem.offers if offer.status == "accepted"]
    rank = {name: index for index, name in enumerate(ranking)}
    promises = [(book.replacement_deadline(book.offers[offer]), -1, offer) for offer in taken]
    for order in book.problem.orders:
        if order.firm_by is not None:
            promises.append((book.last_on_time(order.firm_by), rank[order.order], order.order))
    queue = [name for _, _, name in sorted(promises)]
    best, fewest = None, len(queue) + 1
    for _ in range(len(queue) + 1):
        service = Service(book, taken, just_in_time)
        service.unlock(earliest)
        failed = [name for name in queue if not _promise(book, service, name, name in taken)]
        if len(failed) < fewest:
            best, fewest = service, len(failed)
            lost = failed
        if not failed or queue[: len(failed)] == failed:
            break
        queue = [*failed, *(name for name in queue if name not in failed)]
    assert best is not None
    for name in lost:
        if name in taken:
            best.promise_offer(book.offers[name], partly=True)
    for offer in book.problem.offers:
        if offer.offer in accepted and offer.offer not in taken and best.promise_offer(offer):
            best.accept(offer)
    return best


def _promise(book: DemandBook, service: Service, name: str, is_offer: bool) -> bool:
    return service.promise_offer(book.offers[name]) if is_offer else service.promise_order(book.orders[name])


def _serve_all(
    book: DemandBook, ranking: Sequence[str], start: Service, wanted: Sequence[Bundle] | None
) -> tuple[Service, tuple[Bundle, ...]]:
    """The whole list, again and again until nothing is promised to donors that is not delivered."""
    first_need = next((k for k, name in enumerate(ranking) if name in book.needs), len(ranking))
    head, tail = ranking[:first_need], ranking[first_need:]
    _serve(book, start, head, {}, {})
    policy = book.problem.package_policy
    if policy is None:
        free = {name: np.full(book.calendar.count, need.quantity, dtype=np.int64) for name, need in book.needs.items()}
        _serve(book, start, tail, free, {name: need.quantity for name, need in book.needs.items()})
        return start, ()
    bundler = Bundler(book.problem, book.calendar, policy, book.last_departure())
    needs = [name for name in tail if name in book.needs]
    most, barred = {name: need.quantity for name, need in book.needs.items()}, set[str]()
    given = _expected_gifts(book, needs, start.accepted, bundler.content(()))
    for attempt in range(_GENTLE_ROUNDS + len(needs) + len(book.problem.packages) + 1):
        bundles = bundler.bundles(needs, given, most, barred, wanted)
        content, service = bundler.content(bundles), start.copy()
        offered = {name: need.quantity - content[name] for name, need in book.needs.items()}
        _serve(book, service, tail, _allowed(book, bundler, bundles), offered)
        short = _short(bundles, service.from_pool)
        if not short:
            return service, bundles
        _cut(bundles, short, most, barred, attempt < _GENTLE_ROUNDS)
    service = start.copy()
    _serve(book, service, tail, _allowed(book, bundler, ()), offered)
    return service, ()


def _serve(
    book: DemandBook, service: Service, names: Sequence[str], allowed: Mapping[str, Ints], offered: Mapping[str, int]
) -> None:
    for name in names:
        if name in book.orders:
            service.serve_order(book.orders[name])
        else:
            service.serve_need(book.needs[name], allowed[name], offered[name])


def _expected_gifts(
    book: DemandBook, needs: Sequence[str], accepted: Sequence[str], content: Mapping[str, int]
) -> dict[str, int]:
    """Units of every need that accepted offers will bring, shared out in rank order; lanes are not looked at yet."""
    left = {offer: book.offers[offer].quantity for offer in accepted}
    given = {}
    for name in needs:
        need = book.needs[name]
        total = open_units = max(0, need.quantity - content.get(name, 0))
        for item, per_unit in ((need.item, 1), *book.substitutes[need.item]):
            for offer in accepted:
                if book.offers[offer].item == item:
                    units = min(open_units, left[offer] // per_unit)
                    left[offer] -= units * per_unit
                    open_units -= units
        given[name] = total - open_units
    return given


def _allowed(book: DemandBook, bundler: Bundler, bundles: Sequence[Bundle]) -> dict[str, Ints]:
    """Units of every need that may have left the pool by each period (`dispatch_after_release`)."""
    allowed = {name: np.zeros(book.calendar.count, dtype=np.int64) for name in book.needs}
    released = [*bundler.funded, *((bundler.ready(bundle), bundle.content) for bundle in bundles)]
    for ready, content in released:
        for need, units in content.items():
            allowed[need][ready:] += units
    return allowed


def _short(bundles: Sequence[Bundle], sent: Mapping[str, int]) -> dict[str, int]:
    """Units of every need that the packages promise and the pool does not send (`promise_kept`)."""
    promised: Counter[str] = Counter()
    for bundle in bundles:
        promised.update(bundle.content)
    return {need: units - sent.get(need, 0) for need, units in promised.items() if units > sent.get(need, 0)}


def _cut(
    bundles: Sequence[Bundle], short: Mapping[str, int], most: dict[str, int], barred: set[str], gently: bool
) -> None:
    """Promise less of what was short: first the new packages, then the last of the proposed ones that hold it."""
    for need, units in short.items():
        new = sum(bundle.content.get(need, 0) for bundle in bundles if bundle.status == "new")
        most[need] = max(0, new - units) if gently else 0
        missing = units - new
        for bundle in reversed(bundles):
            if missing > 0 and bundle.status == "proposed" and bundle.content.get(need, 0):
                barred.add(bundle.package)
                missing -= bundle.content[need]


def _replenish(book: DemandBook, service: Service) -> None:
    """Let idle slots bring stock up to the readiness floors, the dearest item first."""
    if book.problem.readiness is None or book.problem.readiness.weight <= 0:
        return
    floors, hard = readiness_floors(book.problem), hard_floors(book.problem)
    for item in sorted(book.problem.items, key=lambda item: -item.unit_price_usd_m):
        if floors[item.item] > hard[item.item]:
            service.supply.replenish(item.item, floors[item.item] - hard[item.item])


def _plan(service: Service, bundles: Sequence[Bundle], approved: Mapping[str, int]) -> Plan:
    return Plan(
        dispatches=service.dispatches(),
        made=service.supply.made(),
        contents=tuple(
            Content(bundle.package, need, units)
            for bundle in bundles
            if bundle.status == "new"
            for need, units in bundle.content.items()
            if units
        ),
        releases=tuple(Release(bundle.package, bundle.status, bundle.period) for bundle in bundles),
        payments=tuple(
            Payment(bundle.package, pledge, category, amount)
            for bundle in bundles
            for pledge, category, amount in bundle.shares
        ),
        accepted_offers=tuple(service.accepted),
        approvals=tuple(ApprovedCase(case, period) for case, period in approved.items()),
    )
