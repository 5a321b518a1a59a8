"""Neighbourhoods: each frees a part of the best plan, holds the rest, and never makes it worse."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.baselines import first_come_first_served
from models.catalog import FORMULATIONS
from models.facts import Facts
from models.matrix import Vector
from models.problem import ItemComponent, LineItem, Offer, Problem, Substitute
from optimizer.solving import neighbourhoods
from optimizer.solving.highs import Answer, Limits, run
from optimizer.solving.neighbourhoods import About, Neighbourhoods, item_groups
from optimizer.solving.program import Program
from optimizer.solving.search import Search, start_vector
from tests.builders import an_item, an_offer, bare_problem, small_problem
from tests.solving.tasks import case, search_of, task_of

NAMES = ["case-006", "case-014", "mixed-110"]


def begun(problem: Problem) -> Search:
    """A search with the plan of first come, first served in hand."""
    search = search_of(task_of(problem))
    x, mask = start_vector(search.task.exact, search.task.exact.start(first_come_first_served(problem)))
    assert search.offer(search.complete(search.task.program, mask & search.task.program.whole, x))
    return search


@pytest.mark.parametrize("name", NAMES)
def test_no_neighbourhood_makes_it_worse(name: str) -> None:
    """Step after step until a whole round helps nowhere; what is not free stays, what is in hand is allowed."""
    found = case(name)
    search = begun(found.problem)
    start = search.objective
    around = Neighbourhoods(search, lambda: False)
    steps = 0
    while steps < 60:
        before = search.objective
        if not around.step():
            break
        steps += 1
        assert search.best is not None
        assert search.objective is not None
        assert before is not None
        assert search.objective <= before
        assert search.task.program.violation(search.best) <= 1e-5
        assert search.objective == pytest.approx(search.task.program.value(search.best))
    assert steps > 3
    assert start is not None
    assert search.objective is not None
    assert search.objective < start, "nothing was improved: the test would say little"
    assert search.objective >= (found.objective or 0.0) * (1 - 1e-5)


def test_patterns_of_a_window_are_free_with_its_contents() -> None:
    """In packages by columns contents follow from patterns: held patterns would hold them."""
    search = search_of(task_of(case("case-006").problem, formulation=FORMULATIONS["columns"]))
    around = Neighbourhoods(search, lambda: False)
    matrix = search.task.exact.matrix
    slots = {key[1:] for kind, key in zip(matrix.kinds, matrix.column_keys, strict=True) if kind == "pattern_share"}
    assert len(slots) > 1
    one = min(slots)
    mask = around._of_needs(set(around.facts.needs), {one})
    for kind, key, free in zip(matrix.kinds, matrix.column_keys, mask, strict=True):
        if kind in ("pattern_share", "content"):
            assert free == (key[1:] == one), (kind, key)


def test_it_ends_when_nothing_helps() -> None:
    """From the optimum no neighbourhood helps, and after the widest round it says so."""
    search = search_of(task_of(case("case-021").problem))
    assert search.offer(run(search.task.program, Limits(20.0, 1e-9)).x)
    around = Neighbourhoods(search, lambda: False)
    best, steps = search.objective, 0
    while around.step():
        steps += 1
        assert steps < 200
    assert around.round > len(neighbourhoods.PACKAGES)
    assert search.objective == best


def test_without_a_plan_there_is_no_neighbourhood() -> None:
    assert not Neighbourhoods(search_of(task_of(case("case-021").problem)), lambda: False).step()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_free_stays(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program solved has only the columns of the mask, with the sides that the rest leaves."""
    search = begun(case(name).problem)
    around = Neighbourhoods(search, lambda: False)
    for label, mask in around._round():
        seen: list[int] = []

        def noted(small: Program, *args: Any, seen: list[int] = seen, **kwargs: Any) -> Answer:
            seen.append(small.A.shape[1])
            return run(small, *args, **kwargs)

        monkeypatch.setattr(neighbourhoods, "run", noted)
        assert search.best is not None
        before = search.best.copy()
        around._solve(label, mask)
        assert seen[0] <= mask.sum() < len(mask), label
        assert np.array_equal(search.best[~mask], before[~mask]), label


