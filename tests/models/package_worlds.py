"""Instances in which nothing but packages and money is scarce: dear units, tight values, few donors, large minimums.

Stock is there from the beginning, so that what packages hold, when they are released and who pays decides everything;
contents of a period often do not split into packages, and money that suffices often has no donors.
"""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from models import problem as p
from tests.builders import START, a_weights_policy

CATEGORIES = ("air", "ammo")
PRICES = (10.0, 7.0, 6.0, 4.0, 3.0, 1.0)


def week(number: int) -> dt.date:
    """The first day of a week of the horizon."""
    return START + dt.timedelta(weeks=number)


@st.composite
def packagings(draw: st.DrawFn) -> p.Problem:
    """Four weeks, needs of items in stock, up to three new packages and a proposed one, three to seven pledges."""
    count = draw(st.integers(2, 4))
    items = tuple(
        p.Item(f"I{k}", f"I{k}", draw(st.sampled_from(CATEGORIES)), "each", draw(st.sampled_from(PRICES)))
        for k in range(count)
    )
    needs = tuple(
        p.Need(f"N{k}", f"I{k}", draw(st.integers(1, 4)), draw(st.integers(1, 3)), week(draw(st.integers(-1, 2))))
        for k in range(count)
    )
    policy = p.PackagesPolicy(
        draw(st.sampled_from((12.0, 10.0, 14.0))),
        draw(st.sampled_from((0.1, 0.2, 0.0))),
        draw(st.sampled_from((3, 2))),
        draw(st.sampled_from((2, 1, 3))),
        draw(st.sampled_from((5.0, 3.0, 0.0))),
        draw(st.sampled_from((0, 1))),
        draw(st.sampled_from((None, 2))),
    )
    packages: tuple[p.Package, ...] = ()
    contents: tuple[p.PackageContent, ...] = ()
    if not draw(st.integers(0, 2)):
        packages = (p.Package("P0", "proposed"),)
        contents = (p.PackageContent("P0", "N0", 1), p.PackageContent("P0", "N1", 1))
    pledges = []
    for k in range(draw(st.integers(3, 7))):
        first = draw(st.sampled_from((0, 0, 1, 2)))
        last = draw(st.sampled_from((None, None, first, 2)))
        ends = None if last is None else week(max(first, last))
        amount = draw(st.sampled_from((6.0, 4.0, 12.0, 8.0, 9.5, 5.0, 24.0)))
        earmark = draw(st.sampled_from((None, None, *CATEGORIES)))
        pledges.append(p.Pledge(f"G{k}", "POL", amount, week(first), ends, earmark))
    return p.Problem(
        "packaging",
        START,
        ((4, 1),),
        4,
        items,
        recipients=(p.Recipient("POL", "POL", 4.0, 3.0, 1.0, 1.0, 0.5),),
        stocks=tuple(p.Stock(item.item, 4) for item in items),
        needs=needs,
        packages=packages,
        package_contents=contents,
        pledges=tuple(pledges),
        package_policy=policy,
        weights=a_weights_policy(ukraine=8.0, urgency=(16.0, 8.0, 4.0, 2.0, 1.0)),
    )
