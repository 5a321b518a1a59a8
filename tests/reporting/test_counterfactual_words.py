"""Every state and cause of a counterfactual has its sentence, and users' text stays text."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import get_args

import pytest
from rich.console import Console

from optimizer.explaining.counterfactual import (
    CAUSES,
    KINDS,
    Cause,
    Change,
    Counterfactual,
    Kind,
    Lever,
    Obstacle,
    Relief,
    Slip,
    State,
    WeightNeeded,
)
from optimizer.reporting.counterfactual_words import (
    HELD,
    NOUNS,
    TITLES,
    counterfactual_dict,
    counterfactual_lines,
    sentences,
)

DAY = dt.date(2026, 3, 2)


def an_answer(kind: Kind = "slots", state: State = "enough", **changes: object) -> Counterfactual:
    return Counterfactual("O-1", kind, state, DAY, DAY, proven=True, **changes)  # type: ignore[arg-type]


def test_every_kind_and_cause_is_listed() -> None:
    assert set(CAUSES) == set(get_args(Cause))
    assert set(TITLES) == set(KINDS)
    assert set(NOUNS) == set(get_args(Relief))


@pytest.mark.parametrize("cause", CAUSES)
def test_every_cause_has_a_sentence(cause: Cause) -> None:
    told = sentences(an_answer(state="not_enough", obstacles=(Obstacle(cause, "C-7", DAY, DAY, 3, 4),)))
    assert len(told) == 2
    assert told[1].endswith(".")
    assert "None" not in told[1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", ["on_time", "impossible", "not_enough", "not_known", "nothing_needed"])
def test_every_kind_and_state_without_a_change_has_a_sentence(kind: Kind, state: State) -> None:
    if state == "nothing_needed" and kind in ("slips", "weight"):
        return
    assert sentences(an_answer(kind, state))


def test_changes_by_entity_and_period() -> None:
    later = dt.date(2026, 4, 6)
    changes = (
        Change("slots", "L-1", 3, "slots", DAY, 8, "", 5),
        Change("slots", "L-1", 1, "slots", later, 13, "", 5),
        Change("money", "air", 157.5, "usd_m", DAY, 8),
        Change("money", "air", 10.0, "usd_m", DAY, 8, "NEW-1"),
        Change("approval", "C-7", 2.0, "review_weeks", DAY, 8, "", 4.0),
        Change("floor", "missile", 7, "units", DAY, 0, "", 40),
    )
    assert sentences(an_answer("combination", changes=changes)) == [
        "4 more slots on L-1: 3 in the period of 2026-03-02, 1 in the period of 2026-04-06.",
        "157.5 million USD more for air: in the period of 2026-03-02.",
        "Package NEW-1 released by 2026-03-02: 10 million USD of its money by then.",
        "Case C-7 approved by the period of 2026-03-02, with 2 more weeks of review by then (its review takes 4).",
        "7 units of missile less in the floor (40 now).",
    ]


def test_slips_and_weight() -> None:
    slips = (Slip("O-2", "order", "POL", 2.5, 0, 160.0), Slip("O-3", "order", "DEU", -1.0, -2, -20.0))
    told = sentences(an_answer("slips", slips=slips, cost_to_others=140.0, cost_at_least=140.0, own_delay=40.0))
    assert told[0].startswith("If O-1 is on time and nothing is added, all others together lose 140")
    assert told[1:] == [
        "O-2 (POL): 2.5 weeks later on average (160).",
        "O-3 (DEU): 1 week earlier on average, 2 units more delivered (-20).",
    ]
    levers = (Lever("defence_pct_gdp", 1.75, 2.625, 8.0), Lever("ukraine_military_pct_gdp", None, None, 5.0))
    weight = WeightNeeded("CHE", 4.0, 5.66, 5.66, levers)
    told = sentences(an_answer("weight", weight=weight, cost_to_others=56.6, own_delay=40.0))
    assert told[1] == "Defence spending of 2.62 % of GDP would give it (1.75 % of GDP now)."
    assert told[2] == "Support of Ukraine alone cannot give it: at its cap the weight is 5 (not known)."
    assert "Other orders of CHE would gain by it" in told[3]


def test_a_users_text_is_never_markup() -> None:
    """Brackets are markup to rich, and a formula or a tag must arrive as it is."""
    changes = (Change("slots", "[red]<script>=1+1[/red]", 1, "slots", DAY, 8),)
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(counterfactual_lines([an_answer(changes=changes)]))
    text = console.export_text()
    assert "[red]<script>=1+1[/red]" in text
    assert HELD[:40] in text


def test_json() -> None:
    found = counterfactual_dict(an_answer(changes=(Change("slots", "L", 2, "slots", DAY, 8, "", 3),)))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["changes"][0]["amount"] == 2
    assert found["text"] == ["2 more slots on L: in the period of 2026-03-02."]
