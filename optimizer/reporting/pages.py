"""What all pages share: one file each, nothing fetched from anywhere, every text of the user escaped by Jinja2.

`templates/page.html` is the frame that their templates extend, `templates/macros.html` what they draw tables and charts
with. A page's policy lets only the scripts run whose hashes it names, whatever stands in the data.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from optimizer.reporting.figures.bundle import bundle

TEMPLATES = Path(__file__).parent / "templates"


def environment(*folders: Path, **filters: Callable[..., Any]) -> Environment:
    """Templates of these folders and of this package, with filters of a page's own."""
    found = Environment(
        loader=FileSystemLoader([*folders, TEMPLATES], encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # what a chart holds of a user's text is sealed where it is made
    found.filters.update(raw_json=lambda figure: Markup(figure.json), **filters)
    return found


def rendered(found: Environment, template: str, *, drawn: bool, **values: Any) -> str:
    """The whole page as text; the same values give the same bytes. `drawn`: whether it has charts."""
    scripts = _scripts(drawn)
    return found.get_template(template).render(scripts=scripts, hashes=" ".join(map(_hash, scripts)), **values)


@cache
def _scripts(drawn: bool) -> Sequence[str]:
    own = Markup((TEMPLATES / "report.js").read_text(encoding="utf-8"))
    return (Markup(bundle()), own) if drawn else (own,)


@cache
def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
