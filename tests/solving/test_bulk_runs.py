"""Method "bulk" from instance to plan: every plan is legal and costs what it says, every bound holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from models import problem as p
from models.baselines import first_come_first_served, priority_list
from models.bulk import size
from models.bulk.size import is_book
from models.bulk.worth import worth
from models.catalog import DEFAULT, FORMULATIONS
from models.checker import check_plan
from models.facts import Facts
from models.listing.bundles import Bundle
from models.plan import Content, Dispatch, Payment, Plan, Release
from optimizer import pipeline
from optimizer.generating.generate import generate
from optimizer.reading.instance import read_instance
from optimizer.settings import Settings
from optimizer.solving import bulk, bulk_work
from optimizer.solving.bulk import Bulk, Found, as_packed, broken_packages
from optimizer.solving.bulk_work import METHOD, takes
from optimizer.solving.conflict import clashes
from optimizer.solving.here import solve_here
from optimizer.solving.highs import Limits
from optimizer.solving.job import Job
from optimizer.solving.outcome import Outcome
from optimizer.solving.places.where import Where
from tests.builders import ABSENT, a_need, an_order, bare_problem, day, small_plan, small_problem, without
from tests.cli.runs import TOY, Command
from tests.models.cases import Case, all_cases
from tests.models.solved import SLOTS, solved
from tests.solving.tasks import named, toy
from tests.strategies import problems

WEIGHTED = [case for case in all_cases() if case.objective is not None and not case.lexicographic]
UNPROMISED = [case for case in WEIGHTED[::2] if not any(order.firm_by for order in case.problem.orders)]
IMPOSSIBLE = [case for case in all_cases() if case.objective is None]
DRAWN = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
SHORT = Settings(seconds=20.0, gap=1e-6, threads=1)
TIGHT = FORMULATIONS[DEFAULT]


def run(problem: p.Problem) -> tuple[Found, Bulk]:
    """The method alone, from nothing."""
    method = Bulk(Facts(problem), Limits(20.0, 1e-9, 1, 0), Where(workers=1), lambda _found: None, lambda: False)
    return method.run(()), method


def book(problem: p.Problem, monkeypatch: pytest.MonkeyPatch, *starts: Plan, **changes: object) -> Outcome:
    """The instance solved as an order book, however small it is."""
    monkeypatch.setattr(size, "LARGE", 0)
    return solve_here(problem, TIGHT, replace(SHORT, **changes), starts=named(*starts))  # type: ignore[arg-type]


def assert_true(problem: p.Problem, plan: Plan | None, objective: float | None, bound: float | None) -> None:
    """The plan is legal, its objective the checker's, the bound not above it."""
    assert plan is not None
    assert objective is not None
    verdict = check_plan(problem, plan)
    assert verdict.violations == ()
    assert objective == pytest.approx(verdict.terms.total, rel=1e-9, abs=1e-9)
    if bound is not None:
        assert bound <= objective + 1e-6 * max(1.0, objective)


