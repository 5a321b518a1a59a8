"""Writes the golden files anew, one for every rule case and formulation: `python -m tests.golden.write`.

In `textbook` and `slots` every rule has its file, in others where their rows differ from those of `slots`. Rules that
only a formulation has (its links, balances, orders of packages) are shown for the first case in which they have rows.

Read the difference before committing it: every changed line is a changed rule.
"""

from __future__ import annotations

from pathlib import Path

from models.build import compile_model
from models.catalog import FORMULATIONS
from tests.golden.listing import listing
from tests.models.rule_cases import RULE_CASES
from tests.models.solved import SLOTS, TEXTBOOK

FOLDER = Path(__file__).parent
OTHERS = tuple(form for name, form in FORMULATIONS.items() if name not in (TEXTBOOK.name, SLOTS.name))


def golden_files() -> dict[str, str]:
    """Text by path below this folder; a rule that a formulation keeps without rows has no file."""
    files: dict[str, str] = {}
    stated = {case.rule for case in RULE_CASES}
    for formulation in (TEXTBOOK, SLOTS, *OTHERS):
        for case in RULE_CASES:
            matrix = compile_model(case.binding, formulation).matrix
            own = {str(rule): str(rule) for rule in sorted(set(matrix.rules) - stated)}
            for name, rule in ({case.label.replace(" ", "-"): case.rule} | own).items():
                text, path = listing(matrix, rule), f"{formulation.name}/{name}.txt"
                if text.strip() and (formulation not in OTHERS or text != files.get(f"slots/{name}.txt")):
                    files.setdefault(path, text)
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
