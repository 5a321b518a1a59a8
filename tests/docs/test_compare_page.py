"""The page on comparing and the glossary name the movements, causes and words that there are."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from optimizer.explaining.causes import CAUSES
from optimizer.explaining.comparing import SIGNIFICANCE
from optimizer.explaining.moved import MOVEMENTS
from tests.docs.pages import DOCS, names, tables

PAGE, GLOSSARY = tables(DOCS / "compare.md"), tables(DOCS / "glossary.md")


@pytest.mark.parametrize(
    ("on_page", "in_glossary", "expected"),
    [
        ("How things are matched", "Movements between two plans", MOVEMENTS),
        ("Why", "Named causes", CAUSES),
        ("What the difference is made of", "What a difference proves", SIGNIFICANCE),
    ],
)
def test_names_in_their_order(on_page: str, in_glossary: str, expected: Iterable[str]) -> None:
    assert names(PAGE[on_page]) == list(expected)
    assert names(GLOSSARY[in_glossary]) == list(expected)
