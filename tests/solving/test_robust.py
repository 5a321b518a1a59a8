"""Robust solves: the stages in this process, the bounds against the optimum, and once with processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from multiprocessing import Pipe
from threading import Thread
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from models.checker import check_plan
from models.stochastic.compared import differences
from models.stochastic.risk import Risk
from models.stochastic.scenario import Stochastic
from optimizer.settings import Settings
from optimizer.solving import robust_search, scenario_work
from optimizer.solving.clock import WorkClock, going_by
from optimizer.solving.crew import Crew, CrewError, Order
from optimizer.solving.dual import Dual
from optimizer.solving.filling import filled
from optimizer.solving.program import Program
from optimizer.solving.robust import solve_robust
from optimizer.solving.robust_job import Done, Firsts, Priced, RobustJob, Solved
from optimizer.solving.robust_search import Candidate, RobustSearch
from optimizer.solving.scenario_work import ScenarioWork
from optimizer.solving.solve import solve
from tests.builders import small_problem
from tests.models.stochastic.worlds import FORMULATION, against, late_money, slowed, solved


class Here(Crew):
    """A crew of one that works in this process."""

    def __init__(self, job: RobustJob) -> None:
        super().__init__(job, 1, lambda _: None, lambda: False)
        self.work = ScenarioWork(job, lambda _: None, lambda: False)
        self.asked: list[str] = []
        self.about: list[int] = []

    def run(self, orders: Sequence[Order], *, shared: float | None = None) -> list[Any]:
        self.asked += [order.name for order in orders]
        self.about += [order.number for order in orders]
        return [getattr(self.work, order.name)(*order.arguments, **order.options) for order in orders]


def hedged(**options: Any) -> Stochastic:
    worlds = (slowed(small_problem(), 0.6), slowed(small_problem(), 0.3))
    return against(small_problem(), *worlds, **{"weeks": 4, "nominal": 0.4, **options})


def search_for(program: Stochastic, seconds: float = 120.0) -> RobustSearch:
    job = RobustJob(program, FORMULATION)
    return RobustSearch(job, Settings(seconds=seconds, gap=1e-6), Here(job), lambda: False)


@pytest.mark.parametrize("risk", [Risk(0.5, 0.0), Risk(0.7, 0.5)])
def test_a_small_set_is_solved_to_the_end(risk: Risk) -> None:
    program = hedged(risk=risk)
    search = search_for(program)
    search.run()
    assert search.route == "extensive"
    assert search.value == pytest.approx(solved(program).value, rel=1e-5)
    assert search.bound == pytest.approx(search.value, rel=1e-5)
    plan, objective = search.plan()
    assert plan is not None
    verdict = check_plan(program.nominal, plan)
    assert verdict.passed
    assert verdict.terms.total == pytest.approx(objective)
    nominal = search.nominal_plan()
    assert nominal is not None
    assert differences(program.nominal, nominal, plan, 4), "the hedge can be told from the nominal plan"
    assert differences(program.nominal, plan, plan, 4) == ()


def test_decomposition_is_valid_from_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    program = hedged(risk=Risk(0.7, 0.5))
    optimum = solved(program).value
    monkeypatch.setattr(robust_search, "EXTENSIVE", 0)
    search = search_for(program, seconds=40.0)
    search.run()
    assert search.route == "decomposition"
    assert search.value is not None
    assert search.bound is not None
    assert search.wait_and_see is not None
    assert search.value >= optimum - 1e-4
    assert search.wait_and_see <= search.bound <= optimum + 1e-4
    nominal = program.risk.value([search.nominal_costs[s] for s in range(3)], program.probabilities)
    assert search.value <= nominal + 1e-6


def test_a_plan_that_a_search_has_found_is_not_searched_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of larger sets: the nominal plan as it is, first solutions of the others, bounds, then the rest."""
    program = hedged(risk=Risk(0.7, 0.5))
    monkeypatch.setattr(robust_search, "EXTENSIVE", 0)
    found = solve(program.nominal, FORMULATION, Settings(seconds=60.0, gap=1e-6)).plan
    assert found is not None
    job = RobustJob(program, FORMULATION, starts=(("nominal", found),))
    here = Here(job)
    search = RobustSearch(job, Settings(seconds=40.0, gap=1e-6), here, lambda: False, known=True)
    search.run()
    assert here.asked[0] == "known"
    assert "alone" not in here.asked
    given, relaxed, together = (here.asked.index(name) for name in ("given", "relaxed", "together"))
    assert given < relaxed < together
    last = max(at for at, name in enumerate(here.asked) if name == "relaxed" and at < together)
    assert here.asked[last + 1 : together] == ["given"] * 2, "first solutions are not what others are compared with"
    assert here.about[last + 1 : together] == [1, 2], "the nominal one was searched for before"
    assert search.bounds.keys() == {0, 1, 2}, "also of the nominal scenario, which no search has bounded"
    assert search.nominal_costs[0] == pytest.approx(check_plan(program.nominal, found).terms.total)
    optimum = solved(program).value
    assert search.bound is not None
    assert search.value is not None
    assert search.bound <= optimum + 1e-4
    assert search.value >= optimum - 1e-4


