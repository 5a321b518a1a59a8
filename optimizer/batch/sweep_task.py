"""One run of a sweep as it travels to a worker, and what comes back. All of it is plain data that pickles."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from optimizer.settings import Settings

Scalar = str | int | float | bool
"""A value of a parameter."""

KILLED_TIME, KILLED_MEMORY, CRASHED = "killed: time", "killed: memory", "crashed"
ERROR, WRONG_INPUT = "error", "wrong_input"
FAILURES = (KILLED_TIME, KILLED_MEMORY, CRASHED, ERROR, WRONG_INPUT)
"""Ends of a run that no solve reports of itself: by force, by a dead worker, by an error, by a patch that cannot be."""


SHARED = 0.9
"""Of the machine's memory, what workers on it may take together."""
LEAST_MIB = 2048.0
"""What a worker may take in any case: many on a small machine seldom need their most at once."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may take in all before it is ended by force: `seconds` wall clock, `memory_mib` resident."""

    seconds: float
    memory_mib: float | None = None


def within_share(task: Task, total_mib: float, workers: int) -> Task:
    """The task with its worker's share of the memory there is, where none was asked for.

    So a run that takes too much ends as a row that says so, and not with whatever process the system picks.
    """
    if task.limits.memory_mib is not None:
        return task
    return replace(task, limits=replace(task.limits, memory_mib=max(LEAST_MIB, SHARED * total_mib / workers)))


@dataclass(frozen=True, slots=True)
class Task:
    """One run.

    Attributes:
        digest: hash of the content of the instance.
        patches: the patches as JSON, in the order in which they are applied.
        formulation: name in the catalogue.
        changes: (field, choice) replaced in the formulation.
        settings: limits and seed of the solver.
        program: state of the program, see `optimizer.batch.program`; a worker with another one refuses.
        limits: when the run is ended by force.
        deliveries: whether the row tells of every demand.
        plan_in: folder in which the worker makes the plan's folder; "" = it sends the files back; None = no plan.
        key: the hash of all that decides the result.
    """

    digest: str
    patches: tuple[str, ...]
    formulation: str
    changes: tuple[tuple[str, str], ...]
    settings: Settings
    program: str
    limits: Limits
    deliveries: bool = False
    plan_in: str | None = None
    key: str = field(default="", compare=False)


def keyed(task: Task) -> str:
    """The content hash of a run: instance, what is changed in it, formulation, settings with seed, program.

    Names of scenarios and parameters do not matter, nor where the run is made, nor when it would be ended by force.
    """
    content = {
        "instance": task.digest,
        "changes": [json.loads(patch)["changes"] for patch in task.patches],
        "formulation": [task.formulation, sorted(task.changes)],
        "settings": asdict(task.settings),
        "program": task.program,
        "deliveries": task.deliveries,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker says of a run: columns of its row; the plan's folder as files, or where it was made."""

    row: Mapping[str, Any]
    files: Mapping[str, bytes] | None = None
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a run: an answer, or the cause why there is none (one of `FAILURES`) with what is known of it."""

    task: Task
    answer: Answer | None
    cause: str = ""
    message: str = ""
    attempts: int = 1
