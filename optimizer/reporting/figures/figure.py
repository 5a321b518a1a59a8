"""A chart as the page takes it: a specification, and everything that those need who do not see it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"
_SEALED = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})
"""What could end a script element, begin a comment, or end a line of JavaScript; to JSON it is the same."""


@dataclass(frozen=True)
class Figure:
    """A chart: `name` is its anchor, `caption` a sentence above it, `label` what it shows in words for a screen reader.

    `tables`: (anchor, title) of the tables that hold the same figures; `legend`: (class of colour, what it means);
    `spec`: Vega-Lite without data of anybody else; `width`: pixels below which it scrolls in its own box.
    """

    name: str
    title: str
    caption: str
    label: str
    tables: tuple[tuple[str, str], ...]
    legend: tuple[tuple[str, str], ...]
    spec: dict[str, Any]
    width: int = 900

    @cached_property
    def json(self) -> str:
        """The specification as JSON that can stand in a script element, whatever a user called things."""
        return sealed(self.spec)


def sealed(content: Any) -> str:
    """JSON without a character that HTML or JavaScript would take for its own. Raises `ValueError` for NaN."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_SEALED)


Rows = list[dict[str, Any]]


def finished(chart: Any, width: int, height: int, **datasets: Rows) -> dict[str, Any]:
    """An Altair chart as a dictionary in the colours of the page, which are variables of its style sheet.

    Its marks name their data (`altair.NamedData`) and the rows are put in here: Altair would hold every row against its
    schema, which takes seconds.

    Variables make it follow light, dark and paper without being drawn again. A mark has no words of its own: the page
    says what the chart shows, as thousands of marks read aloud would tell nobody anything.
    """
    soft, ink, line = "var(--soft)", "var(--ink)", "var(--line)"
    spec: dict[str, Any] = (
        chart.properties(width=width, height=height, background="transparent", padding=4)
        .configure(font=FONT, aria=False)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=soft, titleColor=soft, gridColor=line, domainColor=line, tickColor=line,
            labelFontSize=11, titleFontSize=11, titleFontWeight="normal", labelLimit=190,
        )
        .configure_text(color=ink, fontSize=11)
        .to_dict(validate=False)
    )  # fmt: skip
    spec.pop("$schema", None)  # an address; the page names none
    return {**spec, "datasets": datasets}
