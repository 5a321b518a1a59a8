"""The checker's own derivations, against cases by hand and against slower definitions."""

from __future__ import annotations

import ast
import datetime as dt
import math
import sys
from fractions import Fraction
from itertools import pairwise, permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import models.checker
from models.checker.facts import facts_of
from models.checker.routes import best_routes
from models.checker.timeline import timeline_of
from models.checker.weights import weights_by_recipient
from models.problem import Approval, ApprovalPolicy, Component, ComponentRate, Lane, LineRate, Receipt
from tests.builders import (
    START,
    a_recipient,
    a_weights_policy,
    an_item,
    an_offer,
    an_order,
    bare_problem,
    day,
    small_problem,
    with_policy,
    with_row,
)

CALENDARS = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 6)), min_size=1, max_size=4).map(tuple)
DAYS = st.integers(-60, 900)


def test_the_checker_imports_problem_and_plan_alone() -> None:
    allowed = {"models.problem", "models.plan"}
    for module in Path(models.checker.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                names = [node.module or ""]
            else:
                continue
            for name in names:
                own = name == "models.checker" or name.startswith("models.checker.")
                assert own or name in allowed or name.split(".")[0] in sys.stdlib_module_names, (module.name, name)


@given(CALENDARS, DAYS, st.integers(0, 30))
def test_timeline_is_its_definition(periods: tuple[tuple[int, int], ...], days: int, weeks: int) -> None:
    timeline = timeline_of(bare_problem(periods=periods))
    starts = [START]
    for how_many, length in periods:
        for _ in range(how_many):
            starts.append(starts[-1] + dt.timedelta(weeks=length))
    count = len(starts) - 1
    assert [timeline.day(period) for period in range(count + 1)] == starts

    def period_of(date: dt.date) -> int:
        held = [t for t in range(count) if starts[t] <= date < starts[t + 1]]
        return held[0] if held else (0 if date < START else count)

    date = START + dt.timedelta(days=days)
    assert timeline.period(date) == period_of(date)
    assert timeline.in_horizon(date) == (START <= date < starts[-1])
    for period in range(count):
        assert timeline.shift(period, weeks) == period_of(starts[period] + dt.timedelta(weeks=weeks))
        assert timeline.late(date, period) == max(0, math.ceil(Fraction((starts[period] - date).days, 7)))
    never = math.ceil(Fraction((starts[-1] - date).days, 7)) + 13 if date < starts[-1] else 0
    assert timeline.late(date, count) == never


def test_shift_of_never_is_never() -> None:
    timeline = timeline_of(bare_problem())
    assert timeline.shift(8, 0) == 8


@given(
    CALENDARS, st.lists(st.tuples(st.integers(-40, 200), st.integers(0, 900)), max_size=5, unique_by=lambda row: row[0])
)
def test_slots_are_their_definition(periods: tuple[tuple[int, int], ...], steps: list[tuple[int, int]]) -> None:
    """Day by day, in fractions: rates in hundredths, whatever order the rows come in."""
    rates = tuple(LineRate("missile_line", START + dt.timedelta(days=d), cents / 100) for d, cents in steps)
    facts = facts_of(bare_problem(periods=periods, line_rates=rates))

    def output(until: int) -> int:
        total = Fraction(0)
        for a_day in range(until):
            begun = [step for step in steps if step[0] <= a_day]
            total += Fraction(max(begun)[1], 700) if begun else 0
        return math.floor(total + Fraction(1, 10**9))

    marks = facts.timeline.first_days
    assert facts.slots["missile_line"] == tuple(output(b) - output(a) for a, b in pairwise(marks))


def test_slots_by_hand() -> None:
    """0.4 a week from before the horizon, 3 from the middle of week 3: 1.2 by then, then 12/7 by its end."""
    rates = (LineRate("missile_line", day(3, 3), 3.0), LineRate("missile_line", day(-5), 0.4))
    slots = facts_of(bare_problem(line_rates=rates, periods=((4, 1), (1, 4)))).slots["missile_line"]
    assert slots == (0, 0, 1, 2, 12)


def test_a_tenth_of_a_slot_is_a_tenth() -> None:
    slots = facts_of(bare_problem(line_rates=(LineRate("missile_line", START, 0.1),), periods=((30, 1),))).slots
    assert [t for t, n in enumerate(slots["missile_line"]) if n] == [9, 19, 29]


def test_a_line_with_no_rate_makes_nothing() -> None:
    assert facts_of(bare_problem(line_rates=())).slots["missile_line"] == (0,) * 8


def test_component_supply_by_hand() -> None:
    """Five on hand; 1.5 a week from week 1: nothing more in week 0, then 1, 3, 4; the double week brings 3."""
    problem = bare_problem(
        components=(Component("seeker", 5),),
        component_rates=(ComponentRate("seeker", day(1), 1.5),),
        periods=((4, 1), (1, 2)),
    )
    assert facts_of(problem).component_supply["seeker"] == (5, 6, 8, 9, 12)


def test_receipts_outside_the_horizon_are_ignored() -> None:
    rows = (Receipt("missile", day(2, 6), 3), Receipt("missile", day(2), 1), Receipt("missile", day(8), 9))
    assert facts_of(bare_problem(receipts=rows)).receipts == {"missile": {2: 4}}


def test_routes_by_weeks_then_lanes_then_names() -> None:
    lanes = (
        Lane("b", "plant", "dest", 2),
        Lane("a", "plant", "dest", 2),
        Lane("x", "plant", "hub", 1),
        Lane("y", "hub", "dest", 1),
        Lane("z", "hub", "dest", 0),
        Lane("loop", "hub", "plant", 0),
        Lane("on", "dest", "hub", 0),
        Lane("dead", "plant", "nowhere", 0),
    )
    every = best_routes(lanes, "plant", "dest", max_lanes=4, how_many=9)
    assert list(every.items()) == [(("x", "z"), 1), (("a",), 2), (("b",), 2), (("x", "y"), 2)]
    assert list(best_routes(lanes, "plant", "dest", max_lanes=1, how_many=9)) == [("a",), ("b",)]
    assert list(best_routes(lanes, "plant", "dest", max_lanes=4, how_many=2)) == [("x", "z"), ("a",)]
    assert best_routes(lanes, "nowhere", "dest", max_lanes=4, how_many=2) == {}


@pytest.mark.parametrize(("max_lanes", "found"), [(4, True), (3, True), (2, False), (1, False), (0, False)])
def test_a_route_has_no_more_lanes_than_allowed(max_lanes: int, found: bool) -> None:
    lanes = (Lane("a", "plant", "hub", 1), Lane("b", "hub", "port", 1), Lane("c", "port", "dest", 1))
    assert best_routes(lanes, "plant", "dest", max_lanes, how_many=2) == ({("a", "b", "c"): 3} if found else {})


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 3)), max_size=9),
    st.integers(0, 4),
    st.integers(1, 4),
)
def test_routes_are_their_definition(ends: list[tuple[int, int, int]], max_lanes: int, how_many: int) -> None:
    """Against every sequence of lanes: those that join up, visit no site twice, and are short enough."""
    lanes = [Lane(f"l{k}", f"s{a}", f"s{b}", weeks) for k, (a, b, weeks) in enumerate(ends)]
    paths = []
    for count in range(max_lanes + 1):
        for path in permutations(lanes, count):
            sites = ["s0", *(lane.to_site for lane in path)]
            joined = all(lane.from_site == site for lane, site in zip(path, sites, strict=False))
            if joined and len(set(sites)) == len(sites) and sites[-1] == "s4":
                paths.append((sum(lane.weeks for lane in path), count, [lane.lane for lane in path]))
    expected = [(tuple(names), weeks) for weeks, _, names in sorted(paths)[:how_many]]
    assert list(best_routes(tuple(lanes), "s0", "s4", max_lanes, how_many).items()) == expected


