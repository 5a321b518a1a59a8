"""The small charts: where things stand on the axis of time, and what is said to those who do not see them."""

from __future__ import annotations

import datetime as dt
import re

from optimizer.reporting.charts import BAR, HEIGHT, WIDTH, axis_svg, parts_svg, series_svg
from optimizer.reporting.tables import Parts, Series

YEAR = Series((2.0, 1.0), (4.0, 4.0), None, (26, 26), "slots", dt.date(2026, 1, 5))


def with_marks(*marks: tuple[float, bool]) -> str:
    return series_svg(Series(YEAR.values, YEAR.limits, None, YEAR.weeks, "slots", YEAR.start, marks))


def test_the_scale_is_that_of_the_limit_and_the_step_stands_in_the_middle() -> None:
    text = series_svg(YEAR)
    half = HEIGHT - 1 - (HEIGHT - 2) / 2
    assert re.search(rf'class="value" d="M0 {HEIGHT}H0V{half:g}H{WIDTH / 2:g}V', text)
    assert 'aria-label="slots: from 1 to 2"' in text


def test_due_dates_stand_where_they_are_due_and_differ_in_more_than_colour() -> None:
    text = with_marks((13.0, True), (39.0, False))
    met = re.search(r'class="due-met" d="M([\d.]+) \d+v(\d+)"', text)
    missed = re.search(r'class="due-missed" d="M([\d.]+) \d+v(\d+)"', text)
    assert met is not None
    assert missed is not None
    assert (float(met[1]), float(missed[1])) == (WIDTH / 4, 3 * WIDTH / 4)
    assert int(missed[2]) > int(met[2])
    assert "2 due dates, 1 of them not met in time" in text


def test_the_axis_names_the_years() -> None:
    two = Series((1.0,), None, None, (104,), "x", dt.date(2026, 1, 5))
    assert re.findall(r">(\d{4})<", axis_svg(two)) == ["2026", "2027"]
    late = Series((1.0,), None, None, (104,), "x", dt.date(2026, 12, 14))
    assert re.findall(r">(\d{4})<", axis_svg(late)) == ["2027", "2028"], "two weeks are no place for a year"


def test_parts_fill_the_bar_as_far_as_the_scale() -> None:
    text = parts_svg(Parts((("a", 1.0), ("b", 0.0), ("c", 2.0)), 4.0, "one and two"))
    assert re.findall(r'class="(\w)" x="([\d.]+)" width="([\d.]+)"', text) == [
        ("a", "0", f"{BAR / 4:g}"),
        ("c", f"{BAR / 4:g}", f"{BAR / 2:g}"),
    ]
    assert parts_svg(Parts((("a", 0.0),), 0.0, "nothing")).count("rect") == 0


def test_labels_are_escaped() -> None:
    assert '"><script>' not in series_svg(Series((1.0,), None, 1.0, (1,), '"><script>', YEAR.start))
    assert '"><script>' not in parts_svg(Parts((), 1.0, '"><script>'))
