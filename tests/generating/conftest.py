from __future__ import annotations

from pathlib import Path

import pytest

from models.problem import Problem
from optimizer.findings import Finding
from optimizer.generating.generate import generate
from optimizer.reading.instance import read_instance
from tests.cli.runs import Command


class Instances:
    """Generated instances, each read once."""

    def __init__(self, room: Path) -> None:
        self.room = room
        self._read: dict[tuple[str, int], tuple[Problem, tuple[Finding, ...]]] = {}

    def folder(self, size: str, seed: int) -> Path:
        """The folder of an instance, written when it is first asked for."""
        folder = self.room / f"{size}-{seed}"
        if not folder.exists():
            generate(size, seed, folder)
        return folder

    def read(self, size: str, seed: int) -> tuple[Problem, tuple[Finding, ...]]:
        """The instance and all findings about it."""
        if (size, seed) not in self._read:
            reading = read_instance(self.folder(size, seed))
            assert reading.problem is not None, [finding.line() for finding in reading.findings][:5]
            self._read[size, seed] = reading.problem, tuple(reading.findings)
        return self._read[size, seed]


@pytest.fixture(scope="session")
def instances(tmp_path_factory: pytest.TempPathFactory) -> Instances:
    return Instances(tmp_path_factory.mktemp("generated"))


@pytest.fixture
def burdenshare(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)
