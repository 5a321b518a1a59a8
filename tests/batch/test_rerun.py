"""`rerun`: from the manifest and the copy alone; what was changed since is refused, what differs is said."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from models.baselines import first_come_first_served, priority_list
from models.catalog import DEFAULT, FORMULATIONS
from optimizer import pipeline
from optimizer.batch import rerun as module
from optimizer.batch.rerun import rerun
from optimizer.batch.rerun_words import rerun_lines
from optimizer.batch.robust import solve_robust_instance
from optimizer.pipeline import DONE, OTHERWISE, WRONG_INPUT, solve_instance
from optimizer.reading.convert import convert
from optimizer.reading.instance import read_instance
from optimizer.reporting import output
from optimizer.reporting.starts import FOLDER, read_start, starts_text
from optimizer.settings import Settings
from tests.cli.runs import INFEASIBLE, TOY, answers
from tests.scenarios.test_robust_file import written

WORK = Settings(work=2.0, threads=1)


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan by work; never changed."""
    out = tmp_path_factory.mktemp("solved") / "plan"
    assert solve_instance(TOY, out, settings=WORK).code == DONE
    return out


@pytest.fixture
def plan(solved: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return shutil.copytree(solved, tmp_path / "plan")


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A solver that answers at once with the last plan it was given."""
    monkeypatch.setattr(pipeline, "solve", answers("optimal", bound=1.0, repeatable=True))
    monkeypatch.setattr(pipeline, "valued", lambda _problem, outcome, _settings, _stop: (None, outcome))


def changed(plan: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    file = plan / output.MANIFEST
    manifest = json.loads(file.read_text(encoding="utf-8"))
    change(manifest)
    file.write_text(json.dumps(manifest), encoding="utf-8")
    return plan


def said(found: module.Rerun) -> str:
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(rerun_lines(found))
    return console.export_text()


# --- the same ---


def test_the_same_comes_of_it(solved: Path) -> None:
    before = {path: path.read_bytes() for path in solved.rglob("*") if path.is_file()}
    found = rerun(solved)
    assert (found.code, found.identical, found.promised, found.findings, found.folder) == (DONE, True, True, (), None)
    assert {"dispatches.csv", output.PAGE, output.WORKBOOK, output.SUMMARY, output.MANIFEST} <= set(found.files or {})
    assert found.differences == ()
    assert {path: path.read_bytes() for path in solved.rglob("*") if path.is_file()} == before
    assert "Identical" in said(found)


def test_a_plan_that_was_changed_comes_out_otherwise(plan: Path) -> None:
    with (plan / "dispatches.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    found = rerun(plan)
    assert (found.code, found.identical) == (OTHERWISE, False)
    assert {name for name, same in (found.files or {}).items() if same != "same"} == {"dispatches.csv"}
    assert "dispatches.csv differs" in said(found)
    assert "though the limit was work" in said(found)


@pytest.mark.usefixtures("_quick")
def test_seconds_promise_nothing(tmp_path: Path) -> None:
    solve_instance(TOY, tmp_path / "plan", settings=Settings(seconds=5.0))
    (tmp_path / "plan" / "stock.csv").unlink()
    found = rerun(tmp_path / "plan", tmp_path / "again")
    assert (found.code, found.promised, found.folder) == (DONE, False, tmp_path / "again")
    assert (found.files or {})["stock.csv"] == "new"
    assert "was not promised" in said(found)
    assert output.holds_plan(tmp_path / "again")


@pytest.mark.usefixtures("_quick")
def test_nor_does_a_solve_by_work_that_something_else_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "solve", answers("time_limit", repeatable=False))
    solve_instance(TOY, tmp_path / "plan", settings=WORK)
    (tmp_path / "plan" / "stock.csv").unlink()
    found = rerun(tmp_path / "plan")
    assert (found.code, found.promised, found.identical) == (DONE, False, False)


@pytest.mark.usefixtures("_quick")
def test_settings_formulation_and_starts_are_those_of_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = read_instance(TOY).problem
    assert problem is not None
    chosen = replace(FORMULATIONS["slots"], method="improving")
    given = [("<before>", first_come_first_served(problem)), ("other", priority_list(problem))]
    settings = Settings(seconds=700.0, gap=0.25, threads=3, seed=11, work=7.5)
    solve_instance(TOY, tmp_path / "plan", chosen, settings, given=given)
    heard: list[tuple[object, ...]] = []

    def solver(problem: object, formulation: object, settings: object, **more: Any) -> Any:
        heard.append((formulation, settings, more["starts"][:2]))
        return answers("optimal", bound=1.0, repeatable=True)(problem, formulation, settings, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "solve", solver)
    found = rerun(tmp_path / "plan")
    assert heard == [(chosen, settings, given)]
    assert found.identical, found.files
    assert f"{FOLDER}/2.json" in (found.files or {})


@pytest.mark.usefixtures("_quick")
def test_a_workbook_is_run_again(tmp_path: Path) -> None:
    assert not convert(TOY, tmp_path / "toy.xlsx")
    solve_instance(tmp_path / "toy.xlsx", tmp_path / "plan", settings=WORK)
    assert rerun(tmp_path / "plan").identical


def test_so_is_an_account_of_why_there_is_no_plan(tmp_path: Path) -> None:
    solve_instance(INFEASIBLE, tmp_path / "plan", settings=WORK)
    found = rerun(tmp_path / "plan")
    assert (found.code, found.identical, found.promised) == (DONE, True, True)
    assert output.CLASHES in (found.files or {})


@pytest.mark.usefixtures("_quick")
def test_versions_that_differ_are_said(tmp_path: Path) -> None:
    def older(manifest: dict[str, Any]) -> None:
        manifest["versions"]["highspy"] = "0.1"
        del manifest["versions"]["numpy"]
        manifest["platform"]["processor"] = "[bold]abacus"

    solve_instance(TOY, tmp_path / "plan", settings=WORK)
    found = rerun(changed(tmp_path / "plan", older))
    assert found.identical
    assert {row.what: row.then for row in found.differences} == {
        "highspy": "0.1", "numpy": None, "processor": "[bold]abacus",
    }  # fmt: skip
    assert "highspy: 0.1 then" in said(found)
    assert "numpy: it was not there then" in said(found)
    assert "[bold]abacus then" in said(found)
    json.dumps(found.as_dict(), allow_nan=False)


# --- refused ---


def test_a_copy_that_was_changed_is_refused(plan: Path) -> None:
    copy = plan / output.INSTANCE
    (copy / "orders.csv").write_bytes((copy / "orders.csv").read_bytes() + b"\n")
    (copy / "needs.csv").unlink()
    (copy / "components.csv").write_text("component,on_hand\n", encoding="utf-8")
    found = rerun(plan)
    assert found.code == WRONG_INPUT
    assert {(finding.code, finding.file) for finding in found.findings} == {
        ("cannot_rerun", f"{output.INSTANCE}/{name}.csv") for name in ("orders", "needs", "components")
    }


@pytest.mark.parametrize(
    ("change", "column"),
    [
        (lambda manifest: manifest.update(command="robust"), "command"),
        (lambda manifest: manifest.update(rolled_from={"plan": "before"}), "rolled_from"),
        (lambda manifest: manifest.update(beside={"robust.toml": "00"}), "beside"),
        (lambda manifest: manifest.update(inputs={}), "inputs"),
        (lambda manifest: manifest.pop("options"), "options"),
        (lambda manifest: manifest["options"].update(threads="many"), "options.threads"),
        (lambda manifest: manifest["options"].update(seed=True), "options.seed"),
        (lambda manifest: manifest["options"].update(work=-1), "options.work"),
        (lambda manifest: manifest["options"].update(gap=None), "options.gap"),
        (lambda manifest: manifest.pop("formulation"), "formulation"),
        (lambda manifest: manifest["formulation"].update(orders="by_magic"), "formulation"),
        (lambda manifest: manifest["formulation"].update(method="by_magic"), "formulation"),
    ],
)
def test_a_manifest_that_does_not_say_is_refused(
    plan: Path, change: Callable[[dict[str, Any]], None], column: str
) -> None:
    found = rerun(changed(plan, change))
    assert found.code == WRONG_INPUT
    assert [(finding.code, finding.file, finding.column) for finding in found.findings] == [
        ("cannot_rerun", output.MANIFEST, column)
    ]


def test_all_that_is_wrong_is_said_at_once(plan: Path) -> None:
    (plan / output.INSTANCE / "orders.csv").unlink()
    found = rerun(changed(plan, lambda manifest: (manifest.pop("options"), manifest.pop("formulation"))))  # type: ignore[func-returns-value]
    assert len(found.findings) == 3


@pytest.mark.usefixtures("_quick")
def test_a_start_that_was_changed_is_refused(tmp_path: Path) -> None:
    problem = read_instance(TOY).problem
    assert problem is not None
    solve_instance(TOY, tmp_path / "plan", settings=WORK, given=[("before", first_come_first_served(problem))])
    file = tmp_path / "plan" / FOLDER / "1.json"
    file.write_text(file.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert [finding.file for finding in rerun(tmp_path / "plan").findings] == [f"{FOLDER}/1.json"]
    file.unlink()
    assert rerun(tmp_path / "plan").code == WRONG_INPUT


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("more", [{"rolled_from": {"plan": "x"}}, {"valued": False}])
def test_of_a_plan_planned_on_or_swept_only_the_plan_is_compared(tmp_path: Path, more: dict[str, Any]) -> None:
    problem = read_instance(TOY).problem
    assert problem is not None
    given = [("the plan before", first_come_first_served(problem))]
    solve_instance(TOY, tmp_path / "plan", settings=WORK, given=given)
    found = rerun(changed(tmp_path / "plan", lambda manifest: manifest.update(more)))
    assert found.identical
    assert not {*output.TOLD} & set(found.files or {})


def test_what_holds_no_result_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        assert [finding.code for finding in rerun(folder).findings] == ["cannot_rerun"]


def test_the_folder_itself_is_never_written_to(plan: Path) -> None:
    for out in (plan, plan / "again", plan.parent):
        found = rerun(plan, out)
        assert (found.code, [finding.code for finding in found.findings]) == (WRONG_INPUT, ["target_exists"])


def test_starts_go_both_ways() -> None:
    problem = read_instance(TOY).problem
    assert problem is not None
    given = [("one", first_come_first_served(problem)), ("zwei – 二", priority_list(problem))]
    assert [read_start(content) for content in starts_text(given).values()] == given
    with pytest.raises((KeyError, ValueError, TypeError)):
        read_start(b'{"name": "x"}')


def test_the_default_is_in_the_manifest(solved: Path) -> None:
    manifest = json.loads((solved / output.MANIFEST).read_text(encoding="utf-8"))
    assert manifest["formulation"]["name"] == DEFAULT
    assert (manifest["repeatable"], manifest["starts"], manifest["command"]) == (True, {}, "solve")


# --- against scenarios ---


@pytest.fixture(scope="module")
def hedged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan against scenarios, whose disturbance file came from another folder; never changed."""
    place = tmp_path_factory.mktemp("hedged")
    (place / "what").mkdir()
    written(place / "what", 'disturbances = "../slips.toml"\ndraws = 4\nscenarios = 1\nshared_weeks = 2\n')
    (place / "what" / "slips.toml").rename(place / "slips.toml")
    settings = Settings(work=6.0, threads=1)
    result = solve_robust_instance(TOY, place / "plan", place / "what" / "robust.toml", settings=settings)
    assert result.holds_plan
    (place / "slips.toml").unlink()
    return place / "plan"


def test_a_plan_against_scenarios_is_run_again_from_the_copies_beside_it(hedged: Path, tmp_path: Path) -> None:
    found = rerun(hedged, tmp_path / "again")
    assert (found.code, found.promised, found.identical, found.findings) == (DONE, True, True, ())
    assert found.then is not None
    assert found.now is not None
    assert found.then.robust is not None
    assert found.now.robust == found.then.robust
    assert len(found.now.robust.candidates) > 1
    assert (found.files or {})["robust.toml"] == (found.files or {})["slips.toml"] == "same"


@pytest.mark.parametrize("name", ["robust.toml", "slips.toml"])
def test_a_scenario_file_that_was_changed_is_refused(hedged: Path, tmp_path: Path, name: str) -> None:
    plan = shutil.copytree(hedged, tmp_path / "plan")
    (plan / name).write_bytes((plan / name).read_bytes() + b"\n")
    assert [(finding.column, finding.value) for finding in rerun(plan).findings] == [("beside", name)]
    (plan / name).unlink()
    found = rerun(plan)
    assert (found.code, [finding.value for finding in found.findings]) == (WRONG_INPUT, [name])


def test_a_manifest_without_the_robust_file_is_refused(hedged: Path, tmp_path: Path) -> None:
    plan = shutil.copytree(hedged, tmp_path / "plan")
    found = rerun(changed(plan, lambda manifest: manifest["beside"].pop("robust.toml")))
    assert [(finding.column, finding.expected) for finding in found.findings] == [("beside", "robust.toml")]
