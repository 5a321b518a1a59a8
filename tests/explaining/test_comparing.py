"""Two plans side by side: sums, mirror images, what the difference proves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from models.plan import Plan, Terms
from models.problem import TERMS, ObjectivePolicy
from optimizer.explaining.comparing import SIGNIFICANCE, Comparison, Side, compare, names, narrowed
from optimizer.explaining.moved import MOVEMENTS
from tests.builders import an_order, bare_problem, small_plan, small_problem, to_order, with_row
from tests.explaining.pairs import compared, pairs, side

SMALL, PLAN = small_problem(), small_plan()
OPPOSITE = {"new": "gone", "gone": "new", "earlier": "later", "later": "earlier"}


@given(pairs())
@settings(max_examples=30, derandomize=True, deadline=None)
def test_a_plan_and_itself_differ_in_nothing(pair: tuple[Side, Side]) -> None:
    for one in pair:
        found = compare(one, one)
        assert found.same
        assert (found.inputs, found.moved, found.causes, found.difference) == ((), (), {}, 0.0)
        spans = (found.stability.frozen, found.stability.later)
        assert all(span.same_units == span.old_units == span.new_units for span in spans)


@given(pairs())
@settings(max_examples=40, derandomize=True, deadline=None)
def test_sums_are_the_difference_of_the_terms(pair: tuple[Side, Side]) -> None:
    found = compare(*pair)
    terms = {pair.name: pair.difference for pair in found.terms}
    delay = terms["needs_delay"] + terms["orders_delay"]
    for rows in (found.demands, found.recipients, found.items):
        assert sum(row.delay for row in rows) == pytest.approx(delay, abs=1e-6)
    assert sum(row.difference for row in found.floors) == pytest.approx(terms["readiness_shortfall"], abs=1e-6)
    changed = sum(row.new_cost - row.old_cost for row in found.stability.commitments)
    assert changed == pytest.approx(terms["plan_change"], abs=1e-6)
    for group in (found.recipients, found.items):
        assert sum(row.earlier for row in group) == sum(change.earlier for change in found.demands)
        assert sum(row.moved for row in group) == len(found.moved)


@given(pairs())
@settings(max_examples=40, derandomize=True, deadline=None)
def test_seen_from_the_other_side_it_is_the_mirror_image(pair: tuple[Side, Side]) -> None:
    there, back = compare(*pair), compare(*reversed(pair))
    assert back.difference == -there.difference
    assert (back.same, back.significance) == (there.same, there.significance)
    assert (back.old_in_new, back.new_in_old) == (there.new_in_old, there.old_in_new)
    mirrored = {change.key: change for change in back.demands}
    for change in there.demands:
        other = mirrored.pop(change.key)
        assert (other.earlier, other.later, other.delay) == (change.later, change.earlier, -change.delay)
        assert other.weighted == -change.weighted
        assert other.movement == OPPOSITE.get(change.movement, change.movement)
    assert mirrored == {}
    codes = {key: [cause.code for cause in causes] for key, causes in there.causes.items()}
    assert codes == {key: [cause.code for cause in causes] for key, causes in back.causes.items()}
    for name in ("donors", "lines", "floors"):
        old, new = ({p.name: p.difference for p in getattr(c, name)} for c in (there, back))
        assert {key: -value for key, value in old.items()} == pytest.approx(new)
    for span, other_span in (
        (there.stability.frozen, back.stability.frozen),
        (there.stability.later, back.stability.later),
    ):
        assert (span.old_units, span.new_units, span.same_units) == (
            other_span.new_units,
            other_span.old_units,
            other_span.same_units,
        )


@given(pairs())
@settings(max_examples=40, derandomize=True, deadline=None)
def test_everything_that_moved_has_a_cause_of_the_list(pair: tuple[Side, Side]) -> None:
    found = compare(*pair)
    assert set(found.causes) == {change.key for change in found.moved}
    for change in found.moved:
        causes = found.causes[change.key]
        assert change.movement in MOVEMENTS
        assert causes
        assert [cause.code for cause in causes if cause.proven] == ["own_row"] * any(c.proven for c in causes)
        assert all(key in found.whole for cause in causes if cause.code != "offer" for key in cause.demands)
        if change.movement in ("new", "gone") and change.kind != "replacement":
            assert causes[0].code == "own_row"


@given(pairs())
@settings(max_examples=30, derandomize=True, deadline=None)
def test_the_two_effects_are_the_whole_difference(pair: tuple[Side, Side]) -> None:
    found = compare(*pair)
    if found.effects is not None:
        assert found.effects.input + found.effects.replanning == pytest.approx(found.difference, abs=1e-6)
    else:
        assert found.old.broken or not found.old_in_new.legal
        assert found.new.broken or not found.new_in_old.legal
    if found.same_instance and found.effects is not None:
        assert found.effects.input == pytest.approx(0, abs=1e-6)


def test_the_checker_decides_whether_the_difference_can_be_split() -> None:
    """A mutation: if the legality of the carried plan were not asked for, a split would be claimed here."""
    slower = replace(SMALL, line_rates=tuple(replace(row, slots_per_week=1.0) for row in SMALL.line_rates))
    nothing = Plan(accepted_offers=(), approvals=PLAN.approvals)
    found = compared((SMALL, PLAN), (slower, nothing))
    assert not found.old_in_new.legal
    assert found.effects is None or found.effects.by == "new"


def sides(old: tuple[float, float | None], new: tuple[float, float | None], *, mode: str = "weighted") -> Comparison:
    """Two instances that differ in one row, with objectives and bounds as told."""
    problem = replace(bare_problem(orders=(an_order(),)), objective=ObjectivePolicy(mode=mode))  # type: ignore[arg-type]
    other = with_row(problem, "orders", "O-each", quantity=3)
    first = replace(side(problem, bound=old[1]), terms=Terms(orders_delay=old[0]))
    return compare(first, replace(side(other, bound=new[1]), terms=Terms(orders_delay=new[0])))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ((100.0, 99.0), (110.0, 108.0), "proven"),
        ((110.0, 108.0), (100.0, 99.0), "proven"),
        ((100.0, 99.0), (110.0, 100.0), "within_gaps"),
        ((110.0, 100.0), (100.0, 99.0), "within_gaps"),
        ((100.0, 100.0), (100.0, 100.0), "within_gaps"),
        ((100.0, None), (200.0, 200.0), "unknown"),
    ],
)
def test_significance(old: tuple[float, float | None], new: tuple[float, float | None], expected: str) -> None:
    found = sides(old, new)
    assert found.significance == expected
    assert found.significance in SIGNIFICANCE
    assert (found.best_difference is None) == (expected == "unknown")


def test_stages_are_not_measured_by_their_sum() -> None:
    assert sides((100.0, 99.0), (200.0, 199.0), mode="lexicographic").significance == "by_stages"


def test_plans_of_one_instance() -> None:
    found = compared((SMALL, PLAN), (replace(SMALL, name="renamed"), Plan(approvals=PLAN.approvals)))
    assert found.same_instance
    assert found.significance == "same_instance"
    assert [change.column for change in found.inputs] == ["name"]
    assert not found.same


def test_narrowed_to_a_recipient_a_demand_or_an_item() -> None:
    whole = compared((SMALL, PLAN), (SMALL, Plan()))
    for name, expected in (
        ("POL", {"O-each"}),
        ("N-shell", {"N-shell"}),
        ("shell", {"O-complete", "O-later", "N-shell"}),
        ("Ukraine", {"N-missile", "N-shell"}),
    ):
        assert name in names(whole)
        found = narrowed(whole, [name])
        assert {change.demand for change in found.demands} == expected
        assert set(found.causes) == {change.key for change in found.moved}
        assert sum(row.delay for row in found.recipients) == sum(change.delay for change in found.demands)
        assert (found.terms, found.difference, found.only) == (whole.terms, whole.difference, (name,))


def test_what_stays_and_what_was_committed() -> None:
    problem = bare_problem(orders=(an_order(quantity=4), an_order("O-two", quantity=2)))
    old = Plan(dispatches=(to_order("O-each", "missile", 4, 0), to_order("O-two", "missile", 2, 3)))
    new = Plan(dispatches=(to_order("O-each", "missile", 1, 0), to_order("O-each", "missile", 3, 1)))
    found = compared((problem, old), (problem, new)).stability
    assert found.frozen_weeks == 0
    assert found.frozen.old_units == 0
    assert (found.later.old_units, found.later.new_units, found.later.same_units) == (6, 4, 1)
    assert (found.later.share_of_units, found.later.share_of_value) == (1 / 6, 1 / 6)


def test_frozen_weeks_and_commitments_not_kept() -> None:
    found = compared((SMALL, PLAN), (SMALL, Plan())).stability
    assert found.frozen_weeks == 2
    assert found.frozen.old_units > 0 == found.frozen.same_units
    row = next(row for row in found.commitments if row.demand == "O-each")
    assert (row.old_committed, row.new_committed, row.old_missing, row.new_missing) == (2, 2, 0, 2)
    assert (row.old_cost, row.new_cost) == (0.0, 10.0 * 52 * 2)


def test_decisions_of_both() -> None:
    found = compared((SMALL, PLAN), (SMALL, Plan()))
    assert [(row.name, row.old, row.new) for row in found.offers] == [("V-open", True, False)]
    days = {row.name: (str(row.old), row.new) for row in found.cases}
    assert days == {"C-review": ("2026-01-19", False), "C-later": ("2026-01-26", False)}
    released = {row.name: (row.old is not False and row.old is not None, row.new) for row in found.packages}
    assert released["P-new"] == (True, None)
    assert released["P-proposed"] == (True, False)
    paid = {row.name: (row.old, row.new) for row in found.donors}
    assert paid == {"DEU": (15.0, 0.0), "POL": (15.0, 0.0), "JPN": (0.0, 0.0)}
    used = {row.name: (row.old, row.new) for row in found.lines}
    assert used["missile_line"][0] > used["missile_line"][1] == 0
    made = next(row.parts[1] for row in found.lines if row.name == "missile_line")
    assert made == ("units", float(sum(row.quantity for row in PLAN.made if row.line == "missile_line")), 0.0)


def test_lines_count_only_the_time_that_both_cover() -> None:
    problem = bare_problem()
    shorter = replace(problem, periods=((3, 1),))
    found = compared((problem, Plan()), (shorter, Plan())).lines
    assert found[0].parts == (("slots", 9.0, 9.0), ("units", 0.0, 0.0))


def test_terms_come_in_the_order_of_the_problem() -> None:
    assert tuple(pair.name for pair in compared((SMALL, PLAN), (SMALL, PLAN)).terms) == TERMS
