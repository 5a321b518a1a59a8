"""What is drawn: counts, contested lines, sizes, and that a plan exists."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from models.baselines import first_come_first_served
from models.calendar import calendar_of
from models.capacity import component_cumulative, slots
from models.checker import check_plan
from models.problem import LineItem, Problem
from optimizer.generating.classes import CLASSES
from optimizer.pipeline import solve_instance
from optimizer.settings import Settings
from tests.generating.conftest import Instances

SMALL = [("toy", seed) for seed in range(6)] + [("weekly", seed) for seed in range(1, 6)]
MIDDLE = [*SMALL, ("alliance", 1)]
LARGE = [("book", 1), ("book-weekly", 1)]


@pytest.mark.parametrize(("size", "seed"), [*MIDDLE, *LARGE])
def test_read_without_errors_or_warnings_with_the_counts_of_the_class(
    instances: Instances, size: str, seed: int
) -> None:
    problem, findings = instances.read(size, seed)
    assert {finding.code for finding in findings} <= {"missing_score"}
    wanted = CLASSES[size]
    assert problem.periods == wanted.periods
    assert sum(order.delivery == "complete" for order in problem.orders) == wanted.complete
    for table in ("items", "lines", "components", "recipients", "orders", "needs", "pledges", "offers"):
        assert len(getattr(problem, table)) == getattr(wanted, table), table
    assert problem.package_policy is not None
    assert problem.package_policy.max_new == wanted.new_packages
    status = Counter(package.status for package in problem.packages)
    if size != "toy":  # five needs may be too few to fill two packages
        assert status == {"funded": wanted.funded_packages, "proposed": wanted.proposed_packages}
        assert sum(offer.status == "accepted" for offer in problem.offers) == wanted.accepted_offers
        assert any(order.firm_by for order in problem.orders)
        for table in ("commitments", "receipts", "stocks", "approvals", "substitutes", "item_components"):
            assert getattr(problem, table), table


@pytest.mark.parametrize(("size", "seed"), [*MIDDLE, *LARGE])
def test_every_line_is_contested(instances: Instances, size: str, seed: int) -> None:
    """Of lines that share an item, the sums are compared."""
    problem, _ = instances.read(size, seed)
    for lines, load in loads(problem):
        assert 0.9 <= load <= 1.5, lines


def loads(problem: Problem) -> list[tuple[list[str], float]]:
    """Groups of lines that share items, and what is asked of each over what it turns out, both in slots."""
    asked: Counter[str] = Counter()
    for demand in (*problem.orders, *problem.needs):
        asked[demand.item] += demand.quantity
    group = {line.line: line.line for line in problem.lines}
    made_on: dict[str, str] = {}
    in_slots: Counter[str] = Counter()
    for row in problem.line_items:
        if row.item in made_on:
            old, new = group[made_on[row.item]], group[row.line]
            group = {line: new if of == old else of for line, of in group.items()}
        else:
            made_on[row.item] = row.line
            in_slots[row.line] += asked[row.item] * row.slots_per_unit
    output = {line: sum(found) for line, found in slots(problem, calendar_of(problem)).items()}
    groups: dict[str, list[str]] = defaultdict(list)
    for line, of in group.items():
        groups[of].append(line)
    return [(lines, sum(in_slots[k] for k in lines) / sum(output[k] for k in lines)) for lines in groups.values()]


@pytest.mark.parametrize("seed", range(1, 6))
def test_complete_orders_are_sizeable(instances: Instances, seed: int) -> None:
    problem, _ = instances.read("weekly", seed)
    output = {line: sum(found) / 65 for line, found in slots(problem, calendar_of(problem)).items()}
    home = homes(problem)
    found = []
    for order in problem.orders:
        if order.delivery == "complete":
            assert order.quantity >= 2
            row = home[order.item]
            found.append(order.quantity * row.slots_per_unit / output[row.line])
    found.sort()
    assert found[len(found) // 10] >= 1.0
    assert 2.5 <= found[len(found) // 2] <= 8.0
    assert found[-1] <= 20.0, "two units of a slow line"


@pytest.mark.parametrize("seed", range(1, 6))
def test_rates_are_fractional_and_ramp(instances: Instances, seed: int) -> None:
    problem, _ = instances.read("weekly", seed)
    steps: dict[str, list[float]] = defaultdict(list)
    for row in problem.line_rates:
        steps[row.line].append(row.slots_per_week)
    assert all(rate % 1 for rates in steps.values() for rate in rates)
    assert sum(rates == sorted(rates) and len(set(rates)) > 1 for rates in steps.values()) >= 5
    values = sorted(order.quantity for order in problem.orders)
    assert values[-1] > 10 * values[len(values) // 2], "heavy-tailed"


@pytest.mark.parametrize(("size", "seed"), MIDDLE)
def test_promises_can_be_kept(instances: Instances, size: str, seed: int) -> None:
    """By every promised day, half of what lines and components have turned out before it covers all promises."""
    problem, _ = instances.read(size, seed)
    calendar, output = calendar_of(problem), slots(problem, calendar_of(problem))
    parts = component_cumulative(problem, calendar)
    home = homes(problem)
    starts = {offer.offer: offer.available_on for offer in problem.offers}
    promised = [(order.item, order.quantity, order.firm_by) for order in problem.orders if order.firm_by]
    promised += [
        (one.replacement_item, one.replacement_quantity, starts[one.offer] + weeks(one.replacement_within_weeks))
        for one in problem.offers
        if one.status == "accepted"
    ]
    for _, _, by in promised:
        before = calendar.period(by)
        due = [(item, quantity) for item, quantity, day in promised if day <= by]
        for line, made in output.items():
            asked = sum(q * home[i].slots_per_unit for i, q in due if home[i].line == line)
            assert asked <= sum(made[:before]) / 2, line
        for component, cumulative in parts.items():
            uses = {row.item: row.units_per_unit for row in problem.item_components if row.component == component}
            asked = sum(q * uses.get(i, 0) for i, q in due)
            assert asked == 0 or asked <= cumulative[before - 1] / 2, component


def homes(problem: Problem) -> dict[str, LineItem]:
    """The line an item is at home on: the one that bears its name, or its only one."""
    found: dict[str, LineItem] = {}
    for row in problem.line_items:
        if row.item not in found or row.line == f"L-{row.item}":
            found[row.item] = row
    return found


def weeks(count: int) -> dt.timedelta:
    return dt.timedelta(weeks=count)


@pytest.mark.parametrize(("size", "seed"), MIDDLE)
def test_a_plan_exists(instances: Instances, size: str, seed: int) -> None:
    problem, _ = instances.read(size, seed)
    verdict = check_plan(problem, first_come_first_served(problem))
    assert verdict.passed, verdict.violations[:3]


@pytest.mark.parametrize("seed", [0, 1])
def test_toy_is_solved(instances: Instances, tmp_path: Path, seed: int) -> None:
    result = solve_instance(instances.folder("toy", seed), tmp_path / "plan", settings=Settings(seconds=60))
    assert result.summary is not None
    assert result.summary.checker == "passed"
    assert result.code == 0


def test_money_is_scarce_and_packages_are_worth_what_they_should(instances: Instances) -> None:
    for seed in range(1, 6):
        problem, _ = instances.read("weekly", seed)
        price = {item.item: item.unit_price_usd_m for item in problem.items}
        value = {need.need: price[need.item] for need in problem.needs}
        needed = sum(need.quantity * price[need.item] for need in problem.needs)
        money = sum(pledge.amount_usd_m for pledge in problem.pledges)
        assert 6 * 550 <= money <= 0.7 * needed
        worth: Counter[str] = Counter()
        for row in problem.package_contents:
            worth[row.package] += row.quantity * value[row.need]
        assert all(0.9 * 500 <= amount <= 1.1 * 500 for amount in worth.values()), worth
        shares = sorted(pledge.amount_usd_m for pledge in problem.pledges)
        assert math.log(shares[-6] / shares[5]) > 1.5, "heavy-tailed"
