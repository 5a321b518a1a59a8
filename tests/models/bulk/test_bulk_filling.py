"""Contents by need and release: they cost a relaxation nothing, and what is dealt whole is paid whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from models import problem as p
from models.bulk.contents import contents
from models.bulk.desk import Paid, dealt
from models.bulk.filling import Filling, filling
from models.bulk.releasing import chosen_proposals, countings
from models.bulk.tables import Floats
from models.listing.bundles import Bundle
from models.listing.funding import Purse
from optimizer.solving import bulk_filled
from optimizer.solving.bulk_filled import filled
from optimizer.solving.bulk_held import beside, first_batches, orders_held, releasing, solved
from optimizer.solving.bulk_master import Master, Relaxed
from optimizer.solving.highs import Limits
from optimizer.solving.program import Program
from tests.builders import a_need, a_pledge, an_item, bare_problem, day
from tests.models.bulk.books import master_of, relaxed
from tests.solving.tasks import toy

EXACT = Limits(20.0, 1e-9, 1, 0)


def released(problem: p.Problem) -> tuple[Master, Relaxed, Floats, Program, np.ndarray, float]:
    """The relaxation with whole releases, orders as in the relaxation before, and its solution and value."""
    master = master_of(problem)
    found, _ = relaxed(master)
    assert found is not None
    standing = found.x[: master.rows.standing.count]
    chosen = chosen_proposals(master.rows, standing)
    batches = first_batches(master.batches, len(found.x) - master.rows.standing.count)
    held = orders_held(master, batches, found, chosen)
    best = None
    for counts in countings(master.rows, standing, chosen):
        program = releasing(held, master.rows, counts, 0.0)
        x, value = solved(program, EXACT, lambda: False)
        if x is not None and (best is None or value < best[-1]):
            best = master, found, counts, program, x, value
    assert best is not None
    return best


def form_of(master: Master, found: Relaxed, counts: Floats, x: np.ndarray) -> Filling:
    batches = first_batches(master.batches, len(found.x) - master.rows.standing.count)
    form = filling(master.pricing, batches, x, counts)
    assert form is not None
    return form


@pytest.mark.parametrize("seed", [3, 4, 7, 11, 15])
def test_without_whole_units_nothing_is_lost_by_contents(seed: int) -> None:
    """The claim of `models.bulk.filling`: units of a category can be dealt to releases first come, first served."""
    master, found, counts, program, x, value = released(toy(seed))
    form = form_of(master, found, counts, x)
    made, worth = solved(beside(program, form).relaxed(), EXACT, lambda: False)
    assert made is not None
    assert worth == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize("seed", [3, 7, 11, 15])
def test_whole_contents_leave_no_unit_before_its_release(seed: int) -> None:
    master, found, counts, program, x, value = released(toy(seed))
    form = form_of(master, found, counts, x)
    big = beside(program, form)
    made, worth = solved(big, EXACT, lambda: False)
    assert made is not None
    assert worth >= value - 1e-6 * abs(value)
    held = made[len(x) : len(x) + len(form.need)]
    assert np.abs(held - np.round(held)).max(initial=0.0) == 0.0
    rows, ways = master.rows, master.rows.tables.ways
    when = np.concatenate([batch.when for batch in master.batches])[form.leaving - rows.standing.count]
    assert {int(n) for n in form.leaving_need} <= set(ways.need.tolist())
    for n in np.unique(form.need):
        mine = form.need == n
        for t in range(rows.T):
            left = made[form.leaving[(form.leaving_need == n) & (when <= t)]].sum()
            there = held[mine & (rows.leaves_from[form.release] <= t)].sum()
            assert left <= there + 1e-6
        assert made[form.leaving[form.leaving_need == n]].sum() == pytest.approx(held[mine].sum())
    assert (made[form.shut] == 0).all()


def test_units_that_are_rounded_are_those_of_the_relaxation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where contents are not made whole in time, all units up to a release are rounded together, not every part."""
    master, found, counts, program, x, _ = released(toy(7))
    form = form_of(master, found, counts, x)
    parts: list[np.ndarray] = []

    def relaxed_only(program: Program, limits: Limits, stop: object) -> tuple[np.ndarray | None, float]:
        if program.whole.any():
            return None, np.inf
        made, value = solved(program, limits, lambda: False)
        assert made is not None
        units = made[len(x) : len(x) + len(form.need)]
        units[:] = 0.4  # a need's parts: 0.4, 0.4, 0.4, …
        parts.append(units)
        return made, value

    monkeypatch.setattr(bulk_filled, "solved", relaxed_only)
    _, _, found_ = filled(beside(program, form), form, x, EXACT, lambda: False)
    assert found_ is not None
    (units,) = parts
    assert np.bincount(form.need).max() > 1  # of two such parts one is a unit
    for n in np.unique(form.need).tolist():
        for r in np.unique(form.release).tolist():
            until = (form.need == n) & (form.release <= r)
            dealt = sum(content.get(n, 0) for release, content in found_.items() if release <= r)
            assert dealt == np.floor(units[until].sum() + 0.5)


