"""The one minute: what a plan means for Ukraine, for allies and for donors, and how good it is, in a few sentences."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.explaining.facts import DemandFacts
from optimizer.reporting.names import count, long_date, whole_percent
from optimizer.reporting.numbers import percent, short
from optimizer.reporting.replanning_words import headline, sentences
from optimizer.reporting.summary import Report, Summary
from optimizer.reporting.tables.cells import Parts
from optimizer.reporting.tables.shares import tally

TOP = 5
"""How many items the summary names as those behind most of the delay."""


@dataclass(frozen=True, slots=True)
class Card:
    """One box of the summary: `big` catches the eye, `parts` is a bar, `lines` are sentences, `link` leads on."""

    title: str
    big: str
    lines: tuple[str, ...]
    link: tuple[str, str] | None = None
    parts: Parts | None = None
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Culprit:
    """An item and its share of all delay."""

    item: str
    share: float
    text: str


def cards(report: Report) -> tuple[Card, ...]:
    """Ukraine, allies, money, and how good the plan is."""
    facts = report.facts
    found = [
        _demands(report, "Needs of Ukraine", "need", facts.needs, ("needs", "All needs")),
        _demands(report, "Orders of allies", "order", facts.orders, ("part-allies", "All orders")),
    ]
    return (*(card for card in found if card is not None), *_money(report), _quality(report), *_before(report))


def _before(report: Report) -> tuple[Card, ...]:
    """How much moved since the plan before, where there is one."""
    found = report.summary.replanning
    if found is None:
        return ()
    tone = "bad" if found.broken else ""
    link = ("moved", "What moved") if found.moved else None
    return (Card("Since the plan before", headline(found), sentences(found), link, None, tone),)


def _demands(
    report: Report, title: str, noun: str, demands: Sequence[DemandFacts], link: tuple[str, str]
) -> Card | None:
    if not demands:
        return None
    worth, states = tally(demands, money=True), Counter(demand.state for demand in demands)
    end = long_date(report.facts.calendar.day(report.facts.calendar.count))

    def share(amount: float) -> str:
        return whole_percent(worth.share(amount))

    counts = [
        f"{states['on_time']} in full and on time",
        f"{states['late']} in full but late",
        f"{states['short'] + states['none']} with units missing",
    ]
    if states["not_due"]:
        counts.append(f"{states['not_due']} not due before the end")
    lines = (
        f"{count(len(demands), noun)}: {', '.join(counts)}.",
        f"Of goods worth {short(worth.asked)} million USD, {share(worth.in_time)} arrive on time, "
        f"{share(worth.late)} late, {share(worth.missing + worth.not_due)} not before {end}.",
        f"On average {short(round(worth.weeks_late, 1))} weeks late, by value; what is missing counts as arriving "
        f"{report.problem.after_horizon_weeks} weeks after the end.",
    )
    big = f"{share(worth.in_time)} on time"
    return Card(title, big, lines, link, Parts(worth.parts, worth.asked, worth.label))


def _money(report: Report) -> tuple[Card, ...]:
    facts, problem = report.facts, report.problem
    if not facts.pledges and not facts.packages and not problem.offers:
        return ()
    paid = sum(row.paid_usd_m for row in facts.pledges)
    pledged = sum(row.pledge.amount_usd_m for row in facts.pledges)
    donors = {row.pledge.donor for row in facts.pledges if row.paid_usd_m > 0}
    released = Counter(package.status for package in facts.packages if package.period is not None)
    fresh = released["new"] + released["proposed"]
    lines = [
        f"{count(fresh, 'package')} released and paid by {count(len(donors), 'donor')}: {released['proposed']} that "
        f"{'was' if released['proposed'] == 1 else 'were'} proposed, {released['new']} put together by this plan; "
        f"{released['funded']} had been paid before.",
        f"{short(max(0.0, pledged - paid))} million USD of pledges are left.",
    ]
    if problem.offers:
        late = sum(row.on_time < row.quantity for row in facts.replacements)
        kept = "all replaced by the promised date" if not late else f"{late} not replaced by the promised date"
        tail = f"; {kept}" if facts.replacements else ""
        lines.append(
            f"{len(facts.replacements)} of {count(len(problem.offers), 'offer')} from own inventory accepted{tail}."
        )
    big = f"{short(paid)} of {short(pledged)} million USD spent"
    bar = Parts((("in-time", paid), ("left", max(0.0, pledged - paid))), pledged, f"{short(paid)} of {short(pledged)}")
    return (Card("Money of donors", big, tuple(lines), ("part-packages", "Packages and donors"), bar),)


def _quality(report: Report) -> Card:
    """How much is gained, what is proven, and whether the checker agrees."""
    summary = report.summary
    sure = "A separate program checked every rule and found none broken."
    if summary.checker != "passed":
        sure = "The checker found rules broken: this is not a legal plan."
    gains = [text for _, text in gained(summary)]
    big = gains[0] if gains else ("every rule kept" if summary.checker == "passed" else "rules broken")
    lines = (*(f"{text[0].upper()}{text[1:]}." for text in gains[1:]), proven(summary), sure)
    tone = "good" if summary.checker == "passed" else "bad"
    return Card("How good is this plan", big, lines, ("delay", "Where the delay comes from"), None, tone)


def gained(summary: Summary) -> list[tuple[str, str]]:
    """How much less delay than the two cases to compare with: (title of the case, words)."""
    found = []
    for case in summary.baselines:
        if summary.objective is None or case.objective <= 0:
            continue
        share = 1 - summary.objective / case.objective
        word = "less" if share >= 0 else "more"
        text = "as much" if abs(share) < 5e-4 else f"{percent(abs(share), 1)} {word}"
        joint = "as" if abs(share) < 5e-4 else "than"
        found.append((case.title, f"{text} delay {joint} “{case.title.lower()}”"))
    return found


def proven(summary: Summary) -> str:
    """The lower bound and the gap in one sentence, for somebody who never heard of either."""
    if summary.objective is None or summary.bound is None or summary.gap is None:
        return "How much better a plan could be is not known."
    if summary.gap <= 0:
        return "It is proven that no plan has less delay."
    low, here = short(summary.bound), short(summary.objective)
    share = percent(summary.gap, 1 if summary.gap >= 0.01 else 2)
    return (
        f"It is proven that no plan has less delay than {low}; this one has {here}, so at most {share} of it could "
        "still be avoided."
    )


def culprits(report: Report) -> tuple[Culprit, ...]:
    """The items behind most of the delay of needs and orders, with what comes of them."""
    by_item: dict[str, list[DemandFacts]] = defaultdict(list)
    for demand in report.facts.demands:
        by_item[demand.item].append(demand)
    names = {item.item: item.name for item in report.problem.items}
    total = report.verdict.terms.total
    sums = {item: tally(demands, money=False) for item, demands in by_item.items()}
    worst = sorted((item for item in sums if sums[item].delay > 0), key=lambda item: (-sums[item].delay, item))
    return tuple(
        Culprit(
            names[item],
            sums[item].delay / total,
            f"{short(sums[item].delivered)} of {short(sums[item].asked)} units asked arrive, "
            f"{short(sums[item].in_time)} of them on time",
        )
        for item in worst[:TOP]
    )
