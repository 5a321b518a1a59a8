"""What may import what: one way from the world to the mathematics, and stages that meet only in the pipeline."""

from __future__ import annotations

import ast
import sys
import tomllib

import pytest

from tests.house.tree import PACKAGES, ROOT, imports, reaches, sources, syntax

SOLVERS = (
    "highspy",
    "ortools",
    "pyscipopt",
    "pyomo.opt",
    "pyomo.contrib.solver",
    "pyomo.contrib.appsi",
    "cplex",
    "gurobipy",
)
WORLD = ("pathlib", "os", "io", "shutil", "tempfile", "subprocess", "time", "socket", "logging", "random", "threading")
"""What mathematics has no use for: files, clock, chance, processes."""
RECORDS = ("models.problem", "models.plan")
MODEL = tuple(
    sorted(
        {".".join(module.split(".")[:2]) for module in sources() if module.startswith("models.")}
        - {*RECORDS, "models.checker"}
    )
)
"""All of `models` but the two pages of records, which are all that the checker shares."""

CONTRACTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "models never imports optimizer": (("models",), ("optimizer",)),
    "models knows no solver": (("models",), SOLVERS),
    "models knows no files, no clock and no chance": (("models",), WORLD),
    "the checker shares no code with the model": (("models.checker",), MODEL),
    "records depend on nothing of ours": (RECORDS, ("models", "optimizer")),
    "blocks do not know which of them are chosen": (
        ("models.blocks",),
        ("models.formulation", "models.catalog", "models.build", "models.extract"),
    ),
    "reading knows nothing of solving and reporting": (
        ("optimizer.reading",),
        ("optimizer.solving", "optimizer.reporting", "optimizer.pipeline", "optimizer.cli"),
    ),
    "solving knows nothing of files and pages": (
        ("optimizer.solving",),
        ("optimizer.reading", "optimizer.reporting", "optimizer.pipeline", "optimizer.cli"),
    ),
    "reporting does not solve": (
        ("optimizer.reporting",),
        ("optimizer.solving.solve", "optimizer.solving.highs", "optimizer.pipeline", "optimizer.cli", "models.build"),
    ),
    "nothing imports the command line": (
        ("models", "optimizer.reading", "optimizer.solving", "optimizer.reporting", "optimizer.pipeline"),
        ("optimizer.cli", "typer"),
    ),
}


def broken(who: tuple[str, ...], never: tuple[str, ...]) -> list[str]:
    """`module -> import` for every import that the contract forbids; imports of a contract's own part are its own."""
    found = []
    for module in sources():
        if reaches(module, who):
            own = RECORDS if who == RECORDS else ()
            found += [f"{module} -> {name}" for name in imports(module) if reaches(name, never) and name not in own]
    return found


@pytest.mark.parametrize("contract", CONTRACTS)
def test_contract(contract: str) -> None:
    who, never = CONTRACTS[contract]
    assert all(any(reaches(module, (part,)) for module in sources()) for part in who), "the contract is about nothing"
    assert broken(who, never) == []


def test_only_one_module_knows_the_solver() -> None:
    knowing = [module for module in sources() if any(reaches(name, ("highspy",)) for name in imports(module))]
    assert knowing == ["optimizer.solving.highs"]


def test_no_circles() -> None:
    """A module may not be reached from what it imports. Imports inside functions count as well."""
    edges = {module: {name for name in imports(module) if name in sources() and name != module} for module in sources()}
    done: set[str] = set()

    def walk(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, f"circle: {' -> '.join([*path[path.index(module) :], module])}"
        if module not in done:
            for other in sorted(edges[module]):
                walk(other, (*path, module))
            done.add(module)

    for module in edges:
        walk(module, ())


def test_importing_a_package_does_nothing() -> None:
    """A package's `__init__` holds a docstring and the few names its users need; nothing runs."""
    quiet = (ast.Import, ast.ImportFrom, ast.FunctionDef)
    for module, path in sources().items():
        if path.name == "__init__.py":
            for node in syntax(path).body[1:]:
                named = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
                assert named or isinstance(node, quiet), f"{module}:{node.lineno}"


def test_all_third_parties_are_declared() -> None:
    """Every package that the code imports is a dependency of the project."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {name.split(">")[0].strip().lower().replace("-", "_") for name in project["dependencies"]}
    declared |= {"markupsafe"} if "jinja2" in declared else set()
    used = {name.split(".")[0] for module in sources() for name in imports(module)}
    others = {name.lower() for name in used if name not in PACKAGES and name not in sys.stdlib_module_names}
    assert others <= declared, f"not declared: {others - declared}"
    assert declared <= others | {"markupsafe"}, f"declared and never used: {declared - others}"
