"""Tables of burden sharing: donors, what their money buys, the gap of the most urgent needs, asks. Million USD."""

from __future__ import annotations

from typing import Any

from optimizer.explaining.asks import KEYS, STEP, AskKey, asks, basis
from optimizer.explaining.financed import Bought
from optimizer.explaining.sharing import DonorShare
from optimizer.reporting.names import count, words
from optimizer.reporting.numbers import short
from optimizer.reporting.summary import Report
from optimizer.reporting.tables.cells import Column, Table
from optimizer.reporting.tables.names import item_names, recipient_names

_MONEY = "million USD"
_LISTED = 5
"""How many purchases the page names of each donor."""
_TITLES: dict[AskKey, str] = {
    "gdp": "ask by GDP",
    "support": "ask by support so far",
    "paid": "ask by what is paid",
    "equal": "equal ask",
}


def sharing(report: Report) -> Table:
    """A row a donor: what it carries, against its share of wealth, and what came of it."""
    known = any(text for row in report.sharing.donors for _, _, text in row.unspent)
    columns = (
        Column("donor", "coded"),
        Column("pledged", "money", _MONEY),
        Column("paid", "money", "million USD paid for packages of this plan"),
        Column("share of paid", "share", "of all that is paid in this plan"),
        Column("GDP", "number", "billion USD; blank: not known, so it stands in no comparison", digits=0),
        Column("share of GDP", "share", "of the GDP of all donors whose GDP is known"),
        Column("paid to GDP", "number", "share of paid ÷ share of GDP: above 1 more than its wealth alone", digits=2),
        Column("gives", "money", "million USD of goods from its own inventory that this plan sends"),
        Column("left", "money", "million USD pledged and not spent in this plan"),
        Column("why left", "text", "pledge by pledge, as far as it is known", "both" if known else "book"),
        Column("delivered", "money", "million USD of goods its money brought before the plan ends"),
        Column("in time", "share", "of the value delivered"),
        Column("first arrival", "date"),
        Column("last arrival", "date"),
        Column("what its money brought", "told", "by value; shares of a package by what each paid for it", "page"),
    )
    name = recipient_names(report.problem)
    rows = [(name[row.donor], *_carried(report, row)) for row in report.sharing.donors]
    blank = ", ".join(name[donor][1] for donor in report.sharing.without_gdp)
    caption = "What every donor carries, against its share of wealth, and what its money brought."
    if blank:
        caption += f" No GDP is known of {blank}: the shares of GDP are of the others."
    return Table("sharing", "Burden sharing", caption, columns, tuple(rows))


def _carried(report: Report, row: DonorShare) -> tuple[Any, ...]:
    why = "; ".join(f"{pledge}: {text}" for pledge, _, text in row.unspent if text)
    return (
        row.pledged_usd_m,
        row.paid_usd_m,
        row.share_of_paid,
        row.gdp_usd_bn,
        row.share_of_gdp,
        row.ratio,
        row.given_usd_m or None,
        row.left_usd_m,
        why or None,
        row.delivered_usd_m,
        row.on_time_usd_m / row.delivered_usd_m if row.delivered_usd_m > 0 else None,
        row.first,
        row.last,
        _purchases(report, row.bought),
    )


def _purchases(report: Report, parts: tuple[Bought, ...]) -> tuple[str, ...]:
    item = {need.need: need.item for need in report.problem.needs}
    ranked = sorted((part for part in parts if part.content > 0), key=lambda part: -part.value_usd_m)
    lines = [
        f"{short(part.delivered)} of {short(part.content)} {item[part.need]} ({part.need}) "
        f"in {part.package}" + ("" if part.last is None else f", there by {part.last}")
        for part in ranked[:_LISTED]
    ]
    rest = len(ranked) - len(lines)
    return (*lines, f"and {count(rest, 'other')}") if rest > 0 else tuple(lines)


def bought(report: Report) -> Table:
    """A row a donor, package and need: what the donor's money buys."""
    columns = (
        Column("donor", "coded", "blank: paid before this plan"),
        Column("package"),
        Column("need"),
        Column("item", "coded"),
        Column("paid for", "number", "units of the need, its part of the package", digits=2),
        Column("delivered", "number", "units that arrive before the plan ends", digits=2),
        Column("on time", "number", "units", digits=2),
        Column("value", "money", "million USD delivered"),
        Column("first arrival", "date"),
        Column("last arrival", "date"),
    )
    name, item = recipient_names(report.problem), item_names(report.problem)
    need_item = {need.need: need.item for need in report.problem.needs}
    parts = [*(part for row in report.sharing.donors for part in row.bought), *report.sharing.before]
    rows = [
        (
            name.get(part.donor, ("", "paid before")),
            part.package,
            part.need,
            item[need_item[part.need]],
            part.content,
            part.delivered,
            part.on_time,
            part.value_usd_m,
            part.first,
            part.last,
        )
        for part in parts
    ]
    caption = "What each donor’s money buys: its part of every package, by what each paid for the category."
    return Table("bought", "What the money buys", caption, columns, tuple(rows))