@pytest.mark.parametrize(
    ("worse", "most", "dives"),
    [(0.01, 10**6, True), (0.0005, 10**6, False), (np.inf, 10**6, True), (0.01, 0, False), (np.inf, 0, False)],
)
def test_where_whole_contents_are_far_from_parts_all_are_dived_into(
    monkeypatch: pytest.MonkeyPatch, worse: float, most: int, dives: bool
) -> None:
    """`worse`: by how much, where only what is torn is made whole; infinite: nothing is found there."""
    master, found, counts, program, x, _ = released(toy(7))
    form = form_of(master, found, counts, x)
    asked: list[tuple[str, float]] = []
    values: list[float] = []

    def first_poor(program: Program, limits: Limits, stop: object) -> tuple[np.ndarray | None, float]:
        made, value = solved(program, limits, lambda: False)
        if not program.whole.any():
            values.append(value)
        else:
            asked.append(("solved", limits.seconds))
            if len([kind for kind, _ in asked if kind == "solved"]) == 1:
                return (None, np.inf) if worse == np.inf else (made, values[0] * (1 + worse))
        return made, value

    dive = bulk_filled._dived

    def dived(*about: object) -> tuple[np.ndarray | None, float]:
        asked.append(("dived", about[1].seconds))  # type: ignore[attr-defined]
        return dive(*about)  # type: ignore[arg-type]

    monkeypatch.setattr(bulk_filled, "solved", first_poor)
    monkeypatch.setattr(bulk_filled, "_dived", dived)
    monkeypatch.setattr(bulk_filled, "DIVABLE", most)
    made, worth, units = filled(beside(program, form), form, x, EXACT, lambda: False)
    assert units is not None
    kinds = [kind for kind, _ in asked]
    assert kinds == ["solved", *(["dived", "solved"] if dives else ["solved"] if worse == np.inf else [])]
    share = bulk_filled.HOLDING if most else 1.0
    assert asked[0][1] == pytest.approx(share * EXACT.seconds, rel=0.05)
    if dives:
        assert values[0] * (1 - 1e-9) <= worth < values[0] * 1.01
        assert asked[1][1] > 0.9 * EXACT.seconds, "what the first look left is for the dive"
    assert len(made) == len(x)
    for n in set(form.need.tolist()):
        there = sum(content.get(n, 0) for content in units.values())
        assert made[form.leaving[form.leaving_need == n]].sum() == pytest.approx(there, abs=1e-6)


def two_a_period(**changes: object) -> p.Problem:
    """Eight units of a need at 5 million USD: two packages of 20 at once."""
    policy = replace(p.PackagesPolicy(20.0, 0.25, 5, 8, 1.0, 0), **changes)  # type: ignore[arg-type]
    needs = (a_need("M", quantity=4, needed_by=day(0)), a_need("N", quantity=4, needed_by=day(0)))
    return bare_problem(
        items=(an_item(unit_price_usd_m=5.0),), needs=needs, pledges=(a_pledge("G", amount_usd_m=40.0),),
        package_policy=policy,
    )  # fmt: skip


def test_what_is_due_is_dealt_evenly() -> None:
    master, found, counts, _, x, _ = released(two_a_period())
    counts[:] = 0.0
    counts[0] = 2.0
    chosen = np.zeros((0, len(counts)))
    batches = first_batches(master.batches, len(found.x) - master.rows.standing.count)
    bundles = contents(master.pricing, batches, x, counts, chosen, {0: {0: 4, 1: 4}})
    assert [sum(bundle.content.values()) for bundle in bundles] == [4, 4]
    assert sum((Counter(bundle.content) for bundle in bundles), Counter()) == {"M": 4, "N": 4}


def test_what_is_owed_and_not_due_is_released_all_the_same() -> None:
    """Money that is never spent is lost: both packages of the first period take what is due in the second."""
    later = a_pledge("H", amount_usd_m=1.0, available_on=day(1))
    problem = two_a_period()
    master, found, counts, _, x, _ = released(replace(problem, pledges=(*problem.pledges, later)))
    counts[:] = 0.0
    counts[0] = 2.0
    batches = first_batches(master.batches, len(found.x) - master.rows.standing.count)
    bundles = contents(master.pricing, batches, x, counts, np.zeros((0, len(counts))), {1: {0: 4, 1: 4}})
    assert [(bundle.period, sum(bundle.content.values())) for bundle in bundles] == [(0, 4), (0, 4)]


