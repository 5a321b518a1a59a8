"""The page of sweeps names every key, option and column there is."""

from __future__ import annotations

import re

import typer

from optimizer.batch.sweep_draws import _WAYS
from optimizer.batch.sweep_file import SweepFile
from optimizer.batch.sweep_row import FOUND, KNOWN, LABELS, MEASURED
from optimizer.batch.sweep_task import FAILURES
from optimizer.cli.app import app
from tests.docs.pages import DOCS, read

PAGE = read(DOCS / "sweep.md")
CODE = set(re.findall(r"`([^`\n]+)`", PAGE))


def test_keys_of_the_file() -> None:
    assert {name for name in SweepFile.model_fields if f"| `{name}` |" not in PAGE} == set()
    assert {way for way in _WAYS if f"| `{way}` |" not in PAGE} == set()


def test_options() -> None:
    command = typer.main.get_command(app).commands["sweep"]  # type: ignore[attr-defined]
    options = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    assert {option for option in options if not any(code.startswith(option) for code in CODE)} == set()


def test_columns() -> None:
    terms = {"needs_delay", "orders_delay", "readiness_shortfall", "plan_change"}
    named = {
        name
        for name in {*LABELS, *KNOWN, *FOUND, *MEASURED} - terms
        if not name.endswith("_seconds") and not name.startswith("unmet_")
    }
    assert named - CODE == set()
    assert {status for status in FAILURES if status not in CODE} == set()
