"""The page of what-ifs: its scenarios are read and made, its tables are those of the code."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from models.problem import Problem
from optimizer.cli.app import app
from optimizer.findings import CODES
from optimizer.reading.instance import read_instance
from optimizer.scenarios.apply import patched
from optimizer.scenarios.options import asked_changes, asked_scenario
from optimizer.scenarios.scenario_file import read_scenarios
from optimizer.scenarios.written import VERBS
from tests.docs.pages import DOCS, blocks, names, tables
from tests.scenarios.worlds import toy

PAGE = DOCS / "whatif.md"
TABLES = tables(PAGE)


@cache
def real() -> Problem:
    problem = read_instance(DOCS.parent / "instances" / "purl-2026-w02").problem
    assert problem is not None
    return problem


@pytest.mark.parametrize("text", blocks(PAGE, "toml"))
def test_the_scenarios_are_read_and_made(text: str, tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    scenarios, findings = read_scenarios(tmp_path / "s.toml")
    assert scenarios is not None, [finding.line() for finding in findings]
    assert len(scenarios.patches) == 3
    for patch in scenarios.patches.values():
        assert patch.changes
        reading = patched(toy(), [patch])
        assert reading.problem is not None, [finding.line() for finding in reading.findings]


def test_verbs() -> None:
    assert names(TABLES["What can be done"]) == list(VERBS)


def test_options() -> None:
    rows = {re.match(r"`(--\w+)`", row[0]).group(1) for row in TABLES["On the command line"]}  # type: ignore[union-attr]
    parameters = typer.main.get_command(app).commands["whatif"].params  # type: ignore[attr-defined]
    options = {option for parameter in parameters for option in parameter.opts if option.startswith("--")}
    solving = {"--out", "--formulation", "--gap", "--seconds", "--work", "--threads", "--seed", "--top", "--json"}
    assert rows == options - solving
    assert solving < options


def test_the_commands_that_are_shown_can_be_typed(tmp_path: Path) -> None:
    """`plan` is one of the real instance, `scenarios.toml` the file that the page shows."""
    (tmp_path / "scenarios.toml").write_text(blocks(PAGE, "toml")[0], encoding="utf-8")
    lines = blocks(PAGE, "console")[0].strip().splitlines()
    assert len(lines) >= 5
    for line in lines:
        _, _, command, source, *words = shlex.split(line, comments=True)
        assert command == "whatif"
        options = [(words[k].removeprefix("--"), words[k + 1]) for k in range(0, len(words), 2)]
        asked: dict[Any, list[str]] = {verb: [word for name, word in options if name == verb] for verb in VERBS}
        options_patch, findings = asked_changes(asked)
        assert findings == ()
        patches = [options_patch]
        for file in (word for name, word in options if name == "scenario"):
            patch, found = asked_scenario(str(tmp_path / file))
            assert patch is not None, found
            patches.insert(0, patch)
        problem = {"instances/toy": toy, "plan": real}[source]()
        reading = patched(problem, patches)
        assert reading.problem is not None, (line, [finding.line() for finding in reading.findings])
        assert reading.problem != problem


def test_findings() -> None:
    rows = names(TABLES["Scenario files"])
    assert set(rows) <= set(CODES)
    said = {code: row[1] for code, row in zip(rows, TABLES["Scenario files"], strict=True)}
    assert said["nothing_selected"].startswith("no row answers")
