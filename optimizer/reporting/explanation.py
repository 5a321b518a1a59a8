"""What `explain` answers: one subject of a plan, or one line in one week, ready for the terminal and for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from models.plan import Kind
from optimizer.explaining.facts import DemandFacts
from optimizer.explaining.reasons import REASON_TITLES, Explanation, Subject
from optimizer.explaining.usage import SlotUse
from optimizer.reporting.explanation_words import Words
from optimizer.reporting.names import STATES, count
from optimizer.reporting.numbers import clean, short
from optimizer.reporting.queue_words import QueueWords
from optimizer.reporting.summary import Report

PASSES = 5
"""Passes in the queue that the terminal names for a demand; JSON has all that the ledger keeps."""
DEMANDS: tuple[Kind, ...] = ("order", "need", "replacement")


def subjects(report: Report) -> dict[str, list[Subject]]:
    """Every name that can be asked about, and what it names: an offer may be a gift and its replacement."""
    problem, found = report.problem, dict[str, list[Subject]]()

    def add(name: str, subject: Subject) -> None:
        found.setdefault(name, []).append(subject)

    for order in problem.orders:
        add(order.order, "order")
    for need in problem.needs:
        add(need.need, "need")
    for demand in report.facts.replacements:
        add(demand.demand, "replacement")
    for offer in problem.offers:
        add(offer.offer, "offer")
    for pledge in problem.pledges:
        add(pledge.pledge, "pledge")
    for package in report.facts.packages:
        add(package.package, "package")
    for approval in problem.approvals:
        add(approval.case, "case")
    return found


def as_dict(report: Report, subject: Subject, name: str) -> dict[str, Any]:
    """One subject ready for JSON; `reasons` is empty where there is nothing to explain."""
    words = Words(report.problem, report.facts)
    said = report.facts.explanations.get((subject, name), Explanation(subject, name))
    found: dict[str, Any] = {
        "subject": subject,
        "name": name,
        "reasons": [words.as_dict(said, r) for r in said.reasons],
    }
    demand = _demand(report, subject, name)
    if demand is None:
        return found
    pegs, under = report.facts.pegging.of(demand.kind, name), report.facts.pegging.under(name)
    day = report.facts.calendar.day
    found |= {
        "recipient": demand.recipient or None,
        "item": demand.item,
        "quantity": demand.quantity,
        "due": demand.due.isoformat(),
        "weight": clean(demand.weight),
        "state": demand.state,
        "delivered": demand.delivered,
        "on_time": demand.on_time,
        "undelivered": demand.undelivered,
        "last_arrival": None if demand.last is None else demand.last.isoformat(),
        "weeks_late": clean(demand.weeks_late),
        "unit_weeks_late": said.unit_weeks,
        "delay": clean(demand.delay),
        "units": [
            {
                "units": peg.units,
                "item": peg.item,
                "source": peg.source,
                "name": peg.name or None,
                "available": None if peg.begun < 0 else day(peg.begun).isoformat(),
                "leaves": day(peg.leaves).isoformat(),
                "arrives": day(peg.arrives).isoformat(),
                "route": list(peg.route),
            }
            for peg in pegs
        ],
        "packages": [
            {
                "package": peg.package,
                "status": peg.status,
                "released": None if peg.released is None else peg.released.isoformat(),
                "units": peg.units,
                "leaves": day(peg.leaves).isoformat(),
                "payers": [{"pledge": pledge, "share": clean(share)} for pledge, share in peg.payers],
            }
            for peg in (under if demand.kind == "need" else ())
        ],
        "passed_by": _ledger(report, demand, "passed_by"),
        "passed": _ledger(report, demand, "passed"),
    }
    return found


def _ledger(report: Report, demand: DemandFacts, which: Literal["passed", "passed_by"]) -> list[dict[str, Any]]:
    """The strongest passes against first come, first served, ready for JSON."""
    entry, words = report.ledger.of(demand.kind, demand.demand), QueueWords(report.problem, report.facts)
    rows = entry.passed if which == "passed" else entry.passed_by
    return [
        {
            "kind": other[0],
            "demand": other[1],
            "weeks": clean(row.weeks),
            "lines": list(row.lines),
            "right": row.right,
            "text": words.sentence(row, report.ledger.case),
        }
        for row in rows
        for other in (row.passed if which == "passed" else row.passer,)
    ]


def _demand(report: Report, subject: Subject, name: str) -> DemandFacts | None:
    return next((row for row in report.facts.demands if row.kind == subject and row.demand == name), None)


def shown(report: Report, subject: Subject, name: str) -> RenderableType:
    """One subject for the terminal."""
    words = Words(report.problem, report.facts)
    said = report.facts.explanations.get((subject, name), Explanation(subject, name))
    lines: list[RenderableType] = [Text(_head(report, subject, name), style="bold")]
    demand = _demand(report, subject, name)
    if demand is not None:
        lines += _listed("Who went before it", _passes(report, demand, "passed_by"))
        lines += _listed("Before whom it went", _passes(report, demand, "passed"))
        lines += _listed("Where its units come from", words.pegs(report.facts.pegging.of(demand.kind, name)))
        if demand.kind == "need":
            lines += _listed("Under which packages", words.packages(report.facts.pegging.under(name)))
    lines += _listed("Why", words.sentences(said) or (_nothing(report, subject, demand),))
    return Group(*lines)


def _passes(report: Report, demand: DemandFacts, which: Literal["passed", "passed_by"]) -> tuple[str, ...]:
    """The strongest passes of a demand against first come, first served, a sentence each, and how many there are."""
    entry, words = report.ledger.of(demand.kind, demand.demand), QueueWords(report.problem, report.facts)
    rows, number = (entry.passed, entry.passed_count) if which == "passed" else (entry.passed_by, entry.passed_by_count)
    found = [words.sentence(row, report.ledger.case) for row in rows[:PASSES]]
    return (*found, f"… and {number - len(found):,} more.") if number > len(found) else tuple(found)


def _nothing(report: Report, subject: Subject, demand: DemandFacts | None) -> str:
    if demand is not None:
        return "It comes in full and in time." if demand.kind != "replacement" else "It is a promise, and kept."
    return "There is nothing to explain: it does what it is there for."


def _head(report: Report, subject: Subject, name: str) -> str:
    demand = _demand(report, subject, name)
    if demand is None:
        return f"{subject.capitalize()} {name}"
    recipients = {row.recipient: row.name for row in report.problem.recipients}
    items = {row.item: row.name for row in report.problem.items}
    who = recipients.get(demand.recipient, demand.recipient) or "Ukraine"
    ends = f"{STATES[demand.state]}"
    if demand.weeks_late:
        ends += f", {short(demand.weeks_late)} weeks late on average"
    if demand.undelivered:
        ends += f", {count(demand.undelivered, 'unit')} missing at the end"
    weight = "" if demand.kind == "replacement" else f", weight {short(demand.weight)}"
    return (
        f"{subject.capitalize()} {name}: {demand.quantity:,} {items.get(demand.item, demand.item)} for {who}, "
        f"due {demand.due}{weight}: {ends}"
    )


def _listed(title: str, sentences: Sequence[str]) -> list[RenderableType]:
    return [] if not sentences else [Text(f"{title}:"), *(Text(f"  - {sentence}") for sentence in sentences)]


def overview(report: Report) -> RenderableType:
    """Every demand that is late or short with its leading reason, the most delay first."""
    table = Table(title="Late or short, the most delay first", title_justify="left")
    for head in ("demand", "for", "weeks late", "delay", "leading reason", "established"):
        table.add_column(head, justify="right" if head in ("weeks late", "delay") else "left")
    for demand, said in explained(report):
        leading = said.reasons[0]
        table.add_row(
            Text(demand.demand),
            Text(demand.recipient or "Ukraine"),
            f"{demand.weeks_late:,.1f}",
            short(demand.delay),
            Text(REASON_TITLES[leading.code]),
            leading.standing,
        )
    return table


def explained(report: Report) -> Iterator[tuple[DemandFacts, Explanation]]:
    """Demands with something to explain, the most delay first."""
    rows = [
        (demand, said)
        for demand in report.facts.demands
        if (said := report.facts.explanations.get((demand.kind, demand.demand))) is not None and said.reasons
    ]
    yield from sorted(rows, key=lambda row: (-row[0].delay, row[0].demand))


def line_as_dict(report: Report, use: SlotUse) -> dict[str, Any]:
    """One line in one period, ready for JSON. `reasons` names what those that wanted a slot lack."""
    day = report.facts.calendar.day
    return {
        "line": use.line,
        "period": day(use.period).isoformat(),
        "weeks": report.facts.calendar.weeks[use.period],
        "slots": use.slots,
        "used": use.used,
        "users": [
            {
                "demand": peg.demand,
                "kind": peg.kind,
                "item": peg.item,
                "units": peg.units,
                "leaves": day(peg.leaves).isoformat(),
                "arrives": day(peg.arrives).isoformat(),
            }
            for peg in use.users
        ],
        "unused": [{"item": item, "units": units} for item, units in use.unused],
        "wanting": [
            {
                "demand": one.demand,
                "kind": one.kind,
                "recipient": one.recipient or None,
                "item": one.item,
                "units": one.units,
                "weight": clean(one.weight),
                "weeks_late": clean(one.weeks_late),
            }
            for one in use.wanting
        ],
        "reasons": [
            words.as_dict(said, said.reasons[0])
            for words in (Words(report.problem, report.facts),)
            for one in use.wanting
            if (said := report.facts.explanations.get((one.kind, one.demand))) is not None
        ],
    }


def line_shown(report: Report, use: SlotUse) -> RenderableType:
    """One line in one period, for the terminal."""
    day, weight = report.facts.calendar.day, {(d.kind, d.demand): d for d in report.facts.demands}
    weeks = report.facts.calendar.weeks[use.period]
    used = f"{use.used:,} of {count(use.slots, 'slot')} used"
    head = f"Line {use.line}, {count(weeks, 'week')} from {day(use.period)}: {used}"
    users = Table(title="Who uses them", title_justify="left")
    for name in ("demand", "for", "item", "units", "weight", "leaves", "arrives"):
        users.add_column(name, justify="right" if name in ("units", "weight") else "left")
    for peg in use.users:
        demand = weight[peg.kind, peg.demand]
        users.add_row(
            *(Text(text) for text in (peg.demand, demand.recipient or "Ukraine", peg.item, f"{peg.units:,}")),
            "promise" if peg.kind == "replacement" else f"{demand.weight:.2f}",
            *(day(peg.leaves).isoformat(), day(peg.arrives).isoformat()),
        )
    for item, units in use.unused:
        users.add_row(Text("nobody"), "", Text(item), f"{units:,}", "", "", "")
    wanting = Table(title="Who wanted one, the heaviest first", title_justify="left")
    for name in ("demand", "for", "item", "units not there yet", "weight", "weeks late"):
        wanting.add_column(name, justify="right" if name.startswith(("units", "we")) else "left")
    for one in use.wanting:
        wanting.add_row(
            *(Text(text) for text in (one.demand, one.recipient or "Ukraine", one.item, f"{one.units:,}")),
            *(f"{one.weight:.2f}", f"{one.weeks_late:,.1f}"),
        )
    return Group(Text(head, style="bold"), users, wanting)
