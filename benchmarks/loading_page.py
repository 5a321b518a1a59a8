"""The page of `benchmarks.loading`: what each solver loads, and what ends the next size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

WORDS = {
    "killed: memory": "more than the memory allowed",
    "killed: time": "the time of a try was over",
    "error": "an error",
}

HEADS = ("solver", "instance", "rows", "columns", "nonzeros", "read s", "build s", "hand over s", "whole s", "peak GiB",
         "ended")  # fmt: skip


def page_of(kept: Mapping[str, Any]) -> str:
    """The Markdown page of what is kept: `tries` (rows of `benchmarks.loading.Try`), `machine`, `versions`, `seed`."""
    tries = sorted(kept["tries"], key=lambda one: (one["peer"], one["instance"] != "alliance", one["orders"]))
    where, versions = kept["machine"], kept["versions"]
    states = ", ".join(sorted({one["state"] for one in tries}))
    limits = sorted({(one["gib"], one["searched"]) for one in tries})
    named = [f"{name} {versions[name]}" for name in ("highspy", "pyscipopt", "ortools") if versions.get(name)]
    allowed = "; ".join(f"{gib:g} GiB and {seconds:g} s of search" for gib, seconds in limits)
    lines = [
        "# What other solvers can load",
        "",
        f"By `python -m benchmarks.loading` (seed {kept['seed']}) at {states}; {where['processor']},",
        f"{where['cores']} cores, {where['memory_gib']} GiB; {', '.join(named)}. One thread. Allowed: {allowed}.",
        "What counts as loaded, and which sizes are tried: `benchmarks/loading.py`.",
        "",
        "| solver | GiB | alliance | largest book loaded | smallest book not loaded | what ended that |",
        "|---|---:|---|---:|---:|---|",
    ]
    asked = list(dict.fromkeys((one["peer"], one["gib"], one["searched"]) for one in tries))
    for key in asked:
        lines.append(_line([one for one in tries if (one["peer"], one["gib"], one["searched"]) == key]))
    lines += ["", "## Every try", ""]
    lines += [
        "Seconds of each step, and of the whole process with the search. CP-SAT has no hand-over: it is built inside.",
        "",
        f"| {' | '.join(HEADS)} |",
        "|---|---|" + "---:|" * 8 + "---|",
    ]
    lines += [_row(one) for one in tries]
    return "\n".join([*lines, ""])


def _line(tries: Sequence[Mapping[str, Any]]) -> str:
    alliance = next((ended(one) for one in tries if one["instance"] == "alliance"), "not tried")
    books = [one for one in tries if one["instance"] != "alliance"]
    good = max((one["orders"] for one in books if one["loaded"]), default=None)
    first = min((one for one in books if not one["loaded"]), key=lambda one: one["orders"], default=None)
    cells = [
        f"`{tries[0]['peer']}`", f"{tries[0]['gib']:g}", alliance, "none" if good is None else f"{good:,} orders",
        "" if first is None else f"{first['orders']:,} orders", "" if first is None else ended(first),
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def ended(one: Mapping[str, Any]) -> str:
    """How a try ended, in words."""
    if one["loaded"]:
        return "loads"
    word, doing = WORDS.get(one["status"], one["status"]), {"build": "building", "hand over": "handing over"}
    told = f"{word} while {doing.get(one['step'], one['step'] + 'ing').replace('solveing', 'searching')}"
    return f"{told}: {one['message']}" if one["status"] == "error" else told


def _row(one: Mapping[str, Any]) -> str:
    steps, fields = list(one["steps"].items()), one["fields"]
    length = {name: after - at for (name, at), (_, after) in pairwise(steps)}
    sizes = [f"{fields[name]:,}" if name in fields else "" for name in ("rows", "columns", "nonzeros")]
    spans = [f"{length[name]:.1f}" if name in length else "" for name in ("read", "build", "hand over")]
    cells = [*sizes, *spans, f"{one['seconds']:.0f}", f"{one['mib'] / 1024:.1f}", ended(one)]
    return f"| `{one['peer']}` | {one['instance']} | {' | '.join(cells)} |"
