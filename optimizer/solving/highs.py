"""The only module that knows HiGHS: a `Program` in, an `Answer` out.

Thread counts are global to a process in HiGHS, so every process of ours decides once how many it takes. A time-out
without an incumbent returns zeros in HiGHS; here it returns `None`. So do bounds before the first linear program of a
branch and bound: until then HiGHS tells what the columns' bounds allow, which says nothing of the rows.

Where the clock counts work (`optimizer.solving.clock`), HiGHS gets no limit in seconds but the net. It calls the
interrupts of simplex, interior point method and branch and bound at places that depend on the program alone: these
count, and end the run. The lines of its log, and with them the progress callback, come by its own timer, unless the
interval between them is 0: then they come at the same places of every run as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import highspy
import numpy as np
import numpy.typing as npt

from models.matrix import Vector
from optimizer.solving.clock import clock, now, wall
from optimizer.solving.effort import account
from optimizer.solving.program import Program
from optimizer.solving.tree import Tree
from optimizer.solving.work import Tally, least_relaxed

LATE = 0.3
"""Seconds past its limit after which a run is interrupted: HiGHS does not look at the clock everywhere."""
End = Literal["optimal", "limit", "infeasible", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one run: seconds (units of work, if the clock counts it), relative gap, threads, seed, HiGHS options.

    Work is counted with one thread, whatever `threads` says.
    """

    seconds: float
    gap: float = 1e-4
    threads: int = 1
    seed: int = 0
    options: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Why the run ended, and what is in hand. `bound` is a lower bound; `duals` per row, for linear programs only.

    `bound` is None while no relaxation was solved to its end, and so is the bound that listeners hear of.
    """

    end: End
    x: Vector | None
    objective: float | None
    bound: float | None
    duals: Vector | None
    seconds: float


OnSolution = Callable[[Vector, float], None]
OnProgress = Callable[[float | None, float | None], None]


def run(
    program: Program,
    limits: Limits,
    *,
    start: Vector | None = None,
    on_solution: OnSolution | None = None,
    on_progress: OnProgress | None = None,
    stop: Callable[[], bool] | None = None,
) -> Answer:
    """Solves a program.

    Args:
        start: a full solution to start from; one that is not feasible is ignored by HiGHS.
        on_solution: called with every improving solution and its objective.
        on_progress: called now and then with (incumbent, bound), None where unknown; the first bound is that of the
            linear relaxation at the root, after presolve.
        stop: polled; the run ends soon after it returns True.
    """
    began = now()
    if program.A.shape[1] == 0 or limits.seconds <= 0:
        Tally.of(program)
        return _trivial(program, began)
    slack = 0.0 if clock().counted else LATE
    listeners = _Listeners(on_solution, on_progress, stop, began + limits.seconds + slack)
    if clock().counted and program.whole.any() and not _rooted(program, limits, listeners):
        return Answer("limit", None, None, None, None, now() - began)
    answer = _once(program, limits, start, listeners)
    if answer.end == "infeasible" and program.whole.any():
        # presolve of 1.15.1 calls some feasible programs infeasible; it is not believed alone
        left = max(1.0, limits.seconds - answer.seconds)
        plain = replace(limits, seconds=left, options=(*limits.options, ("presolve", "off")))
        answer = _once(program, plain, start, listeners)
    return replace(answer, seconds=now() - began)


@dataclass(frozen=True, slots=True)
class _Listeners:
    """Who is told of a run, and who may end it; when it has to end."""

    on_solution: OnSolution | None = None
    on_progress: OnProgress | None = None
    stop: Callable[[], bool] | None = None
    latest: float = math.inf

    def ending(self) -> bool:
        """Whether the run has to end."""
        return now() > self.latest or (self.stop is not None and self.stop())


def _rooted(program: Program, limits: Limits, listeners: _Listeners) -> bool:
    """Whether there is work enough for the linear relaxation.

    Branch and bound does not look at its limits before that is solved, so one that may be too large is tried by itself.
    """
    if 2 * least_relaxed(program) <= limits.seconds:
        return True
    alone = _Listeners(stop=listeners.stop, latest=listeners.latest)
    return _once(program.relaxed(), limits, None, alone).end not in ("limit", "stopped")


def _once(program: Program, limits: Limits, start: Vector | None, listeners: _Listeners) -> Answer:
    began = now()
    highs = _loaded(program, limits)
    whole = bool(program.whole.any())
    if start is not None and whole:
        solution = highspy.HighsSolution()
        solution.col_value = start
        highs.setSolution(solution)
    tree = Tree()
    tally = Tally.of(program) if clock().counted else None
    _listen(highs, whole, listeners, tree, tally)
    highs.run()
    if whole:
        tree.reached(int(highs.getInfo().mip_node_count))
    if tally is not None:
        tally.inside = max(tally.inside, int(highs.getInfo().simplex_iteration_count)) if whole else 0
        tally.tell()
    _notice_the_net(highs)
    answer = _answer(highs, whole, tree.rooted, now() - began)
    late = answer.end == "stopped" and now() > listeners.latest
    return replace(answer, end="limit") if late else answer


def _notice_the_net(highs: Any) -> None:
    """Where work is counted, HiGHS has no other limit in seconds."""
    if clock().counted and highs.getModelStatus() == highspy.HighsModelStatus.kTimeLimit:
        clock().tear()


class HotSimplex:
    """A linear program solved again and again with other bounds on some columns, each time from the basis before."""

    def __init__(self, program: Program, limits: Limits, stop: Callable[[], bool] | None = None) -> None:
        """Loads the program with every column continuous; nothing is solved yet."""
        self._highs = _loaded(program.relaxed(), replace(limits, options=(*limits.options, ("solver", "simplex"))))
        counted = clock().counted
        self._tally = Tally.of(program) if counted else None
        latest = now() + limits.seconds if counted else math.inf
        _listen(self._highs, False, _Listeners(stop=stop, latest=latest), Tree(), self._tally)
        self._solved = 0

    def solve(
        self, columns: npt.NDArray[np.int64], values: Vector, upper: Vector | None = None, cutoff: float = math.inf
    ) -> tuple[float, Vector] | None:
        """Objective and solution with the columns at `values` (between `values` and `upper`, if given).

        None if there is no solution, none below `cutoff`, or time is over.
        """
        highs = self._highs
        if len(columns):
            highs.changeColsBounds(len(columns), columns.astype(np.int32), values, values if upper is None else upper)
        highs.setOptionValue("objective_bound", cutoff)
        if self._tally is not None:
            self._tally.again()
        highs.run()
        _notice_the_net(highs)
        if self._solved == 0:
            highs.setOptionValue("presolve", "off")  # a start from a basis is worth more than a smaller program
        self._solved += 1
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        value = float(highs.getInfo().objective_function_value)
        return (value, np.array(highs.getSolution().col_value)) if value < cutoff else None

    def sides(self, rows: npt.NDArray[np.int64], lower: Vector, upper: Vector) -> None:
        """Other sides of some rows from the next solve on; the basis stays."""
        self._highs.changeRowsBounds(len(rows), rows.astype(np.int32), lower, upper)

    def shut(self, columns: npt.NDArray[np.int64]) -> None:
        """Columns at 0 from the next solve on; the basis stays."""
        zeros = np.zeros(len(columns))
        self._highs.changeColsBounds(len(columns), columns.astype(np.int32), zeros, zeros)

    def duals(self) -> Vector:
        """Duals of the rows at the last solution."""
        return np.array(self._highs.getSolution().row_dual)

    def slopes(self, columns: npt.NDArray[np.int64]) -> Vector:
        """Reduced costs of columns at the last solution: what a unit more of a fixed one would cost, or more."""
        return np.array(self._highs.getSolution().col_dual)[columns]

    def ray(self) -> Vector | None:
        """Multipliers of rows, up to their sign, that prove there is no solution (Farkas), if the last solve did."""
        found = self._highs.getDualRay()
        return np.array(found[2]) if found[1] else None

    def price(self, cost: Vector) -> None:
        """Other costs from the next solve on; the basis stays."""
        self._highs.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)

    def keep(self) -> Any:
        """The basis of the last solution, to come back to."""
        return self._highs.getBasis()

    def back(self, basis: Any) -> None:
        """Starts the next run from a basis kept before."""
        self._highs.setBasis(basis)


class GrowingSimplex:
    """A linear program that gets more columns between solves, each time from the basis before."""

    def __init__(self, program: Program, limits: Limits, stop: Callable[[], bool] | None = None) -> None:
        """Loads the program with every column continuous; nothing is solved yet."""
        self._highs = _loaded(program.relaxed(), replace(limits, options=(*limits.options, ("solver", "simplex"))))
        self._tally = Tally.of(program) if clock().counted else None
        _listen(self._highs, False, _Listeners(stop=stop, latest=now() + limits.seconds), Tree(), self._tally)

    def solve(self) -> tuple[float, Vector, Vector] | None:
        """Objective, solution and duals of the rows; None if there is no solution, or time is over."""
        if self._tally is not None:
            self._tally.again()
        began = wall()
        self._highs.run()
        account().grown(wall() - began)
        _notice_the_net(self._highs)
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = self._highs.getSolution()
        value = float(self._highs.getInfo().objective_function_value)
        return value, np.array(solution.col_value), np.array(solution.row_dual)

    def grow(self, cost: Vector, lower: Vector, upper: Vector, matrix: Any) -> None:
        """More columns: costs, bounds, and a sparse matrix (scipy, by column) with all rows.

        The basis stays feasible, so the primal simplex goes on from it: quick where the columns are few.
        """
        self._highs.addCols(
            len(cost), cost, lower, upper, matrix.nnz,
            matrix.indptr[:-1].astype(np.int32), matrix.indices.astype(np.int32), matrix.data,
        )  # fmt: skip
        self._highs.setOptionValue("simplex_strategy", 4)


def _trivial(program: Program, began: float) -> Answer:
    if program.A.shape[1] == 0:
        fine = bool(np.all(program.row_lower <= 1e-9) and np.all(program.row_upper >= -1e-9))
        x = np.zeros(0)
        end: End = "optimal" if fine else "infeasible"
        value = program.offset if fine else None
        return Answer(end, x if fine else None, value, value, None, now() - began)
    return Answer("limit", None, None, None, None, now() - began)


_threads: int | None = None


def _use_threads(count: int) -> None:
    """Resets the scheduler that all of HiGHS shares in this process when another number of threads is wanted."""
    global _threads  # noqa: PLW0603 - it mirrors a global of the library
    if _threads is not None and _threads != count:
        highspy.Highs.resetGlobalScheduler(True)
    _threads = count


def _loaded(program: Program, limits: Limits) -> Any:
    """A solver that holds the program; the account is told how long the arrays took to get there."""
    counted = clock().counted
    threads = 1 if counted else limits.threads
    _use_threads(threads)
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    options = {
        "output_flag": True,  # the progress callbacks speak only while logging is on
        "log_to_console": False,
        "time_limit": clock().net() if counted else float(limits.seconds),
        "mip_rel_gap": limits.gap,
        "mip_abs_gap": 1e-7,
        "threads": threads,
        "random_seed": limits.seed,
        **dict(limits.options),
    }
    if counted:
        options["mip_min_logging_interval"] = 0.0
    for name, value in options.items():
        highs.setOptionValue(name, value)
    began = wall()
    lp = highspy.HighsLp()
    rows, columns = program.A.shape
    lp.num_row_, lp.num_col_ = rows, columns
    lp.col_cost_, lp.offset_ = program.cost, program.offset
    lp.col_lower_, lp.col_upper_ = program.lower, program.upper
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = program.A.indptr.astype(np.int32)
    lp.a_matrix_.index_ = program.A.indices.astype(np.int32)
    lp.a_matrix_.value_ = program.A.data
    if program.whole.any():
        kind = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kind[int(w)] for w in program.whole]
    highs.passModel(lp)
    account().handed_over((columns, rows), wall() - began)
    return highs


def _listen(highs: Any, whole: bool, listeners: _Listeners, tree: Tree, tally: Tally | None = None) -> None:
    on_solution, on_progress = listeners.on_solution, listeners.on_progress
    if tally is not None:
        _count(highs, tree, tally)
    if listeners.stop is not None or listeners.latest < math.inf:

        def interrupt(event: Any) -> None:
            if listeners.ending():
                event.data_in.user_interrupt = True

        highs.cbSimplexInterrupt.subscribe(interrupt)
        highs.cbIpmInterrupt.subscribe(interrupt)
        highs.cbMipInterrupt.subscribe(interrupt)
    if on_solution is not None and whole:

        def improved(event: Any) -> None:
            out = event.data_out
            on_solution(np.array(out.mip_solution), float(out.objective_function_value))

        highs.cbMipImprovingSolution.subscribe(improved)
    if whole:

        def logged(event: Any) -> None:
            out = event.data_out
            tree.reached(int(out.mip_node_count))
            if on_progress is not None:
                on_progress(_known(out.mip_primal_bound), _known(out.mip_dual_bound) if tree.rooted else None)

        highs.cbLogging.subscribe(lambda event: tree.read(event.message))
        highs.cbMipLogging.subscribe(logged)


def _count(highs: Any, tree: Tree, tally: Tally) -> None:
    """Counts every call of an interrupt, before those that look at the clock."""

    def iterated(_event: Any) -> None:
        tally.iterations += 1
        tally.tell()

    def stepped(_event: Any) -> None:
        tally.steps += 1
        tally.tell()

    def looked(_event: Any) -> None:
        tally.looks += 1
        tally.inside = tree.iterations
        tally.tell()

    highs.cbSimplexInterrupt.subscribe(iterated)
    highs.cbIpmInterrupt.subscribe(stepped)
    highs.cbMipInterrupt.subscribe(looked)


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) and abs(value) < 1e29 else None


def _answer(highs: Any, whole: bool, rooted: bool, seconds: float) -> Answer:
    status, info = highs.getModelStatus(), highs.getInfo()
    kinds = highspy.HighsModelStatus
    solution = highs.getSolution()
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    x = np.array(solution.col_value) if solution.value_valid and feasible else None
    objective = float(info.objective_function_value) if x is not None else None
    proven = objective if status == kinds.kOptimal else None
    bound = proven if not whole else _known(info.mip_dual_bound) if rooted or proven is not None else None
    duals = np.array(solution.row_dual) if not whole and solution.dual_valid else None
    ends: dict[Any, End] = {
        kinds.kOptimal: "optimal", kinds.kModelEmpty: "optimal", kinds.kInterrupt: "stopped",
        kinds.kInfeasible: "infeasible", kinds.kUnboundedOrInfeasible: "infeasible",
        kinds.kTimeLimit: "limit", kinds.kIterationLimit: "limit", kinds.kSolutionLimit: "limit",
        kinds.kObjectiveBound: "limit", kinds.kObjectiveTarget: "limit",
    }  # fmt: skip
    end = ends.get(status, "failed")
    if end in ("failed", "infeasible"):
        x = objective = bound = None
    return Answer(end, x, objective, bound, duals, seconds)
