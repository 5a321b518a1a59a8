"""Changes as words of the command line -> changes as a scenario file writes them.

    --set orders.O1.quantity=6            --set 'orders[recipient=DEU|POL, due_date<2026-06-01].due_date=2026-06-01'
    --scale 'pledges.*.amount_usd_m=0.5'  --shift orders.O1.due_date=4
    --add 'receipts item=SHELL date=2026-03-02 quantity=8'      --add '[readiness] weight=4'
    --remove needs.N3                     --remove 'offers[donor=DEU]'

In brackets stand conditions, separated by commas, all of which must hold: `=`, `!=`, `<`, `<=`, `>`, `>=`, with `|`
between texts one of which is enough.
"""

from __future__ import annotations

import csv
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from optimizer.findings import Finding
from optimizer.reading.columns import TABLES
from optimizer.reading.sections import SECTIONS
from optimizer.scenarios.change import Change
from optimizer.scenarios.patch import Patch
from optimizer.scenarios.scenario_file import scenarios_in
from optimizer.scenarios.target import Place, Target, Verb, target_of
from optimizer.scenarios.written import judged_change

ORDER: tuple[Verb, ...] = ("remove", "add", "set", "scale", "shift")
"""The order in which the changes of one command are made, whatever the order of its options."""
EXAMPLES: dict[Verb, str] = {
    "set": "TABLE.KEY.COLUMN=VALUE, as orders.O1.quantity=6",
    "scale": "TABLE.KEY.COLUMN=FACTOR, as 'pledges.*.amount_usd_m=0.5'",
    "shift": "TABLE.KEY.COLUMN=AMOUNT, dates by weeks, as orders.O1.due_date=4",
    "add": "TABLE COLUMN=VALUE …, as 'receipts item=SHELL date=2026-03-02 quantity=8'",
    "remove": "TABLE.KEY, as needs.N3",
}
NAME = "options"
"""The scenario that the options of a command make up."""
_CHOSEN = re.compile(r"(?P<table>\w+)\[(?P<conditions>.*)\](?:\.(?P<column>[\w.]+))?", re.DOTALL)
_CONDITION = re.compile(r"\s*(?P<column>\w+)\s*(?P<sign>!=|<=|>=|=|<|>)(?P<value>.*)", re.DOTALL)


def asked_changes(words: Mapping[Verb, Sequence[str]]) -> tuple[Patch, tuple[Finding, ...]]:
    """The patch that the options of a command say, by verb, and all that is wrong with them."""
    changes: list[Change] = []
    findings: list[Finding] = []
    for verb in ORDER:
        for word in words.get(verb, ()):
            place = Place(f"--{verb}", word)
            written = _written(verb, word, place)
            if isinstance(written, Finding):
                findings.append(written)
                continue
            found, wrong = judged_change(written, place)
            changes += found
            findings += wrong
    return Patch(NAME, tuple(changes)), tuple(findings)


def _written(verb: Verb, word: str, place: Place) -> dict[str, Any] | Finding:
    """The change as a scenario file writes it."""
    if verb == "add":
        return _added(word, place)
    if verb == "remove":
        target = _chosen(word, place)
        return target if isinstance(target, Finding) else {verb: target.pop("target"), **target}
    left, right = _parts(verb, word, place)
    if right is None:
        return place.finding("bad_scenario", f"{word!r} has no `=` and a value.", expected=EXAMPLES[verb])
    target = _chosen(left, place)
    if isinstance(target, Finding):
        return target
    return {verb: target.pop("target"), "to" if verb == "set" else "by": right, **target}


def _parts(verb: Verb, word: str, place: Place) -> tuple[str, str | None]:
    """What is left and right of the `=`. A name with one in it stays whole: the first that leaves a target counts."""
    start = 0
    chosen = re.match(r"\w+\[", word)
    if chosen:
        start = max(word.rfind("].", 0, len(word)), 0)
    places = [found.start() for found in re.finditer("=", word) if found.start() >= start]
    for at in places:
        if chosen or isinstance(target_of(word[:at], verb, place, conditions=False), Target):
            return word[:at], word[at + 1 :].strip()
    return (word[: places[0]], word[places[0] + 1 :].strip()) if places else (word, None)


def _chosen(text: str, place: Place) -> dict[str, Any] | Finding:
    """The target, and the conditions in brackets behind its table."""
    match = _CHOSEN.fullmatch(text.strip())
    if match is None or (match["table"] not in TABLES and match["table"] not in SECTIONS):
        return {"target": text}
    target = ".".join(part for part in (match["table"], match["column"]) if part)
    where: dict[str, list[str]] = {}
    unless: dict[str, list[str]] = {}
    for part in next(csv.reader([match["conditions"]], skipinitialspace=True), []):
        condition = _CONDITION.fullmatch(part)
        if condition is None:
            message = f"{part!r} is not a condition."
            expected = "COLUMN=VALUE, with =, !=, <, <=, > or >="
            return place.finding("bad_scenario", message, value=part, expected=expected)
        sign, values = condition["sign"], [value.strip() for value in condition["value"].split("|")]
        into = unless if sign == "!=" else where
        signs = "" if sign in ("=", "!=") else sign
        if condition["column"] in into:
            message = f"There are two conditions on {condition['column']}."
            return place.finding("bad_scenario", message, value=part, expected="one, or a scenario file")
        into[condition["column"]] = [f"{signs}{value}" for value in values]
    found: dict[str, Any] = {"target": target}
    return found | {name: given for name, given in (("where", where), ("unless", unless)) if given}


def _added(word: str, place: Place) -> dict[str, Any] | Finding:
    """A row: the table, then its cells."""
    try:
        parts = shlex.split(word)
    except ValueError as wrong:
        return place.finding("bad_scenario", f"The quotation marks do not match: {wrong}.", expected=EXAMPLES["add"])
    if not parts:
        return place.finding("bad_scenario", "Nothing is named.", expected=EXAMPLES["add"])
    row: dict[str, str] = {}
    for part in parts[1:]:
        name, sign, value = part.partition("=")
        if not sign:
            return place.finding("bad_scenario", f"{part!r} is not COLUMN=VALUE.", value=part, expected=EXAMPLES["add"])
        if name in row:
            return place.finding(
                "duplicate_column", f"{name} is given twice.", value=part, expected="one value a column"
            )
        row[name] = value
    return {"add": parts[0], "row": row}


def asked_scenario(word: str) -> tuple[Patch | None, tuple[Finding, ...]]:
    """The scenario that `FILE` or `FILE:NAME` means, and what is wrong with it; what is sound of it even so."""
    path, name = Path(word), ""
    if not path.exists() and ":" in word:
        left, _, name = word.rpartition(":")
        path = Path(left)
    scenarios, findings = scenarios_in(path)
    if scenarios is None:
        return None, findings
    patch, finding = scenarios.named(name)
    return patch, findings if finding is None else (*findings, finding)
