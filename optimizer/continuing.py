"""Planning on from a plan before: where nothing has changed it stands; else what is left of it starts the solve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from models.checker import check_plan
from models.formulation import Formulation
from models.plan import Plan
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
UNCHANGED = "Nothing has changed since the plan before: it stands. Ask for a --gap to look for a better one."


def continued(
    rolled: Rolled,
    formulation: Formulation,
    settings: Settings,
    progress: Callable[[Progress], None] | None,
    stop: Callable[[], bool],
    *,
    hold: bool,
    where: Where = BESIDE,
) -> Outcome | None:
    """Where nothing has changed: the plan before, which stands; None where there is something to plan anew.

    Its bound is carried over, or where that is not valid (`optimizer.rolling.bounds`) proven anew in part of the time.
    """
    plan, before = rolled.advanced.carried, rolled.previous
    verdict = check_plan(rolled.problem, plan)
    if not rolled.unchanged or not verdict.passed or "calendar" in rolled.loosened:
        return None
    value = verdict.terms.total
    if not rolled.loosened and before.bound is not None:
        bound = value - max(0.0, before.terms.total - before.bound)
        gap = relative_gap(value, bound)
        if hold or (gap is not None and gap <= settings.gap):
            return standing(plan, value, bound, formulation.name, UNCHANGED)
    if not hold:
        return None
    enough = max(settings.gap, before.gap or 0.0)
    limits = replace(settings.limited(PROVING_SHARE * settings.limit), gap=enough)
    found = solve(
        rolled.problem, formulation, limits, starts=[("the plan before", plan)], progress=progress, stop=stop,
        hold=True, where=where,
    )  # fmt: skip
    why = "; ".join(LOOSENED[code] for code in rolled.loosened)
    anew = (
        "Its bound was proven anew" if found.bound is not None else "No bound was proven for it in the time there was"
    )
    note = f"{UNCHANGED} {anew} ({why or 'there was none before'})."
    return proven(found, plan, value, enough, note)


def left_starts(rolled: Rolled) -> list[tuple[str, Plan]]:
    """What is left of the plan before, as it was and where that is not legal put off where it has to be."""
    carried = rolled.advanced.carried
    if check_plan(rolled.problem, carried).passed:
        return [("the plan before", carried)]
    again = relisted(rolled.problem, carried)
    return [("the plan before", again)] if check_plan(rolled.problem, again).passed else []
