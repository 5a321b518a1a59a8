"""Words of a stress test for people: elements, promises, the sentences on top."""

from __future__ import annotations

from optimizer.batch.stress import PROBE_LESS, PROBE_WEEKS, Stress
from optimizer.reporting.names import count, whole_percent
from optimizer.reporting.numbers import short
from optimizer.rolling.execute_promises import PromiseKind
from optimizer.rolling.execute_supply import ElementKind

ELEMENTS: dict[ElementKind, str] = {
    "line": "line",
    "component": "component",
    "receipt": "receipts of",
    "lane": "lane",
    "pledge": "pledge",
    "offer": "offer",
    "package": "funded package",
    "case": "review of case",
    "review": "all reviewers",
    "need": "urgent need",
}
PROMISE_TITLES: dict[PromiseKind, str] = {
    "firm_date": "firm date of an order",
    "replacement_on_time": "replacement of a gift",
    "promise_kept": "content of packages",
    "release_date": "release of a package",
    "expiry": "delivery before a need expires",
    "commitment": "dispatch committed before",
}
PROBE = (
    f"The probe disturbs each by itself, in the same way: a line, a component or a lane gives {PROBE_LESS:.0%} less "
    f"from the first day on, a pledge comes {PROBE_WEEKS} weeks late, an offer is withdrawn."
)


def headline(stress: Stress) -> list[str]:
    """What it comes to, in sentences."""
    spread, planned = stress.delay, stress.planned_delay
    lines = [
        f"{count(stress.draws, 'draw')} of “{stress.scenario}”, "
        f"seeds {stress.seed} to {stress.seed + stress.draws - 1}.",
        f"The plan has a delay of {short(planned)}. Executed, it comes to {short(spread.mean)} in the mean "
        f"(95 % interval {short(spread.mean_low)} to {short(spread.mean_high)}), and to {short(spread.cvar90)} in the "
        f"worst tenth of the draws (CVaR90; {short(spread.cvar90_low)} to {short(spread.cvar90_high)}).",
    ]
    unknown = float(stress.played.unplanned.mean())
    if unknown:
        lines.append(
            f"Of the mean, {short(unknown)} is owed to needs that nobody knew of: the recourse does not plan anew, so "
            "they get nothing."
        )
    risky = [row for row in stress.promise_risks if row.broken]
    if risky:
        worst = max(risky, key=lambda row: row.probability)
        lines.append(
            f"{len(risky)} of {count(len(stress.promise_risks), 'promise')} are broken in some draw; most often the "
            f"{PROMISE_TITLES[worst.promise.kind]} {worst.promise.name}, in {whole_percent(worst.probability)} of them."
        )
    elif stress.promise_risks:
        lines.append(f"None of {count(len(stress.promise_risks), 'promise')} is broken in any draw.")
    if stress.leans and stress.leans[0].share > 0:
        first = stress.leans[0]
        lines.append(
            f"It leans most on {ELEMENTS[first.element.kind]} {first.element.name}".rstrip()
            + f": {short(first.share)} of the expected rise ({short(spread.mean - planned)}) is owed to it."
        )
    return lines
