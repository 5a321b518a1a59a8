"""The ledger in plain words: every right in a sentence, on the small story and on the real instance."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.baselines import first_come_first_served, priority_list
from optimizer.explaining.facts import facts_of
from optimizer.explaining.ledger import Ledger, Pass, ledger
from optimizer.explaining.rights import MULTIPLIER, RIGHTS, Right
from optimizer.reading.instance import read_instance
from optimizer.reporting.queue_words import QueueWords, in_weeks
from tests.builders import day, with_row
from tests.docs.pages import ROOT
from tests.explaining.patriot import patriot, patriot_plan


@pytest.fixture(scope="module")
def story() -> tuple[QueueWords, Ledger]:
    problem, plan = patriot(), patriot_plan()
    problem = with_row(with_row(problem, "recipients", "CHE", name="Switzerland"), "recipients", "DEU", name="Germany")
    facts = facts_of(problem, plan)
    found = ledger(problem, plan, facts, facts_of(problem, first_come_first_served(problem)))
    return QueueWords(problem, facts), found


def the(found: Ledger, passer: str, passed: str) -> Pass:
    [row] = [row for row in found.passes if (row.passer[1], row.passed[1]) == (passer, passed)]
    return row


def test_the_replacement_and_the_swiss_order_read_in_plain_words(story: tuple[QueueWords, Ledger]) -> None:
    words, found = story
    assert words.sentence(the(found, "GIFT", "CHE-1"), "first_come_first_served") == (
        "The replacement of GIFT for Germany passed the order CHE-1 of Switzerland for Patriot fire unit from Patriot "
        "line: 4 weeks behind it under “first come, first served”, 2 weeks ahead of it now. By what right: replacement "
        "promised by 9 February 2026, for what was given to Ukraine."
    )
    assert words.passing(the(found, "DEU-1", "CHE-1")) == (
        "6 weeks: the order DEU-1 of Germany; higher weight, 16 against 2, most of it for defence spending"
    )
    assert words.passing(the(found, "N-1", "CHE-1")) == (
        "12 weeks: the need N-1 of Ukraine; need of urgency 1, which weighs 128 against 2"
    )
    assert words.passed(the(found, "N-1", "GIFT")) == (
        "6 weeks: the replacement of GIFT for Germany; costs the other nothing: it is on time"
    )


@pytest.mark.parametrize("right", RIGHTS)
def test_every_right_has_words(story: tuple[QueueWords, Ledger], right: Right) -> None:
    words, found = story
    row = the(found, "DEU-1", "CHE-1") if right not in ("urgency", "replacement_promise") else found.passes[0]
    if right == "urgency":
        row = the(found, "N-1", "CHE-1")
    text = words.why(replace(row, right=right))
    assert text
    assert "_" not in text


def test_weight_without_a_policy_and_by_the_multiplier(story: tuple[QueueWords, Ledger]) -> None:
    words, found = story
    row = the(found, "DEU-1", "CHE-1")
    assert words.why(replace(row, contribution="")) == "higher weight, 16 against 2"
    assert words.why(replace(row, contribution=MULTIPLIER)).endswith("most of it for the multiplier of the order")


def test_a_firm_date_is_named() -> None:
    problem = with_row(patriot(), "orders", "DEU-1", firm_by=day(4))
    facts = facts_of(problem, patriot_plan())
    before = facts_of(problem, first_come_first_served(problem))
    found = ledger(problem, patriot_plan(), facts, before)
    assert QueueWords(problem, facts).why(the(found, "DEU-1", "CHE-1")) == "promised firmly by 2 February 2026"


@pytest.mark.parametrize(
    ("weeks", "text"),
    [(1.0, "1 week"), (0.98, "1 week"), (2.5, "2.5 weeks"), (12.4, "12 weeks"), (0.01, "less than a week")],
)
def test_weeks(weeks: float, text: str) -> None:
    assert in_weeks(weeks) == text


def test_on_the_real_instance_germany_and_switzerland_read_as_they_were_told() -> None:
    """By a plan that the priority list makes: the replacement keeps its date, and Switzerland comes after it."""
    problem = read_instance(ROOT / "instances" / "purl-2026-w02").problem
    assert problem is not None
    plan = priority_list(problem)
    facts = facts_of(problem, plan)
    found = ledger(problem, plan, facts, facts_of(problem, first_come_first_served(problem)))
    words = QueueWords(problem, facts)
    swiss = found.of("order", "CHE-PATRIOT-FU-1")
    assert swiss.harmed
    assert not swiss.passed
    by = {row.passer[1]: words.sentence(row, found.case) for row in swiss.passed_by}
    promise = by["OFF-DEU-PATRIOT"]
    assert promise.startswith(
        "The replacement of OFF-DEU-PATRIOT for Germany passed the order CHE-PATRIOT-FU-1 of Switzerland for Patriot "
        "fire unit (radar, control station, launchers) from Patriot fire unit line: 23 weeks behind it under"
    )
    assert promise.endswith("replacement promised by 7 September 2026, for what was given to Ukraine.")
    assert by["DEU-PATRIOT-FU-1"].endswith(
        "By what right: higher weight, 3.68 against 1.52, most of it for support of Ukraine."
    )
    assert by["N06"].endswith("By what right: need of urgency 1, which weighs 128 against 1.52.")
