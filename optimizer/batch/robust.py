"""`burdenshare solve --robust`: read → draw → find candidates and choose by execution → judge → write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from models.catalog import DEFAULT, FORMULATIONS
from models.facts import Facts
from models.formulation import Formulation
from models.stochastic.compared import differences
from models.stochastic.scenario import shared_periods
from models.stochastic.scenario_model import fits
from optimizer.batch.robust_plan import RobustPlan, search_robust
from optimizer.batch.trials import training_of
from optimizer.findings import Finding
from optimizer.interrupts import interruptible
from optimizer.judging import judged, judged_baselines, with_best_start
from optimizer.pipeline import WRONG_INPUT, Result, Run, Stopwatch, exit_code, valued
from optimizer.reading.instance import read_instance
from optimizer.reporting import output
from optimizer.reporting.hedging import Candidate, Hedging
from optimizer.scenarios.robust_file import KEPT as ROBUST_FILE
from optimizer.scenarios.robust_file import RobustFile, read_robust
from optimizer.scenarios.scenario_set import ScenarioSet, scenario_set
from optimizer.settings import Settings
from optimizer.solving.outcome import Progress

FITTING = tuple(name for name, formulation in FORMULATIONS.items() if fits(formulation))
"""Formulations in which scenarios can be linked."""
WEIGHTED = "a robust plan weighs all terms in one sum: the stages of [objective] were not used"


def solve_robust_instance(
    instance: Path,
    out: Path,
    robust: Path,
    *,
    formulation: str | Formulation = DEFAULT,
    settings: Settings | None = None,
    progress: Callable[[Progress], None] | None = None,
    name: str | None = None,
    kept: bool = False,
) -> Result:
    """Find the plan that does best when it is executed in the draws of a robust file, judge it and write it to `out`.

    `name`: what the manifest calls the instance, its own name if None; `kept`: the robust file is the copy in a plan's
    folder, and the files that it names lie beside it.

    Raises as `optimizer.pipeline.solve_instance`, and `ValueError` for a formulation that does not fit (`FITTING`).
    """
    model = FORMULATIONS[formulation] if isinstance(formulation, str) else formulation
    if not fits(model):
        raise ValueError(f"scenarios cannot be linked in {model.name!r}; they can in {', '.join(FITTING)}")
    settings, watch = settings or Settings(), Stopwatch()
    refused = output.refusal(out)
    with watch.part("read"):
        source = output.instance_in(instance)
        reading = read_instance(source)
        problem = reading.problem
        file, found = read_robust(robust, problem, kept=kept)
        findings = (*([] if refused is None else [refused]), *reading.findings, *found)
        if problem is None or file is None or refused is not None:
            return Result(WRONG_INPUT, findings)
        copies = output.snapshot(source, reading.files)
        beside = {ROBUST_FILE: robust.read_bytes(), **file.files}
    with interruptible() as stop:
        with watch.part("baselines"):
            compared, starts = judged_baselines(problem)
        with watch.part("scenarios"):
            scenarios, training = scenario_set(problem, file), training_of(problem, file)
        found_plan = search_robust(scenarios, training, model, settings, starts=starts, progress=progress, stop=stop)
        outcome = found_plan.outcome
        if outcome.plan is None and outcome.status in ("interrupted", "no_plan") and not output.holds_plan(out):
            outcome = with_best_start(problem, outcome, starts, stopped=stop())
        if problem.objective.mode == "lexicographic":
            outcome = replace(outcome, messages=(*outcome.messages, WEIGHTED))
        watch.seconds.update(outcome.seconds)
        with watch.part("check"):
            verdict = None if outcome.plan is None else judged(problem, outcome.plan, outcome)
        with watch.part("explain"):
            values, outcome = valued(problem, outcome, settings, stop)
        code = exit_code(outcome, stopped=stop())
        first = dict(starts).get("first_come_first_served")
        hedging = hedging_of(scenarios, file, replace(found_plan, outcome=outcome))
        run = Run(
            source, out, problem, reading, copies, outcome, settings, watch, compared, first, values,
            hedging=hedging, beside=beside, formulation=model, name=name,
        )  # fmt: skip
        written = run.write(verdict)
    notes: tuple[Finding, ...] = (*reading.findings, *found)
    return replace(written, code=code, findings=notes)


def hedging_of(scenarios: ScenarioSet, file: RobustFile, answer: RobustPlan) -> Hedging | None:
    """What is told of a robust solve; None without a plan that was tried out."""
    figures, plan, choice = answer.figures, answer.outcome.plan, answer.choice
    if choice is None or plan is None:
        return None
    problem = scenarios.program.nominal
    first = shared_periods(Facts(problem), file.shared_weeks)
    nominal = choice.trials[0]
    return Hedging(
        level=file.risk.level,
        weight=file.risk.weight,
        shared_weeks=file.shared_weeks,
        figures=figures,
        nominal_objective=nominal.objective,
        draws=file.draws,
        seed=file.seed,
        lost=scenarios.lost,
        broken_weeks=file.prices.broken_weeks,
        missed_weeks=file.prices.missed_weeks,
        disturbances=file.disturbance_file,
        first_weeks=differences(problem, nominal.plan, plan, first),
        taken=choice.taken.name,
        trained=len(nominal.delay) - 1 - len(file.named),
        named=tuple(row.name for row in file.named),
        candidates=tuple(
            Candidate(trial.name, trial.objective, **asdict(gain))
            for trial, gain in zip(choice.trials, choice.gains, strict=True)
        ),
    )
