"""Whole small instances for hypothesis: every feature on or off, and sized so that features get into each other's way.

`problems()` draws a well-formed `Problem` (the reader would accept it): three to six periods of mixed lengths, one to
three items, up to two lines, a handful of demands. Due dates, pledges and capacities lie close together, so that most
draws have something to decide. Names are short and sorted: I items, L lines, K components, O orders, C cases, N needs,
P packages, G pledges, V offers, S sites, A lanes.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import strategies as st

from models import problem as p
from tests.builders import START, a_weights_policy

RECIPIENTS = ("POL", "DEU", "CHE")
CATEGORIES = ("air", "ammo")
PERIODS = (((4, 1),), ((3, 1), (1, 2)), ((5, 1),), ((1, 3), (3, 1)), ((6, 1),), ((2, 1), (2, 2)), ((2, 2), (1, 4)))
NEVER = st.none()


def pick(*values: Any) -> st.SearchStrategy[Any]:
    """One of the values; the first is the simplest."""
    return st.sampled_from(values)


def weeks_from_start(first: int, last: int) -> st.SearchStrategy[dt.date]:
    """A day near the beginning of a week of the horizon, now and then in the middle of one."""
    days = st.builds(lambda week, more: 7 * week + more, st.integers(first, last), pick(0, 0, 0, 3))
    return days.map(lambda count: START + dt.timedelta(days=count))


@st.composite
def problems(draw: st.DrawFn) -> p.Problem:
    """A well-formed small instance; every table and every section may be absent."""
    periods = draw(pick(*PERIODS))
    T = sum(count * weeks for count, weeks in periods)
    tables: dict[str, Any] = draw(supply(T))
    items = tuple(item.item for item in tables["items"])
    tables |= draw(demands(items, T))
    needs = tables["needs"]
    if needs:
        tables |= draw(gifts(items, needs, T))
        if draw(pick(True, True, False)):
            tables |= draw(money(tables["items"], needs, T))
        if draw(st.booleans()):
            tables |= draw(travel(tables.get("offers", ())))
    if draw(st.booleans()):
        tables |= draw(before(tables, T))
    after = draw(pick(4, 0, 13))
    recipients = tuple(p.Recipient(name, name, *values) for name, values in zip(RECIPIENTS, LEVELS, strict=True))
    return p.Problem("drawn", START, periods, after, recipients=recipients, **tables)


LEVELS = ((4.0, 3.0, 1.0, 1.0, 0.5), (2.0, 2.0, 0.5, 0.5, None), (0.7, 0.7, 0.0, 0.0, 0.0))
"""What the recipients contribute: POL is on the fast track."""


@st.composite
def supply(draw: st.DrawFn, T: int) -> dict[str, Any]:
    """Items, lines with fractional rates that may change, a component now and then, stock, floors and receipts."""
    items = tuple(
        p.Item(
            f"I{k}",
            f"I{k}",
            draw(pick(*CATEGORIES)),
            "each",
            draw(pick(10.0, 4.0, 2.5, 1.0, 10.0, 4.0, 0.0)),
            draw(pick(1.0, 0.0, 2.5)),
        )
        for k in range(draw(pick(2, 1, 3)))
    )
    names = [item.item for item in items]
    lines = tuple(p.Line(f"L{k}", f"L{k}") for k in range(draw(pick(1, 2, 1, 0))))
    rates = [p.LineRate(line.line, START, draw(pick(1.0, 0.5, 1.5, 2.0, 3.0, 0.75))) for line in lines]
    for line in lines:
        if not draw(st.integers(0, 3)):
            later = START + dt.timedelta(days=draw(st.integers(1, 7 * T)))
            rates.append(p.LineRate(line.line, later, draw(pick(0.0, 1.0, 4.0))))
    makes = [
        p.LineItem(line.line, name, draw(pick(1, 1, 2)))
        for line in lines
        for name in names
        if draw(pick(True, True, False))
    ]
    found: dict[str, Any] = {"items": items, "lines": lines, "line_rates": tuple(rates), "line_items": tuple(makes)}
    if not draw(st.integers(0, 2)):
        found["components"] = (p.Component("K0", draw(st.integers(0, 3))),)
        found["component_rates"] = (p.ComponentRate("K0", START, draw(pick(0.5, 1.0, 2.0))),)
        takers = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
        found["item_components"] = tuple(p.ItemComponent(name, "K0", draw(pick(1, 2))) for name in sorted(takers))
    stocked = [name for name in names if draw(st.booleans())]
    found["stocks"] = tuple(p.Stock(name, draw(st.integers(0, 5)), draw(st.integers(0, 4))) for name in stocked)
    if not draw(st.integers(0, 2)):
        received = st.builds(p.Receipt, st.sampled_from(names), weeks_from_start(0, T), st.integers(1, 3))
        found["receipts"] = tuple(draw(st.lists(received, min_size=1, max_size=2)))
    if draw(st.booleans()):
        found["readiness"] = p.ReadinessPolicy(draw(pick(4.0, 0.5)))
    return found


@st.composite
def demands(draw: st.DrawFn, items: tuple[str, ...], T: int) -> dict[str, Any]:
    """Up to four orders, up to three needs (one of them always), the review of cases, and weights."""
    count = draw(pick(2, 1, 3, 4, 0))
    orders = tuple(draw(order(f"O{k}", items, T)) for k in range(count))
    cases = sorted({row.case for row in orders})
    found: dict[str, Any] = {"orders": orders}
    if cases and draw(pick(True, False)):
        found["approval"] = p.ApprovalPolicy(draw(pick(1.0, 0.5, 2.0)), draw(pick(1, 0, 2)), 3.5, draw(pick(0.5, 0.0)))
        found["approvals"] = tuple(
            p.Approval(case, draw(weeks_from_start(-1, T - 1)), draw(pick(1.0, 2.0, 0.7, 3.0, 0.0)))
            for case in cases
            if draw(pick(True, True, False))
        )
    fewest = 0 if orders else 1
    found["needs"] = tuple(draw(need(f"N{k}", items, T)) for k in range(draw(st.integers(fewest, 3))))
    if draw(pick(True, True, False)):
        found["weights"] = a_weights_policy(ukraine=draw(pick(8.0, 1.0)), urgency=(16.0, 8.0, 4.0, 2.0, 0.0))
    return found


@st.composite
def order(draw: st.DrawFn, name: str, items: tuple[str, ...], T: int) -> p.Order:
    """An order; orders of one case are of one recipient, as each recipient has two cases."""
    recipient = draw(pick(*RECIPIENTS))
    due = draw(weeks_from_start(-1, T + 1))
    firm = draw(weeks_from_start(1, T)) if not draw(st.integers(0, 7)) else None
    return p.Order(
        name,
        f"C{RECIPIENTS.index(recipient)}{draw(pick('a', 'b'))}",
        recipient,
        draw(st.sampled_from(items)),
        draw(pick(2, 1, 3, 4, 5)) if firm is None else draw(pick(1, 2)),
        due,
        min(due, START, *([firm] if firm else [])),
        draw(weeks_from_start(0, T)) if not draw(st.integers(0, 3)) else None,
        draw(pick("each", "complete")),
        firm,
        draw(pick(1.0, 1.0, 2.5, 0.0)),
    )


@st.composite
def need(draw: st.DrawFn, name: str, items: tuple[str, ...], T: int) -> p.Need:
    """A need; it expires late, soon after it is due, or never."""
    needed_by = draw(weeks_from_start(-1, T))
    expires = draw(NEVER | NEVER | weeks_from_start(1, T))
    return p.Need(
        name,
        draw(st.sampled_from(items)),
        draw(pick(3, 2, 4, 1, 6, 0)),
        draw(pick(1, 2, 3, 5)),
        needed_by,
        None if expires is None else max(expires, needed_by),
    )


@st.composite
def gifts(draw: st.DrawFn, items: tuple[str, ...], needs: tuple[p.Need, ...], T: int) -> dict[str, Any]:
    """Substitutes, and up to two offers of what some need can use."""
    found: dict[str, Any] = {}
    wanted = sorted({row.item for row in needs})
    if len(items) > 1 and draw(st.booleans()):
        pairs = [(item, other) for item in wanted for other in items if item != other]
        chosen = draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=2, unique=True))
        found["substitutes"] = tuple(p.Substitute(item, other, draw(pick(1, 2))) for item, other in chosen)
        wanted = sorted({*wanted, *(other for _, other in chosen)})
    offers = [
        p.Offer(
            f"V{k}",
            "DEU",
            draw(st.sampled_from(wanted)),
            draw(pick(2, 1, 3, 4)),
            draw(weeks_from_start(-1, T - 1)),
            None,
            draw(st.sampled_from(items)),
            draw(pick(1, 2, 0, 3)),
            draw(pick(2, 1, 4, 0)),
            draw(pick("open", "open", "open", "accepted")),
        )
        for k in range(draw(pick(0, 1, 2)))
    ]
    return found | {"offers": tuple(offers)}


@st.composite
def money(draw: st.DrawFn, items: tuple[p.Item, ...], needs: tuple[p.Need, ...], T: int) -> dict[str, Any]:
    """The packages policy, packages of the table, and pledges of about a package's size."""
    policy = p.PackagesPolicy(
        draw(pick(20.0, 8.0, 12.0, 30.0)),
        draw(pick(0.25, 0.5, 0.1, 1.0)),
        draw(pick(1, 2, 0)),
        draw(pick(2, 1, 3)),
        draw(pick(0.0, 3.0, 6.0)),
        draw(pick(0, 1, 2)),
        draw(pick(None, 1, None, 0)),
    )
    packages = [
        p.Package("P0", "funded", draw(weeks_from_start(-2, T - 1))),
        p.Package("P1", "proposed"),
        p.Package("P2", "proposed"),
    ]
    packages = [row for row in packages if draw(st.booleans())]
    contents = [
        p.PackageContent(package.package, row.need, quantity)
        for package in packages
        for row in needs
        if (quantity := draw(st.integers(0, min(3, row.quantity))))
    ]
    pledges = [
        p.Pledge(
            f"G{k}",
            draw(pick(*RECIPIENTS)),
            draw(pick(10.0, 5.0, 20.0, 2.0, 14.5)),
            day,
            max(day, draw(weeks_from_start(0, T))) if draw(pick(False, True, False)) else None,
            draw(pick(None, None, *CATEGORIES)),
        )
        for k in range(draw(pick(2, 1, 3, 4)))
        for day in [draw(weeks_from_start(-1, T - 1))]
    ]
    return {
        "package_policy": policy,
        "packages": tuple(packages),
        "package_contents": tuple(contents),
        "pledges": tuple(pledges),
    }


