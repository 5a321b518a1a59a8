"""`burdenshare generate`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from optimizer.generating import generate as module
from tests.cli.runs import Command, files


def test_writes_an_instance_that_check_accepts(burdenshare: Command, tmp_path: Path) -> None:
    run = burdenshare("generate", "toy", "--seed", 3, "--out", tmp_path / "a")
    assert run.code == 0
    assert "10 orders" in run.out
    assert burdenshare("check", tmp_path / "a").code == 0
    readme = (tmp_path / "a" / "README.md").read_text(encoding="utf-8")
    assert "`burdenshare generate toy --seed 3 --out DIR`" in readme
    assert "sites and lanes are invented" in readme


def test_json_says_what_was_written(burdenshare: Command, tmp_path: Path) -> None:
    run = burdenshare("generate", "toy", "--seed", 3, "--factor", 2, "--out", tmp_path / "a", "--json")
    answer = json.loads(run.out)
    assert (run.code, answer["class"], answer["seed"], answer["factor"]) == (0, "toy", 3, 2.0)
    assert answer["written"] == str(tmp_path / "a")
    for table, rows in answer["rows"].items():
        lines = (tmp_path / "a" / f"{table}.csv").read_text(encoding="utf-8").splitlines()
        assert len(lines) == rows + 1, table


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["weekley"], "Maybe 'weekly'"),
        (["toy", "--seed", "-1"], "--seed"),
        (["toy", "--seed", "one"], "--seed"),
        (["toy", "--factor", "0"], "above 0"),
        (["toy", "--factor", "nan"], "above 0"),
        ([], "CLASS"),
    ],
)
def test_wrong_arguments(burdenshare: Command, tmp_path: Path, words: list[str], said: str) -> None:
    run = burdenshare("generate", *words, "--out", tmp_path / "a")
    assert (run.code, run.out) == (2, "")
    assert said in run.err
    assert not (tmp_path / "a").exists()


def test_what_is_there_is_kept_unless_forced(burdenshare: Command, tmp_path: Path) -> None:
    out = tmp_path / "a"
    assert burdenshare("generate", "toy", "--seed", 1, "--out", out).code == 0
    before = files(out)
    run = burdenshare("generate", "toy", "--seed", 2, "--out", out)
    assert (run.code, files(out)) == (2, before)
    assert "--force" in run.err
    assert burdenshare("generate", "toy", "--seed", 2, "--out", out, "--force").code == 0
    assert files(out) != before
    other = tmp_path / "letters"
    other.mkdir()
    (other / "dear.txt").write_text("x", encoding="utf-8")
    run = burdenshare("generate", "toy", "--out", other, "--force")
    assert (run.code, [path.name for path in other.iterdir()]) == (2, ["dear.txt"])
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["a", "letters"]


def test_a_full_disk_leaves_nothing(burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_notes", full)
    run = burdenshare("generate", "toy", "--out", tmp_path / "a", "--json")
    assert run.code == 2
    assert json.loads(run.out)["findings"][0]["code"] == "cannot_write"
    assert "No space left" in run.err
    assert list(tmp_path.iterdir()) == []
