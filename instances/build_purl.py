"""Build the instance `purl-2026-w02`: `python instances/build_purl.py [--table]`; the same bytes every time.

Public figures are in `data/`, the rows kept by hand in `purl_book/`. `--table` also prints the load of every line.
"""

from __future__ import annotations

import sys
from pathlib import Path

from purl_build import demand, funding, supply
from purl_build.loads import load_table
from purl_build.tables import Book
from purl_build.verify import faults

HERE = Path(__file__).resolve().parent


def build(data: Path, hand: Path) -> Book:
    """The whole instance; raises `ValueError` if a row contradicts its source or another row."""
    book = Book()
    supply.add_items(book, data, hand)
    supply.add_lines(book, data, hand)
    supply.add_components(book, hand)
    demand.add_recipients(book, data, hand)
    demand.add_orders(book, data, hand)
    demand.add_needs(book, hand)
    funding.add_packages(book, data, hand)
    funding.add_pledges(book, data, hand)
    funding.add_offers_and_lanes(book, hand)
    found = faults(book)
    if found:
        raise ValueError("\n".join(found))
    return book


def main(arguments: list[str]) -> int:
    """Write the instance's folder; exit code 0, or 2 for an unknown argument."""
    if set(arguments) - {"--table"}:
        sys.stderr.write("usage: python instances/build_purl.py [--table]\n")
        return 2
    hand, folder = HERE / "purl_book", HERE / "purl-2026-w02"
    book = build(HERE / "data", hand)
    folder.mkdir(exist_ok=True)
    book.write(folder)
    (folder / "instance.toml").write_bytes((hand / "instance.toml").read_bytes())
    if "--table" in arguments:
        sys.stdout.write(load_table(book) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
