"""The charts in a real browser: drawn by the page itself under its own policy, in the colours of the page, and safe."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from optimizer.reporting.html import page as page_of
from optimizer.reporting.summary import Report
from tests.builders import small_problem, with_row
from tests.reporting.reports import a_report
from tests.web.contrast import contrast
from tests.web.opening import Opener

CHARTS = ("flow", "gantt", "weights-chart")
ATTACK = "</script><img src=x onerror=alert(1)><script>alert('x')</script>\u2028"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_they_draw(real: Path, opens: Opener, scheme: str) -> None:
    opened = opens(real, scheme=scheme)
    for name, least in zip(CHARTS, (150, 800, 100), strict=True):
        svg = opened.page.locator(f"#{name} svg")
        expect(svg).to_have_count(1)
        assert svg.locator("path, line, rect").count() > least, name
        assert svg.locator("text").count() > 10, name
    assert opened.complaints == []


def test_they_are_in_the_colours_of_the_page(real: Path, opens: Opener) -> None:
    """The same chart, not drawn again, changes with the theme."""
    page = opens(real).page
    text = page.locator("#gantt svg text", has_text="PAC-3 MSE line").first
    light = text.evaluate("one => getComputedStyle(one).fill")
    page.emulate_media(color_scheme="dark")
    dark = text.evaluate("one => getComputedStyle(one).fill")
    assert light != dark
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        text.evaluate("one => { one.style.color = getComputedStyle(one).fill; }")
        assert contrast(text) >= 4.5
        text.evaluate("one => { one.style.color = ''; }")


def test_those_who_do_not_see_them_are_told(real: Path, opens: Opener) -> None:
    page = opens(real).page
    for name in CHARTS:
        image = page.locator(f"#{name} [role=img]")
        assert len(image.get_attribute("aria-label") or "") > 60
        links = page.locator(f"#{name} a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
        assert links
        assert all(page.locator(link).count() == 1 for link in links), "the table beside it is there"
        assert page.locator(f"#{name} .scroll").get_attribute("tabindex") == "0", "it scrolls by keys"


def test_names_in_charts_stay_text(tmp_path: Path, opens: Opener) -> None:
    problem = with_row(small_problem(), "recipients", "POL", name=ATTACK)
    problem = with_row(problem, "lines", "shell_line", name=ATTACK)
    file = tmp_path / "report.html"
    file.write_text(page_of(a_report(problem)), encoding="utf-8")
    opened = opens(file)
    assert opened.complaints == []
    assert opened.page.locator("img").count() == 0
    assert opened.page.locator("#weights-chart svg text", has_text="</script>").count() > 0


def test_what_is_said_on_hover_is_text_too(tmp_path: Path, opens: Opener) -> None:
    problem = with_row(small_problem(), "recipients", "POL", name="<b>x</b><img src=x>")
    file = tmp_path / "report.html"
    file.write_text(page_of(a_report(problem)), encoding="utf-8")
    opened = opens(file)
    opened.page.locator("#weights-chart svg path").first.scroll_into_view_if_needed()
    marks = opened.page.locator("#weights-chart .mark-rect path")
    marks.first.hover(force=True)
    tip = opened.page.locator("#vg-tooltip-element.visible")
    expect(tip).to_contain_text("<b>x</b>")
    assert tip.locator("b, img").count() == 0
    assert opened.complaints == []


def test_the_policy_lets_no_other_script_run(tmp_path: Path, opens: Opener) -> None:
    """Even if markup got in: a script that the page was not made with does nothing."""
    text = page_of(a_report())
    file = tmp_path / "report.html"
    file.write_text(text.replace("</main>", "<script>window.broken = 1</script></main>"), encoding="utf-8")
    opened = opens(file)
    assert opened.page.evaluate("window.broken") is None
    assert any("Content Security Policy" in said for said in opened.complaints)
    assert "unsafe-eval" not in text
    assert not re.search(r"script-src[^;\"]*unsafe", text)


@pytest.mark.parametrize("width", [360, 800])
def test_they_scroll_in_their_own_box(real: Path, opens: Opener, width: int) -> None:
    page = opens(real, width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = page.locator("#flow .scroll")
    assert box.evaluate("box => box.scrollWidth > box.clientWidth")
    sizes = page.locator("#flow svg text").evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
    assert min(size for size in sizes if size) > 8, "names can be read"


def test_explanations_open_where_a_link_leads(tmp_path: Path, opens: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ("No slot is free before 2026-02-02.", "<i>Four</i> more slots would do.", "The package is late.")
    monkeypatch.setattr(Report, "explanations", {("need", "N-shell"): lines, ("offer", "V-open"): lines[:1]})
    report = a_report()
    file = tmp_path / "report.html"
    file.write_text(page_of(report), encoding="utf-8")
    page = opens(file, anchor="#demand-N-shell").page
    expect(page.locator("#demand-N-shell")).to_contain_text("<i>Four</i> more slots would do.")
    expect(page.locator("#demand-N-shell details.why li").first).to_be_visible()
    expect(page.locator("#demand-V-open")).to_contain_text(lines[0])
    page.locator("#demand-N-shell details.why summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#demand-N-shell details.why li").first).to_be_hidden()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#demand-N-shell details.why li").first).to_be_visible()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(page.locator("#demand-N-shell details.why li").first).to_be_hidden()
