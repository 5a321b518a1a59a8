"""`burdenshare solve`: exit codes, what is written and printed, and what never is."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
from pathlib import Path

import pytest

from models.baselines import priority_list
from models.plan import Plan
from optimizer import pipeline
from optimizer.judging import judged_baselines
from optimizer.pipeline import solve_instance
from optimizer.reading.instance import read_instance
from optimizer.reporting import excel
from optimizer.settings import Settings
from optimizer.solving.checkpoint import Checkpoint
from optimizer.solving.outcome import Clash, Outcome
from tests.cli.runs import INFEASIBLE, TOY, Command, answers, copy_of, files, use

WRITTEN = {
    "summary.json",
    "dispatches.csv",
    "undelivered.csv",
    "production.csv",
    "stock.csv",
    "packages.csv",
    "package_contents.csv",
    "payments.csv",
    "offers.csv",
    "approvals.csv",
    "weights.csv",
    "marginal_values.csv",
    "manifest.json",
    "report.html",
    "plan.xlsx",
}
CLASH = Clash("promise", "firm_date", ("O1",), 2.0, "units", "2 units too few by 2026-02-02")


@pytest.mark.parametrize(("status", "code"), [("optimal", 0), ("gap_reached", 0), ("time_limit", 3)])
def test_a_plan_is_written_with_everything(
    burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: str, code: int
) -> None:
    use(monkeypatch, answers(status))  # type: ignore[arg-type]
    run = burdenshare("solve", TOY, "--out", tmp_path / "plan", "--seed", 7, "--threads", 1)
    assert run.code == code
    found = files(tmp_path / "plan")
    assert {name for name in found if "/" not in name} == WRITTEN
    source = {f"instance/{name}": data for name, data in files(TOY).items() if name.endswith((".csv", ".toml"))}
    assert {name: found.get(name) for name in source} == source, "the copy is the instance, byte for byte"
    summary = json.loads(found["summary.json"])
    assert (summary["instance"], summary["status"], summary["checker"]) == ("toy", status, "passed")
    assert set(summary["seconds"]) >= {"read", "build", "solve", "check", "write", "total"}
    assert summary["seconds"]["total"] >= summary["seconds"]["read"] > 0
    manifest = json.loads(found["manifest.json"])
    assert (manifest["seed"], manifest["threads"], manifest["options"]["gap"]) == (7, 1, 1e-4)
    assert set(manifest["inputs"]) == {name.removeprefix("instance/") for name in source}


def test_it_ends_with_a_table_of_all_three_cases(
    burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, answers("gap_reached"))
    run = burdenshare("solve", TOY, "--out", tmp_path / "plan")
    for words in ("First come, first served", "Priority list", "Plan", "needs delay", "total", "the gap is 10.00 %"):
        assert words in run.out
    assert str(tmp_path / "plan") in run.err


def test_json_is_the_summary_and_nothing_else(
    burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, answers("optimal", bound=1.0))
    run = burdenshare("solve", TOY, "--out", tmp_path / "plan", "--json")
    assert json.loads(run.out) == json.loads((tmp_path / "plan" / "summary.json").read_text(encoding="utf-8"))
    assert json.loads(run.out)["gap"] == 0


def test_the_same_plan_gives_the_same_bytes(
    burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, answers("optimal"))
    for name in ("a", "b"):
        assert burdenshare("solve", TOY, "--out", tmp_path / name).code == 0
    first, second = files(tmp_path / "a"), files(tmp_path / "b")
    times = {"summary.json", "manifest.json"}
    assert {name for name in first if first[name] != second[name]} <= times
    assert first.keys() == second.keys()


def test_a_workbook_is_solved_and_kept_as_a_workbook(
    burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, answers("optimal"))
    assert burdenshare("convert", TOY, tmp_path / "toy.xlsx").code == 0
    assert burdenshare("solve", tmp_path / "toy.xlsx", "--out", tmp_path / "plan").code == 0
    copy = tmp_path / "plan" / "instance" / "toy.xlsx"
    assert copy.read_bytes() == (tmp_path / "toy.xlsx").read_bytes()
    assert burdenshare("check", tmp_path / "plan" / "instance", "--plan", tmp_path / "plan").code == 0


def test_no_plan_can_exist(burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, answers("infeasible", clashes=(CLASH,)))
    run = burdenshare("solve", INFEASIBLE, "--out", tmp_path / "plan")
    assert run.code == 4
    assert "firm_date [O1]: 2 units too few by 2026-02-02 (by 2 units)" in run.out
    clashes = json.loads((tmp_path / "plan" / "clashes.json").read_text(encoding="utf-8"))
    assert clashes[0]["rule"] == "firm_date"
    assert json.loads((tmp_path / "plan" / "summary.json").read_text(encoding="utf-8"))["status"] == "infeasible"
    assert not (tmp_path / "plan" / "dispatches.csv").exists()
    again = burdenshare("solve", INFEASIBLE, "--out", tmp_path / "plan", "--json")
    assert (again.code, json.loads(again.out)["clashes"]) == (4, clashes)


def knows_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let neither of the two cases to compare with be a legal plan."""
    compared = judged_baselines
    monkeypatch.setattr(pipeline, "judged_baselines", lambda problem: (compared(problem)[0], []))


