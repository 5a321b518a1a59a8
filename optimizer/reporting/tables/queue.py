"""Tables of the queue ledger: demand by demand, pair by pair, recipient by recipient, line by line."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from optimizer.explaining.ledger import Entry, Ledger, Pass
from optimizer.explaining.rights import MULTIPLIER, RIGHT_TITLES, Right
from optimizer.reporting.names import SCORE_TITLES, count
from optimizer.reporting.queue_words import CASES, QueueWords
from optimizer.reporting.summary import Report
from optimizer.reporting.tables.cells import Column, Table
from optimizer.reporting.tables.names import Coded, item_names, recipient_names

STRONGEST = 6
"""How many passes the page names of each demand, either way."""
_UKRAINE: Coded = ("", "Ukraine")


def queue(report: Report) -> Table:
    """A row a demand that passed another or was passed, the one that lost most first."""
    columns = (
        Column("demand", "demand"),
        Column("kind", where="book"),
        Column("for", "coded"),
        Column("item", "coded"),
        Column("would leave", "date", "mean day of leaving under first come, first served; missing units: the end"),
        Column("leaves", "date", "mean day of leaving in this plan; missing units: the end of the plan"),
        Column("weeks later", "late", "than under first come, first served"),
        Column("weeks sooner", "number", "than under first come, first served", digits=1),
        Column("passed by", "whole", "demands that were behind it and are ahead of it now"),
        Column("passed", "whole", "demands that were ahead of it and are behind it now"),
        Column("who passed it", "told", "the strongest first, by weeks × million USD that both want", "page"),
        Column("whom it passed", "told", "the strongest first, by weeks × million USD that both want", "page"),
        Column("strongest to pass it", "text", where="book"),
        Column("by what right", "text", where="book"),
        Column("lost", "number", "million USD × weeks, all that passed it, if it is later for its date", "book", 1),
        Column("gained", "number", "million USD × weeks, all that it passed", "book", 1),
    )
    found, words = report.ledger, QueueWords(report.problem, report.facts)
    item, name = item_names(report.problem), recipient_names(report.problem)
    moved = [entry for entry in found.entries.values() if entry.passed_count or entry.passed_by_count]
    moved.sort(key=lambda entry: (-_lost(entry), -entry.gained, entry.key))
    rows = [_row(report, words, entry, item[entry.item], name.get(entry.recipient, _UKRAINE)) for entry in moved]
    caption = (
        "Who stands before whom, compared with “first come, first served”, and by what right. The demand that "
        "lost most by it comes first."
    )
    return Table("queue", "Queue ledger", caption, columns, tuple(rows))


def _row(report: Report, words: QueueWords, entry: Entry, item: Coded, who: Coded) -> tuple[Any, ...]:
    before, now = entry.before or 0.0, entry.now or 0.0
    first = entry.passed_by[0] if entry.passed_by else None
    return (
        (entry.key[1], entry.key[1]),
        entry.key[0],
        who,
        item,
        _day(report, before),
        _day(report, now),
        max(0.0, now - before),
        max(0.0, before - now) or None,
        entry.passed_by_count,
        entry.passed_count,
        _lines([words.passing(row) for row in entry.passed_by[:STRONGEST]], entry.passed_by_count),
        _lines([words.passed(row) for row in entry.passed[:STRONGEST]], entry.passed_count),
        None if first is None else first.passer[1],
        None if first is None else words.why(first),
        _lost(entry),
        entry.gained,
    )


def _lost(entry: Entry) -> float:
    """Million USD × weeks lost to those that passed it; 0 where it is no later against its date."""
    return entry.lost if entry.harmed else 0.0


def _day(report: Report, week: float) -> dt.date:
    return report.problem.start + dt.timedelta(days=round(7 * week))


def _lines(lines: list[str], total: int) -> tuple[str, ...]:
    rest = total - len(lines)
    return tuple(lines) if rest <= 0 or not lines else (*lines, f"and {count(rest, 'other')}")


_PAIRS = (
    Column("passed", "demand", "the demand that stands before the other now"),
    Column("of", "coded"),
    Column("before", "demand", "the demand that was passed"),
    Column("whose", "coded"),
    Column("item", "coded"),
    Column("lines", note="those that make both"),
    Column("weeks behind", "number", "by how many weeks it left later in the case compared with", digits=1),
    Column("weeks ahead", "number", "by how many weeks it leaves sooner now", digits=1),
    Column("slots", "whole", "what both want: the smaller of the two", "book"),
    Column("value", "money", "million USD that these slots are worth to the one that was passed"),
    Column("moved", "number", "(weeks behind + weeks ahead) × million USD", "book", 0),
    Column("by what right"),
    Column("contribution", note="what explains most of the difference in weight"),
    Column("weight", "number", digits=2),
    Column("its weight", "number", "of the demand that was passed", digits=2),
    Column("in words"),
)


def _pairs(report: Report, ledger: Ledger, passes: Sequence[Pass]) -> tuple[tuple[Any, ...], ...]:
    words, item = QueueWords(report.problem, report.facts), item_names(report.problem)
    name, entries = recipient_names(report.problem), ledger.entries
    return tuple(
        (
            (row.passer[1], row.passer[1]),
            name.get(entries[row.passer].recipient, _UKRAINE),
            (row.passed[1], row.passed[1]),
            name.get(entries[row.passed].recipient, _UKRAINE),
            item[entries[row.passed].item],
            ", ".join(row.lines) or None,
            row.behind,
            row.ahead,
            row.slots,
            row.value_usd_m,
            row.strength,
            RIGHT_TITLES[row.right],
            _contribution(row),
            *row.weights,
            words.sentence(row, ledger.case),
        )
        for row in passes
    )


def _contribution(row: Pass) -> str | None:
    if row.contribution == MULTIPLIER:
        return "multiplier of the order"
    return SCORE_TITLES.get(row.contribution)


def passes(report: Report) -> Table:
    """A row a pass, the strongest first; of a very long book the strongest of every demand."""
    left = report.ledger.left_out
    caption = "Every pair in which one demand passed another, compared with “first come, first served”."
    if left:
        caption = (
            "Pairs in which one demand passed another, compared with “first come, first served”: the strongest of "
            f"every demand; {count(left, 'weaker one')} counted and not listed."
        )
    rows = _pairs(report, report.ledger, report.ledger.passes)
    return Table("passes", "Who passed whom", caption, _PAIRS, rows)


def queue_before(report: Report) -> Table:
    """The same against the plan before, as far as its commitments are known."""
    found = report.ledger_before
    rows = () if found is None else _pairs(report, found, found.passes)
    until = "" if found is None else f" They are known up to {_day(report, found.until)}."
    caption = f"Who passed whom {CASES['plan_before']}, as its commitments tell it.{until}"
    return Table("queue_before", "Against the plan before", caption, _PAIRS, rows)


def queue_recipients(report: Report) -> Table:
    """A row a recipient: how its demands moved in the queue, and by what right others passed it."""
    columns = (
        Column("for", "coded"),
        Column("demands", "whole", "that ask the pool for units"),
        Column("weeks later", "late", "mean over the value asked, against first come, first served"),
        Column("weeks sooner", "number", "mean over the value asked", digits=1),
        Column("was passed", "whole", "times, by demands of others or its own"),
        Column("passed", "whole", "times"),
        Column("lost", "number", "million USD × weeks, all that passed it and made it later", digits=0),
        Column("gained", "number", "million USD × weeks, all that it passed", digits=0),
        Column("was passed by right of", note="the right behind most of what moved it lost"),
        Column("most by", note="the recipient behind most of what moved it lost"),
    )
    found, name = report.ledger, recipient_names(report.problem)
    worth = {(d.kind, d.demand): d.price * d.quantity for d in report.facts.demands}
    of: dict[str, list[Entry]] = defaultdict(list)
    for entry in found.entries.values() if found.passes else ():
        if entry.now is not None:
            of["" if entry.key[0] == "need" else entry.recipient].append(entry)
    rows: list[tuple[Any, ...]] = []
    for who, entries in of.items():
        rights, others = _behind(found, entries)
        asked = sum(worth[entry.key] for entry in entries)
        shift = sum(worth[e.key] * ((e.now or 0.0) - (found.until if e.before is None else e.before)) for e in entries)
        mean = shift / asked if asked else 0.0
        rows.append(
            (
                name.get(who, _UKRAINE),
                len(entries),
                max(0.0, mean),
                max(0.0, -mean) or None,
                sum(entry.passed_by_count for entry in entries),
                sum(entry.passed_count for entry in entries),
                sum(_lost(entry) for entry in entries),
                sum(entry.gained for entry in entries),
                None if not rights else RIGHT_TITLES[max(rights, key=lambda one: rights[one])],
                None if not others else name.get(max(others, key=lambda one: others[one]), _UKRAINE)[1],
            )
        )
    rows.sort(key=lambda row: (-row[6], row[0]))
    caption = "How every customer moved in the queue; who lost most to others comes first."
    return Table("queue_recipients", "Queue by customer", caption, columns, tuple(rows))


def _behind(found: Ledger, entries: Sequence[Entry]) -> tuple[dict[Right, float], dict[str, float]]:
    """Slot-weeks lost by right and by recipient, in a fixed order."""
    rights: dict[Right, float] = defaultdict(float)
    others: dict[str, float] = defaultdict(float)
    for entry in entries:
        for row in entry.passed_by if entry.harmed else ():
            passer = found.entries[row.passer]
            rights[row.right] += row.strength
            others["" if passer.key[0] == "need" else passer.recipient] += row.strength
    return rights, others


def queue_lines(report: Report) -> Table:
    """A row a line: how much changed places there, and by what right."""
    rights = tuple(RIGHT_TITLES)
    columns = (
        Column("line", "coded"),
        Column("passes", "whole", "pairs listed in which one demand passed another"),
        Column("moved", "number", "million USD × weeks of these pairs", digits=0),
        Column("strongest", note="in words", where="book"),
        *(Column(RIGHT_TITLES[right], "share", "of what moved", "book") for right in rights),
        Column("by right of", note="shares of what moved; the greatest first", where="page"),
    )
    words = QueueWords(report.problem, report.facts)
    by: dict[str, dict[Right, float]] = defaultdict(lambda: defaultdict(float))
    number: Counter[str] = Counter()
    first: dict[str, Pass] = {}
    for row in report.ledger.passes:
        for made_on in row.lines:
            by[made_on][row.right] += row.strength
            number[made_on] += 1
            first.setdefault(made_on, row)
    rows: list[tuple[Any, ...]] = []
    for line in report.problem.lines:
        total = sum(by[line.line].values())
        if not total:
            continue
        shares = {right: by[line.line].get(right, 0.0) / total for right in rights}
        leading = sorted((right for right in rights if shares[right] > 0), key=lambda one: -shares[one])
        text = ", ".join(f"{RIGHT_TITLES[right]} {100 * shares[right]:.0f} %" for right in leading[:3])
        strongest = words.sentence(first[line.line], report.ledger.case)
        rows.append(
            (
                (line.line, line.name),
                number[line.line],
                total,
                strongest,
                *(shares[one] or None for one in rights),
                text,
            )
        )
    rows.sort(key=lambda row: (-row[2], row[0]))
    caption = "On which lines demands changed places, and by what right; a pass of two lines counts on both."
    return Table("queue_lines", "Queue by line", caption, columns, tuple(rows))
