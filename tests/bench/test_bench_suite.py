"""Suites: every finding at once, and the runs that a suite means."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from models.catalog import FORMULATIONS
from optimizer.bench.machine import ROOT
from optimizer.bench.plan import jobs, places
from optimizer.bench.suite import Suite, SuiteError, read_suite

TOY = ROOT / "instances" / "toy"


def written(folder: Path, text: str) -> Path:
    path = folder / "suite.toml"
    path.write_text(text, encoding="utf-8")
    return path


def suite(folder: Path, text: str) -> Suite:
    return read_suite(written(folder, f'name = "s"\ninstances = ["{TOY}"]\n{text}'))


def findings(folder: Path, text: str) -> list[str]:
    with pytest.raises(SuiteError) as told:
        read_suite(written(folder, text))
    return told.value.findings


@pytest.mark.parametrize("path", sorted((ROOT / "benchmarks" / "suites").glob("*.toml")), ids=lambda path: path.stem)
def test_the_suites_of_the_project(path: Path) -> None:
    assert read_suite(path).content.name == path.stem


def test_every_finding_at_once(tmp_path: Path) -> None:
    found = findings(
        tmp_path,
        """
        nam = "x"
        instances = ["nowhere", {class = "weakly"}, {class = "weekly", path = "x"}, {path = "x", factor = 2},
                     {class = "weekly", factor = 1001}, "."]
        formulations = ["slotz", {name = "slots", changes = {metod = "direct", orders = "litteral"}}]
        peers = ["cpsta"]
        baselines = ["priority"]
        seeds = [-1]
        settings = [{secnds = 5, gap = -1}, {seconds = inf}]
        repeats = "2"
        """,
    )
    expected = [
        "name: this key is needed",
        "instances[0] = 'nowhere': no instance matches",
        "Maybe 'weekly'",
        "instances[2]: either 'path' or 'class'",
        "instances[3]: 'seeds' and 'factor' belong to a 'class'",
        "instances[4].factor = 1001",
        "instances[5] = '.': no instance matches '.'",
        "'slotz' is no formulation. Maybe 'slots'",
        "'metod' is no part of a formulation. Maybe 'method'",
        "'litteral' is no choice of orders. Maybe 'literal'",
        "'cpsta' is no peer. Maybe 'cpsat'",
        "'priority' is no baseline. Maybe 'priority_list'",
        "seeds[0] = -1",
        "settings[0].secnds = 5: there is no such key. Maybe 'seconds'",
        "settings[0].gap = -1",
        "settings[1].seconds = inf",
        "repeats = '2'",
        "nam = 'x': there is no such key. Maybe 'name'",
    ]
    for piece in expected:
        assert any(piece in line for line in found), piece
    assert all(line.startswith("suite.toml: ") for line in found)


def test_braces_in_a_name_are_only_text(tmp_path: Path) -> None:
    assert "'{0}{x}' is no formulation" in findings(tmp_path, 'name="s"\ninstances=["a"]\nformulations=["{0}{x}"]')[1]


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("name = ", "breaks the rules of TOML"),
        (f'name = "s"\ninstances = ["{TOY}"]', "nothing to run"),
        (f'name = "a/b"\ninstances = ["{TOY}"]\nbaselines = ["priority_list"]', "name = 'a/b'"),
        (f'name = "s"\ninstances = ["{TOY}"]\nformulations = [{{name = "slots", changes = {{packages = "indexed"}}}}]',
         "needs"),
    ],
)  # fmt: skip
def test_single_findings(tmp_path: Path, text: str, piece: str) -> None:
    (found,) = findings(tmp_path, text)
    assert piece in found


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="cannot be read"):
        read_suite(tmp_path / "none.toml")


def test_runs_of_a_suite(tmp_path: Path) -> None:
    told = suite(
        tmp_path,
        """
        formulations = ["slots", {name = "slots", changes = {method = "direct"}}, "slots"]
        baselines = ["priority_list"]
        seeds = [0, 1]
        repeats = 2
        settings = [{seconds = 5}, {seconds = 10, threads = 1}]
        """,
    )
    runs = jobs(told, places(told, tmp_path), "abc")
    assert len(runs) == 2 * 2 * 2 * 2 + 1
    assert len({run.key for run in runs}) == len(runs)
    assert {run.entry for run in runs} == {"slots", "slots method=direct", "priority_list"}
    assert [run.entry for run in runs[:3]] == ["priority_list", "slots", "slots method=direct"]
    assert {run.commit for run in runs} == {"abc"}


def test_all_formulations(tmp_path: Path) -> None:
    told = suite(tmp_path, 'formulations = ["*"]')
    assert [run.name for run in jobs(told, places(told, tmp_path), "")] == list(FORMULATIONS)


def test_a_key_tells_programs_and_contents_apart_and_not_places(tmp_path: Path) -> None:
    told = suite(tmp_path, 'formulations = ["slots"]')
    (place,) = places(told, tmp_path)
    here, there = (jobs(told, [place], commit)[0].key for commit in ("a", "b"))
    assert here != there
    copy = tmp_path / "other" / "toy"
    copy.mkdir(parents=True)
    for file in TOY.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    moved = read_suite(written(tmp_path, 'name = "s"\ninstances = ["other/*"]\nformulations = ["slots"]'))
    assert jobs(moved, places(moved, tmp_path), "a")[0].key == here
    (copy / "orders.csv").write_bytes((copy / "orders.csv").read_bytes() + b"\n")
    assert jobs(moved, places(moved, tmp_path), "a")[0].key != here


def test_two_instances_of_one_name(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder / "x").mkdir(parents=True)
        (tmp_path / folder / "x" / "instance.toml").write_text(folder, encoding="utf-8")
    told = read_suite(written(tmp_path, 'name = "s"\ninstances = ["*/x"]\nbaselines = ["priority_list"]'))
    with pytest.raises(SuiteError, match="two instances are called 'x'"):
        places(told, tmp_path)


def test_generated_instances_are_made_once(tmp_path: Path) -> None:
    text = 'name = "s"\ninstances = [{class = "toy", seeds = [3, 4]}]\nbaselines = ["priority_list"]'
    told = read_suite(written(tmp_path, text))
    found = places(told, tmp_path / "out")
    assert [place.label for place in found] == ["toy-3", "toy-4"]
    assert found[0].digest != found[1].digest
    made = [(place.path / "instance.toml").stat().st_mtime_ns for place in found]
    again = places(told, tmp_path / "out")
    assert [(place.path / "instance.toml").stat().st_mtime_ns for place in again] == made
    assert tomllib.loads((found[0].path / "instance.toml").read_text(encoding="utf-8"))["name"]
