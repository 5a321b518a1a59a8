"""Writes the golden files anew, one for every rule case and formulation: `python -m tests.golden.write`.

In `textbook` and `slots` every rule has its file, in others where their rows differ from those of `slots`.

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
OTHERS = (FORMULATIONS["lean"], FORMULATIONS["cumulative"])


def golden_files() -> dict[str, str]:
    """Text by path below this folder; a rule that a formulation keeps without rows has no file."""
    files: dict[str, str] = {}
    for formulation in (TEXTBOOK, SLOTS, *OTHERS):
        for case in RULE_CASES:
            name = f"{case.label.replace(' ', '-')}.txt"
            text = listing(compile_model(case.binding, formulation).matrix, case.rule)
            if text.strip() and (formulation not in OTHERS or text != files.get(f"slots/{name}")):
                files[f"{formulation.name}/{name}"] = text
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
