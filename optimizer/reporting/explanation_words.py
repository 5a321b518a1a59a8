"""Explanations as sentences, the same on the page, in the workbook, in the terminal and in JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from models.problem import Problem
from optimizer.explaining.facts import Facts
from optimizer.explaining.pegging import PackagePeg, Peg
from optimizer.explaining.reasons import REASON_TITLES, Code, Explanation, Holder, Reason
from optimizer.reporting.names import count
from optimizer.reporting.numbers import clean, short

NAMED = 3
"""Competitors, and other entities, that a sentence names; the rest are counted."""


@dataclass(frozen=True)
class Words:
    """Sentences about one plan."""

    problem: Problem
    facts: Facts

    @cached_property
    def _recipients(self) -> Mapping[str, str]:
        return {row.recipient: row.name for row in self.problem.recipients}

    def sentences(self, said: Explanation) -> tuple[str, ...]:
        """An explanation, a sentence a reason, the leading one first."""
        return tuple(self.sentence(said, reason) for reason in said.reasons)

    def headline(self, said: Explanation) -> str:
        """The leading reason in a few words, for a cell of a table."""
        reason = said.reasons[0]
        names = _named(reason) if reason.code in _NAMING else ""
        sure = "" if reason.established else " (contributing)"
        until = f", until {reason.until}" if reason.until and reason.code in _LASTING else ""
        return f"{REASON_TITLES[reason.code]}{': ' if names else ''}{names}{until}{sure}"

    def sentence(self, said: Explanation, reason: Reason) -> str:
        """One reason: how well it is established, what it is, what it costs, who has it instead."""
        parts = [f"{_standing(reason)}{_BODIES[reason.code](reason)}{self._share(said, reason)}."]
        if reason.gain and reason.gain < said.unit_weeks and reason.standing in ("alone", "together"):
            whole = "alone" if reason.standing == "alone" else "together"
            parts.append(f"Lifted {whole}, {_unit_weeks(reason.gain)} less.")
        if reason.holders and reason.code != "replacement_promise":
            parts.append(self._holders(reason.holders, cases=reason.code == "reviewers_busy"))
        return " ".join(parts)

    def _share(self, said: Explanation, reason: Reason) -> str:
        if not said.unit_weeks or not reason.weeks:
            return ""
        if reason.weeks == said.unit_weeks:
            return f": all {_unit_weeks(reason.weeks)} late"
        return f": {reason.weeks:,} of {_unit_weeks(said.unit_weeks)} late"

    def _holders(self, holders: Sequence[Holder], *, cases: bool) -> str:
        named = [self._case(one) if cases else self._holder(one) for one in holders[:NAMED]]
        rest = f", and {len(holders) - NAMED} more" if len(holders) > NAMED else ""
        return f"{'Reviewed before it' if cases else 'Served before it'}: {'; '.join(named)}{rest}."

    def _case(self, one: Holder) -> str:
        return (
            f"{one.demand} ({self._recipients.get(one.recipient, one.recipient)}, {short(one.units)} weeks of review)"
        )

    def _holder(self, one: Holder) -> str:
        who = self._recipients.get(one.recipient, one.recipient) or "Ukraine"
        right = {
            "promise": "a replacement promised for its gift",
            "firm": f"a firm date, weight {one.weight:.2f}",
            "weight": f"weight {one.weight:.2f}",
        }[one.right]
        test = "" if one.gain else ", though without it this would come no sooner"
        return f"{one.demand} for {who}, {short(one.units)} {one.item} ({right}{test})"

    def pegs(self, pegs: Sequence[Peg]) -> tuple[str, ...]:
        """Where units come from, one line a source."""
        return tuple(self._peg(peg) for peg in pegs)

    def _peg(self, peg: Peg) -> str:
        day = self.facts.calendar.day
        origin = {
            "stock": "from stock",
            "receipt": f"from the receipt of {day(max(peg.begun, 0))}",
            "slot": f"from a slot of {peg.name} in the period of {day(max(peg.begun, 0))}",
            "offer": f"given by offer {peg.name}",
        }[peg.source]
        way = f" by {' > '.join(peg.route)}" if peg.route else ""
        there = f", there on {day(peg.arrives)}{way}" if peg.arrives != peg.leaves or way else ""
        return f"{peg.units:,} {peg.item} {origin}, leaving on {day(peg.leaves)}{there}"

    def packages(self, pegs: Sequence[PackagePeg]) -> tuple[str, ...]:
        """Under which packages the units of a need leave, and who pays."""
        donor = {pledge.pledge: pledge.donor for pledge in self.problem.pledges}

        def one(peg: PackagePeg) -> str:
            shares = ", ".join(
                f"{self._recipients.get(donor.get(name, ''), name)} {100 * share:.0f} % ({name})"
                for name, share in peg.payers
            )
            paid = f", paid by {shares}" if shares else ", paid already" if peg.status == "funded" else ""
            left = self.facts.calendar.day(peg.leaves)
            return f"{peg.units:,} under {peg.package}, released on {peg.released}, leaving on {left}{paid}"

        return tuple(one(peg) for peg in pegs)

    def as_dict(self, said: Explanation, reason: Reason) -> dict[str, Any]:
        """A reason ready for JSON."""
        return {
            "code": reason.code,
            "title": REASON_TITLES[reason.code],
            "text": self.sentence(said, reason),
            "standing": reason.standing,
            "established": reason.established,
            "entities": [{"kind": kind, "name": name} for kind, name in reason.entities],
            "amount": None if reason.amount is None else clean(reason.amount),
            "unit": reason.unit or None,
            "since": _iso(reason.since),
            "until": _iso(reason.until),
            "unit_weeks": reason.weeks,
            "gain_unit_weeks": reason.gain,
            "along_with": list(reason.along),
            "holders": [
                {
                    "kind": one.kind,
                    "demand": one.demand,
                    "recipient": one.recipient or None,
                    "item": one.item or None,
                    "units": one.units,
                    "weight": clean(one.weight),
                    "right": one.right,
                    "gain_unit_weeks": one.gain,
                }
                for one in reason.holders
            ],
        }


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _unit_weeks(number: int) -> str:
    return count(number, "unit-week")


def _standing(reason: Reason) -> str:
    if reason.standing == "alone":
        return "Because "
    if reason.standing == "bound":
        return (
            "Because " if reason.code in ("in_other_packages", "too_little", "not_needed") else "By its dates alone: "
        )
    if reason.standing == "together":
        others = ", ".join(REASON_TITLES[code] for code in reason.along)
        return f"Because (together with: {others}) " if others else "Because (together) "
    return "Contributing: "


def _named(reason: Reason, kind: str = "") -> str:
    names = [name for what, name in reason.entities if not kind or what == kind]
    rest = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + rest


def _until(reason: Reason) -> str:
    return f"before {reason.until}" if reason.until else "before the plan ends"


def _amount(reason: Reason) -> str:
    if reason.amount is None:
        return ""
    unit = reason.unit.removesuffix("s") if reason.unit == "units" and reason.amount == 1 else reason.unit
    return f" ({short(reason.amount)} {unit})"


def _of_pool(reason: Reason) -> str:
    """Where an offer could do what the pool cannot, the sentence is about the pool."""
    return " from the pool" if reason.entities else ""


def _given(reason: Reason) -> str:
    return f", where {_named(reason)} could be there sooner" if reason.entities else ""


_NAMING: tuple[Code, ...] = (
    *("no_slot", "component_short", "lane_full", "released_too_late", "waiting_for_approval", "no_stock"),
    *("stock_at_floor", "replacement_promise"),
)
"""Reasons whose entities say most in a few words."""
_LASTING: tuple[Code, ...] = (
    *("no_slot", "component_short", "lane_full", "released_too_late", "waiting_for_approval", "earliest_date"),
    "transport_time",
)
"""Reasons that end on a date."""
_BODIES: dict[Code, Callable[[Reason], str]] = {
    "due_before_start": lambda r: f"it was due on {r.since}, before the plan begins on {r.until}",
    "due_after_horizon": lambda r: f"it is due on {r.since}, after the plan ends{_amount(r)}",
    "beyond_horizon": lambda r: f"nothing that leaves{_of_pool(r)} arrives before the plan ends{_given(r)}",
    "transport_time": lambda r: f"the fastest way{_of_pool(r)} takes until {r.until}{_given(r)}",
    "no_route": lambda r: f"no route leads from the pool to the destination{_given(r)}",
    "expired": lambda r: f"the need expires before a unit{_of_pool(r)} could arrive{_given(r)}",
    "earliest_date": lambda r: f"the customer takes nothing before {r.until}",
    "waiting_for_approval": lambda r: (
        f"case {_named(r)} is " + (f"approved and processed only on {r.until}" if r.until else "not through in time")
    ),
    "package_not_funded": lambda r: f"no released package holds these units{_amount(r)}",
    "released_too_late": lambda r: (
        f"its package {_named(r)} lets units leave only from {r.until or 'after the plan ends'} on"
        if r.entities
        else "its packages let units leave too late"
    ),
    "replacement_promise": lambda r: f"units are promised to the giver of {_named(r)} as its replacement{_amount(r)}",
    "no_slot": lambda r: f"no slot of {_named(r)} is free {_until(r)}{_amount(r)}",
    "no_stock": lambda r: f"no line makes more of {_named(r)}, and what is in stock or given is taken{_amount(r)}",
    "component_short": lambda r: f"component {_named(r)} is used up {_until(r)}{_amount(r)}",
    "stock_at_floor": lambda r: f"the stock of {_named(r)} is at its floor{_amount(r)}",
    "lane_full": lambda r: f"lane {_named(r)} is full {_until(r)}{_amount(r)}",
    "readiness_kept": lambda r: "it could come sooner from stock, and what is then missing for readiness weighs more",
    "plan_kept_stable": lambda r: "it could come sooner, and moving what the plan before promised weighs more",
    "left_out": lambda r: f"the search ended before it found that more was possible{_amount(r)}",
    "pledges_spent": lambda r: f"the money that could pay for {_named(r)} is spent{_amount(r)}",
    "pledge_not_available": lambda r: f"what is left is not available at a release ({_named(r)})",
    "pledge_earmarked": lambda r: f"what is left is earmarked for something else ({_named(r)})",
    "below_minimum_contribution": lambda r: f"it is less than the least a donor may pay to a package{_amount(r)}",
    "too_many_donors": lambda r: f"the packages have all the donors they may have ({_named(r)})",
    "package_full": lambda r: f"every new package is worth as much as it may be ({_named(r)})",
    "package_size": lambda r: f"what is left is too little for a further package{_amount(r)}",
    "too_many_packages": lambda r: "as many new packages as may be are released",
    "releases_per_period": lambda r: "as many packages as may be are released in each period",
    "in_other_packages": lambda r: f"{_named(r)} is in other packages already{_amount(r)}",
    "cannot_be_promised": lambda r: f"there is no output for {_named(r) or 'what it would pay'} in time{_amount(r)}",
    "too_little": lambda r: (
        f"what is left{_amount(r)} is less than one unit costs of {_named(r)}, or of anything wanted"
    ),
    "not_needed": lambda r: f"nobody would be served sooner with it{_amount(r)}",
    "replacement_too_late": lambda r: (
        f"its replacement cannot be made by {r.until}: {_named(r)} falls short{_amount(r)}"
    ),
    "reviewers_busy": lambda r: f"the reviewers are busy with other cases {_until(r)}{_amount(r)}",
    "submitted_late": lambda r: f"it was submitted on {r.since} and needs its time{_amount(r)}",
    "no_use": lambda r: f"approved sooner, {_named(r) or 'nothing'} would come no sooner",
}
