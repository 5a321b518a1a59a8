"""Payers and whole contents of packages: what is settled keeps the rules, and its improvement is one."""

from __future__ import annotations

import numpy as np
import pytest

from models.matrix import Vector
from models.settle import Wanted
from optimizer.solving import settling as settling_module
from optimizer.solving.choosing import AROUND, ContentChoice
from optimizer.solving.highs import Limits, run
from optimizer.solving.leads import Link, Settled
from optimizer.solving.program import Program
from optimizer.solving.search import Search
from optimizer.solving.settling import RELEASES, SETTLED, Chosen, Settling, decided
from tests.solving.tasks import led, program, search_of

LIMITS = Limits(60.0, 1e-9)
NAMES = ["case-001", "case-005", "case-006", "case-010", "case-015", "case-016", "case-025", "case-026", "mixed-101"]
"""Cases whose best relaxation releases packages."""


def settled(name: str) -> tuple[Search, Settling, Chosen, Vector, Program]:
    """The search, what settles it, what is settled first, its values, and the program with releases and payers held."""
    task = led(name)
    assert task.guide is not None
    assert task.guide_program is not None
    search = search_of(task, gap=1e-7, seconds=60.0)
    settling = Settling(search, task.guide, lambda: search.over)
    kinds = task.guide.matrix.kinds
    lead = run(task.guide_program.relaxed(np.isin(kinds, RELEASES)), LIMITS).x
    assert lead is not None
    found = settling.settle(lead)
    assert found is not None
    link, x = Link.of(task.guide, task.exact), np.zeros(task.exact.matrix.shape[1])
    x[link.exact] = lead[link.guide]
    x = settling.having(found.settled, x)
    exact = task.exact.matrix.kinds
    return search, settling, found, x, task.program.fixed(np.isin(exact, SETTLED) & (exact != "content"), x)


def value(program: Program) -> float:
    answer = run(program.relaxed(), LIMITS)
    return np.inf if answer.objective is None else answer.objective


@pytest.mark.parametrize("name", NAMES)
def test_contents_only_get_better(name: str) -> None:
    """Releases and payers stay, contents are whole, and the relaxation within them costs no more."""
    _, settling, found, x, program = settled(name)
    better = settling.improve(program, found, x)
    for settled_ in (found.settled, better):
        assert all(value == round(value) > 0 for value in settled_.values())
    kept = [{key for key in each if key[0] != "content"} for each in (found.settled, better)]
    assert kept[0] == kept[1]
    before, after = (value(settling.within(each, x)) for each in (found.settled, better))
    assert after <= before + 1e-6 * max(1.0, abs(before))


@pytest.mark.parametrize(
    ("failing", "tried"),
    [(0, [3]), (1, [3, 3]), (2, [3, 3, 2]), (4, [3, 3, 2, 2, 1]), (5, [3, 3, 2, 2, 1, 1]), (6, [3, 3, 2, 2, 1, 1])],
)
def test_without_contents_a_release_is_left_out_and_not_the_schedule(
    monkeypatch: pytest.MonkeyPatch, failing: int, tried: list[int]
) -> None:
    """Contents are not found so many times; each set of releases gets payers with money to spare before one is left
    out, and what is said of the others stays."""
    task = led("case-001")
    assert task.guide is not None
    settling = Settling(search_of(task, gap=1e-7, seconds=60.0), task.guide, lambda: False)
    three = [Wanted(("new", t), {"N": 1.0}) for t in range(3)]
    seen: list[int] = []
    spared: list[float] = []

    def paying(releases: list[Wanted], spare: float) -> dict[int, set[str]]:
        spared.append(spare)
        return {k: set() for k in range(len(releases))}

    def near(_lead: Vector, releases: list[Wanted], _chosen: object) -> Settled | None:
        seen.append(len(releases))
        assert releases == three[: len(releases)], "the last one goes first"
        return None if len(seen) <= failing else {("is_released", ("x",)): 1.0}

    monkeypatch.setattr(settling_module, "wanted", lambda *_: three)
    monkeypatch.setattr(settling, "_payers", paying)
    monkeypatch.setattr(settling, "_near", near)
    found = settling.settle(np.zeros(1))
    assert seen == tried
    assert [spare > 0 for spare in spared] == [bool(k % 2) for k in range(len(tried))]
    assert (found is None) == (failing == 6)
    assert found is None or len(found.releases) == tried[-1]


def test_some_contents_are_improved() -> None:
    gained = []
    for name in NAMES:
        _, settling, found, x, program = settled(name)
        better = settling.improve(program, found, x)
        before, after = (value(settling.within(each, x)) for each in (found.settled, better))
        gained.append(after < before - 1e-5 * max(1.0, abs(before)))
    assert any(gained), "the test would say little"


