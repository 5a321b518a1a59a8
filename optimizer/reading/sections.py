"""The keys of `instance.toml`, section by section, with types, limits and meanings: the rest of the table of columns.

In a workbook they are the rows of the sheet `instance`, as dotted keys (`weights.shares.defence_level`). A section
that is absent switches its feature off; `[objective]` absent means the weighted sum.
"""

from __future__ import annotations

from typing import Any

from models import problem as records
from models.problem import SCORES, TERMS
from optimizer.reading.column import Column, Section, choice, date, number, refers, text, weeks, whole

_RATIO: dict[str, Any] = {"unit": "ratio", "maximum": 1}
_SHARE_EXAMPLES = ("0.35", "0.10", "0.30", "0.15", "0.10")

TOP = Section(
    "",
    None,
    "",
    "The instance as a whole.",
    (
        text("name", "What the instance is called.", "Week 2 of 2026"),
        date("start", "First day of the horizon, a Monday.", "2026-01-05"),
        Column("periods", "periods", "How many periods of how many weeks each, in order.", "[[52, 1], [13, 4]]"),
        weeks("after_horizon_weeks", "Weeks late that are added to what does not happen in the horizon.", "13"),
        date(
            "as_of",
            "Day on which the quantities stand, for `solve --previous`; absent: as of the plan before.",
            "2026-01-05",
            blank=True,
        ),
        Column(
            *("depth", "periods", "The calendar that `solve --previous` keeps up; absent: `periods`."),
            example="[[52, 1], [13, 4]]",
            blank=True,
        ),
    ),
)
WEIGHTS = Section(
    "weights",
    records.WeightsPolicy,
    "weights",
    "How contributions become priority weights. Without it every weight, and every factor of urgency, is 1.",
    (
        number("minimum", "Weight of a score of 0.", "1.0", "weight", minimum=None, above=0),
        number("maximum", "Weight of a score of 1; at least `minimum`.", "8.0", "weight", minimum=None, above=0),
        number("ukraine", "Weight of Ukraine, times the urgency's factor.", "8.0", "weight"),
        Column(
            *("urgency", "numbers", "Factors of urgency 1 to 5.", "[16, 8, 4, 2, 1]", "factor"),
            minimum=0,
            maximum=10**6,
            length=5,
        ),
        number("defence_target_pct_gdp", "Spending that scores 1.", "3.5", "% of GDP", minimum=None, above=0),
        number("trend_reference_pct_gdp", "Growth that scores 1.", "1.5", "% of GDP", minimum=None, above=0),
        number("support_reference_pct_gdp", "Support that scores 1.", "1.0", "% of GDP", minimum=None, above=0),
        number("missing_score", "Score where the contribution is blank.", "0.5", **_RATIO),
        *(
            number(f"shares.{score}", f"Share of the score {score}; the five sum to 1.", example, **_RATIO)
            for score, example in zip(SCORES, _SHARE_EXAMPLES, strict=True)
        ),
    ),
)
PACKAGES = Section(
    "packages",
    records.PackagesPolicy,
    "package_policy",
    "What a new package may look like. Without it needs need no package.",
    (
        number("target_usd_m", "Value a new package aims at.", "500", "million USD", minimum=None, above=0),
        number("tolerance", "A new package is worth target × (1 ± tolerance).", "0.10", **_RATIO),
        whole("max_new", "New packages at most.", "12", "packages", maximum=10_000),
        whole("max_donors", "Pledges that may pay for one package.", "8", "pledges", minimum=1),
        number("min_contribution_usd_m", "Least a pledge pays for a package, if anything.", "5", "million USD"),
        weeks("contract_weeks", "From release to the first dispatch.", "2"),
        whole(
            *("max_releases_per_period", "Releases in one period at most; absent: no limit.", "2", "packages"),
            blank=True,
        ),
    ),
)
DELIVERY = Section(
    "delivery",
    records.DeliveryPolicy,
    "delivery",
    "Where goods for Ukraine start and end. Without it they arrive in the period they leave.",
    (
        refers("pool_site", "sites.site", meaning="Where the pool is.", example="Hub A"),
        refers("destination_site", "sites.site", meaning="Where goods arrive.", example="Hub B"),
        whole("routes_per_origin", "Routes looked at from each origin.", "3", "routes", minimum=1, maximum=1_000),
        whole("max_lanes_per_route", "Lanes of a route at most.", "4", "lanes", minimum=1, maximum=100),
    ),
)
APPROVAL = Section(
    "approval",
    records.ApprovalPolicy,
    "approval",
    "The reviewers' capacity. Without it every case is approved.",
    (
        number("review_weeks_per_week", "Review work done in a week.", "4.0", "weeks of effort a week"),
        weeks("processing_weeks", "From approval to the first dispatch.", "4"),
        number("fast_track_pct_gdp", "Defence spending from which a case is fast-tracked.", "3.5", "% of GDP"),
        number("fast_track_factor", "Factor on the effort of a fast-tracked case.", "0.5", **_RATIO),
    ),
)
READINESS = Section(
    "readiness",
    records.ReadinessPolicy,
    "readiness",
    "What stock below its floor costs. Without it nothing (the floor itself holds all the same).",
    (number("weight", "Weight of a missing unit's price and weeks.", "4.0", "weight"),),
)
STABILITY = Section(
    "stability",
    records.StabilityPolicy,
    "stability",
    "What it costs to break with the plan before. Without it nothing.",
    (
        weeks("frozen_weeks", "Weeks from the start in which a change costs more.", "4"),
        number("frozen_cost_weeks", "Cost of a change in them.", "52.0", "weeks late"),
        number("change_cost_weeks", "Cost of a change after them.", "1.0", "weeks late"),
    ),
)
OBJECTIVE = Section(
    "objective",
    records.ObjectivePolicy,
    "objective",
    "What is minimised. Without it the weighted sum.",
    (
        choice(
            "mode",
            "The sum of the terms, or the terms in order.",
            "weighted",
            "lexicographic",
            blank=True,
            default="weighted",
        ),
        Column(
            *("stages", "terms", "The terms in order, when lexicographic.", str(list(TERMS)).replace("'", '"')),
            blank=True,
            default=TERMS,
            choices=TERMS,
        ),
        number(
            "stage_tolerance", "How far a stage may fall behind its best.", "0.0", blank=True, default=0.0, **_RATIO
        ),
    ),
)

_ALL = (TOP, WEIGHTS, PACKAGES, DELIVERY, APPROVAL, READINESS, STABILITY, OBJECTIVE)
SECTIONS: dict[str, Section] = {section.name: section for section in _ALL}
"""All sections by name, in the order of `problem.md`; the keys outside any section under the empty name."""

SHARES = "shares."
"""Keys of `[weights]` that begin so are the entries of its inline table `shares`."""
