"""What if: the instance and a changed one solved alike, and the two plans compared.

Two runs of a heuristic differ by chance, and that must not pass for an effect. So the changed solve starts from the
plan of the unchanged instance, put off where it has to be to be a legal plan there; and if the changed instance's plan
turns out to be legal in the unchanged one, and better there, it is taken over. What is left may still be chance: the
bounds of both say whether the difference is proven (`Comparison.significance`).
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
from optimizer import judging, pipeline
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
from optimizer.reporting.starts import starts_text
from optimizer.reporting.summary import Baseline, Summary
from optimizer.rolling.relisted import relisted
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
_PROVEN = ("optimal", "gap_reached")


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
class _Ended:
    """A solve that ended: with which settings, from which plans beside the two cases to compare with."""

    outcome: Outcome
    settings: Settings
    watch: _Watch
    compared: tuple[Baseline, ...]
    first: Plan | None
    given: tuple[tuple[str, Plan], ...]


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

    def ended(self, name: str, problem: Problem, settings: Settings, given: Sequence[tuple[str, Plan]] = ()) -> _Ended:
        """The solve, with the two cases to compare with; `given`: plans to start from before them."""
        watch = _Watch()
        with watch.part("baselines"):
            compared, starts = judging.judged_baselines(problem)
        begun = [*given, *starts]
        chosen = FORMULATIONS[self.formulation]
        tell = self._progress(name)
        outcome = solve(problem, chosen, settings, starts=begun, progress=tell, stop=self.stop)
        if outcome.plan is None and outcome.status in ("interrupted", "no_plan"):
            outcome = judging.with_best_start(problem, outcome, begun, stopped=self.stop())
        watch.seconds.update(outcome.seconds)
        self.spent += outcome.seconds.get("solve", 0.0) + outcome.seconds.get("build", 0.0)
        first = dict(starts).get("first_come_first_served")
        return _Ended(outcome, settings, watch, compared, first, tuple(given))

    def _progress(self, name: str) -> Callable[[Progress], None] | None:
        tell = self.progress
        return None if tell is None else lambda look: tell(replace(look, phase=f"{name}: {look.phase}"))

    def finished(
        self, name: str, source: Path, reading: Reading, problem: Problem, *, copies: dict[str, bytes], ended: _Ended
    ) -> _Solved:
        """Judged, valued, and ready to be written."""
        outcome, watch = ended.outcome, ended.watch
        with watch.part("check"):
            verdict = None if outcome.plan is None else judging.judged(problem, outcome.plan, outcome)
        with watch.part("explain"):
            values, outcome = pipeline.valued(problem, outcome, ended.settings, self.stop)
        code = pipeline.exit_code(outcome, stopped=self.stop())
        compared, first = ended.compared, ended.first
        run = pipeline.Run(
            *(
                source,
                self.out / name,
                problem,
                reading,
                copies,
                outcome,
                ended.settings,
                watch,
                compared,
                first,
                values,
            )
        )
        chosen = FORMULATIONS[self.formulation]
        run = replace(run, formulation=chosen, starts=starts_text(ended.given))
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
            `seconds` or `work` is for both solves together, where the base is solved here.
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
    problem, whole = reading.problem, solver.settings
    assert problem is not None
    base = None if home.report is not None else solver.ended(BASE, home.problem, _half(whole))
    plan = home.report.plan if home.report is not None else base.outcome.plan if base is not None else None
    given = [] if plan is None else _starts(solver, plan, home.problem, problem)
    changed = solver.ended(CHANGED, problem, whole if base is None else _rest(whole, solver.spent), given)
    if changed.outcome.plan is not None and plan is not None:
        back, _ = carried(changed.outcome.plan, problem, home.problem)
        if base is not None:
            base = _taken_over(home.problem, base, back)
        elif _better(home.problem, back, plan):
            solver.notes.append(
                "The plan of the changed instance is legal in the unchanged one, and better there than the base: "
                "a part of the difference is chance. A base that is solved longer will not have it."
            )
    old = None
    if base is not None:
        old = solver.finished(BASE, home.source, home.reading, home.problem, copies=home.copies, ended=base)
    copies = files_of(problem)
    files = Reading(problem, _as_read(reading, problem), hashed(copies))
    new = solver.finished(CHANGED, Path(CHANGED), files, problem, copies=copies, ended=changed)
    one = side_of(home.report, BASE) if home.report is not None else None
    one = old.side(BASE) if old is not None else one
    other = new.side(CHANGED)
    return old, new, None if one is None or other is None else compare(one, other)


def _half(whole: Settings) -> Settings:
    """Half of what both may take."""
    if whole.work is not None:
        return replace(whole, work=whole.work / 2)
    return replace(whole, seconds=whole.seconds / 2)


def _rest(whole: Settings, spent: float) -> Settings:
    """What the base has left, half of it at least; by work always half, so that it comes out alike again."""
    half = _half(whole)
    return half if whole.work is not None else replace(whole, seconds=max(half.seconds, whole.seconds - spent))


def _starts(solver: _Solver, plan: Plan, home: Problem, problem: Problem) -> list[tuple[str, Plan]]:
    """The base's plan as a start of the changed solve: as it is, else put off where it has to be."""
    start, _ = carried(plan, home, problem)
    if check_plan(problem, start).passed:
        return [(START, start)]
    later = relisted(problem, start)
    if check_plan(problem, later).passed:
        solver.notes.append(
            "The plan of the unchanged instance is not legal in the changed one: "
            "the changed solve started from it put off where it has to be."
        )
        return [(START, later)]
    solver.notes.append("The plan of the unchanged instance is no legal start of the changed solve.")
    return []


def _taken_over(problem: Problem, base: _Ended, back: Plan) -> _Ended:
    """The base with the plan of the changed instance, where that is better: what is found once counts for both."""
    outcome = base.outcome
    if outcome.plan is None or not _better(problem, back, outcome.plan):
        return base
    value = check_plan(problem, back).terms.total
    note = "the plan found for the changed instance is better here, too, and was taken over"
    gap = relative_gap(value, outcome.bound)
    reached = outcome.status == "time_limit" and gap is not None and gap <= base.settings.gap
    better = replace(
        outcome,
        plan=back,
        objective=None if problem.objective.mode == "lexicographic" else value,
        status="gap_reached" if reached else outcome.status,
        messages=(*outcome.messages, note),
        repeatable=False,
    )
    return replace(base, outcome=better)


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


def _as_read(changed: Reading, problem: Problem) -> tuple[Finding, ...]:
    """What the reader will say of the changed instance once it is written."""
    again = patched(problem, ())
    return again.findings if again.problem is not None else changed.findings


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
    return pipeline.DONE if home.report.summary.status in _PROVEN else pipeline.NOT_PROVEN
