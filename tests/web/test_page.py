"""What a reader does with the page: open, jump, sort, filter; by mouse or key, on a phone, in the dark, on paper."""

from __future__ import annotations

import re
import time
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from models.baselines import priority_list
from models.plan import Plan
from optimizer.reading.instance import read_instance
from optimizer.reporting.excel import write_workbook
from optimizer.reporting.html import page as page_of
from tests.builders import an_order, bare_problem, small_plan, small_problem, with_dispatch, with_row
from tests.reporting.reports import a_report
from tests.web.contrast import contrast
from tests.web.opening import REAL, Opener

ATTACK = '<script>alert("x")</script>'


_COLUMN = """(table, title) => {
  const at = Array.from(table.tHead.rows[0].cells).findIndex((cell) => cell.firstChild.textContent.trim() === title);
  const rows = Array.from(table.tBodies[0].rows).filter((row) => row.offsetParent);
  return rows.map((row) => row.cells[at].innerText.trim());
}"""


def shown(page: Page, table: str, column: str) -> list[str]:
    """The texts of a column in the rows that can be seen, top down."""
    found: list[str] = page.locator(f"#{table}-table").evaluate(_COLUMN, column)
    return found


def head(page: Page, table: str, column: str) -> Locator:
    return page.locator(f"#{table}-table thead").get_by_role("button", name=column, exact=True)


def numbers(texts: list[str]) -> list[float]:
    return [float(text.split()[0].replace(",", "").replace("<", "")) for text in texts]


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (390, "dark")])
def test_it_opens_from_a_file_and_asks_for_nothing(real: Path, opens: Opener, width: int, scheme: str) -> None:
    opened = opens(real, width=width, scheme=scheme)
    expect(opened.page.get_by_role("heading", level=1)).to_have_text("PURL, week 2 of 2026")
    opened.page.wait_for_timeout(200)
    assert opened.complaints == []


def test_it_is_small_and_quickly_written(tmp_path: Path) -> None:
    problem = read_instance(REAL).problem
    assert problem is not None
    report = a_report(problem, priority_list(problem))
    begin = time.perf_counter()
    text = page_of(report)
    write_workbook(tmp_path / "plan.xlsx", report)
    assert time.perf_counter() - begin < 10, "about 1 second; the limit leaves room for a busy machine"
    assert len(text.encode()) < 3_000_000


def test_the_summary_is_on_the_first_screen(real: Path, opens: Opener) -> None:
    page = opens(real).page
    for title in ("Needs of Ukraine", "Orders of allies", "Money of donors", "How good is this plan"):
        expect(page.locator(".card h3", has_text=title)).to_be_in_viewport()


def test_every_demand_has_its_own_anchor(real: Path, opens: Opener) -> None:
    problem = read_instance(REAL).problem
    assert problem is not None
    names = [row.order for row in problem.orders] + [row.need for row in problem.needs]
    page = opens(real, anchor="#demand-CHE-PATRIOT-FU-2").page
    row = page.locator("#demand-CHE-PATRIOT-FU-2")
    expect(row).to_be_in_viewport()
    expect(row).to_contain_text("Switzerland")
    assert page.locator("tr[id^=demand-]").count() == len(names) + len(problem.offers)


def test_a_link_to_a_need_leads_to_its_row_below_the_heads(real: Path, opens: Opener) -> None:
    page = opens(real).page
    page.locator("#packages-table a", has_text="(N39)").first.click()
    row = page.locator("#demand-N39")
    expect(row.locator("th").first).to_be_in_viewport(ratio=1)
    covered = row.evaluate(
        "row => { const box = row.cells[0].getBoundingClientRect();"
        " return document.elementFromPoint(box.left + 5, box.top + box.height / 2).closest('tr') === row; }"
    )
    assert covered, "no head and no bar lies over it"


def test_sorting_by_numbers_both_ways(real: Path, opens: Opener) -> None:
    page = opens(real).page
    head(page, "orders", "weeks late").click()
    found = numbers(shown(page, "orders", "weeks late"))
    assert found == sorted(found)
    assert page.locator("#orders-table th[aria-sort=ascending]").inner_text().startswith("weeks late")
    head(page, "orders", "weeks late").click()
    found = numbers(shown(page, "orders", "weeks late"))
    assert found == sorted(found, reverse=True)
    assert found[0] > 50
    assert page.locator("#orders-table th[aria-sort]").count() == 1


