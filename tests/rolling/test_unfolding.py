"""What is known, what is true, what comes too late: and that no slot is lost or won by planning often."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from models.calendar import calendar_of
from models.capacity import component_cumulative, slots
from models.checker.supply import slots_by_line
from models.checker.timeline import timeline_of
from models.plan import ApprovedCase, Dispatch, Payment, Plan
from models.problem import LineRate, Need, Problem
from optimizer.rolling.unfolding import Unfolding, elapsed_part, money_unspent, rates_from, spliced
from optimizer.scenarios.disturbances import (
    ComponentShortage,
    Drawn,
    LatePledge,
    LineSlip,
    LongerReview,
    UrgentNeed,
    WithdrawnOffer,
)
from optimizer.scenarios.draw import draw
from tests.builders import as_replacement, bare_problem, day, small_plan, small_problem, to_need
from tests.scenarios.histories import a_problem, all_kinds
from tests.strategies import problems


def later(problem: Problem, week: int) -> Problem:
    """The instance some weeks later, its rates cut as they stand."""
    calendar = calendar_of(problem)
    start, end = calendar.day(week), calendar.day(week + 1)
    left = tuple((1, weeks) for weeks in calendar.weeks[week:])
    steps: dict[str, list[tuple[dt.date, float]]] = {}
    for row in problem.line_rates:
        steps.setdefault(row.line, []).append((row.from_date, row.slots_per_week))
    rates = [
        LineRate(line, *step) for line, own in steps.items() for step in rates_from(own, problem.start, start, end)
    ]
    return replace(problem, start=start, periods=left, line_rates=tuple(rates))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    rates=st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.39, 0.5, 1 / 3, 2.5, 0.808]), min_size=1, max_size=3),
    weeks=st.lists(st.integers(-3, 40), min_size=3, max_size=3, unique=True),
    week=st.integers(0, 5),
)
def test_slots_do_not_depend_on_when_counting_begins(rates: list[float], weeks: list[int], week: int) -> None:
    rows = tuple(LineRate("missile_line", day(at, at % 7), rate) for at, rate in zip(weeks, rates, strict=False))
    problem = bare_problem(line_rates=rows, periods=((6, 1), (3, 2)))
    whole = slots(problem, calendar_of(problem))["missile_line"]
    cut = later(problem, week)
    assert slots(cut, calendar_of(cut))["missile_line"] == whole[week:]
    assert slots_by_line(cut, timeline_of(cut))["missile_line"] == tuple(whole[week:])


def test_half_a_slot_a_week_would_be_lost_without_what_was_begun() -> None:
    """The mutation: a rate that is only cut turns out nothing in its first week, every week anew."""
    problem = bare_problem(line_rates=(LineRate("missile_line", day(0), 0.5),))
    cut = later(problem, 1)
    naive = replace(cut, line_rates=problem.line_rates)
    assert slots(cut, calendar_of(cut))["missile_line"][0] == 1
    assert slots(naive, calendar_of(naive))["missile_line"][0] == 0


def test_spliced() -> None:
    true, known = [(day(0), 3.0), (day(2), 1.0)], [(day(0), 3.0), (day(4), 5.0)]
    assert spliced(true, known, day(3)) == [(day(0), 3.0), (day(2), 1.0), (day(3), 3.0), (day(4), 5.0)]
    assert spliced(true, known, day(2)) == [(day(0), 3.0), (day(4), 5.0)]
    assert spliced(true, known, day(0)) == known
    assert spliced([(day(1), 2.0)], [(day(1), 2.0)], day(0)) == [(day(1), 2.0)]


def history() -> Drawn:
    """A slip from week 1 that is seen in week 3, a shortage seen at once, a need, and what may come too late."""
    return Drawn(
        line_slips=(LineSlip("missile_line", day(1), day(5), 0.5, day(3)),),
        component_shortages=(ComponentShortage("seeker", day(2), day(4), 0.0, day(2)),),
        urgent_needs=(UrgentNeed(Need("N-new", "radar", 1, 1, day(3)), day(1)),),
        late_pledges=(LatePledge("G-later", day(5), 7.5, day(1)),),
        withdrawn_offers=(WithdrawnOffer("V-open", day(1)),),
        longer_reviews=(LongerReview("C-review", 1.5, day(1)),),
    )


def test_the_first_day_knows_what_is_known_then() -> None:
    problem = a_problem()
    assert Unfolding(problem, history()).first() == problem
    known = replace(history(), line_slips=(LineSlip("missile_line", day(1), day(5), 0.5, day(0)),))
    first = Unfolding(problem, known).first()
    assert slots(first, calendar_of(first))["missile_line"][:3] == [3, 1, 2]


def test_a_week_is_true_whether_known_or_not_and_the_rest_as_it_is_known() -> None:
    """The slip of week 1 is not seen before week 3: until then each week falls short, and the next is believed in."""
    problem = a_problem()
    unfolding = Unfolding(problem, history())
    second, _ = unfolding.edited(problem, Plan(), day(1))
    second = replace(second, start=day(1), periods=((7, 1), (2, 2)))
    world = unfolding.world(second, day(2))
    assert slots(world, calendar_of(world))["missile_line"][:2] == [1, 3]
    seen, _ = unfolding.edited(replace(second, start=day(2), periods=((6, 1), (2, 2))), Plan(), day(3))
    # 4.5 slots by week 2, then 6, 7.5, 10 (a half of five), 15
    assert slots(seen, calendar_of(seen))["missile_line"][:4] == [2, 1, 3, 5]


def test_a_component_that_dried_up() -> None:
    unfolding = Unfolding(a_problem(), history())
    third = replace(a_problem(), start=day(2), periods=((6, 1), (2, 2)))
    world = unfolding.world(third, day(3))
    cumulative = component_cumulative(world, calendar_of(world))["seeker"]
    assert cumulative[:3] == [2, 2, 4]  # two on hand, nothing for two weeks


def test_what_is_known_is_edited_in() -> None:
    problem = a_problem()
    edited, aside = Unfolding(problem, history()).edited(problem, Plan(), day(1))
    assert aside == ()
    assert [row.need for row in edited.needs][-1] == "N-new"
    assert edited.offers == ()
    assert [row.amount_usd_m for row in edited.pledges if row.pledge == "G-later"] == [7.5]
    assert [row.review_weeks for row in edited.approvals] == [5.5, 4.0]


def test_what_comes_too_late_stands_aside() -> None:
    problem, drawn = a_problem(), history()
    done = Plan(
        dispatches=(as_replacement("V-open", "missile", 1, 0),),
        payments=(Payment("P", "G-later", "ammunition", 5.0),),
        approvals=(ApprovedCase("C-review", 0),),
    )
    edited, aside = Unfolding(problem, drawn).edited(problem, done, day(1))
    assert set(aside) == {drawn.late_pledges[0], drawn.withdrawn_offers[0], drawn.longer_reviews[0]}
    assert edited.offers == problem.offers
    assert edited.pledges == problem.pledges
    assert edited.approvals == problem.approvals
    gift = Plan(dispatches=(to_need("N-missile", "old_missile", 2, (0, 1), ("rail",), origin="V-open"),))
    assert drawn.withdrawn_offers[0] in Unfolding(problem, drawn).edited(problem, gift, day(1))[1]


def test_an_offer_of_which_a_part_has_gone_before_is_not_withdrawn() -> None:
    problem = a_problem()
    part = replace(problem, offers=tuple(replace(row, replacement_quantity=1) for row in problem.offers))
    assert history().withdrawn_offers[0] in Unfolding(problem, history()).edited(part, Plan(), day(1))[1]


def test_the_outcome_is_true_up_to_the_last_day_and_leaves_out_what_stood_aside() -> None:
    problem, drawn = a_problem(), history()
    outcome = Unfolding(problem, drawn).outcome([drawn.withdrawn_offers[0]], day(2))
    assert [row.offer for row in outcome.offers] == ["V-open"]
    # week 1 fell short although nobody knew; from week 2 on the full rate was still believed
    assert slots(outcome, calendar_of(outcome))["missile_line"][:4] == [3, 1, 3, 3]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(problem=problems(), seed=st.integers(0, 500))
def test_day_after_day_adds_up_to_the_truth(problem: Problem, seed: int) -> None:
    """The first weeks of the worlds, one after the other, are the slots of the realised instance."""
    drawn = draw(problem, all_kinds(0.4), seed)
    unfolding = Unfolding(problem, drawn)
    calendar = calendar_of(problem)
    whole = unfolding.outcome([], calendar.day(calendar.count))
    expected = slots(whole, calendar_of(whole))
    now = unfolding.first()
    found: dict[str, list[int]] = {line.line: [] for line in problem.lines}
    for t in range(calendar.count):
        now = replace(now, start=calendar.day(t), periods=tuple((1, weeks) for weeks in calendar.weeks[t:]))
        world = unfolding.world(now, calendar.day(t + 1))
        # lines that nothing strikes keep the rows they have, which advancing would roll on
        struck = {row.line for row in (*drawn.line_slips, *drawn.late_ramps)}
        for line, row in slots(world, calendar_of(world)).items():
            found[line].append(row[0] if line in struck else expected[line][t])
    assert found == expected


def test_elapsed_part() -> None:
    part = elapsed_part(small_plan())
    assert {row.period for row in (*part.dispatches, *part.made, *part.releases)} == {0}
    assert {row.package for row in part.payments} == {"P-proposed"}
    assert part.contents == ()
    assert part.accepted_offers == ("V-open",)


def test_money_unspent() -> None:
    pledges = small_problem().pledges
    assert money_unspent(pledges, day(0), day(0, 6)) == 45.0
    assert money_unspent(pledges, day(6), day(6, 6)) == 45.0  # G-ammo expires on the Monday
    assert money_unspent(pledges, day(7), day(7, 6)) == 25.0
    assert money_unspent(pledges, day(-1), day(-1, 6)) == 0.0
    midweek = (replace(pledges[0], available_on=day(2, 3)),)
    assert money_unspent(midweek, day(2), day(2, 6)) == 15.0


def test_dispatches_of_later_weeks_are_left_out() -> None:
    plan = Plan(dispatches=(Dispatch("O", "order", "pool", "missile", 1, 1, 1),))
    assert elapsed_part(plan).dispatches == ()
