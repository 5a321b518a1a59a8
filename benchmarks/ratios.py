"""The time of other solvers to their best gap, against that of the default formulation to the same gap.

    python -m benchmarks.ratios DIR [--ours tight]

DIR is what `burdenshare bench SUITE.toml --out DIR` wrote, as `benchmarks/suites/peers_alliance.toml`. Writes
`benchmarks/ratios.md`: one line an instance and peer, from the newest run of each at the state of the program measured
last. Seconds count from the start of the process, reading and building included.

The best gap of a peer is the one that it ended with. Where it has no plan there is no gap and no ratio; then its bound
is told against our plan: what is missing to it would have to be proven still. A run that was ended by force, by an
error or with a plan that breaks a rule reached nothing.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from optimizer.bench.records import Record
from optimizer.bench.store import Store
from optimizer.bench.trace import time_to_gap

PAGE = Path(__file__).with_suffix(".md")
HEADS = ("instance", "demands", "solver", "ended", "its gap", "after s", "ours to that gap s", "ratio",
         "its bound below our plan", "peak GiB")  # fmt: skip


def best_gap(run: Record) -> tuple[float, float] | None:
    """The gap that a run ended with, and after how many seconds it had it; None without a plan that the checker passes.

    A gap counts as the same within a thousandth of it: bounds go on rising by next to nothing.
    """
    if run.plan_ok is not True or run.gap is None:
        return None
    at = time_to_gap(run.points, run.gap * 1.001 + 1e-12)
    return None if at is None else (run.gap, at)


def line(peer: Record, ours: Record | None) -> list[str]:
    """A line of the page: what a peer reached, and when ours had reached it."""
    reached = best_gap(peer)
    own = None if reached is None or ours is None or ours.plan_ok is not True else time_to_gap(ours.points, reached[0])
    ratio = None if reached is None or not own else reached[1] / own
    below = None
    if ours is not None and ours.plan_ok is True and ours.objective and peer.bound is not None:
        below = (ours.objective - peer.bound) / abs(ours.objective)
    return [
        peer.instance, f"{peer.demands or 0:,}", f"`{peer.entry}`", peer.status,
        "no plan" if reached is None else f"{100 * reached[0]:.3g} %", "" if reached is None else f"{reached[1]:,.0f}",
        "" if own is None else f"{own:,.0f}", "" if ratio is None else f"{ratio:,.3g}",
        "" if below is None else f"{100 * below:.3g} %",
        "" if peer.peak_memory_mib is None else f"{peer.peak_memory_mib / 1024:.1f}",
    ]  # fmt: skip


def page_of(records: Sequence[Record], ours: str) -> str:
    """The Markdown page. Raises `ValueError` where no peer was run."""
    last = max(records, key=lambda run: run.started).commit if records else ""
    runs = [run for run in records if run.commit == last]
    peers = sorted(
        (run for run in runs if run.kind == "peer"), key=lambda run: (run.demands or 0, run.instance, run.name)
    )
    if not peers:
        raise ValueError("no peer was run: nothing is written")
    own = {run.problem: run for run in runs if run.kind == "formulation" and run.entry == ours}
    where = json.loads(peers[0].machine)
    settings = ", ".join(sorted({run.setting for run in peers}))
    lines = [
        f"# Other solvers against `{ours}`",
        "",
        f"By `burdenshare bench benchmarks/suites/{peers[0].suite}.toml --out DIR`,",
        f"then `python -m benchmarks.ratios DIR`, at {last};",
        f"{where.get('processor')}, {where.get('cores')} cores, {where.get('memory_gib')} GiB. Limits: {settings}.",
        "What counts how: `benchmarks/ratios.py`.",
        "",
        f"| {' | '.join(HEADS)} |",
        "|---|---:|---|---|" + "---:|" * 6,
        *(f"| {' | '.join(line(run, own.get(run.problem)))} |" for run in peers),
        "",
        f"## `{ours}` on the same instances",
        "",
        "| instance | ended | gap | after s | peak GiB |",
        "|---|---|---:|---:|---:|",
    ]
    for run in sorted(own.values(), key=lambda run: run.demands or 0):
        reached = best_gap(run)
        told = ["no plan", ""] if reached is None else [f"{100 * reached[0]:.3g} %", f"{reached[1]:,.0f}"]
        lines.append(
            f"| {run.instance} | {run.status} | {' | '.join(told)} | {(run.peak_memory_mib or 0) / 1024:.1f} |"
        )
    return "\n".join([*lines, ""])


def main() -> int:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--ours", default="tight", help="the entry to compare with")
    given = parser.parse_args()
    try:
        text = page_of(Store(given.folder).latest(), given.ours)
    except ValueError as wrong:
        parser.error(str(wrong))
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    print(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
