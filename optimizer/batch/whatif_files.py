"""What a what-if writes beside its two plans: the scenario, the comparison for people and programs, and the summary."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from optimizer.explaining.comparing import Comparison
from optimizer.reading.raw import SourceFile
from optimizer.reporting import output
from optimizer.reporting.comparison_excel import write_comparison
from optimizer.reporting.comparison_html import comparison_page
from optimizer.reporting.comparison_json import comparison_dict
from optimizer.reporting.manifest import PROGRAM, versions
from optimizer.reporting.summary import Summary
from optimizer.scenarios.patch import Patch
from optimizer.scenarios.scenario_file import scenarios_text
from optimizer.settings import Settings

SCENARIO = "scenario.toml"
COMPARISON, COMPARISON_PAGE, COMPARISON_BOOK = "comparison.json", "comparison.html", "comparison.xlsx"
NAME = "whatif"
_SHORT = ("headline", "difference", "terms", "effects", "significance", "significance_text", "best_difference")


def hashed(copies: Mapping[str, bytes]) -> tuple[SourceFile, ...]:
    """The files of an instance that was made here, with their hashes."""
    return tuple(SourceFile(name, hashlib.sha256(content).hexdigest()) for name, content in copies.items())


def fill(
    folder: Path,
    patches: Sequence[Patch],
    summaries: Mapping[str, Summary],
    comparison: Comparison | None,
    *,
    settings: Settings,
    notes: Sequence[str],
) -> None:
    """Write everything but the two plans."""
    (folder / SCENARIO).write_text(scenarios_text([one_patch(patches)]), encoding="utf-8", newline="\n")
    if comparison is not None:
        output.write_json(folder / COMPARISON, comparison_dict(comparison))
        (folder / COMPARISON_PAGE).write_text(comparison_page(comparison), encoding="utf-8", newline="\n")
        write_comparison(folder / COMPARISON_BOOK, comparison)
    output.write_json(folder / output.SUMMARY, summary_dict(patches, summaries, comparison, notes, short=True))
    manifest = {
        "program": PROGRAM,
        "command": NAME,
        "versions": versions(),
        "scenario": [patch.as_dict() for patch in patches],
        "options": asdict(settings),
        "written": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }
    output.write_json(folder / output.MANIFEST, manifest)


def one_patch(patches: Sequence[Patch]) -> Patch:
    """All changes in order as one scenario, which makes the same instance again."""
    name = " + ".join(patch.name for patch in patches) or NAME
    about = " ".join(patch.about for patch in patches if patch.about)
    return Patch(name, tuple(change for patch in patches for change in patch.changes), about)


def summary_dict(
    patches: Sequence[Patch],
    summaries: Mapping[str, Summary],
    comparison: Comparison | None,
    notes: Sequence[str],
    *,
    short: bool,
) -> dict[str, Any]:
    """The scenario, both summaries and the comparison, ready for JSON; `short`: without tables and demands."""
    found = None if comparison is None else comparison_dict(comparison, 0 if short else None)
    if found is not None and short:
        found = {key: found[key] for key in _SHORT}
    return {
        "scenario": [patch.as_dict() for patch in patches],
        **{name: summary.as_dict() for name, summary in summaries.items()},
        "comparison": found,
        "notes": list(notes),
    }
