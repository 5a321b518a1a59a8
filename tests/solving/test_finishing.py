"""Finishing a plan whose releases and payers are settled: allowed, whole, and what was settled stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from models.checker import check_plan
from models.extract import extract
from models.matrix import Vector
from optimizer.solving import finishing
from optimizer.solving.finishing import Finish
from optimizer.solving.guided import SETTLED
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import Mask, Program
from optimizer.solving.search import whole_units
from tests.solving.tasks import TIGHT, case, led, led_toy, search_of, task_of

NAMES = ["case-002", "case-006", "case-010", "case-014", "case-025", "case-030", "mixed-101", "mixed-106", "mixed-110"]
"""Cases with packages, offers, reviews and complete orders, each solved in less than a second."""


@cache
def settled(name: str) -> tuple[Program, Vector]:
    """The task with the releases and payers of its optimum, and contents up to its; and the optimum."""
    task = led(name)
    best = run(task.program, Limits(60.0, 1e-9)).x
    assert best is not None
    kinds = task.exact.matrix.kinds
    fixed = task.program.fixed(np.isin(kinds, SETTLED) & (kinds != "content"), best)
    most = np.where(kinds == "content", np.round(best), fixed.upper)
    return replace(fixed, upper=np.minimum(fixed.upper, most)), best


@pytest.mark.parametrize("name", NAMES)
def test_a_whole_plan_within_what_is_settled(name: str) -> None:
    """Feasible and whole, bounds of what is settled kept, near the best there is; the checker allows it."""
    small, best = settled(name)
    search, found = search_of(led(name)), case(name)
    x = Finish(search, lambda: False).run(small)
    assert x is not None
    assert small.violation(x) <= 1e-5
    optimum, value = small.value(best), search.task.program.value(x)
    assert optimum == pytest.approx(found.objective, rel=1e-6)
    assert optimum * (1 - 1e-6) <= value <= optimum * 1.02
    verdict = check_plan(found.problem, extract(search.task.exact, whole_units(search.task, x, search)))
    assert verdict.violations == ()
    assert verdict.terms.total <= value * (1 + 1e-6)


@cache
def toy_settled(seed: int) -> Program:
    """A generated instance with several groups of items; releases and payers as in a solution."""
    task = led_toy(seed)
    found = run(task.program, Limits(60.0, 1e-2)).x
    assert found is not None
    kinds = task.exact.matrix.kinds
    return task.program.fixed(np.isin(kinds, SETTLED), found)


@pytest.mark.parametrize("together", [0, 10**6])
def test_groups_one_by_one_and_all_in_one(together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However groups are put together, every whole column about items is in one, and in one only."""
    monkeypatch.setattr(finishing, "TOGETHER", together)
    small, task = toy_settled(3), led_toy(3)
    finish = Finish(search_of(task), lambda: False)
    groups = finish._groups(small)
    assert len(groups) == (1 if together else 3)
    kinds = task.exact.matrix.kinds
    about_items = np.isin(kinds, ("made", "stock", "dispatched", "is_completed", "is_accepted", "sent"))
    assert about_items.any()
    assert (np.sum(groups, axis=0)[about_items] == 1).all()
    sizes = [int((group & small.whole).sum()) for group in groups]
    assert sizes == sorted(sizes)
    x = finish.run(small)
    assert x is not None
    assert small.violation(x) <= 1e-5
    optimum = run(small, Limits(60.0, 1e-4)).bound
    assert optimum is not None
    assert optimum * (1 - 1e-6) <= small.value(x) <= optimum * 1.02


def test_without_a_solution_there_is_none() -> None:
    task = task_of(case("mixed-109").problem, formulation=TIGHT)
    assert Finish(search_of(task), lambda: False).run(task.program) is None


def test_what_cannot_be_finished_is_none() -> None:
    """Contents above what can be sent in the horizon break their promise."""
    small, best = settled("case-010")
    contents = led("case-010").exact.matrix.kinds == "content"
    assert (small.upper[contents] > 0).any()
    forced = np.where(contents & (best > 0.5), 1e6, small.lower)
    program = replace(small, lower=forced, upper=np.maximum(forced, small.upper))
    assert Finish(search_of(led("case-010")), lambda: False).run(program) is None


@pytest.mark.parametrize("name", ["case-006", "case-010", "case-025"])
def test_what_no_group_has_is_whole_in_the_end(name: str) -> None:
    """With payers left open, which are about no item, the plan is whole all the same."""
    small, best = settled(name)
    payers = led(name).exact.matrix.kinds == "takes_part"
    program = led(name).program
    free = replace(small, lower=np.where(payers, program.lower, small.lower),
                   upper=np.where(payers, program.upper, small.upper))  # fmt: skip
    assert (small.whole & payers & (free.lower < free.upper)).any()
    x = Finish(search_of(led(name)), lambda: False).run(free)
    assert x is not None
    assert free.violation(x) <= 1e-5
    assert free.value(x) >= free.value(best) * (1 - 1e-6)