def test_following_is_compared_as_it_is_after_its_last_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """What following the nominal plan costs falls with the polished solutions; other first weeks do not change it."""
    search = search_for(hedged(), seconds=40.0)
    found = Solved(1, np.ones(1), 7.0, 0.5, None, False, {}, {}, 0, (0, 0, 0))
    monkeypatch.setattr(
        search.crew, "run", lambda orders, shared=None: [replace(found, number=order.number) for order in orders]
    )
    search.nominal_costs = {0: 9.0, 1: 9.0, 2: 9.0}
    old = (np.zeros(1),) * 3
    search.best = Candidate("together", {}, old, (8.0, 8.0, 8.0), (0.0, 0.0, 0.0))
    search._polish()
    assert search.nominal_costs == {0: 9.0, 1: 9.0, 2: 9.0}
    search.best = Candidate("nominal", {}, old, (9.0, 9.0, 9.0), (0.0, 0.0, 0.0))
    search.known = True
    search._polish()
    assert search.nominal_costs == {0: 9.0, 1: 7.0, 2: 7.0}
    assert search.best.penalties == (0.0, 0.5, 0.5)


def test_enough_is_the_first_solution() -> None:
    """Neighbourhoods go on from it only where it is not."""
    program = hedged(risk=Risk(0.7, 0.5))
    work = ScenarioWork(RobustJob(program, FORMULATION), lambda _: None, lambda: False)
    work._small = lambda model: False  # type: ignore[method-assign]
    steps: list[int] = []

    class Around:
        def __init__(self, *_: object) -> None:
            pass

        def step(self) -> bool:
            steps.append(1)
            return False

    alone = work.alone(0, 30.0, 1e-6)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(scenario_work, "Neighbourhoods", Around)
        one = work.given(1, alone.firsts, alone.lead, seconds=30.0, gap=1e-6, enough=True)
        assert one.x is not None
        assert not steps
        work.given(1, alone.firsts, alone.lead, seconds=30.0, gap=1e-6)
        assert steps


def test_contents_of_what_is_put_off_are_whole_before_groups_choose(monkeypatch: pytest.MonkeyPatch) -> None:
    nominal = small_problem()
    work = ScenarioWork(
        RobustJob(against(nominal, late_money(nominal, 3), weeks=1), FORMULATION), lambda _: None, lambda: False
    )
    alone = work.alone(0, 30.0, 1e-6)
    monkeypatch.setattr(work, "_small", lambda model: False)
    seen: list[tuple[Program, np.ndarray, Program]] = []

    def noted(program: Program, fresh: np.ndarray, *rest: Any) -> Program:
        seen.append((program, fresh, filled(program, fresh, *rest)))
        return seen[-1][2]

    monkeypatch.setattr(scenario_work, "filled", noted)
    found = work.given(1, alone.firsts, alone.lead, seconds=30.0, gap=1e-6, enough=True)
    assert found.x is not None
    ((before, fresh, after),) = seen
    late = fresh & before.whole
    assert (before.lower[late] < before.upper[late]).any(), "the world puts a package off"
    assert (after.lower[late] == after.upper[late]).all()
    assert (after.lower[late] == np.round(after.lower[late])).all()
    assert (after.lower[~late] == before.lower[~late]).all()


