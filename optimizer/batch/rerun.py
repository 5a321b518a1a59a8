"""A plan's folder run again: from its manifest and its copy of the instance, and nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from optimizer.batch.recipe import Recipe, document, recipe_of
from optimizer.batch.robust import solve_robust_instance
from optimizer.batch.sameness import Sameness, same_files
from optimizer.findings import Finding, error
from optimizer.pipeline import DONE, INTERRUPTED, OTHERWISE, WRONG_INPUT, Result, solve_instance
from optimizer.reporting import output
from optimizer.reporting.manifest import platform_now, versions
from optimizer.reporting.summary import Summary
from optimizer.solving.outcome import Progress


@dataclass(frozen=True)
class Difference:
    """Something that a plan was found with then, and is not now; None where it is not there."""

    what: str
    then: str | None
    now: str | None


@dataclass(frozen=True)
class Rerun:
    """The end of a rerun. `code` as of the command.

    `files`: every file of the plan, whether it came out the same; empty if nothing was run. `then`, `now`: the
    summaries. `folder`: where the new plan stands, None if it was not kept.
    """

    code: int
    findings: tuple[Finding, ...] = ()
    differences: tuple[Difference, ...] = ()
    promised: bool = False
    files: Mapping[str, Sameness] | None = None
    then: Summary | None = None
    now: Summary | None = None
    folder: Path | None = None

    @property
    def identical(self) -> bool:
        """Whether every file came out the same but for times."""
        return self.files is not None and set(self.files.values()) == {"same"}

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "identical": self.identical,
            "promised": self.promised,
            "objective": {"then": _objective(self.then), "now": _objective(self.now)},
            "bound": {"then": _bound(self.then), "now": _bound(self.now)},
            "files": dict(self.files or {}),
            "differences": [asdict(row) for row in self.differences],
            "findings": [finding.as_dict() for finding in self.findings],
            "folder": None if self.folder is None else str(self.folder),
        }


def _objective(summary: Summary | None) -> float | None:
    return None if summary is None else summary.objective


def _bound(summary: Summary | None) -> float | None:
    return None if summary is None else summary.bound


def rerun(folder: Path, out: Path | None = None, progress: Callable[[Progress], None] | None = None) -> Rerun:
    """Run a plan's folder again and compare what comes of it; the same as `burdenshare rerun`.

    Raises `OutputError` and `BrokenPlanError` as `solve_instance` does. The folder itself is never written to.
    """
    recipe, findings = recipe_of(folder)
    if recipe is None:
        return Rerun(WRONG_INPUT, findings)
    differences = differences_of(document(folder / output.MANIFEST))
    if out is not None and _is_within(out, folder):
        wrong = error("target_exists", str(out), "the folder that is run again is never written to",
                      expected="another folder")  # fmt: skip
        return Rerun(WRONG_INPUT, (wrong,), differences, recipe.promised)
    with ExitStack() as stack:
        target = out or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="burdenshare-rerun-"))) / "plan"
        result = _solved(recipe, target, progress)
        if result.folder is None:
            return Rerun(result.code, result.findings, differences, recipe.promised, now=result.summary)
        told = (*output.TOLD, output.VALUES) if recipe.alone else ()
        files = {name: same for name, same in same_files(folder, target).items() if name not in told}
        now = Summary.from_dict(document(target / output.SUMMARY))
    then = Summary.from_dict(document(folder / output.SUMMARY))
    found = Rerun(DONE, (), differences, recipe.promised, files, then, now, out)
    return replace(found, code=_code(found, result))


def _solved(recipe: Recipe, target: Path, progress: Callable[[Progress], None] | None) -> Result:
    """What the manifest asks for, done again."""
    if recipe.robust is not None:
        return solve_robust_instance(
            recipe.instance, target, recipe.robust, formulation=recipe.formulation, settings=recipe.settings,
            progress=progress, name=recipe.name, kept=True,
        )  # fmt: skip
    return solve_instance(
        recipe.instance,
        target,
        recipe.formulation,
        recipe.settings,
        progress,
        given=recipe.given,
        name=recipe.name,
        stood=recipe.stood,
    )


def _code(found: Rerun, result: Result) -> int:
    """0 where all is as promised; a rerun that the user ended, or that found no plan where there was one, says so."""
    if result.code == INTERRUPTED:
        return INTERRUPTED
    if found.promised:
        return DONE if found.identical else OTHERWISE
    return DONE if result.holds_plan or (found.then is not None and found.then.objective is None) else result.code


def _is_within(out: Path, folder: Path) -> bool:
    target, source = out.resolve(), folder.resolve()
    return target == source or source in target.parents or target in source.parents


def differences_of(manifest: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Versions and platform that are not those of the manifest."""
    found = []
    for part, now in (("versions", versions()), ("platform", platform_now())):
        then = manifest.get(part)
        then = then if isinstance(then, Mapping) else {}
        for name in [*then, *(name for name in now if name not in then)]:
            if then.get(name) != now.get(name):
                found.append(Difference(str(name), _said(then.get(name)), _said(now.get(name))))
    return tuple(found)


def _said(value: object) -> str | None:
    return None if value is None else str(value)
