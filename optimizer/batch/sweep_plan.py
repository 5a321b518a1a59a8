"""A sweep's runs in the order in which they are made: variants × formulations × settings × seeds, instance by instance.

All that can be known before the first run is found out here: every file, every instance, every patch on its instance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from models.problem import Problem
from optimizer.batch.program import program
from optimizer.batch.sources import digest_of, packed
from optimizer.batch.sweep_file import SweepSource, Tries
from optimizer.batch.sweep_row import FOUND, KNOWN, LABELS, MEASURED
from optimizer.batch.sweep_run import changed
from optimizer.batch.sweep_task import Limits, Scalar, Task, keyed
from optimizer.batch.sweep_vary import (
    DRAW,
    Parameters,
    Variant,
    count,
    judged_parameters,
    named_scenarios,
    parameters_of,
    variants,
)
from optimizer.findings import Finding, error, has_errors
from optimizer.identity import hash_of
from optimizer.reading.instance import read_instance
from optimizer.reporting.output import instance_in

MOST_RUNS = 10_000
"""More are refused unless they are asked for."""
MOST_JUDGED = 400
"""Patched instances that are judged before the first run; of more, the rest is judged where it is run."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A run with the sweep's own words for it. `base`: nothing is changed in it."""

    number: int
    instance: str
    scenario: str
    base: bool
    parameters: Parameters
    task: Task

    @property
    def label(self) -> str:
        """The scenario and the parameters, in a few words."""
        said = ", ".join(f"{name} {_short(value)}" for name, value in self.parameters)
        if not said:
            return self.scenario
        return said if self.scenario == "varied" else f"{self.scenario}: {said}"

    @property
    def way(self) -> str:
        """The formulation, with what was replaced in it."""
        return " ".join([self.task.formulation, *(f"{part}={choice}" for part, choice in self.task.changes)])


def _short(value: Scalar) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class SweepPlan:
    """All runs of a sweep. `sources`: instances by digest, packed; `parameters`: polars types by name."""

    source: SweepSource
    planned: tuple[Planned, ...]
    sources: Mapping[str, bytes] = field(repr=False)
    parameters: Mapping[str, str]

    @property
    def name(self) -> str:
        """Of the sweep."""
        return self.source.content.name

    def tasks(self) -> dict[str, Task]:
        """Every run that is different, by its key."""
        return {one.task.key: one.task for one in self.planned}

    def with_memory(self, memory_mib: float) -> SweepPlan:
        """The same runs, each ended where it takes more than this, MiB."""

        def capped(one: Planned) -> Planned:
            return replace(one, task=replace(one.task, limits=replace(one.task.limits, memory_mib=memory_mib)))

        return replace(self, planned=tuple(capped(one) for one in self.planned))

    def worst_seconds(self, workers: int) -> float:
        """Wall-clock seconds if every solve takes all of its time."""
        return math.fsum(task.settings.seconds for task in self.tasks().values()) / max(1, workers)


def plan_sweep(
    source: SweepSource, scratch: Path, *, most_runs: int = MOST_RUNS, plans: bool = False
) -> tuple[SweepPlan | None, tuple[Finding, ...]]:
    """All runs of a judged file, or every finding why there are none.

    Args:
        source: what the file says.
        scratch: where generated instances go.
        most_runs: more are refused.
        plans: keep the plans' folders, whatever the file says.

    Raises:
        OSError: a generated instance cannot be written.
    """
    named, findings = named_scenarios(source)
    findings += judged_parameters(source, named)
    findings += _reserved(source)
    found, wrong = _instances(source, scratch)
    findings += wrong
    if has_errors(findings):
        return None, tuple(findings)
    each = _each(source)
    runs = sum(count(source, named, problem) for _, problem in found) * each
    if runs > most_runs:
        message = f"These are {runs:,} runs, more than {most_runs:,}."
        hint = f"Maybe fewer values, or --most {runs} if they are meant"
        return None, (error("too_large", source.path.name, message, value=f"{runs}", hint=hint),)
    planned: list[Planned] = []
    for label, problem in found:
        made, wrong = variants(source, named, problem)
        findings += wrong
        if not has_errors(wrong):
            findings += _judged(source, label, problem, made)
            planned += _runs(source, label, problem, made, len(planned), plans=plans)
    findings = list(dict.fromkeys(findings))
    if has_errors(findings):
        return None, tuple(findings)
    sources = {digest_of(problem): packed(problem) for _, problem in found}
    return SweepPlan(source, tuple(planned), sources, _types(source, planned)), tuple(findings)


