"""Counterfactuals of whole instances that hypothesis draws: every witness is allowed, every state says what it says."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from models.baselines import first_come_first_served, priority_list
from models.checker import check_plan
from models.problem import Problem
from optimizer.explaining.counterfactual import KINDS
from optimizer.valuing.on_time import on_time_by_kind
from tests.strategies import problems
from tests.valuing.witnesses import holds, late_demands

SOME = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@SOME
@given(problems())
def test_every_witness_holds(problem: Problem) -> None:
    for make in (priority_list, first_come_first_served):
        plan = make(problem)
        if not check_plan(problem, plan).passed:
            continue
        for demand in late_demands(problem, plan)[:2]:
            answers = {answer.kind: answer for answer in on_time_by_kind(problem, plan, demand, seconds=20.0)}
            assert set(answers) == set(KINDS)
            for answer in answers.values():
                assert answer.state != "not_known"
                holds(problem, plan, answer)
            singles = [answers[kind] for kind in KINDS[:6]]
            if any(answer.witness is not None for answer in singles):
                assert answers["combination"].witness is not None
                assert len({change.kind for change in answers["combination"].changes}) <= 1
