"""What other solvers can load: which size comes next, what counts, the steps of a run, the page."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from benchmarks import loading
from benchmarks.loading import Try, is_loaded, next_orders, rounded
from benchmarks.loading_page import page_of
from benchmarks.loading_run import Steps
from tests.docs.pages import tables

KEPT = {
    "machine": {"processor": "Example CPU", "cores": 2, "memory_gib": 8.0},
    "versions": {"highspy": "1.15.1", "ortools": None},
    "seed": 1,
}


def searched(limit: int, start: int, near: float) -> list[int]:
    """All sizes that are tried where `limit` orders are the most that load."""
    tried: dict[int, bool] = {}
    while (orders := next_orders(tried, start, near)) is not None:
        tried[orders] = orders <= limit
    return list(tried)


@pytest.mark.parametrize(
    ("limit", "near", "expected"),
    [
        (5000, 2.0, [1000, 2000, 4000, 8000]),
        (300, 2.0, [1000, 500, 250]),
        (5000, 1.5, [1000, 2000, 4000, 8000, 5700]),
        (6000, 1.2, [1000, 2000, 4000, 8000, 5700, 6800]),
        (0, 2.0, [1000, 500, 250, 125, 62, 31, 15]),
    ],
)
def test_sizes_double_or_halve_and_then_close_in(limit: int, near: float, expected: list[int]) -> None:
    assert searched(limit, 1000, near) == expected


def test_two_digits_count() -> None:
    assert [rounded(value) for value in (15.4, 154.0, 5656.8)] == [15, 150, 5700]


@pytest.mark.parametrize(
    ("step", "status", "loaded"),
    [
        ("solve", "no_plan", True),
        ("solve", "killed: time", True),
        ("solve", "killed: memory", False),
        ("solve", "error", False),
        ("build", "killed: time", False),
        ("hand over", "killed: memory", False),
    ],
)
def test_what_counts_as_loaded(step: str, status: str, loaded: bool) -> None:
    assert is_loaded(step, status) is loaded


def test_steps_are_noted_as_they_begin(tmp_path: Path) -> None:
    steps = Steps(tmp_path / "steps")
    steps.emit(logging.LogRecord("n", logging.INFO, "p", 1, "build", (), None))
    lines = [json.loads(line) for line in (tmp_path / "steps").read_text(encoding="utf-8").splitlines()]
    assert [line["step"] for line in lines] == ["read", "build"]
    assert all(line["mib"] > 0 for line in lines)


def a_try(instance: str, orders: int, **changes: Any) -> dict[str, Any]:
    known = {
        "peer": "cpsat", "loaded": True, "step": "solve", "steps": {"read": 0.5, "build": 1.5, "solve": 21.5},
        "status": "no_plan", "message": "", "seconds": 90.0, "mib": 2048.0,
        "fields": {"rows": 1000, "columns": 2000, "nonzeros": 9000}, "gib": 10.0, "searched": 60.0, "state": "aaaa",
    }  # fmt: skip
    return asdict(Try(instance=instance, orders=orders, **{**known, **changes}))


def test_the_page(tmp_path: Path) -> None:
    lost = {"loaded": False, "status": "killed: memory", "fields": {}}
    tries = [
        a_try("book of 2,000", 2000, **lost),
        a_try("book of 1,000", 1000),
        a_try("alliance", 1500, **lost, step="build", steps={"read": 0.5, "build": 1.5}),
    ]
    page = tmp_path / "page.md"
    page.write_text(page_of({**KEPT, "tries": tries}), encoding="utf-8")
    found = tables(page)
    assert found["What other solvers can load"] == [
        ["`cpsat`", "10", "more than the memory allowed while building", "1,000 orders", "2,000 orders",
         "more than the memory allowed while searching"],
    ]  # fmt: skip
    rows = found["Every try"]
    assert rows[0][2:] == ["", "", "", "1.0", "", "", "90", "2.0", "more than the memory allowed while building"]
    assert rows[1][1:] == ["book of 1,000", "1,000", "2,000", "9,000", "1.0", "20.0", "", "90", "2.0", "loads"]
    assert "highspy 1.15.1. One thread. Allowed: 10 GiB and 60 s of search." in page.read_text(encoding="utf-8")


def test_tries_that_are_kept_are_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "STORE", tmp_path / "loading.json")
    made: list[str] = []
    monkeypatch.setattr(loading, "_one", lambda peer, name, *_: made.append(f"{peer}: {name}"))
    given = loading.argparse.Namespace(gib=10.0, seconds=60.0, start=1000, near=2.0, seed=1)
    books = [("book of 1,000", 1000, True), ("book of 2,000", 2000, False)]
    tries = [Try(**a_try(name, orders, loaded=loaded)) for name, orders, loaded in books]
    loading.search("cpsat", tries, given)
    assert made == ["cpsat: alliance"]


def test_more_memory_is_another_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed with less is tried again, and no size is tried for ever."""
    tries = [Try(**a_try("book of 1,000", 1000, loaded=False))]

    def one(peer: str, name: str, orders: int, kept: list[Try], given: Any) -> None:
        kept.append(Try(**a_try(name, orders, peer=peer, loaded=orders <= 2000, gib=given.gib)))

    monkeypatch.setattr(loading, "_one", one)
    loading.search("cpsat", tries, loading.argparse.Namespace(gib=20.0, seconds=60.0, start=1000, near=2.0, seed=1))
    assert [(one.instance, one.gib) for one in tries[1:]] == [
        ("alliance", 20.0), ("book of 1,000", 20.0), ("book of 2,000", 20.0), ("book of 4,000", 20.0),
    ]  # fmt: skip
