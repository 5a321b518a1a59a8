"""The conformance cases: those of this repository, and any more that lie beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from models.problem import Problem
from optimizer.reading.instance import read_instance

OWN = Path(__file__).parents[1] / "conformance"
BESIDE = Path(__file__).parents[3] / "shared" / "conformance"


@dataclass(frozen=True)
class Case:
    """An instance with its proven optimum; `objective` None if no plan exists."""

    name: str
    folder: Path
    objective: float | None
    terms: dict[str, float]
    lexicographic: bool

    @property
    def problem(self) -> Problem:
        """The instance, read."""
        found = read_instance(self.folder).problem
        assert found is not None
        return found


def _case(folder: Path) -> Case:
    expected: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    settings = (folder / "instance.toml").read_text(encoding="utf-8")
    objective = None if expected["status"] == "infeasible" else expected["objective"]
    return Case(folder.name, folder, objective, expected.get("terms", {}), '"lexicographic"' in settings)


@cache
def all_cases() -> tuple[Case, ...]:
    """Every case once, by name."""
    found = {path.parent.name: path.parent for root in (BESIDE, OWN) for path in root.glob("*/expected.json")}
    return tuple(_case(folder) for _, folder in sorted(found.items()))
