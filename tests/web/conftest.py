"""The page of a plan in a real browser: one headless Chromium for all tests, nothing of the network within reach."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from models.baselines import priority_list
from optimizer.reading.instance import read_instance
from optimizer.reporting.html import page as page_of
from tests.reporting.reports import a_report
from tests.web.opening import REAL, Opener

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SWITCHES = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the system; where continuous integration runs, its absence is a failure."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        message = "Chromium is not installed (Debian: apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield found
        found.close()


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the real instance, planned by the priority list."""
    problem = read_instance(REAL).problem
    assert problem is not None
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(page_of(a_report(problem, priority_list(problem))), encoding="utf-8")
    return file


@pytest.fixture
def opens(browser: Browser) -> Iterator[Opener]:
    """A function that opens a page."""
    opener = Opener(browser)
    yield opener
    for context in opener.contexts:
        context.close()
