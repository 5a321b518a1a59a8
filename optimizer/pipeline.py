"""The whole flow: read → judge → compare with the two cases → solve → check → write."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from models.bulk.size import is_book, times_large
from models.catalog import DEFAULT, FORMULATIONS
from models.formulation import Formulation
from models.plan import Plan, Verdict
from models.problem import Problem
from optimizer.continuing import BEFORE, Stood, left_starts, standing_anew, stood_in
from optimizer.explaining.facts import Facts, facts_of
from optimizer.explaining.values import WRITTEN, MarginalValues
from optimizer.findings import Finding, error
from optimizer.interrupts import interruptible
from optimizer.judging import judged, judged_baselines, with_best_start
from optimizer.reading.instance import Reading, read_instance
from optimizer.reporting import output
from optimizer.reporting.hedging import Hedging
from optimizer.reporting.manifest import manifest
from optimizer.reporting.previous import Rolled, roll_on, rolled_from
from optimizer.reporting.replanned import Replanning
from optimizer.reporting.replanning import replanning
from optimizer.reporting.starts import hashes, starts_text, write_starts
from optimizer.reporting.summary import Baseline, Report, Summary, summarise
from optimizer.settings import Settings
from optimizer.solving.checkpoint import Checkpoint
from optimizer.solving.outcome import Outcome, Progress
from optimizer.solving.places.link import ready
from optimizer.solving.places.where import BESIDE, Where
from optimizer.solving.solve import SolverError, solve
from optimizer.valuing.values import NOT_IN_TIME, marginal_values

DONE, PROGRAM_ERROR, WRONG_INPUT, NOT_PROVEN, INFEASIBLE, NO_PLAN, OTHERWISE, INTERRUPTED = 0, 1, 2, 3, 4, 5, 6, 130
"""The exit codes of `interface.md`."""
_CODES = {
    "optimal": DONE,
    "gap_reached": DONE,
    "time_limit": NOT_PROVEN,
    "interrupted": INTERRUPTED,
    "infeasible": INFEASIBLE,
    "no_plan": NO_PLAN,
}

ACTUALS_IGNORED = Finding(
    "note", "actuals_ignored", "actuals", message="The table is for planning on from a plan before (--previous)."
)
VALUING_SECONDS, VALUING_SHARE = 15.0, 0.25
"""Seconds (or units of work), and share of the limit of solving, that the values of one more may take at most."""


@dataclass(frozen=True)
class Result:
    """The end of a run. `folder` is where something was written, None if nothing was; `code` the exit code."""

    code: int
    findings: tuple[Finding, ...] = ()
    summary: Summary | None = None
    folder: Path | None = None
    holds_plan: bool = False


@dataclass
class Stopwatch:
    """Wall-clock seconds by part since it was made; parts of one name add up."""

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(("read", "build", "solve", "check"), 0.0))
    started: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    _begin: float = field(default_factory=time.perf_counter)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time what happens inside."""
        begin = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begin

    def finish(self) -> dict[str, float]:
        """The seconds of all parts and the total, up to now."""
        self.seconds.setdefault("write", 0.0)
        self.seconds["total"] = time.perf_counter() - self._begin
        return dict(self.seconds)