def test_the_destination_needs_no_lane() -> None:
    assert best_routes((Lane("a", "dest", "hub", 0), Lane("b", "hub", "dest", 0)), "dest", "dest", 4, 3) == {(): 0}
    assert facts_of(with_policy(small_problem(), "delivery", pool_site="dest")).routes["pool"] == {(): 0}


def test_routes_where_lanes_are_off() -> None:
    off = [small_problem(delivery=None), small_problem(lanes=())]
    assert [facts_of(problem).routes for problem in off] == [{"pool": {(): 0}, "V-open": {(): 0}}] * 2
    nowhere = facts_of(small_problem(offers=(an_offer(site=None), an_offer("V-port", site="port"))))
    assert nowhere.routes["V-open"] == {}
    assert nowhere.routes["V-port"] == {("road",): 0}


def test_weights_by_hand() -> None:
    """Shares as in the policy's example: 0.35, 0.10, 0.30, 0.15, 0.10; weights from 1 to 8."""
    policy = a_weights_policy(
        maximum=8.0,
        shares={
            "defence_level": 0.35,
            "defence_trend": 0.10,
            "ukraine_support": 0.30,
            "strategic_role": 0.15,
            "economic_contribution": 0.10,
        },
    )
    recipients = (
        a_recipient(
            "POL",
            defence_pct_gdp=4.2,
            defence_pct_gdp_prior=2.1,
            ukraine_military_pct_gdp=2.0,
            strategic_role=1.0,
            economic_contribution=1.0,
        ),
        a_recipient("XXA"),
        a_recipient(
            "DEU",
            defence_pct_gdp=1.75,
            defence_pct_gdp_prior=2.0,
            ukraine_military_pct_gdp=0.5,
            strategic_role=0.4,
        ),
        a_recipient("CHE", defence_pct_gdp=0.7, ukraine_military_pct_gdp=0.0, strategic_role=0.0),
    )
    weights = weights_by_recipient(bare_problem(recipients=recipients, weights=policy))
    # POL: every score clipped to 1. XXA: all missing, so 0.5. DEU: 0.175 + 0 + 0.15 + 0.06 + 0.05.
    # CHE: 0.07 + 0.05 (no year before) + 0 + 0 + 0.05.
    expected = {"POL": 8.0, "XXA": 8**0.5, "DEU": 8**0.435, "CHE": 8**0.17}
    assert weights == pytest.approx(expected, rel=1e-12)


