"""`report.html`: well-formed, offline, accessible, safe, and the same for the same plan."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser

import pytest

from models.plan import Plan
from models.problem import Problem
from optimizer.explaining.reasons import REASONS
from optimizer.explaining.values import MarginalValue, MarginalValues
from optimizer.reporting import html
from optimizer.reporting.figures.bundle import bundle
from optimizer.reporting.html import page
from tests.builders import an_order, bare_problem, day, small_plan, small_problem, with_dispatch, with_row
from tests.reporting.reports import a_report

VOID = {"meta", "input", "br", "link", "img", "path", "rect"}
ATTACK = '<script>alert("x")</script>'


class Document(HTMLParser):
    """Collects what the tests ask for, and holds every end tag to its start tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        self.ids += [found["id"]] if found.get("id") else []
        self.links += [found[name] or "" for name in ("href", "src") if name in found]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag
            self.text += " "

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.text += data


@pytest.fixture(scope="module")
def document() -> Document:
    return Document(page(a_report()))


def test_every_id_is_one_of_a_kind_and_every_link_leads_somewhere(document: Document) -> None:
    assert len(set(document.ids)) == len(document.ids)
    assert all(link.startswith("#") for link in document.links)
    assert {link[1:] for link in document.links} <= set(document.ids)


def test_nothing_is_fetched_from_anywhere() -> None:
    text = page(a_report())
    assert not re.search(r"(https?:)?//[a-z]", text)
    own = text.replace(bundle(), "")
    assert "@import" not in own
    assert "url(" not in own
    assert not re.search(r"<(link|img|iframe|object|embed|base|video|audio|source)\b", own)
    assert not re.search(r"\b(src|srcset|data|action|ping|poster)=", own)
    assert "default-src 'none'" in text


def test_it_tells_the_plan_in_one_minute(document: Document) -> None:
    words = " ".join(document.text.split())
    for part in (
        "small",
        "This is the best plan there is.",
        "It is proven that no plan has less delay.",
        "A separate program checked every rule and found none broken.",
        "First come, first served",
        "2 needs: 0 in full and on time, 2 in full but late, 0 with units missing.",
        "2 packages released and paid by 2 donors: 1 that was proposed, 1 put together by this plan; 1 had been paid",
    ):
        assert part in words
    for term in ("needs delay", "orders delay", "readiness shortfall", "plan change"):
        assert term in words
    assert "is not a legal plan: it breaks" in words, "the first case delivers nothing, not even what is firm"


def test_the_chapters_come_in_the_order_in_which_they_are_asked_for(document: Document) -> None:
    chapters = re.compile(r"summary|words|part-[a-z]+")
    anchors = [anchor for anchor in document.ids if chapters.fullmatch(anchor)]
    first = ("needs", "allies", "packages", "sharing", "queue")
    names = (*first, "lines", "industry", "stock", "money", "approvals", "delivery")
    assert anchors == ["summary", *(f"part-{name}" for name in names), "words"]
    assert set(anchors) <= {link[1:] for link in document.links}, "all are in the navigation"


def test_a_planner_meets_no_word_of_a_solver(document: Document) -> None:
    for word in ("MIP", "incumbent", "objective", "solver", "LP", "variable", "constraint", "integer"):
        assert not re.search(rf"\b{word}s?\b", document.text, re.IGNORECASE if len(word) > 3 else 0), word


def test_a_gap_is_told_in_a_sentence() -> None:
    found = a_report()
    assert found.summary.objective is not None
    open_end = a_report(status="time_limit", bound=found.summary.objective * 0.9)
    assert "at most 10.0 % of it could still be avoided" in " ".join(Document(page(open_end)).text.split())
    unknown = a_report(status="time_limit", bound=None)
    assert "How much better a plan could be is not known." in Document(page(unknown)).text


def test_every_demand_has_an_anchor(document: Document) -> None:
    demands = ("O-each", "O-complete", "O-firm", "O-later", "N-missile", "N-shell", "V-open")
    assert {f"demand-{name}" for name in demands} <= set(document.ids)


