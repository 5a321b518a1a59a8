"""Who passed whom: the story of Germany and Switzerland, the plan before, and what must hold for every plan."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings

from models.baselines import first_come_first_served, priority_list
from models.checker import check_plan
from models.plan import Plan
from models.problem import Commitment, LineItem, PackageContent, PackagesPolicy, Problem
from optimizer.explaining.facts import facts_of
from optimizer.explaining.ledger import LEAST, Ledger, ledger, ledger_of_commitments
from optimizer.explaining.overtaking import overtaken
from optimizer.explaining.turns import leaving, windows
from tests.builders import a_need, an_item, an_order, bare_problem, day, to_need, to_order, with_row
from tests.explaining.patriot import patriot, patriot_plan
from tests.strategies import problems

FAST = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def against_first_come(problem: Problem, plan: Plan) -> Ledger:
    return ledger(problem, plan, facts_of(problem, plan), facts_of(problem, first_come_first_served(problem)))


def seen(found: Ledger) -> dict[tuple[str, str], str]:
    return {(row.passer[1], row.passed[1]): row.right for row in found.passes}


def test_the_story_is_legal() -> None:
    assert check_plan(patriot(), patriot_plan()).passed
    assert check_plan(patriot(), first_come_first_served(patriot())).passed


def test_the_story_of_germany_and_switzerland() -> None:
    found = against_first_come(patriot(), patriot_plan())
    assert seen(found) == {
        ("N-1", "CHE-1"): "urgency",
        ("N-1", "DEU-1"): "no_loss",
        ("N-1", "GIFT"): "no_loss",
        ("DEU-1", "CHE-1"): "weight",
        ("GIFT", "CHE-1"): "replacement_promise",
    }
    swiss = found.of("order", "CHE-1")
    assert (swiss.before, swiss.now) == (1.0, 7.0)
    assert (swiss.passed_count, swiss.passed_by_count) == (0, 3)
    assert swiss.harmed
    assert not found.of("order", "DEU-1").harmed
    [promise] = [row for row in swiss.passed_by if row.right == "replacement_promise"]
    assert (promise.behind, promise.ahead, promise.weeks) == (4.0, 2.0, 6.0)
    assert (promise.slots, promise.value_usd_m, promise.lines) == (2, 800.0, ("L",))
    [weight] = [row for row in swiss.passed_by if row.right == "weight"]
    assert weight.weights == (16.0, pytest.approx(2.0))
    assert weight.contribution == "defence_level"


def test_of_somebody_unknown_nothing_is_said() -> None:
    with pytest.raises(KeyError):
        against_first_come(patriot(), patriot_plan()).of("need", "CHE-1")


def test_the_order_of_service_itself_passes_nobody() -> None:
    problem = patriot()
    found = against_first_come(problem, first_come_first_served(problem))
    assert found.passes == ()
    assert found.pairs == found.left_out == 0


def test_gifts_wait_in_no_queue() -> None:
    """A need served from an offer asks nothing of the pool."""
    problem = with_row(patriot(), "needs", "N-1", item="OLD")
    plan = patriot_plan(
        dispatches=(to_need("N-1", "OLD", 2, (0, 0), origin="GIFT"), *patriot_plan().dispatches[2:]),
    )
    found = against_first_come(problem, plan)
    assert found.of("need", "N-1").now is None
    assert all("N-1" not in pair for pair in seen(found))


def test_those_who_share_no_line_pass_nobody_and_those_who_do_can() -> None:
    two = (an_item("missile"), an_item("radar"))
    orders = (an_order("A", quantity=1, due_date=day(0)), an_order("B", item="radar", quantity=1, due_date=day(0)))
    shared = (LineItem("missile_line", "missile", 1), LineItem("missile_line", "radar", 1))
    problem = bare_problem(items=two, orders=orders, line_items=shared)
    before = Plan(dispatches=(to_order("A", "missile", 1, 1), to_order("B", "radar", 1, 3)))
    plan = Plan(dispatches=(to_order("B", "radar", 1, 0), to_order("A", "missile", 1, 5)))
    apart = replace(problem, line_items=shared[:1])
    for one, pairs in ((problem, {("B", "A")}), (apart, set())):
        found = ledger(one, plan, facts_of(one, plan), facts_of(one, before))
        assert set(seen(found)) == pairs


def test_windows_that_do_not_meet_are_no_queue() -> None:
    """A must leave by week 2, B may from week 4 on: neither could have the slots of the other."""
    orders = (an_order("A", quantity=1, firm_by=day(2)), an_order("B", quantity=1, due_date=day(0)))
    problem = bare_problem(orders=orders)
    before = Plan(dispatches=(to_order("B", "missile", 1, 0), to_order("A", "missile", 1, 2)))
    plan = Plan(dispatches=(to_order("A", "missile", 1, 1), to_order("B", "missile", 1, 5)))
    assert set(seen(ledger(problem, plan, facts_of(problem, plan), facts_of(problem, before)))) == {("A", "B")}
    later = with_row(problem, "orders", "B", earliest_date=day(4))
    assert seen(ledger(later, plan, facts_of(later, plan), facts_of(later, before))) == {}


@pytest.mark.parametrize("level", ["before", "now"])
def test_who_is_level_passes_nobody(level: str) -> None:
    problem = bare_problem(orders=(an_order("A", due_date=day(0)), an_order("B", due_date=day(0))))
    same = Plan(dispatches=(to_order("A", "missile", 2, 1), to_order("B", "missile", 2, 1)))
    apart = Plan(dispatches=(to_order("A", "missile", 2, 1), to_order("B", "missile", 2, 3)))
    before, plan = (same, apart) if level == "before" else (apart, same)
    assert seen(ledger(problem, plan, facts_of(problem, plan), facts_of(problem, before))) == {}


def test_what_is_due_after_the_horizon_and_gets_nothing_stands_in_no_queue() -> None:
    """Unless it is sent something: then it wanted the slots it took."""
    orders = (an_order("A", quantity=1, due_date=day(20)), an_order("B", quantity=1, due_date=day(0)))
    problem = bare_problem(orders=orders)
    before = Plan(dispatches=(to_order("A", "missile", 1, 0), to_order("B", "missile", 1, 1)))
    unserved = Plan(dispatches=(to_order("B", "missile", 1, 0),))
    served = Plan(dispatches=(to_order("B", "missile", 1, 0), to_order("A", "missile", 1, 4)))
    for plan, pairs in ((unserved, {}), (served, {("B", "A"): "no_loss"})):
        assert seen(ledger(problem, plan, facts_of(problem, plan), facts_of(problem, before))) == pairs


def test_what_was_not_asked_for_before_stood_behind_everybody() -> None:
    known = bare_problem(orders=(an_order("A", due_date=day(0)),))
    problem = bare_problem(orders=(*known.orders, an_order("NEW", due_date=day(0))))
    plan = Plan(dispatches=(to_order("NEW", "missile", 2, 0), to_order("A", "missile", 2, 4)))
    before = facts_of(known, Plan(dispatches=(to_order("A", "missile", 2, 0),)))
    found = ledger(problem, plan, facts_of(problem, plan), before, "other_plan")
    [row] = found.passes
    assert (row.passer, row.passed, row.behind, row.ahead) == (("order", "NEW"), ("order", "A"), 8.0, 4.0)


def test_weeks_of_another_plan_are_counted_from_the_start_of_this_one() -> None:
    problem = bare_problem(orders=(an_order("A"), an_order("B")))
    earlier = bare_problem(orders=problem.orders, start=day(-2))
    then = facts_of(earlier, Plan(dispatches=(to_order("A", "missile", 2, 2),)))
    assert leaving(then, problem.start, 8.0) == {("order", "A"): 0.0, ("order", "B"): 8.0}


@pytest.mark.parametrize(("committed", "pairs"), [(("A", "B"), {("B", "A")}), (("B", "A"), set())])
def test_against_the_plan_before(committed: tuple[str, str], pairs: set[tuple[str, str]]) -> None:
    orders = (an_order("A", quantity=1, due_date=day(0)), an_order("B", quantity=1, due_date=day(0)))
    rows = tuple(Commitment(name, "missile", day(week), 1) for week, name in enumerate(committed))
    problem = bare_problem(orders=orders, commitments=rows)
    plan = Plan(dispatches=(to_order("B", "missile", 1, 0), to_order("A", "missile", 1, 5)))
    found = ledger_of_commitments(problem, plan, facts_of(problem, plan))
    assert found is not None
    assert set(seen(found)) == pairs
    assert found.until == 2.0, "nothing is known of the plan before from week 2 on"
    assert found.case == "plan_before"
    assert found.of("order", "A").now == 2.0, "what leaves later counts as leaving when knowledge ends"


def test_commitments_of_substitutes_are_counted_in_units_of_the_need() -> None:
    from models.problem import Substitute

    problem = bare_problem(
        items=(an_item(), an_item("old_missile")),
        needs=(a_need("N", quantity=4),),
        substitutes=(Substitute("missile", "old_missile", 2),),
        commitments=(Commitment("N", "old_missile", day(1), 4), Commitment("N", "missile", day(40), 1)),
    )
    plan = Plan()
    found = ledger_of_commitments(problem, plan, facts_of(problem, plan))
    assert found is not None
    assert found.of("need", "N").before == 1.5, "two in week 1, two when knowledge ends"


def test_without_commitments_there_is_no_plan_before() -> None:
    problem = bare_problem(orders=(an_order("A"),), commitments=(Commitment("A", "missile", day(-3), 1),))
    assert ledger_of_commitments(problem, Plan(), facts_of(problem, Plan())) is None


def test_who_waits_for_a_package_says_so() -> None:
    policy = PackagesPolicy(20.0, 0.1, 0, 4, 5.0, contract_weeks=0)
    problem = bare_problem(
        orders=(an_order("A", quantity=1, due_date=day(0)),),
        needs=(a_need("N", quantity=1, needed_by=day(0)),),
        package_policy=policy,
        package_contents=(PackageContent("P", "N", 1),),
    )
    before, plan = (
        Plan(dispatches=(to_need("N", "missile", 1, (0, 0)), to_order("A", "missile", 1, 3))),
        Plan(dispatches=(to_order("A", "missile", 1, 0),)),
    )
    found = ledger(problem, plan, facts_of(problem, plan), facts_of(problem, before))
    assert seen(found) == {("A", "N"): "awaiting_package"}


@given(problems())
@FAST
def test_a_passed_b_exactly_if_b_was_passed_by_a(problem: Problem) -> None:
    plan = priority_list(problem)
    facts, first = facts_of(problem, plan), facts_of(problem, first_come_first_served(problem))
    found = ledger(problem, plan, facts, first)
    until = float(facts.calendar.week(facts.calendar.count))
    before, now = leaving(first, problem.start, until), leaving(facts, problem.start, until)
    window, lines = windows(problem, facts), {item.item: {item.item} for item in problem.items}
    for row in problem.line_items:
        lines[row.item].add(row.line)
    item = {(d.kind, d.demand): d.item for d in facts.demands}
    expected = {
        (a, b)
        for a, b in permutations(now, 2)
        if before.get(a, until) > before.get(b, until)
        and now[a] < now[b]
        and lines[item[a]] & lines[item[b]]
        and max(window[a].opens, window[b].opens) < min(window[a].closes, window[b].closes)
    }
    assert {(row.passer, row.passed) for row in found.passes} == expected
    assert not {(b, a) for a, b in expected} & expected
    for entry in found.entries.values():
        assert {row.passed for row in entry.passed} == {b for a, b in expected if a == entry.key}
        assert {row.passer for row in entry.passed_by} == {a for a, b in expected if b == entry.key}
        assert (len(entry.passed), len(entry.passed_by)) == (entry.passed_count, entry.passed_by_count)
        assert entry.gained == pytest.approx(sum(row.strength for row in entry.passed))
        assert entry.lost == pytest.approx(sum(row.strength for row in entry.passed_by))


def test_of_many_only_the_strongest_are_kept_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve orders in reverse: the first was passed by eleven."""
    from optimizer.explaining import ledger as module
    from optimizer.explaining import overtaking

    count = 12
    orders = tuple(an_order(f"O{k:02}", quantity=1 + k % 3, due_date=day(0)) for k in range(count))
    problem = bare_problem(orders=orders, periods=((count, 1),))
    forth = Plan(dispatches=tuple(to_order(f"O{k:02}", "missile", 1 + k % 3, k) for k in range(count)))
    back = Plan(dispatches=tuple(to_order(f"O{k:02}", "missile", 1 + k % 3, count - 1 - k) for k in range(count)))
    whole = ledger(problem, back, facts_of(problem, back), facts_of(problem, forth))
    monkeypatch.setattr(module, "ABOUT", 1)
    monkeypatch.setattr(overtaking, "_BLOCK", 2 * count + 1)
    short = ledger(problem, back, facts_of(problem, back), facts_of(problem, forth))
    assert whole.left_out == 0
    assert short.pairs == whole.pairs == len(whole.passes) == count * (count - 1) // 2
    assert len(short.passes) == len(whole.passes) - short.left_out < len(whole.passes)
    assert set(short.passes) < set(whole.passes)
    for key, entry in short.entries.items():
        for mine, all_of_them in (
            (entry.passed, whole.entries[key].passed),
            (entry.passed_by, whole.entries[key].passed_by),
        ):
            least = min((row.strength for row in all_of_them[:LEAST]), default=0.0)
            assert sum(row.strength >= least for row in mine) >= min(LEAST, len(all_of_them))
        assert entry.lost == pytest.approx(whole.entries[key].lost)


def test_equal_strengths_do_not_keep_more_than_asked() -> None:
    import numpy as np

    from optimizer.explaining.overtaking import Standing

    count = 6
    same = np.ones(count)
    before = np.array([0.0, *[5.0] * (count - 1)])
    now = np.array([9.0, *[1.0] * (count - 1)])
    found = overtaken(
        Standing(before, now, 0 * same, 10 * same, same, 0 * same, np.zeros(count, dtype=np.int64), None), 1
    )
    assert found.passed_by[0] == count - 1
    assert set(found.pairs) == {(k, 0) for k in range(1, count)}, (
        "everyone keeps its own strongest, worth nothing or not"
    )
