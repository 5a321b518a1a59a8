"""The two streams: answers on standard output, messages and progress on standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console, RenderableType


def errors() -> Console:
    """The console for messages; markup is off, so that a user's text is shown as it is."""
    return Console(stderr=True, markup=False, highlight=False, emoji=False, soft_wrap=True)


def say(message: RenderableType) -> None:
    """A message on standard error."""
    errors().print(message)


def show(answer: RenderableType) -> None:
    """An answer for people on standard output."""
    console = Console(markup=False, highlight=False, emoji=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = 200
    with _answering():  # capturing touches the stream, too
        with console.capture() as capture:
            console.print(answer)
        _write(capture.get())


def show_json(answer: Any) -> None:
    """The one JSON document on standard output; plain ASCII, so that any pipe can carry it."""
    _write(json.dumps(answer, indent=1, allow_nan=False) + "\n")


def _write(text: str) -> None:
    """Write at once; no standard output at all is no error."""
    if sys.stdout is not None:
        with _answering():
            encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
            sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
            sys.stdout.flush()


@contextmanager
def _answering() -> Iterator[None]:
    """A reader that went away (as `| head`) is no error: the rest goes nowhere.

    Raises `SystemExit` with 1 where the answer should have arrived and cannot, as in a file on a full disk.
    """
    try:
        yield
    except BrokenPipeError:
        _write_nowhere()
    except OSError as problem:
        _write_nowhere()
        say(f"error: the answer could not be written to standard output: {problem.strerror or problem}")
        raise SystemExit(1) from problem


def _write_nowhere() -> None:
    """From here on, and for what is still in the buffer when the interpreter ends, standard output goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
