"""What holds for every instance and every patch: inverses, order, files, and the difference of two instances."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.problem import Problem
from optimizer.reading.column import MAX_QUANTITY
from optimizer.reading.columns import TABLES
from optimizer.reading.instance import read_instance
from optimizer.reading.write import write_folder
from optimizer.scenarios.apply import patched
from optimizer.scenarios.difference import difference
from optimizer.scenarios.patch import Patch
from optimizer.scenarios.rounding import shared_out
from optimizer.scenarios.scenario_file import read_scenarios, scenarios_text
from tests.scenarios.worlds import after, changes, patch, sorted_rows
from tests.strategies import problems

few = settings(max_examples=40, derandomize=True, deadline=None)


@st.composite
def worlds(draw: st.DrawFn, most: int = 3) -> tuple[Problem, Patch]:
    """An instance and a patch of it that can be made in order."""
    problem = draw(problems())
    made, world = [], problem
    for _ in range(draw(st.integers(1, most))):
        change = draw(changes(world))
        now = patched(world, [patch(change)]).problem
        if now is not None:
            made.append(change)
            world = now
    assume(made)
    return problem, patch(*made)


@few
@given(worlds())
def test_a_patch_and_its_inverse_give_the_same_instance(drawn: tuple[Problem, Patch]) -> None:
    problem, scenario = drawn
    changed = patched(problem, [scenario]).problem
    assert changed is not None
    assert sorted_rows(after(changed, *difference(changed, problem).as_dict()["changes"])) == sorted_rows(problem)
    assert sorted_rows(after(problem, *difference(problem, changed).as_dict()["changes"])) == sorted_rows(changed)


@few
@given(problems(), st.sampled_from((2, 4, 8, 0.5)), st.integers(-3, 3))
def test_scaling_up_and_down_and_shifting_to_and_fro(problem: Problem, factor: float, weeks: int) -> None:
    up = max(factor, 1 / factor)
    there: list[dict[str, object]] = [{"scale": "items.*.unit_price_usd_m", "by": up}]
    back: list[dict[str, object]] = [{"scale": "items.*.unit_price_usd_m", "by": 1 / up}]
    if problem.needs:
        there += [{"scale": "needs.*.quantity", "by": up}, {"shift": "needs.*.needed_by", "by": min(weeks, 0)}]
        back += [{"scale": "needs.*.quantity", "by": 1 / up}, {"shift": "needs.*.needed_by", "by": -min(weeks, 0)}]
    if problem.orders:
        there += [{"shift": "orders.*.due_date", "by": weeks}]
        back += [{"shift": "orders.*.due_date", "by": -weeks}]
    first = patched(problem, [patch(*there)]).problem
    assume(first is not None)
    assert first is not None
    assert after(first, *back) == problem


@few
@given(worlds(most=4), st.data())
def test_one_after_the_other_is_both_at_once(drawn: tuple[Problem, Patch], data: st.DataObject) -> None:
    problem, scenario = drawn
    at = data.draw(st.integers(0, len(scenario.changes)))
    first, second = (replace(scenario, changes=part) for part in (scenario.changes[:at], scenario.changes[at:]))
    whole = patched(problem, [scenario]).problem
    assert patched(problem, [first, second]).problem == whole
    middle = patched(problem, [first]).problem
    assert middle is not None
    assert patched(middle, [second]).problem == whole


@few
@given(worlds())
def test_a_patched_instance_goes_through_files(drawn: tuple[Problem, Patch]) -> None:
    problem, scenario = drawn
    reading = patched(problem, [scenario])
    assert reading.problem is not None
    with TemporaryDirectory() as folder:
        write_folder(reading.problem, Path(folder))
        again = read_instance(Path(folder))
    assert again.problem == reading.problem

    def said(findings: tuple[object, ...]) -> set[tuple[str, str]]:
        return {(found.code, found.message) for found in findings}  # type: ignore[attr-defined]

    ours = tuple(found for found in reading.findings if found.code != "nothing_changed")
    assert said(again.findings) == said(ours), "judged by the same rules as a file"


@few
@given(worlds())
def test_a_patch_goes_through_its_file_and_json(drawn: tuple[Problem, Patch]) -> None:
    _, scenario = drawn
    assert Patch.from_dict(json.loads(json.dumps(scenario.as_dict()))) == scenario
    with TemporaryDirectory() as folder:
        (Path(folder) / "s.toml").write_text(scenarios_text([scenario]), encoding="utf-8")
        found, findings = read_scenarios(Path(folder) / "s.toml")
    assert findings == ()
    assert found is not None
    assert found.patches == {scenario.name: scenario}


@few
@given(
    st.lists(st.tuples(st.integers(0, 10**4), st.sampled_from("ab")), min_size=1, max_size=12),
    st.floats(0, 10, allow_nan=False),
)
def test_units_shared_out_add_up_and_none_is_far_off(rows: list[tuple[int, str]], factor: float) -> None:
    values, groups = [value for value, _ in rows], [group for _, group in rows]
    found = shared_out(values, factor, groups)
    for group in set(groups):
        exact = sum(value for value, of in rows if of == group) * factor
        total = sum(one for one, of in zip(found, groups, strict=True) if of == group)
        assert abs(total - exact) <= 0.5 + 1e-6 * exact
    assert all(
        abs(one - value * factor) < 1 + 1e-6 * max(1.0, value * factor)
        for one, value in zip(found, values, strict=True)
    )
    assert max(found) <= MAX_QUANTITY


def test_a_difference_of_nothing_is_no_change() -> None:
    from tests.scenarios.worlds import toy

    assert difference(toy(), toy()).changes == ()
    assert set(TABLES) >= {"orders", "commitments"}
