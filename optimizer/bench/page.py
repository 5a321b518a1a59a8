"""The files of a folder of results, each written whole: the table as Markdown and as CSV, and a page with charts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from optimizer.bench.charts import gap_chart, growth_chart, profile_chart, scatter_chart, svg
from optimizer.bench.curves import gap_rows, growth_of, median_gap_rows, profile_rows, scatter_rows
from optimizer.bench.records import Record
from optimizer.bench.run import Finished
from optimizer.bench.summary import Summary, groups, summarise
from optimizer.bench.table import COLUMNS, DEFINITIONS, NONE, csv_text, markdown, percent, seconds, settings_of, whole
from optimizer.reporting.pages import environment

TABLE, TABLE_CSV, PAGE = "table.md", "table.csv", "report.html"
"""What `bench` writes beside the records."""
_TEMPLATES = Path(__file__).parent / "templates"
_MOST_PAIRS = 4
"""The fastest entry is drawn against this many others."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with its heading, how it is defined, and sentences beneath it."""

    title: str
    definition: str
    charts: tuple[Markup, ...]
    lines: tuple[str, ...] = ()


def write_results(out: Path, name: str, about: str, finished: Finished) -> Summary:
    """Writes the three files for the records of a suite, and gives their summary. Raises `OSError`."""
    summary = summarise(finished.records)
    lines = [line for line in (about, *_where(finished)) if line]
    out.mkdir(parents=True, exist_ok=True)
    _put(out / TABLE, markdown(summary, name, lines))
    _put(out / TABLE_CSV, csv_text(summary))
    _put(out / PAGE, page(name, lines, finished.records, summary))
    return summary


def as_document(name: str, finished: Finished, summary: Summary) -> dict[str, Any]:
    """Everything as one JSON document: the rows of the table and all records."""
    return {
        "suite": name,
        "wanted": finished.wanted,
        "measured_now": finished.done,
        "known_before": finished.known,
        "interrupted": finished.interrupted,
        "summary": [row.as_dict() for row in summary.rows],
        "contradictions": list(summary.contradictions),
        "notes": list(summary.notes),
        "records": [_with_documents(record) for record in finished.records],
    }


def _with_documents(record: Record) -> dict[str, Any]:
    """A record in which JSON within JSON is unpacked."""
    row = record.as_dict()
    return {**row, **{key: json.loads(row[key]) for key in ("changes", "trace", "versions", "machine")}}