def test_without_a_section_every_weight_is_one() -> None:
    facts = facts_of(small_problem(weights=None))
    assert set(facts.weight.values()) == {1.0}
    assert facts.urgency_factor == {1: 1.0, 2: 1.0, 3: 1.0, 4: 1.0, 5: 1.0}


def test_review_effort_on_the_fast_track() -> None:
    """Half the effort for a recipient at the threshold; not below it, nor where spending is unknown."""
    recipients = (
        a_recipient("POL", defence_pct_gdp=3.5),
        a_recipient("DEU", defence_pct_gdp=3.49),
        a_recipient("CHE"),
    )
    orders = tuple(an_order(f"O-{name}", case=f"C-{name}", recipient=name) for name in ("POL", "DEU", "CHE"))
    approvals = tuple(Approval(f"C-{name}", START, 6.0) for name in ("POL", "DEU", "CHE", "nobody"))
    problem = bare_problem(
        recipients=recipients, orders=orders, approvals=approvals, approval=ApprovalPolicy(4.0, 4, 3.5, 0.5)
    )
    assert facts_of(problem).effort == {"C-POL": 3.0, "C-DEU": 6.0, "C-CHE": 6.0, "C-nobody": 6.0}


def test_an_item_serves_itself_and_substitutes_serve_by_the_table() -> None:
    facts = facts_of(small_problem())
    assert facts.units_per_unit["missile", "missile"] == 1
    assert facts.units_per_unit["missile", "old_missile"] == 2
    assert ("old_missile", "missile") not in facts.units_per_unit


def test_builders_change_what_they_say() -> None:
    problem = with_row(small_problem(), "items", "radar", tonnes=7.0)
    assert [item.tonnes for item in problem.items] == [0.5, 0.5, 7.0, 1.0]
    assert an_item("radar").item == "radar"
