"""One rule, one name: in `problem.md`, in the checker, in the models, in the glossary."""

from __future__ import annotations

import re

import pyomo.environ as pyo
import pytest

from models.build import build
from models.catalog import FORMULATIONS
from models.checker import RULES
from models.concrete import PyomoWriter
from models.draft import Block
from models.formulation import CHOICES
from tests.builders import small_problem
from tests.docs.pages import DOCS, names, read, tables

STATED = [
    match
    for heading, rows in tables(DOCS / "problem.md").items()
    if heading not in {"The instance: one folder, one CSV file a table, and `instance.toml`", "What is minimised"}
    for match in names(rows)
]
"""The rules of `problem.md`, in its order."""
ORDER = list(RULES)
"""As imported: a test that takes a rule away and puts it back changes the order."""
KEPT_BY_VARIABLES = {
    ("funding", "joint"): {"pledge_dates"},
    ("approval", "intervals"): {"reviewed_before_approval"},
    ("approval", "covers"): {"reviewed_before_approval"},
    ("offers", "disaggregated"): {"replacement_on_time"},
    ("funding", "grouped"): {"minimum_contribution"},
    ("funding", "separated"): {
        "fully_funded",
        "within_pledge",
        "pledge_earmark",
        "pledge_dates",
        "minimum_contribution",
        "donors_per_package",
    },
}
"""Rules without a row: a choice has no variable that could break them, or leaves them to its method."""


def test_the_checker_judges_every_rule_in_the_order_of_the_problem() -> None:
    assert len(STATED) == 26
    assert [rule for rule in ORDER if rule != "well_formed"] == STATED


def test_a_rule_is_a_function_of_its_name() -> None:
    for name, judge in RULES.items():
        assert getattr(judge, "__name__", "") == name
        assert judge.__doc__, name


@pytest.mark.parametrize("name", FORMULATIONS)
def test_every_rule_is_a_constraint_of_the_model(name: str) -> None:
    model = build(small_problem(), FORMULATIONS[name], writer=PyomoWriter()).model
    constraints = {c.local_name for c in model.component_objects(pyo.Constraint) if len(c)}
    chosen = {(part, getattr(FORMULATIONS[name], part)) for part in CHOICES}
    kept = set[str]().union(*(KEPT_BY_VARIABLES.get(choice, set()) for choice in chosen))
    missing = set(STATED) - constraints
    assert missing <= kept
    assert kept - missing <= {"replacement_on_time"}, "there are rows, where a replacement has several periods"


def test_blocks_claim_only_rules_and_names_that_are_used() -> None:
    """What a block says it adds is a rule of the problem, a key that blocks post under, or what another block needs."""
    ledger = set(re.findall(r"\.post\(\s*\"(\w+)\"", "".join(_sources_of_blocks())))
    assert ledger
    needed = {name for block in _blocks() for name in block.needs}
    added = {name for block in _blocks() for name in block.adds}
    assert needed <= added
    own = {"made", "plan_change"}
    for block in _blocks():
        assert set(block.adds) <= {*STATED, *ledger, *needed, *own}, block.name


def _blocks() -> list[Block]:
    return [block for choices in CHOICES.values() for block in choices.values()]


def _sources_of_blocks() -> list[str]:
    from tests.house.tree import sources

    return [read(path) for module, path in sources().items() if module.startswith("models.blocks.")]


def test_the_glossary_has_every_rule() -> None:
    assert set(names(tables(DOCS / "glossary.md")["Rules"])) == {"well_formed", *STATED}
