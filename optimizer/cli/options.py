"""Arguments and options that several commands share, and what their values may be."""

from __future__ import annotations

import difflib
import logging
import math
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from optimizer.settings import Settings

DEFAULTS = Settings()

Instance = Annotated[
    Path,
    typer.Argument(
        metavar="INSTANCE",
        help="A folder of CSV files with an instance.toml, or one .xlsx workbook.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Standard output is one JSON document and nothing else.")]
Formulation = Annotated[str, typer.Option("--formulation", metavar="NAME", help="See `burdenshare formulations`.")]
Threads = Annotated[int, typer.Option("--threads", min=1, max=1024, help="Threads.")]


def seed_option(about: str) -> Any:
    """`--seed` of a solver."""
    return typer.Option("--seed", min=0, max=2**31 - 1, help=about)


def seconds_option(about: str) -> Any:
    """`--seconds` of a solve."""
    return typer.Option("--seconds", callback=positive, help=about, show_default=f"{DEFAULTS.seconds:g}")


def work_option(about: str) -> Any:
    """`--work` of a solve, in units that are counted (docs/determinism.md)."""
    return typer.Option("--work", callback=positive, help=about, show_default=False)


def settings_of(gap: float | None, seconds: float | None, work: float | None, threads: int, seed: int) -> Settings:
    """The limits that the options give; what is not given is as usual."""
    settings = Settings(gap=DEFAULTS.gap if gap is None else gap, threads=threads, seed=seed, work=work)
    return settings if seconds is None else replace(settings, seconds=seconds)


def workers_option(about: str, usual: str) -> Any:
    """`--workers` of what is done in several processes."""
    return typer.Option("--workers", metavar="N", min=0, max=1024, show_default=usual, help=about)


Cluster = Annotated[
    str, typer.Option("--cluster", metavar="ADDRESS", help="A Dask scheduler, tcp://HOST:PORT, or `local`.")
]


def only_local(cluster: str, workers: int | None) -> None:
    """The workers of a cluster elsewhere are its own; otherwise a usage error. Dask is quiet from now on."""
    from optimizer.solving.places.where import LOCAL

    for name in ("distributed", "tornado", "asyncio") if cluster else ():  # workers come and go: results tell of it
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if workers is not None and cluster not in ("", LOCAL):
        raise typer.BadParameter(
            "the workers of a cluster are its own; --workers belongs to `--cluster local`.", param_hint="'--workers'"
        )


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


def formulation_named(name: str) -> str:
    """A formulation of the catalogue, the usual one where none is named; otherwise a usage error."""
    from models.catalog import DEFAULT, FORMULATIONS

    return one_of(name or DEFAULT, FORMULATIONS, "formulation", "--formulation")
