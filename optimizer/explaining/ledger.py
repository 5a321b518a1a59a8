"""The queue ledger: who passed whom, by how many weeks, on which line, and by what right.

*a passed b* means: in the case compared with, a leaves the pool later than b; in the plan it leaves sooner; they ask
for one item, or for items that one line makes; and their windows overlap, so that both could want the same slots.
When a demand leaves is the mean week over the units it asks of the pool (`turns.leaving`). By definition a passed b
exactly if b was passed by a.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from models.plan import Kind, Plan
from models.problem import Problem
from optimizer.explaining.facts import Facts
from optimizer.explaining.overtaking import Overtaken, Standing, overtaken
from optimizer.explaining.rights import Right, Side, contribution, right_of
from optimizer.explaining.sides import Past, Sides, lines_of
from optimizer.explaining.turns import Key, committed, leaving

Case = Literal["first_come_first_served", "plan_before", "other_plan"]
"""What a plan is compared with: the practice before, `commitments`, or another plan."""
MOST, ABOUT = 100, 20_000
"""The strongest passes kept of each demand, either way: at most `MOST`, fewer where there are many demands, so that
about `ABOUT` are kept; never fewer than `LEAST`."""
LEAST = 3


@dataclass(frozen=True, slots=True)
class Pass:
    """`passer` left `behind` weeks after `passed` in the case compared with, and leaves `ahead` weeks before it now.

    `lines`: those that make both items, empty where neither is made; `slots`: what both want, the smaller of the two,
    and `value_usd_m` what these are worth to the one that was passed;
    `contribution`: the score behind a right by weight (`rights.contribution`); `weights` of passer and passed.
    """

    passer: Key
    passed: Key
    lines: tuple[str, ...]
    behind: float
    ahead: float
    slots: int
    value_usd_m: float
    right: Right
    contribution: str
    weights: tuple[float, float]

    @property
    def weeks(self) -> float:
        """By how many weeks the two have changed places: behind before + ahead now."""
        return self.behind + self.ahead

    @property
    def strength(self) -> float:
        """How much changed places for how long, in million USD × weeks."""
        return self.weeks * self.value_usd_m


@dataclass(frozen=True, slots=True)
class Entry:
    """One demand in the ledger: mean week of leaving `before` and `now`, None where it stands in no queue.

    `passed`, `passed_by`: the strongest, first; `passed_count`, `passed_by_count`: of all; `gained`, `lost`: million
    USD × weeks of all.
    """

    key: Key
    recipient: str
    item: str
    before: float | None
    now: float | None
    passed: tuple[Pass, ...] = ()
    passed_by: tuple[Pass, ...] = ()
    passed_count: int = 0
    passed_by_count: int = 0
    gained: float = 0.0
    lost: float = 0.0

    @property
    def harmed(self) -> bool:
        """Whether it was passed and is later against its date than before: otherwise the passing cost it nothing."""
        return any(row.right != "no_loss" for row in self.passed_by)


@dataclass(frozen=True)
class Ledger:
    """The whole ledger of one plan against one case; `passes` and `entries` hold the strongest passes, first.

    `until`: the week up to which the case is known (the end of the horizon, or of the commitments).
    """

    case: Case
    until: float
    passes: tuple[Pass, ...]
    entries: dict[Key, Entry]

    def of(self, kind: Kind, demand: str) -> Entry:
        """What the ledger says of a demand. Raises `KeyError` for one that the plan does not know."""
        return self.entries[kind, demand]

    @cached_property
    def pairs(self) -> int:
        """All pairs in which one passed the other, those that are not kept included."""
        return sum(entry.passed_count for entry in self.entries.values())

    @property
    def left_out(self) -> int:
        """Pairs that are counted and not kept."""
        return self.pairs - len(self.passes)


def ledger(problem: Problem, plan: Plan, facts: Facts, before: Facts, case: Case = "first_come_first_served") -> Ledger:
    """The ledger of a plan (with its `facts`) against another plan for the same demands.

    A demand that the other plan does not know (a new order, an offer not accepted there) stood behind everybody.
    """
    until = float(facts.calendar.week(facts.calendar.count))
    then = {(demand.kind, demand.demand): demand for demand in before.demands}
    return _ledger(problem, plan, facts, case, Past(leaving(before, problem.start, until), until, then))


def ledger_of_commitments(problem: Problem, plan: Plan, facts: Facts) -> Ledger | None:
    """The ledger against the plan before, as far as `commitments` tell it; None without any in the horizon."""
    weeks, until = committed(problem, facts)
    return None if until <= 0 else _ledger(problem, plan, facts, "plan_before", Past(weeks, until, {}))


def _ledger(problem: Problem, plan: Plan, facts: Facts, case: Case, past: Past) -> Ledger:
    now = leaving(facts, problem.start, past.until)
    lines = lines_of(problem)
    sides = Sides(problem, plan, facts, now, past).all()
    groups = _groups(sides, lines)
    most = max(LEAST, min(MOST, ABOUT // max(1, len(sides))))
    passes: list[Pass] = []
    counted: dict[Key, tuple[int, int, float, float]] = {}
    for group in groups:
        found = overtaken(_standing(group, lines), most)
        passes += [_pass(problem, facts, group[a], group[b], lines) for a, b in found.pairs]
        counted.update(_counts(group, found))
    passes.sort(key=lambda row: (-row.strength, row.passer, row.passed))
    return Ledger(case, past.until, tuple(passes), _entries(facts, past.weeks, now, passes, counted))


def _counts(group: list[Side], found: Overtaken) -> dict[Key, tuple[int, int, float, float]]:
    return {
        (side.kind, side.demand): (
            int(found.passed[at]),
            int(found.passed_by[at]),
            float(found.gained[at]),
            float(found.lost[at]),
        )
        for at, side in enumerate(group)
    }


def _entries(
    facts: Facts,
    before: Mapping[Key, float],
    now: Mapping[Key, float],
    passes: list[Pass],
    counted: Mapping[Key, tuple[int, int, float, float]],
) -> dict[Key, Entry]:
    ahead: dict[Key, list[Pass]] = defaultdict(list)
    behind: dict[Key, list[Pass]] = defaultdict(list)
    for row in passes:
        ahead[row.passer].append(row)
        behind[row.passed].append(row)
    found = {}
    for demand in facts.demands:
        key = (demand.kind, demand.demand)
        found[key] = Entry(
            key,
            demand.recipient,
            demand.item,
            before.get(key),
            now.get(key),
            tuple(ahead.get(key, ())),
            tuple(behind.get(key, ())),
            *counted.get(key, (0, 0, 0.0, 0.0)),
        )
    return found


def _pass(problem: Problem, facts: Facts, a: Side, b: Side, lines: Mapping[str, dict[str, int]]) -> Pass:
    right = right_of(a, b)
    shared = tuple(line for line in lines.get(a.item, {}) if line in lines.get(b.item, {}))
    by = contribution(a, b, facts.priorities, problem.weights) if right in ("weight", "slot_worth") else ""
    return Pass(
        (a.kind, a.demand),
        (b.kind, b.demand),
        shared,
        round(a.before - b.before, 6),
        round(b.now - a.now, 6),
        min(a.slots, b.slots),
        min(a.slots, b.slots) * b.price / b.slots_each,
        right,
        by,
        (a.weight, b.weight),
    )


def _groups(sides: list[Side], lines: Mapping[str, dict[str, int]]) -> list[list[Side]]:
    """Demands of items that are linked by lines, directly or through others; in the order of the sides."""
    root = {item: item for item in lines}

    def find(item: str) -> str:
        while root[item] != item:
            root[item] = root[root[item]]
            item = root[item]
        return item

    first: dict[str, str] = {}
    for item, made_on in lines.items():
        for line in made_on:
            root[find(item)] = find(first.setdefault(line, item))
    found: dict[str, list[Side]] = defaultdict(list)
    for side in sides:
        found[find(side.item)].append(side)
    return [group for group in found.values() if len(group) > 1]


def _standing(group: list[Side], lines: Mapping[str, dict[str, int]]) -> Standing:
    items = list(dict.fromkeys(side.item for side in group))
    number = {item: at for at, item in enumerate(items)}
    shares = np.array([[a == b or not lines[a].keys().isdisjoint(lines[b]) for b in items] for a in items])
    return Standing(
        before=np.array([side.before for side in group]),
        now=np.array([side.now for side in group]),
        opens=np.array([side.opens for side in group]),
        closes=np.array([side.closes for side in group]),
        slots=np.array([float(side.slots) for side in group]),
        worth=np.array([side.price / side.slots_each for side in group]),
        kinds=np.array([number[side.item] for side in group], dtype=np.int64),
        shares=None if bool(shares.all()) else shares,
    )
