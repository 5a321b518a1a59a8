"""Tests marked `slow` take the longest; `pytest -m "not slow"` leaves them out while working."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes long; left out with -m 'not slow'")
