"""Judging what a solve gave, and the two cases to compare with, by the checker that shares no code with the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from models.baselines import first_come_first_served, priority_list
from models.checker import check_plan
from models.plan import Plan, Verdict
from models.problem import Problem
from optimizer.reporting.summary import BASELINES, Baseline, baseline
from optimizer.solving.outcome import Outcome, Status

AGREEMENT = 1e-4
"""Relative difference allowed between the solver's objective and the checker's: the tolerances of the solver."""


class BrokenPlanError(Exception):
    """The plan of a formulation breaks a rule, or is not worth what was claimed: a fault of the program."""


def judged_baselines(problem: Problem) -> tuple[tuple[Baseline, ...], list[tuple[str, Plan]]]:
    """The two cases to compare with, and those of them that are legal plans and may start the solver."""
    plans = {"first_come_first_served": first_come_first_served(problem), "priority_list": priority_list(problem)}
    verdicts = {name: check_plan(problem, plan) for name, plan in plans.items()}
    starts = [(name, plans[name]) for name, verdict in verdicts.items() if verdict.passed]
    return tuple(baseline(name, verdict) for name, verdict in verdicts.items()), starts


def with_best_start(
    problem: Problem, outcome: Outcome, starts: Sequence[tuple[str, Plan]], *, stopped: bool
) -> Outcome:
    """A solve that ended too early to take up any plan, with the best of the legal plans known before it began."""
    if not starts:
        return outcome
    stages = problem.objective.stages if problem.objective.mode == "lexicographic" else ()

    def worth(start: tuple[str, Plan]) -> tuple[float, ...]:
        terms = check_plan(problem, start[1]).terms
        return (*(float(getattr(terms, stage)) for stage in stages), terms.total)

    name, plan = min(starts, key=worth)
    which = "one of the two cases to compare with" if name in BASELINES else "from which it started"
    note = f"the solver had no plan yet when it stopped: this is the plan {name!r}, {which}"
    status: Status = "interrupted" if stopped else "time_limit"
    return replace(outcome, status=status, plan=plan, objective=None, messages=(*outcome.messages, note))


def judged(problem: Problem, plan: Plan, outcome: Outcome) -> Verdict:
    """The checker's verdict. Raises `BrokenPlanError` unless the plan is legal and worth what the solver says."""
    verdict = check_plan(problem, plan)
    if not verdict.passed:
        broken = "\n".join(f"  {v.rule}{list(v.index)}: {v.message} (by {v.amount:g})" for v in verdict.violations)
        raise BrokenPlanError(f"the plan of `{outcome.formulation}` breaks rules of the problem:\n{broken}")
    value = verdict.terms.total
    slack = AGREEMENT * max(1.0, abs(value))
    # a solve that ended before the optimum may hand over a plan that is better than its variables say, never a worse
    # one; below the bound it cannot be
    lower = outcome.objective if outcome.status == "optimal" else outcome.bound
    if outcome.objective is not None and not (lower or 0.0) - slack <= value <= outcome.objective + slack:
        raise BrokenPlanError(
            f"the plan of `{outcome.formulation}` is worth {value:.9g}, and the solver says {outcome.objective:.9g}"
        )
    return verdict