@pytest.mark.parametrize(("table", "column"), [("needs", "missing"), ("donors", "paid"), ("needs", "place in queue")])
def test_sorting_by_numbers_with_words_beside_them(real: Path, opens: Opener, table: str, column: str) -> None:
    page = opens(real).page
    head(page, table, column).click()
    found = numbers(shown(page, table, column))
    assert found == sorted(found)
    assert len(set(found)) > 1


def test_sorting_puts_blanks_last_and_totals_stay_below(real: Path, opens: Opener) -> None:
    page = opens(real).page
    for _ in range(2):
        head(page, "orders", "last arrival").click()
        found = shown(page, "orders", "last arrival")
        dates = [text for text in found if text]
        assert found == dates + [""] * (len(found) - len(dates))
    head(page, "donors", "pledged").click()
    assert page.locator("#donors-table tr").last.inner_text().startswith("all donors")


def test_sorting_by_text_and_by_outcome(real: Path, opens: Opener) -> None:
    page = opens(real).page
    head(page, "orders", "recipient").click()
    found = shown(page, "orders", "recipient")
    assert found == sorted(found)
    head(page, "orders", "outcome").click()
    order = ["on time", "late", "part missing", "all missing", "not due yet"]
    found = [order.index(text) for text in shown(page, "orders", "outcome")]
    assert found == sorted(found)
    assert len(set(found)) > 3


def test_filtering_by_words_and_by_outcome(real: Path, opens: Opener) -> None:
    page = opens(real).page
    everything = len(shown(page, "orders", "order"))
    page.locator("#orders").get_by_role("searchbox").fill("switz patriot")
    assert all(name.startswith("CHE-PATRIOT") for name in shown(page, "orders", "order"))
    assert page.locator("#orders [role=status]").inner_text() == f"2 of {everything} rows"
    page.locator("#orders").get_by_role("searchbox").fill("")
    page.locator("#orders").get_by_role("combobox").select_option(label="late")
    assert set(shown(page, "orders", "outcome")) == {"late"}
    page.locator("#orders").get_by_role("searchbox").fill("no such thing")
    assert shown(page, "orders", "order") == []


def test_a_link_to_a_row_that_is_filtered_away_brings_it_back(real: Path, opens: Opener) -> None:
    page = opens(real).page
    page.locator("#needs").get_by_role("searchbox").fill("N01")
    expect(page.locator("#demand-N39")).to_be_hidden()
    page.evaluate("location.hash = '#demand-N39'")
    expect(page.locator("#demand-N39")).to_be_in_viewport()


def test_everything_can_be_done_from_the_keyboard(real: Path, opens: Opener) -> None:
    page = opens(real).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the plan"
    expect(page.locator(".skip")).to_be_in_viewport()
    button = head(page, "needs", "weeks late")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#needs-table th[aria-sort=ascending]")).to_have_count(1)
    page.keyboard.press("Space")
    expect(page.locator("#needs-table th[aria-sort=descending]")).to_have_count(1)
    assert button.evaluate("button => getComputedStyle(button).outlineStyle") != "none", "one sees where one is"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.closest('table').id") == "needs-table"
    unreachable = page.locator("table.sortable thead button").evaluate_all(
        "all => all.filter(one => one.tabIndex < 0).length"
    )
    assert unreachable == 0


