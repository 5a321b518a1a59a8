"""Writes the golden files anew, one for every rule case and formulation: `python -m tests.golden.write`.

In `textbook` and `slots` every rule has its file, in others where their rows differ from those that `slots` has for the
same case. Rules that only a formulation has (its links, balances, orders of packages) are shown for the first case in
which they have rows, those that no rule case shows for a small conformance case.

Read the difference before committing it: every changed line is a changed rule.
"""

from __future__ import annotations

from pathlib import Path

from models.build import compile_model
from models.catalog import FORMULATIONS
from tests.golden.listing import listing
from tests.models.cases import all_cases
from tests.models.rule_cases import RULE_CASES
from tests.models.solved import SLOTS, TEXTBOOK

FOLDER = Path(__file__).parent
OTHERS = tuple(form for name, form in FORMULATIONS.items() if name not in (TEXTBOOK.name, SLOTS.name))
ELSEWHERE = {
    "dearest_first": "stages-056",
    "lane_rounded": "case-007",
    "offer_to_need": "case-007",
    "paid_in_window": "case-005",
    "released_in_order": "case-012",
    "shortfall_of_floor": "case-006",
    "slots_in_turn": "mixed-111",
    "stock_balance": "mixed-107",
}
"""Rules that have no row in any rule case, or none in which units are set aside in advance, and a conformance case in
which they have few."""


def golden_files() -> dict[str, str]:
    """Text by path below this folder; a rule that a formulation keeps without rows has no file."""
    files: dict[str, str] = {}
    in_slots: dict[tuple[str, str], str] = {}
    stated = {case.rule for case in RULE_CASES}
    shown = [(case.label.replace(" ", "-"), case.binding, case.rule) for case in RULE_CASES]
    problems = {case.name: case.problem for case in all_cases() if case.name in ELSEWHERE.values()}
    for formulation in (TEXTBOOK, SLOTS, *OTHERS):
        for label, problem, rule in shown:
            matrix = compile_model(problem, formulation).matrix
            for name in sorted({str(found) for found in matrix.rules}):
                text, path = listing(matrix, name), f"{formulation.name}/{label if name == rule else name}.txt"
                if formulation is SLOTS:
                    in_slots[label, name] = text
                alike = in_slots.get((label, name)) == text if formulation in OTHERS else name in stated - {rule}
                if text.strip() and not alike:
                    files.setdefault(path, text)
        for case, problem in problems.items():
            matrix = compile_model(problem, formulation).matrix
            for name in (rule for rule, where in ELSEWHERE.items() if where == case):
                text = listing(matrix, name)
                if formulation is SLOTS:
                    in_slots[case, name] = text
                if text.strip() and not (formulation in OTHERS and in_slots.get((case, name)) == text):
                    files.setdefault(f"{formulation.name}/{name}.txt", text)
    return files


def main() -> None:
    """Replaces all golden files."""
    for path in FOLDER.glob("*/*.txt"):
        path.unlink()
    for name, text in golden_files().items():
        path = FOLDER / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