def gap(report: Report) -> Table:
    """A row a need of high urgency that lacks money."""
    found = report.gap
    columns = (
        Column("need", "demand"),
        Column("item", "coded"),
        Column("category"),
        Column("urgency", "whole"),
        Column("needed by", "date"),
        Column("not funded", "whole", "units in no funded or released package, and given by nobody"),
        Column("money missing", "money", "million USD for these, if still in time"),
        Column("funded too late", "whole", "units in a package of this plan that is released too late for the date"),
        Column("money to come sooner", "money", "million USD for these, if still in time"),
        Column("money by", "date", "last day of release that is in time: needed by, less the way and the contract"),
        Column("too late already", "money", "million USD missing for what no release can bring in time any more"),
    )
    item = item_names(report.problem)
    rows = tuple(
        (
            (row.need, row.need),
            item[row.item],
            words(row.category),
            row.urgency,
            row.needed_by,
            row.unfunded,
            row.missing_usd_m or None,
            row.held_back or None,
            row.sooner_usd_m or None,
            row.money_by,
            row.too_late_usd_m or None,
        )
        for row in found.needs
    )
    sums = (found.missing_usd_m, None, found.sooner_usd_m, None, found.too_late_usd_m)
    foot = (("", "all"), None, None, None, None, sum(row.unfunded for row in found.needs), *sums)
    which = " and ".join(str(urgency) for urgency in found.urgencies)
    caption = (
        f"What is lacking to fund all needs of urgency {which} in time: {short(found.total_usd_m)} million USD, of "
        f"which {short(found.missing_usd_m)} in nobody’s package and {short(found.sooner_usd_m)} to come sooner."
    )
    if found.too_late_usd_m > 0:
        caption += f" Beyond that {short(found.too_late_usd_m)} for what cannot be in time any more."
    return Table("gap", "The gap of urgent needs", caption, columns, rows, foot if rows else None)


def gap_categories(report: Report) -> Table:
    """A row a category of the gap."""
    columns = (
        Column("category"),
        Column("money missing", "money", _MONEY),
        Column("money to come sooner", "money", _MONEY),
        Column("gap", "money", "million USD, both"),
        Column("earliest money by", "date"),
        Column("too late already", "money", _MONEY),
    )
    found = report.gap
    rows = []
    for category in found.categories:
        mine = [row for row in found.needs if row.category == category]
        missing, sooner = sum(row.missing_usd_m for row in mine), sum(row.sooner_usd_m for row in mine)
        first = min((row.money_by for row in mine if row.money_by is not None), default=None)
        late = sum(row.too_late_usd_m for row in mine)
        rows.append((words(category), missing, sooner, missing + sooner, first, late or None))
    sums = (found.missing_usd_m, found.sooner_usd_m, found.total_usd_m, None, found.too_late_usd_m)
    caption = "The gap by category."
    foot = ("all", *sums) if rows else None
    return Table("gap_categories", "The gap by category", caption, columns, tuple(rows), foot)


def asked(report: Report) -> Table:
    """A row a donor, a column a key: what to ask of whom, so that the gap is closed."""
    total, found = report.gap.total_usd_m, {}
    for key in KEYS:
        found[key] = asks(total, basis(report.problem, report.facts, key))
    columns = (
        Column("donor", "coded"),
        *(Column(_TITLES[key], "money", f"million USD, {text}; blank: not known") for key, text in KEYS.items()),
        Column("left of pledges", "money", "million USD pledged and not spent in this plan: part of an answer"),
    )
    name = recipient_names(report.problem)
    left = {row.donor: row.left_usd_m for row in report.sharing.donors}
    pledging = {pledge.donor for pledge in report.problem.pledges}
    rows: list[tuple[Any, ...]] = [
        (name[donor], *(found[key].get(donor) for key in KEYS), left[donor])
        for donor in left
        if donor in pledging and total > 0
    ]
    rows.sort(key=lambda row: (-(row[1] or 0.0), -(row[4] or 0.0), row[0]))
    sums = tuple(sum(found[key].values()) for key in KEYS)
    foot = (("", "all donors"), *sums, sum(left.values()))
    caption = (
        f"What to ask of each donor so that the gap of {short(total)} million USD is closed, under four keys. "
        f"Asks are rounded to {STEP:g} million USD so that they add up to the gap, rounded up."
    )
    return Table("asks", "What to ask of whom", caption, columns, tuple(rows), foot if rows else None)
