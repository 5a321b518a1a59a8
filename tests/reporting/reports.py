"""Reports on the small instance of `tests.builders`, made without reading a file or running a solver."""

from __future__ import annotations

from models.checker import check_plan
from models.plan import Plan
from models.problem import Problem
from optimizer.explaining.facts import facts_of
from optimizer.reporting.summary import Baseline, Report, baseline, summarise
from optimizer.solving.outcome import Outcome, Status
from tests.builders import small_plan, small_problem


def an_outcome(plan: Plan | None, objective: float | None, status: Status = "optimal", **changes: object) -> Outcome:
    """The end of a solve that proved its plan, unless told otherwise."""
    fields: dict[str, object] = {
        "status": status,
        "plan": plan,
        "objective": objective,
        "bound": objective,
        "formulation": "slots",
        "method": "branch and bound",
        "matrix": None,
        "seconds": {"build": 0.25, "solve": 1.5},
    }
    return Outcome(**(fields | changes))  # type: ignore[arg-type]


def a_report(problem: Problem | None = None, plan: Plan | None = None, **outcome: object) -> Report:
    """A judged plan with a legal and an illegal case to compare with."""
    problem, plan = problem or small_problem(), plan or small_plan()
    verdict, facts = check_plan(problem, plan), facts_of(problem, plan)
    nothing = check_plan(problem, Plan())
    cases = (baseline("first_come_first_served", nothing), baseline("priority_list", verdict))
    ended = an_outcome(plan, verdict.terms.total, **outcome)
    summary = summarise(problem, ended, verdict=verdict, facts=facts, baselines=cases, seconds={"total": 2.0})
    return Report(problem, plan, verdict, facts, summary)


def a_baseline(**changes: object) -> Baseline:
    """A legal case to compare with, worth 100."""
    terms = {"needs_delay": 60.0, "orders_delay": 40.0, "readiness_shortfall": 0.0, "plan_change": 0.0}
    return Baseline("priority_list", 100.0, terms, "passed")
