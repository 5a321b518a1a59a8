"""Libraries of extras: without one the user reads what to install, and nothing else needs it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from optimizer.batch import extras as of_sweeps
from optimizer.bench import extras as of_the_bench
from optimizer.extras import MissingExtraError, imported
from optimizer.frames.frame import polars


@pytest.mark.parametrize(
    ("missing", "asked", "said"),
    [
        ("polars", lambda: of_sweeps.extra("polars"), 
         "polars is not installed, which a sweep needs: pip install 'burdenshare[sweep]'"),
        ("distributed", lambda: of_sweeps.extra("distributed"),
         "distributed is not installed, which a sweep needs: pip install 'burdenshare[cluster]'"),
        ("vl_convert", of_the_bench.all_present,
         "vl-convert-python is not installed, which the bench needs: pip install 'burdenshare[bench]'"),
        ("polars", polars, "polars is not installed, which tables need: pip install 'burdenshare[tables]'"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch, missing: str, asked: Callable[[], Any], said: str
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingExtraError) as told:
        asked()
    assert str(told.value) == said


def test_what_is_there_is_given() -> None:
    assert imported("json", "a test needs", "test").loads("1") == 1
