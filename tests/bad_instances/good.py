# ruff: noqa: E501
"""A small instance with every table, in which nothing is to be found; bad instances differ from it by one edit."""

from __future__ import annotations

from pathlib import Path

GOOD: dict[str, str] = {
    "instance.toml": """name = "Good"
start = 2026-01-05
periods = [[8, 1], [2, 4]]
after_horizon_weeks = 13

[weights]
minimum = 1.0
maximum = 8.0
ukraine = 8.0
urgency = [16, 8, 4, 2, 1]
defence_target_pct_gdp = 3.5
trend_reference_pct_gdp = 1.5
support_reference_pct_gdp = 1.0
missing_score = 0.5
shares = { defence_level = 0.35, defence_trend = 0.10, ukraine_support = 0.30, strategic_role = 0.15, economic_contribution = 0.10 }

[packages]
target_usd_m = 50
tolerance = 0.10
max_new = 2
max_donors = 3
min_contribution_usd_m = 5
contract_weeks = 1
max_releases_per_period = 1

[delivery]
pool_site = "Plant"
destination_site = "Border"
routes_per_origin = 2
max_lanes_per_route = 3

[approval]
review_weeks_per_week = 2.0
processing_weeks = 1
fast_track_pct_gdp = 3.5
fast_track_factor = 0.5

[readiness]
weight = 4.0

[stability]
frozen_weeks = 2
frozen_cost_weeks = 52.0
change_cost_weeks = 1.0

[objective]
mode = "weighted"
stages = ["needs_delay", "orders_delay", "readiness_shortfall", "plan_change"]
stage_tolerance = 0.0
""",
    "items.csv": """item,name,category,unit,unit_price_usd_m,tonnes
interceptor,Interceptor,air_defence,each,4.5,1
shells,Shells,ammunition,lot of 1000,3,40
""",
    "lines.csv": """line,name
line-1,First line
line-2,Second line
""",
    "line_rates.csv": """line,from_date,slots_per_week
line-1,2025-12-01,2.5
line-1,2026-02-02,3
line-2,2026-01-05,1
""",
    "line_items.csv": """line,item,slots_per_unit
line-1,interceptor,1
line-2,shells,1
""",
    "components.csv": """component,on_hand
seeker,10
""",
    "component_rates.csv": """component,from_date,units_per_week
seeker,2026-01-05,2
""",
    "item_components.csv": """item,component,units_per_unit
interceptor,seeker,1
""",
    "stocks.csv": """item,on_hand,readiness_floor
interceptor,12,8
shells,5,
""",
    "receipts.csv": """item,date,quantity
shells,2026-02-10,2
""",
    "recipients.csv": """recipient,name,defence_pct_gdp,defence_pct_gdp_prior,ukraine_military_pct_gdp,strategic_role,economic_contribution,gdp_usd_bn
POL,Poland,4.5,3.8,0.9,0.9,0.4,980
NLD,Netherlands,2.5,1.9,0.6,0.5,0.7,1200
""",
    "orders.csv": """order,case,recipient,item,quantity,due_date,placed_on,earliest_date,delivery,firm_by,weight_multiplier
O-100,case-1,POL,interceptor,6,2026-02-16,2024-06-11,2026-01-12,complete,2026-03-30,1
O-200,case-1,POL,shells,2,2026-03-02,2024-06-11,,each,,
O-300,case-2,NLD,interceptor,4,2026-03-02,2025-01-20,,each,,2
""",
    "approvals.csv": """case,submitted_on,review_weeks
case-2,2026-01-05,4
""",
    "needs.csv": """need,item,quantity,urgency,needed_by,expires_on
N-100,interceptor,20,1,2026-02-02,
N-200,shells,6,3,2026-02-23,2026-04-20
""",
    "substitutes.csv": """item,substitute,units_per_unit
shells,interceptor,2
""",
    "packages.csv": """package,status,release_on
first,funded,2025-12-29
second,proposed,
""",
    "package_contents.csv": """package,need,quantity
first,N-100,8
second,N-200,3
""",
    "pledges.csv": """pledge,donor,amount_usd_m,available_on,expires_on,earmark
G-100,NLD,80,2026-01-05,2026-03-30,air_defence
G-200,POL,40,2026-01-19,,
""",
    "offers.csv": """offer,donor,item,quantity,available_on,site,replacement_item,replacement_quantity,replacement_within_weeks,status
V-100,NLD,interceptor,3,2026-01-12,Depot,interceptor,3,10,open
""",
    "sites.csv": """site,name
Plant,Plant
Depot,Depot
Border,Border
""",
    "lanes.csv": """lane,from_site,to_site,weeks,tonnes_per_week
road,Plant,Border,1,60
rail,Depot,Border,2,
""",
    "commitments.csv": """demand,item,date,quantity
O-100,interceptor,2026-01-12,2
N-200,interceptor,2026-01-19,2
V-100,interceptor,2026-02-02,3
""",
    "actuals.csv": """event,entity,item,origin,package,date,quantity
produced,line-1,interceptor,,,2026-01-05,2
""",
}


def write_good(folder: Path, *edits: tuple[str, str, str]) -> Path:
    """Write the good instance with edits: in that file this text (which stands there once) becomes that one."""
    texts = dict(GOOD)
    for file, old, new in edits:
        assert texts[file].count(old) == 1, f"{old!r} stands {texts[file].count(old)} times in {file}"
        texts[file] = texts[file].replace(old, new)
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in texts.items():
        (folder / file).write_bytes(text.encode())
    return folder
