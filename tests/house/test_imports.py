"""What may import what: one way from the world to the mathematics, and stages that meet only in the pipeline."""

from __future__ import annotations

import ast
import re
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
    "pulp",
    "linopy",
)
OTHERS = tuple(name for name in SOLVERS if name != "highspy")
"""Solvers and layers that only the peers use."""
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
    "nothing but the bench knows the peers": (
        (
            "models",
            "optimizer.reading",
            "optimizer.solving",
            "optimizer.reporting",
            "optimizer.pipeline",
            "optimizer.exporting",
        ),
        ("optimizer.peers", *OTHERS),
    ),
    "exporting writes what models build, and solves nothing": (
        ("optimizer.exporting",),
        ("optimizer.solving", "optimizer.reading", "optimizer.reporting", "optimizer.pipeline", "optimizer.cli"),
    ),
    "peers do not go by our own path": (
        ("optimizer.peers",),
        ("optimizer.reading", "optimizer.reporting", "optimizer.pipeline", "optimizer.cli", "optimizer.solving.solve"),
    ),
    "explaining is arithmetic on a plan: no files, no clock, no solver": (
        ("optimizer.explaining",),
        (*WORLD, "optimizer.solving", "optimizer.reading", "optimizer.reporting", "optimizer.pipeline", "models.build"),
    ),
    "rolling is arithmetic on a plan in time: no files, no clock, no chance, no solver": (
        ("optimizer.rolling",),
        (*WORLD, "optimizer.solving", "optimizer.reporting", "optimizer.pipeline", "optimizer.cli", "models.build"),
    ),
    "valuing solves again, and knows nothing of files and pages": (
        ("optimizer.valuing",),
        ("optimizer.reading", "optimizer.reporting", "optimizer.pipeline", "optimizer.cli"),
    ),
    "reporting does not solve": (
        ("optimizer.reporting",),
        (
            *("optimizer.solving.solve", "optimizer.solving.highs", "optimizer.valuing", "optimizer.pipeline"),
            *("optimizer.cli", "models.build"),
        ),
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
    """And one of the peers, which gives HiGHS what we would not."""
    knowing = [module for module in sources() if any(reaches(name, ("highspy",)) for name in imports(module))]
    assert knowing == ["optimizer.peers.highs", "optimizer.solving.highs"]


def test_only_the_peers_know_other_solvers() -> None:
    knowing = [module for module in sources() if any(reaches(name, OTHERS) for name in imports(module))]
    assert len(knowing) >= 5
    assert all(reaches(module, ("optimizer.peers",)) for module in knowing)


def test_what_runs_cp_sat_never_meets_highs() -> None:
    """The two libraries cannot share a process."""
    seen: set[str] = set()
    ahead = ["optimizer.peers.cpsat", "optimizer.peers.registry"]
    while ahead:
        module = ahead.pop()
        if module in sources() and module not in seen:
            seen.add(module)
            ahead += imports(module)
    assert "models.facts" in seen
    assert not any(reaches(name, ("highspy",)) for module in seen for name in imports(module))


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


EXTRAS = {
    "bench": ("optimizer.bench",),
    "peers": ("optimizer.bench", "optimizer.peers"),
    "tables": ("optimizer.frames", "optimizer.api"),
    "cluster": ("optimizer.batch.executors", "optimizer.solving.places"),
}
"""Packages of the project that may import what an extra installs."""
IMPORTED_AS = {"vl_convert_python": "vl_convert"}
COMES_WITH = {"jinja2": {"markupsafe"}, "pydantic": {"pydantic_core"}}


def _declared(requirements: list[str]) -> set[str]:
    """Import names of what a list of requirements installs, the project itself left out."""
    names = {re.split(r"[<>=~!\[ ]", line)[0].lower().replace("-", "_") for line in requirements} - {"burdenshare"}
    return {IMPORTED_AS.get(name, name) for name in names}


def test_all_third_parties_are_declared() -> None:
    """Every package that the code imports is a dependency of the project, or of the extra for that part of it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    core, extras = _declared(project["dependencies"]), project["optional-dependencies"]
    used: dict[str, set[str]] = {}
    for module in sources():
        names = {name.split(".")[0] for name in imports(module)}
        used[module] = {name.lower() for name in names - set(PACKAGES) - set(sys.stdlib_module_names)}
        allowed = core.union(*(_declared(extras[extra]) for extra, parts in EXTRAS.items() if reaches(module, parts)))
        allowed |= {name for with_it in allowed for name in COMES_WITH.get(with_it, set())}
        assert used[module] <= allowed, f"{module}: not declared: {used[module] - allowed}"
    everything = set().union(*used.values())
    never = (core | _declared(extras["peers"])) - everything
    assert never == set(), f"declared and never used: {never}"
