"""What the page should say, computed from the files alone: the CSV files of a plan, `summary.json`, and the instance.

It shares no code with the reports: dates, lateness and sums are done here once more, the plain way.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from models.problem import Problem
from optimizer.reporting.csv_files import csv_files
from optimizer.reporting.summary import Report

Row = dict[str, str]


@dataclass(frozen=True)
class Served:
    """A demand as the files show it; `weeks` a unit is late on the mean, `delay` as `problem.md` counts it."""

    kind: str
    item: str
    quantity: int
    delivered: int
    on_time: int
    missing: int
    last: dt.date | None
    weeks: float
    delay: float
    leaves: float
    worth: float
    owner: str
    due: dt.date


class Files:
    """A plan's files, read as text."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.problem: Problem = report.problem
        self.summary: dict[str, Any] = report.summary.as_dict()
        self.csv: dict[str, list[Row]] = {
            name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(text))) for name, text in csv_files(report)
        }

    @cached_property
    def days(self) -> list[dt.date]:
        """First days of the periods, and the end."""
        found = [self.problem.start]
        for count, weeks in self.problem.periods:
            for _ in range(count):
                found.append(found[-1] + dt.timedelta(weeks=weeks))
        return found

    def late(self, due: dt.date, arrival: dt.date | None) -> int:
        """Weeks late of an arrival; None = not in the horizon."""
        if arrival is None:
            end = self.days[-1]
            return math.ceil((end - due).days / 7) + self.problem.after_horizon_weeks if due < end else 0
        return max(0, math.ceil((arrival - due).days / 7))

    def week(self, day: dt.date) -> float:
        return (day - self.problem.start).days / 7

    @cached_property
    def price(self) -> dict[str, float]:
        return {row.item: row.unit_price_usd_m for row in self.problem.items}

    @cached_property
    def weight(self) -> dict[str, float]:
        return {row["recipient"]: float(row["weight"]) for row in self.csv["weights"]}

    @cached_property
    def accepted(self) -> set[str]:
        return {row["offer"] for row in self.csv["offers"] if row["accepted"] == "yes"}

    @cached_property
    def served(self) -> dict[tuple[str, str], Served]:
        """Every demand by kind and name."""
        policy = self.problem.weights
        found = {}
        given: dict[str, Any]
        for o in self.problem.orders:
            weight = self.weight[o.recipient] * o.weight_multiplier
            given = {"item": o.item, "quantity": o.quantity, "due": o.due_date, "weight": weight, "owner": o.recipient}
            found["order", o.order] = self._served("order", o.order, **given, whole=o.delivery == "complete")
        for n in self.problem.needs:
            weight = 1.0 if policy is None else policy.ukraine * policy.urgency[n.urgency - 1]
            given = {"item": n.item, "quantity": n.quantity, "due": n.needed_by, "weight": weight}
            found["need", n.need] = self._served("need", n.need, **given)
        for v in self.problem.offers:
            if v.offer in self.accepted:
                due = v.available_on + dt.timedelta(weeks=v.replacement_within_weeks)
                given = {"item": v.replacement_item, "quantity": v.replacement_quantity, "due": due, "owner": v.donor}
                found["replacement", v.offer] = self._served("replacement", v.offer, **given, weight=0.0)
        return found

    def _served(
        self,
        kind: str,
        name: str,
        *,
        item: str,
        quantity: int,
        due: dt.date,
        weight: float,
        owner: str = "",
        whole: bool = False,
    ) -> Served:
        per = {(row.item, row.substitute): row.units_per_unit for row in self.problem.substitutes}
        rows = []
        for row in self.csv["dispatches"]:
            if (row["kind"], row["demand"]) == (kind, name):
                units = int(row["quantity"])
                units //= per.get((item, row["item"]), 1) if kind == "need" and row["item"] != item else 1
                leaves, arrives = (dt.date.fromisoformat(row[key]) for key in ("dispatch_date", "arrival_date"))
                rows.append((units, leaves, arrives))
        missing = sum(
            int(row["quantity"]) for row in self.csv["undelivered"] if (row["kind"], row["demand"]) == (kind, name)
        )
        last = max((arrives for _, _, arrives in rows), default=None)
        late = sum(units * self.late(due, arrives) for units, _, arrives in rows) + missing * self.late(due, None)
        if whole:
            late = quantity * self.late(due, None if missing else last)
        leaving = sum(units * self.week(day) for units, day, _ in rows) + missing * self.week(self.days[-1])
        price = self.price[item]
        return Served(
            kind, item, quantity, sum(units for units, _, _ in rows),
            sum(units for units, _, arrives in rows if self.late(due, arrives) == 0), missing, last,
            late / quantity if quantity else 0.0, weight * price * late,
            round(leaving / quantity, 6) if quantity else 0.0, price, owner, due,
        )  # fmt: skip

    @cached_property
    def slots(self) -> dict[str, int]:
        """Slots of every line from the start to the end of the horizon, as `problem.md` counts them."""
        found = {}
        for line in self.problem.lines:
            steps = sorted(
                (row.from_date, row.slots_per_week) for row in self.problem.line_rates if row.line == line.line
            )
            found[line.line] = math.floor(self._output(steps, self.days[-1]) + 1e-9)
        return found

    def _output(self, steps: list[tuple[dt.date, float]], end: dt.date) -> float:
        total = 0.0
        for at, (begin, rate) in enumerate(steps):
            until = min(end, steps[at + 1][0] if at + 1 < len(steps) else end)
            days = (until - max(begin, self.days[0])).days
            total += rate * max(0, days) / 7
        return total

    def paid(self, **where: str) -> float:
        """Million USD of the payments that fit."""
        rows = (row for row in self.csv["payments"] if all(row[key] == value for key, value in where.items()))
        return sum(float(row["amount_usd_m"]) for row in rows)

    @cached_property
    def load(self) -> dict[tuple[str, dt.date], float]:
        """Tonnes that use a lane, by lane and first day of the period."""
        mass = {row.item: row.tonnes for row in self.problem.items}
        weeks = {row.lane: row.weeks for row in self.problem.lanes}
        found: dict[tuple[str, dt.date], float] = defaultdict(float)
        for row in self.csv["dispatches"]:
            gone, day = 0, dt.date.fromisoformat(row["dispatch_date"])
            for lane in filter(None, row["route"].split(" > ")):
                on = max(start for start in self.days if start <= day + dt.timedelta(weeks=gone))
                found[lane, on] += int(row["quantity"]) * mass[row["item"]]
                gone += weeks[lane]
        return found
