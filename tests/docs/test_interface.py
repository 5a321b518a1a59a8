"""The page of the interface names the commands, options, codes and files there are."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import typer

from models.catalog import DEFAULT
from optimizer.cli.app import app
from optimizer.reporting import output
from optimizer.reporting.csv_files import csv_files
from optimizer.settings import Settings
from tests.docs.pages import DOCS, ROOT, names, read, tables
from tests.reporting.reports import a_report

PAGE = DOCS / "interface.md"
TABLES = tables(PAGE)


def commands() -> set[str]:
    group = typer.main.get_command(app)
    return set(group.commands)  # type: ignore[attr-defined]


def test_commands() -> None:
    assert set(names(TABLES["Commands"])) == commands()
    for row, name in zip(TABLES["Commands"], names(TABLES["Commands"]), strict=True):
        assert row[1].startswith(f"`burdenshare {name}"), name


def test_options_of_solve_and_their_defaults() -> None:
    parameters = typer.main.get_command(app).commands["solve"].params  # type: ignore[attr-defined]
    options = {option for parameter in parameters for option in parameter.opts if option.startswith("--")}
    rows = {re.match(r"`(--[\w-]+)`", row[0]).group(1): row for row in TABLES["Options of `solve`"]}  # type: ignore[union-attr]
    assert set(rows) == options - {"--json"}
    defaults = {**asdict(Settings()), "formulation": DEFAULT}
    for option, row in rows.items():
        if option not in ("--out", "--previous", "--checkpoint", "--robust", "--cluster", "--workers"):
            shown = row[1].strip("`")
            expected = defaults[option.removeprefix("--").replace("-", "_")]
            plain = isinstance(expected, str) or expected is None
            assert shown == (expected or "") if plain else float(shown) == expected, option


def test_exit_codes_are_those_of_the_glossary() -> None:
    assert TABLES["Exit codes"] == tables(DOCS / "glossary.md")["Exit codes"]


def test_files() -> None:
    rows = [row[0].strip("`") for row in TABLES["What `solve` writes"]]
    written = {name for name, _ in csv_files(a_report())}
    assert set(rows) == written | {
        *(output.SUMMARY, output.MANIFEST, output.PAGE, output.WORKBOOK, output.INSTANCE, output.VALUES)
    }
    assert output.CLASHES in read(PAGE)


def test_no_page_shows_a_command_that_does_not_exist() -> None:
    pages = [*DOCS.glob("*.md"), *ROOT.glob("*.md"), *ROOT.glob("instances/**/README.md")]
    for page in pages:
        for name in re.findall(r"\bburdenshare ([a-z]+)\b(?=[ `\n])", _commands_only(page)):
            assert name in commands(), f"{page.name}: burdenshare {name}"


def _commands_only(page: Path) -> str:
    """What stands in code on a page."""
    text = read(page)
    fenced = re.findall(r"^```sh.*?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return "\n".join([*fenced, *(f"{code} " for code in re.findall(r"`([^`\n]+)`", text))])
