"""What must hold between rows and between tables. Every breach is an error with its row.

Judged on typed columns, not on records, so that one bad cell does not hide what else is wrong; cells that have a
finding already are left out.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from models.plan import POOL
from optimizer.findings import Finding, error
from optimizer.reading import guess, happenings
from optimizer.reading.cells import BAD, shown
from optimizer.reading.columns import TABLES
from optimizer.reading.sections import SECTIONS
from optimizer.reading.settings import TypedSettings
from optimizer.reading.shape import TypedTable

Tables = Mapping[str, TypedTable]
ROUTE_SEPARATOR = " > "
_GUESSED_KEYS = 200
"""Guesses cost time; a column with more unknown names than this has another trouble than slips."""


def judge(
    tables: Tables,
    unreadable: frozenset[str],
    settings: TypedSettings | None,
    place: Callable[[str], str],
    since: dt.date | None = None,
) -> list[Finding]:
    """Every breach. `tables` are those there; `place` names the file in which a missing table would be.

    `since`: the first day of the plan before, where the instance is planned on from one: its quantities may stand then.
    """
    findings = [*_missing_tables(tables, unreadable, settings, place)]
    for table in tables.values():
        findings += duplicates(table)
        findings += _unknown_keys(table, tables, unreadable)
    if settings is not None:
        findings += _unknown_sites(tables, settings)
        findings += [*_as_of(settings, since), *_receipts(tables, settings, since)]
    for rule in (_ambiguous, _reserved, _cases, _contents, _ends, _release_dates, _substitutes, happenings.actuals):
        findings += rule(tables)
    return findings


def _cells(table: TypedTable, *names: str) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Row numbers with the typed cells of the named columns, where all of them are sound."""
    for number, values in zip(table.rows, zip(*(table.columns[name] for name in names), strict=True), strict=True):
        if BAD not in values:
            yield number, values


def _missing_tables(
    tables: Tables, unreadable: frozenset[str], settings: TypedSettings | None, place: Callable[[str], str]
) -> Iterator[Finding]:
    """Tables that are required, or that the rows of another refer to."""
    there = set(tables) | unreadable
    referrers: dict[str, list[str]] = defaultdict(list)
    for typed in tables.values():
        for column in typed.table.columns:
            targets = [target for target, _ in column.references]
            if targets and not there.intersection(targets) and typed.texts(column.name):
                referrers[targets[0]].append(f"{typed.table.name}.{column.name}")
    if settings is not None and "lanes" in tables and "sites" not in there and settings.policies["delivery"]:
        referrers["sites"].append("the section [delivery]")
    for name, table in TABLES.items():
        if name in there or not (table.required or name in referrers):
            continue
        why = f"{', '.join(referrers[name])} refer to it" if name in referrers else "every instance has it"
        yield error("missing_table", place(name), f"There is no table {name}, and {why}.", expected=table.meaning)


def duplicates(table: TypedTable) -> Iterator[Finding]:
    """Rows that repeat the key of an earlier one."""
    key = table.table.key
    if not key:
        return
    first: dict[tuple[Any, ...], int] = {}
    for number, values in _cells(table, *key):
        if first.setdefault(values, number) != number:
            words = ", ".join(shown(value) for value in values)
            yield error(
                "duplicate_key",
                table.file,
                f"{words} stands in row {first[values]} already.",
                row=number,
                column=", ".join(key),
                value=words,
                expected=f"every {' and '.join(key)} once",
            )


def _unknown_keys(table: TypedTable, tables: Tables, unreadable: frozenset[str]) -> Iterator[Finding]:
    for column in table.table.columns:
        targets = [(target, name) for target, name in column.references if target in tables]
        unknown = any(target in unreadable for target, _ in column.references)
        # a table or column that is missing or unreadable has its own finding
        if not targets or unknown or any(name in tables[target].absent for target, name in targets):
            continue
        known = set[str]().union(*(tables[target].texts(name) for target, name in targets))
        known |= {text.upper() for text in known} if column.references == (("recipients", "recipient"),) else set()
        guesses: dict[str, str] = {}
        for number, (value,) in _cells(table, column.name):
            if value is None or value in known:
                continue
            if value not in guesses:
                guesses[value] = guess.name(value, known) if len(guesses) < _GUESSED_KEYS else ""
            yield error(
                "unknown_key",
                table.file,
                f"{' and '.join(target for target, _ in targets)} {'have' if len(targets) > 1 else 'has'} no {value}.",
                row=number,
                column=column.name,
                value=value,
                expected=column.expected(),
                hint=guess.maybe(guesses[value]),
            )


def _unknown_sites(tables: Tables, settings: TypedSettings) -> Iterator[Finding]:
    """The sites of `[delivery]`. Without lanes nothing travels, and the names mean nothing."""
    if "lanes" not in tables or "sites" not in tables or "site" in tables["sites"].absent:
        return
    known = tables["sites"].texts("site")
    for column in SECTIONS["delivery"].columns:
        key = f"delivery.{column.name}"
        value = settings.values.get(key)
        if column.references and isinstance(value, str) and value not in known:
            yield error(
                "unknown_key",
                settings.file,
                f"sites has no {value}.",
                row=settings.rows.get(key),
                column=key,
                value=value,
                expected=column.expected(),
                hint=guess.maybe(guess.name(value, known)),
            )


