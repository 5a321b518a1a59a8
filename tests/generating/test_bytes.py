"""Same seed same bytes, rows streamed, whole or not at all."""

from __future__ import annotations

import hashlib
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from optimizer.generating import generate as module
from optimizer.generating.classes import CLASSES, WEEKLY, scaled
from optimizer.generating.draws import STREAMS, Draws, Weighted, every
from optimizer.generating.figures import figures
from optimizer.generating.generate import generate
from optimizer.generating.tables import Tables
from tests.cli.runs import files

GOLDEN = {
    ("toy", 1): "881e8e89bf426fb4",
    ("weekly", 1): "7ba3f176a3a49c74",
    ("weekly", 2): "4dd4ddeedadd2499",
}
"""Figures that were measured on an instance are worth nothing once its bytes change."""


def fingerprint(folder: Path) -> str:
    """Of every file but the notes for people."""
    found = hashlib.sha256()
    for name, content in files(folder).items():
        if name != "README.md":
            found.update(name.encode() + b"\0" + content)
    return found.hexdigest()[:16]


@pytest.mark.parametrize(("size", "seed"), GOLDEN)
def test_the_bytes_are_those_of_every_machine(tmp_path: Path, size: str, seed: int) -> None:
    generate(size, seed, tmp_path / "a")
    assert fingerprint(tmp_path / "a") == GOLDEN[size, seed]


def test_same_seed_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        generate("weekly", seed, tmp_path / name)
    a, b, c = (files(tmp_path / name) for name in "abc")
    assert a == b
    assert {name for name in a if a[name] == c.get(name)} == {"provenance.csv", "sites.csv"}


def test_streams_are_independent_and_uniform() -> None:
    firsts = {Draws(1, stream).unit() for stream in STREAMS}
    assert len(firsts) == len(STREAMS)
    draws = Draws(1, "items")
    drawn = [draws.unit() for _ in range(20_000)]
    assert abs(sum(drawn) / 20_000 - 0.5) < 0.01
    normals = [draws.normal() for _ in range(20_000)]
    assert abs(sum(normals)) / 20_000 < 0.02
    assert abs(sum(x * x for x in normals) / 20_000 - 1) < 0.03
    assert sorted(draws.shuffled(range(50))) == list(range(50))


def test_spread_comes_near_the_weights_in_a_short_run() -> None:
    weights = [5.0, 1.0, 0.0, 2.0, 2.0]
    weighted = Weighted(weights)
    drawn = [weighted.spread(0.37, k) for k in range(50)]
    for index, weight in enumerate(weights):
        assert abs(drawn.count(index) - 50 * weight / 10) <= 2
    with pytest.raises(ValueError, match="nothing to draw"):
        Weighted([0.0])


@pytest.mark.parametrize(("n", "marked"), [(150, 45), (16_000, 4_800), (10, 3), (7, 7), (5, 0)])
def test_every_marks_exactly(n: int, marked: int) -> None:
    assert sum(every(k, marked / n) for k in range(n)) == marked


def test_laws_are_those_of_the_public_figures() -> None:
    """Worked out apart: medians of 10.2 million USD a unit, 32 million USD a week, 93 million USD a contribution."""
    found = figures()
    assert found.price.at(0) == pytest.approx(10.16, abs=0.01)
    assert found.line_value.at(0) == pytest.approx(32.22, abs=0.01)
    assert found.quantity.at(0) == pytest.approx(42.33, abs=0.05)
    assert found.contribution.at(0) == pytest.approx(93.02, abs=0.01)
    assert all(0 <= growth <= 1.5 for growth in found.growth)
    assert len(found.recipients) == 48
    assert all(row["source"] for row in found.recipients)


def test_memory_does_not_grow_with_the_demands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    peaks = []
    for times in (1, 20):
        many = replace(WEEKLY, orders=150 * times, complete=45 * times, needs=60 * times)
        monkeypatch.setitem(CLASSES, "many", many)
        generate("many", 1, tmp_path / "warm")
        tracemalloc.start()
        generate("many", 1, tmp_path / "out")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 500_000, peaks
    written = sum(len(content) for content in files(tmp_path / "out").values())
    assert written > 200_000, "twenty times the demands are on disk"


def test_factor_multiplies_the_counts(tmp_path: Path) -> None:
    made = generate("weekly", 1, tmp_path / "out", factor=2.5)
    assert made.name == "weekly, seed 1, times 2.5"
    assert (made.rows["orders"], made.rows["needs"], made.rows["items"], made.rows["pledges"]) == (375, 150, 62, 150)
    assert scaled(WEEKLY, 1) is WEEKLY
    small = scaled(WEEKLY, 0.01)
    assert (small.lines, small.items, small.offers, small.accepted_offers) == (1, 1, 1, 1)
    generate("toy", 1, tmp_path / "tiny", factor=0.1)
    for wrong in (0, -1, 1001, float("nan")):
        with pytest.raises(ValueError, match="factor"):
            scaled(WEEKLY, wrong)


def test_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_notes", full)
    with pytest.raises(OSError, match="No space"):
        generate("toy", 1, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_only_known_tables_and_columns(tmp_path: Path) -> None:
    with Tables(tmp_path) as tables:
        with pytest.raises(KeyError):
            tables.write("nonsense", item="A")
        with pytest.raises(KeyError, match="colour"):
            tables.write("items", item="A", colour="green")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="not in tuple"):
        Draws(1, "nonsense")
    with pytest.raises(ValueError, match="seed"):
        generate("toy", -1, tmp_path / "out")
