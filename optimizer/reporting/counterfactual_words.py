"""A counterfactual in words, for the terminal and pages, and as a dict for JSON.

Plain text: whoever shows it on a page escapes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from optimizer.explaining.counterfactual import Change, Counterfactual, Kind, Lever, Obstacle, Relief, WeightNeeded
from optimizer.reporting.numbers import clean, short

TITLES: dict[Kind, str] = {
    "slots": "More slots",
    "components": "More components",
    "money": "More money",
    "approval": "Earlier approval",
    "lanes": "Wider lanes",
    "floor": "A lower floor",
    "combination": "Together",
    "slips": "Others give way",
    "weight": "Another weight",
}
"""Every kind as a heading."""
NOUNS: dict[Relief, str] = {
    "slots": "slots",
    "components": "components",
    "money": "money",
    "approval": "approval",
    "lanes": "lanes",
    "floor": "the floor",
}
"""Every relief as a noun."""
HELD = (
    "Everything that is not named stays as in the plan: other demands' dispatches, packages, payments, approvals and "
    "offers; lines may make things in another order."
)
"""What a relief assumes."""
MONEY = (
    "Money of a new package is counted as a funded package of its own, beside the most there may be and outside the "
    "band of values; what is pledged and not spent is not counted."
)
"""What money assumes."""
SHOWN = 8
"""Demands that give way which are named; the others are counted."""


def sentences(answer: Counterfactual) -> list[str]:
    """What the counterfactual says, a sentence each."""
    name = answer.demand
    if answer.state == "on_time":
        return [f"{name} is on time."]
    if answer.state == "impossible":
        return [f"Nothing can bring {name} on time.", *map(_obstacle, answer.obstacles)]
    if answer.state == "not_known":
        return ["Time ran out before an answer was found."]
    if answer.state == "not_enough":
        return [_not_enough(answer), *map(_obstacle, answer.obstacles)]
    if answer.kind == "slips":
        return _slips(answer)
    if answer.kind == "weight":
        return _weight(answer)
    if answer.state == "nothing_needed":
        return [
            f"With everybody else's dispatches as they are, {name} could be on time with nothing added: the plan can "
            "be bettered, or has reasons of its own, as keeping to the plan before."
        ]
    lines = _changes(answer.changes)
    if not answer.proven:
        lines.append("Less may be enough: time ran out before that was settled.")
    return lines


def _not_enough(answer: Counterfactual) -> str:
    if answer.kind == "slips":
        return f"{answer.demand} cannot be on time, whoever gives way."
    if answer.kind == "weight":
        return f"No weight brings {answer.demand} on time."
    if answer.kind == "combination":
        return f"All of it together does not bring {answer.demand} on time."
    return f"No amount of {NOUNS[answer.kind]} alone brings {answer.demand} on time."


def _obstacle(obstacle: Obstacle) -> str:
    """Why not, with the arithmetic."""
    o = obstacle
    told = {
        "due_before_start": f"It is due on {o.needed}, and the first thing that can happen is on {o.earliest}: "
        f"{_weeks(o.weeks)} late at best.",
        "earliest_after_due": f"It may not leave before {o.earliest}, and is due on {o.needed}.",
        "route_too_long": f"The fastest route takes {_weeks(o.weeks)}: the first arrival is on {o.earliest}, "
        f"due on {o.needed}.",
        "no_route": "No route leads from where there are goods to the handover.",
        "expired": f"It expires on {o.needed}, before anything can arrive ({o.earliest}).",
        "contract_and_route": f"Contract and route take {_weeks(o.weeks)}: what is paid for at once arrives on "
        f"{o.earliest}, and had to by {o.needed}.",
        "processing_too_long": f"Processing takes {_weeks(o.weeks)} after approval: if case {o.entity} were approved "
        f"at once, it could leave on {o.earliest}, and had to by {o.needed}.",
        "approval_held": (
            f"Case {o.entity} is not approved in the plan." if o.earliest is None
            else f"The plan's approval of case {o.entity} lets it leave from {o.earliest}, and it had to by {o.needed}."
        ),
        "not_in_package": f"{_units(o.units)} of it are in no package that would let them arrive by {o.needed}.",
        "no_supply_by_this": f"Something else is missing to have all of it by {o.needed}.",
        "not_even_alone": f"Lines, components, stock and lanes do not give all of it by {o.needed}, even if nobody "
        "else were served.",
        "promises_of_others": "What is promised to others stands against it: firm dates, replacements, contents that "
        "donors paid for.",
        "no_gain_by_weight": f"The plan with it on time is no better for {o.entity} in all, so its weight does not "
        "speak for it.",
        "earlier_stage": "A stage of the objective that comes before gets worse, and no weight makes up for it.",
    }  # fmt: skip
    return told[o.cause]


def _changes(changes: Iterable[Change]) -> list[str]:
    """The changes, a sentence each; periods of one entity together."""
    groups: dict[tuple[str, str, str], list[Change]] = defaultdict(list)
    for change in changes:
        groups[change.kind, change.entity, change.package].append(change)
    return [_change(rows) for rows in groups.values()]


def _change(rows: list[Change]) -> str:
    first, total = rows[0], sum(row.amount for row in rows)
    when = _when([(row.by, row.amount) for row in rows])
    if first.kind == "slots":
        return f"{short(total)} more slots on {first.entity}: {when}."
    if first.kind == "components":
        return f"{short(total)} more units of {first.entity}: {when}."
    if first.kind == "lanes":
        return f"{short(total)} more tonnes on lane {first.entity}: {when}."
    if first.kind == "floor":
        return f"{short(total)} units of {first.entity} less in the floor ({short(first.present or 0)} now)."
    if first.kind == "approval":
        if total <= 0:
            return f"Case {first.entity} approved by the period of {first.by}; reviewers can do it beside the others."
        return (
            f"Case {first.entity} approved by the period of {first.by}, with {short(total)} more weeks of review by "
            f"then (its review takes {short(first.present or 0)})."
        )
    if first.package and total <= 0:
        return f"Package {first.package} released by {first.by}; its money is there by then."
    if first.package:
        return f"Package {first.package} released by {first.by}: {short(total)} million USD of its money by then."
    return f"{short(total)} million USD more for {first.entity}: {when}."


def _when(rows: list[tuple[Any, float]]) -> str:
    """Amounts by date; the date alone where there is one."""
    if len(rows) == 1:
        return f"in the period of {rows[0][0]}"
    return ", ".join(f"{short(amount)} in the period of {by}" for by, amount in rows)


def _slips(answer: Counterfactual) -> list[str]:
    cost, own = answer.cost_to_others or 0.0, answer.own_delay or 0.0
    lines = [
        f"If {answer.demand} is on time and nothing is added, all others together lose {short(cost)} weighted "
        f"million-dollar-weeks; {answer.demand} wins {short(own)}."
    ]
    if cost < own:
        lines.append("That is less than it wins: the plan can be bettered in this part of it.")
    elif not answer.proven and answer.cost_at_least is not None:
        lines.append(f"It is proven that they lose at least {short(answer.cost_at_least)}.")
    for slip in answer.slips[:SHOWN]:
        who = f"{slip.demand} ({slip.recipient})" if slip.recipient else slip.demand
        way = "later" if slip.weeks >= 0 else "earlier"
        missing = f", {_units(slip.units)} not delivered" if slip.units > 0 else ""
        missing = f", {_units(-slip.units)} more delivered" if slip.units < 0 else missing
        lines.append(f"{who}: {_weeks(abs(slip.weeks))} {way} on average{missing} ({short(slip.delay)}).")
    if len(answer.slips) > SHOWN:
        lines.append(f"And {len(answer.slips) - SHOWN} others.")
    return lines


def _weight(answer: Counterfactual) -> list[str]:
    found = answer.weight
    assert found is not None
    whose = f"{found.recipient}'s weight" if found.recipient else "Its weight (ukraine × urgency)"
    if found.needed <= found.present:
        return [f"{whose} of {short(found.present)} is enough: the plan with {answer.demand} on time costs no more."]
    lines = [
        f"{whose} is {short(found.present)}; from {short(found.needed)} on the plan with {answer.demand} on time is no "
        "worse than the present one."
    ]
    if found.at_least < found.needed * (1 - 1e-6):
        lines.append(f"It is proven that less than {short(found.at_least)} is not enough.")
    lines += [_lever(lever, found) for lever in found.levers]
    if found.urgency is not None:
        lines.append(f"A need of urgency {found.urgency} has that weight.")
    elif not found.recipient:
        lines.append("No urgency has that weight.")
    if found.recipient:
        lines.append(
            f"Other orders of {found.recipient} would gain by it, too; a new plan at that weight is not counted."
        )
    return lines


def _lever(lever: Lever, found: WeightNeeded) -> str:
    what = "Defence spending" if lever.name == "defence_pct_gdp" else "Support of Ukraine"
    now = "not known" if lever.present is None else f"{lever.present:.2f} % of GDP now"
    if lever.needed is None:
        return f"{what} alone cannot give it: at its cap the weight is {short(lever.most)} ({now})."
    return f"{what} of {lever.needed:.2f} % of GDP would give it ({now})."


def _weeks(weeks: float) -> str:
    return f"{short(weeks)} week{'' if weeks == 1 else 's'}"


def _units(units: int) -> str:
    return f"{short(units)} unit{'' if units == 1 else 's'}"


def counterfactual_lines(answers: Iterable[Counterfactual]) -> RenderableType:
    """Answers of several kinds for the terminal; what no kind changes is said once."""
    answers = list(answers)
    if answers and answers[0].state in ("on_time", "impossible"):
        return Group(*(Text(line) for line in sentences(answers[0])))
    lines = []
    useless = [one for one in answers if one.state == "not_enough" and one.kind in NOUNS]
    for answer in answers:
        if answer in useless:
            continue
        first, *rest = sentences(answer)
        enough = answer.state in ("enough", "nothing_needed")
        lines.append(Text.assemble((f"{TITLES[answer.kind]}: ", "bold"), (first, "" if enough else "dim")))
        lines += [Text(f"  {line}", style="" if enough else "dim") for line in rest]
    if useless:
        nouns = [NOUNS[one.kind] for one in useless]  # type: ignore[index]
        listed = nouns[0] if len(nouns) == 1 else f"{', '.join(nouns[:-1])} or {nouns[-1]}"
        lines.append(Text(f"No amount of {listed} alone brings {useless[0].demand} on time.", style="dim"))
    lines.append(Text(HELD, style="italic"))
    if any(one.kind == "money" and one.state == "enough" for one in answers):
        lines.append(Text(MONEY, style="italic"))
    return Group(*lines)


def counterfactual_dict(answer: Counterfactual) -> dict[str, Any]:
    """The answer for JSON: facts by name, and `text`, the sentences."""
    return {
        "demand": answer.demand,
        "kind": answer.kind,
        "state": answer.state,
        "due": answer.due.isoformat(),
        "by": None if answer.by is None else answer.by.isoformat(),
        "proven": answer.proven,
        "changes": [
            {
                "kind": c.kind, "entity": c.entity, "amount": clean(c.amount), "unit": c.unit, "by": c.by.isoformat(),
                "package": c.package or None, "present": c.present,
            }
            for c in answer.changes
        ],
        "obstacles": [
            {
                "cause": o.cause, "entity": o.entity or None,
                "earliest": None if o.earliest is None else o.earliest.isoformat(),
                "needed": None if o.needed is None else o.needed.isoformat(), "weeks": o.weeks, "units": o.units,
            }
            for o in answer.obstacles
        ],
        "slips": [
            {
                "demand": s.demand, "recipient": s.recipient or None, "weeks": clean(s.weeks), "units": s.units,
                "delay": clean(s.delay),
            }
            for s in answer.slips
        ],
        "cost_to_others": None if answer.cost_to_others is None else clean(answer.cost_to_others),
        "cost_at_least": None if answer.cost_at_least is None else clean(answer.cost_at_least),
        "own_delay": None if answer.own_delay is None else clean(answer.own_delay),
        "weight": None if answer.weight is None else _weight_dict(answer.weight),
        "text": sentences(answer),
    }  # fmt: skip


def _weight_dict(found: WeightNeeded) -> dict[str, Any]:
    return {
        "recipient": found.recipient or None,
        "present": clean(found.present),
        "needed": clean(found.needed),
        "at_least": clean(found.at_least),
        "urgency": found.urgency,
        "levers": [
            {"name": x.name, "present": x.present, "needed": None if x.needed is None else clean(x.needed),
             "most": clean(x.most)}
            for x in found.levers
        ],
    }  # fmt: skip
