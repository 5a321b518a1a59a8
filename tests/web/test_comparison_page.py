"""The page of a comparison in a browser: opens from a file, asks for nothing, sorts, filters, stays readable."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from models.baselines import first_come_first_served, priority_list
from optimizer.reading.instance import read_instance
from optimizer.reporting.comparison_html import comparison_page
from tests.explaining.pairs import compared
from tests.web.contrast import contrast
from tests.web.opening import REAL, Opener


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two cases to compare with on the real instance, the second with a slower line and an order due earlier."""
    problem = read_instance(REAL).problem
    assert problem is not None
    rates = tuple(replace(row, slots_per_week=row.slots_per_week * 0.8) for row in problem.line_rates)
    first = replace(problem.orders[0], due_date=problem.start)
    changed = replace(
        problem, line_rates=rates, orders=(first, *problem.orders[1:]), name="<img src=x onerror=alert(1)>"
    )
    found = compared((problem, first_come_first_served(problem)), (changed, priority_list(changed)))
    path = tmp_path_factory.mktemp("compared") / "comparison.html"
    path.write_text(comparison_page(found), encoding="utf-8")
    return path


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (390, "dark")])
def test_it_opens_and_asks_for_nothing(file: Path, opens: Opener, width: int, scheme: str) -> None:
    opened = opens(file, width=width, scheme=scheme)
    expect(opened.page.get_by_role("heading", level=1)).to_contain_text("<img src=x")
    opened.page.wait_for_timeout(200)
    assert opened.complaints == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width, "nothing sticks out sideways"


def test_it_sorts_by_a_signed_difference(file: Path, opens: Opener) -> None:
    page = opens(file).page
    page.locator("#demands-table thead").get_by_role("button", name="delay", exact=True).click()
    at = page.locator("#demands-table thead th").all_inner_texts().index("delay")
    cells = page.locator(f"#demands-table tbody tr > :nth-child({at + 1})").all_inner_texts()
    found = [float(text.replace(",", "").replace("−", "-").replace("+", "")) for text in cells]
    assert found == sorted(found)
    assert found[0] < 0 < found[-1]


def test_it_filters_and_jumps(file: Path, opens: Opener) -> None:
    page = opens(file).page
    page.locator("#demands input[type=search]").fill("because")
    shown = page.locator("#demands-table tbody tr:not([hidden])")
    expect(shown).to_have_count(1)
    expect(shown).to_contain_text("because of its own row: due date")
    page.locator("nav a", has_text="What changed in the input").click()
    expect(page.locator("#inputs-title")).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_better_and_worse_can_be_read(file: Path, opens: Opener, scheme: str) -> None:
    page = opens(file, scheme=scheme).page
    for tone in ("good", "bad"):
        assert contrast(page.locator(f"#demands-table td.{tone}").first) >= 4.5