def test_a_screen_reader_has_names_for_everything(real: Path, opens: Opener) -> None:
    page = opens(real).page
    spoken = page.locator("body").aria_snapshot(timeout=60_000)
    roles = ("table", "region", "img", "searchbox", "combobox", "button", "link", "navigation", "columnheader")
    for role in roles:
        assert re.search(rf'^ *- {role} "', spoken, re.MULTILINE), f"there is a {role}"
        nameless = re.findall(rf"^ *- {role}(?! \")(?=[: ]|$).*", spoken, re.MULTILINE)
        assert nameless == [], role
    levels = page.locator("h1, h2, h3").evaluate_all("all => all.map(one => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels)), "no level is skipped"


def test_a_users_text_stays_text(tmp_path: Path, opens: Opener) -> None:
    problem = with_row(small_problem(name=ATTACK), "recipients", "POL", name=f"{ATTACK} & Sons")
    problem = with_row(problem, "lines", "shell_line", name='"><img src=x onerror=alert(1)>')
    problem = with_row(problem, "items", "shell", name="<b>bold</b>")
    file = tmp_path / "report.html"
    file.write_text(page_of(a_report(problem)), encoding="utf-8")
    opened = opens(file)
    opened.page.wait_for_timeout(200)
    assert opened.complaints == []
    expect(opened.page.get_by_role("heading", level=1)).to_have_text(ATTACK)
    assert f"{ATTACK} & Sons" in " ".join(shown(opened.page, "allies", "ally"))
    assert opened.page.locator("img").count() == 0
    assert opened.page.locator("tbody b").count() == 0


@pytest.mark.parametrize("width", [390, 320])
def test_a_phone_never_scrolls_sideways(real: Path, opens: Opener, width: int) -> None:
    page = opens(real, width=width).page
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    first = page.locator("#orders-table tbody th").first
    page.locator("#orders .scroll").evaluate("box => { box.scrollLeft = 400; }")
    box = first.bounding_box()
    assert box is not None
    assert 0 <= box["x"] < width / 2, "the name of the order stays in sight"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_in_light_and_in_the_dark(real: Path, opens: Opener, scheme: str) -> None:
    page = opens(real, scheme=scheme).page
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark == (scheme == "dark")
    for place in (
        *("h1", "header > p", "nav a", ".card .big", ".card p", ".card h3", "caption", "thead button", "tbody th"),
        *("tbody td", "td small", ".small", ".late-1", ".late-2", ".late-3", ".notes summary", "input", "select"),
        *(".badge.on_time", ".badge.late", ".badge.short", ".badge.none", ".badge.not_due", "tfoot td", ".legend li"),
    ):
        found = page.locator(place)
        assert found.count() > 0, place
        assert contrast(found.first) >= 4.5, place


def test_late_is_told_in_more_than_colour(real: Path, opens: Opener) -> None:
    page = opens(real).page
    words = set(shown(page, "needs", "outcome"))
    assert words == {"on time", "late", "part missing", "all missing"}
    texts = page.locator("td.late-1, td.late-2, td.late-3").all_inner_texts()
    assert min(numbers(text for text in texts if text)) > 0, "what is folded has no text"


def test_it_prints_whole_and_without_controls(real: Path, opens: Opener) -> None:
    page = opens(real).page
    page.emulate_media(media="print")
    for place in ("nav", ".filter", ".notes"):
        expect(page.locator(place).first).to_be_hidden()
    boxes = page.locator(".scroll").evaluate_all(
        "all => all.filter(one => getComputedStyle(one).overflow !== 'visible').length"
    )
    assert boxes == 0, "nothing is cut off inside a box"
    button = page.locator("#needs-table thead button").first
    shown_as = button.evaluate("one => getComputedStyle(one).display")
    assert shown_as == "contents", "a browser does not repeat heads with boxes of buttons on every sheet"
    page.set_viewport_size({"width": 1030, "height": 700})  # A4 landscape within its margins
    assert page.evaluate("document.documentElement.scrollWidth") <= 1030 * 1.35, "a browser shrinks no more than this"
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_a_broken_plan_raises_an_alarm(tmp_path: Path, opens: Opener) -> None:
    file = tmp_path / "report.html"
    report = a_report(plan=with_dispatch(small_plan(), "O-firm", 1, quantity=0))
    file.write_text(page_of(report), encoding="utf-8")
    page = opens(file).page
    expect(page.get_by_role("alert")).to_contain_text("firm_date")
    assert contrast(page.locator(".alarm p")) >= 4.5


def test_it_can_be_read_without_scripts(real: Path, opens: Opener) -> None:
    context = opens.browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(real.as_uri())
    expect(page.locator("#demand-N01")).to_contain_text("PAC-3 MSE")
    context.close()


def test_without_features_there_are_no_empty_chapters(tmp_path: Path, opens: Opener) -> None:
    file = tmp_path / "report.html"
    file.write_text(page_of(a_report(bare_problem(orders=(an_order(),)), Plan())), encoding="utf-8")
    page = opens(file).page
    assert page.locator("section.chapter").evaluate_all("all => all.filter(one => !one.innerText.trim()).length") == 0
    chapters = [text for text in page.locator("nav a").all_inner_texts() if text not in ("Summary", "Words")]
    assert chapters == ["Allies", "Production", "Industry", "Stock"]