def test_tables_are_accessible(document: Document) -> None:
    tags = [tag for tag, _ in document.tags]
    assert tags.count("table") == tags.count("caption") > 5
    assert all("scope" in found for tag, found in document.tags if tag == "th")
    assert all(found.get("aria-label") or found.get("aria-hidden") for tag, found in document.tags if tag == "svg")
    assert all(found.get("tabindex") == "0" for tag, found in document.tags if found.get("role") == "region")
    assert all(found.get("type") == "button" for tag, found in document.tags if tag == "button")


@pytest.mark.parametrize("table", ["items", "recipients", "lines"])
def test_a_users_text_is_never_markup(table: str) -> None:
    problem = small_problem(name=ATTACK)
    first = dataclasses.astuple(getattr(problem, table)[0])[0]
    report = a_report(with_row(problem, table, first, name=f'{ATTACK}" onload="x'))
    text = page(report)
    assert ATTACK not in text
    found = Document(text)
    kinds = [attributes.get("type") for tag, attributes in found.tags if tag == "script"]
    assert kinds == ["application/json"] * 3 + [None, None], "three charts, the library that draws them, and our own"
    assert not any("onload" in attributes for _, attributes in found.tags)
    assert ATTACK in found.text


def test_names_that_look_alike_as_anchors_stay_apart() -> None:
    orders = (an_order("A/1"), an_order("A 1"), an_order("A-1"), an_order(ATTACK))
    found = Document(page(a_report(bare_problem(orders=orders), Plan())))
    assert {"demand-A-1", "demand-A-1-2", "demand-A-1-3"} <= set(found.ids)
    assert len(set(found.ids)) == len(found.ids)


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert page(a_report()) == page(a_report(seconds={"build": 9.0, "solve": 9.0}))


def test_missing_units_come_with_the_reason_and_what_it_means() -> None:
    found = Document(page(a_report(plan=with_dispatch(small_plan(), "N-shell", 5, quantity=0))))
    words = " ".join(found.text.split())
    assert "possible, but left out" in words
    assert REASONS["left_out"] in words


def test_a_broken_plan_is_called_broken() -> None:
    found = Document(page(a_report(plan=with_dispatch(small_plan(), "O-firm", 1, quantity=0))))
    assert "this is not a legal plan" in " ".join(found.text.split())
    assert "firm_date" in found.text


def test_a_long_table_shows_the_worst_rows_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MOST_ROWS", 3)
    orders = tuple(an_order(f"O{i}", quantity=i) for i in range(1, 6))
    found = Document(page(a_report(bare_problem(orders=orders), Plan())))
    assert {"demand-O3", "demand-O4", "demand-O5"} <= set(found.ids)
    assert "demand-O1" not in found.ids
    assert "2 more are in plan.xlsx" in found.text


def test_a_plan_of_nothing_has_a_page() -> None:
    Document(page(a_report(bare_problem(), Plan())))


def test_of_many_marginal_values_the_page_shows_those_that_are_worth_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MOST_VALUES", 2)
    rows = tuple(
        MarginalValue("slot", f"L{worth}", 0, day(0), "slot", float(worth), "fixed_lp", 0.0, 0.0, 0.0)
        for worth in (1, 3, 2)
    )
    found = Document(page(dataclasses.replace(a_report(), values=MarginalValues(rows))))
    words = " ".join(found.text.split())
    assert "L3" in words
    assert "L1" not in words
    assert "The 2 rows that are worth most; 1 more are in plan.xlsx" in words


def long_book(count: int) -> Problem:
    """So many orders, of which the later ones are worth more."""
    return bare_problem(orders=tuple(an_order(f"O{at:05}", quantity=1 + at % 97) for at in range(count)))


def test_the_page_of_a_long_book_is_short_and_says_so() -> None:
    text = page(a_report(long_book(2000), Plan()))
    found = Document(text)
    assert sum(name.startswith("demand-") for name in found.ids) == html.SHORTENED
    assert "The 400 rows with the most delay; 1,600 more are in plan.xlsx." in " ".join(found.text.split())
    assert 'data-count="orders-table" data-more="1,600"' in text
    assert len(text.encode()) < 4_000_000
    assert 'data-more="' not in page(a_report(long_book(html.MOST_ROWS), Plan()))


def test_a_table_of_charts_is_shortened_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MOST_CHARTS", 1)
    words = " ".join(Document(page(a_report())).text.split())
    assert "The first 1 rows; 1 more are in plan.xlsx." in words
