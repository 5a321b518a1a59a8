"""Solver processes for a robust solve: tasks out, answers in; a scenario is always done by the same process.

A process that dies (a crash in native code, too little memory) is started again; its task has no answer. Where work is
counted, every process counts its own, and tasks that were given together count as if they had been shared out evenly:
so the clock says the same however fast anybody was.
"""

from __future__ import annotations

import contextlib
import multiprocessing
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from optimizer.solving.clock import clock, wall
from optimizer.solving.robust_job import Done, RobustJob
from optimizer.solving.scenario_entry import END, STOP, work
from optimizer.solving.spawning import start_quietly

GRACE = 60.0
"""Seconds a task may take beyond what it was given before its process is ended."""


class CrewError(RuntimeError):
    """A solver process reported an error of the program; the message is its traceback."""


@dataclass(frozen=True, slots=True)
class Order:
    """A task of `ScenarioWork`: name, arguments, the scenario that it is about, and what it may take at most, seconds
    or units of work."""

    name: str
    number: int
    arguments: tuple[Any, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    seconds: float = 600.0

    def within(self, seconds: float) -> Order:
        """The same task with other seconds, of those that take them by name."""
        return replace(self, options={**self.options, "seconds": seconds}, seconds=seconds)


@dataclass
class _Hand:
    """One process."""

    process: SpawnProcess
    pipe: Connection


class Crew:
    """Up to `size` processes. Use as a context; `messages` says what went wrong on the way.

    `disturbed`: whether something happened that may not happen another time.
    """

    def __init__(self, job: RobustJob, size: int, report: Callable[[str], None], stop: Callable[[], bool]) -> None:
        """`report` hears what is being done; `stop` is polled, and ends all tasks soon."""
        self.job, self.size, self.report, self.stop = job, max(1, size), report, stop
        self.hands: dict[int, _Hand] = {}
        self.messages: list[str] = []
        self.stopping = self.disturbed = False

    def __enter__(self) -> Crew:
        """Nothing is started before the first task."""
        return self

    def __exit__(self, *_: object) -> None:
        """Ends every process."""
        for number in list(self.hands):
            self._end(number)

    def run(self, orders: Sequence[Order], *, shared: float | None = None) -> list[Any]:
        """The answers, in the order of the tasks; None where a process died or took far too long.

        Args:
            orders: the tasks.
            shared: seconds, or units of work, of each process for all of its tasks, in place of those that the tasks
                name: one gets its part of what those before it have left.

        Raises:
            CrewError: a process reported an error.
        """
        answers: list[Any] = [None] * len(orders)
        queues: dict[int, deque[int]] = {}
        for at, order in enumerate(orders):
            queues.setdefault(order.number % self.size, deque()).append(at)
        busy: dict[int, tuple[int, float, float]] = {}
        spent, late = 0.0, False
        used = dict.fromkeys(queues, 0.0)
        while any(queues.values()) or busy:
            self._hear_stop(busy)
            for hand, queue in queues.items():
                if queue and hand not in busy and not self.stopping:
                    at = queue.popleft()
                    order = orders[at]
                    if shared is not None:
                        order = order.within(max(0.0, shared - used[hand]) / (1 + len(queue)))
                    with contextlib.suppress(OSError):  # a dead process is found out below
                        self._hand(hand).pipe.send((order.name, order.arguments, order.options))
                    most = clock().net() if clock().counted else order.seconds
                    busy[hand] = (at, wall(), wall() + most + GRACE)
                elif self.stopping:
                    queue.clear()
            for hand in self._ready(busy):
                at, began, _ = busy[hand]
                try:
                    kind, content = self.hands[hand].pipe.recv()
                except (EOFError, OSError):
                    code = self._end(hand)
                    self.messages.append(f"a solver process ended by itself (exit code {code}) at {orders[at].name}")
                    self.disturbed = True
                    del busy[hand]
                    continue
                if kind == "phase":
                    self.report(content)
                elif kind == "error":
                    raise CrewError(content)
                else:
                    done: Done = content
                    answers[at] = done.answer
                    spent += done.work or 0.0
                    used[hand] += wall() - began if done.work is None else done.work
                    late |= done.late
                    del busy[hand]
            for hand, (at, _, deadline) in list(busy.items()):
                if wall() > deadline:
                    self._end(hand)
                    self.messages.append(f"{orders[at].name} took too long and was ended")
                    self.disturbed = True
                    del busy[hand]
        clock().spend(spent / self.size)
        if late:
            clock().tear()
        return answers

    def _ready(self, busy: dict[int, tuple[int, float, float]]) -> list[int]:
        pipes = {self.hands[hand].pipe: hand for hand in busy}
        return [pipes[pipe] for pipe in wait(list(pipes), 0.1) if isinstance(pipe, Connection)] if pipes else []

    def _hear_stop(self, busy: dict[int, tuple[int, float, float]]) -> None:
        if not self.stopping and self.stop():
            self.stopping = True
            for hand in busy:
                with contextlib.suppress(OSError):
                    self.hands[hand].pipe.send(STOP)

    def _hand(self, number: int) -> _Hand:
        if number not in self.hands:
            context = multiprocessing.get_context("spawn")
            pipe, other = context.Pipe()
            job = replace(self.job, net=clock().net() if clock().counted else None)
            process = context.Process(target=work, args=(other, job))
            start_quietly(process)
            other.close()
            self.hands[number] = _Hand(process, pipe)
        return self.hands[number]

    def _end(self, number: int) -> int | None:
        hand = self.hands.pop(number)
        with contextlib.suppress(OSError):
            hand.pipe.send(END)
        hand.process.join(0.5)
        if hand.process.is_alive():
            hand.process.kill()
        hand.process.join()
        hand.pipe.close()
        return hand.process.exitcode
