"""From a relaxation of an order book to whole packages that somebody pays for: releases, contents, payments.

All of it with orders as in the relaxation, so that programs are small: what needs get from pools, and who pays, say
most about packages. Several ways to make releases whole are compared; then units of needs are dealt to them, whole
where the relaxation tears them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.bulk.batch import Batch
from models.bulk.contents import contents
from models.bulk.filling import Filling, filling
from models.bulk.releasing import chosen_proposals, countings
from models.bulk.tables import Floats
from models.listing.bundles import Bundle
from models.matrix import Vector
from optimizer.solving.bulk_filled import filled
from optimizer.solving.bulk_held import (
    at_any_time,
    beside,
    first_batches,
    orders_held,
    releasing,
    roomy,
    short,
    solved,
    without_dear,
)
from optimizer.solving.bulk_master import Master, Relaxed
from optimizer.solving.bulk_releases import ReleaseSearch
from optimizer.solving.bulk_teller import Teller
from optimizer.solving.clock import now
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Program

log = logging.getLogger(__name__)
DEAR, DEAREST = 3e-7, 1e-4
"""What a unit of a need may cost more than the best way, as a share of the objective, where packages are looked for,
and where they are judged: late ones are used in ways that are dear at the relaxation's prices."""
FEW, DEARER = 20, (1e-3, 1e-4, 1e-5, 1e-6)
"""With fewer packages each may be far from where the relaxation spends money: more columns then, and dearer ones, as
far as the program stays small enough for whole releases."""
ANY_TIME = 300_000
"""Needs times periods for which they are written down."""
TRYING = 0.5
"""Share of the time for trying ways to make releases whole."""
DECIDED, DECIDING = 2, 0.5
"""So many of them at most have their contents decided by a program, each in this share of the time left: the rest is
for finding donors, judging what comes out, and for the next."""
BESIDE, NEAR = 3, 5e-4
"""Ways that are tried beside whole releases that are as good as any, and relative distance from the best within which
ways count as equal: then the one is taken whose packages are worth what they should be on average, as whole units fit
into these best."""
ROOM = 0.5
"""Share of a package's tolerance that is kept at both ends where its period is looked for, if that costs little."""
LEFT, LOST = (0.14, 0.25), (0.003, 0.009)
"""Money that contents leave, in packages, and the shares of all money that it is at most. What pledges hold in the end
is less than anybody may pay, or too little for a package, and where it all is spent just when it comes, nothing is left
to make up for that. The next where what donors are found for is not as good as what was decided."""
AS_GOOD = 1e-3
"""Relative distance at which it is."""
COUNTING, COUNTABLE = 0.15, 70_000
"""Share of the time for deciding when how many packages are released, with everything else in parts, and how many
columns a program may have for which that is tried: with 108,000, nothing came of a minute."""
SEARCHING = 0.06
"""Share of the time left for a local search instead, where there are more."""
FAR = 0.01
"""Relative distance from the best at which packages are not handed on: orders that are not held make up for less."""
TELLING = 20.0
"""Seconds that one look at all payments to come may take."""
ENOUGH = 1e-3
"""Relative gap at which releases count as decided."""
SPARE = 0.01
"""Share of a package's target value that stays free at both ends where several are released at once."""
_TORN = 1e-6


@dataclass(frozen=True)
class Packed:
    """Packages with contents, periods and payers, and the relaxation that is near them."""

    bundles: tuple[Bundle, ...]
    relaxed: Relaxed


def whole_packages(master: Master, relaxed: Relaxed, limits: Limits, stop: Callable[[], bool]) -> list[Packed]:
    """Packages near a relaxation, all of them paid; offers are accepted or not. One or two answers, to be compared.

    Every way to make releases whole is tried with what leaves first released first, then the best of them with contents
    decided by a program. What counts is the relaxation with the packages that come out, as some are paid late; but with
    orders held, late content costs more than it has to, so the best of each kind is handed on.
    """
    rows = master.rows
    if rows.policy is None:
        return [Packed((), relaxed)]
    few = 0 < relaxed.x[rows.names["released"]].sum() < FEW and len(rows.tables.need_index) * rows.T <= ANY_TIME
    if few:
        relaxed = at_any_time(master, relaxed)
    batches = first_batches(master.batches, len(relaxed.x) - rows.standing.count)
    standing = relaxed.x[: rows.standing.count]
    chosen = chosen_proposals(rows, standing)
    search = _Search(master, batches, relaxed, chosen, limits=limits, stop=stop, few=few)
    ways = countings(rows, standing, chosen)
    whole, good = search.whole_releases()
    if good:
        search.try_all([*whole, *ways[:BESIDE]])
        search.decide()
    if not search.complete:
        search.try_all(ways[BESIDE:] if good else [*whole, *ways])
        if not whole:
            search.look_nearby()
        search.decide()
    found = [tried for tried in (search.first, search.decided) if tried is not None]
    least = min((tried.value for tried in found), default=0.0)
    found = [tried for tried in found if tried.value <= (1 + FAR) * least]
    if not found:
        return [Packed(tuple(contents(master.pricing, batches, relaxed.x, ways[-1], chosen)), relaxed)]
    return [Packed(tried.bundles, replace(relaxed, value=tried.value, x=tried.x)) for tried in found]