@pytest.mark.parametrize("case", WEIGHTED, ids=lambda case: case.name)
def test_a_case_gets_a_legal_plan_and_a_bound(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the two lists; the bound holds for the method alone as well."""
    problem = case.problem
    lists = (first_come_first_served(problem), priority_list(problem))
    outcome = book(problem, monkeypatch, *lists)
    assert case.objective is not None
    assert outcome.bound is not None, outcome.messages
    assert outcome.bound <= case.objective + 1e-6 * max(1.0, case.objective)
    legal = [v.terms.total for v in (check_plan(problem, plan) for plan in lists) if not v.violations]
    assert legal or any(order.firm_by for order in problem.orders)
    if outcome.plan is not None or legal:
        assert_true(problem, outcome.plan, outcome.objective, outcome.bound)
        assert outcome.objective is not None
        assert outcome.objective >= case.objective * (1 - 1e-4) - 1e-4
        assert outcome.objective <= min(legal, default=outcome.objective) * (1 + 1e-9)


@pytest.mark.parametrize("case", UNPROMISED, ids=lambda case: case.name)
def test_a_case_gets_a_legal_plan_from_nothing(case: Case) -> None:
    """Where no order is firm the list scheduler's plan is legal, and so is what blocks make of it."""
    found, method = run(case.problem)
    assert method.messages == []
    assert_true(case.problem, found.plan, found.objective, found.bound)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_generated_instance_gets_a_better_plan_than_first_come_first_served(seed: int) -> None:
    problem = toy(seed)
    found, _ = run(problem)
    assert_true(problem, found.plan, found.objective, found.bound)
    assert found.objective is not None
    assert found.objective < check_plan(problem, first_come_first_served(problem)).terms.total


@DRAWN
@given(problems())
def test_a_drawn_instance_gets_a_legal_plan_or_none(problem: p.Problem) -> None:
    """A promise may have no plan; then none is given."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        outcome = book(problem, monkeypatch, priority_list(problem))
    optimum = solved(problem, SLOTS).value
    assert outcome.method == METHOD
    if outcome.plan is not None:
        assert optimum is not None
        assert_true(problem, outcome.plan, outcome.objective, outcome.bound)
    if optimum is not None and outcome.bound is not None:
        assert outcome.bound <= optimum + 1e-6 * max(1.0, optimum)


@pytest.mark.parametrize("changes", [*ABSENT, {"periods": ((2, 1), (2, 3)), "commitments": ()}], ids=without)
def test_features_may_be_absent(changes: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    problem = small_problem(**changes)
    optimum = solved(problem, SLOTS).value
    outcome = book(problem, monkeypatch, priority_list(problem))
    assert outcome.method == METHOD
    if optimum is not None:
        assert_true(problem, outcome.plan, outcome.objective, outcome.bound)
        assert outcome.bound is not None
        assert outcome.bound <= optimum + 1e-6 * max(1.0, optimum)


def test_nobody_asks_for_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = book(bare_problem(), monkeypatch)
    assert (outcome.status, outcome.objective, outcome.bound) == ("optimal", 0.0, 0.0)


def test_an_optimum_that_the_relaxation_reaches_is_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = bare_problem(orders=(an_order("O1", quantity=9, due_date=day(1)), an_order("O2", quantity=7)))
    outcome = book(problem, monkeypatch)
    assert_true(problem, outcome.plan, outcome.objective, outcome.bound)
    assert outcome.status in ("optimal", "gap_reached")
    assert outcome.objective == pytest.approx(solved(problem, SLOTS).value)


def test_what_two_lines_make_is_there_when_it_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four units of one item leave in two weeks: two lines make two each, not one of them four in four weeks."""
    lines = (p.Line("L0", "L0"), p.Line("L1", "L1"))
    problem = bare_problem(
        orders=(an_order("O", quantity=4, due_date=day(0)),),
        lines=lines,
        line_rates=tuple(p.LineRate(line.line, day(0), 1.0) for line in lines),
        line_items=tuple(p.LineItem(line.line, "missile", 1) for line in lines),
    )
    outcome = book(problem, monkeypatch)
    assert_true(problem, outcome.plan, outcome.objective, outcome.bound)
    assert outcome.plan is not None
    assert sorted((row.line, row.period, row.quantity) for row in outcome.plan.made) == [
        ("L0", 0, 1), ("L0", 1, 1), ("L1", 0, 1), ("L1", 1, 1),
    ]  # fmt: skip
    assert outcome.messages[1:] == ()


def test_two_processes_find_what_one_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = toy(1)
    assert book(problem, monkeypatch, threads=2).objective == pytest.approx(book(problem, monkeypatch).objective)


@pytest.mark.parametrize("case", IMPOSSIBLE, ids=lambda case: case.name)
def test_no_plan_is_given_where_none_exists(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the promises that clash are told, with amounts, as by every other method."""
    outcome = book(case.problem, monkeypatch, priority_list(case.problem))
    assert outcome.plan is None
    assert outcome.objective is None
    assert outcome.bound is None
    assert outcome.status == "infeasible"
    assert outcome.clashes == clashes(case.problem)
    assert outcome.clashes


def test_no_clash_is_told_where_promises_alone_can_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """No plan was found, for whatever reason: that is not called impossible."""
    problem = toy(3)
    monkeypatch.setattr(Bulk, "run", lambda self, _starts, _bound: self.found)
    outcome = book(problem, monkeypatch)
    assert (outcome.status, outcome.plan, outcome.clashes) == ("no_plan", None, ())


def test_promises_too_many_to_be_written_down_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    promised = [case.problem for case in IMPOSSIBLE if any(order.firm_by for order in case.problem.orders)]
    monkeypatch.setattr(bulk_work, "WRITABLE", 0)
    outcome = book(promised[0], monkeypatch)
    assert (outcome.status, outcome.clashes) == ("no_plan", ())


def test_a_plan_that_stands_gets_a_bound_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of the starts stands, however much better another is."""
    monkeypatch.setattr(size, "LARGE", 0)
    problem = small_problem()
    better = small_plan()
    poor = replace(better, dispatches=tuple(row for row in better.dispatches if row.demand != "O-each"))
    assert check_plan(problem, poor).passed
    assert worth(Facts(problem), poor) > worth(Facts(problem), better)
    job = Job(problem, TIGHT, SHORT, named(poor, better), hold=True)
    outcome = bulk_work.BulkWork(job, lambda *_: None, lambda: False).outcome()
    assert outcome.plan == poor
    assert_true(problem, outcome.plan, outcome.objective, outcome.bound)
    anew = book(problem, monkeypatch, better)
    assert outcome.bound is not None
    assert anew.bound is not None
    assert outcome.bound == pytest.approx(anew.bound, rel=1e-4)
    assert "blocks" not in {row.phase for row in outcome.phases}


def test_where_no_start_is_legal_nothing_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(size, "LARGE", 0)
    broken = replace(small_plan(), made=())
    job = Job(small_problem(), TIGHT, SHORT, named(broken), hold=True)
    outcome = bulk_work.BulkWork(job, lambda *_: None, lambda: False).outcome()
    assert outcome.plan is not None
    assert check_plan(small_problem(), outcome.plan).passed


def test_a_start_that_breaks_a_rule_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its objective would be below every legal plan's: more leaves than there is."""
    problem = bare_problem(orders=(an_order("O", quantity=9, due_date=day(0)),))
    row = replace(small_plan().dispatches[0], demand="O", kind="order", origin="pool", item="missile", route=())
    wrong = Plan((replace(row, quantity=9, period=0, arrival=0),))
    assert check_plan(problem, wrong).violations
    outcome = book(problem, monkeypatch, wrong)
    assert_true(problem, outcome.plan, outcome.objective, outcome.bound)
    assert "the plan 'plan 0' could not be used as a start" in outcome.messages


def test_a_plan_that_breaks_a_rule_is_never_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = bare_problem(orders=(an_order("O", quantity=3, due_date=day(0)),))
    legal = priority_list(problem)
    wrong = replace(legal, made=())
    assert check_plan(problem, wrong).violations

    def run(method: Bulk, starts: Sequence[tuple[Plan, float]], bound: float | None) -> Found:
        return replace(method.offered(starts, bound), plan=wrong, objective=-1.0)

    monkeypatch.setattr(Bulk, "run", run)
    outcome = book(problem, monkeypatch, legal)
    assert outcome.plan == legal
    assert outcome.objective == check_plan(problem, legal).terms.total


def test_instead_of_a_plan_that_breaks_a_rule_the_best_before_it_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a plan to start from, if one of the method's own was better."""
    problem = toy(1)
    start, better = first_come_first_served(problem), priority_list(problem)
    assert worth(Facts(problem), better) < worth(Facts(problem), start)

    def run(method: Bulk, starts: object, _bound: object) -> Found:
        method.offer(start, worth(method.facts, start))
        method.offer(better, worth(method.facts, better))
        method.offer(replace(better, made=()), -1.0)
        return method.found

    monkeypatch.setattr(Bulk, "run", run)
    outcome = book(problem, monkeypatch, start)
    assert outcome.plan == better
    assert outcome.objective == check_plan(problem, better).terms.total
    assert any("breaks a rule" in message for message in outcome.messages)


@pytest.mark.parametrize(("kind", "factor", "seed"), [("toy", 1.0, 3), ("toy", 1.0, 5), ("alliance", 0.05, 1)])
def test_settled_packages_are_legal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, factor: float, seed: int
) -> None:
    """Whatever blocks make of them: contents, periods and payments keep every rule."""
    generate(kind, seed, tmp_path / "book", factor)
    problem = read_instance(tmp_path / "book").problem
    assert problem is not None
    settled: list[Plan] = []

    def packed(facts: Facts, plan: Plan, bundles: Sequence[Bundle]) -> Plan:
        settled.append(as_packed(facts, plan, bundles))
        return settled[-1]

    monkeypatch.setattr(bulk, "as_packed", packed)
    _, method = run(problem)
    assert sum(len(plan.payments) for plan in settled) > 0
    assert [broken_packages(Facts(problem), plan) for plan in settled] == [[]] * len(settled)
    assert method.messages == []


def test_packages_that_break_a_rule_are_not_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list's own are, and the plan that comes of them is legal."""
    problem = toy(3)

    def unpaid(facts: Facts, plan: Plan, bundles: Sequence[Bundle]) -> Plan:
        whole = as_packed(facts, plan, bundles)
        assert whole.payments
        return replace(whole, payments=whole.payments[1:])

    monkeypatch.setattr(bulk, "as_packed", unpaid)
    found, method = run(problem)
    assert any("break a rule" in message for message in method.messages)
    assert_true(problem, found.plan, found.objective, found.bound)


def test_what_counts_as_a_book(monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders and needs times periods, and only where the method is open."""
    problem = bare_problem(orders=(an_order("O1"), an_order("O2")), needs=(a_need("N"),))
    monkeypatch.setattr(size, "LARGE", 24)
    assert is_book(problem)
    assert takes(Job(problem, TIGHT, SHORT))
    assert takes(Job(problem, TIGHT, SHORT, hold=True))
    assert not takes(Job(problem, FORMULATIONS["textbook"], SHORT))
    monkeypatch.setattr(size, "LARGE", 25)
    assert not is_book(problem)
    assert not takes(Job(problem, TIGHT, SHORT))


def test_the_command_solves_a_book(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In this process: a spawned one would not know that so small an instance is a book here."""
    monkeypatch.setattr(size, "LARGE", 0)

    def here(problem: p.Problem, formulation: object, limits: Settings, **given: object) -> Outcome:
        return solve_here(problem, formulation, limits, starts=given["starts"])  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "solve", here)
    ended = Command(capsys)("solve", TOY, "--out", tmp_path / "plan", "--seconds", 20, "--threads", 1)
    assert ended.code in (0, 3), ended.err  # 3: the gap that is left is larger than asked for
    summary = (tmp_path / "plan" / "summary.json").read_text(encoding="utf-8")
    assert f'"{METHOD}"' in summary
    assert Command(capsys)("check", TOY, "--plan", tmp_path / "plan").code == 0


@pytest.mark.parametrize(("times", "seconds"), [(0.2, 90.0), (1.0, 90.0), (2.5, 225.0), (45.0, 900.0)])
def test_the_usual_seconds_grow_with_a_book(times: float, seconds: float) -> None:
    grown = Settings(threads=1).grown(times)
    assert (grown.seconds, grown.threads) == (seconds, 1)


def test_the_command_gives_a_book_more_time_only_where_none_is_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heard: list[float] = []

    def here(problem: p.Problem, formulation: object, limits: Settings, **given: object) -> Outcome:
        heard.append(limits.seconds)
        return solve_here(problem, formulation, replace(limits, seconds=5.0, work=None), starts=given["starts"])  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "solve", here)
    monkeypatch.setattr(size, "LARGE", 10)
    for name, more in (("usual", []), ("given", ["--seconds", "7"]), ("work", ["--work", "5"])):
        assert Command(capsys)("solve", TOY, "--out", tmp_path / name, "--threads", 1, *more).code in (0, 3)
    assert heard[0] > 90.0
    assert heard[1:] == [7.0, 600.0]


