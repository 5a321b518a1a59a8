"""The queue ledger in plain words: one sentence a pass, for the page, the workbook and the terminal."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from models.problem import Problem
from optimizer.explaining.facts import DemandFacts, Facts
from optimizer.explaining.ledger import Case, Pass
from optimizer.explaining.rights import MULTIPLIER, RIGHT_TITLES
from optimizer.explaining.turns import Key
from optimizer.reporting.names import SCORE_TITLES, count, long_date
from optimizer.reporting.numbers import short

CASES: dict[Case, str] = {
    "first_come_first_served": "under “first come, first served”",
    "plan_before": "in the plan before",
    "other_plan": "in the other plan",
}
"""The case compared with, as it stands in a sentence."""


def in_weeks(weeks: float) -> str:
    """A number of weeks in words, whole where it is nearly so."""
    rounded = round(weeks) if weeks >= 10 or abs(weeks - round(weeks)) < 0.05 else round(weeks, 1)
    if rounded == 0:
        return "less than a week"
    return count(int(rounded), "week") if rounded == int(rounded) else f"{rounded:g} weeks"


@dataclass(frozen=True)
class QueueWords:
    """Words for the passes of one plan."""

    problem: Problem
    facts: Facts

    @cached_property
    def _demands(self) -> dict[Key, DemandFacts]:
        return {(demand.kind, demand.demand): demand for demand in self.facts.demands}

    @cached_property
    def _recipients(self) -> dict[str, str]:
        return {row.recipient: row.name for row in self.problem.recipients}

    @cached_property
    def _items(self) -> dict[str, str]:
        return {row.item: row.name for row in self.problem.items}

    @cached_property
    def _lines(self) -> dict[str, str]:
        return {row.line: row.name for row in self.problem.lines}

    @cached_property
    def _urgency(self) -> dict[str, int]:
        return {row.need: row.urgency for row in self.problem.needs}

    @cached_property
    def _firm(self) -> dict[str, dt.date | None]:
        return {row.order: row.firm_by for row in self.problem.orders}

    def who(self, key: Key) -> str:
        """The recipient of a demand by name; Ukraine for a need."""
        return "Ukraine" if key[0] == "need" else self._recipients[self._demands[key].recipient]

    def name(self, key: Key) -> str:
        """A demand and whose it is, as it stands in a sentence."""
        if key[0] == "replacement":
            return f"the replacement of {key[1]} for {self.who(key)}"
        return f"the {key[0]} {key[1]} of {self.who(key)}"

    def why(self, row: Pass) -> str:
        """By what right, in a few words that name figures and dates."""
        a, b = self._demands[row.passer], self._demands[row.passed]
        weighs = f"{short(round(row.weights[0], 2))} against {short(round(row.weights[1], 2))}"
        if row.right == "weight" and row.contribution:
            title = "the multiplier of the order" if row.contribution == MULTIPLIER else SCORE_TITLES[row.contribution]
            return f"higher weight, {weighs}, most of it for {title}"
        if row.right == "weight":
            return f"higher weight, {weighs}"
        if row.right == "urgency":
            return f"need of urgency {self._urgency[a.demand]}, which weighs {weighs}"
        if row.right == "replacement_promise":
            return f"replacement promised by {long_date(a.due)}, for what was given to Ukraine"
        if row.right == "firm_date":
            firm = self._firm[a.demand]
            return "firm date" if firm is None else f"promised firmly by {long_date(firm)}"
        if row.right == "no_loss":
            late = b.weeks_late
            now = "is on time" if late <= 0 else f"is no later than it was, {in_weeks(late)} late"
            return f"costs the other nothing: it {now}"
        if row.right == "less_delay":
            return "it is spared more delay, by weight and value, than the other bears"
        if row.right == "whole_order":
            return "what it took would not have completed the other, which counts only as a whole"
        if row.right == "unexplained":
            return "none of its own: it follows from several moves together, or from what the search left open"
        return RIGHT_TITLES[row.right]

    def sentence(self, row: Pass, case: Case) -> str:
        """The whole pass: who, whom, for what, where, by how many weeks, and by what right."""
        item = self._items[self._demands[row.passer].item]
        other = self._items[self._demands[row.passed].item]
        goods = item if item == other else f"{item}, with {other} on the same line,"
        place = "" if not row.lines else " from " + " and ".join(self._lines[line] for line in row.lines)
        name = self.name(row.passer)
        return (
            f"{name[0].upper()}{name[1:]} passed {self.name(row.passed)} for {goods}{place}: "
            f"{in_weeks(row.behind)} behind it {CASES[case]}, {in_weeks(row.ahead)} ahead of it now. "
            f"By what right: {self.why(row)}."
        )

    def passing(self, row: Pass) -> str:
        """One line for the list of those a demand was passed by."""
        return f"{in_weeks(row.weeks)}: {self.name(row.passer)}; {self.why(row)}"

    def passed(self, row: Pass) -> str:
        """One line for the list of those a demand passed."""
        return f"{in_weeks(row.weeks)}: {self.name(row.passed)}; {self.why(row)}"
