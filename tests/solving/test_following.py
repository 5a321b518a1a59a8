"""Packages of one scenario in another one: which are put off, and which slots they take."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.build import compile_model
from models.catalog import FORMULATIONS
from models.problem import Package, PackageContent, PackagesPolicy, Problem
from optimizer.solving.following import _in_turn, _Package, moved
from tests.builders import a_need, a_pledge, bare_problem, day

POLICY = PackagesPolicy(100.0, 0.5, 4, 4, 0.0, 0)


def package(t: int, k: int, need: str, pledge: str, *, kind: str = "new") -> _Package:
    return _Package((kind, t, k), {need: 10.0}, {pledge: 100.0})


def test_slots_of_a_period_are_used_in_turn() -> None:
    """The first of two has gone to a later period, where one is released already."""
    kept, late = [package(1, 1, "A", "G"), package(3, 0, "B", "H")], [package(3, 1, "C", "I")]
    assert [one.place for one in _in_turn([*kept, *late], 1)] == [("new", 1, 0), ("new", 3, 0), ("new", 3, 1)]


def test_in_the_shared_weeks_each_keeps_its_slot() -> None:
    placed = _in_turn([package(0, 1, "A", "G"), package(2, 1, "B", "H"), package(2, 0, "C", "I", kind="proposed")], 1)
    assert [one.place for one in placed] == [("new", 0, 1), ("new", 2, 0), ("proposed", 2, 0)]


def two_packages(first_pledge: int) -> Problem:
    """Two pledges that each pay one package of ten missiles."""
    return bare_problem(
        periods=((6, 1),),
        needs=(a_need("N-a", quantity=10), a_need("N-b", quantity=10)),
        pledges=(
            a_pledge("G-a", amount_usd_m=100.0, available_on=day(first_pledge)),
            a_pledge("G-b", amount_usd_m=100.0, available_on=day(1)),
        ),
        package_policy=POLICY,
    )


def test_a_package_whose_money_comes_later_leaves_its_slot_to_the_next() -> None:
    nominal = two_packages(1)
    lead = {}
    for k, (need, pledge) in enumerate((("N-a", "G-a"), ("N-b", "G-b"))):
        lead |= {
            ("is_released", (1, k)): 1.0, ("content", (need, 1, k)): 10.0,
            ("takes_part", (pledge, "new", 1, k)): 1.0, ("pays", (pledge, "new", 1, k)): 100.0,
        }  # fmt: skip
    built = compile_model(two_packages(3), replace(FORMULATIONS["tight"], method="direct"))
    found, late = moved(lead, built, nominal, 1)
    assert {key for kind, key in found if kind == "is_released"} == {(1, 0), (3, 0)}
    assert found["content", ("N-b", 1, 0)] == found["content", ("N-a", 3, 0)] == 10.0
    assert found["pays", ("G-b", "new", 1, 0)] == found["pays", ("G-a", "new", 3, 0)] == 100.0
    assert late == {(3, 0)}
    same, none = moved(lead, compile_model(nominal, FORMULATIONS["tight"]), nominal, 1)
    assert (same, none) == (lead, frozenset())


def of_two(first: float, second: float) -> dict[tuple[str, object], float]:
    """Both packages in the second week, with so many missiles each."""
    lead: dict[tuple[str, object], float] = {}
    for k, (need, pledge, units) in enumerate((("N-a", "G-a", first), ("N-b", "G-b", second))):
        lead |= {
            ("is_released", (1, k)): 1.0, ("content", (need, 1, k)): units,
            ("takes_part", (pledge, "new", 1, k)): 1.0, ("pays", (pledge, "new", 1, k)): 10.0 * units,
        }  # fmt: skip
    return lead


def with_money(first: float, second: float) -> Problem:
    problem = two_packages(1)
    amounts = {"G-a": first, "G-b": second}
    return replace(problem, pledges=tuple(replace(row, amount_usd_m=amounts[row.pledge]) for row in problem.pledges))


@pytest.mark.parametrize(("left", "paid"), [(60.0, {60.0}), (49.0, set())])
def test_what_cannot_be_paid_whole_is_kept_if_the_least_it_must_be_worth_can(left: float, paid: set[float]) -> None:
    """A package is worth 50 million at least: with 60 it stays, its content to be chosen again, with 49 it is left."""
    built = compile_model(with_money(left, 100.0), FORMULATIONS["tight"])
    found, late = moved(of_two(10, 10), built, two_packages(1), 1)
    assert {value for (kind, key), value in found.items() if kind == "pays"} == {100.0} | paid
    assert bool(late) is bool(paid)


def test_what_can_be_paid_whole_comes_before_what_cannot() -> None:
    """60 million are all of the second package's content, and would be part of the first's."""
    built = compile_model(with_money(0.0, 60.0), FORMULATIONS["tight"])
    found, late = moved(of_two(10, 6), built, two_packages(1), 1)
    assert {key[0] for kind, key in found if kind == "content"} == {"N-b"}
    assert len(late) == 1


def test_a_full_period_takes_no_more_whatever_kind_they_are() -> None:
    """One release a period: the new package waits for the period after the proposed one's, though its own slot in that
    period is free."""
    nominal = with_a_proposed_one(1)
    lead = {
        ("proposed_released", ("P", 1)): 1.0, ("takes_part", ("G-a", "proposed", "P", "any")): 1.0,
        ("pays", ("G-a", "proposed", "P", "any")): 100.0,
        ("is_released", (2, 0)): 1.0, ("content", ("N-b", 2, 0)): 10.0,
        ("takes_part", ("G-b", "new", 2, 0)): 1.0, ("pays", ("G-b", "new", 2, 0)): 100.0,
    }  # fmt: skip
    built = compile_model(with_a_proposed_one(3), FORMULATIONS["tight"])
    found, late = moved(lead, built, nominal, 1)
    assert {key for kind, key in found if kind == "proposed_released"} == {("P", 3)}
    assert {key for kind, key in found if kind == "is_released"} == {(4, 0)}
    assert late == {(4, 0)}


def with_a_proposed_one(money: int) -> Problem:
    problem = two_packages(money)
    return replace(
        problem,
        packages=(Package("P", "proposed"),),
        package_contents=(PackageContent("P", "N-a", 10),),
        pledges=tuple(replace(row, available_on=day(money)) for row in problem.pledges),
        package_policy=replace(POLICY, max_releases_per_period=1),
    )
