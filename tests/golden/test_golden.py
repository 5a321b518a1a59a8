"""The rows of every rule are the ones on file. `python -m tests.golden.write` writes them anew."""

from __future__ import annotations

import pytest

from models.build import compile_model
from tests.golden.listing import listing
from tests.golden.write import FOLDER, golden_files
from tests.models.rule_cases import RULE_CASES, RuleCase
from tests.models.solved import TEXTBOOK, without_rule

FILES = golden_files()


def test_every_golden_file_is_of_a_rule() -> None:
    assert {path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("*/*.txt")} == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_rows_are_the_golden_ones(name: str) -> None:
    assert FILES[name] == (FOLDER / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("case", RULE_CASES[:3], ids=lambda case: case.label)
def test_a_row_left_out_is_a_difference(case: RuleCase) -> None:
    built = compile_model(case.binding, TEXTBOOK)
    assert listing(built.matrix, case.rule) != listing(without_rule(built, case.rule).matrix, case.rule)