def test_the_dual_raises_the_bound_and_never_above_the_optimum() -> None:
    program = hedged(risk=Risk(0.7, 0.5), weeks=60)
    optimum = solved(program).value
    work = ScenarioWork(RobustJob(program, FORMULATION), lambda _: None, lambda: False)
    links = [work.links(s) for s in range(3)]
    bounds: list[float] = []

    def solve(asked: dict[int, tuple[float, Firsts]]) -> list[Priced | None]:
        found: list[Priced | None] = [
            work.priced(s, weight, prices, 30.0, relaxed=False) for s, (weight, prices) in asked.items()
        ]
        bounds.append(sum(row.bound or 0.0 for row in found if row is not None))
        return found

    costs = [work.alone(s, 30.0, 1e-9).bound or 0.0 for s in range(3)]
    dual = Dual(program.risk, program.probabilities, dict(enumerate(row[1] for row in links)),
                dict(enumerate(row[0] for row in links)),
                program.risk.worst(costs, program.probabilities))  # fmt: skip
    best = dual.run(solve, optimum, lambda: len(bounds) >= 12)
    assert best is not None
    assert bounds[0] == pytest.approx(program.risk.value(costs, program.probabilities), rel=1e-6), "wait and see"
    assert best > bounds[0] + 1.0
    assert all(bound <= optimum + 1e-4 for bound in bounds)
    prices, weights, rounds = dual.prices, dual.weights, dual.rounds
    again = dual.run(solve, optimum, lambda: len(bounds) >= 13)
    assert dual.rounds == rounds + 1
    assert bounds[-1] == pytest.approx(best, rel=1e-9), "it goes on from the best prices and weights"
    assert again == pytest.approx(best)
    assert (dual.prices, dual.weights) == (prices, weights)


def test_money_that_comes_late_moves_releases_in_that_world_only() -> None:
    program = against(small_problem(), late_money(small_problem(), 3), weeks=4, risk=Risk(0.5, 0.0))
    search = search_for(program)
    search.run()
    assert search.value == pytest.approx(solved(program).value, rel=1e-5)


def test_a_nominal_instance_without_a_plan_is_infeasible() -> None:
    problem = small_problem()
    order = replace(problem.orders[0], firm_by=problem.start, quantity=10_000)
    broken = replace(problem, orders=(order, *problem.orders[1:]))
    search = search_for(against(broken, slowed(broken, 0.5)))
    search.run()
    assert search.infeasible
    assert search.plan() == (None, None)


def test_with_processes() -> None:
    answer = solve_robust(hedged(risk=Risk(0.7, 0.0)), FORMULATION, Settings(seconds=120.0, gap=1e-6, threads=2))
    assert answer.outcome.status == "optimal"
    figures = answer.figures
    assert figures is not None
    assert figures.gap == pytest.approx(0.0, abs=1e-6)
    assert figures.hedging_gain is not None
    assert figures.hedging_gain > 0
    assert figures.expected == pytest.approx(sum(row.probability * row.cost for row in figures.scenarios))
    assert figures.nominal_expected == pytest.approx(
        sum(row.probability * (row.nominal_cost or 0.0) for row in figures.scenarios)
    )


def test_an_error_in_a_process_is_an_error_here_and_a_dead_one_an_answer_that_is_missing() -> None:
    job = RobustJob(hedged(), FORMULATION)
    with Crew(job, 1, lambda _: None, lambda: False) as crew:
        with pytest.raises(CrewError, match="no_such_task"):
            crew.run([Order("no_such_task", 0)])
        crew._hand(0).process.kill()
        crew._hand(0).process.join()
        assert crew.run([Order("relaxed", 0, (0, 30.0))]) == [None]
        assert "ended by itself" in crew.messages[0]
        (bound,) = crew.run([Order("relaxed", 0, (0, 30.0))])
        assert bound is not None, "the process is started again"


def test_a_process_that_died_disturbs_and_what_others_took_is_counted() -> None:
    job = RobustJob(hedged(), FORMULATION)
    with going_by(WorkClock(300.0)) as clock, Crew(job, 2, lambda _: None, lambda: False) as crew:
        crew.run([Order("relaxed", 0, (0, 30.0)), Order("relaxed", 1, (1, 30.0))])
        both = clock.spent()
        assert both is not None
        assert both > 0
        assert not crew.disturbed
        crew.run([Order("alone", 0, (0, 30.0, 1e-6))])
        assert (clock.spent() or 0.0) > both
        crew._hand(0).process.kill()
        crew._hand(0).process.join()
        crew.run([Order("relaxed", 0, (0, 30.0))])
        assert crew.disturbed