def test_time_ran_out_with_no_plan(burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, answers("no_plan"))
    knows_no_plan(monkeypatch)
    run = burdenshare("solve", TOY, "--out", tmp_path / "plan", "--json")
    assert run.code == 5
    found = json.loads(run.out)
    assert (found["status"], found["objective"], found["gap"]) == ("no_plan", None, None)
    assert not (tmp_path / "plan" / "dispatches.csv").exists()


def test_time_ran_out_and_the_better_of_the_two_cases_is_the_plan(
    burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, answers("no_plan", bound=None))
    run = burdenshare("solve", TOY, "--out", tmp_path / "plan", "--json")
    found = json.loads(run.out)
    assert (run.code, found["status"], found["checker"], found["bound"]) == (3, "time_limit", "passed", None)
    assert found["objective"] == min(case["objective"] for case in found["baselines"])
    assert any("'priority_list'" in said for said in found["warnings"])
    assert burdenshare("check", TOY, "--plan", tmp_path / "plan").code == 0
    said = burdenshare("solve", TOY, "--out", tmp_path / "again").out
    assert "the solver had no plan yet" in said


def test_a_plan_is_not_replaced_by_no_plan(
    burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, answers("optimal"))
    burdenshare("solve", TOY, "--out", tmp_path / "plan")
    before = files(tmp_path / "plan")
    use(monkeypatch, answers("no_plan"))
    assert burdenshare("solve", TOY, "--out", tmp_path / "plan").code == 5
    assert files(tmp_path / "plan") == before


def stops(plan: bool) -> object:
    """A solver during which the user presses Ctrl-C; it looks, stops, and gives what it has."""

    def solve(*given: object, **named: object) -> Outcome:
        stop = named["stop"]
        assert callable(stop)
        assert not stop()
        os.kill(os.getpid(), signal.SIGINT)
        assert stop()
        return answers("interrupted" if plan else "no_plan")(*given, **named)  # type: ignore[arg-type]

    return solve


@pytest.mark.parametrize("plan", [True, False])
def test_interrupted(burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plan: bool) -> None:
    before = signal.getsignal(signal.SIGINT)
    use(monkeypatch, stops(plan))  # type: ignore[arg-type]
    if not plan:
        knows_no_plan(monkeypatch)
    run = burdenshare("solve", TOY, "--out", tmp_path / "plan", "--json")
    assert run.code == 130
    assert json.loads(run.out)["status"] == ("interrupted" if plan else "no_plan")
    assert (tmp_path / "plan" / "dispatches.csv").exists() == plan
    assert "interrupted" in run.err
    assert signal.getsignal(signal.SIGINT) is before


