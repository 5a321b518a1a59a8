"""`solve --cluster` and `--workers`: what cannot be is said before anything is solved or written."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from optimizer.solving.outcome import Outcome
from optimizer.solving.places import link
from optimizer.solving.places.where import Where
from tests.cli.runs import TOY, Command, answers, use


def unasked(*_: object, **__: object) -> Outcome:
    raise AssertionError("nothing may be solved")


def test_a_scheduler_that_does_not_answer_is_an_error(
    burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(link, "ANSWERS", 0.5)
    use(monkeypatch, unasked)
    run = burdenshare("solve", TOY, "--out", tmp_path / "plan", "--cluster", "tcp://127.0.0.1:1", "--json")
    assert run.code == 2
    assert "error: no scheduler answers at tcp://127.0.0.1:1" in run.err
    assert "no scheduler answers" in json.loads(run.out)["error"]
    assert not (tmp_path / "plan").exists()


def test_without_dask_the_user_reads_what_to_install(
    burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    use(monkeypatch, unasked)
    run = burdenshare("solve", TOY, "--out", tmp_path / "plan", "--cluster", "local")
    assert run.code == 2
    assert "distributed is not installed, which a cluster needs: pip install 'burdenshare[cluster]'" in run.err
    assert not (tmp_path / "plan").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--cluster", "tcp://a:1", "--workers", "2"), "--workers belongs to `--cluster local`"),
        (("--cluster", "local", "--robust", "r.toml"), "is found on this machine alone"),
        (("--workers", "2", "--robust", "r.toml"), "as many processes as it has --threads"),
        (("--workers", "-1"), "greater than or equal to 0"),
    ],
)
def test_what_does_not_go_together(burdenshare: Command, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    run = burdenshare("solve", TOY, "--out", tmp_path / "plan", *words)
    assert run.code == 2
    assert said in " ".join(run.err.replace("│", " ").split())


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ((), Where()),
        (("--workers", "3"), Where("", 3)),
        (("--cluster", "local", "--workers", "3"), Where("local", 3)),
        (("--cluster", "local"), Where("local")),
    ],
)
def test_the_solver_hears_where(
    burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], where: Where
) -> None:
    if where.cluster:
        pytest.importorskip("distributed")
    heard: list[object] = []

    def solve(*given: object, **more: object) -> Outcome:
        heard.append(more["where"])
        return answers("optimal")(*given, **more)

    use(monkeypatch, solve)
    assert burdenshare("solve", TOY, "--out", tmp_path / "plan", *words).code == 0
    assert heard == [where]


def test_as_many_workers_as_threads_if_none_are_given() -> None:
    assert Where().usually(3).workers == 3
    assert Where("local", 0).usually(3) == Where("local", 0)
