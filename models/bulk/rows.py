"""The rows of the bulk model, by rule, and the columns that are always there (stock, output, money, acceptance).

    stock_balance[i,t]:   stock[i,t] − stock[i,t−1] − Σ made + Σ taken = what comes in anyway
    line_capacity[l,t], component_supply[k,t] (as a balance), readiness_floor[i,t] (with its shortfall)
    ordered_quantity[o], needed_quantity[n]: served at most once; equal where a promise binds
    review_capacity[u,e]: effort of cases submitted from u on and approved by e, as a balance that is bounded
    dispatch_after_release[c,t]: value of new content that left by t ≤ value of it released in time, by category
    fully_funded[c,r], free_money[r], within_pledge[g], package_value[r], releases_per_period[r], released_once
    offer_quantity[v], replacement_on_time[v], lane_capacity[a,t], plan_change[d,i,t] (committed units kept)

Content has no need and release at once: by category, what may leave is a balance of money's worth. Whatever keeps it is
split by first come, first served into contents of each release, so without whole units nothing is lost by it.

Relaxed against `problem.md`: pledges that are alike in dates and earmark are one purse, without donors' number and
least contribution; packages of a period are one sum; a case's effort is shared by its orders. The bound of this model
is a bound of the problem. Review is kept for some first periods `u` only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.blocks.packages import dispatchable_from, paying_periods, release_periods, usable
from models.bulk.layout import Layout, Writer
from models.bulk.tables import Ints, Tables

CHAINS = 12
"""First periods of spans of review that have rows."""


@dataclass(frozen=True)
class Purse:
    """Pledges alike in dates and earmark: money, periods of release, category (-1: any), their names."""

    amount: float
    first: int
    last: int
    category: int
    pledges: tuple[str, ...] = ()


@dataclass(frozen=True)
class Funded:
    """Content of a funded package: units of a need from a period on."""

    need: int
    period: int
    units: int


@dataclass(frozen=True)
class Proposal:
    """Content of a proposed package: units of a need."""

    package: int
    need: int
    units: int


class Rows:
    """The layout of an instance, and its standing columns."""

    def __init__(self, tables: Tables, promised: Mapping[str, int] | None = None) -> None:
        """`promised`: units of needs that have to leave, all of them content that is paid already."""
        self.tables = tables
        self._promised_units = dict(promised or {})
        facts = self.facts = tables.facts
        self.T = tables.T
        self.policy = facts.problem.package_policy
        self.layout, self._writer = Layout(), Writer()
        self.categories = sorted({item.category for item in facts.problem.items})
        index = {name: k for k, name in enumerate(self.categories)}
        self.category = np.array([index[item.category] for item in facts.problem.items], dtype=np.int64)
        self._supply()
        self._demands()
        self._review()
        self._money()
        self._offers()
        self._kept()
        self.standing = self._writer.columns()
        self.names = self._writer.names
        del self._writer

    # --- supply -------------------------------------------------------------------------------------------------------

    def _supply(self) -> None:
        tables, add, put, column = self.tables, self.layout.add, self._writer.put, self._writer.add
        T, inflow = self.T, tables.inflow.astype(float)
        balance = add("stock_balance", inflow, inflow)
        hard, wanted = tables.floors
        most = tables.floors[0][:, None] + np.cumsum(inflow, axis=1) + tables.arriving
        stock = column("stock", np.zeros_like(inflow), np.tile(hard[:, None], (1, T)).astype(float), most)
        put(balance, stock, 1.0)
        put(balance[:, 1:], stock[:, :-1], -1.0)
        line, item, each = tables.making
        free = np.flatnonzero(~tables.steady)
        ub = (tables.slots[line[free]] // each[free][:, None]).astype(float)
        made = column("made", np.zeros(ub.shape), np.zeros(ub.shape), ub)
        self.free = free
        put(balance[item[free]], made, -1.0)
        lines = np.unique(line[free])
        slots = tables.slots[lines]
        capacity = add("line_capacity", np.full(slots.shape, -np.inf), slots.astype(float))
        put(capacity[np.searchsorted(lines, line[free])], made, each[free][:, None].astype(float))
        facts = self.facts
        cumulative = np.array(
            [facts.component_cumulative[row.component] for row in facts.problem.components], dtype=float
        ).reshape(-1, T)
        fresh = np.diff(cumulative, axis=1, prepend=0.0)
        parts = add("component_supply", fresh, fresh)
        left = column("component_left", np.zeros(fresh.shape), np.zeros(fresh.shape), cumulative)
        put(parts, left, 1.0)
        put(parts[:, 1:], left[:, :-1], -1.0)
        position = np.full(len(line), -1, dtype=np.int64)
        position[free] = np.arange(len(free))
        for i, k, units in zip(*tables.using, strict=True):
            for m in np.flatnonzero(item == i):
                put(parts[k], made[position[m]], float(units))
        short = np.flatnonzero(tables.short)
        weight = 0.0 if facts.problem.readiness is None else facts.problem.readiness.weight
        cost = weight * tables.price[short][:, None] * np.array(facts.calendar.weeks, dtype=float)[None, :]
        floor = np.tile(wanted[short][:, None], (1, T)).astype(float)
        rows = add("readiness_floor", floor, np.full(floor.shape, np.inf))
        lack = column("shortfall", cost, np.zeros(floor.shape), floor)
        put(rows, lack, 1.0)
        put(rows, stock[short], 1.0)

    # --- demands ------------------------------------------------------------------------------------------------------

    def _demands(self) -> None:
        tables, add = self.tables, self.layout.add
        orders = tables.orders
        most = np.where(orders.complete, 1.0, orders.quantity)
        rows = add("ordered_quantity", np.where(orders.firm, most, -np.inf), most)
        # a promise that the columns at hand cannot keep yet, here and below: dear, and at 0 in the end
        promised = np.flatnonzero(orders.firm)
        dear = np.full(len(promised), 1.0 + 2.0 * float(np.max(orders.saving, initial=1.0)))
        dear = dear * np.where(orders.complete[promised], orders.quantity[promised], 1.0)
        broken = self._writer.add("promise_broken", dear, np.zeros(len(promised)), most[promised])
        self._writer.put(rows[promised], broken, 1.0)
        facts = self.facts
        self.funded = [
            Funded(tables.need_index[need], period, units)
            for need, entries in facts.funded.items()
            for period, units in entries
            if units and period < self.T
        ]
        reserved = np.zeros(len(tables.need_index))
        for need, entries in facts.funded.items():
            reserved[tables.need_index[need]] += sum(units for _, units in entries)
        quantity = np.array([need.quantity for need in facts.problem.needs], dtype=float)
        open_units = np.maximum(0.0, quantity - reserved)
        add("needed_quantity", np.full(quantity.shape, -np.inf), open_units)
        units = np.array([f.units for f in self.funded], dtype=float)
        add("funded_content", np.full(units.shape, -np.inf), units)
        index = tables.need_index
        self.promised = np.full(len(index), -1, dtype=np.int64)
        least = sorted((index[need], float(count)) for need, count in self._promised_units.items() if count)
        held = np.array([u for _, u in least])
        kept = add("promised_units", held, np.full(len(least), np.inf))
        self.promised[[n for n, _ in least]] = kept
        dearest = 1.0 + 2.0 * float(np.max(tables.ways.saving, initial=1.0))
        missing = self._writer.add("content_left", np.full(len(least), dearest), np.zeros(len(least)), held)
        self._writer.put(kept, missing, 1.0)
        _, tonnes = tables.lanes
        add("lane_capacity", np.full(tonnes.shape, -np.inf), tonnes)

    def _review(self) -> None:
        tables, T = self.tables, self.T
        orders = tables.orders
        waiting = orders.effort > 0
        begins = np.unique(orders.submitted[waiting])
        begins = begins[begins < T]
        if len(begins) > CHAINS:
            begins = begins[np.unique(np.linspace(0, len(begins) - 1, CHAINS).astype(int))]
        self.chains: Ints = begins
        capacity = np.array(self.facts.review_capacity, dtype=float) if waiting.any() else np.zeros(T)
        room = np.array([np.where(np.arange(T) >= s, np.cumsum(np.where(np.arange(T) >= s, capacity, 0.0)), 0.0)
                         for s in begins]).reshape(-1, T)  # fmt: skip
        rows = self.layout.add("review_capacity", np.zeros(room.shape), np.zeros(room.shape))
        done = self._writer.add("reviewed", np.zeros(room.shape), np.zeros(room.shape), room)
        self._writer.put(rows, done, -1.0)
        self._writer.put(rows[:, 1:], done[:, :-1], 1.0)

    # --- money --------------------------------------------------------------------------------------------------------

    def _money(self) -> None:
        facts, policy, T = self.facts, self.policy, self.T
        self.releases: Ints = np.zeros(0, dtype=np.int64)
        self.leaves_from: Ints = np.zeros(0, dtype=np.int64)
        self.purses: list[Purse] = []
        self.paying: list[Ints] = []
        """By purse: the releases that it may pay for."""
        self.proposed = [] if policy is None else [p.package for p in facts.problem.packages if p.status == "proposed"]
        if policy is not None:
            self.releases = np.array(release_periods(facts), dtype=np.int64)
            self.leaves_from = np.array([dispatchable_from(facts, int(t)) for t in self.releases], dtype=np.int64)
            self.purses = self._alike()
        count, R = len(self.categories), len(self.releases)
        add, column, put = self.layout.add, self._writer.add, self._writer.put
        free = np.full((count, R), np.inf)
        pay = add("fully_funded", np.zeros((count, R)), free)
        pool = add("free_money", np.zeros(R), np.full(R, np.inf))
        total = sum(purse.amount for purse in self.purses)
        moved = column("free_paid", np.zeros((count, R)), np.zeros((count, R)), np.full((count, R), total))
        put(pay, moved, 1.0)
        put(np.tile(pool, (count, 1)), moved, -1.0)
        purse_rows = add("within_pledge", np.full(len(self.purses), -np.inf), np.array([p.amount for p in self.purses]))
        for k, purse in enumerate(self.purses):
            inside = np.flatnonzero((self.releases >= purse.first) & (self.releases <= purse.last))
            self.paying.append(inside)
            paid = column(f"pays {k}", np.zeros(len(inside)), np.zeros(len(inside)), np.full(len(inside), purse.amount))
            put(np.full(len(inside), purse_rows[k]), paid, 1.0)
            put(pool[inside] if purse.category < 0 else pay[purse.category, inside], paid, 1.0)
        low, high, most_new, most = 0.0, 0.0, 0.0, 0.0
        if policy is not None:
            low, high = policy.target_usd_m * (1 - policy.tolerance), policy.target_usd_m * (1 + policy.tolerance)
            most_new = float(policy.max_new)
            limit = policy.max_releases_per_period
            most = float(len(self.proposed) + policy.max_new if limit is None else limit)
        worth = column(
            "content_value", np.zeros((count, R)), np.zeros((count, R)), np.full((count, R), high * most_new)
        )
        put(pay, worth, -1.0)
        credit = add("dispatch_after_release", np.zeros((count, T)), np.zeros((count, T)))
        top = np.full((count, T), high * most_new)
        top[:, -1:] = 0.0  # promise_kept: nothing is released that does not leave
        waiting = column("credit", np.zeros((count, T)), np.zeros((count, T)), top)
        put(credit, waiting, 1.0)
        put(credit[:, 1:], waiting[:, :-1], -1.0)
        put(credit[:, self.leaves_from], worth, -1.0)
        least_value = add("package_value_least", np.zeros(R), np.full(R, np.inf))
        most_value = add("package_value_most", np.full(R, -np.inf), np.zeros(R))
        released = column("released", np.zeros(R), np.zeros(R), np.full(R, min(most, most_new)))
        put(np.tile(least_value, (count, 1)), worth, 1.0)
        put(np.tile(most_value, (count, 1)), worth, 1.0)
        put(least_value, released, -low)
        put(most_value, released, -high)
        once = add("new_packages", np.full(1, -np.inf), np.full(1, most_new))
        put(np.full(R, once[0]), released, 1.0)
        put(add("releases_per_period", np.full(R, -np.inf), np.full(R, most)), released, 1.0)
        self._proposals()
        # nothing is dear enough not to fit into a package where none may be made
        self.highest = high if policy is not None and policy.max_new > 0 and R else -1.0

    def _proposals(self) -> None:
        """proposed_released[p,r] lets content leave, need by need, and all of it leaves: a balance that ends at 0."""
        facts, tables, T, R = self.facts, self.tables, self.T, len(self.releases)
        rows, add, column, put = self.layout.rows, self.layout.add, self._writer.add, self._writer.put
        count = len(self.proposed)
        once = add("released_once", np.full(count, -np.inf), np.ones(count))
        chosen = column("proposed_released", np.zeros((count, R)), np.zeros((count, R)), np.ones((count, R)))
        put(np.tile(once[:, None], (1, R)), chosen, 1.0)
        put(np.tile(rows["releases_per_period"], (count, 1)), chosen, 1.0)
        self.proposals = [
            Proposal(p, tables.need_index[need], units)
            for p, name in enumerate(self.proposed)
            for need, units in facts.package_contents[name].items()
            if units
        ]
        units = np.array([entry.units for entry in self.proposals], dtype=float)
        price = np.array([tables.price[tables.item_index[facts.problem.needs[entry.need].item]]
                          for entry in self.proposals])  # fmt: skip
        package = np.array([entry.package for entry in self.proposals], dtype=np.int64)
        category = np.array([self.category[tables.item_index[facts.problem.needs[entry.need].item]]
                             for entry in self.proposals], dtype=np.int64)  # fmt: skip
        self.proposed_worth = np.zeros((count, len(self.categories)))
        np.add.at(self.proposed_worth, (package, category), units * price)
        balance = add("promise_kept", np.zeros((len(units), T)), np.zeros((len(units), T)))
        top = np.tile(units[:, None], (1, T))
        top[:, -1:] = 0.0
        waiting = column("promised", np.zeros((len(units), T)), np.zeros((len(units), T)), top)
        put(balance, waiting, 1.0)
        put(balance[:, 1:], waiting[:, :-1], -1.0)
        for k, entry in enumerate(self.proposals):
            mine = chosen[entry.package]
            put(balance[k, self.leaves_from], mine, -float(entry.units))
            item = tables.item_index[facts.problem.needs[entry.need].item]
            put(rows["fully_funded"][self.category[item]], mine, -entry.units * tables.price[item])
            put(np.full(R, rows["needed_quantity"][entry.need]), mine, float(entry.units))

    def _alike(self) -> list[Purse]:
        index = {name: k for k, name in enumerate(self.categories)}
        groups: dict[tuple[int, int, int], list[tuple[str, float]]] = defaultdict(list)
        for pledge in self.facts.problem.pledges:
            window = paying_periods(self.facts, pledge)
            if usable(self.facts, pledge) and window:
                mark = -1 if pledge.earmark is None else index.get(pledge.earmark, -2)
                if mark >= -1:
                    groups[window[0], window[-1], mark].append((pledge.pledge, pledge.amount_usd_m))
        return [
            Purse(sum(amount for _, amount in mine), first, last, mark, tuple(name for name, _ in mine))
            for (first, last, mark), mine in groups.items()
        ]

    # --- offers, commitments ------------------------------------------------------------------------------------------

    def _offers(self) -> None:
        facts, tables, T = self.facts, self.tables, self.T
        offers = facts.problem.offers
        add, column, put = self.layout.add, self._writer.add, self._writer.put
        accepted = np.array([1.0 if o.status == "accepted" else 0.0 for o in offers])
        chosen = column("accepted", np.zeros(len(offers)), accepted, np.ones(len(offers)))
        given = add("offer_quantity", np.full(len(offers), -np.inf), np.zeros(len(offers)))
        put(given, chosen, -np.array([o.quantity for o in offers], dtype=float))
        back = add("replacement_on_time", np.zeros(len(offers)), np.zeros(len(offers)))
        put(back, chosen, -np.array([o.replacement_quantity for o in offers], dtype=float))
        balance = self.layout.rows["stock_balance"]
        self.replacing: list[tuple[int, int, int]] = []
        """(offer, period, how many of the committed units: -1 for any unit)."""
        costs, tops = [], []
        for k, offer in enumerate(offers):
            for t in range(min(T, facts.replacement_deadline(offer) + 1)):
                self.replacing.append((k, t, -1))
                costs.append(0.0)
                tops.append(float(offer.replacement_quantity))
                units = facts.committed.get((offer.offer, offer.replacement_item, t), 0)
                if units:
                    self.replacing.append((k, t, units))
                    costs.append(-facts.change_cost(offer.replacement_item, t))
                    tops.append(float(units))
        made = column("replaced", np.array(costs), np.zeros(len(costs)), np.array(tops))
        who = np.array([k for k, _, _ in self.replacing], dtype=np.int64)
        when = np.array([t for _, t, _ in self.replacing], dtype=np.int64)
        item = np.array([tables.item_index[o.replacement_item] for o in offers], dtype=np.int64)
        if len(who):
            put(back[who], made, 1.0)
            put(balance[item[who], when], made, 1.0)

    def _kept(self) -> None:
        """Rows for committed units of needs: what is kept of them, over all ways and contents."""
        tables = self.tables
        self.kept: dict[tuple[int, int, int], int] = {}
        units: list[float] = []
        for (demand, item, t), quantity in self.facts.committed.items():
            if demand in tables.need_index:
                self.kept[tables.need_index[demand], tables.item_index[item], t] = len(units)
                units.append(float(quantity))
        self.layout.add("plan_change", np.full(len(units), -np.inf), np.array(units))

    @property
    def committed_cost(self) -> float:
        """What is paid if no committed unit is kept."""
        facts = self.facts
        return sum(facts.change_cost(item, t) * units for (_, item, t), units in facts.committed.items())
