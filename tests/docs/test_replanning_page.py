"""The page about planning on says what the program does: its example is run, its tables are those of the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.pipeline import solve_instance
from optimizer.reading.columns import EVENTS
from optimizer.reporting.replanning_words import sentences
from optimizer.rolling.bounds import LOOSENED
from optimizer.settings import Settings
from tests.docs.pages import DOCS, ROOT, names, tables

PAGE = DOCS / "replanning.md"
QUICK = Settings(seconds=20.0, threads=1)


def test_example_is_run(tmp_path: Path) -> None:
    first, second = tmp_path / "week0", tmp_path / "week1"
    assert solve_instance(ROOT / "instances" / "toy", first, settings=QUICK).code == 0
    result = solve_instance(first / "instance", second, settings=QUICK, previous=first)
    assert result.code == 0
    assert result.summary is not None
    assert result.summary.replanning is not None
    text = PAGE.read_text(encoding="utf-8")
    for sentence in sentences(result.summary.replanning):
        assert sentence in text
    assert result.summary.replanning.moved_units == 0


@pytest.mark.parametrize(
    ("heading", "expected"),
    [("What happened: the table `actuals`", EVENTS), ("Nothing changed, nothing moves", tuple(LOOSENED))],
)
def test_tables_are_those_of_the_code(heading: str, expected: tuple[str, ...]) -> None:
    assert sorted(names(tables(PAGE)[heading])) == sorted(expected)
