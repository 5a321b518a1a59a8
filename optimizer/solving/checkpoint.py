"""A checkpoint: what a solve has found so far, kept in a folder, so that a solve that was cut off goes on from there.

One folder serves any number of instances: each has a part of its own, named by a hash of all that is in it. A file is
written beside its place and then renamed, so that it is whole whenever the process ends; one that cannot be read, or
is of another format, counts as not there. What is kept never changes what is true: plans are checked again before they
are used, and a bound belongs to just this instance.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from models.plan import RECORDS, Plan
from models.problem import Problem
from optimizer.solving.clock import wall

FORMAT = 1
"""Raised when what is kept changes its meaning; what an older program kept is then not read."""
OFTEN = 15.0
"""Seconds between two writings of one thing."""
STATE = "state.json"
Arrays = Mapping[str, npt.NDArray[Any]]


def digest(problem: Problem) -> str:
    """A hash of everything that an instance says, the same in every process."""
    return hashlib.sha256(repr(problem).encode()).hexdigest()[:20]


@dataclass(frozen=True)
class State:
    """The best plan with its objective, and the bound, as they were when the solve was cut off.

    `phase`: what was being done then; `seconds`: of the wall that solving had taken, in all runs together; `kept_at`:
    when it was written.
    """

    plan: Plan | None
    objective: float | None
    bound: float | None
    phase: str
    seconds: float
    kept_at: str


class Checkpoint:
    """The part of a folder that belongs to one instance."""

    def __init__(self, folder: Path, problem: Problem) -> None:
        """Nothing is read or written yet."""
        self.folder = folder / digest(problem)
        self.messages: list[str] = []
        self.before = 0.0
        """Seconds that solving had taken before this run."""
        self._began = wall()
        self._written: dict[str, float] = {}

    # --- the plan and the bound ---------------------------------------------------------------------------------------

    def state(self) -> State | None:
        """What was kept; None where there is nothing that can be read."""
        try:
            found = json.loads((self.folder / STATE).read_text(encoding="utf-8"))
            if found["format"] != FORMAT:
                return None
            plan = None if found["plan"] is None else plan_from(found["plan"])
            state = State(
                plan, found["objective"], found["bound"], str(found["phase"]), float(found["seconds"]),
                str(found["kept_at"]),
            )  # fmt: skip
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            self.messages.append(f"{self.folder / STATE} cannot be read: the solve begins anew")
            return None
        self.before = state.seconds
        return state

    def keep_state(
        self, plan: Plan | None, objective: float | None, bound: float | None, phase: str, *, soon: bool = True
    ) -> None:
        """Keeps them; not again within some seconds unless `soon` is False."""
        if soon and not self.due(STATE):
            return
        content = {
            "format": FORMAT,
            "phase": phase,
            "objective": objective,
            "bound": bound,
            "seconds": round(self.before + wall() - self._began, 3),
            "kept_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "plan": None if plan is None else rows_of(plan),
        }
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        self._write(STATE, lambda file: file.write(text))

    # --- whatever else a method keeps ---------------------------------------------------------------------------------

    def due(self, name: str) -> bool:
        """Whether it is long enough ago that this was written."""
        return wall() - self._written.get(name, -np.inf) >= OFTEN

    def keep(self, name: str, told: Mapping[str, Any], arrays: Arrays) -> None:
        """Keeps arrays, and what is told beside them (anything that JSON has), under a name."""
        text = json.dumps({"format": FORMAT, **told}, allow_nan=False).encode()
        given = {"told": np.frombuffer(text, dtype=np.uint8), **arrays}
        self._write(f"{name}.npz", lambda file: np.savez(file, allow_pickle=False, **given))

    def read(self, name: str) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]] | None:
        """What is told and the arrays of that name; None where there is nothing that can be read."""
        path = self.folder / f"{name}.npz"
        try:
            with np.load(path, allow_pickle=False) as stored:
                arrays = {key: stored[key] for key in stored.files}
            told = json.loads(arrays.pop("told").tobytes())
            return (told, arrays) if told["format"] == FORMAT else None
        except FileNotFoundError:
            return None
        except Exception:  # noqa: BLE001 - a torn archive fails in many ways, and each means the same
            self.messages.append(f"{path} cannot be read: what it kept is found anew")
            return None

    def clear(self) -> None:
        """Takes away what is kept of this instance: there is nothing left to go on with."""
        shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(OSError):
            self.folder.parent.rmdir()  # only where nothing else is in it

    def _write(self, name: str, write: Callable[[BinaryIO], object]) -> None:
        """Writes a file that takes its place when it is whole. Where that fails the solve goes on, and says so."""
        path = self.folder / name
        beside = path.with_name(f".{name}.{os.getpid()}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with beside.open("wb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except OSError as wrong:
            with suppress(OSError):
                beside.unlink()
            note = f"the checkpoint in {self.folder} could not be written: {wrong.strerror or wrong}"
            if note not in self.messages:
                self.messages.append(note)
        # not again at once either where it failed
        self._written[name.removesuffix(".npz")] = wall()


def rows_of(plan: Plan) -> dict[str, Any]:
    """A plan as JSON has it: rows by table, without the names of their columns."""
    found: dict[str, Any] = {"accepted_offers": plan.accepted_offers}
    for name, record in RECORDS.items():
        columns = [field.name for field in fields(record)]
        found[name] = [[getattr(row, column) for column in columns] for row in getattr(plan, name)]
    return found


def plan_from(found: Mapping[str, Any]) -> Plan:
    """The plan of such rows. Raises `KeyError` or `TypeError` where they are not one."""
    given: dict[str, Any] = {"accepted_offers": tuple(found["accepted_offers"])}
    for name, record in RECORDS.items():
        given[name] = tuple(
            record(*(tuple(value) if isinstance(value, list) else value for value in row)) for row in found[name]
        )
    return Plan(**given)


def told_of(state: State) -> str:
    """A checkpoint in words, for the messages of a solve that goes on from it."""
    at = state.kept_at.replace("T", " ").removesuffix("+00:00")
    return f"goes on from a checkpoint of {at} UTC ({state.phase}, after {state.seconds:,.0f} s)"
