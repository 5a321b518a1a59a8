"""A plan's folder -> `Plan`: the files that `solve` writes, or the same made by hand in a spreadsheet.

Only what cannot be understood is an error here; whether a plan is allowed is for the checker. Columns that only inform
(`weeks_late`, `slots_used`, `slots_available`, `value_usd_m`, `donor`) and every file but `dispatches.csv` may be
missing; rows of quantity 0 say nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from models.calendar import calendar_of
from models.plan import POOL, ApprovedCase, Content, Dispatch, Made, Payment, Plan, Release
from models.problem import Problem
from optimizer.findings import Finding, error, has_errors
from optimizer.reading import csv_text, guess
from optimizer.reading.cells import BAD, shown
from optimizer.reading.plan_columns import PLAN_TABLES
from optimizer.reading.raw import RawRow, RawTable
from optimizer.reading.shape import TypedTable, empty, type_table
from optimizer.reading.validate import ROUTE_SEPARATOR, duplicates

_READ = ("dispatches", "production", "packages", "package_contents", "payments", "offers", "approvals")
_LISTED = "one that the instance or the plan lists"
_YES_NO = {"true": "yes", "false": "no", "1": "yes", "0": "no", "y": "yes", "n": "no", "yes": "yes", "no": "no"}


def read_plan(folder: Path, problem: Problem) -> tuple[Plan | None, tuple[Finding, ...]]:
    """The plan in a folder and what is wrong with it; the plan is None exactly if a finding is an error."""
    return _judged(problem, *_tables(folder))


def plan_of(problem: Problem, raws: Mapping[str, RawTable]) -> tuple[Plan | None, tuple[Finding, ...]]:
    """As `read_plan`, of tables that were read already, by name; those that only inform are left alone."""
    tables: dict[str, TypedTable] = {}
    findings: list[Finding] = []
    for name in _READ:
        if name in raws:
            tables[name], found = _typed(raws[name])
            findings += found
        else:
            tables[name] = empty(PLAN_TABLES[name], f"{name}.csv")
            if PLAN_TABLES[name].required:
                message = f"There is no table {name}: it holds no plan."
                findings.append(error("missing_file", f"{name}.csv", message))
    return _judged(problem, tables, findings)


def _judged(
    problem: Problem, tables: dict[str, TypedTable], findings: list[Finding]
) -> tuple[Plan | None, tuple[Finding, ...]]:
    reader = _PlanReader(problem, tables)
    plan = reader.plan()
    findings += reader.findings
    findings.sort(key=lambda found: (_READ.index(found.file[:-4]) if found.file[:-4] in _READ else -1, found.row or 0))
    return None if has_errors(findings) else plan, tuple(findings)


def _tables(folder: Path) -> tuple[dict[str, TypedTable], list[Finding]]:
    findings: list[Finding] = []
    tables: dict[str, TypedTable] = {}
    for name in _READ:
        table, file = PLAN_TABLES[name], f"{name}.csv"
        tables[name] = empty(table, file)
        try:
            data = (folder / file).read_bytes()
        except FileNotFoundError:
            if table.required:
                findings.append(error("missing_file", file, f"{folder.name} has no {file}: it holds no plan."))
            continue
        except OSError as failure:
            findings.append(error("cannot_read", file, f"The file cannot be read: {failure.strerror}."))
            continue
        raw, found = csv_text.parse(name, file, data)
        findings += found
        if raw is not None:
            tables[name], found_here = _typed(raw)
            findings += found_here
    return tables, findings


def _typed(raw: RawTable) -> tuple[TypedTable, list[Finding]]:
    typed, findings = type_table(PLAN_TABLES[raw.name], _with_yes_and_no(raw) if raw.name == "offers" else raw)
    return typed, [*findings, *duplicates(typed)]


def _with_yes_and_no(raw: RawTable) -> RawTable:
    """Spreadsheets turn yes and no into TRUE and FALSE, or people write 1 and 0."""
    if "accepted" not in raw.header:
        return raw
    at = raw.header.index("accepted")
    rows = tuple(
        RawRow(
            row.number,
            [
                _YES_NO.get(shown(cell).strip().casefold(), cell) if k == at else cell
                for k, cell in enumerate(row.cells)
            ],
        )
        for row in raw.rows
    )
    return RawTable(raw.name, raw.file, raw.header, rows)


class _PlanReader:
    """Turns sound rows into records, and gathers what refers to nothing."""

    def __init__(self, problem: Problem, tables: dict[str, TypedTable]) -> None:
        self.problem, self.tables = problem, tables
        self.calendar = calendar_of(problem)
        self.end = self.calendar.day(self.calendar.count)
        self.findings: list[Finding] = []
        self.items = {row.item for row in problem.items}
        self.offers = {row.offer: row for row in problem.offers}
        self.demands = {
            "order": {row.order for row in problem.orders},
            "need": {row.need for row in problem.needs},
            "replacement": set(self.offers),
        }
        self.lanes = {row.lane for row in problem.lanes}

    def plan(self) -> Plan:
        """All that could be read."""
        releases, new = self._packages()
        return Plan(
            dispatches=tuple(self._dispatches()),
            made=tuple(self._production()),
            contents=tuple(self._contents(new)),
            releases=tuple(releases),
            payments=tuple(self._payments(new)),
            accepted_offers=tuple(self._offers()),
            approvals=tuple(self._approvals()),
        )

    def _rows(self, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """Row numbers and values of the rows without a bad cell."""
        table = self.tables[name]
        names = table.table.column_names
        for number, values in zip(
            table.rows, zip(*(table.columns[column] for column in names), strict=True), strict=True
        ):
            if BAD not in values:
                yield number, dict(zip(names, values, strict=True))

    def _known(self, place: tuple[str, int, str], value: str, known: set[str], what: str) -> bool:
        """Whether the value is known; a finding if not."""
        if value in known:
            return True
        name, row, column = place
        message = f"There is no {what} {value}."
        hint = guess.maybe(guess.name(value, known))
        self.findings.append(
            error(
                "unknown_key", f"{name}.csv", message, row=row, column=column, value=value, expected=_LISTED, hint=hint
            )
        )
        return False

    def _period(self, place: tuple[str, int, str], date: dt.date, *, until_end: bool = True) -> int:
        """The period of a date; a finding if it lies before the horizon, or (`until_end`) after it."""
        if date < self.problem.start or (until_end and date >= self.end):
            name, row, column = place
            self.findings.append(
                error(
                    "date_outside_horizon",
                    f"{name}.csv",
                    "The date lies outside the horizon.",
                    row=row,
                    column=column,
                    value=date.isoformat(),
                    expected=f"{self.problem.start} to before {self.end}",
                )
            )
        return self.calendar.period(date)

    def _dispatches(self) -> Iterator[Dispatch]:
        for number, row in self._rows("dispatches"):
            demand, kind, origin = row["demand"], row["kind"], row["origin"]
            known = self._known(("dispatches", number, "demand"), demand, self.demands[kind], kind)
            known &= self._known(("dispatches", number, "item"), row["item"], self.items, "item")
            known &= self._known(("dispatches", number, "origin"), origin, {POOL, *self.offers}, "pool or offer")
            route = tuple(part.strip() for part in (row["route"] or "").split(ROUTE_SEPARATOR) if part.strip())
            for lane in route:
                known &= self._known(("dispatches", number, "route"), lane, self.lanes, "lane")
            period = self._period(("dispatches", number, "dispatch_date"), row["dispatch_date"])
            # an arrival after the horizon can be understood: the checker says what it breaks
            arrival = self._period(("dispatches", number, "arrival_date"), row["arrival_date"], until_end=False)
            if known and row["quantity"]:
                yield Dispatch(demand, kind, origin, row["item"], row["quantity"], period, arrival, route)

    def _production(self) -> Iterator[Made]:
        lines = {row.line for row in self.problem.lines}
        for number, row in self._rows("production"):
            known = self._known(("production", number, "line"), row["line"], lines, "line")
            known &= self._known(("production", number, "item"), row["item"], self.items, "item")
            period = self._period(("production", number, "date"), row["date"])
            if known and row["quantity"]:
                yield Made(row["line"], row["item"], period, row["quantity"])

    def _packages(self) -> tuple[list[Release], set[str]]:
        """Releases of proposed and new packages, and the names of all new ones."""
        status = {row.package: row.status for row in self.problem.packages}
        releases, new = [], set()
        for number, row in self._rows("packages"):
            package = row["package"]
            if row["status"] == "new":
                new.add(package)
            else:
                listed = {name for name, given in status.items() if given == row["status"]}
                self._known(("packages", number, "package"), package, listed, f"{row['status']} package")
            if row["status"] != "funded" and row["release_date"] is not None:
                period = self._period(("packages", number, "release_date"), row["release_date"])
                releases.append(Release(package, row["status"], period))
        return releases, new

    def _contents(self, new: set[str]) -> Iterator[Content]:
        known = new | {row.package for row in self.problem.packages}
        for number, row in self._rows("package_contents"):
            sound = self._known(("package_contents", number, "package"), row["package"], known, "package")
            sound &= self._known(("package_contents", number, "need"), row["need"], self.demands["need"], "need")
            if sound and row["package"] in new and row["quantity"]:
                yield Content(row["package"], row["need"], row["quantity"])

    def _payments(self, new: set[str]) -> Iterator[Payment]:
        known = new | {row.package for row in self.problem.packages}
        pledges = {row.pledge for row in self.problem.pledges}
        categories = {row.category for row in self.problem.items}
        for number, row in self._rows("payments"):
            sound = self._known(("payments", number, "package"), row["package"], known, "package")
            sound &= self._known(("payments", number, "pledge"), row["pledge"], pledges, "pledge")
            sound &= self._known(("payments", number, "category"), row["category"], categories, "category")
            if sound and row["amount_usd_m"]:
                yield Payment(row["package"], row["pledge"], row["category"], row["amount_usd_m"])

    def _offers(self) -> Iterator[str]:
        """Accepted offers in the order of the instance; where the plan is silent, the instance's status holds."""
        said: dict[str, bool] = {}
        for number, row in self._rows("offers"):
            if self._known(("offers", number, "offer"), row["offer"], set(self.offers), "offer"):
                said[row["offer"]] = row["accepted"] == "yes"
        return (name for name, offer in self.offers.items() if said.get(name, offer.status == "accepted"))

    def _approvals(self) -> Iterator[ApprovedCase]:
        listed = {row.case for row in self.problem.approvals}
        cases = listed | {row.case for row in self.problem.orders}
        for number, row in self._rows("approvals"):
            known = self._known(("approvals", number, "case"), row["case"], cases, "case")
            if row["approved_on"] is not None:
                period = self._period(("approvals", number, "approved_on"), row["approved_on"])
                if known and row["case"] in listed:
                    yield ApprovedCase(row["case"], period)
