"""The one minute: counts, shares and sentences, on plans of which the answer is plain."""

from __future__ import annotations

import dataclasses

import pytest

from models.plan import Plan
from optimizer.explaining.facts import facts_of
from optimizer.explaining.reasons import REASON_TITLES, REASONS
from optimizer.reporting.headline import Card, cards, culprits, gained, proven
from optimizer.reporting.names import STATES, STATUS_WORDS, TERM_TITLES, count, long_date, whole_percent
from optimizer.reporting.tables.shares import tally
from tests.builders import an_order, bare_problem, day, small_plan, to_order, with_dispatch
from tests.reporting.reports import a_baseline, a_report


def card(title: str, **changes: object) -> Card:
    return next(found for found in cards(a_report(**changes)) if found.title == title)


def test_the_four_boxes() -> None:
    titles = [found.title for found in cards(a_report())]
    assert titles == ["Needs of Ukraine", "Orders of allies", "Money of donors", "How good is this plan"]


def test_money_by_outcome_is_counted_by_hand() -> None:
    found = card("Needs of Ukraine")
    assert found.big == "57 % on time"  # 3 missiles of 10 and 5 shells of 2 million USD, of 70
    assert "Of goods worth 70 million USD, 57 % arrive on time, 43 % late, 0 % not before 30 March 2026." in found.lines


def test_what_is_missing_is_counted_and_told() -> None:
    found = card("Needs of Ukraine", plan=with_dispatch(small_plan(), "N-shell", 5, quantity=0))
    assert "1 with units missing" in found.lines[0]
    assert found.parts is not None
    assert found.parts.amounts[2] == ("missing-part", 10.0)


def test_what_is_due_after_the_end_is_not_called_missing() -> None:
    orders = (an_order("now"), an_order("later", due_date=day(20)))
    problem = bare_problem(orders=orders)
    found = cards(a_report(problem, Plan()))[0]
    assert found.lines[0] == (
        "2 orders: 0 in full and on time, 0 in full but late, 1 with units missing, 1 not due before the end."
    )
    worth = tally(facts_of(problem, Plan()).orders, money=True)
    assert (worth.asked, worth.missing, worth.not_due) == (40.0, 20.0, 20.0)


def test_money_left_and_offers() -> None:
    found = card("Money of donors")
    assert found.big == "30 of 45 million USD spent"
    assert "15 million USD of pledges are left." in found.lines
    assert "1 of 1 offer from own inventory accepted; all replaced by the promised date." in found.lines
    refused = dataclasses.replace(small_plan(), accepted_offers=())
    assert "0 of 1 offer from own inventory accepted." in card("Money of donors", plan=refused).lines


def test_without_money_or_needs_nothing_is_said_of_them() -> None:
    titles = [found.title for found in cards(a_report(bare_problem(orders=(an_order(),)), Plan()))]
    assert titles == ["Orders of allies", "How good is this plan"]
    assert len(cards(a_report(bare_problem(), Plan()))) == 1


def test_a_broken_plan_says_so_at_once() -> None:
    found = card("How good is this plan", plan=with_dispatch(small_plan(), "O-firm", 1, quantity=0))
    assert found.tone == "bad"
    assert "The checker found rules broken: this is not a legal plan." in found.lines


@pytest.mark.parametrize(
    ("objective", "words"),
    [(50.0, "50.0 % less delay than “priority list”"), (120.0, "20.0 % more delay than “priority list”")],
)
def test_more_and_less_delay(objective: float, words: str) -> None:
    summary = dataclasses.replace(a_report().summary, objective=objective, baselines=(a_baseline(),))
    assert gained(summary) == [("Priority list", words)]


def test_as_much_delay() -> None:
    summary = dataclasses.replace(a_report().summary, objective=100.0, baselines=(a_baseline(),))
    assert gained(summary) == [("Priority list", "as much delay as “priority list”")]


def test_what_is_proven() -> None:
    summary = a_report().summary
    assert proven(summary) == "It is proven that no plan has less delay."
    some = dataclasses.replace(summary, objective=2000.0, bound=1990.0, gap=0.005)
    assert "less delay than 1,990; this one has 2,000, so at most 0.50 %" in proven(some)
    assert proven(dataclasses.replace(summary, bound=None, gap=None)).endswith("is not known.")


def test_the_items_behind_most_of_the_delay_come_first() -> None:
    found = culprits(a_report())
    assert [one.item for one in found] == ["missile", "shell"]
    assert found[0].share > found[1].share
    assert found[0].text == "10 of 10 units asked arrive, 7 of them on time"
    on_time = a_report(bare_problem(orders=(an_order(),)), Plan(dispatches=(to_order("O-each", "missile", 2, 0),)))
    assert culprits(on_time) == ()


def test_every_word_of_the_files_has_words_for_people() -> None:
    assert set(REASON_TITLES) == set(REASONS)
    assert set(TERM_TITLES) == set(a_report().summary.terms or ())
    assert len(set(STATES.values())) == 5
    assert set(STATUS_WORDS) == {"optimal", "gap_reached", "time_limit", "interrupted", "infeasible", "no_plan"}


def test_small_words() -> None:
    assert [whole_percent(share) for share in (0, 0.001, 0.5, 0.999, 1)] == ["0 %", "<1 %", "50 %", ">99 %", "100 %"]
    assert (count(1, "order"), count(1200, "order")) == ("1 order", "1,200 orders")
    assert long_date(day(0)) == "5 January 2026"
