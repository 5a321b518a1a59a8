"""Method "bulk", for order books: one relaxation of everything, then a plan settled and polished block by block.

1. The relaxation (`bulk_master`, `models.bulk`) is solved by column generation. Its bound is valid for the whole.
2. Releases are made whole, the relaxation is solved again with them, and packages are filled with what it releases, by
   money that pays for them (`bulk_packages`).
3. The list scheduler serves demands with these packages, in the relaxation's order and in another: legal plans.
4. With the best plan's packages, approvals and offers settled, items fall apart into blocks (`bulk_polish`), which are
   solved whole near the relaxation of what is left, then from the plan in hand, until nothing is better.

From 2 on another process raises the bound (`bulk_bounds`), where there may be one.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from models.baselines import list_plan
from models.bulk.reading import mean_periods
from models.bulk.rows import Rows
from models.bulk.tables import Tables
from models.bulk.worth import worth
from models.checker import check_plan
from models.facts import Facts
from models.listing.bundles import Bundle
from models.plan import POOL, Content, Dispatch, Payment, Plan, Release
from optimizer.solving.bulk_bounds import Bounds, is_wide
from optimizer.solving.bulk_held import first_batches
from optimizer.solving.bulk_master import Master, Relaxed
from optimizer.solving.bulk_packages import Packed, whole_packages
from optimizer.solving.bulk_polish import Polish
from optimizer.solving.bulk_saved import Saved
from optimizer.solving.clock import clock, now
from optimizer.solving.highs import Limits
from optimizer.solving.outcome import relative_gap
from optimizer.solving.places.where import Where

log = logging.getLogger(__name__)
RELAXING = 0.5
"""Share of the time for the relaxation at most."""
POLL = 0.2
"""Seconds between two looks at a bound that is being raised."""
PACKING = 0.5
"""Share of the time left for packages."""


@dataclass
class Found:
    """The state of a solve: the best plan so far, its objective by the columns, and the bound."""

    plan: Plan | None = None
    objective: float | None = None
    bound: float | None = None
    phase: str = "start"


class Bulk:
    """One run of the method."""

    def __init__(
        self,
        facts: Facts,
        limits: Limits,
        where: Where,
        report: Callable[[Found], None],
        stop: Callable[[], bool],
        *,
        saved: Saved | None = None,
    ) -> None:
        """`limits`: seconds and gap of the whole; `where` blocks are solved; `report` hears of all changes; `stop` ends
        it soon; `saved`: what is kept of the run, and what one before it kept.
        """
        self.facts, self.limits, self.where = facts, limits, where
        self.report, self._stop = report, stop
        self.saved = saved or Saved(None)
        self.found, self.began = Found(), now()
        self.taken: list[tuple[Plan, float]] = []
        """Plans that were the best, with their objectives, the last one last."""
        self.messages: list[str] = []
        self.disturbed = False
        """Whether something happened to a block that may not happen to another run."""
        self.listed = False
        """Whether the best plan is one that was listed here."""
        self.size = (0, 0, 0, 0)
        self._late = False
        self._raising: Bounds | None = None

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.limits.seconds - (now() - self.began)

    def over(self) -> bool:
        """Whether to end."""
        gap = relative_gap(self.found.objective, self.found.bound)
        return self.left <= 0 or self._stop() or (gap is not None and gap <= self.limits.gap)

    def asked(self) -> bool:
        """Whether somebody wants it to end."""
        return self._stop()

    def enter(self, phase: str) -> None:
        """Names what is being done."""
        self._listen()
        self.found.phase = phase
        self.report(self.found)

    def offered(self, starts: Sequence[tuple[Plan, float]], bound: float | None = None) -> Found:
        """Takes the best of legal plans with their objectives, and a bound that is proven already."""
        for plan, objective in starts:
            self.offer(plan, objective)
        self._bounded(bound)
        return self.found

    def run(self, starts: Sequence[tuple[Plan, float]], bound: float | None = None) -> Found:
        """Runs the method from what `offered` takes."""
        return self._run(starts, bound, self._settle)

    def stand(self, starts: Sequence[tuple[Plan, float]], bound: float | None = None) -> Found:
        """What `offered` takes stands, and only a bound is proven for it."""
        return self._run(starts, bound, lambda *_: None)

    def _run(
        self, starts: Sequence[tuple[Plan, float]], bound: float | None, settle: Callable[[Rows, Master, Relaxed], None]
    ) -> Found:
        self.offered(starts, bound)
        self.enter("relaxation")
        tables = Tables(self.facts)
        rows = Rows(tables)
        master = Master(rows, tables.never + rows.committed_cost)
        relaxed, done = self.saved.relaxation(master)
        if relaxed is None:
            master.begin()
        else:
            self._bounded(relaxed.bound)
        if not done:
            relaxed = self._relaxed(master) or relaxed
        self.size = master.size
        if relaxed is None:
            late = "not solved in its share of the time" if self._late else "without a solution: promises may clash"
            self.messages.append(f"the relaxation is {late}")
            return self.found
        if not self.over():
            self._raise_bound(tables, relaxed)
            try:
                settle(rows, master, relaxed)
                self._wait_for_bound()
            finally:
                self._end_of_raising()
        return self.found

    def prove(self) -> float | None:
        """A bound of the relaxation, in the relaxation's share of the time; no plan is looked for."""
        self.enter("relaxation")
        rows = Rows(Tables(self.facts))
        master = Master(rows, rows.tables.never + rows.committed_cost)
        master.begin()
        self._relaxed(master)
        return self.found.bound

    def _relaxed(self, master: Master) -> Relaxed | None:
        """The relaxation, solved as far as its share of the time goes."""
        until = now() + RELAXING * self.limits.seconds

        def over() -> bool:
            return now() > until or self.over()

        def heard(relaxed: Relaxed) -> None:
            self._bounded(relaxed.bound)
            self.saved.keep_relaxation(master, relaxed, done=False)

        found = master.run(replace(self.limits, seconds=max(1.0, until - now())), over, heard)
        self._late = over()
        if found is not None:
            self.saved.keep_relaxation(master, found, done=not self._late)
        return found

    def _bounded(self, bound: float | None) -> None:
        if bound is not None and (self.found.bound is None or bound > self.found.bound):
            self.found.bound = max(0.0, bound)
            self.report(self.found)

    def offer(self, plan: Plan, objective: float) -> None:
        """Takes a plan if it is better."""
        self._listen()
        if self.found.objective is None or objective < self.found.objective:
            self.found.plan, self.found.objective = plan, objective
            self.taken.append((plan, objective))
            self.report(self.found)

    # --- a higher bound -----------------------------------------------------------------------------------------------

    def _raise_bound(self, tables: Tables, relaxed: Relaxed) -> None:
        """Has the bound raised in another process; not by work, as how far that comes is chance."""
        if (self.where.workers or 1) > 1 and not clock().counted:
            limits = replace(self.limits, seconds=self.left)
            self._raising = Bounds(self.facts.problem, relaxed.dual, limits, wide=is_wide(tables))

    def _listen(self) -> None:
        if self._raising is not None:
            self._bounded(self._raising.hear())

    def _wait_for_bound(self) -> None:
        """Gives the bound what time is left once no better plan is found."""
        if self._raising is not None and not self.over():
            self.enter("bound")
            while self._raising.running and not self.over():
                self._raising.join(POLL)
                self._listen()

    def _end_of_raising(self) -> None:
        if self._raising is not None:
            self._raising.close()
            self._listen()
            self._raising = None

    # --- a plan -------------------------------------------------------------------------------------------------------

    def _settle(self, rows: Rows, master: Master, relaxed: Relaxed) -> None:
        polish = self._settled() or self._newly_settled(rows, master, relaxed)
        if polish is None:
            self.messages.append("no plan near the relaxation was found that keeps every promise")
        elif not self.over():
            self.enter("blocks")
            polish.run()

    def _settled(self) -> Polish | None:
        """The plan that was settled before the run was cut off."""
        kept = self.saved.settled()
        if kept is None:
            return None
        plan, columns = kept
        polish = Polish(self, plan)
        polish.resume(columns.restore(polish.master))
        self.listed = True
        return polish

    def _newly_settled(self, rows: Rows, master: Master, relaxed: Relaxed) -> Polish | None:
        """Of plans with whole packages near the relaxation, the one whose settled relaxation is the lowest."""
        self.enter("packages")
        limits = replace(self.limits, seconds=max(1.0, PACKING * self.left))
        polishes: list[Polish] = []
        for packed in whole_packages(master, relaxed, limits, self.over):
            self.enter("first plan")
            plan = self._first(rows, master, packed)
            if plan is None or (polishes and (self.over() or plan is polishes[0].plan)):
                continue
            self.enter("settled relaxation")
            polish = Polish(self, plan)
            polish.begin(rows, packed.relaxed)
            if not self.over():
                polish.relax()
            polishes.append(polish)
        if not polishes:
            return None
        best = min(polishes, key=lambda polish: polish.value)
        if best.relaxed is not None:
            self.saved.keep_settled(best.plan, best.master, best.relaxed)
        return best

    def _first(self, rows: Rows, master: Master, packed: Packed) -> Plan | None:
        """The plan whose packages, approvals and offers are settled: the best that is listed with these packages.

        A plan in hand that is not one of this kind is taken if it is better still. None where no plan keeps promises.
        """
        x = packed.relaxed.x[rows.standing.count :]
        means = mean_periods(master.pricing, first_batches(master.batches, len(x)), x)
        accepted = [
            offer.offer
            for offer, share in zip(self.facts.problem.offers, packed.relaxed.x[rows.names["accepted"]], strict=True)
            if share > 0.5
        ]
        plans: list[tuple[float, int, Plan]] = []
        if self.found.plan is not None and self.found.objective is not None and not self.listed:
            plans.append((self.found.objective, 0, self.found.plan))
        for ranking in _rankings(self.facts, means):
            if plans and self.over():
                break
            plan = list_plan(
                self.facts.problem, ranking, releases=packed.bundles if rows.policy else None, accepted=accepted,
                case_ranking=_cases(self.facts, means), just_in_time=True,
            )  # fmt: skip
            objective = worth(self.facts, plan)
            log.debug("list: %.6g, %d of %d releases", objective, len(plan.releases), len(packed.bundles))
            if keeps_promises(self.facts, plan):
                plans.append((objective, len(plans) + 1, plan))
                self.offer(plan, objective)
        self.listed = self.listed or any(plan is self.found.plan for _, number, plan in plans if number)
        if not plans:
            return None
        _, number, best = min(plans)
        if number == 0:
            return best
        whole = as_packed(self.facts, best, packed.bundles)
        broken = broken_packages(self.facts, whole)
        if broken:
            self.messages.append(f"packages near the relaxation break a rule ({broken[0]}): those of a list are taken")
        return best if broken else whole


