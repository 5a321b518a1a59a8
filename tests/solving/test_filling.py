"""Whole contents near those that packages had: what is kept, what is chosen again, and the ways from small to large."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.solving import filling
from optimizer.solving.filling import filled
from optimizer.solving.highs import Answer, Limits, run
from optimizer.solving.program import Program
from optimizer.solving.settling import SETTLED
from tests.solving.tasks import case, led, search_of

NAMES = ["case-006", "case-010", "case-015", "case-025", "mixed-101"]
"""Cases whose optimum fills a new package."""
LIMITS = Limits(30.0, 1e-9)


def put_off(name: str) -> tuple[Program, np.ndarray, np.ndarray]:
    """The task with releases and payers of its optimum, columns of contents, and the optimum."""
    task = led(name)
    best = run(task.program, LIMITS).x
    assert best is not None
    kinds = task.exact.matrix.kinds
    program = task.program.fixed(np.isin(kinds, SETTLED) & (kinds != "content"), best)
    return program, kinds == "content", best


@pytest.mark.parametrize("name", NAMES)
def test_contents_are_whole_and_nothing_else_is_held(name: str) -> None:
    program, contents, best = put_off(name)
    found = filled(program, contents, np.ones(contents.size), best, search_of(led(name)))
    assert (found.lower[contents] == found.upper[contents]).all()
    assert np.allclose(found.lower[contents], np.round(found.lower[contents]))
    assert (found.lower[~contents] == program.lower[~contents]).all()
    assert (found.upper[~contents] == program.upper[~contents]).all()
    answer = run(found, LIMITS)
    assert answer.objective is not None
    assert case(name).objective * (1 - 1e-6) <= answer.objective


def test_from_the_optimum_it_is_found_again() -> None:
    for name in NAMES:
        program, contents, best = put_off(name)
        found = filled(program, contents, np.ones(contents.size), best, search_of(led(name)))
        assert run(found, LIMITS).objective == pytest.approx(case(name).objective, rel=2 * filling.GAP)


@pytest.mark.parametrize("way", range(5))
def test_ways_from_small_to_large(way: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a way has no solution the next is tried; each leaves at least as much to choose as the one before."""
    program, contents, best = put_off("case-010")
    loose: list[int] = []

    def tried(asked: Program, limits: Limits, **rest: object) -> Answer:
        answer = run(asked, limits)
        if not asked.whole.any():
            return answer
        assert not (asked.whole & ~contents).any(), "all else is continuous"
        loose.append(int((contents & (asked.lower < asked.upper)).sum()))
        return answer if len(loose) > way else replace(answer, x=None)

    monkeypatch.setattr(filling, "run", tried)
    found = filled(program, contents, np.ones(contents.size), best * 0.0, search_of(led("case-010")))
    assert len(loose) == way + 1
    assert loose == sorted(loose)
    assert (found.lower[contents] == found.upper[contents]).all()


def test_without_solution_or_time_the_program_stays() -> None:
    program, contents, best = put_off("case-010")
    weight, task = np.ones(contents.size), led("case-010")
    nothing = np.zeros_like(contents)
    assert filled(program, nothing, weight, best, search_of(task)) is program
    assert filled(program, contents, weight, best, search_of(task, seconds=0.0)) is program
    held = program.fixed(contents, best)
    assert filled(held, contents, weight, best, search_of(task)) is held
    lower, upper = np.where(contents, 1e6, program.lower), np.where(contents, 2e6, program.upper)
    impossible = replace(program, lower=lower, upper=upper)
    assert filled(impossible, contents, weight, best, search_of(task)) is impossible
