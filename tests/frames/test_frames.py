"""Tables both ways: types, round trips, and everything wrong with a table."""

from __future__ import annotations

import datetime as dt
import sys
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from polars.testing import assert_frame_equal

from models.baselines import priority_list
from models.checker import check_plan
from models.problem import Problem
from optimizer.explaining.facts import facts_of
from optimizer.extras import MissingExtraError
from optimizer.frames.instance import SETTINGS, instance_frames, with_frames
from optimizer.frames.plan import plan_frames, plan_from
from optimizer.reading.columns import TABLES
from optimizer.reading.plan_columns import PLAN_TABLES
from optimizer.reporting.csv_files import csv_files
from tests.builders import small_plan, small_problem
from tests.reporting.reports import a_report
from tests.scenarios.worlds import toy
from tests.strategies import problems

few = settings(max_examples=25, derandomize=True, deadline=None)
KINDS = {"whole": pl.Int64, "number": pl.Float64, "date": pl.Date}


@few
@given(problems())
def test_an_instance_goes_through_tables(problem: Problem) -> None:
    frames = instance_frames(problem)
    reading = with_frames(None, frames)
    assert reading.problem == problem, [found.line() for found in reading.findings]
    assert with_frames(problem, {}).problem == problem
    for name, table in TABLES.items():
        assert dict(frames[name].schema) == {column.name: KINDS.get(column.type, pl.String) for column in table.columns}
        assert len(frames[name]) == len(getattr(problem, name))


@few
@given(problems())
def test_a_plan_goes_through_tables(problem: Problem) -> None:
    plan = priority_list(problem)
    report = a_report(problem, plan)
    frames = plan_frames(report)
    again, findings = plan_from(problem, frames)
    assert again is not None, [found.line() for found in findings]
    assert check_plan(problem, again) == check_plan(problem, plan)
    only = {name: frames[name] for name in ("dispatches", "production", "packages", "package_contents", "payments")}
    assert plan_from(problem, {**only, "offers": frames["offers"], "approvals": frames["approvals"]})[0] == again


def test_the_tables_are_those_of_the_files() -> None:
    problem = small_problem()
    report = a_report(problem, small_plan())
    assert facts_of(problem, small_plan()).demands
    frames = plan_frames(report)
    assert set(frames) - {"marginal_values"} == set(PLAN_TABLES)
    for name, text in csv_files(report):
        read = pl.read_csv(text.encode(), infer_schema=False)
        frame = frames[name.removesuffix(".csv")]
        assert read.columns == frame.columns
        cast = read.with_columns(
            pl.col(column).str.to_date() if kind == pl.Date else pl.col(column).cast(kind)
            for column, kind in frame.schema.items()
        )
        assert_frame_equal(cast, frame)
    assert dict(frames["dispatches"].schema)["arrival_date"] == pl.Date
    assert dict(frames["payments"].schema)["amount_usd_m"] == pl.Float64
    assert dict(frames["stock"].schema)["quantity"] == pl.Int64


def test_some_tables_in_place_of_others() -> None:
    problem = toy()
    orders = instance_frames(problem)["orders"].with_columns(quantity=pl.col("quantity") * 2)
    changed = with_frames(problem, {"orders": orders.lazy()}).problem
    assert changed is not None
    assert [row.quantity for row in changed.orders] == [2 * row.quantity for row in problem.orders]
    assert changed.needs == problem.needs
    none = with_frames(problem, {"receipts": instance_frames(problem)["receipts"], "pledges": orders.clear().select()})
    assert none.problem is not None
    assert none.problem.pledges == ()


def test_other_types_of_a_frame_are_understood() -> None:
    problem = toy()
    orders = instance_frames(problem)["orders"].with_columns(
        quantity=pl.col("quantity").cast(pl.Float64),
        due_date=pl.col("due_date").cast(pl.Datetime),
        placed_on=pl.col("placed_on").cast(pl.String),
        delivery=pl.col("delivery").cast(pl.Categorical),
        weight_multiplier=pl.lit(Decimal("1.0")),
    )
    assert with_frames(problem, {"orders": orders}).problem == problem


def test_what_is_wrong_comes_at_once() -> None:
    problem = toy()
    frames = instance_frames(problem)
    wrong = {
        "orders": frames["orders"].with_columns(quantity=pl.lit(2.5), item=pl.lit("MISILE")).head(1),
        "needz": frames["needs"],
        "lines": frames["lines"].rename({"name": "nmae"}),
        "pledges": frames["pledges"].with_columns(amount_usd_m=pl.lit(float("nan"))).head(1),
    }
    found = {(finding.code, finding.file, finding.hint) for finding in with_frames(problem, wrong).findings}
    assert found >= {
        ("not_whole", "table orders", ""),
        ("unknown_key", "table orders", "Maybe MISSILE"),
        ("unknown_table", "table needz", "Maybe needs"),
        ("unknown_column", "table lines", "Maybe name"),
        ("not_finite", "table pledges", ""),
    }


def test_settings_of_a_table() -> None:
    problem = toy()
    settings_frame = instance_frames(problem)[SETTINGS]
    later = settings_frame.with_columns(
        value=pl.when(pl.col("key") == "packages.max_new").then(pl.lit("7")).otherwise(pl.col("value"))
    )
    changed = with_frames(problem, {SETTINGS: later}).problem
    assert changed is not None
    assert changed.package_policy is not None
    assert changed.package_policy.max_new == 7
    twice = with_frames(problem, {SETTINGS: pl.concat([settings_frame, settings_frame.head(1)])})
    assert [finding.code for finding in twice.findings if finding.severity == "error"] == ["duplicate_setting"]
    odd = with_frames(problem, {SETTINGS: settings_frame.rename({"key": "name"})})
    assert [finding.code for finding in odd.findings if finding.severity == "error"] == ["missing_column"]
    alone = with_frames(None, {"items": instance_frames(problem)["items"]})
    assert "missing_table" in {finding.code for finding in alone.findings}


def test_a_plan_that_cannot_be_understood() -> None:
    problem = small_problem()
    frames = plan_frames(a_report(problem, small_plan()))
    none, findings = plan_from(problem, {})
    assert (none, [finding.code for finding in findings]) == (None, ["missing_file"])
    spoilt = frames["dispatches"].with_columns(dispatch_date=pl.lit(dt.date(1999, 1, 4)), demand=pl.lit("nobody"))
    none, findings = plan_from(problem, {**frames, "dispatches": spoilt, "dispatchs": spoilt})
    assert none is None
    codes = [finding.code for finding in findings]
    assert codes[0] == "unknown_table"
    assert set(codes) == {"unknown_table", "unknown_key", "date_outside_horizon"}


def test_what_is_no_frame_and_no_polars(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TypeError, match="orders is not a polars DataFrame but list"):
        with_frames(toy(), {"orders": [1]})
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(MissingExtraError, match=r"burdenshare\[tables\]"):
        instance_frames(toy())