def test_interrupted_twice_gives_up_at_once(
    burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def solve(*_: object, **__: object) -> Outcome:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        raise AssertionError("the second one is raised")

    use(monkeypatch, solve)
    run = burdenshare("solve", TOY, "--out", tmp_path / "plan")
    assert (run.code, run.out) == (130, "")
    assert list(tmp_path.iterdir()) == []


def test_a_plan_that_breaks_rules_is_our_fault(
    burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(plan: Plan) -> Plan:
        return dataclasses.replace(plan, made=())

    use(monkeypatch, answers("optimal", spoil=spoil))
    run = burdenshare("solve", TOY, "--out", tmp_path / "plan", "--json")
    assert run.code == 1
    found = json.loads(run.out)
    assert "stock_balance" in found["error"]
    assert "Traceback" not in run.err
    assert "not because of your input" in run.err
    assert "stock_balance" in Path(found["log"]).read_text(encoding="utf-8")
    Path(found["log"]).unlink()
    assert list(tmp_path.iterdir()) == []


def test_a_plan_that_is_worth_something_else_is_our_fault(
    burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, answers("optimal", objective=1.0))
    run = burdenshare("solve", TOY, "--out", tmp_path / "plan", "--json")
    assert run.code == 1
    assert "the solver says 1" in json.loads(run.out)["error"]
    Path(json.loads(run.out)["log"]).unlink()
    assert list(tmp_path.iterdir()) == []


def test_wrong_input_is_told_and_nothing_written(burdenshare: Command, tmp_path: Path) -> None:
    bad = copy_of(TOY, tmp_path / "bad")
    items = (bad / "items.csv").read_text(encoding="utf-8")
    (bad / "items.csv").write_text(items.replace("item,", "itme,", 1), encoding="utf-8")
    run = burdenshare("solve", bad, "--out", tmp_path / "plan", "--json")
    assert run.code == 2
    findings = json.loads(run.out)["findings"]
    assert "unknown_column" in {finding["code"] for finding in findings}
    assert "items.csv" in run.err
    assert not (tmp_path / "plan").exists()


def test_a_folder_that_holds_no_plan_is_refused_before_solving(
    burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> Outcome:
        raise AssertionError("nothing is solved")

    use(monkeypatch, never)
    (tmp_path / "notes.txt").write_text("mine")
    run = burdenshare("solve", TOY, "--out", tmp_path)
    assert run.code == 2
    assert "holds no plan" in run.err
    assert files(tmp_path) == {"notes.txt": b"mine"}


def test_what_is_wrong_with_input_and_target_is_told_at_once(burdenshare: Command, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    run = burdenshare("solve", tmp_path / "nowhere", "--out", tmp_path, "--json")
    assert run.code == 2
    assert [finding["code"] for finding in json.loads(run.out)["findings"]] == ["target_exists", "no_such_path"]


def test_a_failure_while_writing_leaves_nothing(
    burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    use(monkeypatch, answers("optimal"))
    monkeypatch.setattr(excel, "write_workbook", full)
    run = burdenshare("solve", TOY, "--out", tmp_path / "a" / "plan")
    assert run.code == 2
    assert "No space left on device" in run.err
    assert "Traceback" not in run.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--gap", "-0.1"], "gap"),
        (["--gap", "nan"], "gap"),
        (["--gap", "inf"], "gap"),
        (["--seconds", "0"], "seconds"),
        (["--memory-gib", "0"], "memory-gib"),
        (["--seconds", "-1"], "seconds"),
        (["--seconds", "nan"], "seconds"),
        (["--threads", "0"], "threads"),
        (["--threads", "two"], "threads"),
        (["--seed", "-1"], "seed"),
        (["--formulation", "slot"], "Maybe 'slots'"),
        (["--nonsense"], "nonsense"),
    ],
)
def test_bad_values_are_usage_errors(burdenshare: Command, tmp_path: Path, words: list[str], said: str) -> None:
    run = burdenshare("solve", TOY, "--out", tmp_path / "plan", *words)
    assert (run.code, run.out) == (2, "")
    assert said in run.err
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_is_gone_on_from_and_goes_once_the_gap_is_proven(burdenshare: Command, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    words = ("solve", TOY, "--out", tmp_path / "plan", "--checkpoint", kept, "--threads", 1)
    problem = read_instance(TOY).problem
    assert problem is not None
    Checkpoint(kept, problem).keep_state(priority_list(problem), None, 1.0, "branch and bound")
    run = burdenshare(*words)
    assert run.code == 0
    assert "goes on from a checkpoint" in run.out
    assert not kept.exists()
    assert "goes on" not in burdenshare(*words).out


def test_a_checkpoint_stays_while_the_gap_is_not_proven(
    burdenshare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = read_instance(TOY).problem
    assert problem is not None
    Checkpoint(tmp_path / "kept", problem).keep_state(None, None, 1.0, "branch and bound")
    use(monkeypatch, answers("time_limit"))
    assert burdenshare("solve", TOY, "--out", tmp_path / "plan", "--checkpoint", tmp_path / "kept").code == 3
    assert Checkpoint(tmp_path / "kept", problem).state() is not None


def test_a_folder_in_which_nothing_can_be_kept_is_refused_before_solving(burdenshare: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    run = burdenshare("solve", TOY, "--out", tmp_path / "plan", "--checkpoint", tmp_path / "file")
    assert run.code == 2
    assert "no checkpoint can be kept here" in run.err
    assert not (tmp_path / "plan").exists()


def test_out_must_be_given(burdenshare: Command) -> None:
    run = burdenshare("solve", TOY, "--json")
    assert run.code == 2
    assert "--out" in json.loads(run.out)["error"]


def test_the_plain_call_does_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, answers("optimal"))
    result = solve_instance(TOY, tmp_path / "plan", settings=Settings(seconds=5))
    assert (result.code, result.folder, result.holds_plan) == (0, tmp_path / "plan", True)
    assert result.summary is not None
    assert result.summary.terms == pytest.approx(
        json.loads((tmp_path / "plan" / "summary.json").read_text(encoding="utf-8"))["terms"]
    )
    with pytest.raises(KeyError):
        solve_instance(TOY, tmp_path / "plan", "nonsense")
