"""A comparison for people: the same figures in terminal, JSON, page and workbook; a user's text stays text."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from python_calamine import CalamineWorkbook
from rich.console import Console

from models.plan import Plan
from models.problem import ObjectivePolicy
from optimizer.explaining.causes import CAUSES
from optimizer.explaining.comparing import Comparison, Side, compare, narrowed
from optimizer.reporting.comparison_excel import write_comparison
from optimizer.reporting.comparison_html import comparison_page
from optimizer.reporting.comparison_json import comparison_dict
from optimizer.reporting.comparison_tables import Head, plain, sheets
from optimizer.reporting.comparison_terminal import comparison_lines
from optimizer.reporting.comparison_words import MOVEMENT_TITLES, cause_text, headline
from tests.builders import an_order, small_plan, small_problem, with_dispatch, with_row, without_row
from tests.explaining.pairs import compared, pairs

SMALL, PLAN = small_problem(), small_plan()
PLAN_WITHOUT = replace(PLAN, dispatches=tuple(row for row in PLAN.dispatches if row.demand != "O-each"))
ATTACK = '<script>alert("x")</script>'


@pytest.fixture
def comparison() -> Comparison:
    """An order due earlier, a new one, and a plan that does nothing."""
    other = with_row(SMALL, "orders", "O-each", quantity=3)
    other = replace(other, orders=(*other.orders, an_order("O-new")))
    return compared((SMALL, PLAN), (other, Plan()))


def printed(comparison: Comparison, top: int = 50, width: int = 250) -> str:
    console = Console(width=width, markup=False, highlight=False, emoji=False, no_color=True)
    with console.capture() as capture:
        console.print(comparison_lines(comparison, top))
    return capture.get()


def test_terminal_page_json_and_workbook_tell_the_same(comparison: Comparison, tmp_path: Path) -> None:
    text, page = printed(comparison), comparison_page(comparison)
    write_comparison(tmp_path / "c.xlsx", comparison)
    book = CalamineWorkbook.from_path(str(tmp_path / "c.xlsx"))
    found = json.loads(json.dumps(comparison_dict(comparison), allow_nan=False))
    rows = book.get_sheet_by_name("demands").to_python()
    at = rows[0].index("delay")
    moved = {change.demand: change.delay for change in comparison.moved}
    assert {row[0]: row[at] for row in rows[1:]} == pytest.approx(moved)
    assert {row["demand"]: row["delay"] for row in found["demands"]} == pytest.approx(moved)
    assert found["demands_moved"] == len(moved)
    for demand in moved:
        assert demand in text
        assert f">{demand}<" in page
    for line in headline(comparison):
        assert line in text.replace("\n", "")
        assert line in found["headline"]


def test_every_sheet_is_on_the_page_if_it_has_rows_and_in_the_workbook(comparison: Comparison, tmp_path: Path) -> None:
    write_comparison(tmp_path / "c.xlsx", comparison)
    found = sheets(comparison)
    assert CalamineWorkbook.from_path(str(tmp_path / "c.xlsx")).sheet_names == ["summary", *(s.name for s in found)]
    page = comparison_page(comparison)
    assert {sheet.name for sheet in found if sheet.rows} == set(re.findall(r'<table id="(\w+)-table"', page))
    assert all(len(row) == len(sheet.heads) for sheet in found for row in sheet.rows)


def test_only_the_own_row_is_said_to_be_why(comparison: Comparison) -> None:
    own, new = comparison.causes["order", "O-each"][0], comparison.causes["order", "O-new"][0]
    by_key = {change.key: change for change in comparison.demands}
    assert cause_text(comparison, by_key["order", "O-each"], own) == "because of its own row: quantity 2 → 3"
    assert cause_text(comparison, by_key["order", "O-new"], new) == "because it is new in the instance"
    for key, causes in comparison.causes.items():
        for cause in causes:
            text = cause_text(comparison, by_key[key], cause)
            assert text.startswith("because") == (cause.code == "own_row"), text


def test_every_cause_has_words(comparison: Comparison) -> None:
    change = next(change for change in comparison.moved if change.old and change.new)
    row = next(row for row in comparison.inputs if row.kind == "changed")
    for code in CAUSES:
        cause = replace(
            comparison.causes[change.key][0], code=code, changes=(row,), demands=(change.key,), old=1.0, new=2.0
        )
        text = cause_text(comparison, change, cause)
        assert text
        assert "None" not in text


def test_nothing_moved() -> None:
    same = compared((SMALL, PLAN), (SMALL, PLAN))
    assert "Nothing moved" in printed(same)
    assert "Nothing moved" in comparison_page(same)
    assert (comparison_dict(same)["same"], comparison_dict(same)["demands"]) == (True, [])


def test_the_split_is_told_or_why_there_is_none() -> None:
    slower = replace(SMALL, line_rates=tuple(replace(row, slots_per_week=0.5) for row in SMALL.line_rates))
    broken = compared((SMALL, PLAN), (slower, PLAN))
    told = " ".join(headline(broken))
    assert "The old plan is not legal in the new instance: it breaks line_capacity" in told
    assert "The new plan breaks rules of its own instance: line_capacity" in told
    dearer = with_row(SMALL, "orders", "O-each", weight_multiplier=2.0)
    assert "is legal in both instances: " in " ".join(headline(compared((SMALL, PLAN), (dearer, PLAN))))


def test_what_is_left_out_is_told() -> None:
    fewer = without_row(replace(SMALL, commitments=()), "orders", "O-each")
    told = " ".join(headline(compared((SMALL, PLAN), (fewer, PLAN_WITHOUT))))
    assert "without what the other has no place for (1 dispatch)" in told


def test_stages_are_told_in_their_own_units() -> None:
    ordered = replace(SMALL, objective=ObjectivePolicy(mode="lexicographic", stages=("plan_change", "needs_delay")))
    told = " ".join(headline(compared((ordered, PLAN), (ordered, Plan()))))
    assert "the first that differs decides: Changes to the plan before (plan change) by +1,0" in told


def test_narrowed_says_so(comparison: Comparison) -> None:
    only = narrowed(comparison, ["POL"])
    assert "Only: POL" in printed(only)
    assert {row["demand"] for row in comparison_dict(only)["demands"]} == {"O-each", "O-new"}
    assert (
        "N-shell"
        not in comparison_page(narrowed(comparison, ["O-each"]))
        .split('id="words"')[0]
        .split("demands-table")[1]
        .split("</table>")[0]
    )


def test_top_cuts_tables_and_says_how_many_are_left(comparison: Comparison) -> None:
    assert f"… and {len(comparison.moved) - 1} more" in printed(comparison, top=1)
    assert re.search(r"total .* [\d,.]+ ", printed(comparison, top=1)), "the objective is never cut"
    assert len(comparison_dict(comparison, 1)["demands"]) == 1


def test_a_users_text_is_escaped_on_the_page(comparison: Comparison) -> None:
    problem = with_row(replace(SMALL, name=ATTACK), "recipients", "POL", name=ATTACK)
    other = with_row(problem, "orders", "O-each", case=ATTACK)
    other = replace(other, orders=(*other.orders, an_order(ATTACK)))
    page = comparison_page(compared((problem, PLAN), (other, Plan())))
    assert ATTACK not in page
    assert "&lt;script&gt;alert" in page
    assert ATTACK in printed(compared((problem, PLAN), (other, Plan())), width=1000)


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "@SUM(A1)", "-2", "http://example.org", "{=A1}", "12"])
def test_a_users_text_is_never_a_formula(tmp_path: Path, text: str) -> None:
    problem = with_row(replace(SMALL, name=text), "recipients", "POL", name=text)
    other = replace(problem, orders=(*problem.orders, an_order(text)))
    write_comparison(tmp_path / "c.xlsx", compared((problem, PLAN), (other, Plan())))
    with zipfile.ZipFile(tmp_path / "c.xlsx") as archive:
        found = [archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name]
    assert not any(re.search(r"<f[ >]|<hyperlink", content) for content in found)
    rows = CalamineWorkbook.from_path(str(tmp_path / "c.xlsx")).get_sheet_by_name("demands").to_python()
    assert text in [row[0] for row in rows]
    cells = openpyxl.load_workbook(tmp_path / "c.xlsx")["demands"]["A"]
    (quoted,) = {cell.quotePrefix for cell in cells if cell.value == text}
    assert quoted == text.startswith(("=", "+", "-", "@")), "nor when somebody edits it"


def test_the_page_needs_nothing_from_elsewhere_and_is_the_same_each_time(
    comparison: Comparison, tmp_path: Path
) -> None:
    page = comparison_page(comparison)
    assert page == comparison_page(comparison)
    assert not re.search(r"(?:src|href)=[\"'](?!#)|url\(|@import|https?://", page)
    for name in ("a.xlsx", "b.xlsx"):
        write_comparison(tmp_path / name, comparison)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("worse", 1234.0, "+1,234"),
        ("step", -2.5, "−2.5"),
        ("worse", 0.0, "0"),
        ("share", 0.999, ">99 %"),
        ("whole", 1234, "1,234"),
        ("late", 1.25, "1.2"),
        ("text", "x", "x"),
        ("number", None, ""),
    ],
)
def test_cells(kind: str, value: object, shown: str) -> None:
    assert plain(Head("x", kind), value) == shown  # type: ignore[arg-type]


def test_every_movement_has_a_word() -> None:
    first = PLAN.dispatches[0]
    other = with_dispatch(PLAN, first.demand, first.period, quantity=0)
    found = compared((SMALL, PLAN), (SMALL, other))
    assert all(change.movement in MOVEMENT_TITLES for change in found.demands)


@given(pairs())
@settings(max_examples=25, derandomize=True, deadline=None)
def test_whatever_differs_can_be_told(pair: tuple[Side, Side]) -> None:
    found = compare(*pair)
    text = json.dumps(comparison_dict(found), allow_nan=False)
    assert json.loads(text)["demands_moved"] == len(found.moved)
    page, lines = comparison_page(found), printed(found)
    for shown in (page, lines):
        assert "None" not in shown
        assert "datetime" not in shown
    if found.moved:
        assert found.moved[0].demand in lines
