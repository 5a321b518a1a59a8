"""Whether the names in a disturbance file are names of an instance; judged when the instance is at hand."""

from __future__ import annotations

from collections.abc import Iterator

from models.problem import Problem
from optimizer.findings import Finding, error
from optimizer.reading import guess
from optimizer.scenarios.disturbances import KINDS, Chosen, Disturbances


def names_of(problem: Problem) -> dict[str, frozenset[str]]:
    """What may be named, by the key of a row that names it."""
    return {
        "lines": frozenset(row.line for row in problem.lines),
        "components": frozenset(row.component for row in problem.components),
        "items": frozenset(row.item for row in problem.items),
        "categories": frozenset(row.category for row in problem.items),
        "pledges": frozenset(row.pledge for row in problem.pledges),
        "donors": frozenset(row.recipient for row in problem.recipients),
        "offers": frozenset(row.offer for row in problem.offers),
        "cases": frozenset(row.case for row in problem.approvals),
        "recipients": frozenset(row.recipient for row in problem.recipients),
    }


def unknown_names(
    disturbances: Disturbances, problem: Problem, file: str, lines: dict[str, int] | None = None
) -> Iterator[Finding]:
    """An error for every name that the instance does not have; `lines` are those of the file's keys."""
    known = names_of(problem)
    for kind in KINDS:
        for at, row in enumerate(getattr(disturbances, kind)):
            chosen: Chosen = row.chosen
            if chosen.by == "*":
                continue
            key = f"{kind}[{at}].{chosen.by}"
            for name in chosen.names:
                if name not in known[chosen.by]:
                    yield error(
                        "unknown_key",
                        file,
                        f"The instance has no {name!r} among its {chosen.by}.",
                        row=(lines or {}).get(key),
                        column=key,
                        value=name,
                        expected=f"one of the instance's {chosen.by}, or *",
                        hint=guess.maybe(guess.name(name, sorted(known[chosen.by]))),
                    )
