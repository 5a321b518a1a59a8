"""Exported models: other solvers read them and reach the proven optimum; names are unique and can be read."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import highspy
import numpy as np
import pytest

from models.build import Built, compile_model
from models.catalog import FORMULATIONS
from optimizer.exporting import names
from optimizer.exporting.export import FORMATS, export, write_model
from optimizer.exporting.linear import linear_of
from optimizer.exporting.lp import UPPER
from tests.exporting.reading import cbc_optimum, highs_model, rows_of, scip_optimum
from tests.models.cases import all_cases

CASES = {case.name: case for case in all_cases()}
BOTH = ("textbook", "slots")
SOLVED = ("case-006", "case-010", "mixed-111")
ENDINGS = tuple(FORMATS)


@cache
def built(case: str, formulation: str) -> Built:
    return compile_model(CASES[case].problem, FORMULATIONS[formulation])


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("formulation", BOTH)
@pytest.mark.parametrize("case", SOLVED)
def test_other_solvers_reach_the_optimum(case: str, formulation: str, ending: str, tmp_path: Path) -> None:
    file = tmp_path / f"model{ending}"
    write_model(linear_of(built(case, formulation)), file)
    assert CASES[case].objective is not None
    assert scip_optimum(file) == pytest.approx(CASES[case].objective, rel=2e-5)
    assert cbc_optimum(file) == pytest.approx(CASES[case].objective, rel=2e-5)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("formulation", BOTH)
def test_other_solvers_see_that_nothing_is_possible(formulation: str, ending: str, tmp_path: Path) -> None:
    file = tmp_path / f"model{ending}"
    write_model(linear_of(built("mixed-109", formulation)), file)
    assert scip_optimum(file) is None
    assert cbc_optimum(file) is None


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_model_of_stages_minimises_the_first(ending: str, tmp_path: Path) -> None:
    case, file = CASES["stages-051"], tmp_path / f"model{ending}"
    done = export(case.problem, FORMULATIONS["slots"], file)
    assert done.stage == case.problem.objective.stages[0]
    assert scip_optimum(file) == pytest.approx(case.terms[done.stage], rel=2e-5, abs=1e-6)
    assert done.stage in file.read_text(encoding="ascii").splitlines()[0]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("formulation", BOTH)
@pytest.mark.parametrize("case", ["case-001", "mixed-104", "mixed-111"])
def test_what_is_read_back_is_what_was_built(case: str, formulation: str, ending: str, tmp_path: Path) -> None:
    model, file = linear_of(built(case, formulation)), tmp_path / f"model{ending}"
    write_model(model, file)
    read = highs_model(file)
    column = {name: j for j, name in enumerate(read.col_names_)}
    row = {name: r for r, name in enumerate(read.row_names_)}
    assert set(column) == set(model.column_names)
    order = [column[name] for name in model.column_names]
    A, own = rows_of(read), model.A.toarray()
    np.testing.assert_array_equal(A[[row[name] for name in model.row_names]].toarray()[:, order], own)
    np.testing.assert_array_equal(np.array(read.col_cost_)[order], model.cost)
    np.testing.assert_array_equal(np.array(read.col_lower_)[order], model.lower)
    np.testing.assert_array_equal(np.array(read.col_upper_)[order], model.upper)
    whole = np.array([kind == highspy.HighsVarType.kInteger for kind in read.integrality_])
    np.testing.assert_array_equal(whole[order], model.whole)
    assert read.offset_ == 0
    lower, upper = np.array(read.row_lower_), np.array(read.row_upper_)
    for r, name in enumerate(model.row_names):
        other = row.get(name + UPPER, row[name])  # of a row with two sides in an LP file
        assert lower[row[name]] == pytest.approx(model.row_lower[r])
        assert upper[other] == pytest.approx(model.row_upper[r])
        np.testing.assert_array_equal(A[[other]].toarray()[0][order], own[r])
    extra = {name.removesuffix(UPPER) for name in set(row) - set(model.row_names)}
    assert all(np.isfinite([lower[row[name]], upper[row[name + UPPER]]]).all() for name in extra)


@pytest.mark.parametrize("formulation", FORMULATIONS)
def test_names_are_unique_short_and_plain(formulation: str) -> None:
    for case in ("case-001", "mixed-111"):
        model = linear_of(built(case, formulation))
        for found in (model.column_names, model.row_names):
            assert len(set(found)) == len(found)
            assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.,()~]*", name) and len(name) <= 100 for name in found)


def test_names_say_what_they_are_about() -> None:
    model = built("case-001", "textbook")
    columns, rows = names.column_names(model), names.row_names(model)
    line, t = next(
        key for rule, key in zip(model.matrix.rules, model.matrix.row_keys, strict=True) if rule == "line_capacity"
    )
    assert f"line_capacity({line},{t})" in rows
    move = model.draft.notes["moves"][0]
    start = f"sent({move.need},{move.item},{move.origin},{move.period}"
    assert any(name.startswith(start) for name in columns)


def test_no_name_is_the_number_of_a_move() -> None:
    for formulation in FORMULATIONS:
        found = names.column_names(built("case-006", formulation)) + names.row_names(built("case-006", formulation))
        assert not [name for name in found if re.fullmatch(r"(sent|served)\w*\(\d+\)", name)], formulation


@pytest.mark.parametrize("formulation", FORMULATIONS)
def test_a_relaxation_is_said_to_be_one(formulation: str, tmp_path: Path) -> None:
    case, file = CASES["case-006"], tmp_path / "model.mps"
    done = export(case.problem, FORMULATIONS[formulation], file)
    assert (done.relaxation is None) == (FORMULATIONS[formulation].method != "separating")
    head = file.read_text(encoding="ascii").splitlines()[0]
    assert ("relaxation" in head) == (done.relaxation is not None)
    value = scip_optimum(file)
    assert value is not None
    assert case.objective is not None
    assert value <= case.objective * (1 + 2e-5)
    if done.relaxation is None:
        assert value == pytest.approx(case.objective, rel=2e-5)


def test_names_that_are_safe_alike_or_long_stay_apart() -> None:
    assert names.safe("Wörk-1 [a]") == "W_rk_1__a_"
    assert names.unique(["a", "a", "a~2", "a"]) == ["a", "a~2", "a~2~2", "a~3"]
    long = names.unique(["x" * 300, "x" * 300], {"y"})
    assert [len(name) for name in long] == [100, 100]
    assert long[0] != long[1]
    assert names.unique(["objective"], {"objective"}) == ["objective~2"]


def test_names_that_collide_still_make_a_model(tmp_path: Path) -> None:
    case = CASES["case-010"]
    problem = case.problem
    twins = {o.order: f"O{'-' if k % 2 else '_'}{k // 2} ж" + "'" * 120 for k, o in enumerate(problem.orders)}
    renamed = replace(
        problem,
        name="ж: * \\",
        orders=tuple(replace(o, order=twins[o.order]) for o in problem.orders),
        commitments=tuple(replace(c, demand=twins.get(c.demand, c.demand)) for c in problem.commitments),
    )
    assert len(twins) > 1
    for ending in ENDINGS:
        file = tmp_path / f"model{ending}"
        export(renamed, FORMULATIONS["textbook"], file)
        assert scip_optimum(file) == pytest.approx(case.objective, rel=2e-5)
        assert cbc_optimum(file) == pytest.approx(case.objective, rel=2e-5)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_model: object) -> object:
        yield "NAME"
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(FORMATS, ".mps", breaks)
    with pytest.raises(OSError, match="No space"):
        write_model(linear_of(built("case-010", "slots")), tmp_path / "model.mps")
    assert list(tmp_path.iterdir()) == []


def test_an_ending_nobody_knows(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"neither .mps nor .lp"):
        export(CASES["case-010"].problem, FORMULATIONS["slots"], tmp_path / "model.txt")
