"""The page about the ledger lists the rights in the order in which they are tried, and every key of an ask."""

from __future__ import annotations

from optimizer.explaining.asks import KEYS, STEP
from optimizer.explaining.ledger import ABOUT, LEAST, MOST
from optimizer.explaining.rights import RIGHTS
from tests.docs.pages import DOCS, names, read, tables

PAGE = DOCS / "ledger.md"


def test_rights_in_their_order() -> None:
    assert names(tables(PAGE)["By what right"]) == list(RIGHTS)


def test_keys() -> None:
    assert names(tables(PAGE)["Keys of an ask"]) == list(KEYS)


def test_figures() -> None:
    text = " ".join(read(PAGE).split())
    assert f"{MOST} of each or fewer, so that about {ABOUT:,} stand in the ledger, and never fewer than {LEAST}" in text
    assert f"whole multiples of {STEP:g} million USD" in text
