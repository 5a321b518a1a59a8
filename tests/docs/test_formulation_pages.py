"""Every entry of the catalogue has its page, and the page says what the entry is; the worked example runs."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pyomo.environ as pyo
import pytest

from benchmarks.formulations import BEGIN, END, between, section, table
from models.build import build
from models.catalog import DEFAULT, FORMULATIONS
from models.concrete import PyomoWriter
from models.formulation import CHOICES
from models.problem import Problem
from optimizer.reading.instance import read_instance
from tests.builders import small_problem
from tests.docs.examples import assert_examples_run
from tests.docs.pages import DOCS, ROOT, names, read, tables

FOLDER = DOCS / "formulations"
EXAMPLE = DOCS / "adding-a-formulation.md"
HEADINGS = [
    "Sets", "Variables", "Constraints", "Why it is tight", "When it is weak", "Source", "Measured",
]  # fmt: skip
each = pytest.mark.parametrize("name", FORMULATIONS)


@cache
def problems() -> tuple[Problem, ...]:
    """Every feature, and rules that no variable can keep."""
    found = [small_problem()]
    for name in ("mixed-111", "mixed-109", "case-014"):
        problem = read_instance(ROOT / "tests" / "conformance" / name).problem
        assert problem is not None
        found.append(problem)
    return tuple(found)


def built(name: str, kind: type) -> set[str]:
    """Names of the components of a kind that the formulation builds."""
    return {
        component.local_name
        for problem in problems()
        for component in build(problem, FORMULATIONS[name], writer=PyomoWriter()).model.component_objects(kind)
        if len(component)
    }


def page(name: str) -> Path:
    return FOLDER / f"{name}.md"


def test_every_entry_has_a_page_and_every_page_an_entry() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == {*FORMULATIONS, "README"}


@each
def test_headings_are_the_same_in_the_same_order(name: str) -> None:
    lines = read(page(name)).splitlines()
    assert lines[0] == f"# `{name}`"
    assert [line.removeprefix("## ") for line in lines if line.startswith("#")][1:] == HEADINGS
    assert 60 <= len(lines) <= 130


@each
def test_nothing_is_empty(name: str) -> None:
    parts = re.split(r"^## .*\n", read(page(name)), flags=re.MULTILINE)[1:]
    for heading, text in zip(HEADINGS[:-1], parts, strict=False):
        assert len(text.split()) >= 10, heading


@each
def test_choices_are_those_of_the_catalogue(name: str) -> None:
    formulation, base = FORMULATIONS[name], FORMULATIONS["slots"]
    rows = {row[0]: row[1:] for row in tables(page(name))[f"`{name}`"]}
    assert list(rows) == [part for part in formulation.__dataclass_fields__ if part in CHOICES]
    for part, (choice, in_slots, formulas) in rows.items():
        own, other = getattr(formulation, part), getattr(base, part)
        assert choice == f"`{own}`", part
        assert in_slots == ("same" if own == other else f"`{other}`"), part
        number = re.fullmatch(r"\[section (\d+)\]\(\.\./mathematics\.md\)", formulas)
        assert number, part
        assert f"\n## {number.group(1)}. " in read(DOCS / "mathematics.md"), part


@each
def test_method_and_exactness_are_those_of_the_catalogue(name: str) -> None:
    formulation = FORMULATIONS[name]
    head = read(page(name)).split("## Sets")[0]
    assert f"method `{formulation.method}`" in head
    assert ("A relaxation; " in head) == (formulation.exact != formulation)
    assert ("Exact; " in head) == (formulation.exact == formulation)


@each
def test_variables_and_constraints_are_those_that_are_built(name: str) -> None:
    found = tables(page(name))
    assert sorted(names(found["Variables"])) == sorted(built(name, pyo.Var) - {"nothing"})
    assert sorted(names(found["Constraints"])) == sorted(built(name, pyo.Constraint))


def test_the_table_lists_all() -> None:
    rows = tables(FOLDER / "README.md")["The formulations"]
    assert [row[0] for row in rows] == [f"[`{name}`]({name}.md)" for name in FORMULATIONS]
    for row, formulation in zip(rows, FORMULATIONS.values(), strict=True):
        assert row[2] == formulation.method
        assert row[3] == ("exact" if formulation.exact == formulation else "relaxation")
        assert ("default" in row[4]) == (formulation.name == DEFAULT)


@each
def test_the_measured_part_stands_between_its_marks(name: str) -> None:
    text = read(page(name))
    after = text.split("## Measured\n")[1]
    assert after.strip().startswith(BEGIN)
    assert after.strip().endswith(END)
    assert between(text, "new figures").count("new figures") == 1


RESULTS = {
    "commit": "abc", "changed": False, "machine": {"cores": 2, "processor": "", "architecture": "x"},
    "versions": {"python": "3", "pyomo": "6", "highspy": "1"}, "seconds": 60.0, "load": [0.5, 1.5], "asked": ["toy"],
    "instances": {
        "toy": {
            "slots": {"rows": 1000, "columns": 2, "nonzeros": 3, "whole": 4, "build_seconds": 0.5, "seconds": 1.25,
                      "bound": 1234.5},
            "textbook": {"rows": 5, "columns": 6, "nonzeros": 7, "whole": 8, "build_seconds": 0.5, "seconds": 60.0,
                         "bound": None},
            "lean": {"error": "exit 9"},
        }
    },
}  # fmt: skip


def test_figures_as_they_are_written() -> None:
    assert "| toy | 1,000 | 2 | 3 | 4 | 0.50 | 1.25 | 1,234 |" in section(RESULTS, "slots")
    assert "| toy | 5 | 6 | 7 | 8 | 0.50 | > 60 | – |" in section(RESULTS, "textbook")
    assert "| toy | exit 9 |" in section(RESULTS, "lean")
    assert "| toy |" not in section(RESULTS, "integer")
    for text in ("`python -m benchmarks.formulations toy`", "commit abc", "load 0.5 before, 1.5 after"):
        assert text in table(RESULTS)
    assert [line.split(" | ")[0] for line in table(RESULTS).splitlines() if line.startswith("| ")] == [
        "| formulation", "| slots", "| textbook", "| lean",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", BEGIN, f"{END} {BEGIN}", f"{BEGIN} {END} {END}"])
def test_a_page_without_marks_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="once each"):
        between(text, "figures")


def test_the_worked_example_runs(tmp_path: Path) -> None:
    for folder in ("instances", "tests"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    assert_examples_run(EXAMPLE, tmp_path, 5)


def test_the_example_names_tests_that_exist() -> None:
    found = re.findall(r"`(tests/[\w./]+\.py)`", read(EXAMPLE))
    assert len(found) >= 8
    assert [path for path in found if not (ROOT / path).is_file()] == []
