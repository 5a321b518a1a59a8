"""A suite's runs in the order in which they are made, generated instances included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from optimizer.bench.machine import ROOT, digest
from optimizer.bench.suite import Instances, Limits, Suite, SuiteError
from optimizer.peers.records import Job, Kind


@dataclass(frozen=True, slots=True)
class Place:
    """An instance: what it is called in results, where it is, and the hash of its content."""

    label: str
    path: Path
    digest: str


def places(suite: Suite, out: Path) -> list[Place]:
    """The instances of the suite; those of a class are generated below `out` unless they are there.

    Raises:
        SuiteError: two instances have one name.
    """
    found: dict[str, Place] = {}
    for row in suite.content.instances:
        paths = row.paths(suite.folder) if row.path is not None else _generated(row, out)
        for path in paths:
            place = _place(path)
            if place.label in found and found[place.label].path.resolve() != path.resolve():
                raise SuiteError([f"two instances are called {place.label!r}: {found[place.label].path} and {path}."])
            found[place.label] = place
    return list(found.values())


def _place(path: Path) -> Place:
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    tables = [file for file in files if file.suffix in {".csv", ".toml", ".xlsx"}]
    label = path.name if path.is_dir() else path.stem
    return Place(label, path.resolve(), digest(tables, path if path.is_dir() else path.parent)[:16])


def _generated(row: Instances, out: Path) -> Iterator[Path]:
    """One folder a seed; made again if the generator has changed."""
    maker = ROOT / "optimizer" / "generating"
    version = digest(sorted(p for p in maker.rglob("*") if p.is_file() and "__pycache__" not in p.parts), maker)[:8]
    return row.generated(out / "instances" / version)


def jobs(suite: Suite, found: list[Place], commit: str) -> list[Job]:
    """Every run. What is to be compared runs side by side in time, so that a machine's moods meet all alike."""
    content = suite.content
    wanted = [
        replace(_job(suite, place, limits, seed, run), repeat=repeat, commit=commit)
        for repeat in range(content.repeats)
        for place in found
        for limits in content.settings
        for seed in content.seeds
        for run in _runs(suite, limits, seed)
        if run.kind != "baseline" or repeat == 0
    ]
    return list({job.key: job for job in wanted}.values())


@dataclass(frozen=True, slots=True)
class _Run:
    """What is run, whatever the instance."""

    kind: Kind
    name: str
    changes: Mapping[str, str] = field(default_factory=dict)


def _job(suite: Suite, place: Place, limits: Limits, seed: int, run: _Run) -> Job:
    return Job(
        kind=run.kind, name=run.name, instance=str(place.path), label=place.label, digest=place.digest,
        changes=run.changes, seconds=limits.seconds, gap=limits.gap, threads=limits.threads, seed=seed,
        memory_gib=suite.content.memory_gib,
    )  # fmt: skip


def _runs(suite: Suite, limits: Limits, seed: int) -> Iterator[_Run]:
    """Formulations, then peers; the baselines know neither limits nor seeds, and run once an instance."""
    content = suite.content
    if limits == content.settings[0] and seed == content.seeds[0]:
        yield from (_Run("baseline", name) for name in content.baselines)
    for entry in content.formulations:
        yield from (_Run("formulation", name, entry.changes) for name in entry.names)
    yield from (_Run("peer", name) for name in content.peers)
