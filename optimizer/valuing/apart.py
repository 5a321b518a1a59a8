"""A valuation in a process of its own: a solver that crashes, hangs or is told to stop costs the caller nothing."""

from __future__ import annotations

import multiprocessing
import time
import traceback
from collections.abc import Callable, Mapping
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any

from optimizer.solving.solve import SolverError
from optimizer.solving.spawning import start_quietly

GRACE = 30.0
"""Seconds a process may take beyond its limit (imports, building, the last run) before it is ended."""


def work(pipe: Connection, module: str, name: str, arguments: Mapping[str, Any]) -> None:
    """Target of the spawned process: calls a function by its name and sends what it gives, or what went wrong."""
    try:
        found = getattr(import_module(module), name)(**arguments)
        pipe.send(("found", found))
    except Exception as problem:  # noqa: BLE001 - whatever it is, the caller is told
        expected = isinstance(problem, (ValueError, KeyError))
        pipe.send(("refused", problem) if expected else ("error", traceback.format_exc()))
    finally:
        pipe.close()


def apart(
    module: str, name: str, arguments: Mapping[str, Any], seconds: float, stop: Callable[[], bool] | None = None
) -> Any:
    """What the function gives when called with `arguments`; None if it was stopped, crashed, or took too long.

    Raises:
        ValueError, KeyError: as the function does.
        SolverError: any other error inside the process.
    """
    context = multiprocessing.get_context("spawn")
    pipe, other = context.Pipe()
    process = context.Process(target=work, args=(other, module, name, dict(arguments)))
    start_quietly(process)
    other.close()
    until = time.monotonic() + seconds + GRACE
    try:
        while time.monotonic() < until and not (stop is not None and stop()):
            try:
                if pipe.poll(0.05):
                    return _answer(*pipe.recv())
            except (EOFError, OSError):
                return None
            if not process.is_alive() and not pipe.poll():
                return None
        return None
    finally:
        process.kill()
        process.join()
        pipe.close()


def _answer(kind: str, content: Any) -> Any:
    if kind == "refused":
        raise content
    if kind == "error":
        raise SolverError(content)
    return content
