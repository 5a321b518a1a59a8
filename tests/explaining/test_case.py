"""What no plan could do better: by dates and distances, from the pool and from every offer, accepted or not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from models.baselines import first_come_first_served, priority_list
from models.checker import check_plan
from models.plan import Plan
from models.problem import DeliveryPolicy, Lane, Offer, Problem, Site, Stock, Substitute
from optimizer.explaining.case import Case
from optimizer.explaining.explanations import serving_of
from optimizer.explaining.facts import facts_of
from optimizer.explaining.reasons import Explanation
from optimizer.reporting.explanation_words import Words
from tests.builders import a_need, an_item, an_offer, bare_problem, day
from tests.strategies import problems

DRAWN = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
FAR = Lane("far", "plant", "dest", 4)
NEAR = Lane("near", "depot", "dest", 1)
SITES = {
    "sites": (Site("plant", "plant"), Site("depot", "depot"), Site("dest", "dest")),
    "delivery": DeliveryPolicy("plant", "dest", 2, 3),
}


def one_need(need: dict[str, Any], offer: dict[str, Any] | None, *lanes: Lane, **changes: Any) -> Problem:
    """A need of two missiles; an offer V of them at the depot, if any."""
    given = {"item": "missile", "quantity": 2, "available_on": day(0), "replacement_quantity": 99} | (offer or {})
    return bare_problem(
        needs=(a_need("N", **({"quantity": 2, "needed_by": day(0)} | need)),),
        offers=() if offer is None else (an_offer("V", **given),),
        lanes=lanes,
        **SITES,
        **changes,
    )


def said_of(problem: Problem, plan: Plan | None = None) -> Explanation:
    return facts_of(problem, Plan() if plan is None else plan).explanations["need", "N"]


def told(said: Explanation) -> dict[tuple[str, str], int]:
    """Weeks by reason and standing."""
    return {(reason.code, reason.standing): reason.weeks for reason in said.reasons if reason.weeks}


def test_an_offer_at_a_nearer_site_could_come_sooner_than_anything_from_the_pool() -> None:
    plan = Plan()
    alone = told(said_of(one_need({}, None, FAR, NEAR), plan))
    assert alone["transport_time", "bound"] == 2 * 4, "from the pool, two units are four weeks late in any plan"
    problem = one_need({}, {}, FAR, NEAR)
    said = said_of(problem, plan)
    assert told(said)["transport_time", "bound"] == 2 * 1
    assert told(said)["transport_time", "contributing"] == 2 * 3
    by = {reason.standing: reason for reason in said.reasons if reason.code == "transport_time"}
    assert by["bound"].until == day(1)
    assert by["contributing"].until == day(4)
    assert by["contributing"].entities == (("offer", "V"),)
    words = Words(problem, facts_of(problem, plan))
    assert "the fastest way from the pool takes until" in words.sentence(said, by["contributing"])
    assert "where V could be there sooner" in words.sentence(said, by["contributing"])


@pytest.mark.parametrize("status", ["open", "accepted"])
@pytest.mark.parametrize("day_of", [-3, 3])
def test_an_offer_counts_from_the_day_it_is_there_whatever_its_status(status: str, day_of: int) -> None:
    """It is accepted with nothing sent of it: what dates allow is the same."""
    problem = one_need({}, {"available_on": day(day_of), "status": status}, NEAR)
    plan = Plan(accepted_offers=("V",) if status == "accepted" else ())
    case = Case(serving_of(problem, plan), problem.needs[0], 1.0)
    assert case.soonest_from_pool is None
    assert case.soonest == max(0, day_of) + 1
    assert case.unavoidable == 2 * (max(0, day_of) + 1)


def test_the_plan_that_accepts_the_offer_reaches_what_was_said_to_be_unavoidable() -> None:
    offer = {"replacement_quantity": 2}
    problem = one_need({}, offer, NEAR)
    other = replace(problem, offers=(replace(problem.offers[0], status="accepted"),))
    better = priority_list(other)
    assert check_plan(other, better).passed
    case = Case(serving_of(other, better), other.needs[0], 1.0)
    assert case.planned == told(said_of(problem))["transport_time", "bound"] == 2


@pytest.mark.parametrize(
    ("code", "need", "lanes"),
    [
        ("no_route", {}, (NEAR,)),
        ("expired", {"expires_on": day(2)}, (FAR, NEAR)),
        ("beyond_horizon", {}, (replace(FAR, weeks=9), NEAR)),
    ],
)
def test_where_only_an_offer_could_the_way_from_the_pool_contributes(
    code: str, need: dict[str, Any], lanes: tuple[Lane, ...]
) -> None:
    missing = 2 * (8 + 13)
    by_pool = told(said_of(one_need(need, None, *lanes)))
    assert by_pool == {(code, "bound"): missing}
    problem = one_need(need, {}, *lanes)
    said = said_of(problem)
    assert told(said) == {("transport_time", "bound"): 2, (code, "contributing"): missing - 2}
    reason = next(reason for reason in said.reasons if reason.code == code)
    assert not reason.established
    assert reason.entities == (("offer", "V"),)
    assert "V could be there sooner" in Words(problem, facts_of(problem, Plan())).sentence(said, reason)
    assert "no_stock" not in [reason.code for reason in said.reasons], "stock at the pool would be of no help"


@pytest.mark.parametrize(
    ("code", "offer", "lanes"),
    [
        ("no_route", {}, (Lane("back", "dest", "plant", 1),)),
        ("beyond_horizon", {"available_on": day(8)}, (NEAR,)),
        ("beyond_horizon", {}, (replace(NEAR, weeks=8),)),
        ("expired", {"available_on": day(7)}, (NEAR, replace(FAR, weeks=5))),
        ("no_route", {"item": "other"}, (NEAR,)),
    ],
)
def test_an_offer_that_could_not_come_either_changes_nothing(
    code: str, offer: dict[str, Any], lanes: tuple[Lane, ...]
) -> None:
    need = {"expires_on": day(4)} if code == "expired" else {}
    problem = one_need(need, offer, *lanes, items=(an_item(), an_item("other")))
    assert told(said_of(problem)) == {(code, "bound"): 2 * (8 + 13)}


def test_an_offer_of_a_substitute_counts() -> None:
    changes: dict[str, Any] = {
        "items": (an_item(), an_item("other")),
        "substitutes": (Substitute("missile", "other", 2),),
    }
    said = said_of(one_need({}, {"item": "other"}, NEAR, **changes))
    assert told(said)["transport_time", "bound"] == 2


def test_what_nothing_makes_stays_no_stock_beside_the_way() -> None:
    """From the pool four weeks late at the best, and there is nothing in it; an offer would need one week."""
    nothing: dict[str, Any] = {"lines": (), "line_rates": (), "line_items": (), "stocks": (Stock("missile", 0),)}
    found = told(said_of(one_need({}, {}, FAR, NEAR, **nothing)))
    assert found["transport_time", "bound"] == 2 * 1
    assert found["transport_time", "contributing"] == 2 * 3
    assert found["no_stock", "alone"] == 2 * (8 + 13 - 4)


def accepting(problem: Problem, offer: Offer) -> Problem:
    return replace(problem, offers=tuple(replace(o, status="accepted") if o == offer else o for o in problem.offers))


@DRAWN
@given(problem=problems())
def test_no_plan_with_any_offer_accepted_beats_what_is_unavoidable(problem: Problem) -> None:
    plan = priority_list(problem)
    if not check_plan(problem, plan).passed:
        return
    serving = serving_of(problem, plan)
    cases = {need.need: Case(serving, need, 1.0) for need in problem.needs}
    for other in (problem, *(accepting(problem, offer) for offer in problem.offers)):
        for better in (first_come_first_served(other), priority_list(other)):
            serving = serving_of(other, better)
            for need in other.needs:
                assert Case(serving, need, 1.0).planned >= cases[need.need].unavoidable
