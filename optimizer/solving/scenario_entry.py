"""The process of a robust solve: does one task after another until it is told to end. Light to import."""

from __future__ import annotations

import contextlib
import os
import signal
import traceback
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from optimizer.solving.clock import Clock, WallClock, WorkClock, going_by
from optimizer.solving.robust_job import Done, RobustJob

if TYPE_CHECKING:
    from optimizer.solving.scenario_work import ScenarioWork

STOP, END = "stop", "end"
"""What the parent says beside tasks."""


def work(pipe: Connection, job: RobustJob) -> None:
    """Target of the spawned process: hears (task, arguments), says ("done", `Done`) or ("error", traceback)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from optimizer.solving.scenario_work import ScenarioWork

    ears = _Ears(pipe)
    clock: Clock = WallClock() if job.net is None else WorkClock(job.net)
    with going_by(clock):
        _serve(ears, ScenarioWork(job, ears.report, ears.stopped), clock)


def _serve(ears: _Ears, here: ScenarioWork, clock: Clock) -> None:
    pipe = ears.pipe
    while True:
        try:
            said = pipe.recv()
        except (EOFError, OSError):
            return
        if said == END:
            return
        if said == STOP:
            ears.told = True
            continue
        name, arguments, options = said
        try:
            before = clock.spent() or 0.0
            answer, spent = getattr(here, name)(*arguments, **options), clock.spent()
            ears.say("done", Done(answer, None if spent is None else spent - before, clock.late))
        except Exception:  # noqa: BLE001 - whatever it is, the parent must hear of it
            ears.say("error", traceback.format_exc())


class _Ears:
    """The process's side of the pipe while it works: whatever comes then means stop."""

    def __init__(self, pipe: Connection) -> None:
        self.pipe, self.told = pipe, False

    def stopped(self) -> bool:
        if not self.told:
            try:
                self.told = self.pipe.poll() and self.pipe.recv() in (STOP, END)
            except (EOFError, OSError):
                self.told = True
        return self.told

    def report(self, what: str) -> None:
        self.say("phase", what)

    def say(self, kind: str, content: Any) -> None:
        with contextlib.suppress(OSError):
            self.pipe.send((kind, content))