def test_a_plan_is_not_lost_for_want_of_time_to_better_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """All is whole after the last group: without time for what is continuous it is a plan all the same."""
    small, _ = settled("case-010")
    finish = Finish(search_of(led("case-010")), lambda: False)
    among_all = finish._among_all
    monkeypatch.setattr(
        finish, "_among_all", lambda program, part, seconds: among_all(program, part, seconds) if part.any() else None
    )
    x = finish.run(small)
    assert x is not None
    assert small.violation(x) <= 1e-5
    assert np.allclose(x[small.whole], np.round(x[small.whole]))


def test_no_time_no_plan() -> None:
    small, _ = settled("case-010")
    assert Finish(search_of(led("case-010"), seconds=0.0), lambda: False).run(small) is None


def test_what_is_given_as_decided_leads() -> None:
    """From the optimum's completions and offers the optimum is found again."""
    for name in ("case-014", "case-025"):
        small, best = settled(name)
        x = Finish(search_of(led(name)), lambda: False).run(small, best)
        assert x is not None
        assert small.violation(x) <= 1e-5
        assert small.value(x) <= small.value(best) * 1.02


def refusing(finish: Finish, refused: Callable[[list[int], int], bool], parts: list[Mask]) -> list[list[int]]:
    """Makes groups fail: `refused` hears which were made whole in this pass and which is next. Returns the passes."""
    passes: list[list[int]] = []
    alone, among_all, whole = finish._alone, finish._among_all, finish._whole

    def number(part: Mask) -> int:
        return next((k for k, other in enumerate(parts) if np.array_equal(part, other)), -1)

    def bad(part: Mask) -> bool:
        k = number(part)
        if k >= 0 and refused(passes[-1], k):
            return True
        passes[-1].append(k)
        return False

    def again(program: Program, x: Vector, order: list[Mask]) -> tuple[Vector | None, int]:
        passes.append([])
        return whole(program, x, order)

    finish._whole = again  # type: ignore[method-assign]
    finish._alone = lambda program, part, x, seconds: (  # type: ignore[method-assign]
        None if bad(part) else alone(program, part, x, seconds)
    )
    finish._among_all = lambda program, part, seconds: (  # type: ignore[method-assign]
        None if passes and number(part) >= 0 and number(part) not in passes[-1] else among_all(program, part, seconds)
    )
    return passes


def test_a_group_that_fails_after_others_goes_before_them() -> None:
    small, task = toy_settled(3), led_toy(3)
    finish = Finish(search_of(task), lambda: False)
    parts = finish._groups(small)
    assert len(parts) > 1
    last = len(parts) - 1
    passes = refusing(finish, lambda done, k: k == last and bool(done), parts)
    x = finish.run(small)
    assert x is not None
    assert small.violation(x) <= 1e-5
    assert [one[0] for one in passes] == [0, last], "first as it was, then with the last one first"


def test_a_group_that_fails_as_the_first_of_all_is_the_end() -> None:
    small, task = toy_settled(3), led_toy(3)
    finish = Finish(search_of(task), lambda: False)
    parts = finish._groups(small)
    passes = refusing(finish, lambda done, k: k == len(parts) - 1, parts)
    assert finish.run(small) is None
    assert len(passes) == 2


def test_what_goes_ahead_is_whole_before_all_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    small, task = toy_settled(3), led_toy(3)
    ahead = small.whole & (task.exact.matrix.kinds == "sent") & (small.lower < small.upper)
    assert ahead.any()
    finish = Finish(search_of(task), lambda: False)
    seen: list[Program] = []
    whole = finish._whole
    monkeypatch.setattr(finish, "_whole", lambda program, x, parts: (seen.append(program), whole(program, x, parts))[1])
    x = finish.run(small, None, ahead)
    assert x is not None
    (program,) = seen
    assert np.array_equal(program.lower[ahead], program.upper[ahead])
    assert np.allclose(x[ahead], program.lower[ahead])
    assert np.allclose(program.lower[ahead], np.round(program.lower[ahead]))
    assert small.violation(x) <= 1e-5


def test_groups_that_fail_in_turn_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Either of two fails after the other: orders are tried so often, and no more."""
    monkeypatch.setattr(finishing, "ORDERS", 3)
    small, task = toy_settled(3), led_toy(3)
    finish = Finish(search_of(task), lambda: False)
    parts = finish._groups(small)
    passes = refusing(finish, lambda done, k: k in (0, 1) and bool({0, 1} & set(done)), parts)
    assert finish.run(small) is None
    assert len(passes) == 3