@st.composite
def travel(draw: st.DrawFn, offers: tuple[p.Offer, ...]) -> dict[str, Any]:
    """A network of three sites: direct and through the port, lanes with and without limits, gifts at either site."""
    limit = pick(None, 2.0, 1.0, 5.0)
    weeks = pick(0, 1, 2)
    lanes = [
        p.Lane("A0", "S0", "S2", draw(weeks), draw(limit)),
        p.Lane("A1", "S0", "S1", draw(weeks), draw(limit)),
        p.Lane("A2", "S1", "S2", draw(weeks), draw(limit)),
        p.Lane("A3", "S0", "S2", draw(weeks), draw(limit)),
        p.Lane("A4", "S1", "S0", draw(weeks), draw(limit)),
    ]
    placed = tuple(
        p.Offer(**{name: getattr(row, name) for name in row.__slots__} | {"site": draw(pick("S0", "S1", "S2"))})
        for row in offers
    )
    return {
        "sites": tuple(p.Site(site, site) for site in ("S0", "S1", "S2")),
        "lanes": tuple(row for row in lanes if draw(pick(True, True, False))),
        "delivery": p.DeliveryPolicy("S0", "S2", draw(pick(2, 1, 3)), draw(pick(2, 1, 3))),
        "offers": placed,
    }


@st.composite
def before(draw: st.DrawFn, tables: dict[str, Any], T: int) -> dict[str, Any]:
    """Commitments of the plan before: to orders, needs and replacements, in frozen weeks and after them."""
    substitutes = tables.get("substitutes", ())
    served = [(row.order, row.item) for row in tables["orders"]]
    served += [(row.need, row.item) for row in tables["needs"]]
    served += [(row.need, s.substitute) for row in tables["needs"] for s in substitutes if s.item == row.item]
    served += [(row.offer, row.replacement_item) for row in tables.get("offers", ())]
    rows = st.builds(
        lambda pair, day, quantity: p.Commitment(pair[0], pair[1], day, quantity),
        st.sampled_from(served),
        weeks_from_start(0, T),
        st.integers(1, 3),
    )
    return {
        "commitments": tuple(draw(st.lists(rows, min_size=1, max_size=4))),
        "stability": p.StabilityPolicy(draw(pick(2, 0)), 52.0, draw(pick(1.0, 8.0))),
    }
