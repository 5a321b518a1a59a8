"""The page of the stress test says what the program does: its promises, options, files, and the file of slips."""

from __future__ import annotations

import re

import typer

from optimizer.batch.stress import LATER, PROBE_LESS, PROBE_WEEKS
from optimizer.batch.stress_files import DEMAND_DRAWS, DRAWS, PAGE, TABLES, WORKBOOK
from optimizer.batch.stress_statistics import RESAMPLES
from optimizer.cli.app import app
from optimizer.reading.instance import read_instance
from optimizer.reporting.output import MANIFEST, SUMMARY
from optimizer.rolling.execute_promises import PROMISES
from optimizer.scenarios.disturbance_file import read_disturbances
from tests.docs.pages import DOCS, ROOT, read, tables

STRESS = DOCS / "stress.md"


def test_promises_are_those_of_the_glossary() -> None:
    rows = tables(DOCS / "glossary.md")["Promises at risk"]
    assert {row[0].strip("`"): row[1] for row in rows} == PROMISES


def test_options_and_defaults() -> None:
    parameters = typer.main.get_command(app).commands["stress"].params  # type: ignore[attr-defined]
    defaults = {option: parameter.default for parameter in parameters for option in parameter.opts}
    shown = dict(re.findall(r"\| `(--\w+)` \| (\S*) ?\|", read(STRESS)))
    assert set(shown) == {option for option in defaults if option.startswith("--")} - {"--json"}
    assert all(str(defaults[option]) == value for option, value in shown.items() if value)


def test_files_and_figures() -> None:
    text = read(STRESS)
    for name in (SUMMARY, MANIFEST, PAGE, WORKBOOK, DRAWS, DEMAND_DRAWS, *(f"{table}.csv" for table in TABLES)):
        assert f"`{name}`" in text
    assert f"by more than {LATER[0]}, {LATER[1]} and {LATER[2]} weeks" in text
    assert (PROBE_LESS, PROBE_WEEKS, RESAMPLES) == (0.1, 8, 2000)
    assert "a tenth less from the first day on, a pledge comes eight weeks late" in text
    assert "2,000 times" in text


def test_the_file_of_slips_fits_every_instance_that_ships() -> None:
    path = ROOT / "instances" / "scenarios" / "slips.toml"
    for instance in ("toy", "purl-2026-w02"):
        problem = read_instance(ROOT / "instances" / instance).problem
        disturbances, findings = read_disturbances(path, problem)
        assert findings == ()
        assert disturbances is not None
        assert not disturbances.late_pledges
        assert disturbances.line_slips


def test_every_row_of_slips_says_what_is_sourced_and_what_is_invented() -> None:
    text = read(ROOT / "instances" / "scenarios" / "slips.toml")
    rows = re.findall(r"((?:^#.*\n)+)\[\[", text, re.MULTILINE)
    assert len(rows) == text.count("[[")
    assert all("ourced" in comment and "nvented" in comment for comment in rows)
