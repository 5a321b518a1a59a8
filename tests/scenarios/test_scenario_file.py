"""Scenario files: read, judged, put together, written, and where in them something is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.scenarios.apply import patched
from optimizer.scenarios.patch import Patch
from optimizer.scenarios.scenario_file import lines_of, read_scenarios, scenarios_text
from tests.scenarios.worlds import after, patch, toy

GOOD = """
# what may come
[scenario.late]
about = "Money comes late."
changes = [
  { shift = "pledges.*.available_on", by = 2 },   # all of it
]

[scenario."half, too"]
of = ["late"]
changes = [{ scale = "pledges.*.amount_usd_m", by = 0.5 }]

[[scenario.more.changes]]
set = "orders.O1.quantity"
to = 6

[[scenario.more.changes]]
add = "receipts"
row = { item = "SHELL", date = 2026-02-02, quantity = 4 }

[scenario.nothing]
"""


def write(folder: Path, text: str) -> Path:
    (folder / "s.toml").write_text(text, encoding="utf-8")
    return folder / "s.toml"


def read(folder: Path, text: str) -> dict[str, Patch]:
    found, findings = read_scenarios(write(folder, text))
    assert found is not None, [finding.line() for finding in findings]
    return found.patches


def test_a_file_is_read(tmp_path: Path) -> None:
    patches = read(tmp_path, GOOD)
    late = {"shift": "pledges.*.available_on", "by": 2}
    half = {"scale": "pledges.*.amount_usd_m", "by": 0.5}
    row = {"item": "SHELL", "date": "2026-02-02", "quantity": 4}
    assert patches == {
        "late": patch(late, name="late"),
        "half, too": patch(late, half, name="half, too"),
        "more": patch({"set": "orders.O1.quantity", "to": 6}, {"add": "receipts", "row": row}, name="more"),
        "nothing": patch(name="nothing"),
    }
    assert patches["late"].about == "Money comes late."
    problem = toy()
    assert patched(problem, [patches["half, too"]]).problem == after(problem, late, half)


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    patches = read(tmp_path, GOOD)
    assert read(tmp_path, scenarios_text(patches.values())) == patches


def test_lines_are_those_of_the_changes() -> None:
    assert lines_of(GOOD) == {"late": (6,), "half, too": (11,), "more": (13, 17)}


def test_a_finding_says_the_line(tmp_path: Path) -> None:
    _, (finding,) = read_scenarios(write(tmp_path, GOOD.replace("O1.quantity", "O1.quantty")))
    assert (finding.code, finding.row, finding.column) == ("unknown_column", 13, "more, change 1")
    assert finding.file.endswith("s.toml")
    assert finding.hint == "Maybe quantity"


def test_a_part_has_the_place_of_its_own(tmp_path: Path) -> None:
    patches = read(tmp_path, GOOD.replace("pledges.*.available_on", "pledges.GX.available_on"))
    reading = patched(toy(), [patches["half, too"]])
    (finding,) = [found for found in reading.findings if found.severity == "error"]
    assert (finding.row, finding.column) == (6, "late, change 1")


@pytest.mark.parametrize(
    ("text", "code", "column", "hint"),
    [
        ("[scenario.a\n", "broken_toml", None, ""),
        ("scenario = 3\n", "bad_scenario", "scenario", ""),
        ("[scenario]\na = 3\n", "bad_scenario", "a", ""),
        ("[scenarios.a]\n", "bad_scenario", "scenarios", "Maybe scenario"),
        ("[scenario.a]\nchanges = 3\n", "bad_scenario", "a", ""),
        ("[scenario.a]\nchange = []\n", "bad_scenario", "a", "Maybe changes"),
        ("[scenario.a]\nabout = 3\n", "bad_scenario", "a", ""),
        ("[scenario.a]\nof = 3\n", "bad_scenario", "a, of", ""),
        ("[scenario.late]\nof = 'lat'\n[scenario.b]\n", "unknown_scenario", "late, of", ""),
        ("[scenario.late]\n[scenario.b]\nof = ['lates']\n", "unknown_scenario", "b, of", "Maybe late"),
        ("[scenario.late]\nof = ['late']\n", "bad_scenario", "late, of", ""),
        ('[scenario."a\\nb"]\n', "bad_text", "scenario", ""),
        ('[scenario."  "]\n', "bad_text", "scenario", ""),
    ],
)
def test_wrong_files(tmp_path: Path, text: str, code: str, column: str | None, hint: str) -> None:
    found, findings = read_scenarios(write(tmp_path, text))
    assert found is None
    assert [(finding.code, finding.column, finding.hint) for finding in findings] == [(code, column, hint)]


def test_a_circle_of_two(tmp_path: Path) -> None:
    text = "[scenario.a]\nof = ['b']\n[scenario.b]\nof = ['a']\n[scenario.c]\nof = ['a']\n"
    found, findings = read_scenarios(write(tmp_path, text))
    assert found is None
    assert [finding.column for finding in findings] == ["a, of", "b, of"]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes("[scenario.ü]\n".encode("latin-1"))
    for name, code in (("none.toml", "no_such_path"), (".", "cannot_read"), ("latin.toml", "wrong_encoding")):
        found, (finding,) = read_scenarios(tmp_path / name)
        assert (found, finding.code) == (None, code)


def test_which_scenario_is_meant(tmp_path: Path) -> None:
    found, _ = read_scenarios(write(tmp_path, GOOD))
    assert found is not None
    assert found.named("late")[0] == found.patches["late"]
    for name, hint in (("lates", "Maybe late"), ("", "")):
        patch_found, finding = found.named(name)
        assert patch_found is None
        assert finding is not None
        assert (finding.code, finding.hint) == ("unknown_scenario", hint)
        assert "half, too" in finding.expected
    alone, _ = read_scenarios(write(tmp_path, "[scenario.only]\n"))
    assert alone is not None
    assert alone.named("")[0] == patch(name="only")
    empty, _ = read_scenarios(write(tmp_path, ""))
    assert empty is not None
    assert empty.named("")[1] is not None
