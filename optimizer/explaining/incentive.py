"""How a recipient's deliveries move with what it contributes: records of a curve (`optimizer.valuing.incentive`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from models.plan import Plan

By = Literal["defence", "support", "offer"]
"""What rises: defence spending, support of Ukraine (both % GDP), or units offered from inventory."""
BYS: tuple[By, ...] = ("defence", "support", "offer")
"""Everything that may rise."""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A recipient's deliveries in the best plan known for one value of its contribution.

    Attributes:
        value: % GDP, or units offered; None = blank, as the instance has it.
        present: whether it is what the instance has.
        weight: the recipient's priority weight.
        fast_track: whether its cases are on the fast track of review.
        delay: million-dollar-weeks late of its orders, each times its multiplier: what the weight multiplies.
        mean_weeks: weeks late of its orders, the mean over what they are worth.
        units: units ordered.
        on_time: units of its orders that arrive on time.
        delivered: units of its orders that arrive in the horizon.
        replaced: units that it gets for gifts of its own, on their promised dates.
        accepted: whether the offer of this point is accepted (False for `defence` and `support`).
        objective: what the plan costs everybody.
        bound: what is proven that every plan costs at least; None where nothing is.
        settled: whether the plan is proven best with money, contents, approvals and other offers held.
        plan: the plan.
    """

    value: float | None
    present: bool
    weight: float
    fast_track: bool
    delay: float
    mean_weeks: float
    units: int
    on_time: int
    delivered: int
    replaced: int
    accepted: bool
    objective: float
    bound: float | None
    settled: bool
    plan: Plan

    @property
    def gap(self) -> float | None:
        """(objective − bound) / |objective|; None where no bound is known."""
        if self.bound is None:
            return None
        return max(0.0, self.objective - self.bound) / max(abs(self.objective), 1e-9)


@dataclass(frozen=True, slots=True)
class Curve:
    """The points of one recipient, in rising order. `item`: what it offers, "" but for `offer`."""

    recipient: str
    by: By
    item: str
    points: tuple[CurvePoint, ...]

    @property
    def saturated(self) -> CurvePoint | None:
        """The first point from which on nothing more is gained; None if the last step still gains.

        Gained is a smaller delay of its orders, and replacement units of what it offers.
        """
        if len(self.points) < 2:
            return self.points[0] if self.points else None
        first = len(self.points) - 1
        while first > 0 and not gains(self.points[first - 1], self.points[-1]):
            first -= 1
        return None if first == len(self.points) - 1 else self.points[first]


def gains(less: CurvePoint, more: CurvePoint) -> bool:
    """Whether the recipient is served better at the second point than at the first."""
    return more.delay < less.delay - 1e-6 * max(1.0, less.delay) or more.replaced > less.replaced
