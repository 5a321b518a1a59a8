"""The page of formulas uses the names of the program, says every rule, and can be rendered."""

from __future__ import annotations

import re

import pytest

from models.catalog import DEFAULT, FORMULATIONS
from models.checker import RULES
from models.formulation import CHOICES
from models.problem import TERMS
from optimizer.reading.columns import TABLES
from optimizer.reading.sections import SECTIONS
from tests.docs.pages import DOCS, blocks, names, read, tables

PAGE = DOCS / "mathematics.md"
FORMULAS = blocks(PAGE, "math")
GLOSSARY = tables(DOCS / "glossary.md")
_TEXT = re.compile(r"\\text\{([^{}]*)\}")
DERIVED = {
    *("start", "weeks", "late", "period", "shift", "score", "scores", "shares", "weight", "price", "slots", "effort"),
    *("component_cum", "receipts", "taken", "leaving", "reach", "ratio", "arrival", "funded", "pooled", "ready"),
    *("committed", "cost", "term", "amount", "target", "min_contribution", "tonnes", "urgency", "readiness.weight"),
}
"""What a problem's data become before the model is built, and short forms of columns; each is explained on the page."""


def used() -> set[str]:
    """Every name of one word in a formula."""
    found = {name.replace(r"\_", "_") for formula in FORMULAS for name in _TEXT.findall(formula)}
    return {name.strip() for name in found if re.fullmatch(r"\s*[a-z][\w.]*\s*", name)}


def known() -> set[str]:
    columns = {column.name for table in TABLES.values() for column in table.columns}
    settings = {column.name for section in SECTIONS.values() for column in section.columns}
    named = {name for heading in ("Rules", "Further constraints", "Variables") for name in names(GLOSSARY[heading])}
    return columns | settings | named | set(TERMS) | DERIVED


WORDS = {"and", "each", "complete", "unless", "uses", "in", "new", "from", "on", "for", "proposed"}


def test_every_name_is_one_of_the_program() -> None:
    assert used() - known() - WORDS == set()


def test_every_rule_is_stated() -> None:
    text = read(PAGE)
    missing = [rule for rule in RULES if rule != "well_formed" and rule not in text and rule not in used()]
    assert missing == []


@pytest.mark.parametrize("heading", ["Further constraints", "Variables"])
def test_every_constraint_and_variable_is_explained(heading: str) -> None:
    text = read(PAGE)
    silent = {"nothing", "proposed_released"}
    missing = {name for name in names(GLOSSARY[heading]) if name not in text and name not in used()}
    assert missing <= silent


def test_the_choices_of_both_formulations() -> None:
    rows = tables(PAGE)["13. The two formulations side by side"]
    for part, *cells in rows:
        chosen = [re.match(r"`(\w+)`", cell).group(1) for cell in cells]  # type: ignore[union-attr]
        assert chosen == [getattr(FORMULATIONS[name], part) for name in ("textbook", "slots")], part
    differing = {p for p in CHOICES if getattr(FORMULATIONS["textbook"], p) != getattr(FORMULATIONS["slots"], p)}
    assert {row[0] for row in rows} == differing


def test_the_default_is_told_from_the_two() -> None:
    """In which choices it differs from `slots`, with the section that states each."""
    (base, told) = re.findall(rf"The default, `{DEFAULT}`, is `(\w+)` with ([^\n]*)", read(PAGE))[0]
    assert base == "slots"
    default, slots = FORMULATIONS[DEFAULT], FORMULATIONS[base]
    assert dict(re.findall(r'`(\w+) = "(\w+)"`', told)) == {
        part: getattr(default, part) for part in CHOICES if getattr(default, part) != getattr(slots, part)
    }
    assert set(re.findall(r"section (\d+)", told)) == {"14", "16"}
    sections = dict(re.findall(r"^## (\d+)\. .*?\n(.*?)(?=^## |\Z)", read(PAGE), re.MULTILINE | re.DOTALL))
    for part, choice, section in re.findall(r'`(\w+) = "(\w+)"`(?: and [^(]*)? ?\(section (\d+)\)', told):
        assert f'{part} = "' in sections[section], part
        assert f'"{choice}"' in sections[section], choice


def test_formulas_are_balanced() -> None:
    assert len(FORMULAS) > 30
    for formula in FORMULAS:
        plain = formula.replace(r"\{", "").replace(r"\}", "")
        assert plain.count("{") == plain.count("}"), formula
        assert formula.count(r"\left") == formula.count(r"\right"), formula
        assert sorted(re.findall(r"\\begin\{(\w+)\}", formula)) == sorted(re.findall(r"\\end\{(\w+)\}", formula))
        assert not re.search(r"(?<!\\)_(?=[a-z]{2,}\b)", formula), (
            f"an underscore of a name needs a backslash: {formula}"
        )
        for text in _TEXT.findall(formula):
            assert not re.search(r"(?<!\\)_", text), f"an underscore of a name needs a backslash: {text}"


def test_formulas_in_a_line_survive_markdown() -> None:
    """Markdown takes the backslash from an escaped underscore, brace or comma before the formula is rendered."""
    outside = re.sub(r"```.*?```", "", read(PAGE), flags=re.DOTALL)
    inline = re.findall(r"\$[^$\n]+\$", outside)
    assert len(inline) > 20
    assert [formula for formula in inline if re.search(r"\\[_,{};!]", formula)] == []
