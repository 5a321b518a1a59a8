"""The pages of rolls and disturbances name the kinds, keys, options, files and promises there are; their code runs."""

from __future__ import annotations

import re

import typer

from models.problem import Problem
from optimizer.batch import roll_files, roll_store
from optimizer.cli.app import app
from optimizer.rolling.nervousness import ALPHA
from optimizer.rolling.promises import PROMISE_KINDS, STATUSES
from optimizer.scenarios.disturbance_file import judged
from optimizer.scenarios.disturbance_rows import KEYS, ROWS
from optimizer.scenarios.disturbances import KINDS, Drawn
from tests.docs.pages import DOCS, blocks, names, read, tables

ROLL, FILE = DOCS / "roll.md", DOCS / "disturbances.md"
OFTEN = {"per_week", "per_horizon", "first", "last"}


def test_kinds_and_their_keys() -> None:
    rows = tables(FILE)["Kinds"]
    assert names(rows) == list(KINDS)
    for row in rows:
        kind = names([row])[0]
        own = set(KEYS[kind]) - {"name", *OFTEN, *ROWS[kind].choices}
        assert set(re.findall(r"`(\w+)`", row[2])) == own, kind


def test_every_key_is_explained() -> None:
    said = {name for row in tables(FILE)["Keys"] for name in re.findall(r"`(\w+)`", row[0])}
    assert said == {key for keys in KEYS.values() for key in keys}


def test_the_example_is_a_sound_file() -> None:
    disturbances, findings = judged(blocks(FILE, "toml")[0].encode(), "example.toml")
    assert findings == ()
    assert disturbances is not None


def test_the_code_of_the_page_runs() -> None:
    room: dict[str, object] = {}
    exec(blocks(FILE, "python")[0], room)
    assert isinstance(room["history"], Drawn)
    assert isinstance(room["turned_out"], Problem)


def test_promises_are_those_of_page_and_glossary() -> None:
    assert names(tables(ROLL)["What is measured"]) == list(PROMISE_KINDS)
    assert names(tables(DOCS / "glossary.md")["Promises of a roll"]) == list(PROMISE_KINDS)
    assert names(tables(DOCS / "glossary.md")["Disturbances"]) == list(KINDS)
    for status in STATUSES:
        assert f"*{status}*" in read(ROLL)
    assert f"α = {ALPHA:g}" in read(ROLL)


def test_options_are_those_of_the_command() -> None:
    parameters = typer.main.get_command(app).commands["roll"].params  # type: ignore[attr-defined]
    opposite = {"--stability": "--no-stability", "--hindsight": "--no-hindsight"}
    options = {opposite.get(option, option) for p in parameters for option in p.opts if option.startswith("--")}
    said = {option for row in tables(ROLL)["Options"] for option in re.findall(r"`(--[\w-]+)`", row[0])}
    assert said == options - {"--json"}


def test_files_are_those_that_are_written() -> None:
    said = {re.findall(r"`([^`]+)`", row[0])[0] for row in tables(ROLL)["What is written"]}
    written = {
        roll_files.SUMMARY,
        roll_files.WEEKS,
        roll_files.PROMISES,
        roll_files.PAGE,
        roll_files.PARQUET,
        roll_store.ROLL,
        "week-00",
    }
    assert said == written
