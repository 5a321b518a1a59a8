"""What one solver process does for a robust solve: scenarios alone, with given first weeks, priced, or all together."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import sparse

from models.build import Built
from models.extract import extract
from models.matrix import Vector
from models.plan import Plan
from models.stochastic.extensive import extensive
from models.stochastic.first_weeks import Decision
from models.stochastic.scenario import shared_periods
from models.stochastic.scenario_model import ScenarioModel, nominal_model, scenario_model
from optimizer.solving.clock import now
from optimizer.solving.direct import direct
from optimizer.solving.filling import filled
from optimizer.solving.finishing import Finish
from optimizer.solving.following import moved
from optimizer.solving.highs import HotSimplex, Limits, run
from optimizer.solving.methods import METHODS
from optimizer.solving.neighbourhoods import Neighbourhoods
from optimizer.solving.program import Program, program_of
from optimizer.solving.robust_job import Firsts, Lead, Priced, RobustJob, Solved, Together
from optimizer.solving.search import Search, Task, start_vector, whole_units
from optimizer.solving.settling import SETTLED

CONTINUOUS = ("paid", "reviewed")
"""Kinds of decisions that need not be whole."""
SLACK = 1e-6
"""How near a continuous decision has to be to the one it equals."""
LEADING = (*SETTLED, "pays", "is_accepted", "is_approved", "is_completed")
"""Columns whose values another scenario may follow; completions only to begin with."""
LEAST = 1e-6
"""Values of leading columns below this are 0."""
HELD = (*SETTLED, "is_accepted", "is_approved")
FOREVER = 1e6
"""Seconds of a simplex that is ended by its task's limit."""
POLISH = 20.0
"""Seconds for what is left of the nominal plan once its first weeks are given."""


