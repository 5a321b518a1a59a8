"""The glossary and the program name the same things, in both directions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import get_args

import pyomo.environ as pyo
import pytest

from models.build import build
from models.catalog import DEFAULT, FORMULATIONS
from models.checker import RULES
from models.concrete import PyomoWriter
from models.formulation import CHOICES, Formulation
from models.plan import Terms
from models.problem import SCORES, TERMS, Problem
from optimizer import pipeline
from optimizer.explaining.asks import KEYS
from optimizer.explaining.reasons import REASONS
from optimizer.explaining.rights import RIGHTS
from optimizer.reading.columns import TABLES
from optimizer.reading.instance import read_instance
from optimizer.reading.plan_columns import PLAN_TABLES
from optimizer.solving.outcome import Status
from tests.builders import small_problem
from tests.docs.pages import DOCS, ROOT, letters, names, tables

ORDER = list(RULES)
"""As imported: a test that takes a rule away and puts it back changes the order."""
GLOSSARY = tables(DOCS / "glossary.md")
CONFORMANCE = ROOT / "tests" / "conformance"
NAMED, OTHERS = frozenset({"textbook", "slots"}), "others"


def _case(folder: Path) -> Problem:
    problem = read_instance(folder).problem
    assert problem is not None
    return problem


def _problems() -> list[Problem]:
    """Every feature; several releases a period (`mixed-111`); a rule that no variable can keep (`mixed-109`); orders of
    one item that need not overtake each other (`case-014`)."""
    return [small_problem(), *(_case(CONFORMANCE / name) for name in ("mixed-111", "mixed-109", "case-014"))]


def _formulations() -> Iterable[tuple[str, Formulation]]:
    """All formulations, and every choice that none of them takes, in the default one; all but two are `others`."""
    yield from ((name if name in NAMED else OTHERS, formulation) for name, formulation in FORMULATIONS.items())
    parts = {field.name for field in fields(Formulation)} & CHOICES.keys()
    for part in parts:
        taken = {getattr(formulation, part) for formulation in FORMULATIONS.values()}
        for choice in CHOICES[part].keys() - taken:
            yield OTHERS, replace(FORMULATIONS[DEFAULT], **{part: choice})


@cache
def components(kind: type) -> dict[str, frozenset[str]]:
    """Names of all components of a kind that are not empty, with the formulations that have them."""
    found: dict[str, set[str]] = {}
    for name, formulation in _formulations():
        for problem in _problems():
            for component in build(problem, formulation, writer=PyomoWriter()).model.component_objects(kind):
                if len(component):
                    found.setdefault(component.local_name, set()).add(name)
    return {name: frozenset(where) for name, where in found.items()}


def in_words(where: frozenset[str]) -> str:
    """Which of the two formulations of the mathematics has it; `others` where only choices of neither do."""
    if not where:
        return "–"
    return "both" if where >= NAMED else next(iter(where & NAMED), OTHERS)


def has_each_once(heading: str, expected: Iterable[str]) -> None:
    found = names(GLOSSARY[heading])
    assert sorted(found) == sorted(set(found)), f"{heading}: a row stands twice"
    wanted = set(expected)
    assert set(found) == wanted, f"{heading}: missing {wanted - set(found)}, unknown {set(found) - wanted}"


def test_the_two_of_the_mathematics_are_there() -> None:
    assert FORMULATIONS.keys() >= NAMED


def test_rules() -> None:
    has_each_once("Rules", RULES)
    assert names(GLOSSARY["Rules"]) == ORDER, "in the order of the checker"


def test_rules_are_the_constraints_of_the_models() -> None:
    constraints = components(pyo.Constraint)
    for row, name in zip(GLOSSARY["Rules"], names(GLOSSARY["Rules"]), strict=True):
        assert row[-1] == in_words(constraints.get(name, frozenset())), name


def test_further_constraints() -> None:
    constraints = components(pyo.Constraint)
    has_each_once("Further constraints", constraints.keys() - RULES.keys())
    for row, name in zip(GLOSSARY["Further constraints"], names(GLOSSARY["Further constraints"]), strict=True):
        assert row[-1] == in_words(constraints[name]), name


def test_variables() -> None:
    variables = components(pyo.Var)
    has_each_once("Variables", variables)
    for row, name in zip(GLOSSARY["Variables"], names(GLOSSARY["Variables"]), strict=True):
        assert row[-1] == in_words(variables[name]), name


def test_index_letters() -> None:
    used: set[str] = set()
    for heading in ("Rules", "Further constraints"):
        used |= {letter for row in GLOSSARY[heading] for letter in letters(row[0])}
    used |= {letter for row in GLOSSARY["Variables"] for letter in letters(row[1])}
    has_each_once("Index letters", used)


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("Terms of the objective", TERMS),
        ("Scores behind a weight", SCORES),
        ("Tables of an instance", TABLES),
        ("Tables of a plan", PLAN_TABLES),
        ("Reasons", REASONS),
        ("Rights in the queue", RIGHTS),
        ("Keys of an ask", KEYS),
        ("Status", get_args(Status)),
    ],
)
def test_names(heading: str, expected: Iterable[str]) -> None:
    has_each_once(heading, expected)


def test_terms_of_a_plan_are_the_terms() -> None:
    assert tuple(field.name for field in fields(Terms)) == TERMS


def test_exit_codes() -> None:
    codes = {
        pipeline.DONE,
        pipeline.PROGRAM_ERROR,
        pipeline.WRONG_INPUT,
        pipeline.NOT_PROVEN,
        pipeline.INFEASIBLE,
        pipeline.NO_PLAN,
        pipeline.OTHERWISE,
        pipeline.INTERRUPTED,
    }
    assert [int(row[0]) for row in GLOSSARY["Exit codes"]] == sorted(codes)
    by_status = {name: int(row[-1]) for name, row in zip(names(GLOSSARY["Status"]), GLOSSARY["Status"], strict=True)}
    assert by_status == pipeline._CODES
