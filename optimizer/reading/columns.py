"""The one table of columns: every table of an instance with its columns, units, defaults and meanings.

It feeds the reader, the writer, `burdenshare template`, the file-format page and the generator (`problem.md`, "The
instance"). Columns stand in the order of the records' fields in `models.problem`. For the sections of `instance.toml`
see `optimizer.reading.sections`.
"""

from __future__ import annotations

from typing import Any

from models import problem as records
from optimizer.reading.column import MAX_QUANTITY, Column, Table, choice, date, number, refers, text, weeks, whole

EVENTS = ("produced", "dispatched", "arrived", "paid", "approved")
_PERCENT: dict[str, Any] = {"unit": "% of GDP", "maximum": 100, "blank": True}
_SCORE: dict[str, Any] = {"unit": "0…1", "maximum": 1, "blank": True}

ITEMS = Table(
    "items",
    records.Item,
    "What is made, held and sent.",
    (
        text("item", "Name of the item, unique.", "PAC-3 MSE"),
        text("name", "What people call it.", "PAC-3 MSE interceptor"),
        text("category", "Category that packages are funded by and pledges may be earmarked for.", "air_defence"),
        text("unit", "What one unit is; it may be a lot.", "each"),
        number("unit_price_usd_m", "Price of one unit.", "4.2", "million USD"),
        number("tonnes", "Mass of one unit, as the lanes carry it.", "0.9", "tonnes", blank=True, default=0.0),
    ),
    key=("item",),
    required=True,
    more_examples=(("GEM-T", "Patriot GEM-T interceptor", "air_defence", "each", "3.5", "0.9"),),
)
LINES = Table(
    "lines",
    records.Line,
    "Production lines.",
    (
        text("line", "Name of the line, unique.", "PAC-3 line"),
        text("name", "What people call it.", "PAC-3 final assembly"),
    ),
    key=("line",),
)
LINE_RATES = Table(
    "line_rates",
    records.LineRate,
    "What a line turns out: a step function, 0 before its first row.",
    (
        refers("line", "lines.line", meaning="The line.", example="PAC-3 line"),
        date("from_date", "From this day on the rate holds.", "2026-01-05"),
        number("slots_per_week", "Slots turned out a week; may be fractional.", "12.5", "slots a week"),
    ),
    key=("line", "from_date"),
)
LINE_ITEMS = Table(
    "line_items",
    records.LineItem,
    "Which line can make which item.",
    (
        refers("line", "lines.line", meaning="The line.", example="PAC-3 line"),
        refers("item", "items.item", meaning="An item it can make.", example="PAC-3 MSE"),
        whole("slots_per_unit", "Slots of one period that a unit takes.", "1", "slots", minimum=1),
    ),
    key=("line", "item"),
)
COMPONENTS = Table(
    "components",
    records.Component,
    "Parts that items share; what is not used accumulates.",
    (
        text("component", "Name of the component, unique.", "seeker"),
        whole("on_hand", "Units there before the horizon.", "40"),
    ),
    key=("component",),
)
COMPONENT_RATES = Table(
    "component_rates",
    records.ComponentRate,
    "How fast a component comes in: a step function, 0 before its first row.",
    (
        refers("component", "components.component", meaning="The component.", example="seeker"),
        date("from_date", "From this day on the rate holds.", "2026-01-05"),
        number("units_per_week", "Units that come in a week; may be fractional.", "10", "units a week"),
    ),
    key=("component", "from_date"),
)
ITEM_COMPONENTS = Table(
    "item_components",
    records.ItemComponent,
    "What an item is made from.",
    (
        refers("item", "items.item", meaning="The item.", example="PAC-3 MSE"),
        refers("component", "components.component", meaning="A component it takes.", example="seeker"),
        whole("units_per_unit", "Units of the component that a unit of the item takes.", "1"),
    ),
    key=("item", "component"),
)
STOCKS = Table(
    "stocks",
    records.Stock,
    "The pool before the horizon. An item without a row starts at 0 and has no floor.",
    (
        refers("item", "items.item", meaning="The item.", example="PAC-3 MSE"),
        whole("on_hand", "Units in the pool before the horizon.", "120"),
        whole("readiness_floor", "Units the pool should keep.", "100", blank=True, default=0),
    ),
    key=("item",),
)
RECEIPTS = Table(
    "receipts",
    records.Receipt,
    "Units already under way to the pool; rows of one item and day add up.",
    (
        refers("item", "items.item", meaning="The item.", example="PAC-3 MSE"),
        date("date", "Day they reach the pool; not before the horizon, ignored after it.", "2026-03-02"),
        whole("quantity", "Units.", "8"),
    ),
)
RECIPIENTS = Table(
    "recipients",
    records.Recipient,
    "Customers and donors, and what they contribute. A blank contribution scores `missing_score`.",
    (
        Column("recipient", "code", "ISO 3166 alpha-3 code of a country, or three such letters; unique.", "POL"),
        text("name", "What people call it.", "Poland"),
        number("defence_pct_gdp", "Own defence spending.", "4.5", **_PERCENT),
        number("defence_pct_gdp_prior", "The same, in the year the trend is measured from.", "3.8", **_PERCENT),
        number("ukraine_military_pct_gdp", "Military support of Ukraine.", "0.9", **_PERCENT),
        number("strategic_role", "Critical role or geography.", "0.9", **_SCORE),
        number("economic_contribution", "Contribution to production capacity and supply chains.", "0.4", **_SCORE),
        number("gdp_usd_bn", "Gross domestic product.", "980", "billion USD", blank=True),
    ),
    key=("recipient",),
    more_examples=(
        ("NLD", "Netherlands", "2.5", "1.9", "0.6", "0.5", "0.7", "1200"),
        ("DEU", "Germany", "2.4", "2.0", "0.4", "0.6", "0.7", "4700"),
    ),
)
ORDERS = Table(
    "orders",
    records.Order,
    "What customers ordered.",
    (
        text("order", "Name of the order, unique among orders, needs and offers.", "POL-2024-017-1"),
        text("case", "Sales case it belongs to; all orders of a case have one recipient.", "POL-2024-017"),
        refers("recipient", "recipients.recipient", meaning="Who ordered.", example="POL"),
        refers("item", "items.item", meaning="What was ordered.", example="PAC-3 MSE"),
        whole("quantity", "Units ordered.", "48"),
        date("due_date", "Day they are due.", "2026-09-28"),
        date("placed_on", "Day the order was placed.", "2024-06-11"),
        date("earliest_date", "No dispatch before its period; blank: the first period.", "2026-03-02", blank=True),
        choice("delivery", "Whether every unit counts when it arrives, or all when the last does.", "each", "complete"),
        date("firm_by", "Promised: all units must have arrived by then; blank: no promise.", "2026-12-28", blank=True),
        number("weight_multiplier", "Factor on the recipient's weight.", "1", "factor", blank=True, default=1.0),
    ),
    key=("order",),
)
APPROVALS = Table(
    "approvals",
    records.Approval,
    "Cases still under review; a case that is not listed is approved.",
    (
        text("case", "The case.", "POL-2024-017"),
        date("submitted_on", "Day it was submitted; work on it begins in its period.", "2026-01-05"),
        number("review_weeks", "Effort of the review.", "6", "weeks of effort"),
    ),
    key=("case",),
)
NEEDS = Table(
    "needs",
    records.Need,
    "Validated needs of Ukraine.",
    (
        text("need", "Name of the need, unique among orders, needs and offers.", "UKR-AD-01"),
        refers("item", "items.item", meaning="What is needed.", example="PAC-3 MSE"),
        whole("quantity", "Units needed.", "200"),
        whole("urgency", "1 is the highest, 5 the lowest.", "1", "1…5", minimum=1, maximum=5),
        date("needed_by", "Day they are due.", "2026-04-27"),
        date("expires_on", "Nothing may arrive in a period that begins later; blank: never.", "2026-12-28", blank=True),
    ),
    key=("need",),
)
SUBSTITUTES = Table(
    "substitutes",
    records.Substitute,
    "What may serve a need instead of its item.",
    (
        refers("item", "items.item", meaning="The item that is needed.", example="PAC-3 MSE"),
        refers("substitute", "items.item", meaning="The item that may serve.", example="GEM-T"),
        whole("units_per_unit", "Units of the substitute that serve one unit of the item.", "2", minimum=1),
    ),
    key=("item", "substitute"),
)
PACKAGES = Table(
    "packages",
    records.Package,
    "Packages whose content is fixed; new ones are decided by the plan.",
    (
        text("package", "Name of the package, unique.", "PURL-1"),
        choice("status", "Paid already, or not yet.", "funded", "proposed"),
        date("release_on", "Day a funded package is released; blank for a proposed one.", "2026-01-05", blank=True),
    ),
    key=("package",),
)
PACKAGE_CONTENTS = Table(
    "package_contents",
    records.PackageContent,
    "What the packages of the table hold.",
    (
        refers("package", "packages.package", meaning="The package.", example="PURL-1"),
        refers("need", "needs.need", meaning="A need it covers.", example="UKR-AD-01"),
        whole("quantity", "Units of the need, at most as many as are needed.", "20"),
    ),
    key=("package", "need"),
)
PLEDGES = Table(
    "pledges",
    records.Pledge,
    "Donors' money. Several rows of a donor share nothing.",
    (
        text("pledge", "Name of the pledge, unique.", "NLD-2026-1"),
        refers("donor", "recipients.recipient", meaning="Who gives.", example="NLD"),
        number("amount_usd_m", "Money given.", "250", "million USD"),
        date("available_on", "It pays for packages released from this day's period on.", "2026-01-05"),
        date(
            "expires_on",
            "Last day, by whose period a package must be released; blank: never.",
            "2026-12-28",
            blank=True,
        ),
        text("earmark", "The one category it may pay for; blank: any.", "air_defence", blank=True),
    ),
    key=("pledge",),
)
OFFERS = Table(
    "offers",
    records.Offer,
    "Inventory that allies give, whole or not at all, against a replacement from the pool.",
    (
        text("offer", "Name of the offer, unique among orders, needs and offers.", "DEU-V1"),
        refers("donor", "recipients.recipient", meaning="Who gives.", example="DEU"),
        refers("item", "items.item", meaning="What is given.", example="GEM-T"),
        whole("quantity", "Units given.", "24"),
        date("available_on", "Needs can have them from this day's period on.", "2026-02-02"),
        refers(
            "site",
            "sites.site",
            meaning="Where they are; may be blank where no lanes are modelled.",
            example="Hub A",
            blank=True,
        ),
        refers("replacement_item", "items.item", meaning="What the giver gets in return.", example="PAC-3 MSE"),
        whole("replacement_quantity", "Units the giver gets in return.", "24"),
        weeks("replacement_within_weeks", "Weeks from `available_on` within which they must have left.", "30"),
        choice("status", "Still to be decided, or accepted already.", "open", "accepted"),
    ),
    key=("offer",),
)
SITES = Table(
    "sites",
    records.Site,
    "Places that lanes join.",
    (text("site", "Name of the site, unique.", "Hub A"), text("name", "What people call it.", "Hub A (invented)")),
    key=("site",),
    more_examples=(("Hub B", "Hub B (invented)"),),
)
LANES = Table(
    "lanes",
    records.Lane,
    "Ways from site to site for goods to Ukraine.",
    (
        text("lane", "Name of the lane, unique; it must not contain ` > `.", "sea-1"),
        refers("from_site", "sites.site", meaning="Where it begins.", example="Hub A"),
        refers("to_site", "sites.site", meaning="Where it ends.", example="Hub B"),
        weeks("weeks", "Weeks the way takes.", "2"),
        number("tonnes_per_week", "What it carries; blank: no limit.", "80", "tonnes a week", blank=True),
    ),
    key=("lane",),
)
COMMITMENTS = Table(
    "commitments",
    records.Commitment,
    "Dispatches of the plan before. Rows of one demand, item and period add up.",
    (
        refers(
            "demand",
            "orders.order",
            "needs.need",
            "offers.offer",
            meaning="The order or need, or the offer whose replacement it is.",
            example="POL-2024-017-1",
        ),
        refers("item", "items.item", meaning="What was to leave the pool.", example="PAC-3 MSE"),
        date("date", "Day it was to leave; outside the horizon: ignored.", "2026-01-19"),
        whole("quantity", "Units.", "6"),
    ),
)
ACTUALS = Table(
    "actuals",
    records.Actual,
    "What happened since the plan before, for `solve --previous`; what no row speaks of is taken to have happened as "
    "planned. Rows add up. One row of an event for an entity in a period stands for all that was planned of it there.",
    (
        choice("event", "What happened.", *EVENTS),
        text(
            "entity",
            "The line (produced), the order, need or offer (dispatched; of an offer its replacement), the pledge "
            "(paid), the case (approved); blank for arrived.",
            "PAC-3 line",
            blank=True,
        ),
        refers(
            "item",
            "items.item",
            meaning="The item made, dispatched (blank: the demand's own) or arrived at the pool; else blank.",
            example="PAC-3 MSE",
            blank=True,
        ),
        refers(
            "origin",
            "offers.offer",
            meaning="The offer that dispatched units came from; blank: the pool.",
            example="",
            blank=True,
        ),
        text("package", "The package that was paid for; blank: those planned then, in order.", "", blank=True),
        date("date", "Day on which it happened, since the plan before.", "2026-01-05"),
        number(
            "quantity",
            "Units; of paid million USD, of approved 1 or 0. A 0 says that it did not happen.",
            "10",
            "units",
            maximum=MAX_QUANTITY,
        ),
    ),
)

_ALL = (
    *(ITEMS, LINES, LINE_RATES, LINE_ITEMS, COMPONENTS, COMPONENT_RATES, ITEM_COMPONENTS, STOCKS, RECEIPTS),
    *(RECIPIENTS, ORDERS, APPROVALS, NEEDS, SUBSTITUTES, PACKAGES, PACKAGE_CONTENTS, PLEDGES, OFFERS),
    *(SITES, LANES, COMMITMENTS, ACTUALS),
)
TABLES: dict[str, Table] = {table.name: table for table in _ALL}
"""All tables by name, in the order of `problem.md`."""

COMPANIONS = ("README", "provenance")
"""Files or sheets beside the tables that hold no data of the instance and are left alone."""
