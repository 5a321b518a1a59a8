"""What is left of a plan, made legal again where something slipped or periods were split: a start for the next solve.

The list scheduler serves demands in the order in which the old plan did, with its releases and accepted offers, each as
early as the rolled instance allows. What cannot be when it was planned to be comes later, and nothing else is decided.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from models.baselines import Bundle, list_plan, ranking_by_weight
from models.plan import Plan
from models.problem import Problem


def relisted(problem: Problem, carried: Plan) -> Plan:
    """A plan of the problem that does what `carried` does, in its order; legal but for promises that cannot be kept."""
    units: Counter[str] = Counter()
    moments: Counter[str] = Counter()
    for row in carried.dispatches:
        if row.kind != "replacement":
            units[row.demand] += row.quantity
            moments[row.demand] += row.quantity * row.period
    served = sorted(units, key=lambda name: moments[name] / units[name])
    order = [*served, *(name for name in ranking_by_weight(problem) if name not in units)]
    contents: dict[str, dict[str, int]] = defaultdict(dict)
    for held in problem.package_contents:
        contents[held.package][held.need] = contents[held.package].get(held.need, 0) + held.quantity
    for new in carried.contents:
        contents[new.package][new.need] = contents[new.package].get(new.need, 0) + new.quantity
    releases = sorted(carried.releases, key=lambda row: (row.period, row.package))
    bundles = [Bundle(row.package, row.status, contents[row.package], row.period) for row in releases]
    return list_plan(problem, order, releases=bundles, accepted=carried.accepted_offers, just_in_time=True)
