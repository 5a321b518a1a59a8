"""What if: the instance and a changed one solved alike, and the two plans compared.

Two runs of a heuristic differ by chance, and that must not pass for an effect. So the changed solve starts from the
plan of the unchanged instance, as far as it is a legal plan there; and if the changed instance's plan turns out to be
legal in the unchanged one, and better there, it is taken over. What is left may still be chance: the bounds of both say
whether the difference is proven (`Comparison.significance`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from models.catalog import FORMULATIONS
from models.checker import check_plan
from models.plan import Plan, Verdict
from models.problem import Problem
from optimizer import pipeline
from optimizer.batch.whatif_base import BASE, CHANGED, Home, asked_as, home_of, refusals
from optimizer.batch.whatif_files import fill, hashed
from optimizer.explaining.carrying import carried
from optimizer.explaining.comparing import Comparison, Side, compare
from optimizer.explaining.facts import facts_of
from optimizer.findings import Finding, has_errors
from optimizer.interrupts import interruptible
from optimizer.reading.instance import Reading
from optimizer.reading.write import files_of
from optimizer.reporting import output
from optimizer.reporting.comparing import side_of
from optimizer.reporting.summary import Summary
from optimizer.scenarios.apply import patched
from optimizer.scenarios.patch import Patch
from optimizer.settings import Settings
from optimizer.solving.outcome import Outcome, Progress, relative_gap
from optimizer.solving.solve import solve

SEVERITY = (
    *(pipeline.DONE, pipeline.NOT_PROVEN, pipeline.NO_PLAN, pipeline.INFEASIBLE),
    *(pipeline.WRONG_INPUT, pipeline.INTERRUPTED, pipeline.PROGRAM_ERROR),
)
"""Exit codes from the best to the worst."""
START = "unchanged"
"""The plan of the unchanged instance, as a start of the changed solve."""
_STATUS_CODES = {"optimal": 0, "gap_reached": 0, "time_limit": 3, "interrupted": 130, "infeasible": 4, "no_plan": 5}


@dataclass(frozen=True)
class Answer:
    """The end of a what-if. `comparison` is None unless both have a plan; `notes` are said beside it."""

    code: int
    findings: tuple[Finding, ...] = ()
    base: Summary | None = None
    changed: Summary | None = None
    comparison: Comparison | None = None
    patches: tuple[Patch, ...] = ()
    notes: tuple[str, ...] = ()
    folder: Path | None = None


@dataclass
class _Watch(pipeline.Stopwatch):
    """Times its own parts alone: the other solve happens in between."""

    def finish(self) -> dict[str, float]:
        self.seconds.setdefault("write", 0.0)
        parts = {name: value for name, value in self.seconds.items() if name not in ("handover", "total")}
        self.seconds["total"] = sum(parts.values())
        return dict(self.seconds)


@dataclass(frozen=True)
class _Solved:
    """One of the two, solved."""

    problem: Problem
    run: pipeline.Run
    verdict: Verdict | None
    code: int

    def side(self, name: str) -> Side | None:
        """As a side of the comparison; None without a plan."""
        outcome = self.run.outcome
        if outcome.plan is None or self.verdict is None:
            return None
        bound = None if outcome.bound is None else min(outcome.bound, self.verdict.terms.total)
        return Side(
            name, self.problem, outcome.plan, facts_of(self.problem, outcome.plan), self.verdict.terms, (), bound
        )


@dataclass
class _Solver:
    """Solves both alike; `spent` are the seconds of solving until now."""

    formulation: str
    settings: Settings
    out: Path
    stop: Callable[[], bool]
    progress: Callable[[Progress], None] | None
    spent: float = 0.0
    notes: list[str] = field(default_factory=list)

    def outcome(
        self, name: str, problem: Problem, seconds: float, watch: _Watch, extra: Sequence[tuple[str, Plan]] = ()
    ) -> tuple[Outcome, tuple[Any, ...], Plan | None]:
        """The solve, with the two cases to compare with, and what first come, first served gives."""
        with watch.part("baselines"):
            compared, starts = pipeline.judged_baselines(problem)
        begun = [*starts, *extra]
        settings = replace(self.settings, seconds=seconds)
        tell = self._progress(name)
        chosen = FORMULATIONS[self.formulation]
        outcome = solve(problem, chosen, settings, starts=begun, progress=tell, stop=self.stop)
        if outcome.plan is None and outcome.status in ("interrupted", "no_plan"):
            outcome = pipeline.with_best_start(problem, outcome, begun, stopped=self.stop())
        watch.seconds.update(outcome.seconds)
        self.spent += outcome.seconds.get("solve", 0.0) + outcome.seconds.get("build", 0.0)
        return outcome, compared, dict(starts).get("first_come_first_served")

    def _progress(self, name: str) -> Callable[[Progress], None] | None:
        tell = self.progress
        return None if tell is None else lambda look: tell(replace(look, phase=f"{name}: {look.phase}"))

    def finished(
        self,
        where: tuple[Path, Problem, Reading, dict[str, bytes]],
        found: tuple[Outcome, tuple[Any, ...], Plan | None],
        watch: _Watch,
        name: str,
    ) -> _Solved:
        """Judged, valued, and ready to be written."""
        source, problem, reading, copies = where
        outcome, compared, first = found
        with watch.part("check"):
            verdict = None if outcome.plan is None else pipeline.judged(problem, outcome.plan, outcome)
        with watch.part("explain"):
            values, outcome = pipeline.valued(problem, outcome, self.settings, self.stop)
        stopped = self.stop() and outcome.status in ("interrupted", "no_plan")
        code = pipeline.INTERRUPTED if stopped else _STATUS_CODES[outcome.status]
        run = pipeline.Run(
            source, self.out / name, problem, reading, copies, outcome, self.settings, watch, compared, first, values
        )
        return _Solved(problem, run, verdict, code)


def what_if(
    instance: Path,
    out: Path,
    patches: Sequence[Patch],
    *,
    base: Path | None = None,
    given: Mapping[str, Any] | None = None,
    findings: Sequence[Finding] = (),
    progress: Callable[[Progress], None] | None = None,
) -> Answer:
    """Solve the instance as it is and as the patches make it, compare, and write all of it to `out`.

    Args:
        instance: an instance, or the folder of a plan, whose plan is then the base and is not solved again.
        out: the folder to write, whole or not at all: `base`, `changed`, the comparison, the scenario.
        patches: the changes, in order.
        base: the folder of a plan of `instance`, if `instance` is not one itself.
        given: `formulation` and fields of `Settings`; what is missing or None is as the base was solved, or as usual.
            `seconds` is the time of solving for both: the base may take half of it where it is solved here.
        findings: what is known to be wrong already; with an error nothing is solved.
        progress: called with every look at a running solve.

    Raises:
        BrokenPlanError: the checker refuses a plan.
        OutputError: the result cannot be put in place.
    """
    wrong = [*refusals(out, instance if output.is_ours(instance) else None, base)]
    home, found = home_of(instance, base)
    wrong += [*(finding for finding in found if home is None or finding.severity != "note"), *findings]
    if home is None:
        return Answer(pipeline.WRONG_INPUT, tuple(wrong))
    reading = patched(home.problem, patches)
    wrong += _news(reading, home.reading)
    if reading.problem is None or has_errors(wrong):
        return Answer(pipeline.WRONG_INPUT, tuple(wrong))
    formulation, settings = asked_as(home, given or {})
    with interruptible() as stop:
        solver = _Solver(formulation, settings, out, stop, progress)
        old, new, comparison = _both(solver, home, reading)
        summaries: dict[str, Summary] = {}

        def write(folder: Path) -> None:
            summaries[BASE] = _written(folder / BASE, home, old)
            summaries[CHANGED] = new.run.fill(_made(folder / CHANGED), new.verdict, _facts(new))
            fill(folder, patches, summaries, comparison, settings=settings, notes=solver.notes)

        code = max((_base_code(home, old), new.code), key=SEVERITY.index)
        output.write_or_keep(out, write)
    notes = tuple(solver.notes)
    both = summaries[BASE], summaries[CHANGED]
    return Answer(code, tuple(wrong), *both, comparison, tuple(patches), notes, out)


def _both(solver: _Solver, home: Home, reading: Reading) -> tuple[_Solved | None, _Solved, Comparison | None]:
    """The base, unless there is a plan, and the changed instance, solved; and what differs."""
    problem, whole = reading.problem, solver.settings.seconds
    assert problem is not None
    base_watch, watch = _Watch(), _Watch()
    solved = None if home.report is not None else solver.outcome(BASE, home.problem, whole / 2, base_watch)
    plan = home.report.plan if home.report is not None else solved[0].plan if solved is not None else None
    extra = []
    if plan is not None:
        start, _ = carried(plan, home.problem, problem)
        if check_plan(problem, start).passed:
            extra = [(START, start)]
        else:
            solver.notes.append("The plan of the unchanged instance is no legal start of the changed solve.")
    seconds = whole if solved is None else max(whole / 2, whole - solver.spent)
    changed = solver.outcome(CHANGED, problem, seconds, watch, extra)
    if changed[0].plan is not None and plan is not None:
        back, _ = carried(changed[0].plan, problem, home.problem)
        if solved is not None:
            solved = _taken_over(solver, home.problem, solved, back)
        elif home.report is not None and _better(home.problem, back, plan):
            solver.notes.append(
                "The plan of the changed instance is legal in the unchanged one, and better there than the base: "
                "a part of the difference is chance. A base that is solved longer will not have it."
            )
    old = None
    if solved is not None:
        old = solver.finished((home.source, home.problem, home.reading, home.copies), solved, base_watch, BASE)
    copies = files_of(problem)
    files = replace(reading, files=hashed(copies))
    new = solver.finished((Path(CHANGED), problem, files, copies), changed, watch, CHANGED)
    one = side_of(home.report, BASE) if home.report is not None else None
    one = old.side(BASE) if old is not None else one
    other = new.side(CHANGED)
    return old, new, None if one is None or other is None else compare(one, other)


def _taken_over(
    solver: _Solver, problem: Problem, solved: tuple[Outcome, tuple[Any, ...], Plan | None], back: Plan
) -> tuple[Outcome, tuple[Any, ...], Plan | None]:
    """The base with the plan of the changed instance, where that is better: what is found once counts for both."""
    outcome = solved[0]
    if outcome.plan is None or not _better(problem, back, outcome.plan):
        return solved
    value = check_plan(problem, back).terms.total
    note = "the plan found for the changed instance is better here, too, and was taken over"
    gap = relative_gap(value, outcome.bound)
    reached = outcome.status == "time_limit" and gap is not None and gap <= solver.settings.gap
    better = replace(
        outcome,
        plan=back,
        objective=None if problem.objective.mode == "lexicographic" else value,
        status="gap_reached" if reached else outcome.status,
        messages=(*outcome.messages, note),
    )
    return better, *solved[1:]


def _better(problem: Problem, plan: Plan, than: Plan) -> bool:
    """Whether the plan is legal, and better by more than rounding."""
    verdict, other = check_plan(problem, plan), check_plan(problem, than)
    if not verdict.passed:
        return False
    stages = (*(problem.objective.stages if problem.objective.mode == "lexicographic" else ()), "total")
    for stage in stages:
        one, two = getattr(verdict.terms, stage), getattr(other.terms, stage)
        if abs(one - two) > 1e-6 * max(1.0, abs(one), abs(two)):
            return bool(one < two)
    return False


def _news(changed: Reading, unchanged: Reading) -> list[Finding]:
    """What is said of the changed instance, without notes and what is said of the unchanged one, too."""

    def what(finding: Finding) -> tuple[Any, ...]:
        return finding.code, finding.file.partition(" after ")[0], finding.column, finding.value, finding.message

    known = {what(finding) for finding in unchanged.findings}
    return [found for found in changed.findings if found.severity != "note" and what(found) not in known]


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _facts(solved: _Solved) -> Any:
    plan = solved.run.outcome.plan
    return None if plan is None else facts_of(solved.problem, plan)


def _written(folder: Path, home: Home, old: _Solved | None) -> Summary:
    """The base in its folder: as it was solved here, or a copy of the plan that was given, byte for byte."""
    if old is not None:
        return old.run.fill(_made(folder), old.verdict, _facts(old))
    assert home.report is not None
    assert home.folder is not None
    output.copy_plan(home.folder, folder)
    return home.report.summary


def _base_code(home: Home, old: _Solved | None) -> int:
    """The exit code of the base; of a plan that was given what its solve ended with."""
    if old is not None:
        return old.code
    assert home.report is not None
    status = home.report.summary.status
    return pipeline.NOT_PROVEN if status == "interrupted" else _STATUS_CODES.get(status, pipeline.NOT_PROVEN)
