"""The page of what-ifs: its scenarios are read and made, its tables are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from optimizer.cli.app import app
from optimizer.findings import CODES
from optimizer.scenarios.apply import patched
from optimizer.scenarios.options import asked_changes
from optimizer.scenarios.scenario_file import read_scenarios
from optimizer.scenarios.written import VERBS
from tests.docs.pages import DOCS, blocks, names, tables
from tests.scenarios.worlds import toy

PAGE = DOCS / "whatif.md"
TABLES = tables(PAGE)


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
    solving = {"--out", "--formulation", "--gap", "--seconds", "--threads", "--seed", "--top", "--json"}
    assert rows == options - solving
    assert solving < options


def test_the_options_that_are_shown_say_changes() -> None:
    shown = "\n".join(blocks(PAGE, "console"))
    found = re.findall(r"--(set|scale|shift|add|remove) (?:'([^']*)'|(\S+))", shown)
    assert len(found) >= 5
    for verb, quoted, bare in found:
        patch, findings = asked_changes({verb: [quoted or bare]})
        assert (len(patch.changes), findings) == (1, ())


def test_findings() -> None:
    rows = names(TABLES["Scenario files"])
    assert set(rows) <= set(CODES)
    said = {code: row[1] for code, row in zip(rows, TABLES["Scenario files"], strict=True)}
    assert said["nothing_selected"].startswith("no row answers")
