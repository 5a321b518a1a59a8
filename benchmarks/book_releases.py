"""When an order book releases its packages: the ways that are counted out, then local search from the best of them.

    python -m benchmarks.book_releases INSTANCE [--seconds 60]

INSTANCE: of method `bulk`, as `burdenshare generate book --seed 1 --out INSTANCE` writes one. Values are those of the
relaxation with orders held, in millions: what `bulk_packages` compares ways by. One thread.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.relaxations import problem_at
from models.bulk.releasing import chosen_proposals, countings
from models.bulk.rows import Rows
from models.bulk.tables import Tables
from models.facts import Facts
from optimizer.solving.bulk_held import first_batches, releasing, solved
from optimizer.solving.bulk_master import Master
from optimizer.solving.bulk_packages import SPARE, _Search
from optimizer.solving.bulk_releases import ReleaseSearch
from optimizer.solving.clock import now
from optimizer.solving.highs import Limits


def main() -> None:
    """Prints a Markdown table."""
    parser = argparse.ArgumentParser(description="Releases of packages: ways, and local search from the best of them.")
    parser.add_argument("instance", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0, help="for local search")
    given = parser.parse_args()
    limits = Limits(3600.0)
    rows = Rows(Tables(Facts(problem_at(given.instance))))
    master = Master(rows, rows.tables.never + rows.committed_cost)
    master.begin()
    relaxed = master.run(limits, lambda: False, lambda _: None)
    assert relaxed is not None
    standing = relaxed.x[: rows.standing.count]
    chosen = chosen_proposals(rows, standing)
    batches = first_batches(master.batches, len(relaxed.x) - rows.standing.count)
    search = _Search(master, batches, relaxed, chosen, limits=limits, stop=lambda: False)
    print("| releases | packages | value | s |\n|---|---|---|---|")
    print(f"| in parts: the relaxation | | {relaxed.value / 1e6:.2f} | |", flush=True)
    best, ways = float("inf"), countings(rows, standing, chosen)
    for number, counts in enumerate(ways):
        began = now()
        _, value = solved(releasing(search.small, rows, counts, SPARE), limits, lambda: False)
        print(f"| way {number + 1} | {counts.sum():.0f} | {value / 1e6:.2f} | {now() - began:.1f} |", flush=True)
        if value < best:
            best, start = value, counts
    began = now()
    releases = ReleaseSearch(search.small, rows, limits, lambda: now() > began + given.seconds)
    reached = releases.run([start])
    assert reached is not None
    print(f"| local search | {releases.counts.sum():.0f} | {reached / 1e6:.2f} | {now() - began:.1f} |")


if __name__ == "__main__":
    main()
