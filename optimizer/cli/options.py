"""Arguments and options that several commands share, and what their values may be."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

Instance = Annotated[
    Path,
    typer.Argument(
        metavar="INSTANCE",
        help="A folder of CSV files with an instance.toml, or one .xlsx workbook.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Standard output is one JSON document and nothing else.")]


def positive(value: float | None) -> float | None:
    """Any finite number above 0."""
    if value is not None and not (math.isfinite(value) and value > 0):
        raise typer.BadParameter(f"{value:g} is not a number above 0.")
    return value


def share(value: float) -> float:
    """Any finite number from 0 on."""
    if not (math.isfinite(value) and value >= 0):
        raise typer.BadParameter(f"{value:g} is not a number of 0 or more.")
    return value


def any_share(value: float | None) -> float | None:
    """Any finite number from 0 on, or nothing."""
    return None if value is None else share(value)


def one_of(value: str, names: Iterable[str], what: str, option: str) -> str:
    """One of the names; otherwise a usage error with the nearest one."""
    known = list(names)
    if value in known:
        return value
    near = difflib.get_close_matches(value, known, n=1)
    hint = f" Maybe {near[0]!r}." if near else ""
    message = f"{value!r} is no {what}.{hint} There are: {', '.join(known)}."
    raise typer.BadParameter(message, param_hint=f"'{option}'")
