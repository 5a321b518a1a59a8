"""Funding: which pledge pays how much for which package.

Categories need no index on payments: with Σ_g paid = value of the package and, for every earmarked category c,
Σ_{g earmarked to c} paid ≤ value in c, the free money fills what is left (a transportation problem with one free
source), so payments by category exist and are written down after the solve.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from models.blocks.packages import paying_periods, place_releases, slot_names, usable
from models.draft import Block, Draft, Rows, Start, Term, Value
from models.facts import Facts
from models.plan import Payment, Plan

Place = tuple[Any, ...]
"""A package that may be paid for: ("new", t, k) in a release slot, or ("proposed", p, ANY), whenever it is released."""
ANY = "any"
"""Stands for the period of a proposed package, whose payments need none."""


def places(draft: Draft) -> dict[Place, dict[int, Any]]:
    """Every package that may be paid for, with its binaries by period of release."""
    m = draft.model
    found: dict[Place, dict[int, Any]] = {("new", t, k): {t: v} for (t, k), v in m.is_released.items()}
    for (p, t), v in m.proposed_released.items():
        found.setdefault(("proposed", p, ANY), {})[t] = v
    return found


def _released(binaries: dict[int, Any], window: range | None = None) -> list[Term]:
    """Terms that are 1 if the package is released (in the window)."""
    return [(1.0, v) for t, v in binaries.items() if window is None or t in window]


def value_by_category(draft: Draft, place: Place, released: list[Term]) -> dict[str, list[Term]]:
    """Value of the package by category, in million USD, as terms; `released` says whether it is."""
    facts = draft.facts
    if place[0] == "new":
        categories = sorted({item.category for item in facts.problem.items})
        return {c: terms for c in categories if (terms := draft.posted("priced", place[1], place[2], c))}
    worth: dict[str, float] = defaultdict(float)
    for need, quantity in facts.package_contents[place[1]].items():
        worth[facts.category(need)] += facts.price(need) * quantity
    return {c: [(amount * k, v) for k, v in released] for c, amount in worth.items()}


def window_rows(draft: Draft, payers: dict[tuple[Any, ...], range], worth: dict[Place, float]) -> Rows:
    """paid_in_window: what pledges within periods a … b pay for a proposed package s, where windows are many.

        Σ_{g : window of g within a … b} pays[g,s] ≤ value[s] · Σ_{a ≤ t ≤ b} proposed_released[s,t]

    A whole solution keeps it, as s is released once. A fractional one, which releases s by halves in two periods, lets
    several pledges of one window each pay up to their own share of the value without it. `payers`: windows by the
    first indices of `pays`, so of purses as well as of pledges.
    """
    m, rows = draft.model, Rows()
    for s, binaries in places(draft).items():
        if s[0] == "new":
            continue
        own = [(g, window[0], window[-1]) for g, window in payers.items() if (*g, *s) in m.pays]
        for a in sorted({first for _, first, _ in own}):
            begins = [one for one in own if a <= one[1]]
            for b in sorted({last for _, _, last in own}):
                inside = [one for one in begins if one[2] <= b]
                if len(inside) < 2 or (min(one[1] for one in inside), max(one[2] for one in inside)) != (a, b):
                    continue
                released = _released(binaries, range(a, b + 1))
                if len(released) < len(binaries):
                    terms = [(1.0, m.pays[(*g, *s)]) for g, _, _ in inside]
                    rows[s[1], a, b] = (None, terms + [(-worth[s] * c, v) for c, v in released], 0)
    return rows


def pay_in_full(
    draft: Draft,
    released: Mapping[Place, list[Term]],
    paid: Mapping[Place, list[Term]],
    earmarked: Mapping[tuple[Any, ...], list[Term]],
) -> None:
    """fully_funded: what is paid for a package is its value; pledge_earmark: earmarked money stays within its category.

    `released`: terms that are 1 if the package is; `paid` by package, `earmarked` by (*package, category).
    """
    value = {s: value_by_category(draft, s, terms) for s, terms in released.items()}
    draft.rule(
        "fully_funded",
        {s: (0, paid[s] + [(-c, v) for terms in value[s].values() for c, v in terms], 0) for s in released},
    )
    draft.rule(
        "pledge_earmark",
        {k: (None, terms + [(-c, v) for c, v in value[k[:-1]].get(k[-1], [])], 0) for k, terms in earmarked.items()},
    )


def _build(draft: Draft) -> None:
    """pays[g,s] million USD, takes_part[g,s] ∈ {0,1}: min · takes_part ≤ pays ≤ min(amount, most) · takes_part."""
    facts, m = draft.facts, draft.model
    policy = facts.problem.package_policy
    if policy is None:
        return
    most = policy.target_usd_m * (1 + policy.tolerance)
    all_places = places(draft)
    size = {s: most if s[0] == "new" else proposed_value(facts, s[1]) for s in all_places}
    index = {}
    windows = {row.pledge: paying_periods(facts, row) for row in facts.problem.pledges}
    for pledge in facts.problem.pledges:
        if usable(facts, pledge):
            window = windows[pledge.pledge]
            for s, binaries in all_places.items():
                if any(t in window for t in binaries):
                    index[(pledge.pledge, *s)] = (0, min(pledge.amount_usd_m, size[s]))
    draft.variables("pays", index)
    draft.variables("takes_part", dict.fromkeys(index, (0, 1)), whole=True)
    least = policy.min_contribution_usd_m
    within: dict[str, list[Term]] = defaultdict(list)
    paid: dict[Place, list[Term]] = defaultdict(list)
    ear: dict[tuple[Any, ...], list[Term]] = defaultdict(list)
    joined: dict[Place, list[Term]] = defaultdict(list)
    minimum: Rows = {}
    link: Rows = {}
    pledges = {g.pledge: g for g in facts.problem.pledges}
    for key, variable in m.pays.items():
        g, s = key[0], tuple(key[1:])
        top = index[key][1]
        within[g].append((1.0, variable))
        paid[s].append((1.0, variable))
        joined[s].append((1.0, m.takes_part[key]))
        earmark = pledges[g].earmark
        if earmark is not None:
            ear[(*s, earmark)].append((1.0, variable))
        minimum[(*key, "most")] = (None, [(1.0, variable), (-top, m.takes_part[key])], 0)
        if least > 0:
            minimum[(*key, "least")] = (0, [(1.0, variable), (-least, m.takes_part[key])], None)
        inside = _released(all_places[s], windows[g])
        link[key] = (None, [(1.0, m.takes_part[key]), *((-c, v) for c, v in inside)], 0)
    pay_in_full(draft, {s: _released(b) for s, b in all_places.items()}, paid, ear)
    draft.rule("within_pledge", {g: (None, terms, pledges[g].amount_usd_m) for g, terms in within.items()})
    draft.rule("minimum_contribution", minimum)
    draft.rule("takes_part_in_release", link)
    draft.rule("paid_in_window", window_rows(draft, {(g,): window for g, window in windows.items() if window}, size))
    draft.rule(
        "donors_per_package",
        {
            s: (None, terms + [(-policy.max_donors * c, v) for c, v in _released(all_places[s])], 0)
            for s, terms in joined.items()
        },
    )


def proposed_value(facts: Facts, package: str) -> float:
    """What a proposed package holds, in million USD."""
    return sum(facts.price(n) * q for n, q in facts.package_contents[package].items())


def split_by_category(facts: Facts, package: str, amounts: dict[str, float], value: dict[str, float]) -> list[Payment]:
    """Payments by category from payments by pledge: earmarked money first, then the free money fills the rest.

    `amounts`: million USD by pledge; `value`: by category. Both sum to the same; the last payer takes up rounding.
    """
    earmark = {g.pledge: g.earmark for g in facts.problem.pledges}
    left = dict(value)
    rows = []
    for g in sorted(amounts, key=lambda g: (earmark[g] is None, g)):
        amount = amounts[g]
        own = earmark[g]
        for c in [own] if own is not None else sorted(left):
            pay = min(amount, left.get(c, 0.0))
            if pay > 1e-9:
                rows.append(Payment(package, g, c, pay))
                left[c] -= pay
                amount -= pay
    return rows


def _read(draft: Draft, value: Value) -> dict[str, list[Any]]:
    facts, m = draft.facts, draft.model
    if facts.problem.package_policy is None:
        return {}
    names: dict[Place, str] = {("new", *s): name for s, name in slot_names(draft, value).items()}
    names.update({("proposed", p, ANY): p for (p, _), v in m.proposed_released.items() if value(v) > 0.5})
    amounts: dict[Place, dict[str, float]] = defaultdict(dict)
    for key, variable in m.pays.items():
        if tuple(key[1:]) in names and value(variable) > 1e-7:
            amounts[tuple(key[1:])][key[0]] = value(variable)
    rows: list[Payment] = []
    binaries = places(draft)
    for s, name in names.items():
        terms = value_by_category(draft, s, _released(binaries[s]))
        worth = {c: sum(k * round(value(v)) for k, v in row) for c, row in terms.items()}
        rows += split_by_category(facts, name, amounts[s], worth)
    return {"payments": rows}


def _start(draft: Draft, plan: Plan) -> Start:
    m = draft.model
    if draft.facts.problem.package_policy is None:
        return {}
    start: Start = {id(v): 0.0 for v in m.takes_part.values()}
    placed = place_releases(draft.facts, plan)
    status = {row.package: row.status for row in plan.releases}
    for row in plan.payments:
        if row.package not in placed or row.amount_usd_m <= 1e-9:
            continue
        t, k = placed[row.package]
        key = (row.pledge, "new", t, k) if status[row.package] == "new" else (row.pledge, "proposed", row.package, ANY)
        if key in m.takes_part:
            start[id(m.takes_part[key])] = 1.0
    return start


joint = Block(
    "joint",
    "payments by pledge and release, categories by earmark only; participation as binaries",
    ("fully_funded", "within_pledge", "pledge_earmark", "minimum_contribution", "donors_per_package"),
    ("priced", "is_released"),
    _build,
    _read,
    _start,
)


# --- money pooled: a relaxation -----------------------------------------------------------------------------------

Purse = tuple[int, int, str | None]
"""Pledges alike for a release: (first period, last period, earmark)."""


def in_purses(facts: Facts) -> dict[Purse, dict[str, float]]:
    """Million USD by pledge, by purse: pledges with the same window and earmark together."""
    found: dict[Purse, dict[str, float]] = defaultdict(dict)
    for pledge in facts.problem.pledges:
        window = paying_periods(facts, pledge)
        if usable(facts, pledge) and window:
            found[window[0], window[-1], pledge.earmark][pledge.pledge] = pledge.amount_usd_m
    return found


def purses(facts: Facts) -> dict[Purse, float]:
    """Million USD by purse."""
    return {purse: sum(amounts.values()) for purse, amounts in in_purses(facts).items()}


def _pooled(draft: Draft) -> None:
    """pays[purse,s] million USD: donors' number and least contribution left out, so a relaxation of `joint`.

    Its optimum is a lower bound on the whole problem's; who exactly pays is settled afterwards, with releases known.
    """
    facts, m = draft.facts, draft.model
    policy = facts.problem.package_policy
    if policy is None:
        return
    most = policy.target_usd_m * (1 + policy.tolerance)
    money, all_places = purses(facts), places(draft)
    size = {s: most if s[0] == "new" else proposed_value(facts, s[1]) for s in all_places}
    index = {
        (*purse, *s): (0, min(amount, size[s]))
        for purse, amount in money.items()
        for s, binaries in all_places.items()
        if _released(binaries, range(purse[0], purse[1] + 1))
    }
    draft.variables("pays", index)
    dates: Rows = {}
    within: dict[Purse, list[Term]] = defaultdict(list)
    paid: dict[Place, list[Term]] = defaultdict(list)
    ear: dict[tuple[Any, ...], list[Term]] = defaultdict(list)
    for key, variable in m.pays.items():
        purse, s = key[:3], key[3:]
        within[purse].append((1.0, variable))
        paid[s].append((1.0, variable))
        if s[0] == "proposed":
            inside = _released(all_places[s], range(purse[0], purse[1] + 1))
            dates[key] = (None, [(1.0, variable), *((-index[key][1] * c, v) for c, v in inside)], 0)
        if purse[2] is not None:
            ear[(*s, purse[2])].append((1.0, variable))
    pay_in_full(draft, {s: _released(b) for s, b in all_places.items()}, paid, ear)
    draft.rule("within_pledge", {purse: (None, terms, money[purse]) for purse, terms in within.items()})
    draft.rule("pledge_dates", dates)


pooled = Block(
    "pooled",
    "pledges alike in window and earmark as one purse; a relaxation: number of donors and least contribution left out",
    ("fully_funded", "within_pledge", "pledge_earmark"),
    ("priced", "is_released"),
    _pooled,
    relaxes="joint",
)
