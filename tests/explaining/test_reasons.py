"""Every reason of the closed list, each on an instance in which it is the plain truth."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from models.plan import ApprovedCase, Content, Made, Payment, Plan, Release
from models.problem import (
    Approval,
    ApprovalPolicy,
    Commitment,
    Component,
    ItemComponent,
    Lane,
    Package,
    PackageContent,
    PackagesPolicy,
    Problem,
    ReadinessPolicy,
    Site,
    StabilityPolicy,
    Stock,
)
from models.problem import DeliveryPolicy as Delivery
from optimizer.explaining.facts import facts_of
from optimizer.explaining.reasons import NOTHING_LEFT, REASON_TITLES, REASONS, STANDINGS, Explanation, Subject
from optimizer.reporting.explanation_words import Words
from tests.builders import (
    START,
    a_need,
    a_pledge,
    an_item,
    an_offer,
    an_order,
    bare_problem,
    day,
    to_need,
    to_order,
)
from tests.docs.pages import DOCS

ALL_MADE = tuple(Made("missile_line", "missile", t, 3) for t in range(8))
REVIEW = ApprovalPolicy(3.0, processing_weeks=2, fast_track_pct_gdp=3.5, fast_track_factor=0.5)
POLICY = PackagesPolicy(50.0, 0.1, 2, 4, 5.0, contract_weeks=2)
NO_LINE = {"lines": (), "line_rates": (), "line_items": ()}
ROAD = {
    "sites": (Site("plant", "plant"), Site("dest", "dest")),
    "lanes": (Lane("road", "plant", "dest", 2, 1.0),),
    "delivery": Delivery("plant", "dest", 2, 3),
}
Situation = tuple[Problem, Plan]


def asks(**changes: object) -> Problem:
    return bare_problem(orders=(an_order("D", **changes),))


def needs(need: dict[str, object] | None = None, **changes: object) -> Problem:
    return bare_problem(needs=(a_need("D", **(need or {})),), **changes)


def taken(**changes: object) -> Situation:
    problem = bare_problem(orders=(an_order("D"), an_order("E", quantity=24)), **changes)
    return problem, Plan(made=ALL_MADE, dispatches=(to_order("E", "missile", 24, 7),))


def in_package(period: int, quantity: int, **changes: object) -> Situation:
    problem = needs(
        package_policy=POLICY,
        packages=(Package("P", "proposed"),),
        package_contents=(PackageContent("P", "D", quantity),),
        **changes,
    )
    return problem, Plan(releases=(Release("P", "proposed", period),))


def one_component() -> Situation:
    problem = dataclasses.replace(
        asks(quantity=4), components=(Component("motor", 3),), item_components=(ItemComponent("missile", "motor", 1),)
    )
    made = (Made("missile_line", "missile", 0, 3),)
    return problem, Plan(made=made, dispatches=(to_order("D", "missile", 3, 0),))


def full_road() -> Situation:
    problem = needs({"quantity": 9}, **ROAD, items=(an_item(tonnes=1.0),), stocks=(Stock("missile", 20),))
    return problem, Plan(dispatches=tuple(to_need("D", "missile", 1, (t, t + 2), ("road",)) for t in range(6)))


def promised() -> Situation:
    """All there ever is goes to the giver of an accepted offer."""
    offer = an_offer("V", item="missile", quantity=1, site=None, replacement_quantity=2, status="accepted")
    problem = bare_problem(
        orders=(an_order("D", due_date=day(0)),), offers=(offer,), **(NO_LINE | {"stocks": (Stock("missile", 2),)})
    )
    row = dataclasses.replace(to_order("V", "missile", 2, 0), kind="replacement")
    return problem, Plan(accepted_offers=("V",), dispatches=(row,))


def kept_for_readiness() -> Situation:
    """Two missiles lie above the hard floor, and what would be missing below the readiness floor is dear."""
    problem = dataclasses.replace(
        asks(due_date=day(0)),
        stocks=(Stock("missile", 2, 4),),
        readiness=ReadinessPolicy(400.0),
    )
    plan = Plan(made=(Made("missile_line", "missile", 0, 2),))
    return problem, plan


def kept_stable() -> Situation:
    problem = dataclasses.replace(
        asks(due_date=day(0)),
        stocks=(Stock("missile", 2),),
        commitments=(Commitment("D", "missile", day(1), 2),),
        stability=StabilityPolicy(4, 52.0, 1.0),
    )
    return problem, Plan(dispatches=(to_order("D", "missile", 2, 1),))


def paid(pledge: dict[str, object], need: dict[str, object] | None = None, **policy: object) -> Situation:
    """A new package worth 50 of two needs, wholly paid by A; what is asked is why more of D is not."""
    rules = dataclasses.replace(POLICY, **({"tolerance": 0.4, "max_new": 1} | policy))
    problem = bare_problem(
        needs=(a_need("D", quantity=9, **(need or {})),),
        package_policy=rules,
        pledges=(a_pledge("A", amount_usd_m=50.0), a_pledge("B", **pledge)),
    )
    made = tuple(Made("missile_line", "missile", t, 3) for t in range(2))
    return problem, Plan(
        made=made,
        contents=(Content("NEW-1", "D", 5),),
        releases=(Release("NEW-1", "new", 0),),
        payments=(Payment("NEW-1", "A", "air_defence", 50.0),),
        dispatches=(to_need("D", "missile", 5, (2, 2)),),
    )


def unfit_offer(**changes: object) -> Situation:
    offer = an_offer("V", item="missile", site=None, **changes)
    return bare_problem(needs=(a_need("D"),), offers=(offer,)), Plan()


def only_given() -> Situation:
    items = (an_item(), an_item("old_missile"))
    need = a_need("D", item="old_missile")
    return bare_problem(items=items, needs=(need,), offers=(an_offer("V", site=None),)), Plan()


def _held_twice() -> Situation:
    problem, plan = in_package(0, 5)
    return dataclasses.replace(
        problem,
        packages=(*problem.packages, Package("Q", "proposed")),
        package_contents=(*problem.package_contents, PackageContent("Q", "D", 5)),
    ), plan


def _submitted_late() -> Situation:
    problem = dataclasses.replace(asks(case="C"), approvals=(Approval("C", day(3), 2.0),), approval=REVIEW)
    plan = Plan(made=ALL_MADE[:1], approvals=(ApprovedCase("C", 3),), dispatches=(to_order("D", "missile", 2, 5),))
    return problem, plan


UNDER_REVIEW = {"approvals": (Approval("C", day(0), 2.0),), "approval": REVIEW}
SITUATIONS: list[tuple[str, Subject, str, Callable[[], Situation]]] = [
    ("due_after_horizon", "order", "D", lambda: (asks(due_date=day(9)), Plan())),
    ("due_after_horizon", "need", "D", lambda: (needs({"needed_by": day(8)}), Plan())),
    (
        "due_before_start",
        "order",
        "D",
        lambda: (asks(due_date=day(-3)), Plan(made=ALL_MADE[:1], dispatches=(to_order("D", "missile", 2, 0),))),
    ),
    (
        "transport_time",
        "need",
        "D",
        lambda: (
            needs({"quantity": 2, "needed_by": day(0)}, **ROAD, stocks=(Stock("missile", 2),)),
            Plan(dispatches=(to_need("D", "missile", 2, (0, 2), ("road",)),)),
        ),
    ),
    ("beyond_horizon", "need", "D", lambda: (needs(**(ROAD | {"lanes": (Lane("road", "plant", "dest", 9),)})), Plan())),
    ("no_route", "need", "D", lambda: (needs(**(ROAD | {"lanes": (Lane("road", "dest", "plant", 1),)})), Plan())),
    ("expired", "need", "D", lambda: (needs({"expires_on": day(1)}, **ROAD), Plan())),
    ("earliest_date", "order", "D", lambda: (asks(earliest_date=day(9)), Plan())),
    ("waiting_for_approval", "order", "D", lambda: (dataclasses.replace(asks(case="C"), **UNDER_REVIEW), Plan())),
    (
        "waiting_for_approval",
        "order",
        "D",
        lambda: (dataclasses.replace(asks(case="C"), **UNDER_REVIEW), Plan(approvals=(ApprovedCase("C", 6),))),
    ),
    ("package_not_funded", "need", "D", lambda: (needs(package_policy=POLICY), Plan())),
    ("package_not_funded", "need", "D", lambda: in_package(0, 1)),
    ("released_too_late", "need", "D", lambda: in_package(7, 5)),
    ("replacement_promise", "order", "D", promised),
    ("no_stock", "order", "D", promised),
    ("no_slot", "order", "D", taken),
    ("no_stock", "need", "D", lambda: (needs(**NO_LINE), Plan())),
    ("component_short", "order", "D", one_component),
    (
        "stock_at_floor",
        "order",
        "D",
        lambda: (dataclasses.replace(asks(), stocks=(Stock("missile", 2, 2),), **NO_LINE), Plan()),
    ),
    ("lane_full", "need", "D", full_road),
    ("readiness_kept", "order", "D", kept_for_readiness),
    ("plan_kept_stable", "order", "D", kept_stable),
    ("left_out", "order", "D", lambda: (asks(), Plan())),
    ("left_out", "need", "D", lambda: in_package(0, 5)),
    ("pledges_spent", "need", "D", lambda: paid({"amount_usd_m": 1.0})),
    ("pledge_not_available", "need", "D", lambda: paid({"available_on": day(3)})),
    ("pledge_earmarked", "need", "D", lambda: paid({"earmark": "artillery"})),
    ("below_minimum_contribution", "need", "D", lambda: paid({"amount_usd_m": 15.0}, min_contribution_usd_m=12.0)),
    ("too_many_donors", "need", "D", lambda: paid({}, max_donors=1)),
    ("package_full", "need", "D", lambda: paid({}, tolerance=0.0)),
    ("package_size", "need", "D", lambda: paid({"available_on": day(3)}, max_new=2)),
    ("too_many_packages", "need", "D", lambda: paid({"amount_usd_m": 60.0, "available_on": day(3)})),
    (
        "releases_per_period",
        "need",
        "D",
        lambda: paid(
            {"amount_usd_m": 60.0, "expires_on": day(0, 3)}, max_new=2, max_releases_per_period=1, tolerance=0.0
        ),
    ),
    ("in_other_packages", "package", "Q", _held_twice),
    ("pledges_spent", "package", "P", lambda: (in_package(0, 5)[0], Plan())),
    ("cannot_be_promised", "package", "P", lambda: (in_package(0, 5, **NO_LINE)[0], Plan())),
    (
        "not_needed",
        "pledge",
        "G",
        lambda: (
            needs(
                {"quantity": 1},
                package_policy=POLICY,
                packages=(Package("F", "funded", START),),
                package_contents=(PackageContent("F", "D", 1),),
                pledges=(a_pledge("G"),),
            ),
            Plan(),
        ),
    ),
    (
        "cannot_be_promised",
        "pledge",
        "G",
        lambda: (needs(package_policy=POLICY, pledges=(a_pledge("G"),), **NO_LINE), Plan()),
    ),
    ("too_little", "pledge", "B", lambda: paid({"amount_usd_m": 9.0})),
    ("pledge_not_available", "pledge", "B", lambda: paid({"available_on": day(3)})),
    ("not_needed", "offer", "V", lambda: (bare_problem(offers=(an_offer("V", item="missile", site=None),)), Plan())),
    ("replacement_too_late", "offer", "V", lambda: unfit_offer(replacement_quantity=99)),
    ("left_out", "offer", "V", only_given),
    ("reviewers_busy", "case", "C", lambda: (dataclasses.replace(asks(case="C"), **UNDER_REVIEW), Plan())),
    ("submitted_late", "case", "C", _submitted_late),
    ("no_use", "case", "C", lambda: (dataclasses.replace(asks(case="C", due_date=day(9)), **UNDER_REVIEW), Plan())),
]


def said_of(subject: Subject, name: str, situation: Situation) -> Explanation:
    return facts_of(*situation).explanations[subject, name]


@pytest.mark.parametrize(("code", "subject", "name", "situation"), SITUATIONS)
def test_the_reason_is_given(code: str, subject: Subject, name: str, situation: Callable[[], Situation]) -> None:
    said = said_of(subject, name, situation())
    assert code in [reason.code for reason in said.reasons], said.reasons


@pytest.mark.parametrize(("code", "subject", "name", "situation"), SITUATIONS)
def test_the_sentence_can_be_read(code: str, subject: Subject, name: str, situation: Callable[[], Situation]) -> None:
    problem, plan = situation()
    facts = facts_of(problem, plan)
    said = facts.explanations[subject, name]
    words = Words(problem, facts)
    assert REASON_TITLES[said.reasons[0].code] in words.headline(said)
    assert "None" not in words.headline(said)
    for sentence in words.sentences(said):
        assert sentence.endswith(".")
        assert "None" not in sentence
        assert "  " not in sentence


def test_every_reason_has_a_situation() -> None:
    assert {code for code, _, _, _ in SITUATIONS} == set(REASONS) == set(REASON_TITLES)


def test_what_is_delivered_needs_no_reason() -> None:
    plan = Plan(made=ALL_MADE[:1], dispatches=(to_order("D", "missile", 2, 0),))
    facts = facts_of(asks(), plan)
    assert facts.orders[0].reason is None
    assert facts.explanations == {}


def test_by_its_dates_alone_is_said_of_demands_and_cases_only() -> None:
    """What a pledge or a package cannot do is a matter of what stands in the plan: of another plan nothing is said."""
    seen: dict[bool, set[str]] = {True: set(), False: set()}
    for _, subject, name, situation in SITUATIONS:
        problem, plan = situation()
        facts = facts_of(problem, plan)
        said = facts.explanations[subject, name]
        for reason in said.reasons:
            if reason.standing == "bound":
                of_money = subject in ("pledge", "package")
                assert (reason.code in NOTHING_LEFT) == of_money, (subject, reason)
                begins = "Because " if of_money else "By its dates alone: "
                assert Words(problem, facts).sentence(said, reason).startswith(begins)
                seen[of_money].add(reason.code)
    assert seen[True] == set(NOTHING_LEFT)
    assert {"due_before_start", "transport_time", "no_route", "submitted_late"} <= seen[False]


def test_the_page_says_what_a_standing_means() -> None:
    rows = {}
    for line in (DOCS / "explaining.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            rows[line.split("`")[1]] = line
    assert set(STANDINGS) <= set(rows)
    for code in NOTHING_LEFT:
        assert f"`{code}`" in rows["bound"]
    for text in (STANDINGS["bound"], rows["bound"]):
        assert "for a pledge or a package" in text
        assert "what stands in the plan leaves nothing" in text