def broken_packages(facts: Facts, plan: Plan) -> list[str]:
    """What is wrong with a plan in which content is still to be served: that alone is no fault."""
    return [found.message for found in check_plan(facts.problem, plan).violations if found.rule != "promise_kept"]


def as_packed(facts: Facts, plan: Plan, bundles: Sequence[Bundle]) -> Plan:
    """A listed plan with all of the packages that it was to release, when they were to be, paid as they were.

    A list funds packages by itself, and may find no donors for one, or only later; needs then get more from offers than
    these packages leave of them, and what is too much stays with the donor, the last to arrive first. What the list
    does not serve of the packages is left for blocks to serve.
    """
    new = [bundle for bundle in bundles if bundle.status == "new"]
    item = {need.need: need.item for need in facts.problem.needs}
    ratio = {(row.item, row.substitute): row.units_per_unit for row in facts.problem.substitutes}
    room = Counter({need.need: need.quantity for need in facts.problem.needs})
    for name, entries in facts.funded.items():
        room[name] -= sum(units for _, units in entries)
    for bundle in bundles:
        room.subtract(bundle.content)
    dispatches: list[Dispatch] = []
    for row in sorted(plan.dispatches, key=lambda row: row.arrival):
        if row.kind != "need" or row.origin == POOL:
            dispatches.append(row)
            continue
        each = ratio.get((item[row.demand], row.item), 1)
        units = min(row.quantity // each, max(0, room[row.demand]))
        room[row.demand] -= units
        if units:
            dispatches.append(replace(row, quantity=units * each))
    return replace(
        plan,
        dispatches=tuple(sorted(dispatches)),
        releases=tuple(sorted(Release(bundle.package, bundle.status, bundle.period) for bundle in bundles)),
        contents=tuple(sorted(Content(b.package, need, units) for b in new for need, units in b.content.items())),
        payments=tuple(sorted(Payment(b.package, *share) for b in bundles for share in b.shares)),
    )


def _rankings(facts: Facts, means: Mapping[str, float]) -> list[list[str]]:
    """Orders of service to try: as the relaxation serves; before that, needs by what a tonne of them is worth.

    Lanes are shared by all needs, and the relaxation's times say little about who is worth the last tonne.
    """
    by_mean = sorted(means, key=lambda name: means[name])
    dense = {
        need.need: facts.need_weight[need.need] / max(1e-6, facts.items[need.item].tonnes)
        for need in facts.problem.needs
    }
    return [[*sorted(dense, key=lambda name: -dense[name]), *by_mean], by_mean]


def _cases(facts: Facts, means: Mapping[str, float]) -> list[str]:
    """Cases in the order in which the relaxation serves their first order."""
    orders = sorted((name for name in means if name in facts.orders), key=lambda name: means[name])
    return list(dict.fromkeys(facts.orders[name].case for name in orders))


def keeps_promises(facts: Facts, plan: Plan) -> bool:
    """Whether a listed plan dispatches all of firm orders and replacements: the only promises a list may fail."""
    sent: Counter[str] = Counter()
    for row in plan.dispatches:
        sent[row.demand] += row.quantity if row.kind != "need" else 0
    firm = all(sent[order.order] == order.quantity for order in facts.problem.orders if order.firm_by is not None)
    return firm and all(sent[name] == facts.offers[name].replacement_quantity for name in plan.accepted_offers)