def solve_instance(
    instance: Path,
    out: Path,
    formulation: str | Formulation = DEFAULT,
    settings: Settings | None = None,
    progress: Callable[[Progress], None] | None = None,
    *,
    previous: Path | None = None,
    hold: bool = True,
    given: Sequence[tuple[str, Plan]] = (),
    name: str | None = None,
    usual: bool = False,
    checkpoint: Path | None = None,
    where: Where = BESIDE,
    stood: Stood | None = None,
) -> Result:
    """Find a plan for the instance, judge it and write it to `out`; the same as `burdenshare solve`.

    `previous`: the folder of the plan before, from which is planned on (docs/replanning.md); `hold`: where nothing has
    changed since, that plan stands with the gap it has, and is not improved on. `given`: plans to start from before the
    two cases to compare with, kept beside the plan; `name`: what the manifest calls the instance, its folder's or
    workbook's own name if None. `usual`: nobody chose the seconds, so an order book takes more, by its size; so
    it is without `settings`. `checkpoint`: a folder that keeps what is found, and from which the solve goes on; what it
    keeps of the instance is taken away once a plan is written whose gap is proven. `where`:
    parts of an order book are solved; a plan by work does not depend on it, and the manifest does not name it.
    `stood`: a plan of the instance that stands, as it did when it was planned on; nothing is searched for.

    Raises `KeyError` for an unknown formulation, `BrokenPlanError` if the checker refuses the plan, `OutputError` if
    the result cannot be put in place, `ClusterError` if the cluster does not answer or fit, `MissingExtraError` if its
    library is not there; then nothing is written.
    """
    chosen = FORMULATIONS[formulation] if isinstance(formulation, str) else formulation
    usual = usual or settings is None
    settings, watch = settings or Settings(), Stopwatch()
    refused = output.refusal(out) or _no_folder(checkpoint)
    with watch.part("read"):
        source = output.instance_in(instance)
        rolled, reading, copies = _read(source, previous)
        problem = reading.problem
        if problem is None:
            return Result(WRONG_INPUT, reading.findings if refused is None else (refused, *reading.findings))
        if refused is not None:
            return Result(WRONG_INPUT, (refused,))
        settings = settings.grown(times_large(problem)) if usual else settings
    ready(where)
    with interruptible() as stop:
        with watch.part("baselines"):
            compared, starts = judged_baselines(problem)
        if stood is None and rolled is not None:
            stood = stood_in(rolled, settings, hold=hold)
        if stood is not None:
            given = ((BEFORE, stood.plan),)
            outcome = standing_anew(problem, stood, chosen, settings, progress=progress, stop=stop, where=where)
        else:
            given = (*given, *(() if rolled is None else left_starts(rolled)))
            outcome = solve(
                problem,
                chosen,
                settings,
                starts=[*given, *starts],
                progress=progress,
                stop=stop,
                checkpoint=checkpoint,
                where=where,
            )
        if outcome.plan is None and outcome.status in ("interrupted", "no_plan") and not output.holds_plan(out):
            outcome = with_best_start(problem, outcome, starts, stopped=stop())
        watch.seconds.update(outcome.seconds)
        with watch.part("check"):
            verdict = None if outcome.plan is None else judged(problem, outcome.plan, outcome)
        with watch.part("explain"):
            values, outcome = valued(problem, outcome, settings, stop)
        code = INTERRUPTED if stop() and outcome.status in ("interrupted", "no_plan") else _CODES[outcome.status]
        first = dict(starts).get("first_come_first_served")
        run = Run(
            source, out, problem, reading, copies, outcome, settings, watch, compared, first, values, rolled, stood
        )
        run = replace(run, formulation=chosen, starts=starts_text(given), name=name)
        written = run.write(verdict)
    if checkpoint is not None and code in (DONE, INFEASIBLE):
        Checkpoint(checkpoint, problem).clear()
    return replace(written, code=code, findings=reading.findings)


def _no_folder(checkpoint: Path | None) -> Finding | None:
    """Why nothing can be kept in this folder; None if it can, or nothing is to be kept."""
    if checkpoint is None:
        return None
    try:
        checkpoint.mkdir(parents=True, exist_ok=True)
        if os.access(checkpoint, os.W_OK):
            return None
        why = "it cannot be written to"
    except OSError as wrong:
        why = wrong.strerror or str(wrong)
    message = f"no checkpoint can be kept here: {why}"
    return error("cannot_write", str(checkpoint), message, expected="a folder, new or not")


def _read(source: Path, previous: Path | None) -> tuple[Rolled | None, Reading, dict[str, bytes]]:
    """The instance that is to be solved, judged, with the bytes of its files; rolled on from a plan before, if any."""
    if previous is None:
        reading = read_instance(source)
        if reading.problem is None:
            return None, reading, {}
        if reading.problem.actuals:
            reading = replace(reading, findings=(*reading.findings, ACTUALS_IGNORED))
        return None, reading, output.snapshot(source, reading.files)
    rolled, findings = roll_on(source, previous)
    if rolled is None:
        return None, Reading(None, findings, ()), {}
    return rolled, rolled.reading, rolled.copies


def exit_code(outcome: Outcome, *, stopped: bool) -> int:
    """The exit code of a solve that ended so."""
    return INTERRUPTED if stopped and outcome.status in ("interrupted", "no_plan") else _CODES[outcome.status]


def valued(
    problem: Problem, outcome: Outcome, settings: Settings, stop: Callable[[], bool]
) -> tuple[MarginalValues | None, Outcome]:
    """What one more slot or component is worth beside the plan, and the outcome with what is to be said of it.

    No plan fails by it. Takes a share of the time of solving at most: values that are not all there by then are left
    out, and the command that finds them is said.
    """
    if outcome.plan is None or stop():
        return None, replace(outcome, repeatable=outcome.repeatable and not stop())
    if is_book(problem):
        note = "the instance is large, so nobody asked what one more slot is worth: `burdenshare value DIR` finds it"
        return None, replace(outcome, messages=(*outcome.messages, note))
    most = min(VALUING_SECONDS, VALUING_SHARE * settings.limit)
    work, seconds = (None, most) if settings.work is None else (most, settings.seconds)
    try:
        values = marginal_values(problem, outcome.plan, seconds=seconds, kinds=WRITTEN, stop=stop, work=work)
    except (SolverError, ValueError, KeyError, OSError) as wrong:
        note = f"nothing was valued: {(str(wrong).strip() or type(wrong).__name__).splitlines()[-1]}"
        return None, replace(outcome, messages=(*outcome.messages, note), repeatable=False)
    if values.complete:
        return values, outcome
    unit = "s" if work is None else "units of work"
    note = f"what one more slot is worth was not all found in {most:.0f} {unit}: `burdenshare value DIR` finds it"
    ended = NOT_IN_TIME in values.messages  # by the wall or by the user: not what another run would do
    return None, replace(outcome, messages=(*outcome.messages, note), repeatable=outcome.repeatable and not ended)