def test_a_package_that_a_list_drops_is_settled_all_the_same() -> None:
    """Gifts that a list sends in its place, and that are too many beside it, stay with their donor: the last ones."""
    problem = bare_problem(needs=(a_need("N", quantity=5),))
    bundle = Bundle("NEW-1", "new", {"N": 4}, 2, (("G", "air_defence", 40.0),))
    gifts = (Dispatch("N", "need", "gift", "missile", 2, 3, 3), Dispatch("N", "need", "late", "missile", 1, 4, 4))
    settled = as_packed(Facts(problem), Plan(dispatches=gifts), (bundle,))
    assert settled.releases == (Release("NEW-1", "new", 2),)
    assert settled.contents == (Content("NEW-1", "N", 4),)
    assert settled.payments == (Payment("NEW-1", "G", "air_defence", 40.0),)
    assert settled.dispatches == (Dispatch("N", "need", "gift", "missile", 1, 3, 3),)
    pool = Plan(dispatches=(Dispatch("N", "need", "pool", "missile", 4, 5, 5),))
    assert as_packed(Facts(problem), pool, (bundle,)).dispatches == pool.dispatches


def test_gifts_of_a_substitute_stay_whole_units_of_the_need() -> None:
    """A missile takes two old ones: five missiles less four in a package leave room for two old ones."""
    problem = small_problem()
    need = next(need for need in problem.needs if need.need == "N-missile")
    each = next(row.units_per_unit for row in problem.substitutes if row.item == need.item)
    assert each > 1
    facts = Facts(replace(problem, packages=(), package_contents=()))
    gift = Dispatch(need.need, "need", "V-open", "old_missile", 3 * each, 3, 4)
    bundle = Bundle("NEW-1", "new", {need.need: need.quantity - 1}, 0, ())
    settled = as_packed(facts, Plan(dispatches=(gift,)), (bundle,))
    assert [row.quantity for row in settled.dispatches] == [each]