@dataclass(frozen=True)
class _Tried:
    """Packages, the relaxation's value with them, and its solution."""

    value: float
    bundles: tuple[Bundle, ...]
    x: Vector


@dataclass(frozen=True)
class _Way:
    """A way to make releases whole: the relaxation with it, its value, and the value with its first packages."""

    counts: Floats
    x: Vector
    value: float
    first: float


class _Search:
    """Packages of one relaxation: the best with what leaves first released first, and with contents decided."""

    def __init__(
        self,
        master: Master,
        batches: Sequence[Batch],
        relaxed: Relaxed,
        chosen: Floats,
        *,
        limits: Limits,
        stop: Callable[[], bool],
        few: bool = False,
    ) -> None:
        """`few`: there are few packages, so that as many dear columns stay as can be."""
        self.pricing, self.rows, self.batches, self.chosen = master.pricing, master.rows, batches, chosen
        self.limits, self.stop, self.until = limits, stop, now() + limits.seconds
        self.value = relaxed.value
        held, begin = orders_held(master, batches, relaxed, chosen), master.rows.standing.count
        for dear in (*DEARER, DEAR) if few else (DEAR,):
            self.small = without_dear(held, begin, relaxed, dear)
            if _free(self.small) <= COUNTABLE:
                break
        self.large = without_dear(held, begin, relaxed, max(dear, DEAREST))
        self.first: _Tried | None = None
        self.decided: _Tried | None = None
        self.complete = False
        """Whether donors were found for packages as they were decided, or nearly so."""
        self._ways, self._done, self._full = list[_Way](), list[Floats](), list[Floats]()

    def whole_releases(self) -> tuple[list[Floats], bool]:
        """New packages by period, decided by a program in which contents and payments are amounts.

        With packages that are neither nearly full nor nearly too small if that costs little, as whole units fit into
        these best. None where the program is too large or nothing was found in time; and whether no way is much better.
        """
        if _free(self.small) > COUNTABLE:
            return [], False
        released = self.rows.names["released"]
        whole = np.zeros(len(self.small.cost), dtype=bool)
        whole[released.ravel()] = True
        limits = replace(self.limits, seconds=COUNTING * self.limits.seconds, gap=min(self.limits.gap, ENOUGH))
        best: tuple[float, Floats, bool] | None = None
        for room in (ROOM, 0.0):
            if self.stop():
                break
            program, free = roomy(replace(self.small, whole=whole), self.rows, room).compressed()
            answer = run(program, limits, stop=self.stop)
            log.debug("whole releases, room %g: %s, bound %s", room, answer.objective, answer.bound)
            if answer.x is None or answer.objective is None:
                continue
            x = np.round(self.small.completed(free, answer.x)[released])
            if best is None or answer.objective < best[0] * (1 - ENOUGH):
                best = answer.objective, x, answer.end == "optimal"
            if best[0] <= self.value * (1 + ENOUGH):
                best = (*best[:2], True)
                break
        return ([], False) if best is None else ([best[1]], best[2])

    def try_all(self, ways: Sequence[Floats]) -> None:
        """Ways to make releases whole, what leaves first released first; the best so far without room as well, once."""
        latest = now() + TRYING * self.limits.seconds
        for counts in ways:
            if self.stop() or (self.first is not None and now() > latest):
                break
            self._try(counts, SPARE)
        best = min(self._ways, key=lambda way: way.first, default=None)
        if best is not None and not self.stop() and not _among(best.counts, self._full):
            self._full.append(best.counts)
            self._try(best.counts, 0.0)

    def _try(self, counts: Floats, spare: float) -> None:
        x, value = solved(releasing(self.small, self.rows, counts, spare), self._limits(), self.stop)
        if x is not None:
            tried = self._judged(contents(self.pricing, self.batches, x, counts, self.chosen))
            worth = np.inf if tried is None else tried.value
            log.debug("%d releases: %.6g, with first packages %.6g", counts.sum(), value, worth)
            self.first = _better(self.first, tried)
            self._ways.append(_Way(counts, x, value, worth))

    def look_nearby(self) -> None:
        """Releases near the best way that are better, for programs too large for branch and bound."""
        best = min(self._ways, key=lambda way: way.value, default=None)
        if best is None or self.stop():
            return
        until = now() + SEARCHING * (self.until - now())
        search = ReleaseSearch(self.small, self.rows, self._limits(), lambda: now() > until or self.stop())
        found = search.run([best.counts])
        if found is not None and not _among(search.counts, [way.counts for way in self._ways]):
            self._try(search.counts, SPARE)

    def decide(self) -> None:
        """The ways that might be best once more, with contents decided.

        What first come, first served makes of a way says little: the more packages, the harder it is to pay for them.
        """
        ways: list[_Way] = []
        least = min((way.value for way in self._ways), default=0.0)
        for way in sorted(self._ways, key=lambda way: self._rank(way, least)):
            if not _among(way.counts, [*(other.counts for other in ways), *self._done]):
                ways.append(way)
        for way in ways[:DECIDED]:
            self._done.append(way.counts)
            form = None if self.stop() else filling(self.pricing, self.batches, way.x, way.counts)
            if form is None:
                continue
            for lost in self._lost():
                if self.stop():
                    break
                tried, worth = self._decide(way, form, lost)
                self.decided = _better(self.decided, tried)
                if tried is not None and tried.value <= worth + AS_GOOD * abs(worth):
                    self.complete = True
                    break
            if self.decided is not None and self.decided is _better(self.first, self.decided):
                break  # another way could hardly be better still

    def _rank(self, way: _Way, least: float) -> tuple[bool, float, float]:
        """Among ways that are about as good as the least one, by how far packages are from their target on average."""
        policy, value = self.rows.policy, way.x[self.rows.names["content_value"]].sum()
        assert policy is not None
        near = way.value <= least + NEAR * abs(least)
        return not near, abs(value / max(1.0, way.counts.sum()) - policy.target_usd_m) if near else 0.0, way.value

    def _lost(self) -> list[float]:
        """Shares of all money that contents leave, one after the other."""
        policy, total = self.rows.policy, sum(purse.amount for purse in self.rows.purses)
        assert policy is not None
        target = policy.target_usd_m / max(_TORN, total)
        return [min(most, packages * target) for packages, most in zip(LEFT, LOST, strict=True)]

    def _decide(self, way: _Way, form: Filling, lost: float) -> tuple[_Tried | None, float]:
        """One way with contents decided by a program that leaves a share of the money, and donors found for them.

        And what the program says of the contents.
        """
        whole = short(releasing(self.small, self.rows, way.counts, SPARE), self.rows, lost)
        left = replace(self.limits, seconds=DECIDING * (self.until - now()))
        made, worth, units = filled(beside(whole, form), form, way.x, left, self.stop)
        if units is None:
            return None, worth
        teller = Teller(self.rows, replace(self.limits, seconds=TELLING), self.stop)
        bundles = contents(self.pricing, self.batches, made, way.counts, self.chosen, units, teller=teller)
        tried = self._judged(bundles)
        told = (way.counts.sum(), len(bundles), lost, tried and tried.value)
        log.debug("%d releases: %d packages with contents decided, %g of the money left: %s", *told)
        return tried, worth

    def _limits(self) -> Limits:
        return replace(self.limits, seconds=max(1.0, self.until - now()))

    def _judged(self, bundles: list[Bundle]) -> _Tried | None:
        """The packages with the relaxation's value, None if it has no solution with them."""
        rows = self.rows
        number = {period: r for r, period in enumerate(rows.releases.tolist())}
        counts, chosen = np.zeros(len(number)), np.zeros((len(rows.proposed), len(number)))
        decided: dict[int, dict[int, int]] = {}
        for bundle in bundles:
            r = number[bundle.period]
            if bundle.status == "proposed":
                chosen[rows.proposed.index(bundle.package), r] = 1.0
            else:
                counts[r] += 1
                content = decided.setdefault(r, {})
                for name, units in bundle.content.items():
                    need = rows.tables.need_index[name]
                    content[need] = content.get(need, 0) + units
        program = self.large.held(rows.names["proposed_released"].ravel(), chosen.ravel())
        program = releasing(program, rows, counts, 0.0)
        # a late package may hold what cannot leave any more: that is not forbidden, it saves nothing
        upper = program.upper.copy()
        upper[rows.names["credit"][:, -1]] = np.inf
        program = replace(program, upper=upper)
        count = len(program.cost)
        form = filling(self.pricing, self.batches, np.zeros(count), counts, decided)
        if form is not None:
            pairs = zip(form.release.tolist(), form.need.tolist(), strict=True)
            held = np.array([float(decided[r][n]) for r, n in pairs])
            program = beside(program, form).held(count + np.arange(len(held)), held)
        x, value = solved(program.relaxed(), self._limits(), self.stop)
        return None if x is None else _Tried(value, tuple(bundles), x[:count])


def _free(program: Program) -> int:
    """How many columns are not held."""
    return int(np.count_nonzero(program.lower < program.upper))


def _among(counts: Floats, others: Sequence[Floats]) -> bool:
    return any(np.array_equal(counts, other) for other in others)


def _better(one: _Tried | None, other: _Tried | None) -> _Tried | None:
    if one is None or other is None:
        return one or other
    return other if other.value < one.value else one
