"""`robust.json`, the measurements of `benchmarks.robust`, and `robust.md`, the page that is written from them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RECORDS, PAGE = HERE / "robust.json", HERE / "robust.md"
_HEAD = """# The robust plan against the nominal one, out of sample

Written by `python -m benchmarks.robust` from `robust.json`; [docs/robust.md](../docs/robust.md) says what is done. Both
plans are executed in the same fresh draws, with seeds that no plan was made for. Figures are delay of needs and
orders in weight × million USD × weeks; differences are robust − nominal, below 0 is better, with 95 % intervals by
resampling draws in pairs.
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
    titles = (
        "instance", "limit", "plan taken", "mean, nominal", "difference", "95 %", "CVaR90, nominal", "difference",
        "95 %", "better in",
    )  # fmt: skip
    lines = ["## Delay", "", _row(titles), "|---|---:|---|" + "---:|" * 7]
    for name, found in records.items():
        row, taken = _delay(found), found["solved"]["taken"]
        first = (name, f"{found['limit']:g} s", taken, f"{row['nominal_mean']:,.0f}")
        tail = f"{row['nominal_cvar90']:,.0f}"
        if taken == "nominal":
            lines.append(_row((*first, "the same plan", "", tail, "the same plan", "", "")))
        else:
            better = f"{row['robust_better']} of {row['draws']}"
            lines.append(_row((*first, *_change(row, "mean"), tail, *_change(row, "cvar90"), better)))
    return lines


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _delay(found: Mapping[str, Any]) -> Mapping[str, Any]:
    rows: list[Mapping[str, Any]] = found["compared"]
    return next(row for row in rows if row["measure"] == "delay")


def _change(row: Mapping[str, Any], figure: str) -> tuple[str, str]:
    """A difference with its share of the nominal figure, and its interval."""
    difference, nominal = row[f"{figure}_difference"], row[f"nominal_{figure}"]
    share = f" ({difference / nominal:+.1%})" if nominal else ""
    return f"{difference:+,.0f}{share}", f"{row[f'{figure}_low']:+,.0f} … {row[f'{figure}_high']:+,.0f}"


def _one(name: str, found: Mapping[str, Any]) -> list[str]:
    solved, broken, row = found["solved"], found["promises"], _delay(found)
    lines = [
        "",
        f"## {name}",
        "",
        f"{found['instance']}, {found['robust']}, {found['limit']:g} s, threads {found['threads']}, "
        f"highspy {found['highspy']}, Python {found['python']}, {found['machine']} with other work on it; status "
        f"`{solved['status']}`. If all goes as planned the nominal plan is worth {row['nominal_objective']:,.0f}, the "
        f"one taken {row['robust_objective']:,.0f}. Broken promises in the mean of the fresh draws, million USD: "
        f"{broken['nominal']:,.1f}, with the plan taken {broken['robust']:,.1f} (difference {broken['low']:+,.1f} … "
        f"{broken['high']:+,.1f}).",
        "",
        _program(solved),
    ]
    if kinds := found.get("kinds"):
        told = ", ".join(f"{kind} {rise:+,.0f}" for kind, rise in kinds.items())
        lines += [
            "",
            f"What the mean delay of the nominal plan rises by where one kind of thing happens alone: {told}.",
        ]
    titles = ("plan", "as planned", "mean", "CVaR", "measure, difference", "standard error", "broken, million USD")
    lines += ["", f"In training, {solved['trained']} draws:", "", _row(titles), "|---|" + "---:|" * 6]
    for row in solved["candidates"]:
        figures = (f"{row[key]:,.0f}" for key in ("objective", "expected", "cvar"))
        lines.append(
            _row((row["name"], *figures, f"{row['difference']:+,.0f}", f"{row['error']:,.0f}", f"{row['broken']:,.1f}"))
        )
    return lines


def _program(solved: Mapping[str, Any]) -> str:
    if solved["value"] is None:
        return "Of the stochastic program nothing was proven: its scenarios were not all solved in time."
    nominal, bound = (
        "not known" if solved[key] is None else f"{solved[key]:,.0f}" for key in ("nominal_value", "program_bound")
    )
    return (
        f"Stochastic program ({solved['route']}): value {solved['value']:,.0f}, with the nominal first weeks "
        f"{nominal}, bound {bound}; first weeks of {solved['chosen']!r}."
    )
