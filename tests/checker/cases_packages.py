"""Cases of the rules of packages and the money for them."""

from __future__ import annotations

from dataclasses import replace

from models.plan import Content, Payment, Release
from tests.builders import day, small_plan, to_need, with_dispatch, with_policy, with_records, with_row
from tests.checker.case import BASE, SMALL, Case, payments

LATE_RELEASE = replace(
    small_plan(releases=(Release("P-proposed", "proposed", 0), Release("P-new", "new", 7))),
    dispatches=(
        *(row for row in BASE.dispatches if row.demand != "N-shell"),
        to_need("N-shell", "shell", 10, (8, 8), ("sea", "road")),
    ),
)

PACKAGE_CASES = [
    Case(
        "released_once",
        BASE,
        with_records(BASE, releases=[Release("P-new", "new", 3)]),
        ("P-new",),
        1.0,
        ("released 2 times",),
    ),
    Case(
        "package_value",
        replace(
            with_dispatch(BASE, "N-shell", 5, quantity=4),
            contents=(Content("P-new", "N-shell", 9),),
            payments=payments(G_any=(10.0, 5.0), G_ammo=(0.0, 13.0)),
        ),
        replace(
            with_dispatch(BASE, "N-shell", 5, quantity=3),
            contents=(Content("P-new", "N-shell", 8),),
            payments=payments(G_any=(10.0, 5.0), G_ammo=(0.0, 11.0)),
        ),
        ("P-new",),
        2.0,
        ("worth 16 million USD", "18 to 22"),
    ),
    Case(
        "package_value",
        BASE,
        replace(BASE, contents=(Content("P-new", "N-shell", 10), Content("P-other", "N-shell", 2))),
        ("P-other",),
        4.0,
        ("never released", "worth 4 million USD"),
        problem=with_policy(SMALL, "package_policy", max_new=2),
        name="content without release",
    ),
    Case(
        "releases_per_period",
        BASE,
        small_plan(releases=(Release("P-proposed", "proposed", 0), Release("P-new", "new", 0))),
        ("0",),
        1.0,
        ("2 packages are released", "2026-01-05"),
    ),
    Case(
        "fully_funded",
        BASE,
        small_plan(payments=payments(G_any=(9.0, 5.0), G_ammo=(0.0, 15.0))),
        ("P-proposed", "air_defence"),
        1.0,
        ("costs 10 million USD", "pay 9 million USD"),
    ),
    Case(
        "fully_funded",
        BASE,
        with_records(BASE, payments=[Payment("P-funded", "G-third", "air_defence", 6.0)]),
        ("P-funded", "air_defence"),
        6.0,
        ("not released by the plan", "pay 6"),
        name="paid already",
    ),
    Case(
        "within_pledge",
        BASE,
        small_plan(payments=payments(G_any=(10.0, 6.0), G_ammo=(0.0, 14.0))),
        ("G-any",),
        1.0,
        ("of 15 million USD", "pays 16"),
    ),
    Case(
        "pledge_earmark",
        small_plan(payments=payments(G_any=(5.0, 5.0), G_third=(5.0, 0.0), G_ammo=(0.0, 15.0))),
        small_plan(payments=payments(G_any=(5.0, 10.0), G_ammo=(5.0, 10.0))),
        ("G-ammo", "P-proposed", "air_defence"),
        5.0,
        ("for ammunition only", "5 million USD for air_defence"),
    ),
    Case(
        "pledge_dates",
        replace(LATE_RELEASE, releases=(Release("P-proposed", "proposed", 0), Release("P-new", "new", 6))),
        LATE_RELEASE,
        ("G-ammo", "P-new"),
        1.0,
        ("2026-01-05 to 2026-02-16", "released on 2026-02-23"),
    ),
    Case(
        "pledge_dates",
        BASE,
        small_plan(payments=payments(G_any=(5.0, 5.0), G_third=(5.0, 0.0), G_ammo=(0.0, 15.0))),
        ("G-third", "P-proposed"),
        2.0,
        ("stands from 2026-01-20 on", "released on 2026-01-05"),
        problem=with_row(SMALL, "pledges", "G-third", available_on=day(2, 1)),
        name="too early",
    ),
    Case(
        "minimum_contribution",
        BASE,
        small_plan(payments=payments(G_any=(10.0, 4.0), G_ammo=(0.0, 16.0))),
        ("G-any", "P-new"),
        1.0,
        ("pays 4 million USD", "least is 5"),
    ),
    Case(
        "donors_per_package",
        BASE,
        small_plan(payments=payments(G_any=(10.0, 5.0), G_third=(0.0, 5.0), G_ammo=(0.0, 10.0))),
        ("P-new",),
        1.0,
        ("3 pledges pay", "2 are allowed"),
    ),
    Case(
        "content_within_need",
        BASE,
        with_dispatch(with_dispatch(BASE, "N-missile", 0, quantity=1), "N-missile", 3, quantity=6),
        ("N-missile",),
        1.0,
        ("for 5 units", "hold 3", "give 3"),
    ),
    Case(
        "dispatch_after_release",
        BASE,
        replace(
            BASE,
            dispatches=tuple(
                replace(row, period=0, arrival=0) if (row.demand, row.period) == ("N-missile", 1) else row
                for row in BASE.dispatches
            ),
        ),
        ("N-missile", "0"),
        1.0,
        ("1 unit more", "2026-01-05"),
    ),
    Case(
        "promise_kept",
        BASE,
        with_dispatch(BASE, "N-shell", 5, quantity=4),
        ("N-shell",),
        1.0,
        ("hold 10 units", "9 leave the pool"),
    ),
]
