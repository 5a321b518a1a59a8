"""Completions and offers by local search: decided means whole, values are what is said, no single move is better."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.solving.completing import Chain, CompletionSearch, chains_of
from optimizer.solving.guided import CHOICES, RELEASES
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Program
from optimizer.solving.search import Task
from optimizer.solving.tangents import WORTH_IT
from tests.solving.tasks import led, led_toy, program

LIMITS = Limits(60.0, 1e-9)
NAMES = ["case-003", "case-009", "case-023", "case-027", "case-030", "mixed-102", "mixed-106", "mixed-112"]
"""Cases with complete orders or offers of which the relaxation takes a part."""


def task_named(name: str) -> Task:
    return led_toy(int(name[4:])) if name.startswith("toy-") else led(name)


def opened(name: str) -> tuple[Program, list[Chain]]:
    """The guide with the releases of its relaxation rounded down, and its chains."""
    task = task_named(name)
    assert task.guide is not None
    assert task.guide_program is not None
    matrix, guide = task.guide.matrix, task.guide_program
    released = np.isin(matrix.kinds, RELEASES)
    fixed = guide.fixed(released, np.zeros(matrix.shape[1]))
    if run(fixed.relaxed(), LIMITS).x is None:
        best = run(guide.relaxed(released), LIMITS).x
        assert best is not None
        fixed = guide.fixed(released, np.round(best))
    return fixed, chains_of(matrix, fixed)


def searched(name: str) -> tuple[CompletionSearch, Program, list[Chain], float, np.ndarray]:
    fixed, chains = opened(name)
    assert chains
    search = CompletionSearch(fixed, chains, LIMITS, lambda: False)
    found = search.run()
    assert found is not None
    return search, fixed, chains, *found


def decided(fixed: Program, chains: list[Chain], positions: dict[int, int]) -> Program:
    """The relaxation with every chain at its position, read off the definition."""
    x, mask = np.zeros(len(fixed.cost)), np.zeros(len(fixed.cost), dtype=bool)
    for number, position in positions.items():
        columns = chains[number].columns
        mask[columns] = True
        x[columns[position:]] = 1.0
    held = np.where(mask, x, fixed.lower), np.where(mask, x, fixed.upper)
    assert np.all(held[0] >= fixed.lower - 1e-9)
    assert np.all(held[1] <= fixed.upper + 1e-9)
    return fixed.relaxed().fixed(mask, x)


def value_of(fixed: Program, chains: list[Chain], positions: dict[int, int]) -> float:
    answer = run(decided(fixed, chains, positions), LIMITS)
    return np.inf if answer.objective is None else answer.objective


def near(value: float) -> float:
    return 1e-6 * max(1.0, abs(value))


@pytest.mark.parametrize("name", [*NAMES, "toy-0", "toy-1"])
def test_what_is_decided_is_whole_and_worth_what_it_says(name: str) -> None:
    search, fixed, chains, value, x = searched(name)
    for number, chain in enumerate(chains):
        values = x[chain.columns]
        assert np.allclose(values, np.round(values), atol=1e-6), chain.name
        assert np.all(np.diff(values) >= -1e-6), chain.name
        assert int(np.sum(values < 0.5)) == search.positions[number], chain.name
    assert fixed.value(x) == pytest.approx(value, abs=near(value))
    assert value_of(fixed, chains, search.positions) == pytest.approx(value, abs=near(value))


@pytest.mark.parametrize("name", NAMES)
def test_it_is_between_the_relaxation_and_no_worse_than_any_single_move(name: str) -> None:
    search, fixed, chains, value, _ = searched(name)
    root = run(fixed.relaxed(), LIMITS)
    mask = np.zeros(len(fixed.cost), dtype=bool)
    mask[np.concatenate([chain.columns for chain in chains])] = True
    best = run(fixed.relaxed(mask), LIMITS)
    assert root.objective is not None
    assert best.objective is not None
    assert root.objective - near(value) <= best.objective <= value + near(value)
    for number in range(len(chains)):
        for position in search._range(number):
            moved = value_of(fixed, chains, {**search.positions, number: position})
            assert moved >= value - 2 * WORTH_IT * max(1.0, abs(value)), (chains[number].name, position)


@pytest.mark.parametrize("name", ["case-027", "case-030", "mixed-102", "mixed-106", "toy-0"])
def test_no_move_costs_less_than_the_tangents_say(name: str) -> None:
    search, fixed, chains, _, _ = searched(name)
    moves = [*search._single(), *search._double()][:60]
    below = search.search.tangents.below(search.search.point, search._changes(moves))
    for move, least in zip(moves, below, strict=True):
        whole = value_of(fixed, chains, {**search.positions, **move})
        if np.isposinf(least):
            assert np.isposinf(whole), move
            continue
        assert whole >= least - near(least), move
    assert len(moves) > 5


def test_a_bad_beginning_is_mended() -> None:
    """Two jobs of one period each on one line, the dear one waiting: exchanging them is a double move."""
    # done[j,t] for jobs a, b in periods 0, 1; cost 3 and 1 a period of waiting; one job a period
    small = program(
        [-3.0, 0.0, -1.0, 0.0, 0.0],
        [
            (None, [1, 0, 1, 0, 0], 1.0),  # line in period 0
            (None, [0, 1, 0, 1, 0], 2.0),  # both by the end of period 1
            (0.0, [-1, 1, 0, 0, 0], None),
            (0.0, [0, 0, -1, 1, 0], None),
            (2.0, [0, 1, 0, 1, 1], 2.0),
        ],
        [1.0] * 5,
        [True] * 4 + [False],
    )
    chains = [Chain("a", np.array([0, 1]), (0, 1)), Chain("b", np.array([2, 3]), (0, 1))]
    search = CompletionSearch(small, chains, LIMITS, lambda: False)
    assert search.search.try_out(np.array([0.0, 1.0, 1.0, 1.0]))
    search.positions = {0: 1, 1: 0}
    assert search.search.value == pytest.approx(-1.0)
    assert not search._improve(list(search._single()))
    assert search._improve(list(search._double()))
    assert search.positions == {0: 0, 1: 1}
    assert search.search.value == pytest.approx(-3.0)


def test_no_time_is_no_solution() -> None:
    fixed, chains = opened("case-030")
    assert CompletionSearch(fixed, chains, LIMITS, lambda: True).run() is None


def test_chains_are_the_open_decisions_in_the_order_of_their_periods() -> None:
    task = led("mixed-102")
    assert task.guide is not None
    assert task.guide_program is not None
    matrix, guide = task.guide.matrix, task.guide_program
    chains = chains_of(matrix, guide)
    names = {(str(matrix.kinds[j]), matrix.column_keys[j][0]) for chain in chains for j in chain.columns}
    assert len(names) == len(chains)
    assert {kind for kind, _ in names} <= set(CHOICES)
    for chain in chains:
        assert list(chain.periods) == sorted(chain.periods)
        assert len(chain.columns) == len(chain.periods)
    mask = np.zeros(matrix.shape[1], dtype=bool)
    mask[chains[0].columns] = True
    closed = guide.fixed(mask, np.ones(matrix.shape[1]))
    assert [chain.name for chain in chains_of(matrix, closed)] == [chain.name for chain in chains[1:]]