def _as_of(settings: TypedSettings, since: dt.date | None) -> Iterator[Finding]:
    """Quantities stand on the first day, or, planned on from a plan before, on the first day of that one."""
    start, as_of = settings.values["start"], settings.values["as_of"]
    if as_of is None or BAD in (start, as_of) or as_of in (start, since):
        return
    earlier = f"{since}, the first day of the plan before, or " if since is not None else ""
    hint = "Maybe the plan before is missing: solve … --previous DIR" if since is None and as_of < start else ""
    yield error(
        "wrong_as_of",
        settings.file,
        "The quantities stand on a day that is neither the first day nor that of the plan before.",
        row=settings.rows.get("as_of"),
        column="as_of",
        value=shown(as_of),
        expected=f"{earlier}{start}, the start",
        hint=hint,
    )


def _receipts(tables: Tables, settings: TypedSettings, since: dt.date | None) -> Iterator[Finding]:
    start = settings.values["start"]
    if "receipts" not in tables or start is BAD:
        return
    if since is not None and settings.values["as_of"] != start:
        start = min(start, since)
    for number, (date,) in _cells(tables["receipts"], "date"):
        if date < start:
            yield error(
                "receipt_before_horizon",
                tables["receipts"].file,
                "The receipt is dated before the horizon: it is in the stock already.",
                row=number,
                column="date",
                value=shown(date),
                expected=f"{start} or later",
            )


def _ambiguous(tables: Tables) -> Iterator[Finding]:
    """Orders, needs and offers are all called `demand` in commitments and plans: one name, one thing."""
    owner: dict[str, str] = {}
    for name, column in (("orders", "order"), ("needs", "need"), ("offers", "offer")):
        if name not in tables:
            continue
        for number, (key,) in _cells(tables[name], column):
            if owner.setdefault(key, name) != name:
                yield error(
                    "ambiguous_key",
                    tables[name].file,
                    f"{key} is the name of a row of {owner[key]} too.",
                    row=number,
                    column=column,
                    value=key,
                    expected="a name of its own among orders, needs and offers",
                )


def _reserved(tables: Tables) -> Iterator[Finding]:
    if "offers" in tables:
        for number, (offer,) in _cells(tables["offers"], "offer"):
            if offer == POOL:
                yield error(
                    "reserved_key",
                    tables["offers"].file,
                    f"In a plan {POOL} means the stockpile.",
                    row=number,
                    column="offer",
                    value=offer,
                    expected="another name",
                )
    if "lanes" in tables:
        for number, (lane,) in _cells(tables["lanes"], "lane"):
            if ROUTE_SEPARATOR in lane:
                yield error(
                    "reserved_key",
                    tables["lanes"].file,
                    "In a plan ` > ` joins the lanes of a route.",
                    row=number,
                    column="lane",
                    value=lane,
                    expected="a name without ` > `",
                )


def _cases(tables: Tables) -> Iterator[Finding]:
    """All orders of a case have one recipient (`problem.md`, "Approval")."""
    if "orders" not in tables:
        return
    owner: dict[str, tuple[str, int]] = {}
    for number, (case, recipient) in _cells(tables["orders"], "case", "recipient"):
        first, row = owner.setdefault(case, (recipient, number))
        if recipient != first:
            yield error(
                "case_two_recipients",
                tables["orders"].file,
                f"Case {case} is of {first} in row {row}.",
                row=number,
                column="recipient",
                value=recipient,
                expected=f"{first}, or another case",
            )


def _contents(tables: Tables) -> Iterator[Finding]:
    if "package_contents" not in tables or "needs" not in tables:
        return
    needed = dict(values for _, values in _cells(tables["needs"], "need", "quantity"))
    for number, (package, need, quantity) in _cells(tables["package_contents"], "package", "need", "quantity"):
        if need in needed and quantity > needed[need]:
            yield error(
                "content_above_need",
                tables["package_contents"].file,
                f"{package} holds more of {need} than is needed.",
                row=number,
                column="quantity",
                value=str(quantity),
                expected=f"at most {needed[need]}",
            )


_SPANS = (
    ("pledges", "available_on", "expires_on"),
    ("needs", "needed_by", "expires_on"),
    ("orders", "placed_on", "due_date"),
    ("orders", "placed_on", "firm_by"),
)
"""Beginnings and their ends. An order's `earliest_date` may lie after the others: it is late, or no plan exists."""


def _ends(tables: Tables) -> Iterator[Finding]:
    for name, begin, end in _SPANS:
        if name not in tables:
            continue
        for number, (first, last) in _cells(tables[name], begin, end):
            if last is not None and last < first:
                yield error(
                    "end_before_beginning",
                    tables[name].file,
                    f"{end} lies before {begin}, {first}.",
                    row=number,
                    column=end,
                    value=shown(last),
                    expected=f"{first} or later",
                )


def _release_dates(tables: Tables) -> Iterator[Finding]:
    if "packages" not in tables:
        return
    table = tables["packages"]
    for number, (status, release_on) in _cells(table, "status", "release_on"):
        if status == "funded" and release_on is None:
            yield error(
                "release_date_missing",
                table.file,
                "A funded package has a release date.",
                row=number,
                column="release_on",
                value="",
                expected="a date, YYYY-MM-DD",
            )
        if status == "proposed" and release_on is not None:
            yield error(
                "release_date_unexpected",
                table.file,
                "The plan decides when it is released.",
                row=number,
                column="release_on",
                value=shown(release_on),
                expected="a blank",
            )


def _substitutes(tables: Tables) -> Iterator[Finding]:
    if "substitutes" not in tables:
        return
    for number, (item, substitute) in _cells(tables["substitutes"], "item", "substitute"):
        if item == substitute:
            yield error(
                "substitute_of_itself",
                tables["substitutes"].file,
                "An item needs no row for itself.",
                row=number,
                column="substitute",
                value=substitute,
                expected="another item",
            )