def choice_of(name: str) -> tuple[ContentChoice, Program]:
    _, settling, _, _, program = settled(name)
    contents = (settling.kinds == "content") & program.whole
    return ContentChoice(program, contents, LIMITS, lambda: False), program


@pytest.mark.parametrize("name", NAMES)
def test_tangents_of_contents_lie_below(name: str) -> None:
    """V(u) ≥ v − r·x + min(r, 0)·u for whole contents drawn at random, with tangents from a dive and from values."""
    choice, program = choice_of(name)
    assert choice.dive(np.ones(program.cost.size), lambda: False) is not None
    random = np.random.default_rng(0)
    tangents = choice.search.tangents
    for _ in range(12):
        most = np.floor(random.random(choice.columns.size) * (choice.search.upper + 1))
        slopes = np.minimum(np.array(tangents.slopes), 0.0)
        below = float((slopes @ most + np.array(tangents.constants)).max())
        upper = program.upper.copy()
        upper[choice.columns] = np.minimum(upper[choice.columns], most)
        there = Program(
            program.cost, program.offset, program.A, program.row_lower, program.row_upper, program.lower, upper,
            program.whole,
        )  # fmt: skip
        exactly = value(there)
        assert exactly >= below - 1e-6 * max(1.0, abs(below))
        assert choice.value(most) == pytest.approx(exactly, rel=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_a_master_promises_no_more_than_can_be(name: str) -> None:
    """Of all whole contents that its model allows near the centre, none is worth less than the promise."""
    choice, _ = choice_of(name)
    free = np.array([0, 1]) if choice.columns.size > 1 else np.array([0])
    model = Program(
        np.zeros(free.size), 0.0, choice.program.A[:0][:, free], np.zeros(0), np.zeros(0), np.zeros(free.size),
        np.minimum(choice.search.upper[free], 4.0), np.ones(free.size, dtype=bool),
    )  # fmt: skip
    place = np.full(choice.columns.size, -1, dtype=np.int64)
    place[free] = np.arange(free.size)
    for around in AROUND:
        found = choice.master(model, place, np.full(place.size, 0.5), around)
        assert found is not None
        most, promise = found
        assert np.all(most == np.round(most))
        assert most[free].max() <= 1 + around
        assert not most[np.setdiff1d(np.arange(place.size), free)].any()
        grid = np.stack(np.meshgrid(*[np.arange(min(1 + around, model.upper[k]) + 1) for k in range(free.size)]))
        values = []
        for units in grid.reshape(free.size, -1).T:
            point = np.zeros(place.size)
            point[free] = units
            values.append(choice.value(point))
        assert min(values) >= promise - 1e-5 * max(1.0, abs(promise))


def test_contents_that_cannot_be_are_not_chosen() -> None:
    """A program without a solution, and one without contents, end quietly."""
    model = program([0.0], [(None, [1.0], 9.0)], [4.0], [True])
    broken = program([1.0, 1.0], [(5.0, [1.0, 1.0], None)], [1.0, 1.0], [True, True])
    choice = ContentChoice(broken, np.array([True, False]), LIMITS, lambda: False)
    assert choice.dive(np.ones(2), lambda: False) is None
    assert choice.master(model, np.array([0]), np.zeros(1), 0) is None
    whole = program([1.0, 1.0], [(1.0, [1.0, 1.0], None)], [1.0, 1.0], [True, True])
    empty = ContentChoice(whole, np.array([False, False]), LIMITS, lambda: False)
    none = np.zeros(0)
    assert empty.best(model, np.zeros(0, dtype=np.int64), none, none, lambda: False).size == 0


def test_decided_only_where_all_is() -> None:
    kinds = np.array(["sent", "is_completed", "is_accepted"])
    assert decided(kinds, np.array([0.5, 1.0, 0.0])).tolist() == [False, True, True]
    assert not decided(kinds, np.array([0.5, 1.0, 0.4])).any()


class _Stubborn(ContentChoice):
    """A master that promises much of the same contents always, whatever becomes of them."""

    def __init__(self) -> None:
        self.valued, self.asked = 0, list[int]()

    def value(self, most: np.ndarray) -> float:
        self.valued += 1
        return 10.0

    def master(self, model: Program, place: np.ndarray, centre: np.ndarray, around: int) -> tuple[np.ndarray, float]:
        self.asked.append(around)
        return np.array([1.0 + around // 3]), 5.0


def test_contents_chosen_again_are_not_valued_again() -> None:
    """A master knows the latest tangents and is solved roughly: what it chooses twice leads to a wider one."""
    choice, nothing = _Stubborn(), np.zeros(1)
    program, place = choice_of("case-005")[1], np.zeros(1, dtype=np.int64)
    found = choice.best(program, place, nothing, nothing, lambda: False)
    assert found is nothing
    assert choice.valued == 3, "to begin with, and two different contents"
    assert choice.asked == [0, 0, 1, 3, 3]
