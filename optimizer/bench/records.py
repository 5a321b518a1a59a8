"""One run, measured: a flat record that is one row of a Parquet file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, get_args, get_type_hints

from optimizer.peers.records import TracePoint
from optimizer.solving.outcome import EXACT, relative_gap

KILLED_TIME, KILLED_MEMORY, ERROR, PLAN = "killed: time", "killed: memory", "error", "plan"
"""What a status may be beyond the words of `optimizer.solving.outcome.Status`; `plan`: nothing was to be proven."""


@dataclass(frozen=True, slots=True)
class Record:
    """One run. Seconds are wall clock; those `to_...` count from the start of the process. Unknown is None.

    Attributes:
        key: `Job.key`.
        suite: name of the suite.
        commit: state of the program, see `machine.state`.
        dirty: the program had changes that no commit holds.
        started: when, ISO 8601 in UTC.
        kind: "formulation", "peer" or "baseline".
        name: of the formulation, peer or baseline.
        changes: fields of the formulation that were replaced, JSON.
        instance: what the instance is called.
        digest: hash of its content.
        demands: orders and needs of the instance.
        periods: periods of its horizon.
        mode: of its objective, "weighted" or "lexicographic".
        seed: of the solver's random choices.
        repeat: number of the run among runs of equal settings.
        seconds_limit: wall-clock limit of the solving phase.
        gap_limit: relative gap at which the run might stop.
        threads: of the solver.
        status: why it ended.
        objective: value of the plan as the checker computes it; where there is no verdict, as the solver says.
        bound: proven lower bound.
        gap: (objective − bound) / |objective|.
        root_bound: the first bound of a relaxation of the whole problem; of a peer: bound after the root node.
        root_seconds: until that was known; None for peers, which do not say.
        nodes: of branch and bound.
        rows: constraints of the model.
        columns: variables of the model.
        nonzeros: coefficients of the model.
        integers: whole-number variables of the model.
        build_seconds: from the `Problem` to the model in Python.
        handover_seconds: from there to the solver's memory.
        solve_seconds: inside the solver.
        total_seconds: start of the process to its end, reading, judging and all.
        to_first_plan: until there was a plan.
        to_gap_1: until a gap of 1 % was proven.
        to_gap_01: until 0.1 %.
        to_gap_001: until 0.01 %.
        to_proof: until optimality was proven (1e-6 relative).
        primal_integral: seconds, see `trace.primal_integral`, against the run's own best plan.
        peak_memory_mib: resident memory of the process and its children together, at its highest.
        plan_ok: the checker's verdict; None if there is no plan.
        trace: JSON list of [seconds from the start of the process, best plan, proven bound].
        versions: JSON, program and libraries.
        machine: JSON, where it ran.
        message: what went wrong, or is worth knowing.
    """

    key: str
    suite: str
    commit: str
    dirty: bool
    started: str
    kind: str
    name: str
    changes: str
    instance: str
    digest: str
    seed: int
    repeat: int
    seconds_limit: float
    gap_limit: float
    threads: int
    status: str
    total_seconds: float
    demands: int | None = None
    periods: int | None = None
    mode: str | None = None
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    root_bound: float | None = None
    root_seconds: float | None = None
    nodes: int | None = None
    rows: int | None = None
    columns: int | None = None
    nonzeros: int | None = None
    integers: int | None = None
    build_seconds: float | None = None
    handover_seconds: float | None = None
    solve_seconds: float | None = None
    to_first_plan: float | None = None
    to_gap_1: float | None = None
    to_gap_01: float | None = None
    to_gap_001: float | None = None
    to_proof: float | None = None
    primal_integral: float | None = None
    peak_memory_mib: float | None = None
    plan_ok: bool | None = None
    trace: str = "[]"
    versions: str = "{}"
    machine: str = "{}"
    message: str = ""

    @property
    def entry(self) -> str:
        """What was run, in a word or two: the name, and what differs from it."""
        changes = json.loads(self.changes)
        return " ".join([self.name, *(f"{part}={choice}" for part, choice in sorted(changes.items()))])

    @property
    def problem(self) -> tuple[str, str]:
        """The instance: its name and the hash of its content."""
        return self.instance, self.digest

    @property
    def setting(self) -> str:
        """The limits, in words."""
        threads = f"{self.threads} thread" + ("s" if self.threads != 1 else "")
        return f"{self.seconds_limit:g} s, gap {self.gap_limit:g}, {threads}"

    @property
    def points(self) -> tuple[TracePoint, ...]:
        """The trace as numbers."""
        return tuple((float(at), plan, bound) for at, plan, bound in json.loads(self.trace))

    @property
    def solved(self) -> bool:
        """Ended with what was asked: a legal plan within the gap, or the proof that there is no plan."""
        if self.plan_ok is False or self.status in (KILLED_TIME, KILLED_MEMORY, ERROR):
            return False
        if self.status in ("optimal", "gap_reached", "infeasible"):
            return self.status == "infeasible" or self.plan_ok is True
        return self.plan_ok is True and self.gap is not None and self.gap <= max(self.gap_limit, EXACT) * (1 + 1e-9)

    @property
    def failed(self) -> bool:
        """Ended by force, by an error, or with a plan that breaks a rule."""
        return self.plan_ok is False or self.status in (KILLED_TIME, KILLED_MEMORY, ERROR)

    def as_dict(self) -> dict[str, Any]:
        """All fields, as they are stored."""
        return asdict(self)


def record_of(row: Mapping[str, Any]) -> Record:
    """A stored row; columns of other versions of the program are left out, or take their defaults."""
    names = {field.name for field in fields(Record)}
    return Record(**{name: value for name, value in row.items() if name in names})


def column_types() -> dict[str, type]:
    """Python type of every column, for the schema of the files."""
    hints = get_type_hints(Record)
    return {
        field.name: next(
            kind for kind in (get_args(hints[field.name]) or (hints[field.name],)) if kind is not type(None)
        )
        for field in fields(Record)
    }


def gap_of(objective: float | None, bound: float | None) -> float | None:
    """The project's one definition of a gap."""
    return relative_gap(objective, bound)