def tampered(kind: str) -> Any:
    """A solver that lies: what it returns is not allowed, or worse than what was there."""

    def lying(small: Program, _limits: Limits, start: Vector | None = None, **_kwargs: Any) -> Answer:
        assert start is not None
        x = start.copy()
        if kind == "infeasible":
            x[small.cost < 0] = small.upper[small.cost < 0]
            x[small.cost > 0] = small.lower[small.cost > 0]
            x = np.where(np.isfinite(x), x, 1e6)
        elif kind == "worse":
            worst = run(replace(small, cost=-small.cost), Limits(5.0, 1e-3)).x
            x = start if worst is None else worst
        return Answer("optimal", x, -1e9, -1e9, None, 0.0)

    return lying


@pytest.mark.parametrize("kind", ["infeasible", "worse", "the same"])
def test_offer_judges_what_the_solver_says(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check of every offer bites: with a solver that lies, nothing changes; with an honest one, it improves."""
    search = begun(case("case-006").problem)
    assert search.best is not None
    best, objective = search.best.copy(), search.objective
    around = Neighbourhoods(search, lambda: False)
    with monkeypatch.context() as lying:
        lying.setattr(neighbourhoods, "run", tampered(kind))
        for _ in range(8):
            around.step()
    assert search.objective == objective
    assert np.array_equal(search.best, best)
    honest = Neighbourhoods(search, lambda: False)
    for _ in range(8):
        honest.step()
    assert search.objective is not None
    assert objective is not None
    assert search.objective < objective


def test_a_check_that_does_not_bite_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutation of the test above: with every violation called 0, the lie gets through."""
    search = begun(case("case-006").problem)
    objective = search.objective
    monkeypatch.setattr(neighbourhoods, "run", tampered("infeasible"))
    monkeypatch.setattr(Program, "violation", lambda _self, _x: 0.0)
    around = Neighbourhoods(search, lambda: False)
    for _ in range(8):
        around.step()
    assert search.objective is not None
    assert objective is not None
    assert search.objective < objective


def test_every_round_reaches_every_dispatch() -> None:
    """No choice of what is sent, made or contained is out of reach of all neighbourhoods of the first rounds."""
    search = begun(small_problem())
    around = Neighbourhoods(search, lambda: False)
    reached = np.zeros(len(around.matrix.kinds), dtype=bool)
    for _ in range(3):
        around.round += 1
        for _label, mask in around._round():
            reached |= mask
    movable = np.isin(around.matrix.kinds, ("sent", "dispatched", "made", "is_completed", "is_approved", "is_accepted"))
    assert movable.any()
    assert reached[movable].all()


def test_columns_know_what_they_are_about() -> None:
    search = search_of(task_of(small_problem()))
    about, matrix = About.of(search), search.task.exact.matrix
    for kind, key, item, need, order in zip(
        matrix.kinds, matrix.column_keys, about.item, about.need, about.order, strict=True
    ):
        if kind == "made":
            assert item == key[1]
        elif kind in ("stock", "shortfall"):
            assert item == key[0]
        elif kind == "sent":
            assert (item in ("missile", "old_missile"), item == "shell") == (need == "N-missile", need == "N-shell")
        elif kind in ("dispatched", "is_completed", "given"):
            assert order == key[0]
            assert item == ("missile" if order in ("O-each", "O-firm") else "shell")
        elif kind == "is_accepted":
            assert item == "missile"
        elif kind in ("component_left", "is_approved", "reviewed"):
            assert (item, need, order) == (None, None, None)
    assert {"made", "sent", "dispatched", "is_completed"} <= set(matrix.kinds.tolist())


def test_groups_of_items() -> None:
    """What shares a line, a component, a substitute or an offer is one group; what shares nothing is alone."""
    items = tuple(an_item(name) for name in "abcdefghi")
    offer: Offer = an_offer(item="g", replacement_item="h")
    problem = bare_problem(
        items=items,
        line_items=(LineItem("missile_line", "a", 1), LineItem("missile_line", "b", 1)),
        item_components=(ItemComponent("c", "seeker", 1), ItemComponent("d", "seeker", 2)),
        substitutes=(Substitute("e", "f", 2),),
        offers=(offer,),
    )
    groups = sorted(sorted(group) for group in item_groups(Facts(problem)))
    assert groups == [["a", "b"], ["c", "d"], ["e", "f"], ["g", "h"], ["i"]]
