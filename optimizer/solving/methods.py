"""The methods by name: each improves a `Search` until it is over; whatever it does in between, its bound is valid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from optimizer.solving.direct import direct
from optimizer.solving.guided import guided
from optimizer.solving.search import Search


@dataclass(frozen=True, slots=True)
class Method:
    """A method: `run` improves a search; `guide` says whether it wants the model with pooled pledges beside the exact.

    `least_whole`: with fewer whole columns than this, branch and bound alone is taken instead, as it is faster.
    """

    name: str
    summary: str
    run: Callable[[Search], None]
    guide: bool = False
    least_whole: int = 0


METHODS: dict[str, Method] = {
    m.name: m
    for m in (
        Method("direct", "branch and bound on the whole model, from the best plan known", direct),
        Method("guided", "a relaxation leads and bounds, neighbourhoods polish", guided, guide=True, least_whole=3000),
    )
}
"""Every method; `Formulation.method` names one."""
