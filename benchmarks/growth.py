"""How time, memory and gap grow with the order book, from a thousand orders on.

    python -m benchmarks.growth [--sizes 1000,2000,4000,8000,16000,32000,64000] [--seconds N | --per-thousand N]
                                [--gap 1e-4] [--seed 1] [--threads 2] [--gib 20] [--page]

Writes `benchmarks/growth.md` from `benchmarks/growth.json`, where every size is kept as soon as it is measured: the
same command goes on where it stopped. A size that was measured with other limits or at another state of the program
is measured again, and replaced. `--page` only writes the page anew. Books are of the class `book` by factor: so
many orders of 16,000, and everything else but the horizon and the corridors in proportion. Each is solved as
`burdenshare solve` does it, all files included, in a process of its own.

The seconds allowed are those that `solve` takes where none are given (`optimizer/settings.py`: by size, 900 at most);
`--seconds` fixes them, `--per-thousand` gives so many for every thousand orders, 90 at least. What a run says depends
on them: the relaxation may take half, packages a share of what is left. A relaxation that its share ended has no time
of its own, and is left out of slopes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from benchmarks.growth_page import page_of

HERE = Path(__file__).parent
SIZES = (1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000)
BOOK = 16_000
"""Orders of the class `book`."""


def seconds_for(orders: int, demands: int, periods: int, given: argparse.Namespace) -> float:
    """Seconds of solving that a size is allowed."""
    from models.bulk.size import LARGE
    from optimizer.settings import USUAL, Settings

    if given.seconds is not None:
        return float(given.seconds)
    if given.per_thousand is not None:
        return max(USUAL, given.per_thousand * orders / 1_000)
    return Settings().grown(demands * periods / LARGE).seconds


def key_of(row: dict[str, Any]) -> list[Any]:
    """What makes two measurements the same: size, seed, limits, threads, state of the program."""
    return [row[name] for name in ("orders", "seed", "seconds_limit", "gap_limit", "threads", "gib", "state")]


def asked(orders: int, given: argparse.Namespace) -> dict[str, Any]:
    """What is known of a size before it is measured."""
    from optimizer.bench.machine import state
    from optimizer.generating.classes import CLASSES, scaled

    book = scaled(CLASSES["book"], orders / BOOK)
    demands, periods = book.orders + book.needs, sum(count for count, _ in book.periods)
    return {
        "orders": book.orders, "demands": demands, "periods": periods, "seed": given.seed,
        "seconds_limit": seconds_for(book.orders, demands, periods, given), "gap_limit": given.gap,
        "threads": given.threads, "gib": given.gib, "options": options_of(given), "state": state()[0],
    }  # fmt: skip


def measured(row: dict[str, Any]) -> dict[str, Any]:
    """The size measured: what `benchmarks.growth_run` tells, with total seconds and the most memory."""
    from optimizer.bench.watch import watch
    from optimizer.generating.generate import generate
    from optimizer.peers.records import Job

    limit = row["seconds_limit"]
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "instance"
        generate("book", row["seed"], folder, row["orders"] / BOOK)
        job = Job(
            "formulation", "tight", str(folder), seconds=limit, gap=row["gap_limit"], threads=row["threads"],
            memory_gib=row["gib"],
        )  # fmt: skip
        command = (sys.executable, "-m", "benchmarks.growth_run")
        # files take longer than any solve of a small book: nobody is ended for them
        ended = watch(job, threading.Event(), most_seconds=2 * limit + 900 + row["orders"] / 10, command=command)
    told = dict(ended.fields or {})
    peak, total = round(ended.peak_memory_mib), round(ended.total_seconds, 1)
    return {**row, **told, "peak_mib": peak, "total_seconds": total}


def read(store: Path) -> list[dict[str, Any]]:
    """The sizes that are kept."""
    rows: list[dict[str, Any]] = json.loads(store.read_text(encoding="utf-8"))["rows"] if store.exists() else []
    return rows


def measure(sizes: list[int], given: argparse.Namespace, store: Path, measuring: Any = measured) -> None:
    """Measures what is not kept yet, each size kept before the next begins; a size measured otherwise is replaced."""
    from optimizer.bench.machine import all_versions, machine

    rows = read(store)
    for orders in sizes:
        row = asked(orders, given)
        if any(key_of(one) == key_of(row) for one in rows):
            continue
        print(f"{row['orders']:,} orders, {row['seconds_limit']:.0f} s", file=sys.stderr, flush=True)
        row = measuring(row)
        print(f"  {row['status']}: {row['total_seconds']} s, {row['peak_mib']} MiB", file=sys.stderr, flush=True)
        rows = sorted([one for one in rows if one["orders"] != row["orders"]] + [row], key=lambda one: one["orders"])
        kept = {"machine": machine(), "versions": all_versions(), "rows": rows}
        part = store.with_suffix(".part")
        part.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        part.replace(store)


def options_of(given: argparse.Namespace) -> str:
    """The options but for the sizes that differ from those by default, as one writes them."""
    told = (
        ("--seconds", given.seconds, None), ("--per-thousand", given.per_thousand, None), ("--gap", given.gap, 1e-4),
        ("--seed", given.seed, 1), ("--threads", given.threads, 2), ("--gib", given.gib, 20.0),
    )  # fmt: skip
    return " ".join(f"{name} {value:g}" for name, value, usual in told if value != usual)


def main() -> int:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=lambda text: [int(one) for one in text.split(",")], default=list(SIZES))
    limit = parser.add_mutually_exclusive_group()
    limit.add_argument("--seconds", type=float, help="of solving, the same for every size")
    limit.add_argument("--per-thousand", type=float, help="seconds of solving for every thousand orders")
    parser.add_argument("--gap", type=float, default=1e-4, help="at which a solve may stop")
    parser.add_argument("--seed", type=int, default=1, help="of the books")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--gib", type=float, default=20.0, help="memory beyond which a run is ended by force")
    parser.add_argument("--page", action="store_true", help="write the page anew, measure nothing")
    parser.add_argument(
        "--store", type=Path, default=HERE / "growth.json", help="what is kept; the page lies beside it"
    )
    given = parser.parse_args()
    page = given.store.with_suffix(".md")
    if not given.page:
        measure(given.sizes, given, given.store)
    page.write_text(page_of(json.loads(given.store.read_text(encoding="utf-8"))), encoding="utf-8", newline="\n")
    print(page.read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
