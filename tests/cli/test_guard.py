"""Every end has a code and words; no traceback, and nothing but JSON where JSON was asked for."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from optimizer.cli import guard
from tests.cli.runs import ROOT, TOY, Command


def python(*words: object, **more: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "optimizer.cli", *(str(word) for word in words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120, **more)  # type: ignore[call-overload,no-any-return]


def fails(_: list[str]) -> object:
    raise RuntimeError("wheels came off")


def test_an_unexpected_error_goes_into_a_log(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert guard.guarded(fails, ["weights", "x", "--json"], ["WARNING optimizer: odd"]) == 1
    streams = capsys.readouterr()
    found = json.loads(streams.out)
    assert found["error"] == "RuntimeError: wheels came off"
    log = Path(found["log"])
    assert log.parent == tmp_path
    written = log.read_text(encoding="utf-8")
    for part in ("Traceback", "wheels came off", "burdenshare weights x --json", "highspy", "WARNING optimizer: odd"):
        assert part in written
    assert str(log) in streams.err
    assert "report it" in streams.err
    assert "Traceback" not in streams.err


def test_without_a_place_for_the_log_the_words_remain(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", no_room)
    assert guard.guarded(fails, ["weights"]) == 1
    assert "wheels came off" in capsys.readouterr().err


def test_ctrl_c_anywhere_is_130(capsys: pytest.CaptureFixture[str]) -> None:
    def pressed(_: list[str]) -> object:
        raise KeyboardInterrupt

    assert guard.guarded(pressed, []) == 130
    assert capsys.readouterr().out == ""


def test_every_json_answer_is_one_document(burdenshare: Command, tmp_path: Path) -> None:
    for words in (
        ["check", TOY],
        ["check", tmp_path / "nowhere"],
        ["weights", TOY],
        ["formulations"],
        ["convert", TOY, tmp_path / "toy.xlsx"],
        ["template", tmp_path / "template.xlsx"],
        ["report", tmp_path / "nowhere"],
        ["solve", tmp_path / "nowhere", "--out", tmp_path / "plan"],
        ["solve", TOY],
        ["nonsense"],
    ):
        json.loads(burdenshare(*words, "--json").out)


def test_the_command_itself() -> None:
    run = python("check", TOY, "--json")
    assert (run.returncode, json.loads(run.stdout), run.stderr) == (0, [], "")
    assert python("solve").returncode == 2
    assert python("--version").stdout.startswith("burdenshare ")


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        run = subprocess.run(
            [sys.executable, "-m", "optimizer.cli", "weights", str(TOY)],
            cwd=ROOT,
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=120,
        )
    finally:
        os.close(writing)
    assert (run.returncode, run.stderr) == (0, "")


def test_a_terminal_that_knows_ascii_only() -> None:
    for words in (["weights", TOY], ["formulations"]):
        run = python(*words, env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"})
        assert run.returncode == 0
        assert run.stdout
        assert "Error" not in run.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("more", [(), ("--json",)])
def test_an_answer_that_cannot_be_written_is_said_in_a_line(more: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "optimizer.cli", "weights", str(TOY), *more]
    with open("/dev/full", "w", encoding="utf-8") as full:
        ended = subprocess.run(
            command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=120
        )
    assert ended.returncode == 1
    assert ended.stderr.startswith("error: the answer could not be written to standard output")
    assert ended.stderr.count("\n") == 1


def test_without_a_standard_output_the_work_is_done_all_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert guard.main(["check", str(TOY)]) == 0
    assert guard.main(["weights", "no such folder", "--json"]) == 2
    assert "no_such_path" in capsys.readouterr().err
