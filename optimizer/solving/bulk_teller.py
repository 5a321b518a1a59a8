"""Who pays for the packages of a period, so that there are donors for the later ones as well.

Two programs. The first is a linear one over all releases to come: which pledge pays how much of which category when. It
knows dates, earmarks and amounts, but not donors, as a pledge that pays little is one as well. So it is solved a few
times, each time counting a pledge in a period by what it paid there before: dynamic slope scaling (Kim & Pardalos, "A
solution approach to the fixed charge network flow problem using a dynamic slope scaling procedure", 1999). The second
deals with the packages of one period: whole donors, at most so many a package, each with the least contribution or
more, near what the first says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from models.bulk.desk import Paid
from models.bulk.rows import Rows
from models.bulk.tables import Floats, Ints
from models.listing.funding import Purse, Share
from models.matrix import Vector
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Program

SPLIT = 1.5
"""Donors of a package that the first program does not count on: pledges that are split between packages are two."""
SLOPES, AGAIN = 8, 2
"""How often the first program is solved at first, and when something came otherwise than it said."""
COUNTS = 0.05
"""What a donor weighs in it, in million USD that are short."""
SOONER = 0.02
"""How much more it weighs, for each release that it comes earlier, that money is short."""
CROWDED = 10.0
"""What a donor too many of a period weighs, in million USD that are short."""
SPARE = 12
"""Pledges beside those of the plan that may pay all the same: so many of the largest."""
MISSING = 100.0
"""What a million USD that nobody pays weighs against one that is paid by a pledge that was to pay later."""
SECONDS, ENOUGH = 1.5, 3.0
"""Seconds that the packages of one period may take, and million USD that may be paid otherwise all the same."""
OTHERWISE = 5.0
"""Million USD paid otherwise than planned from which on what is to come is planned anew."""
_DUST, _HALF = 1e-6, 0.5


class Teller:
    """Finds donors for packages, period by period. Used once for one course of packages."""

    def __init__(self, rows: Rows, limits: Limits, stop: Callable[[], bool]) -> None:
        """`limits`: of the programs, `seconds` of each first one; `stop` ends it soon."""
        assert rows.policy is not None
        self.rows, self.policy, self.limits, self.stop = rows, rows.policy, limits, stop
        self._number = {name: c for c, name in enumerate(rows.categories)}
        self._plan: dict[tuple[str, int], float] = {}
        """Million USD by pledge and release, as planned last."""
        self._slope: dict[tuple[str, int], float] = {}
        self._due: Floats = np.zeros((0, 0))
        self._off = np.inf
        """Million USD that came otherwise since then."""

    def pay(
        self, release: int, purses: Sequence[Purse], values: Sequence[Mapping[str, float]], later: Floats
    ) -> list[Paid]:
        """What comes of the packages of one release.

        Args:
            release: its number.
            purses: all pledges that hold anything, those that open later as well.
            values: of each package, million USD by category.
            later: million USD by category and release that packages to come are worth; only those after `release`
                count.
        """
        due = later.copy()
        due[:, : release + 1] = 0.0
        for value in values:
            for category, amount in value.items():
                due[self._number[category], release] += amount
        changed = due.shape != self._due.shape or np.abs(due - self._due)[:, release:].max() > OTHERWISE
        if changed or self._off > OTHERWISE:
            self._plan_all(release, purses, due, len(values))
        period = int(self.rows.releases[release])
        left = {purse.pledge: purse.left for purse in purses}
        planned = {name: min(left[name], v) for (name, r), v in self._plan.items() if r == release and name in left}
        wanted = {None, *(category for value in values for category in value)}
        opened = [p for p in purses if p.first <= period <= p.last and p.earmark in wanted]
        spare = sorted((p for p in opened if p.pledge not in planned), key=lambda purse: -purse.left)[:SPARE]
        chosen = [purse for purse in opened if purse.pledge in planned] + spare
        paid = self._dealt(chosen, planned, values)
        given: dict[str, float] = {}
        for one in paid:
            for name, _, amount in one.shares:
                given[name] = given.get(name, 0.0) + amount
        self._off = sum(abs(given.get(name, 0.0) - planned.get(name, 0.0)) for name in {*given, *planned})
        return paid

    # --- all that is to come ----------------------------------------------------------------------------------------

    def _plan_all(self, release: int, purses: Sequence[Purse], due: Floats, count: int) -> None:
        """Plans who pays for what is due from the release on, in which there are so many packages."""
        first = self._off == np.inf
        self._due, self._off = due, 0.0
        flow = _Flow(self.rows, purses, due, self._number)
        if not len(flow.who):
            self._plan = {}
            return
        packages = np.maximum(1.0, np.round(due.sum(axis=0) / self.policy.target_usd_m))
        packages[release] = max(1, count)
        crowd = np.maximum(1.0, (self.policy.max_donors - SPLIT) * packages)
        names = [(purses[g].pledge, int(r)) for g, r in flow.pairs.tolist()]
        most = self.policy.target_usd_m * (1 + self.policy.tolerance)
        whole = 1.0 / np.minimum(flow.left[flow.pairs[:, 0]], most * packages[flow.pairs[:, 1]])
        slope = np.array([self._slope.get(name, start) for name, start in zip(names, whole.tolist(), strict=True)])
        amount: Vector = np.zeros(len(names))
        for _ in range(SLOPES if first else AGAIN):
            x = run(flow.program(slope, crowd), self.limits, stop=self.stop).x
            if x is None:
                break
            amount = np.bincount(flow.pair, weights=x[: len(flow.who)], minlength=len(names)).astype(float)
            used = amount > _DUST
            slope = np.where(used, 1.0 / np.maximum(amount, max(_DUST, self.policy.min_contribution_usd_m)), slope)
        self._slope.update(zip(names, slope.tolist(), strict=True))
        self._plan = {name: paid for name, paid in zip(names, amount.tolist(), strict=True) if paid > _DUST}

    # --- the packages of one period ---------------------------------------------------------------------------------

    def _dealt(
        self, purses: Sequence[Purse], planned: Mapping[str, float], values: Sequence[Mapping[str, float]]
    ) -> list[Paid]:
        """The second program: whole donors of every package."""
        least, most = self.policy.min_contribution_usd_m, self.policy.target_usd_m * (1 + self.policy.tolerance)
        needed = [(k, category) for k, value in enumerate(values) for category, v in value.items() if v > _DUST]
        G, K, N = len(purses), len(values), len(needed)
        left = np.array([purse.left for purse in purses])
        own = np.array([planned.get(purse.pledge, 0.0) for purse in purses])
        who, what = np.nonzero(
            np.array([[purse.earmark in (None, category) for _, category in needed] for purse in purses], dtype=bool)
            .reshape(G, N)
        )  # fmt: skip
        package = np.array([k for k, _ in needed], dtype=np.int64)
        pair = who * K + package[what]
        J, P = len(who), G * K
        # columns: what is paid, donors of packages, what is missing, what a pledge pays beyond the plan
        pays, gives, lacks, beyond = (int(n) for n in np.cumsum([0, J, P, N]))
        of = [int(n) for n in np.cumsum([0, G, N, P, P])]
        pairs = np.arange(P)
        entries = [
            (of[0] + who, pays + np.arange(J), np.ones(J)),
            (of[0] + np.arange(G), beyond + np.arange(G), -np.ones(G)),
            (of[1] + what, pays + np.arange(J), np.ones(J)),
            (of[1] + np.arange(N), lacks + np.arange(N), np.ones(N)),
            (of[2] + pair, pays + np.arange(J), np.ones(J)),
            (of[2] + pairs, gives + pairs, -np.minimum(most, np.repeat(left, K))),
            (of[3] + pair, pays + np.arange(J), np.ones(J)),
            (of[3] + pairs, gives + pairs, np.full(P, -least)),
            (of[4] + pairs % K, gives + pairs, np.ones(P)),
        ]
        width = beyond + G
        value = np.array([values[k][category] for k, category in needed])
        low = np.concatenate([np.full(G, -np.inf), value, np.full(P, -np.inf), np.zeros(P), np.full(K, -np.inf)])
        high = np.concatenate([own, value, np.zeros(P), np.full(P, np.inf), np.full(K, float(self.policy.max_donors))])
        upper = np.concatenate([np.full(J, np.inf), np.ones(P), value, np.maximum(0.0, left - own)])
        cost = np.concatenate([np.zeros(J + P), np.full(N, MISSING), np.ones(G)])
        whole = np.zeros(width, dtype=bool)
        whole[gives:lacks] = True
        program = Program(
            cost, 0.0, _matrix(entries, (of[4] + K, width)), low, high, np.zeros(width), upper, whole
        )  # fmt: skip
        limits = replace(self.limits, seconds=SECONDS, options=(("mip_abs_gap", ENOUGH),))
        found = run(program, limits, stop=self.stop).x
        if found is None:
            return [Paid((), dict(value)) for value in values]
        return self._read(found, purses, values, _Reading(needed, who, what, gives, lacks))

    def _read(
        self, x: Vector, purses: Sequence[Purse], values: Sequence[Mapping[str, float]], reading: _Reading
    ) -> list[Paid]:
        shares: list[list[Share]] = [[] for _ in values]
        missing: list[dict[str, float]] = [{} for _ in values]
        for n, (k, category) in enumerate(reading.needed):
            lack = float(x[reading.lacks + n])
            if lack > _DUST:
                missing[k][category] = lack
        for j in np.flatnonzero(x[: len(reading.who)] > _DUST).tolist():
            k, category = reading.needed[int(reading.what[j])]
            if x[reading.gives + int(reading.who[j]) * len(values) + k] < _HALF:
                continue  # what the solver's tolerance lets somebody pay who is no donor
            shares[k].append((purses[int(reading.who[j])].pledge, category, float(x[j])))
        return [
            Paid((), lack) if lack else Paid(_exact(tuple(share), value), {})
            for share, lack, value in zip(shares, missing, values, strict=True)
        ]


class _Flow:
    """Money from pledges to categories of releases. `who`, `what`: pledge and need of every payment that may be."""

    def __init__(self, rows: Rows, purses: Sequence[Purse], due: Floats, number: Mapping[str, int]) -> None:
        """`due`: million USD by category and release."""
        self.category, self.when = (found.astype(np.int64) for found in np.nonzero(due > _DUST))
        self.value = due[self.category, self.when]
        first, last = (np.array([getattr(p, name) for p in purses], dtype=np.int64) for name in ("first", "last"))
        self.left = np.array([p.left for p in purses])
        marked = np.array([-1 if p.earmark is None else number.get(p.earmark, -2) for p in purses], dtype=np.int64)
        period = rows.releases[self.when]
        open_ = (first[:, None] <= period) & (period <= last[:, None])
        open_ &= (marked[:, None] == -1) | (marked[:, None] == self.category)
        self.who, self.what = (found.astype(np.int64) for found in np.nonzero(open_))
        both = np.stack([self.who, self.when[self.what]], axis=1)
        self.pairs, pair = np.unique(both, axis=0, return_inverse=True)
        self.pair = pair.reshape(-1)

    def program(self, slope: Vector, crowd: Vector) -> Program:
        """The first program: `slope` by pair of pledge and release, donors at most by release (`crowd`)."""
        releases, place = np.unique(self.when, return_inverse=True)
        G, J, N, R = len(self.left), len(self.who), len(self.value), len(releases)
        columns, each = np.arange(J), slope[self.pair]
        entries = [
            (self.who, columns, np.ones(J)),
            (G + self.what, columns, np.ones(J)),
            (G + N + place[self.what], columns, each),
            (G + np.arange(N), J + np.arange(N), np.ones(N)),
            (G + N + np.arange(R), J + N + np.arange(R), -np.ones(R)),
        ]
        width, free = J + N + R, np.full(R, -np.inf)
        late = 1 + SOONER * (self.when.max(initial=0) - self.when)
        return Program(
            np.concatenate([COUNTS * each, late, np.full(R, CROWDED)]), 0.0, _matrix(entries, (G + N + R, width)),
            np.concatenate([np.full(G, -np.inf), self.value, free]),
            np.concatenate([self.left, self.value, crowd[releases]]),
            np.zeros(width), np.full(width, np.inf), np.zeros(width, dtype=bool),
        )  # fmt: skip


@dataclass(frozen=True)
class _Reading:
    """What columns of the second program mean: (package, category) by need, donor and need by payment."""

    needed: Sequence[tuple[int, str]]
    who: Ints
    what: Ints
    gives: int
    lacks: int


def _exact(shares: tuple[Share, ...], value: Mapping[str, float]) -> tuple[Share, ...]:
    """The shares with the solver's rounding put right: every category is paid to the last digit by its largest one."""
    found = list(shares)
    for category, worth in value.items():
        mine = [k for k, share in enumerate(found) if share[1] == category]
        if mine:
            k = max(mine, key=lambda k: found[k][2])
            rest = sum(found[j][2] for j in mine if j != k)
            found[k] = (found[k][0], category, worth - rest)
    return tuple(found)


def _matrix(entries: Sequence[tuple[Ints, Ints, Floats]], shape: tuple[int, int]) -> sparse.csr_array:
    row, column, value = (np.concatenate([entry[k] for entry in entries]) for k in range(3))
    return sparse.csr_array(sparse.coo_array((value, (row, column)), shape=shape))
