"""Method "components": what shares nothing is solved apart, and the parts' plans and bounds are those of the whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from models.build import Built, compile_model
from models.problem import Approval, ApprovalPolicy, Line, LineItem, LineRate, Order, Problem
from optimizer.settings import Settings
from optimizer.solving.child import Job
from optimizer.solving.components import Parts, components
from optimizer.solving.direct import direct
from optimizer.solving.highs import Limits, run
from optimizer.solving.outcome import Outcome
from optimizer.solving.parts import entities, parts
from optimizer.solving.program import Program
from optimizer.solving.search import Task
from tests.builders import START, an_item, an_order, bare_problem, day
from tests.models.cases import Case, all_cases
from tests.solving.drawn import random_program
from tests.solving.tasks import TIGHT, bare_search, led_toy, run_here, search_of, task_of

APART = replace(TIGHT, method="components")
ALONE = replace(TIGHT, method="direct")
CALM = Settings(seconds=60.0, gap=1e-6, threads=1)
ITEMS = ("missile", "shell")


def orders(item: str, count: int = 4) -> tuple[Order, ...]:
    """Complete orders that compete for the item's line, of different sizes and due dates."""
    return tuple(
        an_order(
            f"O-{item}-{k}", item=item, quantity=3 + 2 * k, due_date=day(1 + k % 3), delivery="complete",
            weight_multiplier=1.0 + 0.7 * k,
        )
        for k in range(count)
    )  # fmt: skip


def two_lines(**changes: object) -> Problem:
    """Two items with a line and four orders each: nothing is shared."""
    return replace(
        bare_problem(
            items=tuple(an_item(item) for item in ITEMS),
            lines=tuple(Line(f"{item}_line", item) for item in ITEMS),
            line_rates=tuple(LineRate(f"{item}_line", START, 3.0) for item in ITEMS),
            line_items=tuple(LineItem(f"{item}_line", item, 1) for item in ITEMS),
            orders=orders("missile") + orders("shell"),
        ),
        **changes,
    )


def one_of(item: str) -> Problem:
    """The half of it about one item."""
    whole = two_lines()
    return replace(
        whole,
        items=tuple(row for row in whole.items if row.item == item),
        lines=tuple(row for row in whole.lines if row.line == f"{item}_line"),
        line_rates=tuple(row for row in whole.line_rates if row.line == f"{item}_line"),
        line_items=tuple(row for row in whole.line_items if row.item == item),
        orders=orders(item),
    )


def solved(problem: Problem, settings: Settings = CALM) -> Outcome:
    return run_here(Job(problem, APART, settings))


def demands(problem: Problem) -> list[tuple[str, ...]]:
    """Demands of every part."""
    task = task_of(problem, formulation=TIGHT)
    small, free = task.program.compressed()
    about = entities(task.exact)
    return sorted(part.demands for part in parts(small, [about[j] for j in free]) if part.demands)


# --- the graph --------------------------------------------------------------------------------------------------------


def test_two_lines_are_two_parts() -> None:
    assert demands(two_lines()) == [tuple(f"O-{item}-{k}" for k in range(4)) for item in ITEMS]


@pytest.mark.parametrize("shared", ["line", "case", "reviewers"])
def test_what_is_shared_joins(shared: str) -> None:
    problem = two_lines()
    if shared == "line":
        problem = replace(problem, line_items=(*problem.line_items, LineItem("missile_line", "shell", 1)))
    else:
        cases = ["one case"] * 8 if shared == "case" else [f"case {k}" for k in range(8)]
        problem = replace(
            problem,
            orders=tuple(replace(row, case=case) for row, case in zip(problem.orders, cases, strict=True)),
            approvals=tuple(Approval(case, START, 2.0) for case in sorted(set(cases))),
            approval=ApprovalPolicy(1.0, 1, 3.5, 0.5),
        )
    assert demands(problem) == [tuple(f"O-{item}-{k}" for item in ITEMS for k in range(4))]


@pytest.mark.parametrize("found", all_cases(), ids=lambda case: case.name)
def test_no_row_is_about_two_parts(found: Case) -> None:
    built = compile_model(found.problem, TIGHT.exact)
    task = task_of(found.problem, formulation=TIGHT)
    assert_apart(task, built)


@pytest.mark.parametrize("seed", [0, 1])
def test_no_row_of_a_generated_instance_is_about_two_parts(seed: int) -> None:
    assert_apart(led_toy(seed), led_toy(seed).exact)


