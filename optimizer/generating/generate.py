"""A class and a seed -> the folder of an instance, written whole or not at all, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from optimizer.generating.classes import CLASSES, SizeClass, scaled
from optimizer.generating.money import Filler, write_offers, write_pledges
from optimizer.generating.network import write_network
from optimizer.generating.notes import write_notes
from optimizer.generating.policy import policy
from optimizer.generating.promises import Promises
from optimizer.generating.recipients import Recipient
from optimizer.generating.supply import supply, write_stocks, write_substitutes, write_supply
from optimizer.generating.tables import Tables
from optimizer.generating.volumes import volumes
from optimizer.generating.world import world
from optimizer.generating.write_demands import early_output, write_needs, write_orders
from optimizer.reading.folder import SETTINGS_FILE
from optimizer.reading.replace import written_folder
from optimizer.reading.write import toml_of


@dataclass(frozen=True, slots=True)
class Generated:
    """What was written: the name of the instance and the rows of every table."""

    name: str
    rows: dict[str, int]


def generate(size: str, seed: int, out: Path, factor: float = 1.0) -> Generated:
    """Write an instance of the class, its counts times `factor`, into `out`; what is there is replaced.

    The same class, seed and factor give the same bytes on every machine. Raises `KeyError` for an unknown class,
    `ValueError` for a seed below 0 or a factor out of range, `OSError` if it cannot be written; nothing is then there.
    """
    found = scaled(CLASSES[size], factor)
    name = f"{size}, seed {seed}" + (f", times {factor:g}" if factor != 1 else "")
    if seed < 0:
        raise ValueError("the seed must be a whole number of 0 or more")
    with written_folder(out) as folder, Tables(folder) as tables:
        effort = _write_tables(tables, found, seed)
        text = toml_of(policy(found, name, effort))
        (folder / SETTINGS_FILE).write_text(text, encoding="utf-8", newline="\n")
        write_notes(folder, found, name, (size, seed, factor), tables.rows)
    return Generated(name, tables.rows)


def _write_tables(tables: Tables, size: SizeClass, seed: int) -> float:
    """Every table; the review effort of all cases, weeks."""
    drawn = world(size, seed)
    asked = volumes(drawn)
    made = supply(asked)
    write_supply(tables, drawn.market, made)
    spare = write_stocks(tables, drawn)
    _write_recipients(tables, drawn.customers)
    write_substitutes(tables, asked)
    depots = write_network(tables, asked)
    promises = Promises(drawn.market, made, size.weeks)
    write_offers(tables, asked, depots, promises)
    early = early_output(tables, drawn, made, spare)
    filler = Filler(size, drawn.market, tables, drawn.draws("packages"))
    write_needs(tables, asked, filler, early)
    effort = write_orders(tables, asked, promises, early)
    write_pledges(tables, asked)
    return effort


def _write_recipients(tables: Tables, customers: tuple[Recipient, ...]) -> None:
    for one in customers:
        tables.write(
            "recipients",
            recipient=one.code,
            name=one.name,
            defence_pct_gdp=one.defence_pct_gdp,
            defence_pct_gdp_prior=one.defence_pct_gdp_prior,
            ukraine_military_pct_gdp=one.ukraine_military_pct_gdp,
            strategic_role=one.strategic_role,
            economic_contribution=one.economic_contribution,
            gdp_usd_bn=one.gdp_usd_bn,
        )