def _each(source: SweepSource) -> int:
    content = source.content
    return len(content.formulations) * len(content.settings) * len(content.seeds)


def _reserved(source: SweepSource) -> Iterator[Finding]:
    taken = {*KNOWN, *FOUND, *MEASURED, *LABELS, DRAW}
    for name in parameters_of(source.content):
        if name in taken and name != DRAW:
            message = f"{name!r} is a column of the results, and cannot be a parameter."
            yield error("reserved_key", source.path.name, message, column=name, hint=f"Maybe {name}_of")


def _instances(source: SweepSource, scratch: Path) -> tuple[list[tuple[str, Problem]], list[Finding]]:
    """Every instance with its label, and what is wrong with them: only errors, as a sweep reads what others judge."""
    found: dict[str, tuple[Path, Problem]] = {}
    findings: list[Finding] = []
    made = scratch / hash_of(("optimizer/generating",))[:8]  # anew where the generator has changed
    for number, row in enumerate(source.content.instances):
        place = f"instances[{number}]"
        paths = row.paths(source.path.parent) if row.path is not None else list(row.generated(made))
        if not paths:
            message = f"No instance matches {row.path!r}, seen from the folder of the sweep file."
            findings.append(error("no_such_path", source.path.name, message, column=place, value=row.path))
        for path in paths:
            reading = read_instance(instance_in(path))
            label = path.name if path.is_dir() else path.stem
            label = label or path.resolve().name
            if reading.problem is None:
                errors = [finding for finding in reading.findings if finding.severity == "error"]
                findings += [replace(f, file=f"{label}/{f.file}" if f.file != str(path) else f.file) for f in errors]
            elif label in found and found[label][0].resolve() != path.resolve():
                message = f"Two instances are called {label!r}."
                findings.append(error("duplicate_key", source.path.name, message, column=place, value=label))
            else:
                found[label] = (path, reading.problem)
    return [(label, problem) for label, (_, problem) in found.items()], findings


def _judged(source: SweepSource, label: str, problem: Problem, made: list[Variant]) -> list[Finding]:
    """What the changed instances say that the unchanged one does not: errors only."""
    findings: list[Finding] = []
    different = list(dict.fromkeys(variant.patches for variant in made if variant.patches))
    for patches in different[:MOST_JUDGED]:
        reading = changed(problem, patches)
        if reading.problem is None:
            findings += [
                replace(f, file=source.path.name if f.file == "scenario" else f.file, message=f"{label}: {f.message}")
                for f in reading.findings
                if f.severity == "error"
            ]
    return findings


def _runs(
    source: SweepSource, label: str, problem: Problem, made: list[Variant], begin: int, *, plans: bool
) -> Iterator[Planned]:
    """What is to be compared runs side by side in time."""
    content, digest, number = source.content, digest_of(problem), begin
    for tries in content.settings:
        for seed in content.seeds:
            for variant in made:
                for entry in content.formulations:
                    task = Task(
                        digest, variant.patches, entry.name, tuple(sorted(entry.changes.items())),
                        tries.settings(seed), program(), _limits(source, tries), content.deliveries,
                        "" if plans or content.plans else None,
                    )  # fmt: skip
                    task = replace(task, key=keyed(task))
                    yield Planned(number, label, variant.scenario, variant.base, variant.parameters, task)
                    number += 1


def _limits(source: SweepSource, tries: Tries) -> Limits:
    """Limits of a run as a whole: those of the solver bind the solving alone."""
    content = source.content
    seconds = 1.5 * tries.settings(0).seconds + 60.0 if content.run_seconds is None else content.run_seconds
    return Limits(seconds, None if content.memory_gib is None else 1024.0 * content.memory_gib)


def _types(source: SweepSource, planned: list[Planned]) -> dict[str, str]:
    """The polars type of every parameter: the narrowest that holds all of its values."""
    kinds: dict[str, set[type]] = {name: set() for name in parameters_of(source.content)}
    for one in planned:
        for name, value in one.parameters:
            kinds[name].add(type(value))
    return {name: _type(found) for name, found in kinds.items()}


def _type(kinds: set[type]) -> str:
    if kinds <= {bool}:
        return "Boolean" if kinds else "Float64"
    if kinds <= {int}:
        return "Int64"
    return "Float64" if kinds <= {int, float} else "String"
