"""One line on the terminal while a solve runs; nothing at all where the error stream is not a terminal."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from optimizer.reporting.numbers import percent, short
from optimizer.solving.outcome import Progress


def progress_text(progress: Progress, seconds: float) -> str:
    """Phase, incumbent, bound, gap and seconds; what is not known yet is left open."""
    incumbent = "none yet" if progress.incumbent is None else short(progress.incumbent)
    bound = "none yet" if progress.bound is None else short(progress.bound)
    gap = "–" if progress.gap is None else percent(progress.gap)
    return f"{progress.phase}  plan {incumbent}  bound {bound}  gap {gap}  {seconds:.0f} s"


class ProgressLine:
    """Shows the last `Progress` it was given, with the seconds running on, until it is closed."""

    def __init__(self, console: Console) -> None:
        """`console` must write to the error stream."""
        self._begin = time.monotonic()
        self._last = Progress("reading", None, None, 0.0)
        self._spinner = Spinner("dots")
        self._live: Live | None = None
        if console.is_terminal:
            self._live = Live(console=console, transient=True, refresh_per_second=5, get_renderable=self._render)

    def _render(self) -> Spinner:
        self._spinner.update(text=Text(progress_text(self._last, time.monotonic() - self._begin)))
        return self._spinner

    def __call__(self, progress: Progress) -> None:
        """Take the next look at the solve."""
        self._last = progress

    def __enter__(self) -> ProgressLine:
        """Begin to show the line."""
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the line away."""
        if self._live is not None:
            self._live.stop()
