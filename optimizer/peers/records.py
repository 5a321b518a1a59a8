"""What a run of the bench is asked (`Job`), and what another solver answers (`PeerAnswer`).

Both the bench and the peers know them, so they stand below both.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from models.plan import Plan

Kind = Literal["formulation", "peer", "baseline"]
"""`formulation`: ours, by the path a user takes; `peer`: another solver; `baseline`: a case to compare with."""

TracePoint = tuple[float, float | None, float | None]
"""Seconds, best plan so far, proven bound so far; None where nothing is known yet."""


@dataclass(frozen=True, slots=True)
class Job:
    """One run: what is run on which instance, within which limits.

    Attributes:
        kind: what `name` names.
        name: a formulation of the catalogue, a peer, or a baseline.
        instance: where the instance is: a folder or a workbook.
        label: what the instance is called in results.
        digest: hash of the instance's content, so that an edited instance is another one.
        changes: fields of the formulation that are replaced, as {"method": "direct"}.
        seconds: wall-clock limit of the solving phase, as in `optimizer.settings`.
        gap: relative gap at which the run may stop.
        threads: of the solver.
        seed: of the solver's random choices.
        repeat: number of this run among runs of equal settings, from 0.
        memory_gib: resident memory of the run's processes together, in GiB, beyond which it is ended; None: no limit.
        commit: state of the program, see `optimizer.bench.machine.state`.
    """

    kind: Kind
    name: str
    instance: str
    label: str = ""
    digest: str = ""
    changes: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 90.0
    gap: float = 1e-4
    threads: int = 2
    seed: int = 0
    repeat: int = 0
    memory_gib: float | None = None
    commit: str = ""

    @property
    def entry(self) -> str:
        """What is run, in a word or two: the name, and what differs from it."""
        return " ".join([self.name, *(f"{part}={choice}" for part, choice in sorted(self.changes.items()))])

    @property
    def key(self) -> str:
        """The same for the same run of the same program, wherever the instance stands on the disk."""
        said = {**self.as_dict(), "instance": self.label or self.instance}
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:20]

    def as_dict(self) -> dict[str, Any]:
        """All fields, as JSON can carry them."""
        return {**asdict(self), "changes": dict(self.changes)}


@dataclass(frozen=True, slots=True)
class PeerAnswer:
    """What a peer found. Unknown is None, never infinity or 0.

    Attributes:
        status: a word of `optimizer.solving.outcome.Status`, or "too_large" (licence) or "error".
        objective: value of the plan in the objective's own units, constants included.
        bound: proven lower bound in the same units.
        root_bound: bound after the root node.
        nodes: nodes of branch and bound.
        rows: constraints of the model as given to the solver.
        columns: variables of it.
        nonzeros: coefficients of it.
        integers: whole-number variables of it.
        build_seconds: from the `Problem` to the model in Python.
        handover_seconds: from there to the solver's own memory, files on the way included.
        solve_seconds: inside the solver.
        trace: improvements in order of time; seconds since `Peer.run` was called.
        message: what the reader of the results should know, as why there is no answer.
        plan: to be judged by the checker.
        root_seconds: seconds since the start of the process until `root_bound` was known.
    """

    status: str
    objective: float | None = None
    bound: float | None = None
    root_bound: float | None = None
    nodes: int | None = None
    rows: int | None = None
    columns: int | None = None
    nonzeros: int | None = None
    integers: int | None = None
    build_seconds: float | None = None
    handover_seconds: float | None = None
    solve_seconds: float | None = None
    trace: tuple[TracePoint, ...] = ()
    message: str = ""
    plan: Plan | None = None
    root_seconds: float | None = None
