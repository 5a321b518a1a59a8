"""`robust.json`, the measurements of `benchmarks.robust`, and `robust.md`, the page that is written from them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RECORDS, PAGE = HERE / "robust.json", HERE / "robust.md"
_HEAD = """# The robust plan against the nominal one, out of sample

Written by `python -m benchmarks.robust` from `robust.json`. What is done is said in [docs/robust.md](../docs/robust.md): both plans are executed in
the same fresh draws, with seeds that no plan was made for. Figures are delay of needs and orders in weight × million USD × weeks; differences are
robust − nominal, below 0 is better, with 95 % intervals by resampling draws in pairs.
"""


def keep(name: str, found: Mapping[str, Any]) -> None:
    """Keeps a measurement; the one before of that name goes."""
    records = read()
    records[name] = dict(found)
    RECORDS.write_text(json.dumps(dict(sorted(records.items())), indent=1) + "\n", encoding="utf-8")


def read() -> dict[str, Any]:
    """All measurements by name."""
    return dict(json.loads(RECORDS.read_text(encoding="utf-8"))) if RECORDS.is_file() else {}


def write() -> None:
    """Writes the page."""
    PAGE.write_text(page(read()), encoding="utf-8")


def page(records: Mapping[str, Any]) -> str:
    """The page of these measurements."""
    return "\n".join([_HEAD, *_summary(records), *(line for name in records for line in _one(name, records[name]))])


def _summary(records: Mapping[str, Any]) -> list[str]:
    lines = [
        "## Delay",
        "",
        "| instance | limit | plan taken | mean, nominal | difference | 95 % | CVaR90, nominal | difference | 95 % | better in |",
        "|---|---:|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, found in records.items():
        row = _delay(found)
        if found["solved"]["taken"] == "nominal":
            same = "| the same plan | | "
            lines.append(
                f"| {name} | {found['limit']:g} s | nominal | {row['nominal_mean']:,.0f} {same}| {row['nominal_cvar90']:,.0f} {same}| |"
            )
            continue
        lines.append(
            f"| {name} | {found['limit']:g} s | {found['solved']['taken']} | {row['nominal_mean']:,.0f} | {_change(row, 'mean')} "
            f"| {row['nominal_cvar90']:,.0f} | {_change(row, 'cvar90')} | {row['robust_better']} of {row['draws']} |"
        )
    return lines


def _delay(found: Mapping[str, Any]) -> Mapping[str, Any]:
    rows: list[Mapping[str, Any]] = found["compared"]
    return next(row for row in rows if row["measure"] == "delay")


def _change(row: Mapping[str, Any], figure: str) -> str:
    difference, nominal = row[f"{figure}_difference"], row[f"nominal_{figure}"]
    share = f" ({difference / nominal:+.1%})" if nominal else ""
    return f"{difference:+,.0f}{share} | {row[f'{figure}_low']:+,.0f} … {row[f'{figure}_high']:+,.0f}"


def _one(name: str, found: Mapping[str, Any]) -> list[str]:
    solved, broken, row = found["solved"], found["promises"], _delay(found)
    lines = [
        "",
        f"## {name}",
        "",
        f"{found['instance']}, {found['robust']}, {found['limit']:g} s, threads {found['threads']}, highspy {found['highspy']}, "
        f"Python {found['python']}, {found['machine']} with other work on it. Status `{solved['status']}`. Nominal plan "
        f"{row['nominal_objective']:,.0f}, the one taken {row['robust_objective']:,.0f} if all goes as planned. Broken promises "
        f"{broken['nominal']:,.1f} million USD in the mean of the fresh draws, {broken['robust']:,.1f} with the plan taken "
        f"(difference {broken['low']:+,.1f} … {broken['high']:+,.1f}).",
        "",
        _program(solved),
        "",
        f"In training, {solved['trained']} draws:",
        "",
        "| plan | as planned | mean | CVaR | measure, difference | standard error | broken, million USD |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {c['name']} | {c['objective']:,.0f} | {c['expected']:,.0f} | {c['cvar']:,.0f} | {c['difference']:+,.0f} | {c['error']:,.0f} | "
        f"{c['broken']:,.1f} |"
        for c in solved["candidates"]
    ]
    return lines


def _program(solved: Mapping[str, Any]) -> str:
    if solved["value"] is None:
        return "Of the stochastic program nothing was proven: its scenarios were not all solved in time."
    bound = "none" if solved["bound"] is None else f"{solved['bound']:,.0f}"
    return (
        f"Stochastic program ({solved['route']}): value {solved['value']:,.0f}, with the nominal first weeks "
        f"{solved['nominal_value'] or 0:,.0f}, bound {bound}; first weeks of {solved['chosen']!r}."
    )
