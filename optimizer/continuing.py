"""Planning on from a plan before: where nothing has changed it stands; else what is left of it starts the solve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from models.checker import check_plan
from models.formulation import Formulation
from models.plan import Plan
from models.problem import Problem
from optimizer.reporting.previous import Rolled
from optimizer.rolling.bounds import LOOSENED
from optimizer.rolling.relisted import relisted
from optimizer.settings import Settings
from optimizer.solving.outcome import Outcome, Progress, relative_gap
from optimizer.solving.places.where import BESIDE, Where
from optimizer.solving.solve import solve
from optimizer.solving.standing import proven, standing

PROVING_SHARE = 0.3
"""Share of the time that a bound gets for a plan that stands."""
BEFORE = "the plan before"
"""What a plan that was left of the one before is called among those that a solve starts from."""
UNCHANGED = "Nothing has changed since the plan before: it stands. Ask for a --gap to look for a better one."


@dataclass(frozen=True, slots=True)
class Stood:
    """A plan before that stands, in the instance as it was rolled on; with it, it can be made out again.

    `bound`: carried over from the plan before; None where it has to be proven anew (`why`, in words), to the gap
    `enough`.
    """

    plan: Plan
    bound: float | None
    enough: float
    why: str = ""

    def as_dict(self) -> dict[str, Any]:
        """All but the plan, ready for JSON."""
        return {"bound": self.bound, "enough": self.enough, "why": self.why}


def stood_in(rolled: Rolled, settings: Settings, *, hold: bool) -> Stood | None:
    """The plan before, where nothing has changed; None where there is something to plan anew.

    Its bound is carried over where that is valid (`optimizer.rolling.bounds`). `hold`: it stands with the gap it has.
    """
    plan, before = rolled.advanced.carried, rolled.previous
    verdict = check_plan(rolled.problem, plan)
    if not rolled.unchanged or not verdict.passed or "calendar" in rolled.loosened:
        return None
    value, enough = verdict.terms.total, max(settings.gap, before.gap or 0.0)
    if not rolled.loosened and before.bound is not None:
        bound = value - max(0.0, before.terms.total - before.bound)
        gap = relative_gap(value, bound)
        if hold or (gap is not None and gap <= settings.gap):
            return Stood(plan, bound, enough)
    if not hold:
        return None
    return Stood(plan, None, enough, "; ".join(LOOSENED[code] for code in rolled.loosened) or "there was none before")


def standing_anew(
    problem: Problem,
    stood: Stood,
    formulation: Formulation,
    settings: Settings,
    *,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
    where: Where = BESIDE,
) -> Outcome:
    """The outcome of a plan that stands; its bound, where none is carried over, proven in part of the time.

    Raises `ValueError` if the plan is not legal: then it does not stand.
    """
    verdict = check_plan(problem, stood.plan)
    if not verdict.passed:
        raise ValueError("the plan that stood breaks rules")
    value = verdict.terms.total
    if stood.bound is not None:
        return standing(stood.plan, value, stood.bound, formulation.name, UNCHANGED)
    limits = replace(settings.limited(PROVING_SHARE * settings.limit), gap=stood.enough)
    found = solve(
        problem, formulation, limits, starts=[(BEFORE, stood.plan)], progress=progress, stop=stop, hold=True,
        where=where,
    )  # fmt: skip
    anew = (
        "Its bound was proven anew" if found.bound is not None else "No bound was proven for it in the time there was"
    )
    return proven(found, stood.plan, value, stood.enough, f"{UNCHANGED} {anew} ({stood.why}).")


def left_starts(rolled: Rolled) -> list[tuple[str, Plan]]:
    """What is left of the plan before, as it was and where that is not legal put off where it has to be."""
    carried = rolled.advanced.carried
    if check_plan(rolled.problem, carried).passed:
        return [(BEFORE, carried)]
    again = relisted(rolled.problem, carried)
    return [(BEFORE, again)] if check_plan(rolled.problem, again).passed else []
