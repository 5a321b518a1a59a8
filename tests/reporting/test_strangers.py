"""What makes two instances strangers: another name and nobody in common, where both have somebody."""

from __future__ import annotations

import pytest

from models.problem import Problem
from optimizer.reporting.strangers import strangers
from tests.builders import a_need, an_order, bare_problem


def instance(name: str, *orders: str, needs: tuple[str, ...] = ()) -> Problem:
    return bare_problem(
        name=name, orders=tuple(an_order(one) for one in orders), needs=tuple(a_need(one) for one in needs)
    )


@pytest.mark.parametrize(
    ("one", "other", "strange"),
    [
        (instance("a", "O-1"), instance("b", "O-2"), True),
        (instance("a", "O-1"), instance("a", "O-2"), False),
        (instance("a", "O-1", "O-2"), instance("b", "O-2"), False),
        (instance("a", needs=("N-1",)), instance("b", "O-1", needs=("N-1",)), False),
        (instance("a", "X"), instance("b", needs=("X",)), True),
        (instance("a"), instance("b", "O-1"), False),
    ],
)
def test_strangers(one: Problem, other: Problem, *, strange: bool) -> None:
    assert strangers(one, other) is strange
    assert strangers(other, one) is strange
