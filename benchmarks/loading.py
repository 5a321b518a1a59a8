"""The largest order book that other solvers can load at all, and why the next one is too large.

    python -m benchmarks.loading [--peers NAME ...] [--gib 10] [--seconds 60] [--most 900] [--start 1000] [--near 2]
                                 [--seed 1] [--page]

Writes `benchmarks/loading.md` from `benchmarks/loading.json`, where every try is kept as soon as it has ended: the same
command goes on where it stopped. First the class `alliance` is tried, then books: the class `book` by factor, so many
orders of 16,000. A try is one run of the bench in a process of its own. The size doubles until a try fails, or is
halved until one does not; then the middle is tried until what loads and what fails are at most `--near` times apart.

A size counts as loaded if the model was built and handed over within the memory, and the solver then searched for
`--seconds` within it: a solver that needs more in its first minute has no hour. `--most` is when a try is ended by
force; what was still being built or handed over then counts as too large too. One thread, one try at a time.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.loading_page import page_of

HERE = Path(__file__).parent
STORE, PAGE = HERE / "loading.json", HERE / "loading.md"
PEERS = ("highs_textbook", "scip_textbook", "cpsat")
BOOK = 16_000
"""Orders of the class `book`."""
SMALLEST = 10
"""Orders below which nobody looks."""


@dataclass(frozen=True)
class Try:
    """One try. Seconds are wall clock, `mib` the most that all its processes had resident together.

    Attributes:
        peer: which solver.
        instance: `alliance`, or `book` with its number of orders.
        orders: of the instance.
        loaded: built, handed over, and searched for the time allowed, within the memory.
        step: the last that began: `read`, `build`, `hand over` or `solve`.
        steps: seconds from the start at which each step began.
        status: of the bench's record; what the process was ended for, if it was.
        message: what the bench or the solver said.
        fields: size, seconds by part and what was reached, as in a record of the bench; empty if ended by force.
        gib: memory allowed.
        searched: seconds of search allowed.
        state: of the program.
    """

    peer: str
    instance: str
    orders: int
    loaded: bool
    step: str
    steps: dict[str, float]
    status: str
    message: str
    seconds: float
    mib: float
    fields: dict[str, Any]
    gib: float
    searched: float
    state: str


def next_orders(tried: dict[int, bool], start: int, near: float) -> int | None:
    """The number of orders to try next, by what loaded so far; None once the largest is known well enough.

    Where nothing loads down to a handful of orders, there is nothing more to try.
    """
    if not tried:
        return start
    good = [orders for orders, loaded in tried.items() if loaded]
    bad = [orders for orders, loaded in tried.items() if not loaded]
    if not bad:
        return 2 * max(good)
    least = min(bad)
    below = [orders for orders in good if orders < least]
    if not below:
        return least // 2 if least // 2 >= SMALLEST else None
    middle = rounded((least * max(below)) ** 0.5)
    return None if least / max(below) <= near or middle in tried else middle


def rounded(orders: float) -> int:
    """Two digits that count."""
    step = 10 ** max(0, len(str(int(orders))) - 2)
    return round(orders / step) * step


def is_loaded(step: str, status: str) -> bool:
    """Whether a try that ended so counts: the search began, and only its own limit or the clock ended it."""
    from optimizer.bench.records import ERROR, KILLED_MEMORY

    return step == "solve" and status not in (ERROR, KILLED_MEMORY)


def measured(peer: str, instance: str, orders: int, folder: Path, given: argparse.Namespace) -> Try:
    """One try, in a process of its own."""
    from optimizer.bench.machine import state
    from optimizer.bench.watch import watch
    from optimizer.peers.records import Job

    job = Job("peer", peer, str(folder), instance, seconds=given.seconds, threads=1, memory_gib=given.gib)
    with tempfile.TemporaryDirectory() as work:
        noted = Path(work) / "steps"
        command = (sys.executable, "-m", "benchmarks.loading_run", str(noted))
        ended = watch(job, threading.Event(), most_seconds=given.most, command=command)
        lines = [json.loads(line) for line in noted.read_text(encoding="utf-8").splitlines()] if noted.exists() else []
    steps = {line["step"]: line["seconds"] for line in lines}
    fields = dict(ended.fields or {})
    fields.pop("trace", None)
    step, status, message = list(steps)[-1] if steps else "read", fields.pop("status"), fields.pop("message")
    return Try(
        peer, instance, orders, is_loaded(step, status), step, steps, status, message, round(ended.total_seconds, 1),
        round(ended.peak_memory_mib), {name: value for name, value in fields.items() if value is not None},
        given.gib, given.seconds, state()[0],
    )  # fmt: skip


def read(store: Path) -> list[Try]:
    """All tries that are kept."""
    return [Try(**row) for row in json.loads(store.read_text(encoding="utf-8"))["tries"]] if store.exists() else []


def write(tries: list[Try], given: argparse.Namespace) -> None:
    """The tries and their page."""
    from optimizer.bench.machine import all_versions, machine

    known = {"machine": machine(), "versions": all_versions(), "seed": given.seed}
    if given.page:
        known = {name: value for name, value in json.loads(STORE.read_text(encoding="utf-8")).items() if name in known}
    text = {**known, "tries": [asdict(one) for one in tries]}
    STORE.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page_of(text), encoding="utf-8", newline="\n")


def search(peer: str, tries: list[Try], given: argparse.Namespace) -> None:
    """Tries one solver until its largest book is known; `tries` grows."""

    def mine() -> list[Try]:
        return [one for one in tries if (one.peer, one.gib, one.searched) == (peer, given.gib, given.seconds)]

    if not any(one.instance == "alliance" for one in mine()):
        _one(peer, "alliance", 1_500, tries, given)
    while True:
        books = {one.orders: one.loaded for one in mine() if one.instance != "alliance"}
        orders = next_orders(books, given.start, given.near)
        if orders is None:
            return
        _one(peer, f"book of {orders:,}", orders, tries, given)


def _one(peer: str, name: str, orders: int, tries: list[Try], given: argparse.Namespace) -> None:
    from optimizer.generating.generate import generate

    print(f"{peer}: {name} orders", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "instance"
        if name == "alliance":
            generate("alliance", given.seed, folder, 1.0)
        else:
            generate("book", given.seed, folder, orders / BOOK)
        tries.append(measured(peer, name, orders, folder, given))
    told = tries[-1]
    print(f"  {told.status} at {told.step}, {told.seconds:.0f} s, {told.mib:.0f} MiB", file=sys.stderr, flush=True)
    write(tries, given)


def main() -> int:
    """Try, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", nargs="+", default=PEERS, metavar="NAME")
    parser.add_argument("--gib", type=float, default=10.0, help="memory of all processes of a try")
    parser.add_argument("--seconds", type=float, default=60.0, help="of search, once a model is loaded")
    parser.add_argument("--most", type=float, default=900.0, help="seconds after which a try is ended by force")
    parser.add_argument("--start", type=int, default=1_000, help="orders of the first book")
    parser.add_argument("--near", type=float, default=2.0, help="how near what loads and what fails shall be")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", action="store_true", help="write the page anew, measure nothing")
    given = parser.parse_args()
    tries = read(STORE)
    if given.page:
        write(tries, given)
        return 0
    for peer in given.peers:
        search(peer, tries, given)
    print(PAGE.read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
