"""A formulation is a value: its choices are checked before anything is built, and errors name what does not fit."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from models.build import compile_model
from models.catalog import DEFAULT, FORMULATIONS
from models.draft import Block
from models.formulation import CHOICES, Formulation
from tests.builders import small_problem
from tests.models.solved import SLOTS, TEXTBOOK, mixtures

PARTS = sorted(CHOICES)


def test_every_part_has_a_field_and_every_name_its_formulation() -> None:
    assert set(PARTS) < {f.name for f in fields(Formulation)}
    assert DEFAULT in FORMULATIONS
    assert all(name == formulation.name for name, formulation in FORMULATIONS.items())
    assert all(formulation.summary and formulation.source for formulation in FORMULATIONS.values())


@pytest.mark.parametrize("part", PARTS)
def test_unknown_choice_is_named_with_those_there_are(part: str) -> None:
    with pytest.raises(ValueError, match=f"{part} has no choice 'guess'") as error:
        replace(SLOTS, **{part: "guess"}).blocks()
    assert all(name in str(error.value) for name in CHOICES[part])


@pytest.mark.parametrize(
    ("formulation", "block", "needed"),
    [
        (replace(TEXTBOOK, name="mine", funding="joint"), "joint", "priced"),
        (replace(TEXTBOOK, name="mine", funding="pooled"), "pooled", "priced"),
        (replace(SLOTS, name="mine", funding="by_category"), "by_category", "content_by_package"),
    ],
)
def test_unmet_need_names_the_block_and_what_it_needs(formulation: Formulation, block: str, needed: str) -> None:
    with pytest.raises(ValueError, match=f"block '{block}' needs '{needed}', which no block of 'mine' adds"):
        formulation.blocks()


def test_blocks_that_need_each_other_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(_: object) -> None:
        return None

    monkeypatch.setitem(CHOICES["lanes"], "hen", Block("hen", "", ("hens",), ("eggs",), nothing))
    monkeypatch.setitem(CHOICES["stability"], "egg", Block("egg", "", ("eggs",), ("hens",), nothing))
    with pytest.raises(ValueError, match=r"circle: .*(hen.*egg|egg.*hen)"):
        replace(SLOTS, lanes="hen", stability="egg").blocks()


@pytest.mark.parametrize("formulation", [*FORMULATIONS.values(), *mixtures()], ids=lambda f: f.name)
def test_a_block_comes_after_all_that_add_what_it_needs(formulation: Formulation) -> None:
    blocks = formulation.blocks()
    assert len(blocks) == len(CHOICES)
    for k, block in enumerate(blocks):
        later = {name for other in blocks[k + 1 :] for name in other.adds}
        assert later.isdisjoint(block.needs), block.name


@pytest.mark.parametrize("formulation", [TEXTBOOK, SLOTS], ids=lambda f: f.name)
def test_what_a_block_says_it_adds_is_there(formulation: Formulation) -> None:
    built = compile_model(small_problem(), formulation)
    rules = set(built.matrix.rules)
    posted = {key[0] for key in built.draft.ledger}
    variables = set(built.matrix.kinds)
    for block in built.blocks:
        assert set(block.adds) <= rules | posted | variables | {"content_by_package"}, block.name