def test_units_are_dealt_evenly_by_worth() -> None:
    """Of one unit at 20 and five at 5 million USD: 20 and 25, or 25 and 20."""
    found = dealt([0, 0, 0, 1, 0, 0], 2, np.array([5.0, 20.0]))
    assert sorted(5.0 * content[0] + 20.0 * content[1] for content in found) == [20.0, 25.0]
    assert dealt([0, 1], 0, np.array([5.0, 20.0])) == []


def test_money_that_the_relaxation_wants_for_later_is_left_for_later() -> None:
    """One pledge for tanks only, one for anything: shells have no other money than the second."""
    items = (
        an_item("missile", category="tanks", unit_price_usd_m=5.0),
        an_item("shell", category="shells", unit_price_usd_m=5.0),
    )
    problem = bare_problem(
        items=items,
        needs=(
            a_need("T", quantity=4, needed_by=day(0)),
            a_need("S", item="shell", quantity=4, needed_by=day(3)),
        ),
        pledges=(a_pledge("any", amount_usd_m=20.0), a_pledge("tanks", amount_usd_m=20.0, earmark="tanks")),
        package_policy=p.PackagesPolicy(20.0, 0.0, 2, 8, 1.0, 0, 1),
    )
    master = master_of(problem)
    found, _ = relaxed(master)
    assert found is not None
    rows = master.rows
    x = found.x.copy()
    for k, purse in enumerate(rows.purses):
        x[rows.names[f"pays {k}"]] = 0.0
        x[rows.names[f"pays {k}"][int("any" in purse.pledges)]] = 20.0
    counts = np.zeros(len(rows.releases))
    counts[:2] = 1.0
    batches = first_batches(master.batches, len(found.x) - rows.standing.count)
    bundles = contents(master.pricing, batches, x, counts, np.zeros((0, len(counts))), {0: {0: 4}, 1: {1: 4}})
    assert [[name for name, _, _ in bundle.shares] for bundle in bundles] == [["tanks"], ["any"]]


class Stingy:
    """A teller that has so much money, and says of a package that is dearer what is missing."""

    def __init__(self, money: float) -> None:
        self.money = money
        self.heard: list[list[float]] = []
        self.later: list[float] = []

    def pay(
        self, release: int, purses: Sequence[Purse], values: Sequence[Mapping[str, float]], later: Floats
    ) -> list[Paid]:
        self.heard.append([sum(value.values()) for value in values])
        self.later.append(float(later[:, release + 1 :].sum()))
        found = []
        for value in values:
            ((category, worth),) = value.items()
            paid = worth <= self.money + 1e-9
            missing = {} if paid else {category: worth - self.money}
            found.append(Paid((("G", category, worth),) if paid else (), missing))
        return found


def told(teller: Stingy, filled: dict[int, dict[int, int]], counts: dict[int, float]) -> list[Bundle]:
    pledges = (a_pledge("G", amount_usd_m=40.0), a_pledge("H", amount_usd_m=40.0, available_on=day(1)))
    master, found, releases, _, x, _ = released(replace(two_a_period(), pledges=pledges))
    releases[:] = 0.0
    for release, count in counts.items():
        releases[release] = count
    batches = first_batches(master.batches, len(found.x) - master.rows.standing.count)
    chosen = np.zeros((0, len(releases)))
    return contents(master.pricing, batches, x, releases, chosen, filled, teller=teller)


def test_a_teller_hears_of_all_packages_of_a_period_at_once_and_of_what_is_to_come() -> None:
    teller = Stingy(20.0)
    bundles = told(teller, {0: {0: 4}, 1: {1: 4}}, {0: 1.0, 1: 1.0})
    assert (teller.heard, teller.later) == ([[20.0], [20.0]], [20.0, 0.0])
    assert [(bundle.period, bundle.content, bundle.shares) for bundle in bundles] == [
        (0, {"M": 4}, (("G", "air_defence", 20.0),)), (1, {"N": 4}, (("G", "air_defence", 20.0),))
    ]  # fmt: skip


def test_a_package_that_is_too_dear_for_the_teller_leaves_a_unit_for_later() -> None:
    """Two of 20 million USD where 17 are there for each: 15 it is, as units cost 5; what they leave waits."""
    teller = Stingy(17.0)
    bundles = told(teller, {0: {0: 4, 1: 4}}, {0: 2.0})
    assert teller.heard[:2] == [[20.0, 20.0], [15.0, 15.0]]
    assert [(bundle.period, sum(bundle.content.values())) for bundle in bundles] == [(0, 3), (0, 3)]


def test_a_package_that_would_be_too_small_is_not_released() -> None:
    teller = Stingy(12.0)
    assert told(teller, {0: {0: 4}}, {0: 1.0}) == []
    assert max(max(values) for values in teller.heard) == 20.0
