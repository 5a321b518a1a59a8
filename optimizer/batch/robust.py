"""`burdenshare solve --robust`: read → draw scenarios → solve them together → judge → write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

from models.catalog import DEFAULT, FORMULATIONS
from models.checker import check_plan
from models.facts import Facts
from models.stochastic.compared import differences
from models.stochastic.scenario import shared_periods
from models.stochastic.scenario_model import fits
from optimizer.findings import Finding
from optimizer.interrupts import interruptible
from optimizer.judging import judged, judged_baselines, with_best_start
from optimizer.pipeline import WRONG_INPUT, Result, Run, Stopwatch, exit_code, valued
from optimizer.reading.instance import read_instance
from optimizer.reporting import output
from optimizer.reporting.hedging import Hedging
from optimizer.scenarios.robust_file import RobustFile, read_robust
from optimizer.scenarios.scenario_set import ScenarioSet, scenario_set
from optimizer.settings import Settings
from optimizer.solving.outcome import Progress
from optimizer.solving.robust import solve_robust
from optimizer.solving.robust_outcome import RobustOutcome
from optimizer.solving.solve import solve

FITTING = tuple(name for name, formulation in FORMULATIONS.items() if fits(formulation))
"""Formulations in which scenarios can be linked."""
WEIGHTED = "a robust plan weighs all terms in one sum: the stages of [objective] were not used"
ROBUST_FILE = "robust.toml"


def solve_robust_instance(
    instance: Path,
    out: Path,
    robust: Path,
    *,
    formulation: str = DEFAULT,
    settings: Settings | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Result:
    """Find the plan whose first weeks serve the scenarios of a robust file best, judge it and write it to `out`.

    Raises as `optimizer.pipeline.solve_instance`, and `ValueError` for a formulation that is not in `FITTING`.
    """
    if formulation not in FITTING:
        raise ValueError(f"scenarios cannot be linked in {formulation!r}; they can in {', '.join(FITTING)}")
    settings, watch = settings or Settings(), Stopwatch()
    refused = output.refusal(out)
    with watch.part("read"):
        source = output.instance_in(instance)
        reading = read_instance(source)
        problem = reading.problem
        file, found = read_robust(robust, problem)
        findings = (*([] if refused is None else [refused]), *reading.findings, *found)
        if problem is None or file is None or refused is not None:
            return Result(WRONG_INPUT, findings)
        copies = output.snapshot(source, reading.files)
        beside = {ROBUST_FILE: robust.read_bytes(), Path(file.disturbance_file).name: file.disturbance_bytes}
    with interruptible() as stop:
        with watch.part("baselines"):
            compared, starts = judged_baselines(problem)
        with watch.part("scenarios"):
            scenarios = scenario_set(problem, file)
        answer = solve_robust(
            scenarios.program, FORMULATIONS[formulation], settings, starts=starts, progress=progress, stop=stop
        )
        outcome = answer.outcome
        if outcome.status == "infeasible":  # the nominal instance has no plan: the plain solve says what clashes
            outcome = solve(problem, FORMULATIONS[formulation], settings, starts=starts, progress=progress, stop=stop)
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
        hedging = hedging_of(scenarios, file, replace(answer, outcome=outcome))
        run = Run(
            source, out, problem, reading, copies, outcome, settings, watch, compared, first, values,
            formulation=FORMULATIONS[formulation], hedging=hedging, beside=beside,
        )  # fmt: skip
        written = run.write(verdict)
    notes: tuple[Finding, ...] = (*reading.findings, *found)
    return replace(written, code=code, findings=notes)


def hedging_of(scenarios: ScenarioSet, file: RobustFile, answer: RobustOutcome) -> Hedging | None:
    """What is told of the hedging; None without figures."""
    figures, plan, nominal = answer.figures, answer.outcome.plan, answer.nominal
    if figures is None or plan is None:
        return None
    problem = scenarios.program.nominal
    first = shared_periods(Facts(problem), file.shared_weeks)
    return Hedging(
        **{row.name: getattr(figures, row.name) for row in fields(figures)},
        nominal_objective=None if nominal is None else check_plan(problem, nominal).terms.total,
        draws=file.draws,
        seed=file.seed,
        lost=scenarios.lost,
        broken_weeks=file.prices.broken_weeks,
        missed_weeks=file.prices.missed_weeks,
        disturbances=file.disturbance_file,
        first_weeks=() if nominal is None else differences(problem, nominal, plan, first),
    )
