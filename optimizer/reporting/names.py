"""Words for people: the page and the workbook never show a name of the files where a plain word exists."""

from __future__ import annotations

import datetime as dt

TERM_TITLES = {
    "needs_delay": "Late needs of Ukraine",
    "orders_delay": "Late orders of allies",
    "readiness_shortfall": "Stock below its floor",
    "plan_change": "Changes to the plan before",
}
"""The objective's terms (`problem.md`, "What is minimised")."""

STATUS_WORDS = {
    "optimal": "This is the best plan there is.",
    "gap_reached": "The best plan found; it is proven how far from the best it can be.",
    "time_limit": "The best plan found in the time there was.",
    "interrupted": "The best plan found until the search was interrupted.",
    "infeasible": "No plan can exist.",
    "no_plan": "No plan was found in the time there was.",
}
"""What each status of `summary.json` means to somebody who reads the plan."""

STATES = {
    "on_time": "on time",
    "late": "late",
    "short": "part missing",
    "none": "all missing",
    "not_due": "not due yet",
}
"""How a demand ends, the best first; `not_due` is what is missing but due after the horizon only."""

SCORE_TITLES = {
    "defence_level": "defence spending",
    "defence_trend": "its rise in a year",
    "ukraine_support": "support of Ukraine",
    "strategic_role": "strategic role",
    "economic_contribution": "economic contribution",
}
"""The five scores behind a priority weight."""

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def words(name: str) -> str:
    """A name of the files as words for people."""
    return name.replace("_", " ")


def long_date(day: dt.date) -> str:
    """A date as it is written in a sentence, the same in every locale."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def count(number: int, one: str, many: str = "") -> str:
    """A number and its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def whole_percent(share: float) -> str:
    """A share in whole percent; what is not nothing and not all never reads as 0 % or 100 %."""
    if 0 < share < 0.005:
        return "<1 %"
    if 0.995 <= share < 1 - 1e-9:
        return ">99 %"
    return f"{100 * share:.0f} %"
