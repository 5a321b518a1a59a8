"""A comparison in words, for the terminal."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from optimizer.bench.compare import WORDS, Comparison
from optimizer.bench.table import NONE, seconds

_HEADS = ("verdict", "entry", "instance", "old s", "new s", "new / old", "95 % interval", "solved", "note")
_LEFT = ("verdict", "entry", "instance", "note")


def comparison_table(comparison: Comparison) -> Table:
    """A row for every entry and instance, worst first."""
    settings = {line.setting for line in comparison.lines}
    title = f"{comparison.old} → {comparison.new}" + (f", {min(settings)}" if len(settings) == 1 else "")
    table = Table(title=Text(title), title_justify="left")
    for head in _HEADS:
        table.add_column(head, justify="left" if head in _LEFT else "right", overflow="fold")
    for line in comparison.lines:
        band = NONE if line.low is None or line.high is None else f"{line.low:.2f} … {line.high:.2f}"
        setting = line.setting if len(settings) > 1 else ""
        cells = (
            line.word, line.entry, line.instance, seconds(line.old_seconds), seconds(line.new_seconds),
            f"{line.ratio:.2f}", band, f"{line.old_solved}/{line.old_runs} → {line.new_solved}/{line.new_runs}",
            "; ".join(filter(None, [setting, line.note])),
        )  # fmt: skip
        table.add_row(*(Text(cell) for cell in cells))
    return table


def lines(comparison: Comparison) -> Iterator[str]:
    """What the table does not say."""
    counts = Counter(line.word for line in comparison.lines)
    yield ", ".join(f"{counts[word]} {word}" for word in WORDS if counts[word])
    if comparison.spread is None:
        yield "No run was repeated: noise is known only where several seeds were run (docs/bench.md)."
    else:
        yield f"Equal runs differ by a factor of {math.exp(comparison.spread):.2f} (one standard deviation)."
    if comparison.only_old or comparison.only_new:
        yield f"Only in one: {comparison.only_old} old, {comparison.only_new} new (entry, limits, instance)."
    for word in WORDS:
        if counts[word]:
            yield f"{word}: {WORDS[word]}."
