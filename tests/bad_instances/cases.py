# ruff: noqa: PLR0917
"""Bad instances, one edit away from the good one, with the one finding that each must give."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bad:
    """Edits of the good instance, and the finding they cause: code, file, row, column, value, part of the hint."""

    code: str
    edits: tuple[tuple[str, str, str], ...]
    file: str
    row: int | None
    column: str | None
    value: str | None
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.code}-{self.file}-{self.column}-{self.value}"


def _cell(code: str, file: str, row: int, column: str, value: str, edit: tuple[str, str], hint: str = "") -> Bad:
    return Bad(code, ((file, *edit),), file, row, column, value, hint)


def _setting(code: str, row: int | None, column: str, value: str | None, edit: tuple[str, str], hint: str = "") -> Bad:
    return Bad(code, (("instance.toml", *edit),), "instance.toml", row, column, value, hint)


SHAPES = [
    _cell("unknown_column", "orders.csv", 1, "quantty", "quantty", (",quantity,", ",quantty,"), "Maybe quantity"),
    _cell("unknown_column", "orders.csv", 1, "Quantity", "Quantity", (",quantity,", ",Quantity,"), "Maybe quantity"),
    Bad(
        "unknown_column",
        (
            ("sites.csv", "site,name\nPlant,Plant", "site,name,colour\nPlant,Plant,red"),
            ("sites.csv", "Depot,Depot", "Depot,Depot,"),
            ("sites.csv", "Border,Border", "Border,Border,"),
        ),
        *("sites.csv", 1, "colour", "colour"),
    ),
    Bad(
        "missing_column",
        (("lines.csv", "line,name\nline-1,First line\nline-2,Second line", "line\nline-1\nline-2"),),
        "lines.csv",
        1,
        "name",
        None,
    ),
    Bad(
        "duplicate_column",
        (("components.csv", "component,on_hand\nseeker,10", "component,on_hand,on_hand\nseeker,10,10"),),
        *("components.csv", 1, "on_hand", "on_hand"),
    ),
    Bad(
        "ragged_row",
        (
            (
                "items.csv",
                "interceptor,Interceptor,air_defence,each,4.5,1",
                "interceptor,Interceptor,air_defence,each,4.5",
            ),
        ),
        "items.csv",
        2,
        None,
        "interceptor,Interceptor,air_defence,each,4.5",
    ),
    Bad(
        "ragged_row",
        (("items.csv", "lot of 1000", "lot of 1,000"),),
        "items.csv",
        3,
        None,
        "shells,Shells,ammunition,lot of 1,000,3,40",
        "comma inside",
    ),
    Bad(
        "wrong_separator",
        (("receipts.csv", "item,date,quantity", "item;date;quantity"),),
        "receipts.csv",
        1,
        None,
        "item;date;quantity",
        "semicolons",
    ),
    Bad("broken_csv", (("lines.csv", "First line", '"First line'),), "lines.csv", 2, None, None, "quotation mark"),
    Bad(
        "empty_table",
        (("receipts.csv", "item,date,quantity\nshells,2026-02-10,2\n", ""),),
        "receipts.csv",
        1,
        None,
        None,
    ),
]
"""The shape of a table."""

CELLS = [
    _cell("missing_value", "needs.csv", 2, "item", "", ("N-100,interceptor", "N-100,")),
    _cell("missing_value", "lanes.csv", 2, "weeks", "", ("Border,1,60", "Border,,60")),
    _cell("bad_text", "sites.csv", 3, "name", "De\tpot", ("Depot,Depot", "Depot,De\tpot")),
    _cell("too_long", "sites.csv", 3, "name", "x" * 200, ("Depot,Depot", "Depot," + "x" * 501)),
    _cell("bad_code", "recipients.csv", 3, "recipient", "nld", ("NLD,Netherlands", "nld,Netherlands"), "Maybe NLD"),
    _cell("not_a_number", "items.csv", 2, "unit_price_usd_m", "four", ("4.5", "four")),
    _cell("not_a_number", "items.csv", 2, "unit_price_usd_m", "4,5", ("4.5", '"4,5"'), "Maybe 4.5"),
    _cell("not_a_number", "items.csv", 2, "unit_price_usd_m", "4_5", ("4.5", "4_5")),
    _cell("not_a_number", "needs.csv", 2, "quantity", "2O", ("interceptor,20", "interceptor,2O"), "Maybe 20"),
    _cell("not_a_number", "components.csv", 2, "on_hand", "1,000", ("10", '"1,000"'), "Maybe 1000"),
    _cell("not_finite", "items.csv", 2, "unit_price_usd_m", "NaN", ("4.5", "NaN")),
    _cell("not_finite", "items.csv", 2, "unit_price_usd_m", "inf", ("4.5", "inf")),
    _cell("not_finite", "items.csv", 2, "unit_price_usd_m", "-Infinity", ("4.5", "-Infinity")),
    _cell("not_finite", "items.csv", 2, "unit_price_usd_m", "1e999", ("4.5", "1e999")),
    _cell("not_finite", "stocks.csv", 2, "on_hand", "nan", (",12,", ",nan,")),
    _cell("not_whole", "line_items.csv", 2, "slots_per_unit", "1.5", ("interceptor,1", "interceptor,1.5")),
    _cell("too_small", "stocks.csv", 2, "on_hand", "-1", (",12,", ",-1,")),
    _cell("too_small", "line_items.csv", 2, "slots_per_unit", "0", ("interceptor,1", "interceptor,0")),
    _cell("too_small", "pledges.csv", 2, "amount_usd_m", "-80", (",80,", ",-80,")),
    _cell("too_large", "stocks.csv", 2, "on_hand", "10000001", (",12,", ",10000001,")),
    _cell("too_large", "stocks.csv", 2, "on_hand", "9" * 200, (",12,", "," + "9" * 5000 + ",")),
    _cell("too_large", "pledges.csv", 2, "amount_usd_m", "1000000.5", (",80,", ",1000000.5,")),
    _cell("too_large", "line_rates.csv", 4, "slots_per_week", "1e7", ("2026-01-05,1", "2026-01-05,1e7")),
    _cell("too_large", "needs.csv", 2, "urgency", "6", ("interceptor,20,1", "interceptor,20,6")),
    _cell("too_large", "recipients.csv", 2, "strategic_role", "9", ("0.9,0.9", "0.9,9")),
    _cell("not_a_date", "needs.csv", 2, "needed_by", "02/13/2026", ("2026-02-02", "02/13/2026"), "Maybe 2026-02-13"),
    _cell(
        "not_a_date",
        "needs.csv",
        2,
        "needed_by",
        "3.2.2026",
        ("2026-02-02", "3.2.2026"),
        "Maybe 2026-02-03 or 2026-03-02",
    ),
    _cell("not_a_date", "needs.csv", 2, "needed_by", "20260202", ("2026-02-02", "20260202"), "Maybe 2026-02-02"),
    _cell("not_a_date", "needs.csv", 2, "needed_by", "soon", ("2026-02-02", "soon")),
    _cell("not_a_date", "needs.csv", 2, "needed_by", "1770000000", ("2026-02-02", "1770000000")),
    _cell(
        "not_a_date",
        "needs.csv",
        2,
        "needed_by",
        "2026-02-02T00:00:00",
        ("2026-02-02", "2026-02-02T00:00:00"),
        "2026-02-02",
    ),
    _cell(
        "impossible_date", "needs.csv", 2, "needed_by", "2026-02-30", ("2026-02-02", "2026-02-30"), "Maybe 2026-02-28"
    ),
    _cell(
        "impossible_date", "needs.csv", 2, "needed_by", "2026-15-02", ("2026-02-02", "2026-15-02"), "Maybe 2026-02-15"
    ),
    _cell("date_out_of_range", "needs.csv", 2, "needed_by", "0226-02-02", ("2026-02-02", "0226-02-02")),
    _cell("unknown_choice", "orders.csv", 2, "delivery", "complet", ("complete", "complet"), "Maybe complete"),
    _cell("unknown_choice", "packages.csv", 3, "status", "Proposed", (",proposed,", ",Proposed,"), "Maybe proposed"),
]
"""Single cells."""

SETTINGS = [
    _setting("unknown_setting", 3, "period", "[[8, 1], [2, 4]]", ("periods", "period"), "Maybe periods"),
    _setting("unknown_setting", 9, "weights.ukrain", "8", ("ukraine = 8.0", "ukrain = 8.0"), "Maybe weights.ukraine"),
    _setting("missing_setting", None, "after_horizon_weeks", None, ("after_horizon_weeks = 13\n", "")),
    _setting("missing_setting", None, "approval.processing_weeks", None, ("processing_weeks = 1\n", "")),
    _setting("missing_setting", None, "weights.shares.defence_trend", None, ("defence_trend = 0.10, ", "")),
    _setting(
        "unknown_setting",
        42,
        "stability.frozen_week",
        "2",
        ("frozen_weeks", "frozen_week"),
        "Maybe stability.frozen_weeks",
    ),
    _setting(
        "unknown_setting",
        5,
        "colour",
        "red",
        ("after_horizon_weeks = 13\n", 'after_horizon_weeks = 13\ncolour = "red"\n'),
    ),
    _setting("unknown_setting", None, "readines", "readines", ("[readiness]", "[readines]"), "Maybe readiness"),
    _setting("wrong_type", 4, "after_horizon_weeks", "13", ("= 13", '= "13"'), "without the quotation marks"),
    _setting("wrong_type", 1, "name", "5", ('"Good"', "5"), "in quotation marks"),
    _setting("wrong_type", 3, "periods", "52", ("[[8, 1], [2, 4]]", "52")),
    _setting("wrong_type", 3, "periods", "[[8, 1.5], [2, 4]]", ("[[8, 1], [2, 4]]", "[[8, 1.5], [2, 4]]")),
    _setting("wrong_length", 3, "periods", "[]", ("[[8, 1], [2, 4]]", "[]")),
    _setting("too_small", 3, "periods", "[[8, 0]]", ("[[8, 1], [2, 4]]", "[[8, 0]]")),
    _setting("too_many_periods", 3, "periods", "[[5001, 1]]", ("[[8, 1], [2, 4]]", "[[5001, 1]]")),
    _setting("date_out_of_range", 3, "periods", "[[5000, 52]]", ("[[8, 1], [2, 4]]", "[[5000, 52]]")),
    _setting("wrong_length", 10, "weights.urgency", "[16, 8, 4, 2]", ("2, 1]\ndefence", "2]\ndefence")),
    _setting("not_finite", 7, "weights.minimum", "nan", ("minimum = 1.0", "minimum = nan")),
    _setting("too_small", 7, "weights.minimum", "0", ("minimum = 1.0", "minimum = 0.0")),
    _setting("too_small", 8, "weights.maximum", "0.5", ("maximum = 8.0", "maximum = 0.5")),
    _setting("wrong_sum", 15, "weights.shares", "0.95", ("defence_level = 0.35", "defence_level = 0.30")),
    _setting("not_a_number", 19, "packages.tolerance", "TRUE", ("tolerance = 0.10", "tolerance = true")),
    _setting("not_whole", 20, "packages.max_new", "2.5", ("max_new = 2", "max_new = 2.5")),
    _setting("too_large", 18, "packages.target_usd_m", "10000000", ("target_usd_m = 50", "target_usd_m = 10_000_000")),
    _setting("not_a_monday", 2, "start", "2026-01-06", ("2026-01-05", "2026-01-06"), "Maybe 2026-01-05"),
    _setting("wrong_type", 2, "start", "2026-01-05", ("2026-01-05", '"2026-01-05"'), "quotation marks"),
    _setting("unknown_choice", 47, "objective.mode", "weightd", ('"weighted"', '"weightd"'), "Maybe weighted"),
    _setting(
        "unknown_choice",
        48,
        "objective.stages",
        "['need_delay']",
        ('["needs_delay", "orders_delay", "readiness_shortfall", "plan_change"]', '["need_delay"]'),
        "Maybe needs_delay",
    ),
    _setting("unknown_key", 27, "delivery.pool_site", "plant", ('"Plant"', '"plant"'), "Maybe Plant"),
    Bad(
        "broken_toml", (("instance.toml", "start = 2026-01-05", "start = 2026-13-05"),), "instance.toml", 2, None, None
    ),
    Bad("broken_toml", (("instance.toml", "[readiness]", "[weights]"),), "instance.toml", 38, None, None),
]
"""`instance.toml`."""

BETWEEN = [
    _cell(
        "unknown_key",
        "orders.csv",
        2,
        "item",
        "Interceptor",
        ("POL,interceptor", "POL,Interceptor"),
        "Maybe interceptor",
    ),
    _cell(
        "unknown_key",
        "orders.csv",
        2,
        "item",
        "intercepter",
        ("POL,interceptor", "POL,intercepter"),
        "Maybe interceptor",
    ),
    _cell("unknown_key", "needs.csv", 3, "item", "rockets", ("N-200,shells", "N-200,rockets")),
    _cell("unknown_key", "line_rates.csv", 4, "line", "line-9", ("line-2,2026", "line-9,2026")),
    _cell("unknown_key", "line_items.csv", 3, "item", "bolts", ("line-2,shells", "line-2,bolts")),
    _cell("unknown_key", "orders.csv", 4, "recipient", "NOR", ("case-2,NLD", "case-2,NOR")),
    _cell("unknown_key", "pledges.csv", 2, "donor", "NOR", ("G-100,NLD", "G-100,NOR")),
    _cell("unknown_key", "package_contents.csv", 2, "package", "third", ("first,N-100", "third,N-100")),
    _cell("unknown_key", "package_contents.csv", 2, "need", "N-900", ("first,N-100", "first,N-900")),
    _cell("unknown_key", "offers.csv", 2, "site", "Depott", (",Depot,", ",Depott,"), "Maybe Depot"),
    _cell("unknown_key", "lanes.csv", 3, "to_site", "Moon", ("Depot,Border", "Depot,Moon")),
    _cell("unknown_key", "commitments.csv", 2, "demand", "O-900", ("O-100,", "O-900,")),
    _cell("duplicate_key", "orders.csv", 4, "order", "O-200", ("O-300", "O-200")),
    _cell("duplicate_key", "line_rates.csv", 3, "line, from_date", "line-1, 2025-12-01", ("2026-02-02", "2025-12-01")),
    Bad("ambiguous_key", (("orders.csv", "O-300", "N-100"),), "needs.csv", 2, "need", "N-100"),
    Bad(
        "reserved_key",
        (("offers.csv", "V-100", "pool"), ("commitments.csv", "V-100", "pool")),
        "offers.csv",
        2,
        "offer",
        "pool",
    ),
    _cell("reserved_key", "lanes.csv", 2, "lane", "road > east", ("road", "road > east")),
    _cell("case_two_recipients", "orders.csv", 3, "recipient", "NLD", ("case-1,POL,shells", "case-1,NLD,shells")),
    _cell("content_above_need", "package_contents.csv", 3, "quantity", "7", ("N-200,3", "N-200,7")),
    _cell("end_before_beginning", "pledges.csv", 2, "expires_on", "2026-01-04", ("2026-03-30", "2026-01-04")),
    _cell("end_before_beginning", "needs.csv", 3, "expires_on", "2026-02-22", ("2026-04-20", "2026-02-22")),
    _cell("end_before_beginning", "orders.csv", 4, "due_date", "2025-01-19", ("4,2026-03-02", "4,2025-01-19")),
    _cell("receipt_before_horizon", "receipts.csv", 2, "date", "2026-01-04", ("2026-02-10", "2026-01-04")),
    _cell("release_date_missing", "packages.csv", 2, "release_on", "", ("2025-12-29", "")),
    _cell(
        "release_date_unexpected", "packages.csv", 3, "release_on", "2026-01-05", ("proposed,", "proposed,2026-01-05")
    ),
    _setting(
        "wrong_as_of",
        5,
        "as_of",
        "2025-12-29",
        ("horizon_weeks = 13\n", "horizon_weeks = 13\nas_of = 2025-12-29\n"),
        "Maybe the plan before",
    ),
    _cell("value_unexpected", "actuals.csv", 2, "package", "first", (",,,2026", ",,first,2026")),
    _cell("unknown_key", "actuals.csv", 2, "entity", "line-9", ("line-1", "line-9")),
    _cell("unknown_key", "actuals.csv", 2, "item", "shells", ("interceptor", "shells"), ""),
    _cell("missing_value", "actuals.csv", 2, "entity", "", ("line-1", ""), ""),
    _cell("missing_value", "actuals.csv", 2, "item", "", ("produced,line-1,interceptor", "arrived,,")),
    _cell("not_whole", "actuals.csv", 2, "quantity", "1.5", ("05,2", "05,1.5")),
    _cell("unknown_choice", "actuals.csv", 2, "quantity", "2", ("produced,line-1,interceptor", "approved,case-2,")),
    _cell(
        "substitute_of_itself", "substitutes.csv", 2, "substitute", "shells", ("shells,interceptor", "shells,shells")
    ),
]
"""Between rows and tables."""

ERRORS = [*SHAPES, *CELLS, *SETTINGS, *BETWEEN]

WARNINGS = [
    _cell("zero_quantity", "orders.csv", 3, "quantity", "0", ("shells,2,", "shells,0,")),
    Bad(
        "no_source",
        (
            ("orders.csv", "POL,shells", "POL,drones"),
            ("items.csv", ",3,40\n", ",3,40\ndrones,Drones,air_defence,each,1,\n"),
        ),
        *("orders.csv", 3, "item", "drones"),
    ),
    _cell("item_never_made", "line_items.csv", 2, "slots_per_unit", "20", ("interceptor,1", "interceptor,20")),
    _cell("component_never_enough", "item_components.csv", 2, "units_per_unit", "100", ("seeker,1", "seeker,100")),
    _cell("unit_too_heavy", "lanes.csv", 2, "tonnes_per_week", "9", ("Border,1,60", "Border,1,9")),
    _cell("no_route", "offers.csv", 2, "site", "", (",Depot,", ",,")),
    Bad(
        "no_route", (("lanes.csv", "Border,1,60", "Border,99,60"),), "instance.toml", 27, "delivery.pool_site", "Plant"
    ),
    Bad("no_route", (("lanes.csv", "Border,2,", "Border,99,"),), "offers.csv", 2, "site", "Depot"),
    _cell(
        "lane_to_itself",
        "lanes.csv",
        4,
        "to_site",
        "Depot",
        ("rail,Depot,Border,2,\n", "rail,Depot,Border,2,\nloop,Depot,Depot,1,\n"),
    ),
    _cell("review_cannot_end", "approvals.csv", 2, "review_weeks", "40", ("05,4", "05,40")),
    _cell("case_without_orders", "approvals.csv", 3, "case", "case-9", ("05,4\n", "05,4\ncase-9,2026-01-05,4\n")),
    _cell("firm_date_cannot_be", "orders.csv", 2, "firm_by", "2026-01-09", ("2026-03-30", "2026-01-09")),
    _cell(
        "starts_after_horizon",
        "orders.csv",
        3,
        "earliest_date",
        "2027-01-04",
        (",2024-06-11,,", ",2024-06-11,2027-01-04,"),
    ),
    _cell(
        "ends_before_horizon",
        "needs.csv",
        3,
        "expires_on",
        "2025-12-30",
        ("2026-02-23,2026-04-20", "2025-12-29,2025-12-30"),
    ),
    _cell("outside_horizon", "receipts.csv", 2, "date", "2026-04-27", ("2026-02-10", "2026-04-27")),
    _cell("outside_horizon", "commitments.csv", 2, "date", "2026-01-04", ("2026-01-12", "2026-01-04")),
    _cell("never_kept", "commitments.csv", 2, "item", "shells", ("O-100,interceptor", "O-100,shells")),
    _cell("earmark_without_need", "pledges.csv", 2, "earmark", "ships", ("air_defence", "ships")),
    _cell(
        "empty_package",
        "packages.csv",
        4,
        "package",
        "third",
        ("second,proposed,\n", "second,proposed,\nthird,proposed,\n"),
    ),
    _setting("package_never_worth", 18, "packages.target_usd_m", "500", ("target_usd_m = 50", "target_usd_m = 500")),
]