def assert_apart(task: Task, built: Built) -> None:
    """Every column and row is in one part, and rows have their columns there; every demand is in one part at most."""
    small, free = task.program.compressed()
    about = entities(built)
    found = parts(small, [about[j] for j in free])
    part_of = np.full(free.size, -1)
    for k, part in enumerate(found):
        assert (part_of[part.columns] == -1).all()
        part_of[part.columns] = k
    assert (part_of >= 0).all()
    rows = np.concatenate([part.rows for part in found])
    assert sorted(rows.tolist()) == list(range(small.A.shape[0]))
    for k, part in enumerate(found):
        assert set(part_of[np.unique(sparse.csr_array(small.A[part.rows]).indices)].tolist()) <= {k}
    names = [name for part in found for name in part.demands]
    assert len(names) == len(set(names))


# --- solving ----------------------------------------------------------------------------------------------------------


def test_a_two_part_instance_is_solved_as_two() -> None:
    phases: list[str] = []
    search = search_of(task_of(two_lines(), formulation=TIGHT), gap=1e-6, report=lambda s: phases.append(s.phase))
    components(search)
    assert search.proven
    assert {"part 1 of 2", "part 2 of 2"} <= set(phases)
    assert "branch and bound" not in phases
    assert len(search.messages) == 1
    assert "O-missile-0, O-missile-1, O-missile-2, O-missile-3; O-shell-0" in search.messages[0]


def test_plans_and_bounds_add_up() -> None:
    halves = [run_here(Job(one_of(item), ALONE, CALM)) for item in ITEMS]
    outcome = solved(two_lines())
    assert outcome.status == "optimal"
    assert outcome.plan is not None
    total = sum(half.objective or 0.0 for half in halves)
    assert total > 0
    assert outcome.objective == pytest.approx(total, rel=1e-6)
    assert outcome.bound == pytest.approx(total, rel=1e-5)
    assert outcome.bound is not None
    assert outcome.bound <= total * (1 + 1e-9)
    assert any("2 parts that share nothing" in message for message in outcome.messages)
    assert {row.demand for row in outcome.plan.dispatches} == {row.order for row in two_lines().orders}


def test_the_first_bound_is_the_sum_of_the_relaxations() -> None:
    task = task_of(two_lines(), formulation=TIGHT)
    relaxed = run(task.program.relaxed(), Limits(20.0)).objective
    search = search_of(task, gap=1e-6)
    components(search)
    assert search.root_bound == pytest.approx(relaxed, rel=1e-6)


def test_a_part_without_a_plan_leaves_none_to_the_whole() -> None:
    problem = two_lines()
    late = replace(problem.orders[-1], firm_by=day(1), quantity=50)
    outcome = solved(replace(problem, orders=(*problem.orders[:-1], late)))
    assert (outcome.status, outcome.plan, outcome.bound) == ("infeasible", None, None)
    assert [clash.entities for clash in outcome.clashes] == [("O-shell-3",)]


def test_one_part_goes_to_branch_and_bound() -> None:
    phases: list[str] = []
    search = search_of(task_of(one_of("shell"), formulation=TIGHT), report=lambda s: phases.append(s.phase))
    components(search)
    assert search.proven
    assert "branch and bound" in phases
    assert not search.messages


@pytest.mark.parametrize("seconds", [0.0, 0.05])
def test_out_of_time_it_claims_nothing_wrong(seconds: float) -> None:
    best = solved(two_lines()).objective
    assert best is not None
    search = search_of(task_of(two_lines(), formulation=TIGHT), seconds=seconds)
    components(search)
    assert not search.infeasible
    assert search.bound is None or search.bound <= best * (1 + 1e-6)
    assert search.objective is None or search.objective >= best * (1 - 1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_any_two_programs_side_by_side(seed: int) -> None:
    """Programs with negative and positive values: found part by part, and by branch and bound on both."""
    left, right = random_program(2 * seed), random_program(2 * seed + 1, columns=9, rows=5, offset=-30.0)
    both = Program(
        np.append(left.cost, right.cost), left.offset + right.offset,
        sparse.csr_array(sparse.block_diag([left.A, right.A])),
        np.append(left.row_lower, right.row_lower), np.append(left.row_upper, right.row_upper),
        np.append(left.lower, right.lower), np.append(left.upper, right.upper), np.append(left.whole, right.whole),
    )  # fmt: skip
    whole = bare_search(both)
    direct(whole)
    apart = bare_search(both)
    small, free = both.compressed()
    kept = (np.diff(small.A.indptr) > 0).all()
    assert kept
    found = parts(small, [("order", "left" if j < 14 else "right") for j in free])
    assert [part.demands for part in found] == [("right",), ("left",)]
    Parts(apart, small, free, found).run()
    assert apart.objective == pytest.approx(whole.objective, rel=1e-5, abs=1e-5)
    assert apart.bound == pytest.approx(whole.objective, rel=1e-5, abs=1e-5)