def _put(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def _where(finished: Finished) -> Iterator[str]:
    """With what and where it was measured; the last record speaks for all."""
    yield f"{len(finished.records)} of {finished.wanted} runs are there."
    if not finished.records:
        return
    last = finished.records[-1]
    machine, versions = json.loads(last.machine), json.loads(last.versions)
    changed = ", with changes that no commit holds" if last.dirty else ""
    yield f"Program {last.commit}{changed}; measured until {last.started[:16].replace('T', ' ')} UTC."
    yield (
        f"{machine.get('processor') or machine.get('architecture')}, {machine.get('cores')} cores, "
        f"{machine.get('memory_gib')} GiB, {machine.get('system')} {machine.get('release')}."
    )
    yield ", ".join(f"{library} {version}" for library, version in versions.items() if version) + "."


def page(name: str, lines: Sequence[str], records: Sequence[Record], summary: Summary) -> str:
    """`report.html`: one file, nothing fetched, no script."""
    sections = [
        {
            "setting": setting,
            "rows": [[cell(row) for _, cell in COLUMNS] for row in summary.rows if row.setting == setting],
            "figures": list(_figures([r for r in records if r.setting == setting], summary, f"s{number}")),
        }
        for number, setting in enumerate(settings_of(summary))
    ]
    return environment(_TEMPLATES).get_template("bench.html").render(
        name=name, lines=lines, sections=sections, heads=[head for head, _ in COLUMNS], definitions=DEFINITIONS,
        contradictions=summary.contradictions, notes=summary.notes, instances=list(_instances(records, summary)),
        run_heads=[head for head, _ in RUN_COLUMNS],
    )  # fmt: skip


def _figures(records: Sequence[Record], summary: Summary, prefix: str) -> Iterator[Figure]:
    """The charts of one setting."""
    rows = [row for row in summary.rows if row.kind != "baseline" and row.setting == records[0].setting]
    entries = _entries(records)
    if not entries:
        return
    yield Figure(
        "Performance profile",
        "Share of the runs (instance, seed, repeat) that an entry solves within a factor τ of the fastest entry on the "
        "same run; time is from start of the process to its end; runs that nobody solved count as well "
        "(Dolan & Moré 2002). Higher and further left is better.",
        (_drawn(profile_chart(profile_rows(records), entries), f"{prefix}p"),),
    )
    yield Figure(
        "Gap over time",
        "Median over all runs of an entry of the proven gap (plan − bound) / |plan| at each moment, with the best plan "
        "and the best bound of the run itself up to then; 100 % where one of them is missing; proven: 1e-6 or less.",
        (_drawn(gap_chart(median_gap_rows(records), entries), f"{prefix}g"),),
    )
    pairs = [(rows[0].entry, row.entry) for row in rows[1 : _MOST_PAIRS + 1]]
    drawn = [(pair, found) for pair in pairs if (found := scatter_rows(records, *pair))]
    if drawn:
        yield Figure(
            "Two entries, run by run",
            "Each point is one instance and seed; seconds from start of the process to its end, an unsolved run at its "
            "limit. Above the dashed line the entry of the horizontal axis is faster.",
            tuple(_drawn(scatter_chart(found, *pair), f"{prefix}x{n}") for n, (pair, found) in enumerate(drawn)),
        )
    grown = growth_of(records)
    if grown:
        yield Figure(
            "Growth with size",
            "Seconds from start of the process to its end over the number of orders and needs; lines are least squares "
            "of the logarithms over solved runs, the slope is the exponent. Hollow: not solved.",
            (_drawn(growth_chart(grown, entries), f"{prefix}s"),),
            tuple(one.sentence for one in grown),
        )


def _entries(records: Sequence[Record]) -> list[str]:
    return list(dict.fromkeys(record.entry for record in records if record.kind != "baseline"))


def _drawn(chart: Any, prefix: str) -> Markup:
    """The chart as it stands in the page; the library that draws it escapes its texts."""
    return Markup(svg(chart, prefix))


RUN_COLUMNS: tuple[tuple[str, Any], ...] = (
    ("entry", lambda r: r.entry),
    ("setting", lambda r: r.setting),
    ("seed", lambda r: f"{r.seed}" + (f".{r.repeat}" if r.repeat else "")),
    ("status", lambda r: r.status),
    ("objective", lambda r: NONE if r.objective is None else f"{r.objective:,.6g}"),
    ("bound", lambda r: NONE if r.bound is None else f"{r.bound:,.6g}"),
    ("gap", lambda r: percent(r.gap)),
    ("checker", lambda r: NONE if r.plan_ok is None else "passed" if r.plan_ok else "REFUSED"),
    ("time s", lambda r: seconds(r.total_seconds)),
    ("first plan s", lambda r: seconds(r.to_first_plan)),
    ("1 % s", lambda r: seconds(r.to_gap_1)),
    ("0.1 % s", lambda r: seconds(r.to_gap_01)),
    ("0.01 % s", lambda r: seconds(r.to_gap_001)),
    ("proof s", lambda r: seconds(r.to_proof)),
    ("build s", lambda r: seconds(r.build_seconds)),
    ("hand-over s", lambda r: seconds(r.handover_seconds)),
    ("rows", lambda r: whole(r.rows)),
    ("columns", lambda r: whole(r.columns)),
    ("nonzeros", lambda r: whole(r.nonzeros)),
    ("root bound", lambda r: NONE if r.root_bound is None else f"{r.root_bound:,.6g}"),
    ("root s", lambda r: seconds(r.root_seconds)),
    ("nodes", lambda r: whole(r.nodes)),
    ("peak MiB", lambda r: whole(r.peak_memory_mib)),
    ("message", lambda r: r.message.splitlines()[-1][:200] if r.message else ""),
)
"""Head of every column of the table of runs, and what stands in it."""


def _instances(records: Sequence[Record], summary: Summary) -> Iterator[dict[str, Any]]:
    """A section for every instance: what is best, every run, gap over time."""
    for number, ((instance, code), runs) in enumerate(groups(records, lambda r: r.problem).items()):
        best, rows = summary.best[instance, code], gap_rows(runs)
        known = []
        if best.objective is not None:
            known.append(f"best plan {best.objective:,.9g} ({best.objective_by})")
        if best.bound is not None:
            known.append(f"best proven bound {best.bound:,.9g} ({best.bound_by})")
        size = next((f"{r.demands:,} orders and needs, {r.periods} periods" for r in runs if r.demands is not None), "")
        yield {
            "name": instance,
            "about": "; ".join(filter(None, [size, *known])),
            "runs": [[cell(run) for _, cell in RUN_COLUMNS] for run in runs],
            "chart": _drawn(gap_chart(rows, _entries(records), detail="run", height=220), f"i{number}") if rows else "",
        }
