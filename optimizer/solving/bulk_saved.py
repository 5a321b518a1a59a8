"""What method "bulk" keeps in a checkpoint: the columns and solution of relaxations, and how far blocks have come.

Columns are kept by what they are (kind, who, when, mark), not by their entries: they are written down again from the
instance, in the same order, so that solutions kept beside them mean the same.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.bulk.batch import Batch
from models.bulk.tables import Flags
from models.matrix import Vector
from models.plan import Plan
from optimizer.solving.bulk_master import Master, Relaxed
from optimizer.solving.checkpoint import Checkpoint, State, plan_from, rows_of

RELAXATION, SETTLED, BLOCKS = "relaxation", "settled", "blocks"


@dataclass(frozen=True)
class InBlocks:
    """How far the blocks of a settled plan have come.

    `x`: a solution of the settled program, or near one; `needs`: the one with needs in whole units that blocks near the
    relaxation begin from; `decided`: the blocks that have decided by then, None once all did and rounds follow.
    """

    x: Vector
    needs: Vector
    decided: Flags | None


class Saved:
    """What one run of the method keeps and finds; nothing where there is no checkpoint."""

    def __init__(self, checkpoint: Checkpoint | None) -> None:
        """Nothing is read yet."""
        self.checkpoint = checkpoint
        self._mark = ""
        """A hash of the settled plan and its columns: blocks belong to just that."""

    @property
    def messages(self) -> list[str]:
        """What could not be read or written."""
        return [] if self.checkpoint is None else self.checkpoint.messages

    def plan(self) -> State | None:
        """The best plan and the bound of the run before."""
        return None if self.checkpoint is None else self.checkpoint.state()

    def keep_plan(
        self, plan: Plan | None, objective: float | None, bound: float | None, phase: str, *, soon: bool = True
    ) -> None:
        """Keeps the best plan and the bound; see `Checkpoint.keep_state`."""
        if self.checkpoint is not None:
            self.checkpoint.keep_state(plan, objective, bound, phase, soon=soon)

    # --- the relaxation of everything ---------------------------------------------------------------------------------

    def keep_relaxation(self, master: Master, relaxed: Relaxed, *, done: bool) -> None:
        """Keeps columns and solution of the relaxation; `done`: whether no better bound is to be had."""
        kept = self.checkpoint
        if kept is not None and (done or kept.due(RELAXATION)):
            kept.keep(RELAXATION, {"done": done, **_values(relaxed)}, _arrays(master, relaxed))

    def relaxation(self, master: Master) -> tuple[Relaxed | None, bool]:
        """Writes the kept columns down in an empty master: the solution that was kept, and whether it was done."""
        found = None if self.checkpoint is None else self.checkpoint.read(RELAXATION)
        return (None, False) if found is None else (_restored(master, *found), bool(found[0]["done"]))

    # --- a settled plan -----------------------------------------------------------------------------------------------

    def keep_settled(self, plan: Plan, master: Master, relaxed: Relaxed) -> None:
        """Keeps the plan whose packages, approvals and offers are settled, and the relaxation of what is left."""
        if self.checkpoint is not None:
            arrays, plan_rows = _arrays(master, relaxed), rows_of(plan)
            text = json.dumps(plan_rows).encode()
            self._mark = hashlib.sha256(text + b"".join(arrays[name].tobytes() for name in sorted(arrays))).hexdigest()
            self.checkpoint.keep(SETTLED, {"mark": self._mark, **_values(relaxed), "plan": plan_rows}, arrays)

    def settled(self) -> tuple[Plan, SettledColumns] | None:
        """The settled plan that was kept, and what fills its master; None where there is none."""
        found = None if self.checkpoint is None else self.checkpoint.read(SETTLED)
        if found is None or self.checkpoint is None:
            return None
        told, arrays = found
        self._mark = str(told["mark"])
        return plan_from(told["plan"]), SettledColumns(told, arrays)

    def keep_blocks(self, at: InBlocks, *, soon: bool = True) -> None:
        """Keeps how far blocks are; not again within some seconds unless `soon` is False."""
        kept = self.checkpoint
        if kept is not None and (not soon or kept.due(BLOCKS)):
            decided = {} if at.decided is None else {"decided": at.decided}
            kept.keep(BLOCKS, {"mark": self._mark}, {"x": at.x, "needs": at.needs, **decided})

    def blocks(self) -> InBlocks | None:
        """How far the blocks of the settled plan that was read had come."""
        found = None if self.checkpoint is None else self.checkpoint.read(BLOCKS)
        if found is None or found[0]["mark"] != self._mark:
            return None
        return InBlocks(found[1]["x"], found[1]["needs"], found[1].get("decided"))

    def due_blocks(self) -> bool:
        """Whether blocks are to be kept again."""
        return self.checkpoint is not None and self.checkpoint.due(BLOCKS)


@dataclass(frozen=True)
class SettledColumns:
    """Columns and solution of a settled relaxation, as they were kept."""

    told: dict[str, Any]
    arrays: dict[str, npt.NDArray[Any]]

    def restore(self, master: Master) -> Relaxed:
        """Writes the columns down in an empty master; the solution."""
        return _restored(master, self.told, self.arrays)


def _values(relaxed: Relaxed) -> dict[str, float]:
    return {"value": relaxed.value, "bound": relaxed.bound}


def _arrays(master: Master, relaxed: Relaxed) -> dict[str, npt.NDArray[Any]]:
    batches = master.batches
    columns = {
        name: np.concatenate([np.zeros(0, dtype=np.int64), *(getattr(batch, name) for batch in batches)])
        for name in ("who", "when", "mark")
    }
    kind, size = (np.array(values, dtype=np.int64) for values in (
        [batch.kind for batch in batches], [batch.who.size for batch in batches]
    ))  # fmt: skip
    patterns = master.pricing.patterns
    flat = np.array([number for pattern in patterns for number in pattern], dtype=np.int64)
    lengths = np.array([len(pattern) for pattern in patterns], dtype=np.int64)
    return {
        **columns, "kind": kind, "size": size, "pattern": flat, "length": lengths,
        "solution": relaxed.x, "dual": relaxed.dual,
    }  # fmt: skip


def _restored(master: Master, told: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> Relaxed:
    for pattern in np.split(arrays["pattern"], np.cumsum(arrays["length"])[:-1]) if len(arrays["length"]) else ():
        master.pricing.mark_of(tuple(pattern.tolist()))
    ends = np.cumsum(arrays["size"])[:-1]
    parts = (np.split(arrays[name], ends) for name in ("who", "when", "mark"))
    for kind, who, when, mark in zip(arrays["kind"].tolist(), *parts, strict=False):
        master.add([Batch(kind, who, when, mark)])
    return Relaxed(float(told["value"]), float(told["bound"]), arrays["solution"], arrays["dual"])
