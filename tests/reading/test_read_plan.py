"""A plan's files: what was written is read back, hand-made ones are understood, and slips are found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.calendar import calendar_of
from models.plan import Plan
from models.problem import Problem
from optimizer.reading.plan import read_plan
from optimizer.reading.plan_columns import PLAN_TABLES
from optimizer.reading.write import csv_of
from tests.builders import small_plan, small_problem

PROBLEM = small_problem()
PLAN = small_plan()


def rows_of(problem: Problem, plan: Plan) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of a plan's files, the columns that only inform left blank."""
    day = calendar_of(problem).day
    status = {row.package: row.status for row in problem.packages}
    status |= {row.package: "new" for row in plan.contents}
    release = {row.package: day(row.period) for row in plan.releases}
    release |= {row.package: row.release_on for row in problem.packages if row.release_on}
    approved = {row.case: day(row.period) for row in plan.approvals}
    contents = [(row.package, row.need, row.quantity) for row in (*problem.package_contents, *plan.contents)]
    return {
        "dispatches": [
            (
                *(row.demand, row.kind, row.origin, row.item, row.quantity),
                *(day(row.period), day(row.arrival), " > ".join(row.route), None),
            )
            for row in plan.dispatches
        ],
        "production": [(row.line, row.item, day(row.period), row.quantity, None, None) for row in plan.made],
        "packages": [(name, given, release.get(name), None) for name, given in status.items()],
        "package_contents": contents,
        "payments": [(row.package, row.pledge, None, row.category, row.amount_usd_m) for row in plan.payments],
        "offers": [(row.offer, "yes" if row.offer in plan.accepted_offers else "no") for row in problem.offers],
        "approvals": [(row.case, approved.get(row.case)) for row in problem.approvals],
    }


def write(folder: Path, plan: Plan = PLAN, problem: Problem = PROBLEM) -> Path:
    for name, rows in rows_of(problem, plan).items():
        (folder / f"{name}.csv").write_text(csv_of(PLAN_TABLES[name].column_names, rows), encoding="utf-8")
    return folder