class ScenarioWork:
    """Scenario models, built when they are first needed, and what is done with them."""

    def __init__(self, job: RobustJob, report: Callable[[str], None], stop: Callable[[], bool]) -> None:
        """`report` hears what is being done; `stop` is polled."""
        self.job, self.report, self.stop = job, report, stop
        self.models: dict[int, ScenarioModel] = {}
        self.guides: dict[int, Built] = {}
        self.simplexes: dict[int, HotSimplex] = {}
        self.until = math.inf

    def _late(self) -> bool:
        return now() > self.until or self.stop()

    def model(self, number: int) -> ScenarioModel:
        """The exact model of a scenario."""
        if number not in self.models:
            self.models[number] = self._build(number, guide=False)
        return self.models[number]

    def _build(self, number: int, *, guide: bool) -> ScenarioModel:
        formulation = self.job.formulation.exact
        if guide:
            found = METHODS["guided"].guide
            assert found is not None
            formulation = found(formulation)
        if number == 0:
            return nominal_model(self.job.program, formulation)
        return scenario_model(self.job.program, number, formulation, self.model(0).shared)

    def alone(self, number: int, seconds: float, gap: float) -> Solved:
        """A scenario by itself, its first weeks its own."""
        self.report(f"scenario {self._name(number)} alone")
        model = self.model(number)
        search = self._search(number, program_of(model.built.matrix), seconds, gap)
        if number == 0:
            self._begin(search)
        self._improve(search, number)
        return self._solved(number, search)

    def known(self, number: int, seconds: float) -> Solved:
        """A scenario by itself, with the best plan that is known of it and no search for a better one."""
        search = self._search(number, program_of(self.model(number).built.matrix), seconds, 0.0)
        self._begin(search)
        return self._solved(number, search)

    def given(
        self, number: int, firsts: Firsts | None, lead: Lead, *, seconds: float, gap: float,
        known: Vector | None = None, enough: bool = False,
    ) -> Solved:  # fmt: skip
        """A scenario with its first weeks given (None: free), following what was decided in another one, or going on
        from a solution that is known. `enough`: the first solution is."""
        self.report(f"scenario {self._name(number)} with first weeks given")
        model = self.model(number)
        program = program_of(model.built.matrix)
        if firsts is not None:
            program = self._with(model, program, firsts)
        search = self._search(number, program, seconds, gap)
        search.offer(known)
        if self._small(model):
            direct(search, lambda: search.over)
            return self._solved(number, search)
        if search.best is None:
            self._follow(search, model, lead)
        around = Neighbourhoods(search, lambda: search.over)
        while search.best is not None and not (enough or search.over) and around.step():
            pass
        if search.best is None and not search.over:
            direct(search, lambda: search.over)
        return self._solved(number, search)

    def _follow(self, search: Search, model: ScenarioModel, lead: Lead) -> None:
        """Releases, contents, payers, offers and approvals as they were decided, as far as the scenario lets them.

        Approvals are decided again where cases take other effort, contents where a package has moved.
        """
        kinds, program = search.task.exact.matrix.kinds, search.task.program
        first = shared_periods(model.built.draft.facts, self.job.program.shared_weeks)
        mine, late = moved(lead, model.built, self.job.program.nominal, first)
        x = self._led(model.built, mine)
        held = np.isin(kinds, [kind for kind in HELD if not (model.loose.review and kind == "is_approved")])
        keys = model.built.matrix.column_keys
        fresh = np.array([kind == "content" and key[1:] in late for kind, key in zip(kinds, keys, strict=True)])
        finish = Finish(search, lambda: search.over)
        # what the first weeks hold is whole in sums only: a group that comes late would find its lanes taken
        shared = np.zeros(len(kinds), dtype=bool)
        for columns, _ in model.shared.values():
            shared[columns] = True
        facts = model.built.draft.facts
        price = np.array([facts.price(key[0]) if own else 0.0 for own, key in zip(fresh, keys, strict=True)])
        ways = (
            filled(program.fixed(held & ~fresh, x), fresh, price, x, search),
            program.fixed(held & (kinds != "content"), x),
            program.fixed(np.isin(kinds, ("is_accepted",)), x),
        )
        for way in ways:
            if search.best is None and not search.over:
                search.offer(finish.run(way, x, shared))

    def relaxed(self, number: int, seconds: float) -> float | None:
        """The bound of a scenario's linear relaxation, its first weeks its own; None if there was no time for it."""
        return self.priced(number, 1.0, {}, seconds, relaxed=True).bound

    def together(self, seconds: float, gap: float, xs: tuple[Vector, ...] | None, *, near: bool = False) -> Together:
        """The extensive form by branch and bound, from a solution if one is given.

        `near`: only decisions of the first weeks and what is continuous are free, the other whole ones stay as given.
        """
        program = self.job.program
        self.report("all scenarios together")
        models = [self.model(number) for number in range(len(program.scenarios))]
        form = extensive(models, program.probabilities, program.risk)
        whole = Program(
            form.cost, form.offset, form.A, form.row_lower, form.row_upper, form.lower, form.upper, form.whole
        )
        known = None if xs is None else form.stacked(xs)
        asked = whole
        if near and known is not None:
            later = np.ones(len(form.whole), dtype=bool)
            for model, part in zip(models, form.parts, strict=True):
                for columns, _ in model.shared.values():
                    later[part.start + columns] = False
            asked = whole.fixed(form.whole & later, known)
        small, free = asked.compressed()
        limits = Limits(max(0.0, seconds), gap, 1, self.job.seed)
        start = None if known is None else known[free]
        answer = run(small, limits, start=start, stop=self.stop)
        rows, columns = form.A.shape
        shape = (int(rows), int(columns), int(form.A.nnz))
        nothing = Together(None, (), (), None, answer.bound, answer.end == "infeasible", {}, shape)
        if answer.x is None:
            return nothing
        x = asked.completed(free, answer.x)
        parts = [x[part] for part in form.parts]
        costs = tuple(
            float(vector @ part) + constant for (vector, constant), part in zip(form.costs, parts, strict=True)
        )
        penalties = tuple(model.penalty(part) for model, part in zip(models, parts, strict=True))
        value = program.risk.value(costs, program.probabilities)
        return Together(tuple(parts), costs, penalties, value, answer.bound, False, models[0].first(parts[0]), shape)

    def priced(self, number: int, weight: float, prices: Firsts, seconds: float, *, relaxed: bool) -> Priced:
        """min weight · cost + prices · first weeks of one scenario: a linear program, or whole where that is asked."""
        self.report(f"scenario {self._name(number)} priced")
        model = self.model(number)
        base = program_of(model.built.matrix)
        vector = weight * base.cost
        decisions = list(prices)
        vector = vector + model.rows(decisions).T @ np.array([prices[d] for d in decisions])
        priced = replace(base, cost=vector, offset=weight * base.offset)
        if relaxed:
            if number not in self.simplexes:
                limits = Limits(FOREVER, 1e-6, 1, self.job.seed)
                self.simplexes[number] = HotSimplex(base, limits, self._late)
            simplex = self.simplexes[number]
            self.until = now() + seconds
            simplex.price(vector)
            nothing = np.zeros(0, dtype=np.int64)
            found = simplex.solve(nothing, np.zeros(0))
            if found is None:
                return Priced(number, None, 0.0, {})
            x = found[1]
            bound: float | None = float(vector @ x) + priced.offset
        else:
            answer = run(priced, Limits(seconds, 1e-7, 1, self.job.seed), stop=self.stop)
            if answer.x is None or answer.bound is None:
                return Priced(number, answer.bound, 0.0, {})
            x, bound = answer.x, answer.bound
        return Priced(number, bound, base.value(x), model.first(x))

    def links(self, number: int) -> tuple[tuple[Decision, ...], frozenset[Decision]]:
        """Decisions of a scenario that equal the nominal ones, in order, and those of them that may be less."""
        model = self.model(number)
        return tuple(model.linked(self.model(0).shared)), model.below

    def plan(self, x: Vector, firsts: Firsts) -> tuple[Plan, float]:
        """The nominal plan of a solution: the best one in hand that has these first weeks."""
        self.report("reading the plan back")
        model = self.model(0)
        program = self._with(model, program_of(model.built.matrix), firsts)
        task = Task(model.built, program)
        search = self._search(0, program, POLISH, 1e-6)
        search.offer(x)
        values = whole_units(task, x if search.best is None else search.best, search)
        return extract(model.built, values), program.value(values)

    # --- what these share ---------------------------------------------------------------------------------------------

    def _name(self, number: int) -> str:
        return self.job.program.scenarios[number].name

    def _small(self, model: ScenarioModel) -> bool:
        return int(model.built.matrix.whole.sum()) < METHODS["guided"].least_whole

    def _search(self, number: int, program: Program, seconds: float, gap: float) -> Search:
        task = Task(self.model(number).built, program, None, None, lambda built: program_of(built.matrix))
        return Search(task, seconds, gap, 1, self.job.seed, lambda search: None, self.stop)

    def _begin(self, search: Search) -> None:
        """Offers the known plans of the nominal instance."""
        for _, plan in self.job.starts:
            x, mask = start_vector(search.task.exact, search.task.exact.start(plan))
            search.offer(search.complete(search.task.program, mask & search.task.program.whole, x))

    def _improve(self, search: Search, number: int) -> None:
        """By the method of the formulation: branch and bound for small models, a relaxation that leads for others."""
        if self._small(self.model(number)):
            direct(search, lambda: search.over)
            return
        if number not in self.guides:
            self.guides[number] = self._build(number, guide=True).built
        guide = self.guides[number]
        search.task = replace(search.task, guide=guide, guide_program=program_of(guide.matrix))
        METHODS["guided"].run(search)

    def _with(self, model: ScenarioModel, program: Program, firsts: Firsts) -> Program:
        """The program with the first weeks given; what the scenario has no variable for is left out."""
        decisions = [d for d in model.linked(firsts) if d in model.shared and len(model.shared[d][0])]
        if not decisions:
            return program
        wanted = np.array([firsts.get(d, 0.0) for d in decisions])
        near = np.array([SLACK if d.kind in CONTINUOUS else 0.0 for d in decisions])
        wanted = np.where(near == 0.0, np.round(wanted), wanted)
        lower, upper = program.lower.copy(), program.upper.copy()
        rest = []
        for number, decision in enumerate(decisions):
            columns, factors = model.shared[decision]
            if len(columns) == 1 and near[number] == 0.0 and decision not in model.below:
                value = wanted[number] / factors[0]
                lower[columns[0]] = upper[columns[0]] = np.clip(value, lower[columns[0]], upper[columns[0]])
            else:
                rest.append(number)
        program = replace(program, lower=lower, upper=upper)
        if not rest:
            return program
        rows = sparse.csr_array(model.rows([decisions[number] for number in rest]))
        below = np.array([d in model.below for d in decisions])
        return program.with_rows(rows, np.where(below, -np.inf, wanted - near)[rest], (wanted + near)[rest])

    def _led(self, built: Built, lead: Lead) -> Vector:
        matrix = built.matrix
        x = np.zeros(matrix.shape[1])
        for key, value in lead.items():
            column = matrix.column_of.get(key)
            if column is not None:
                x[column] = value
        return x

    def _solved(self, number: int, search: Search) -> Solved:
        model = self.model(number)
        rows, columns = model.built.matrix.shape
        shape = (rows, columns, int(model.built.matrix.A.nnz))
        whole = int(model.built.matrix.whole.sum())
        x = search.best
        if x is None:
            return Solved(number, None, None, 0.0, search.bound, search.infeasible, {}, {}, whole, shape)
        kinds, keys = model.built.matrix.kinds, model.built.matrix.column_keys
        lead = {(str(kinds[j]), keys[j]): float(x[j]) for j in np.flatnonzero(np.isin(kinds, LEADING) & (x > LEAST))}
        bound = None if search.bound is None else min(search.bound, search.objective or search.bound)
        return Solved(number, x, search.objective, model.penalty(x), bound, False, model.first(x), lead, whole, shape)
