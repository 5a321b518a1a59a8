"""`paid_again`: a plan with its packages paid from safer money; the model of `models.safe_payers`, solved.

`repaid` is the same in a process of its own, which goes by seconds or by work.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from models.build import compile_draft
from models.facts import Facts
from models.lighter import bills_of, loss_of, without, worth_of
from models.matrix import Vector
from models.plan import Payment, Plan
from models.problem import Problem
from models.safe_payers import Bill, safe_payers
from optimizer.settings import Settings
from optimizer.solving.clock import clock_of, going_by
from optimizer.solving.highs import Limits, run
from optimizer.solving.program import program_of

LEAST = 1e-7
"""Million USD below which nobody pays."""
GAP = 1e-3


@dataclass(frozen=True)
class Repaid:
    """What a process of its own says: the plan, the units of work it took (None: not counted), and whether the net of
    seconds ended it."""

    plan: Plan | None
    work: float | None
    late: bool


def repaid(
    problem: Problem, plan: Plan, *, risk: Mapping[tuple[str, int], float], weeks: float | None, limits: Settings
) -> Repaid:
    """`paid_again` within limits of seconds or of work, by a clock of this process."""
    with going_by(clock_of(limits.work, limits.seconds)) as clock:
        found = paid_again(problem, plan, risk=risk, weeks=weeks, seconds=limits.limit, seed=limits.seed)
        return Repaid(found, clock.spent(), clock.late)


def paid_again(
    problem: Problem,
    plan: Plan,
    *,
    risk: Mapping[tuple[str, int], float],
    weeks: float | None,
    seconds: float,
    seed: int = 0,
) -> Plan | None:
    """The plan with payers chosen again, and contents cut where `weeks` says so; None where there is nothing to choose.

    Args:
        problem: the instance, whose plan it is.
        plan: a legal plan.
        risk: by (pledge, period), the probability that it does not stand in full.
        weeks: of waiting that a million USD that fails is taken to cost; None leaves contents as they are.
        seconds: of the solver, or units of work where the clock counts it.
        seed: of the solver.

    The answer is a solution within the solver's tolerances: it has to be judged.
    """
    if problem.package_policy is None or not plan.releases:
        return None
    facts = Facts(problem)
    bills = bills_of(facts, plan)
    if weeks is None:
        bills = [replace(bill, cuttable={}) for bill in bills]
    draft = safe_payers(
        facts,
        bills,
        risk=risk,
        worth=worth_of(facts, plan),
        loss=loss_of(facts, plan),
        weeks=1.0 if weeks is None else weeks,
    )
    built = compile_draft(draft)
    columns = built.matrix.column_of
    start = _start(columns, bills, plan, built.matrix.shape[1])
    answer = run(program_of(built.matrix), Limits(seconds, GAP, 1, seed), start=start)
    if answer.x is None:
        return None
    paid, cuts = [], {}
    for (kind, key), column in columns.items():
        value = float(answer.x[column])
        if kind == "pays" and value > LEAST:
            paid.append(Payment(bills[key[1]].package, key[0], key[2], value))
        elif kind == "cut" and round(value):
            cuts[bills[key[0]].package, key[1]] = round(value)
    return replace(without(facts, plan, cuts), payments=tuple(sorted(paid)))


def _start(columns: Mapping[tuple[str, tuple[object, ...]], int], bills: list[Bill], plan: Plan, count: int) -> Vector:
    """The payments as they are."""
    place = {bill.package: k for k, bill in enumerate(bills)}
    x = np.zeros(count)
    total: dict[tuple[str, int, str], float] = defaultdict(float)
    for row in plan.payments:
        total[row.pledge, place[row.package], row.category] += row.amount_usd_m
    for (g, k, c), amount in total.items():
        for key, value in ((("pays", (g, k, c)), amount), (("takes_part", (g, k)), 1.0)):
            if key in columns:
                x[columns[key]] = value
    return x