def edit(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_what_was_written_is_read(tmp_path: Path) -> None:
    assert read_plan(write(tmp_path), PROBLEM) == (PLAN, ())


def test_dispatches_alone_are_a_plan(tmp_path: Path) -> None:
    write(tmp_path)
    for path in tmp_path.iterdir():
        if path.name != "dispatches.csv":
            path.unlink()
    plan, findings = read_plan(tmp_path, PROBLEM)
    assert findings == ()
    assert plan == Plan(dispatches=PLAN.dispatches)


def test_columns_that_only_inform_may_be_missing(tmp_path: Path) -> None:
    write(tmp_path)
    for file, blanks in (("dispatches.csv", 1), ("production.csv", 2), ("packages.csv", 1)):
        lines = (tmp_path / file).read_text().splitlines()
        (tmp_path / file).write_text("\n".join(",".join(line.split(",")[:-blanks]) for line in lines))
    assert read_plan(tmp_path, PROBLEM) == (PLAN, ())


def test_a_date_inside_a_period_counts_as_that_period(tmp_path: Path) -> None:
    write(tmp_path)
    edit(tmp_path, "dispatches.csv", "O-each,order,pool,missile,2,2026-01-05", "O-each,order,pool,missile,2,2026-01-11")
    assert read_plan(tmp_path, PROBLEM) == (PLAN, ())


def test_rows_of_nothing_say_nothing(tmp_path: Path) -> None:
    write(tmp_path)
    line = PROBLEM.lines[0].line
    with (tmp_path / "production.csv").open("a") as file:
        file.write(f"{line},missile,2026-01-05,0,,\n")
    with (tmp_path / "dispatches.csv").open("a") as file:
        file.write("O-each,order,pool,missile,0,2026-01-05,2026-01-05,,\n")
    assert read_plan(tmp_path, PROBLEM) == (PLAN, ())


@pytest.mark.parametrize("word", ["TRUE", "true", "1", "Yes", "yes"])
def test_yes_as_spreadsheets_write_it(tmp_path: Path, word: str) -> None:
    write(tmp_path)
    edit(tmp_path, "offers.csv", ",yes", f",{word}")
    assert read_plan(tmp_path, PROBLEM) == (PLAN, ())


def test_accepted_offers_of_the_instance_hold_where_the_plan_is_silent(tmp_path: Path) -> None:
    accepted = replace(PROBLEM, offers=tuple(replace(offer, status="accepted") for offer in PROBLEM.offers))
    write(tmp_path)
    (tmp_path / "offers.csv").unlink()
    plan, _ = read_plan(tmp_path, accepted)
    assert plan is not None
    assert plan.accepted_offers == tuple(offer.offer for offer in accepted.offers)
    plan, _ = read_plan(tmp_path, PROBLEM)
    assert plan is not None
    assert plan.accepted_offers == ()


def test_arrival_after_the_horizon_is_left_to_the_checker(tmp_path: Path) -> None:
    calendar = calendar_of(PROBLEM)
    late = replace(PLAN.dispatches[0], arrival=calendar.count)
    plan = replace(PLAN, dispatches=(late, *PLAN.dispatches[1:]))
    assert read_plan(write(tmp_path, plan), PROBLEM) == (plan, ())


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "column", "value"),
    [
        ("dispatches.csv", "O-each,order", "O-eech,order", "unknown_key", "demand", "O-eech"),
        ("dispatches.csv", "O-each,order", "O-each,need", "unknown_key", "demand", "O-each"),
        ("dispatches.csv", "O-each,order", "O-each,gift", "unknown_choice", "kind", "gift"),
        ("dispatches.csv", "O-each,order,pool", "O-each,order,store", "unknown_key", "origin", "store"),
        ("dispatches.csv", "pool,missile,2", "pool,misile,2", "unknown_key", "item", "misile"),
        ("dispatches.csv", "pool,missile,2", "pool,missile,2.5", "not_whole", "quantity", "2.5"),
        ("dispatches.csv", "pool,missile,2", "pool,missile,-2", "too_small", "quantity", "-2"),
        ("dispatches.csv", "2,2026-01-05", "2,2026-01-04", "date_outside_horizon", "dispatch_date", "2026-01-04"),
        ("dispatches.csv", "2,2026-01-05", "2,2199-01-04", "date_outside_horizon", "dispatch_date", "2199-01-04"),
        ("dispatches.csv", "2,2026-01-05", "2,5.1.2026", "not_a_date", "dispatch_date", "5.1.2026"),
        ("dispatches.csv", ",air,", ",airr,", "unknown_key", "route", "airr"),
        ("dispatches.csv", "sea > road", "sea > raod", "unknown_key", "route", "raod"),
        ("dispatches.csv", "demand,kind", "demands,kind", "unknown_column", "demands", "demands"),
        ("production.csv", "missile_line,", "missile-lines,", "unknown_key", "line", "missile-lines"),
        ("packages.csv", "P-proposed,proposed", "P-other,proposed", "unknown_key", "package", "P-other"),
        ("packages.csv", "P-proposed,proposed", "P-proposed,funded", "unknown_key", "package", "P-proposed"),
        ("package_contents.csv", "P-new,N-shell", "P-new,N-shel", "unknown_key", "need", "N-shel"),
        ("payments.csv", "P-new,G-any", "P-gnu,G-any", "unknown_key", "package", "P-gnu"),
        ("payments.csv", "P-new,G-any", "P-new,G-all", "unknown_key", "pledge", "G-all"),
        ("payments.csv", "ammunition", "amunition", "unknown_key", "category", "amunition"),
        ("offers.csv", "V-open,yes", "V-open,perhaps", "unknown_choice", "accepted", "perhaps"),
        ("offers.csv", "V-open,yes", "V-shut,yes", "unknown_key", "offer", "V-shut"),
        ("approvals.csv", "C-review", "C-revue", "unknown_key", "case", "C-revue"),
    ],
)
def test_a_slip_is_found(  # noqa: PLR0917
    tmp_path: Path, file: str, old: str, new: str, code: str, column: str, value: str
) -> None:
    edit(write(tmp_path), file, old, new)
    plan, findings = read_plan(tmp_path, PROBLEM)
    assert plan is None
    (finding,) = findings
    assert (finding.severity, finding.code, finding.file, finding.column, finding.value) == (
        *("error", code, file, column, value),
    )
    assert finding.row is not None


def test_package_given_twice(tmp_path: Path) -> None:
    write(tmp_path)
    with (tmp_path / "packages.csv").open("a") as file:
        file.write("P-new,new,,\n")
    plan, findings = read_plan(tmp_path, PROBLEM)
    assert plan is None
    assert [finding.code for finding in findings] == ["duplicate_key"]


def test_folder_without_a_plan(tmp_path: Path) -> None:
    plan, (finding,) = read_plan(tmp_path, PROBLEM)
    assert plan is None
    assert (finding.code, finding.file) == ("missing_file", "dispatches.csv")


def test_all_slips_are_found_at_once(tmp_path: Path) -> None:
    write(tmp_path)
    edit(tmp_path, "dispatches.csv", "O-each,order", "O-eech,order")
    edit(tmp_path, "payments.csv", "P-new,G-any", "P-new,G-all")
    (tmp_path / "approvals.csv").write_bytes(b"case,approved_on\nC\xf6,2026-01-05\n")
    (tmp_path / "production.csv").unlink()
    (tmp_path / "production.csv").mkdir()
    plan, findings = read_plan(tmp_path, PROBLEM)
    assert plan is None
    assert [(finding.code, finding.file) for finding in findings] == [
        ("unknown_key", "dispatches.csv"),
        ("cannot_read", "production.csv"),
        ("unknown_key", "payments.csv"),
        ("wrong_encoding", "approvals.csv"),
    ]