def test_columns_of_the_first_weeks_are_whole_before_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Following hands on the columns that decisions of the first weeks are sums of."""
    monkeypatch.setattr(ScenarioWork, "_small", lambda self, model: False)
    work = ScenarioWork(RobustJob(hedged(), FORMULATION), lambda _: None, lambda: False)
    base = work.alone(0, 10.0, 1e-6)
    seen: list[Any] = []
    run = scenario_work.Finish.run
    monkeypatch.setattr(scenario_work.Finish, "run", lambda self, *given: (seen.append(given[2]), run(self, *given))[1])
    found = work.given(1, base.firsts, base.lead, seconds=10.0, gap=1e-6, enough=True)
    assert found.x is not None
    of_sums = np.zeros(len(found.x), dtype=bool)
    for columns, _ in work.model(1).shared.values():
        of_sums[columns] = True
    assert of_sums.any()
    assert np.array_equal(seen[0], of_sums)


def test_a_task_gets_its_part_of_what_those_before_it_have_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three tasks of one process share 100 units and take 10 each; the process of the others is a thread's echo."""
    here, there = Pipe()

    def echo() -> None:
        for _ in range(3):
            _, _, options = there.recv()
            there.send(("done", Done(options["seconds"], 10.0, False)))

    Thread(target=echo, daemon=True).start()
    monkeypatch.setattr(Crew, "_hand", lambda self, number: self.hands.setdefault(number, SimpleNamespace(pipe=here)))
    crew = Crew(RobustJob(hedged(), FORMULATION), 1, lambda _: None, lambda: False)
    given = [Order("given", s, (s, {}, {}), {"seconds": 7.0, "gap": 0.0}) for s in range(3)]
    assert crew.run(given, shared=100.0) == [pytest.approx(100 / 3), pytest.approx(45.0), pytest.approx(80.0)]


def test_tasks_that_are_given_together_count_as_shared_out_evenly() -> None:
    job = RobustJob(hedged(), FORMULATION)
    found: list[float] = []
    for size in (1, 2):
        with going_by(WorkClock(300.0)) as clock, Crew(job, size, lambda _: None, lambda: False) as crew:
            crew.run([Order("relaxed", s, (s, 30.0)) for s in (0, 1)])
            found.append(clock.spent() or 0.0)
    assert found[0] == pytest.approx(2 * found[1])


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("most", [robust_search.EXTENSIVE, 0])
def test_by_work_the_same_comes_again(monkeypatch: pytest.MonkeyPatch, threads: int, most: int) -> None:
    monkeypatch.setattr(robust_search, "EXTENSIVE", most)
    settings = Settings(work=4.0, gap=1e-9, threads=threads)
    one, two = (solve_robust(hedged(risk=Risk(0.7, 0.5)), FORMULATION, settings) for _ in range(2))
    assert one.figures is not None
    assert one.outcome.work is not None
    assert one.outcome.repeatable
    assert (one.outcome.plan, one.outcome.work, one.figures) == (two.outcome.plan, two.outcome.work, two.figures)
    assert one.figures.route == ("extensive" if most else "decomposition")


def test_a_scenario_that_is_priced_is_late_after_its_limit() -> None:
    work = ScenarioWork(RobustJob(hedged(), FORMULATION), lambda _: None, lambda: False)
    work.priced(0, 1.0, {}, 1e3, relaxed=True)
    assert not work._late()
    work.priced(0, 1.0, {}, -1.0, relaxed=True)
    assert work._late()


def test_by_seconds_the_same_is_not_promised() -> None:
    answer = solve_robust(hedged(), FORMULATION, Settings(seconds=60.0, gap=1e-6, threads=1))
    assert not answer.outcome.repeatable
    assert answer.outcome.work is None


def test_stopping_ends_with_what_is_in_hand() -> None:
    answer = solve_robust(hedged(), FORMULATION, Settings(seconds=60.0), stop=lambda: True)
    assert answer.outcome.status == "interrupted"
