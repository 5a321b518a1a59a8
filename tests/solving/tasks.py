"""Programs, searches and child processes of a test: small, in this process, and quiet."""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import numpy as np
from scipy import sparse

from models.build import Built, compile_model
from models.catalog import DEFAULT, FORMULATIONS
from models.formulation import Formulation
from models.plan import Plan
from models.problem import Problem
from optimizer.generating.generate import generate
from optimizer.reading.instance import read_instance
from optimizer.solving import child
from optimizer.solving.methods import METHODS
from optimizer.solving.outcome import Outcome
from optimizer.solving.program import Program, program_of
from optimizer.solving.search import Search, Task
from tests.models.cases import Case, all_cases

SLOTS = FORMULATIONS["slots"]
TIGHT = FORMULATIONS[DEFAULT]


def case(name: str) -> Case:
    """A conformance case by its name."""
    return next(found for found in all_cases() if found.name == name)


def program(
    cost: list[float],
    rows: list[tuple[float | None, list[float], float | None]],
    upper: list[float],
    whole: list[bool],
    offset: float = 0.0,
) -> Program:
    """min cost·x + offset with rows (lower, coefficients, upper) and 0 ≤ x ≤ upper."""
    n = len(cost)
    A = sparse.csr_array(np.array([row for _, row, _ in rows], dtype=float).reshape(len(rows), n))
    return Program(
        np.array(cost, dtype=float),
        offset,
        A,
        np.array([-np.inf if low is None else low for low, _, _ in rows], dtype=float),
        np.array([np.inf if high is None else high for _, _, high in rows], dtype=float),
        np.zeros(n),
        np.array(upper, dtype=float),
        np.array(whole, dtype=bool),
    )


def hard_knapsack(n: int = 30) -> Program:
    """An equality knapsack of large, even weights and an odd right side, with a slack: quick to fill, slow to prove."""
    random = np.random.default_rng(7)
    weights = 2 * random.integers(5_000, 50_000, (2, n))
    rows: list[tuple[float | None, list[float], float | None]] = []
    for k in range(2):
        total = float(weights[k].sum() // 2 | 1)
        slack = [0.0, 0.0, 0.0, 0.0]
        slack[2 * k], slack[2 * k + 1] = 1.0, -1.0
        rows.append((total, [*map(float, weights[k]), *slack], total))
    return program([0.0] * n + [1.0] * 4, rows, [1.0] * n + [1e7] * 4, [True] * n + [False] * 4)


def task_of(problem: Problem, guide: bool = False, formulation: Formulation = SLOTS) -> Task:
    """The task of the weighted objective, with the guide of method "guided" if wanted."""
    exact = compile_model(problem, formulation)
    if not guide:
        return Task(exact, program_of(exact.matrix))
    leads = METHODS["guided"].guide
    assert leads is not None
    led_by = compile_model(problem, leads(formulation), exact.draft.facts)
    return Task(exact, program_of(exact.matrix), led_by, program_of(led_by.matrix))


@cache
def led(name: str) -> Task:
    """The task of a conformance case in the default formulation, with its guide; compiled once, never changed."""
    return task_of(case(name).problem, guide=True, formulation=TIGHT)


@cache
def toy(seed: int) -> Problem:
    """A generated instance of the smallest class: several groups of items, hundreds of whole columns."""
    with TemporaryDirectory() as room:
        generate("toy", seed, Path(room) / "toy")
        problem = read_instance(Path(room) / "toy").problem
    assert problem is not None
    return problem


@cache
def led_toy(seed: int) -> Task:
    """The task of a generated instance in the default formulation, with its guide."""
    return task_of(toy(seed), guide=True, formulation=TIGHT)


def search_of(
    task: Task,
    *,
    seconds: float = 60.0,
    threads: int = 1,
    report: Callable[[Search], None] = lambda _search: None,
    stop: Callable[[], bool] = lambda: False,
    gap: float = 1e-5,
) -> Search:
    """A search that has not begun."""
    return Search(task, seconds, gap, threads, 0, report, stop)


def bare_search(small: Program, seconds: float = 60.0, gap: float = 1e-6) -> Search:
    """A search on a program alone: the model behind it is never looked at."""
    return search_of(Task(cast(Built, None), small), seconds=seconds, gap=gap)


class Ear:
    """The parent's side of a child run in this process: keeps what is said; `stop` is polled as the pipe is."""

    def __init__(self, stop: Callable[[Ear], bool] = lambda _ear: False) -> None:
        self.said: list[tuple[str, Any]] = []
        self._stop = stop

    def send(self, message: tuple[str, Any]) -> None:
        self.said.append(message)

    def poll(self) -> bool:
        return self._stop(self)

    def of(self, kind: str) -> list[Any]:
        """What was said of a kind, in order."""
        return [content for said, content in self.said if said == kind]


def run_here(job: child.Job, ear: Ear | None = None) -> Outcome:
    """The outcome of a job, run in this process as the spawned child runs it."""
    heard = ear if ear is not None else Ear()
    before = signal.getsignal(signal.SIGINT)
    try:
        child.main(cast(Any, heard), job)
    finally:
        signal.signal(signal.SIGINT, before)
    kind, content = heard.said[-1]
    assert kind == "outcome", content
    assert isinstance(content, Outcome)
    return content


def named(*plans: Plan) -> tuple[tuple[str, Plan], ...]:
    """Plans to start from, with names."""
    return tuple((f"plan {k}", plan) for k, plan in enumerate(plans))
