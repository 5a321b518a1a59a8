"""What blocks of a settled program start from: a listed plan as a solution of it, or a relaxation made nearly whole."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from models.bulk.batch import COMPLETE, DIRECT, EACH, FUNDED, GIVEN, Batch
from models.bulk.rows import Rows
from models.bulk.tables import Flags, Ints
from models.matrix import Vector
from models.plan import POOL, Plan
from optimizer.solving.bulk_master import Master
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Program

log = logging.getLogger(__name__)

_TORN = 1e-6
"""Units by which a value is off a whole number that counts as torn."""


def columns_of(master: Master, plan: Plan) -> Vector:
    """Columns of what a plan dispatches, added to the master; values of all columns by it."""
    tables = master.rows.tables
    orders, ways = tables.orders, tables.ways
    sent: Counter[tuple[int, int, int, int]] = Counter()
    last: dict[int, int] = {}
    units: Counter[int] = Counter()
    way_of = {
        (int(ways.need[w]), int(ways.item[w]), int(ways.offer[w]), tables.routes[ways.route[w]].lanes): w
        for w in range(len(ways.need))
    }
    content = _contents(master)
    rows = sorted(plan.dispatches, key=lambda row: row.period)
    for row in rows:
        if row.kind == "order" and row.demand in tables.order_index:
            o = tables.order_index[row.demand]
            if orders.complete[o]:
                units[o] += row.quantity
                last[o] = row.period
            else:
                sent[EACH, o, row.period, -1] += row.quantity
        elif row.kind == "need":
            offer = -1 if row.origin == POOL else tables.offer_index[row.origin]
            way = way_of[tables.need_index[row.demand], tables.item_index[row.item], offer, row.route]
            amount = row.quantity // int(ways.ratio[way])
            if offer >= 0:
                sent[GIVEN, way, row.period, -1] += amount
            else:
                for mark, taken in content(tables.need_index[row.demand], row.period, amount):
                    sent[FUNDED if mark >= 0 else DIRECT, way, row.period, mark] += taken
    for o, t in last.items():
        if units[o] == orders.quantity[o]:
            sent[COMPLETE, o, t, -1] += 1
    keys = list(sent)
    for kind in sorted({key[0] for key in keys}):
        mine = np.array([key[1:] for key in keys if key[0] == kind], dtype=np.int64).reshape(-1, 3)
        master.add([Batch(kind, mine[:, 0].copy(), mine[:, 1].copy(), mine[:, 2].copy())])
    where: dict[tuple[int, int, int, int], int] = {}
    at = master.rows.standing.count
    for batch in master.batches:
        for k, (who, when, mark) in enumerate(
            zip(batch.who.tolist(), batch.when.tolist(), batch.mark.tolist(), strict=True)
        ):
            where[batch.kind, who, when, mark] = at + k
        at += batch.who.size
    x = np.zeros(at)
    for column, amount in sent.items():
        x[where[column]] = amount
    line, item, _ = tables.making
    made = {(row.line, row.item, row.period): row.quantity for row in plan.made}
    problem = tables.facts.problem
    for m, columns in zip(master.rows.free.tolist(), master.rows.names["made"], strict=True):
        name = problem.lines[line[m]].line, problem.items[item[m]].item
        for t, column in enumerate(columns.tolist()):
            x[column] = made.get((*name, t), 0)
    back = {(row.demand, row.period): row.quantity for row in plan.dispatches if row.kind == "replacement"}
    replaced = master.rows.names["replaced"].tolist()
    for (offer, t, committed), column in zip(master.rows.replacing, replaced, strict=True):
        x[column] = back.get((problem.offers[offer].offer, t), 0) if committed < 0 else 0
    x[master.rows.names["accepted"]] = 1.0
    return x


def _contents(master: Master) -> Callable[[int, int, int], list[tuple[int, int]]]:
    """Which paid content units of a need draw on: the earliest that has any left; -1 where none is needed."""
    left: dict[int, list[list[int]]] = {}
    for k, funded in enumerate(master.rows.funded):
        left.setdefault(funded.need, []).append([funded.period, k, funded.units])
    packaged = master.rows.policy is not None

    def take(need: int, period: int, amount: int) -> list[tuple[int, int]]:
        if not packaged:
            return [(-1, amount)]
        found = []
        for entry in sorted(left.get(need, [])):
            if entry[0] <= period and entry[2] and amount:
                units = min(amount, entry[2])
                entry[2] -= units
                amount -= units
                found.append((entry[1], units))
        return found

    return take


def promising(program: Program, rows: Rows) -> Vector:
    """Upper bounds with no promise to an order broken; content that cannot leave is dear, but may be taken back."""
    upper = program.upper.copy()
    upper[rows.names["promise_broken"]] = 0.0
    return upper


def balanced(program: Program, rows: Rows, x: Vector) -> Vector:
    """x with stock, components left, shortfalls and broken promises as they follow from what is decided."""
    x = x.copy()
    names, layout = rows.names, rows.layout.rows
    for name, rule in (("stock", "stock_balance"), ("component_left", "component_supply")):
        columns, balance = names[name], layout[rule]
        if columns.size:
            x[columns] = 0.0
            x[columns] = np.cumsum(program.row_lower[balance] - (program.A @ x)[balance], axis=1)
    for name, least in (
        ("shortfall", layout["readiness_floor"]),
        ("content_left", layout["promised_units"]),
        ("promise_broken", layout["ordered_quantity"][rows.tables.orders.firm]),
    ):
        if names[name].size:
            x[names[name]] = 0.0
            x[names[name]] = np.maximum(0.0, program.row_lower[least] - (program.A @ x)[least])
    return x


@dataclass(frozen=True)
class Served:
    """Which generated columns serve whom.

    `demand`: by generated column, orders first, from `needs` on needs; -1 for nobody. `begin`: the first of these
    columns.
    """

    demand: Ints
    needs: int
    begin: int

    @property
    def of_needs(self) -> Flags:
        """Generated columns that serve needs."""
        found: Flags = self.demand >= self.needs
        return found

    def torn(self, x: Vector) -> Flags:
        """Generated columns of demands that x serves in fractions, and of nobody."""
        values = x[self.begin :]
        found = np.zeros(int(self.demand.max(initial=-1)) + 2, dtype=bool)
        found[self.demand[np.abs(values - np.round(values)) > _TORN]] = True
        found[-1] = True
        torn: Flags = found[self.demand]
        return torn


def served(program: Program, rows: Rows) -> Served:
    """By the demands' own rows."""
    kept = rows.layout.rows
    of_demand = np.concatenate([kept[rule] for rule in ("ordered_quantity", "funded_content", "needed_quantity")])
    begin = rows.standing.count
    entries = program.A[of_demand][:, begin:].tocoo()
    demand = np.full(program.A.shape[1] - begin, -1, dtype=np.int64)
    demand[entries.col] = entries.row
    return Served(demand, kept["ordered_quantity"].size, begin)


def near(program: Program, who: Served, x: Vector) -> Program:
    """The program with every demand that x serves in whole units served so; x solves its relaxation."""
    still = who.begin + np.flatnonzero(~who.torn(x))
    return program.held(still, np.where(program.whole, np.round(x), x)[still])


def whole_needs(program: Program, who: Served, x: Vector, limits: Limits, stop: Callable[[], bool]) -> Vector:
    """x, a solution of the relaxation, with needs in whole units if that is found.

    All needs meet at the lanes, but few are torn, so that with those only it is one small program. Demands that are
    whole stay as they are; torn orders, still in parts, make way: what a part of one leaves over is no unit of a need.
    """
    units = np.zeros(len(x), dtype=bool)
    units[who.begin :] = who.of_needs
    answer = run(near(replace(program, whole=units), who, x), limits, stop=stop)
    log.debug("whole needs: %s %s, bound %s in %.1f s", answer.end, answer.objective, answer.bound, answer.seconds)
    return x if answer.x is None else np.where(units, np.round(answer.x), answer.x)