@dataclass(frozen=True)
class Run:
    """A solve that ended, ready to be written.

    `formulation`, `starts`: as asked, and the files of the plans given to start from; `name`: of the instance, that of
    `source` if None. A rerun needs them.
    """

    source: Path
    out: Path
    problem: Problem
    reading: Reading
    copies: dict[str, bytes]
    outcome: Outcome
    settings: Settings
    watch: Stopwatch
    baselines: Sequence[Baseline]
    served_first: Plan | None = None
    values: MarginalValues | None = None
    rolled: Rolled | None = None
    stood: Stood | None = None
    replanning: Replanning | None = None
    hedging: Hedging | None = None
    """What a robust solve hedged."""
    beside: Mapping[str, bytes] = field(default_factory=dict)
    """Files to keep in the folder, by name."""
    formulation: Formulation | None = None
    starts: Mapping[str, bytes] = field(default_factory=dict)
    name: str | None = None
    valued: bool = True
    """Whether it was asked what one more is worth."""
    command: str = "solve"
    """What found the plan; only `solve` can be run again by its folder alone."""

    def write(self, verdict: Verdict | None) -> Result:
        """Write the plan, or the account of why there is none. A plan is never replaced by one that timed out."""
        plan, facts = self.outcome.plan, None
        if plan is None and self.outcome.status != "infeasible" and output.holds_plan(self.out):
            return Result(NO_PLAN, summary=self._summary(None, None))
        run = self
        if plan is not None and verdict is not None:
            facts = facts_of(self.problem, plan)
            if self.rolled is not None:
                bound = self.outcome.bound
                account = replanning(self.rolled, plan, facts, verdict.terms, bound=bound, held=self.stood is not None)
                run = replace(self, replanning=account)
        summary = output.write_or_keep(self.out, lambda folder: run.fill(folder, verdict, facts))
        return Result(DONE, summary=summary, folder=self.out, holds_plan=plan is not None)

    def fill(self, folder: Path, verdict: Verdict | None, facts: Facts | None) -> Summary:
        """Write every file of the result into the folder."""
        with self.watch.part("write"):
            output.copy_instance(folder, self.copies)
            for name, content in self.beside.items():
                (folder / name).write_bytes(content)
            write_starts(folder, self.starts)
            if self.outcome.plan is not None and verdict is not None and facts is not None:
                summary = self._summary(verdict, facts)
                first, values = self.served_first, self.values
                report = Report(self.problem, self.outcome.plan, verdict, facts, summary, first, values)
                output.write_plan_files(folder, report)
            if self.outcome.clashes:
                output.write_json(folder / output.CLASHES, self._summary(None, None).as_dict()["clashes"])
        summary = self._summary(verdict, facts)
        output.write_json(folder / output.SUMMARY, summary.as_dict())
        output.write_json(folder / output.MANIFEST, self._manifest(summary))
        return summary

    @property
    def _warnings(self) -> list[str]:
        found = [finding.line() for finding in self.reading.findings if finding.severity == "warning"]
        return [*found, *self.outcome.messages]

    def _summary(self, verdict: Verdict | None, facts: Facts | None) -> Summary:
        seconds = self.watch.finish()
        return summarise(
            self.problem,
            self.outcome,
            verdict=verdict,
            facts=facts,
            baselines=self.baselines,
            seconds=seconds,
            warnings=self.outcome.messages,
            replanning=self.replanning,
            robust=self.hedging,
        )

    def _manifest(self, summary: Summary) -> dict[str, object]:
        return manifest(
            self.name or self.source.name,
            files=self.reading.files,
            outcome=self.outcome,
            settings=self.settings,
            formulation=self.formulation,
            starts=hashes(self.starts),
            stood=None if self.stood is None else self.stood.as_dict(),
            valued=self.valued,
            seconds=summary.seconds,
            started=self.watch.started,
            warnings=self._warnings,
            rolled_from=None if self.rolled is None else rolled_from(self.rolled),
            beside=self.beside,
            command=self.command,
        )
