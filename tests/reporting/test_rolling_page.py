"""The page of a roll: what stands there is what the report says; the same report gives the same bytes."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace

from models.plan import Terms
from optimizer.reporting.figures.rolling import rolling_figures
from optimizer.reporting.rolling_page import rolling_page
from optimizer.reporting.rolling_words import MEASURES, WEEK_COLUMNS, cards, summary_lines, week_line
from optimizer.rolling.nervousness import Moves
from optimizer.rolling.promises import Made, Promise
from optimizer.rolling.report import COLUMNS, Hindsight, RollReport, WeekRow
from tests.builders import day


def a_row(week: int, **changes: object) -> WeekRow:
    values: dict[str, object] = dict.fromkeys(COLUMNS, 0)
    values |= {"week": week, "date": day(week), "status": "optimal", "objective": 100.0, "bound": 90.0, "gap": 0.1}
    return WeekRow(**(values | changes))  # type: ignore[arg-type]


def a_report() -> RollReport:
    firm = Made("firm_date", "O<1>", "missile", 4, day(0), day(1))
    return RollReport(
        instance="<b>toy</b>",
        scenario="rough & ready",
        seed=3,
        stability=True,
        horizon="rolling",
        first=day(0),
        last=day(2),
        rows=(
            a_row(0),
            a_row(1, units_earlier=1, units_later=2, units_cut=3, units_new=4, frozen_changed=2, short_units=5, news=1),
            a_row(2, unspent_usd_m=7.5, broken=1),
        ),
        moves=(Moves(planned=10, earlier=1, later=2, cut=3, new=4, weighted=0.6, orders=3), Moves(planned=4)),
        promises=(Promise(firm, "broken", 3), Promise(replace(firm, demand="O2"), "kept")),
        terms=Terms(100.0, 20.0, 1.0, 0.0),
        violations=("firm_date['O<1>']: late",),
        unaccounted=(),
        broken=("2026-01-19: order O<1> was firm",),
        news=((day(1), "line L turns out 10% less"),),
        unspent_usd_m=7.5,
        hindsight=Hindsight("optimal", 110.0, 105.0, Terms(), 1.0),
    )


def test_measures_by_hand() -> None:
    report = a_report()
    moves, tally = report.nervousness(), report.tally()
    assert (moves["units_moved_per_week"], moves["share_of_units_moved"]) == (3.0, 6 / 14)
    assert moves["instability_units"] == 0.6 / 3
    assert set(moves) == set(MEASURES)
    assert tally["firm_date"]["made"] == 2
    assert (tally["firm_date"]["units_broken"], tally["firm_date"]["units_kept"]) == (3, 5)
    assert report.delay == 121.0
    assert report.regret == 121 / 110 - 1
    assert json.loads(json.dumps(report.as_dict()))["rows"][1]["date"] == "2026-01-12"


def test_a_roll_of_one_plan_compares_nothing() -> None:
    alone = replace(a_report(), rows=(a_row(0),), moves=(), promises=(), hindsight=None)
    assert alone.nervousness()["units_moved_per_week"] is None
    assert alone.regret is None
    assert list(rolling_figures(alone)) == []
    assert "data-chart=" not in rolling_page(alone)


def test_the_page_says_what_the_report_says() -> None:
    page = rolling_page(a_report())
    assert "&lt;b&gt;toy&lt;/b&gt;" in page
    assert "<b>toy" not in page
    assert "O&lt;1&gt;" in page
    assert "rough &amp; ready" in page
    for _, title, _, _ in WEEK_COLUMNS:
        assert f">{title}</button>" in page
    body = re.search(r'<table id="weeks-table".*?</table>', page, re.DOTALL)
    assert body is not None
    assert body[0].count("<tr>") == 1 + 3
    assert page == rolling_page(a_report())


def test_no_address_and_only_known_scripts() -> None:
    page = rolling_page(a_report())
    outside = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert "http" not in outside.replace("http-equiv", "")
    assert page.count("sha256-") == 2


def test_charts_hold_the_units_of_the_rows() -> None:
    moved, worth, money = rolling_figures(a_report())
    assert sum(row["u"] for row in moved.spec["datasets"]["moved"]) == 10
    assert {row["w"] for row in worth.spec["datasets"]["events"]} == {1}
    assert [row["v"] for row in money.spec["datasets"]["money"]] == [0, 0, 7.5]
    for figure in (moved, worth, money):
        assert figure.tables == (("weeks-table", "Weeks"),)
        assert "</" not in figure.json


def test_words() -> None:
    report = a_report()
    titles = [title for title, _, _, _ in cards(report)]
    assert titles == ["Delay", "With hindsight", "Nervousness", "Promises", "Idle money"]
    assert "given up: 2026-01-19: order O<1> was firm" in summary_lines(report)
    wrong = replace(report, unaccounted=("line_capacity",))
    assert any("DOES NOT ADD UP" in line for line in summary_lines(wrong))
    assert 'role="alert"' in rolling_page(wrong)
    assert week_line(report.rows[1]).endswith("6 units moved, 2 of them in frozen weeks; 5 units short; 1 event")
    assert dt.date(2026, 1, 5).isoformat() in week_line(report.rows[0])
