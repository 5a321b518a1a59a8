"""What was hedged, on the page and in the workbook: the figures of the summary, every text escaped."""

from __future__ import annotations

from dataclasses import replace

from models.plan import Plan
from models.stochastic.compared import Difference, differences
from models.stochastic.figures import RobustFigures, ScenarioFigures
from optimizer.reporting.hedging import Candidate, Hedging
from optimizer.reporting.html import page
from optimizer.reporting.tables import tables
from tests.builders import small_plan, small_problem, to_order, with_records
from tests.reporting.reports import a_report

FIGURES = RobustFigures(
    level=0.9, weight=0.5, shared_weeks=4, value=120.0, expected=100.0, cvar=140.0, bound=119.0, gap=0.008333,
    wait_and_see=110.0, nominal_value=150.0, nominal_expected=110.0, nominal_cvar=190.0,
    route="extensive", chosen="together", rounds=0,
    scenarios=(
        ScenarioFigures("nominal", 0.25, 95.0, 0.0, 90.0, 90.0),
        ScenarioFigures("<script>", 0.75, 140.0, 12.0, None, None),
    ),
)  # fmt: skip
HEDGING = Hedging(
    level=0.9, weight=0.5, shared_weeks=4, figures=FIGURES, nominal_objective=90.0, draws=6, seed=1, lost=0.25,
    broken_weeks=1000.0, missed_weeks=1.0, disturbances="slips.toml",
    first_weeks=(Difference("dispatched", "=1+1", "missile", 3.0, 1.0),),
    taken="later", trained=6,
    candidates=(
        Candidate("nominal", 90.0, 150.0, 110.0, 190.0, 0.0, 0.0, 2.0, 0.0, 0.0),
        Candidate("later", 95.0, 120.0, 100.0, 140.0, -30.0, 5.0, 2.0, 0.0, 0.0),
    ),
)  # fmt: skip


def test_tables_hold_the_figures_of_the_summary() -> None:
    report = a_report()
    found = tables(replace(report, summary=replace(report.summary, robust=HEDGING)))
    assert found["hedged"].rows == (("units that leave the pool for a demand", "=1+1", "missile", 3.0, 1.0),)
    assert found["scenarios"].rows == (
        ("nominal", 0.25, 95.0, 0.0, 90.0, 90.0),
        ("<script>", 0.75, 140.0, 12.0, None, None),
    )
    assert "4 weeks" in found["hedged"].caption
    assert "2 scenarios" in found["hedged"].caption
    said = found["candidates"].caption
    assert said.startswith("Of 2 plans, executed in 6 draws, this one is 'later'")
    assert "Nothing in the first" not in said


def test_the_choice_is_told_where_the_first_weeks_are_the_same() -> None:
    """The table of first weeks is empty then, and an empty table is not on the page."""
    report = a_report()
    same = replace(HEDGING, first_weeks=(), taken="nominal", named=("slow", "poor"))
    text = page(replace(report, summary=replace(report.summary, robust=same)))
    assert "Of 2 plans, executed in 6 draws and in the scenarios &#39;slow&#39;, &#39;poor&#39;, none is surely" in text
    assert "Nothing in the first 4 weeks is different from the nominal plan." in text
    alone = replace(same, trained=0, named=("slow",))
    found = tables(replace(report, summary=replace(report.summary, robust=alone)))
    assert found["candidates"].caption.startswith("Of 2 plans, executed in the scenario 'slow', none")


def test_the_page_escapes_names_and_is_silent_without_a_robust_solve() -> None:
    report = a_report()
    assert "What was hedged" not in page(report)
    text = page(replace(report, summary=replace(report.summary, robust=HEDGING)))
    assert "What was hedged" in text
    assert "&lt;script&gt;" in text


def test_the_way_back() -> None:
    told = HEDGING.as_dict()
    assert told["hedging_gain"] == 30.0
    assert "figures" not in told
    assert list(told)[-3:] == ["candidates", "scenarios", "first_weeks"]
    assert Hedging.from_dict(told) == HEDGING


def test_without_a_program_its_figures_are_blank() -> None:
    report, unsolved = a_report(), replace(HEDGING, figures=None)
    told = unsolved.as_dict()
    assert set(told) == set(HEDGING.as_dict())
    assert (told["level"], told["value"], told["hedging_gain"], told["rounds"]) == (0.9, None, None, 0)
    assert told["scenarios"] == []
    assert Hedging.from_dict(told) == unsolved
    found = tables(replace(report, summary=replace(report.summary, robust=unsolved)))
    assert found["scenarios"].rows == ()
    assert len(found["candidates"].rows) == 2
    assert "scenarios cost" not in found["hedged"].caption


def test_differences_are_totals_over_the_first_periods() -> None:
    problem, plan = small_problem(), small_plan()
    moved = with_records(plan, dispatches=(to_order("O-each", "missile", 1, 0),))
    assert differences(problem, plan, moved, 0) == ()
    (row,) = differences(problem, plan, moved, 1)
    assert (row.kind, row.name, row.about, row.amount - row.nominal) == ("dispatched", "O-each", "missile", 1.0)
    empty = differences(problem, plan, Plan(), 99)
    assert {row.kind for row in empty} >= {"dispatched", "made", "released", "content", "paid", "approved"}
    assert all(row.amount == 0 for row in empty)
