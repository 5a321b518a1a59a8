"""Disturbances of every kind, and an instance in which all of them can strike."""

from __future__ import annotations

from dataclasses import replace

from models.problem import LineRate, Problem
from optimizer.scenarios.disturbances import (
    Chance,
    Chosen,
    ComponentShortages,
    Disturbances,
    LatePledges,
    LateRamps,
    LineSlips,
    LongerReviews,
    Range,
    UrgentNeeds,
    WithdrawnOffers,
)
from tests.builders import a_pledge, day, small_problem

SOON = Range(1, 1)


def all_kinds(probability: float = 1.0) -> Disturbances:
    """A row of every kind that means everybody."""
    often = Chance(per_week=probability)
    return Disturbances(
        "all",
        "",
        (LineSlips("slip", Chosen(), often, Range(0.1, 0.4), Range(1, 2), SOON),),
        (LateRamps("ramp", Chosen(), probability, Range(1, 5), SOON),),
        (ComponentShortages("dry", Chosen(), often, Range(1, 1), Range(1, 2), SOON),),
        (UrgentNeeds("urgent", Chosen(), often, None, Range(5, 60), Range(1, 5), Range(0, 4), Range(0, 3)),),
        (LatePledges("late", Chosen(), probability, Range(1, 6), Range(0, 1), Range(0, 3)),),
        (WithdrawnOffers("gone", Chosen(), probability),),
        (LongerReviews("long", Chosen(), probability, Range(0, 1), Range(0, 4)),),
    )


def a_problem() -> Problem:
    """The small instance with a rise, a pledge and an offer that are still ahead."""
    problem = small_problem()
    return replace(
        problem,
        line_rates=(*problem.line_rates, LineRate("missile_line", day(4), 5.0)),
        pledges=(*problem.pledges, a_pledge("G-later", available_on=day(3, 2), expires_on=day(6))),
    )
