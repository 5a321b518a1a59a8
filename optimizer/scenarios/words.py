"""An event in a sentence."""

from __future__ import annotations

from optimizer.scenarios.disturbances import (
    ComponentShortage,
    Event,
    LatePledge,
    LateRamp,
    LineSlip,
    LongerReview,
    UrgentNeed,
)


def told(event: Event) -> str:
    """What happens, for people; names are the user's own and must be escaped where that matters."""
    if isinstance(event, LineSlip):
        until = "for good" if event.ends is None else f"until {event.ends}"
        return f"line {event.line} turns out {1 - event.factor:.0%} less from {event.begins} {until}"
    if isinstance(event, LateRamp):
        return f"line {event.line}: what was to begin on {event.begins} comes {event.weeks} weeks later"
    if isinstance(event, ComponentShortage):
        until = "for good" if event.ends is None else f"until {event.ends}"
        if event.factor == 0:
            return f"component {event.component} dries up from {event.begins} {until}"
        return f"component {event.component}: {1 - event.factor:.0%} less comes in from {event.begins} {until}"
    if isinstance(event, UrgentNeed):
        need = event.need
        return f"urgent need {need.need}: {need.quantity} of {need.item} by {need.needed_by}"
    if isinstance(event, LatePledge):
        return f"pledge {event.pledge} comes on {event.available_on}, with {event.amount_usd_m:g} million USD"
    if isinstance(event, LongerReview):
        return f"the review of case {event.case} takes {event.more_weeks:g} weeks of work more"
    return f"offer {event.offer} is withdrawn"
