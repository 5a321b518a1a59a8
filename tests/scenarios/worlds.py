"""Instances and patches for the tests of scenarios."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from models.keys import ADDING_UP, TABLE_KEYS
from models.problem import Problem
from optimizer.findings import Finding
from optimizer.reading.cells import shown
from optimizer.reading.columns import TABLES
from optimizer.reading.instance import Reading, read_instance
from optimizer.scenarios.apply import patched
from optimizer.scenarios.patch import Patch, judged_patch
from tests.docs.pages import ROOT

TOY = ROOT / "instances" / "toy"


def toy() -> Problem:
    """The toy instance."""
    problem = read_instance(TOY).problem
    assert problem is not None
    return problem


def patch(*changes: Mapping[str, Any], name: str = "asked") -> Patch:
    """A patch that nothing is wrong with."""
    made, wrong = judged_patch(name, {"changes": list(changes)}, "scenarios.toml")
    assert wrong == ()
    return made


def wrong_in(*changes: Mapping[str, Any], name: str = "asked") -> tuple[Finding, ...]:
    """What is wrong with a patch before an instance is asked."""
    return judged_patch(name, {"changes": list(changes)}, "scenarios.toml")[1]


def after(problem: Problem, *changes: Mapping[str, Any]) -> Problem:
    """The changed instance, which must be sound."""
    reading = patched(problem, [patch(*changes)])
    assert reading.problem is not None, [found.line() for found in errors(reading)]
    return reading.problem


def refused(problem: Problem, *changes: Mapping[str, Any]) -> tuple[Finding, ...]:
    """The errors of a changed instance that is not sound."""
    reading = patched(problem, [patch(*changes)])
    assert reading.problem is None
    return errors(reading)


def errors(reading: Reading) -> tuple[Finding, ...]:
    """The errors alone."""
    return tuple(found for found in reading.findings if found.severity == "error")


def sorted_rows(problem: Problem) -> dict[str, Any]:
    """Everything of an instance, rows in the order of their texts."""
    found: dict[str, Any] = {name: getattr(problem, name) for name in Problem.__dataclass_fields__}
    return {name: sorted(rows, key=repr) if name in TABLES else rows for name, rows in found.items()}


def rows_with_keys(problem: Problem) -> list[tuple[str, str]]:
    """Table and key text of every row that a key can name alone."""
    return [
        (name, ",".join(shown(getattr(row, part)) for part in TABLE_KEYS[name]))
        for name in TABLES
        if name not in ADDING_UP
        for row in getattr(problem, name)
    ]


@st.composite
def changes(draw: st.DrawFn, problem: Problem) -> dict[str, Any]:
    """One change that fits the instance: it may make it unsound, but can be made."""
    filled = [name for name in TABLES if getattr(problem, name)]
    table = TABLES[draw(st.sampled_from(filled))]
    columns = [
        column for column in table.columns if column.type in ("whole", "number", "date") and not column.references
    ]
    verb = draw(st.sampled_from(("set", "scale", "shift", "remove")))
    if verb == "remove" or not columns:
        return {"remove": f"{table.name}.*"}
    numbers = [column for column in columns if column.type != "date"]
    if verb == "scale" and numbers:
        column = draw(st.sampled_from(numbers))
        return {"scale": f"{table.name}.*.{column.name}", "by": draw(st.sampled_from((0.5, 1, 2, 0.1)))}
    column = draw(st.sampled_from(columns))
    if verb == "shift":
        return {"shift": f"{table.name}.*.{column.name}", "by": draw(st.integers(0, 3))}
    value = draw(st.integers(1, 5))
    day = problem.start + dt.timedelta(weeks=value)
    return {"set": f"{table.name}.*.{column.name}", "to": day.isoformat() if column.type == "date" else value}
