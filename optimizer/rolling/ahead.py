"""`built_ahead`: a plan whose lines build ahead: the same units, as early as idle slots and components allow.

Nothing leaves earlier and nothing is made that was not planned, so every demand is served as before; what is made early
waits in the pool. An execution then begins with a buffer where a line has idle slots before it is full.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from models.facts import Facts
from models.plan import Made, Plan
from models.problem import Problem


def built_ahead(problem: Problem, plan: Plan) -> Plan:
    """The plan with its output drawn forward; legal if the plan is."""
    facts = Facts(problem)
    per_unit = {(row.line, row.item): row.slots_per_unit for row in problem.line_items}
    made: Counter[tuple[int, str, str]] = Counter()
    free = {line: np.array(slots, dtype=np.int64) for line, slots in facts.slots.items()}
    parts = {name: np.array(total, dtype=np.int64) for name, total in facts.component_cumulative.items()}
    for row in plan.made:
        made[row.period, row.line, row.item] += row.quantity
        free[row.line][row.period] -= row.quantity * per_unit[row.line, row.item]
        for name, units in facts.parts.get(row.item, ()):
            parts[name][row.period :] -= row.quantity * units
    for u, line, item in sorted(made):
        slots, wanted = per_unit[line, item], [(name, n) for name, n in facts.parts.get(item, ()) if n]
        for t in np.flatnonzero(free[line][:u] >= slots).tolist():
            units = min(made[u, line, item], int(free[line][t]) // slots)
            for name, n in wanted:
                units = min(units, int(parts[name][t:u].min()) // n)
            if units <= 0:
                continue
            made[u, line, item] -= units
            made[t, line, item] += units
            free[line][t] -= units * slots
            free[line][u] += units * slots
            for name, n in wanted:
                parts[name][t:u] -= units * n
    rows = (Made(line, item, t, units) for (t, line, item), units in made.items() if units)
    return replace(plan, made=tuple(sorted(rows)))
