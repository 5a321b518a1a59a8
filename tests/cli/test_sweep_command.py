"""`burdenshare sweep` from outside: exit codes, the two streams, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from optimizer.batch.lock import locked
from optimizer.cli import main
from tests.batch.sweeps import results, write_sweep


def test_it_makes_every_run_and_then_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = write_sweep(tmp_path), tmp_path / "out"
    words = ["sweep", str(file), "--out", str(out), "--workers", "0"]
    assert main([*words, "--json"]) == 0
    said = capsys.readouterr()
    document = json.loads(said.out)
    assert (document["made_now"], document["wanted"], document["failed"]) == (7, 7, 0)
    assert {row["status"] for row in document["rows"]} == {"optimal"}
    assert "7 runs" in said.err
    before = results(out)
    assert main(words) == 0
    said = capsys.readouterr()
    assert "against base" in said.out
    assert "0 of 7 runs made now, 7 known before" in said.err
    assert results(out) == before
    assert {"results.parquet", "table.csv", "table.xlsx", "report.html"} <= {path.name for path in out.iterdir()}


def test_counting_makes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", str(write_sweep(tmp_path)), "--out", str(tmp_path / "out"), "--count", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"sweep": "small", "wanted": 7, "different": 7}
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("more", "words", "said"),
    [
        ("setings = 1", [], "Maybe settings"),
        ("", ["--most", "3"], "more than 3"),
        ("", ["--workers", "2", "--cluster", "tcp://127.0.0.1:1"], "--workers"),
        ("", ["--memory-gib", "0"], "above 0"),
        ("", ["--workers", "-1"], "--workers"),
    ],
)
def test_what_is_wrong_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: str, words: list[str], said: str
) -> None:
    file = write_sweep(tmp_path, more=more)
    assert main(["sweep", str(file), "--out", str(tmp_path / "out"), "--workers", "0", *words, "--json"]) == 2
    streams = capsys.readouterr()
    assert said in streams.err
    assert "Traceback" not in streams.err
    assert "error" in json.loads(streams.out)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_held_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = write_sweep(tmp_path), tmp_path / "out"
    with locked(out):
        assert main(["sweep", str(file), "--out", str(out), "--workers", "0"]) == 2
    assert "another sweep" in capsys.readouterr().err
