"""The methods by name: each improves a `Search` until it is over; whatever it does in between, its bound is valid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from models.formulation import Formulation
from optimizer.solving.components import components
from optimizer.solving.direct import direct
from optimizer.solving.guided import guided
from optimizer.solving.improving import improving
from optimizer.solving.pricing import pricing
from optimizer.solving.search import Search
from optimizer.solving.separating import separating
from optimizer.solving.sequencing import sequencing
from optimizer.solving.started import started


@dataclass(frozen=True, slots=True)
class Method:
    """A method: `run` improves a search; `guide` gives the relaxation that it wants beside the exact model, if any.

    `least_whole`: with fewer whole columns than this, branch and bound alone is taken instead, as it is faster.
    """

    name: str
    summary: str
    run: Callable[[Search], None]
    guide: Callable[[Formulation], Formulation] | None = None
    least_whole: int = 0


def _counted(formulation: Formulation) -> Formulation:
    return replace(formulation, funding="counted")


def _aggregated(formulation: Formulation) -> Formulation:
    return replace(formulation.exact, packages="unindexed", funding="grouped")


def _as_chosen(formulation: Formulation) -> Formulation:
    return formulation


METHODS: dict[str, Method] = {
    m.name: m
    for m in (
        Method("direct", "branch and bound on the whole model, from the best plan known", direct),
        Method("guided", "a relaxation leads and bounds, neighbourhoods polish", guided, _counted, least_whole=3000),
        Method(
            "sequencing", "complete orders in sequence, line by line: prices bound, sets of orders lead", sequencing
        ),
        Method("separating", "a relaxation is solved and refined until a plan lies behind it", separating, _as_chosen),
        Method("pricing", "package patterns are priced as knapsacks and become columns", pricing, _aggregated),
        Method("components", "parts that share nothing, one after the other", components),
        Method("started", "relax-and-fix along the calendar, then branch and bound from its plan", started),
        Method("improving", "fix-and-optimize from the best baseline, then branch and bound", improving),
    )
}
"""Every method; `Formulation.method` names one."""
