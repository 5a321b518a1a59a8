"""How the tests open a page: the way a double click does, and watching what it asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

REAL = Path(__file__).parents[2] / "instances" / "purl-2026-w02"


@dataclass
class Opened:
    """A page in the browser, and what it complained of or asked for beyond its own file."""

    page: Page
    complaints: list[str] = field(default_factory=list)


class Opener:
    """Opens a file the way a double click does, and watches."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.contexts: list[BrowserContext] = []

    def __call__(self, file: Path, *, width: int = 1400, scheme: str = "light", anchor: str = "") -> Opened:
        context = self.browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
        )
        # a page that never comes fails; one that is slow on a busy machine does not
        context.set_default_timeout(30_000)
        self.contexts.append(context)
        opened = Opened(context.new_page())
        opened.page.on("console", lambda message: opened.complaints.append(message.text))
        opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.page.on("dialog", lambda dialog: opened.complaints.append(f"dialog: {dialog.message}"))
        opened.page.on(
            "request",
            lambda request: None if request.url.startswith("file:") else opened.complaints.append(request.url),
        )
        opened.page.goto(file.as_uri() + anchor)
        opened.page.wait_for_selector("html[data-drawn]", timeout=60_000)  # charts come after the first look
        return opened
