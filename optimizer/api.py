"""What scripts need, in one place: read, change, solve in memory, read plans back, compare, tables.

    from optimizer import api

    problem = api.read("instances/toy")
    more = api.patched(problem, set={"orders.O1.quantity": 6}, scale={"pledges.*.amount_usd_m": 0.5})
    before, after = api.solve(problem), api.solve(more)
    print(api.compare(before, after).difference, api.tables(after)["dispatches"])

Everything is the same as what the command does; errors of the input are raised as one `InputError` with all findings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.bulk.size import times_large
from models.catalog import DEFAULT, FORMULATIONS
from models.checker import check_plan
from models.formulation import Formulation
from models.plan import Plan, Terms, Verdict
from models.problem import Problem
from optimizer import judging, pipeline
from optimizer.explaining import comparing
from optimizer.explaining.carrying import carried
from optimizer.explaining.comparing import Comparison
from optimizer.explaining.facts import Facts, facts_of
from optimizer.findings import Finding, error, has_errors
from optimizer.reading.instance import Reading, read_instance
from optimizer.reading.write import write_folder, write_workbook
from optimizer.reporting import output
from optimizer.reporting.again import read_report
from optimizer.reporting.comparing import side_of, uncomparable
from optimizer.reporting.summary import Report, Summary, summarise
from optimizer.scenarios import apply
from optimizer.scenarios.difference import difference
from optimizer.scenarios.patch import Patch, judged_patch
from optimizer.scenarios.scenario_file import read_scenarios
from optimizer.settings import Settings
from optimizer.solving.places.link import ClusterError, ready
from optimizer.solving.places.where import BESIDE, Where
from optimizer.solving.solve import solve as solve_model

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "ClusterError",
    "Comparison",
    "Finding",
    "Formulation",
    "InputError",
    "Patch",
    "Plan",
    "Problem",
    "Settings",
    "Solution",
    "Where",
    "compare",
    "difference",
    "findings",
    "patch",
    "patched",
    "plan_from",
    "problem_from",
    "read",
    "read_plan",
    "scenarios",
    "solve",
    "tables",
    "write",
]

Name = str | PathLike[str]


class InputError(ValueError):
    """The input is wrong. `findings`: all that was found, warnings and notes among it; the text has a line an error."""

    def __init__(self, found: Sequence[Finding]) -> None:
        """All findings."""
        super().__init__("\n".join(finding.line() for finding in found if finding.severity == "error"))
        self.findings = tuple(found)


@dataclass(frozen=True)
class Solution:
    """A solve that ended, or a plan's folder read back: the plan, judged, and what is known of it.

    `report`: the plan with all that is said about it, what `tables` are made of; None where there is no plan.
    """

    problem: Problem
    summary: Summary
    report: Report | None = None

    @property
    def status(self) -> str:
        """Why the solve stopped: `optimal`, `gap_reached`, `time_limit`, `interrupted`, `infeasible`, `no_plan`."""
        return self.summary.status

    @property
    def plan(self) -> Plan | None:
        """All decisions; None where there is no plan."""
        return None if self.report is None else self.report.plan

    @property
    def verdict(self) -> Verdict | None:
        """What the checker says of the plan."""
        return None if self.report is None else self.report.verdict

    @property
    def facts(self) -> Facts | None:
        """What the plan means for every demand, package, donor and line."""
        return None if self.report is None else self.report.facts

    @property
    def terms(self) -> Terms | None:
        """The objective by term, in weight × million USD × weeks."""
        return None if self.report is None else self.report.verdict.terms

    @property
    def objective(self) -> float | None:
        """The sum of the terms."""
        return self.summary.objective

    @property
    def bound(self) -> float | None:
        """What no plan can be below; None where nothing is proven."""
        return self.summary.bound

    @property
    def gap(self) -> float | None:
        """(objective − bound) / objective."""
        return self.summary.gap


def _problem(reading: Reading) -> Problem:
    if reading.problem is None:
        raise InputError(reading.findings)
    return reading.problem


def read(path: Name) -> Problem:
    """The instance of a folder or a workbook. Raises `InputError` if anything in it is an error."""
    return _problem(read_instance(output.instance_in(Path(path))))


def findings(path: Name) -> tuple[Finding, ...]:
    """Every finding about an instance, as `burdenshare check` prints them."""
    return read_instance(output.instance_in(Path(path))).findings


def write(problem: Problem, path: Name) -> None:
    """Write an instance: a workbook if the path ends in .xlsx, else into a folder. Raises `OSError`."""
    target = Path(path)
    if target.suffix.lower() == ".xlsx":
        write_workbook(problem, target)
    else:
        write_folder(problem, target)


def scenarios(path: Name) -> dict[str, Patch]:
    """The scenarios of a file by name. Raises `InputError`."""
    found, wrong = read_scenarios(Path(path))
    if found is None:
        raise InputError(wrong)
    return found.patches


def patch(
    name: str,
    *changes: Mapping[str, Any],
    about: str = "",
    remove: Sequence[str] = (),
    add: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    set: Mapping[str, Any] | None = None,
    scale: Mapping[str, float] | None = None,
    shift: Mapping[str, float] | None = None,
) -> Patch:
    """A scenario made in code: `changes` as a scenario file writes them, then those by verb, in the order above.

    Raises `InputError` with everything that is wrong with it.
    """
    by_verb = _by_verb(remove=remove, add=add, set=set, scale=scale, shift=shift)
    made, wrong = judged_patch(name, {"about": about, "changes": [*changes, *by_verb]}, "patch")
    if has_errors(wrong):
        raise InputError(wrong)
    return made


def _by_verb(
    remove: Sequence[str] = (),
    add: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    set: Mapping[str, Any] | None = None,
    scale: Mapping[str, float] | None = None,
    shift: Mapping[str, float] | None = None,
) -> list[dict[str, Any]]:
    """Changes given by verb, as a scenario file writes them."""
    return [
        *({"remove": target} for target in remove),
        *({"add": target, "rows": list(rows)} for target, rows in (add or {}).items()),
        *({"set": target, "to": value} for target, value in (set or {}).items()),
        *({"scale": target, "by": factor} for target, factor in (scale or {}).items()),
        *({"shift": target, "by": amount} for target, amount in (shift or {}).items()),
    ]


def patched(problem: Problem, *patches: Patch, **changes: Any) -> Problem:
    """The instance with the changes of the patches made, in order, and then those given by verb, as `patch` takes them.

    Raises `InputError` if a change is wrong or cannot be made, or the changed instance is wrong.
    """
    last, wrong = judged_patch("changes", {"changes": _by_verb(**changes)}, "patch")
    reading = apply.patched(problem, [*patches, last] if last.changes else patches)
    if has_errors(wrong):
        raise InputError((*wrong, *(found for found in reading.findings if found.severity == "error")))
    return _problem(reading)


def solve(
    problem: Problem,
    formulation: str | Formulation = DEFAULT,
    settings: Settings | None = None,
    *,
    start: Solution | None = None,
    checkpoint: Name | None = None,
    where: Where = BESIDE,
) -> Solution:
    """Find a plan, judge it, and write nothing.

    `settings`: if None, the usual ones, with more seconds for an order book. `start`: a solution of this or of a
    similar instance, whose plan is started from where it is legal here, beside the two cases to compare with.
    `checkpoint`: a folder that keeps what is found, and from which the solve goes on; `where`: parts of an order
    book are solved.

    Raises `KeyError` for an unknown formulation, `BrokenPlanError` if the checker refuses the
    plan, `ClusterError` if a cluster does not answer or fit.
    """
    ready(where)
    chosen = FORMULATIONS[formulation] if isinstance(formulation, str) else formulation
    settings, watch = settings or Settings().grown(times_large(problem)), pipeline.Stopwatch()
    compared, starts = judging.judged_baselines(problem)
    if start is not None and start.plan is not None:
        plan, _ = carried(start.plan, start.problem, problem)
        if check_plan(problem, plan).passed:
            starts = [*starts, ("start", plan)]
    kept_in = None if checkpoint is None else Path(checkpoint)
    outcome = solve_model(problem, chosen, settings, starts=starts, checkpoint=kept_in, where=where)
    if outcome.plan is None and outcome.status == "no_plan":
        outcome = judging.with_best_start(problem, outcome, starts, stopped=False)
    watch.seconds.update(outcome.seconds)
    verdict = None if outcome.plan is None else judging.judged(problem, outcome.plan, outcome)
    facts = None if outcome.plan is None else facts_of(problem, outcome.plan)
    summary = summarise(
        problem,
        outcome,
        verdict=verdict,
        facts=facts,
        baselines=compared,
        seconds=watch.finish(),
        warnings=outcome.messages,
    )
    if outcome.plan is None or verdict is None or facts is None:
        return Solution(problem, summary)
    first = dict(starts).get("first_come_first_served")
    return Solution(problem, summary, Report(problem, outcome.plan, verdict, facts, summary, first))


def read_plan(folder: Name) -> Solution:
    """The plan of a folder that `solve` wrote, judged again. Raises `InputError`."""
    report, found = read_report(Path(folder))
    if report is None:
        raise InputError(found if has_errors(found) else [error("cannot_read", str(folder), "No plan was read.")])
    return Solution(report.problem, report.summary, report)


def compare(old: Solution, new: Solution) -> Comparison:
    """What moved between two plans, for whom, and what that goes with.

    Raises `InputError` where one has no plan, or they answer instances that have nothing in common.
    """
    sides = []
    for name, solution in (("old", old), ("new", new)):
        if solution.report is None:
            message = f"The {name} one ended without a plan: its status is {solution.status}."
            raise InputError([error("cannot_compare", name, message, expected="two plans")])
        sides.append(side_of(solution.report, name))
    refused = uncomparable(*sides)
    if refused is not None:
        raise InputError([refused])
    return comparing.compare(*sides)


def tables(of: Problem | Solution) -> dict[str, pl.DataFrame]:
    """The tables of an instance, or those of a plan, by name, as polars frames with typed columns.

    An instance's settings are the table `instance` of key and value. Raises `MissingExtraError` without polars,
    `InputError` for a solution without a plan.
    """
    from optimizer.frames.instance import instance_frames
    from optimizer.frames.plan import plan_frames

    if isinstance(of, Problem):
        return instance_frames(of)
    if of.report is None:
        message = f"It ended without a plan: its status is {of.status}."
        raise InputError([error("missing_file", "tables", message, expected="a plan")])
    return plan_frames(of.report)


def problem_from(frames: Mapping[str, Any], base: Problem | None = None) -> Problem:
    """The instance of these tables, or `base` with these in place of its own, judged. Raises `InputError`."""
    from optimizer.frames.instance import with_frames

    return _problem(with_frames(base, frames))


def plan_from(problem: Problem, frames: Mapping[str, Any]) -> Plan:
    """The plan that the tables say, for the checker to judge. Raises `InputError` for what cannot be understood."""
    from optimizer.frames import plan as plans

    found, wrong = plans.plan_from(problem, frames)
    if found is None:
        raise InputError(wrong)
    return found
