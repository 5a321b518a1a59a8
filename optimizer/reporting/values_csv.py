"""`marginal_values.csv`: what one more is worth, written and read back.

Columns: kind, entity, date (first day of the period; blank: the whole horizon), unit, value, how, low, high, slope
(blank: none; `inf`: no bound), weeks (unit-weeks brought forward), timed_out, gains: a JSON list of [demand, kind,
recipient, weeks, value], the largest gain first.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from models.calendar import calendar_of
from models.problem import Problem
from optimizer.explaining.values import UNITS, Gain, How, MarginalValue, MarginalValues, ResourceKind, in_order
from optimizer.reporting.numbers import clean, text

COLUMNS = ("kind", "entity", "date", "unit", "value", "how", "low", "high", "slope", "weeks", "timed_out", "gains")
DIGITS = 6
_log = logging.getLogger(__name__)


def values_text(values: MarginalValues) -> str:
    """The file; the same values give the same bytes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in values_rows(values):
        writer.writerow([_number(cell) if isinstance(cell, float) else text(cell) for cell in row])
    return out.getvalue()


def values_rows(values: MarginalValues) -> Iterator[tuple[Any, ...]]:
    """The rows of the file as typed values, in the order of `COLUMNS`; `inf`: no bound."""
    for one in values.values:
        gains = [[g.demand, g.kind, g.recipient, clean(g.weeks, DIGITS), clean(g.value, DIGITS)] for g in one.gains]
        shown = json.dumps(gains, ensure_ascii=False, separators=(",", ":"))
        numbers = (one.value, one.how, one.low, one.high, one.slope, one.weeks)
        yield one.kind, one.entity, one.date, one.unit, *numbers, one.timed_out, shown


def _number(value: float | None) -> str:
    if value is None or value == float("inf"):
        return "" if value is None else "inf"
    return text(clean(value, DIGITS))


def read_values(path: Path, problem: Problem) -> MarginalValues | None:
    """The values of a plan's folder; None if there are none, or the file is not one of ours."""
    if not path.is_file():
        return None
    calendar = calendar_of(problem)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        found = [_value(row, calendar.period) for row in rows]
    except (KeyError, TypeError, ValueError, OSError) as wrong:
        _log.warning("%s is left out: it is not as it was written (%s)", path.name, wrong)
        return None
    return MarginalValues(in_order(found))


def _value(row: dict[str, str], period_of: Any) -> MarginalValue:
    kind: ResourceKind = row["kind"]  # type: ignore[assignment]
    how: How = row["how"]  # type: ignore[assignment]
    if kind not in UNITS or how not in get_args(How):
        raise ValueError(f"{kind!r} by {how!r} is no value of ours")
    day = dt.date.fromisoformat(row["date"]) if row["date"] else None
    gains = tuple(Gain(str(d), k, str(r), float(w), float(v)) for d, k, r, w, v in json.loads(row["gains"]))
    return MarginalValue(
        kind=kind,
        entity=row["entity"],
        period=None if day is None else period_of(day),
        date=day,
        unit=row["unit"],
        value=float(row["value"]),
        how=how,
        low=float(row["low"]),
        high=float(row["high"]),
        slope=float(row["slope"]) if row["slope"] else None,
        gains=gains,
        timed_out=row["timed_out"] == "yes",
    )
