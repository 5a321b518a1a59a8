"""The CSV files of a plan: columns, cells, order, and the same bytes for the same plan."""

from __future__ import annotations

import csv
import dataclasses
import io
import random

from models.problem import SCORES
from optimizer.explaining.reasons import REASONS
from optimizer.reporting.csv_files import csv_files
from tests.builders import a_recipient, small_plan, small_problem, with_dispatch, with_row
from tests.reporting.reports import a_report

FILES = [
    "dispatches.csv",
    "undelivered.csv",
    "production.csv",
    "stock.csv",
    "packages.csv",
    "package_contents.csv",
    "payments.csv",
    "offers.csv",
    "approvals.csv",
    "weights.csv",
]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_files_and_their_columns_are_those_of_the_interface() -> None:
    files = dict(csv_files(a_report()))
    assert list(files) == FILES
    heads = {name: text.splitlines()[0] for name, text in files.items()}
    assert heads == {
        "dispatches.csv": "demand,kind,origin,item,quantity,dispatch_date,arrival_date,route,weeks_late",
        "undelivered.csv": "demand,kind,item,quantity,reason",
        "production.csv": "line,item,date,quantity,slots_used,slots_available",
        "stock.csv": "item,date,quantity,readiness_floor",
        "packages.csv": "package,status,release_date,value_usd_m",
        "package_contents.csv": "package,need,quantity",
        "payments.csv": "package,pledge,donor,category,amount_usd_m",
        "offers.csv": "offer,accepted",
        "approvals.csv": "case,approved_on",
        "weights.csv": "recipient,weight," + ",".join(SCORES),
    }


def test_the_small_plan_to_the_letter() -> None:
    files = dict(csv_files(a_report()))
    assert files["dispatches.csv"].splitlines()[1:4] == [
        "N-missile,need,pool,missile,2,2026-01-05,2026-01-05,air,0",
        "O-each,order,pool,missile,2,2026-01-05,2026-01-05,,0",
        "N-missile,need,pool,missile,1,2026-01-12,2026-01-12,air,0",
    ]
    assert "N-shell,need,pool,shell,5,2026-02-09,2026-02-16,sea > road,1" in files["dispatches.csv"].splitlines()
    assert "O-firm,order,pool,missile,1,2026-01-12,2026-01-12,,1" in files["dispatches.csv"].splitlines()
    assert files["packages.csv"].splitlines()[1:] == [
        "P-funded,funded,2025-12-29,20",
        "P-proposed,proposed,2026-01-05,10",
        "P-new,new,2026-01-12,20",
    ]
    assert files["payments.csv"].splitlines()[1:] == [
        "P-proposed,G-any,DEU,air_defence,10",
        "P-new,G-ammo,POL,ammunition,15",
        "P-new,G-any,DEU,ammunition,5",
    ]
    assert files["offers.csv"].splitlines()[1:] == ["V-open,yes"]
    assert files["approvals.csv"].splitlines()[1:] == ["C-review,2026-01-19", "C-later,2026-01-26"]
    assert files["production.csv"].splitlines()[1] == "missile_line,missile,2026-01-05,3,3,3"
    assert files["stock.csv"].splitlines()[1] == "missile,2026-01-05,3,2"
    assert files["weights.csv"].splitlines()[1] == "POL,16,1,0.5,1,1,0.5"


def test_a_case_never_approved_and_a_package_never_released_are_blank() -> None:
    plan = dataclasses.replace(small_plan(), approvals=(), releases=(), contents=(), payments=(), accepted_offers=())
    files = dict(csv_files(a_report(plan=plan)))
    assert files["approvals.csv"].splitlines()[1:] == ["C-review,", "C-later,"]
    assert files["packages.csv"].splitlines()[2] == "P-proposed,proposed,,10"
    assert files["offers.csv"].splitlines()[1:] == ["V-open,no"]


def test_what_is_undelivered_has_a_reason_of_the_closed_list() -> None:
    plan = with_dispatch(small_plan(), "N-shell", 5, quantity=0)
    found = rows(dict(csv_files(a_report(plan=plan)))["undelivered.csv"])
    assert [(row["demand"], row["kind"], row["item"], row["quantity"]) for row in found] == [
        ("N-shell", "need", "shell", "5")
    ]
    assert found[0]["reason"] in REASONS


def test_the_order_in_which_a_plan_was_found_leaves_no_trace() -> None:
    plan = small_plan()
    shuffled = {
        field.name: tuple(random.Random(7).sample(getattr(plan, field.name), len(getattr(plan, field.name))))
        for field in dataclasses.fields(plan)
    }
    assert dict(csv_files(a_report(plan=dataclasses.replace(plan, **shuffled)))) == dict(csv_files(a_report()))


def test_a_users_text_with_commas_and_quotation_marks_stays_one_cell() -> None:
    problem = with_row(small_problem(), "lanes", "air", lane='air, "fast"')
    plan = with_dispatch(small_plan(), "N-missile", 0, route=('air, "fast"',))
    plan = with_dispatch(plan, "N-missile", 1, route=('air, "fast"',))
    found = rows(dict(csv_files(a_report(problem, plan)))["dispatches.csv"])
    assert found[0]["route"] == 'air, "fast"'


def test_without_policies_there_are_no_scores_and_no_approvals() -> None:
    problem = small_problem(
        weights=None, approval=None, recipients=tuple(map(a_recipient, ("POL", "DEU", "CHE", "JPN")))
    )
    files = dict(csv_files(a_report(problem)))
    assert files["weights.csv"].splitlines()[1] == "POL,1,,,,,"
    assert files["approvals.csv"].splitlines()[1:] == []
