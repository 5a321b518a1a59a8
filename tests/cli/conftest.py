from __future__ import annotations

import pytest

from tests.cli.runs import Command


@pytest.fixture
def burdenshare(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)
