"""Every end of the command: a code, never a traceback. What went wrong inside goes into a log file."""

from __future__ import annotations

import logging
import multiprocessing
import platform
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from optimizer.cli.printing import say, show_json

PROGRAM_ERROR, WRONG_INPUT, INTERRUPTED = 1, 2, 130


class _Messages(logging.Handler):
    """Shows warnings of the program on standard error, and keeps all records for the log file."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.kept: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record; show it if it is a warning."""
        self.kept.append(f"{record.levelname} {record.name}: {record.getMessage()}")
        if record.levelno >= logging.WARNING:
            say(record.getMessage())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code. Never raises."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    messages = _Messages()
    loggers = [logging.getLogger(name) for name in ("optimizer", "models")]
    for logger in loggers:
        logger.addHandler(messages)
        logger.setLevel(logging.INFO)
    try:
        return guarded(_app, words, messages.kept)
    finally:
        for logger in loggers:
            logger.removeHandler(messages)


def _app(words: list[str]) -> object:
    from optimizer.cli.app import app

    return app(args=words, prog_name="burdenshare", standalone_mode=False)


def guarded(run: Callable[[list[str]], object], words: list[str], kept: Sequence[str] = ()) -> int:
    """Run, and turn whatever ends it into an exit code and a message."""
    as_json = "--json" in words
    try:
        code = run(words)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        _end_children()
        say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        return PROGRAM_ERROR
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback reaches the user
        if hasattr(error, "exit_code") and hasattr(error, "format_message"):  # a usage error, of typer or of click
            return _usage_error(error, as_json)
        return _program_error(error, words, kept, as_json)
    if code == INTERRUPTED:
        _end_children()
    return code if isinstance(code, int) else 0


def _usage_error(error: Exception, as_json: bool) -> int:
    message = str(error.format_message())  # type: ignore[attr-defined]
    context = getattr(error, "ctx", None)
    usage = f"\n{context.get_usage()}\nTry '{context.command_path} --help' for help." if context is not None else ""
    say(message if message.startswith("Usage:") else f"error: {message}{usage}")
    if as_json:
        with suppress(SystemExit):
            show_json({"error": message})
    return WRONG_INPUT


def _program_error(error: Exception, words: list[str], kept: Sequence[str], as_json: bool) -> int:
    log = write_log(error, words, kept)
    where = f"The details are in {log}." if log is not None else "No log could be written; the details follow."
    say(f"error: the program failed, and not because of your input: {type(error).__name__}: {error}")
    say(f"{where} Please report it in the project's issue tracker, with that log, or with what it says.")
    if log is None:
        say("\n".join(traceback.format_exception_only(error)))
    if as_json:
        with suppress(SystemExit):
            show_json({"error": f"{type(error).__name__}: {error}", "log": None if log is None else str(log)})
    return PROGRAM_ERROR


def write_log(error: Exception, words: Sequence[str], kept: Sequence[str]) -> Path | None:
    """The traceback, the command, the versions and the messages in a file of the temp folder; None if it cannot be."""
    from optimizer.reporting.manifest import versions

    lines = [
        f"burdenshare {' '.join(words)}",
        f"{platform.platform()}",
        *(f"{name} {version}" for name, version in versions().items()),
        "",
        *kept,
        "",
        *traceback.format_exception(error),
    ]
    try:
        stamp = time.strftime("%Y%m%d-%H%M%S")
        with tempfile.NamedTemporaryFile(
            "w", prefix=f"burdenshare-{stamp}-", suffix=".log", delete=False, encoding="utf-8", errors="replace"
        ) as file:
            file.write("\n".join(lines))
            return Path(file.name)
    except OSError:
        return None


def _end_children() -> None:
    """A child that still solves would keep the command from ending."""
    for child in multiprocessing.active_children():
        child.terminate()
