"""The charts of the page: what is drawn is what the plan says, and whatever users call things stays data."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any

import altair as alt
import jsonschema
import pytest
from hypothesis import given, settings

from models.baselines import priority_list
from models.plan import Plan
from models.problem import Problem
from optimizer.reporting.figures import gantt as gantt_module
from optimizer.reporting.figures import network as network_module
from optimizer.reporting.figures.drawn import FIGURES, figures
from optimizer.reporting.figures.figure import sealed
from optimizer.reporting.figures.network import PAID_BEFORE, network
from tests.builders import bare_problem, small_problem, with_row
from tests.reporting.reports import a_report
from tests.strategies import problems

ATTACK = "</script><script>alert('x')</script><!-- & \u2028\u2029 \" \\"


def rows(spec: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = spec["datasets"][name]
    return found


@pytest.mark.parametrize("name", FIGURES)
def test_each_is_what_the_library_takes(name: str) -> None:
    figure = figures(a_report())[name]
    alt.Chart.from_dict(figure.spec) if "layer" not in figure.spec else alt.LayerChart.from_dict(figure.spec)
    assert figure.label.endswith(".")
    assert figure.tables
    assert "$schema" not in figure.json


def test_a_broken_chart_is_found_out() -> None:
    spec = dict(figures(a_report())["weights"].spec)
    spec["layer"] = [{**spec["layer"][0], "mark": "no such mark"}]
    with pytest.raises(jsonschema.ValidationError):
        alt.LayerChart.from_dict(spec)


def test_text_cannot_leave_the_data() -> None:
    problem = with_row(small_problem(), "recipients", "POL", name=ATTACK)
    problem = with_row(problem, "lines", "shell_line", name=ATTACK)
    problem = with_row(problem, "items", "shell", name=ATTACK)
    for figure in figures(a_report(problem)).values():
        assert not set("<>&\u2028\u2029") & set(figure.json)
        assert json.loads(figure.json) == figure.spec, "the text is the same once it is read"
    drawn = figures(a_report(problem)).values()
    data = [row for figure in drawn for found in figure.spec["datasets"].values() for row in found]
    assert any(ATTACK in str(value) for row in data for value in row.values()), "it is shown as it is"
    assert json.loads(sealed({ATTACK: ATTACK})) == {ATTACK: ATTACK}


def test_the_flow_is_what_is_paid_and_what_is_in_the_packages() -> None:
    report = a_report()
    found = network(report)
    assert found is not None
    donor = {pledge.pledge: pledge.donor for pledge in report.problem.pledges}
    paid: Counter[tuple[str, str]] = Counter()
    for payment in report.plan.payments:
        paid[donor[payment.pledge], payment.package] += payment.amount_usd_m  # type: ignore[assignment]
    flows: Counter[tuple[str, str]] = Counter()
    for edge in found.edges:
        if edge.source[0] == "donor" and edge.source[1] != PAID_BEFORE:
            flows[edge.source[1], edge.target[1]] += edge.amount  # type: ignore[assignment]
    assert flows == pytest.approx(paid)
    for package in report.facts.packages:
        if package.period is not None:
            assert found.through(("package", package.package)) == pytest.approx(package.value_usd_m)


def test_a_package_that_is_not_released_does_not_flow() -> None:
    report = a_report(plan=Plan())
    drawn = network(report)
    assert drawn is not None
    released = {package.package for package in report.facts.packages if package.period is not None}
    assert {name for column, name in drawn.nodes if column == "package"} == released
    assert len(released) < len(report.facts.packages)


def test_many_nodes_end_in_one_for_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = network(a_report())
    monkeypatch.setattr(network_module, "MOST", {"donor": 1, "package": 1, "need": 1})
    found = network(a_report())
    assert whole is not None
    assert found is not None
    for half in ("donor", "package"):
        before = sum(edge.amount for edge in whole.edges if edge.source[0] == half)
        assert sum(edge.amount for edge in found.edges if edge.source[0] == half) == pytest.approx(before)
    assert ("donor", "2 other donors") in found.nodes
    assert len(found.nodes) < len(whole.nodes)


def test_the_bars_of_a_line_are_its_slots() -> None:
    report = a_report()
    bars = rows(figures(report)["lines"].spec, "bars")
    heads = [head["t"] for head in rows(figures(report)["lines"].spec, "heads")]
    high: dict[str, float] = defaultdict(float)
    for bar in bars:
        if bar["k"] != "limit":
            high[heads[bar["r"]]] += (bar["y"] - bar["z"]) * (bar["b"] - bar["a"])
    for line in report.problem.lines:
        if line.name not in heads:
            continue
        used, slots = report.facts.supply.used[line.line], report.facts.supply.slots[line.line]
        top = max(have / weeks for have, weeks in zip(slots, report.facts.calendar.weeks, strict=True))
        assert high[line.name] == pytest.approx(gantt_module.BAND * sum(used) / top, abs=0.02)


def test_due_dates_are_those_of_the_demands_that_a_line_can_serve() -> None:
    report = a_report()
    dues = rows(figures(report)["lines"].spec, "dues")
    named = {name for due in dues for name in due["u"].split(", ")}
    assert named <= {demand.demand for demand in report.facts.demands}
    assert {due["m"] for due in dues} == {True, False}


def test_few_lines_are_drawn_of_many_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gantt_module, "MOST_LINES", 1)
    figure = figures(a_report())["lines"]
    assert len(rows(figure.spec, "heads")) == 1
    assert "1 line with less output, or none, only in the table." in figure.caption


def test_weights_stack_up_to_the_weight() -> None:
    report = a_report()
    spec = figures(report)["weights"].spec
    top: dict[int, float] = defaultdict(float)
    for part in rows(spec, "parts"):
        top[part["r"]] = max(top[part["r"]], part["b"])
    for end in rows(spec, "ends"):
        code = next(row.recipient for row in report.problem.recipients if row.name == end["n"])
        assert top[end["r"]] == pytest.approx(report.facts.priorities[code].weight, abs=1e-3)


def test_a_plan_of_nothing_has_no_charts() -> None:
    assert figures(a_report(bare_problem(), Plan())) == {}


@settings(max_examples=15, deadline=None, derandomize=True)
@given(problems())
def test_any_plan_has_charts_that_the_library_takes(problem: Problem) -> None:
    for figure in figures(a_report(problem, priority_list(problem))).values():
        alt.LayerChart.from_dict(figure.spec)
        assert json.loads(figure.json) == figure.spec
