"""How much of what is asked comes in time, late, or not at all: one tally of any set of demands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from optimizer.explaining.facts import DemandFacts
from optimizer.reporting.names import whole_percent

LEGEND = (("in-time", "in time"), ("late-part", "late"), ("missing-part", "missing at the end"))
"""Classes of colour of the three parts, and what they mean."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Amounts in one measure (units, or million USD): `asked` = `in_time` + `late` + `missing` + `not_due`.

    `not_due`: does not arrive, and is due after the horizon only; `weeks_late`: mean over what is asked; `delay`: in
    the objective's units.
    """

    asked: float
    in_time: float
    late: float
    missing: float
    not_due: float
    weeks_late: float
    delay: float

    @property
    def delivered(self) -> float:
        """What arrives before the plan ends."""
        return self.in_time + self.late

    def share(self, amount: float) -> float:
        """An amount as a share of what is asked, 0 where nothing is."""
        return amount / self.asked if self.asked else 0.0

    @property
    def parts(self) -> tuple[tuple[str, float], ...]:
        """In time, late, missing: (class of colour, amount)."""
        (good, _), (fair, _), (bad, _) = LEGEND
        return (good, self.in_time), (fair, self.late), (bad, self.missing)

    @property
    def label(self) -> str:
        """The three parts in words."""
        pairs = zip(self.parts, LEGEND, strict=True)
        return ", ".join(f"{whole_percent(self.share(amount))} {word}" for (_, amount), (_, word) in pairs)


def tally(demands: Iterable[DemandFacts], *, money: bool) -> Tally:
    """Add the demands up, in million USD or in units."""
    asked = in_time = late = missing = not_due = weeks = delay = 0.0
    for demand in demands:
        each = demand.price if money else 1.0
        asked += each * demand.quantity
        in_time += each * demand.on_time
        late += each * demand.late
        if demand.state == "not_due":
            not_due += each * demand.undelivered
        else:
            missing += each * demand.undelivered
        weeks += each * demand.quantity * demand.weeks_late
        delay += demand.delay
    return Tally(asked, in_time, late, missing, not_due, weeks / asked if asked else 0.0, delay)
