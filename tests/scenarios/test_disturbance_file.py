"""Disturbance files: every finding at once, with its place, what would be right, and a guess where one stands out."""

from __future__ import annotations

import dataclasses
import datetime as dt
from itertools import pairwise
from pathlib import Path

import pytest

from optimizer.findings import Finding
from optimizer.reading.instance import read_instance
from optimizer.scenarios.disturbance_file import judged, read_disturbances
from optimizer.scenarios.disturbance_rows import KEYS
from optimizer.scenarios.disturbances import KINDS, Chance, Chosen, Disturbances, Drawn, Range
from tests.builders import small_problem

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "instances" / "scenarios" / "disturbances.toml"

SLIP = """
[[line_slips]]
name = "slip"
lines = "*"
per_week = 0.5
loss = [0.1, 0.4]
weeks = [4, 26]
"""
NEED = """
[[urgent_needs]]
name = "urgent"
items = ["missile"]
per_horizon = 0.5
quantity = 3
due_weeks = 4
"""


def findings_of(text: str) -> list[Finding]:
    disturbances, findings = judged(f'name = "x"\n{text}'.encode(), "x.toml", small_problem())
    assert (disturbances is None) == bool(findings)
    return list(findings)


def test_the_shipped_file_fits_the_real_instance_and_has_every_kind() -> None:
    problem = read_instance(ROOT / "instances" / "purl-2026-w02").problem
    disturbances, findings = read_disturbances(SHIPPED, problem)
    assert findings == ()
    assert disturbances is not None
    assert all(getattr(disturbances, kind) for kind in KINDS)


def test_the_shipped_file_says_what_is_invented() -> None:
    """Every row has a comment before it that says where its numbers come from."""
    text = SHIPPED.read_text(encoding="utf-8")
    parts = text.split("\n[[")
    for before, part in pairwise(parts):
        comment = [line for line in before.rstrip().splitlines()[-5:] if line.startswith("#")]
        assert "invented" in " ".join(comment), part.splitlines()[0]


def test_records_and_kinds_agree() -> None:
    for record in (Disturbances, Drawn):
        assert [row.name for row in dataclasses.fields(record)][2:] == list(KINDS)
    assert list(KEYS) == list(KINDS)


def test_what_a_row_becomes() -> None:
    disturbances, findings = judged(f'name = "x"\n{SLIP}{NEED}'.encode(), "x.toml", small_problem())
    assert findings == ()
    assert disturbances is not None
    (slip,) = disturbances.line_slips
    assert slip.chosen == Chosen()
    assert slip.chance == Chance(per_week=0.5)
    assert (slip.loss, slip.weeks, slip.known_after_weeks) == (Range(0.1, 0.4), Range(4, 26), Range(1, 1))
    (need,) = disturbances.urgent_needs
    assert need.chosen == Chosen("items", ("missile",))
    assert (need.quantity, need.value_usd_m, need.expires_weeks) == (Range(3, 3), None, None)


def test_for_good_is_a_spell_without_end() -> None:
    text = SLIP.replace("[4, 26]", '"for_good"')
    disturbances, _ = judged(f'name = "x"\n{text}'.encode(), "x.toml")
    assert disturbances is not None
    assert disturbances.line_slips[0].weeks is None


def test_an_empty_file_means_that_nothing_happens() -> None:
    assert judged(b'name = "calm"', "x.toml", small_problem()) == (Disturbances("calm"), ())


@pytest.mark.parametrize(
    ("old", "new", "code", "column", "row", "hint"),
    [
        ("loss = [0.1, 0.4]", "loss = [0.4, 0.1]", "end_before_beginning", "line_slips[0].loss", 7, "[0.1, 0.4]"),
        ("loss = [0.1, 0.4]", "loss = 40", "too_large", "line_slips[0].loss", 7, "Maybe 0.4"),
        ("loss = [0.1, 0.4]", "loss = -1", "too_small", "line_slips[0].loss", 7, ""),
        ("loss = [0.1, 0.4]", "loss = nan", "not_finite", "line_slips[0].loss", 7, ""),
        ("loss = [0.1, 0.4]", "loss = true", "not_a_number", "line_slips[0].loss", 7, ""),
        ("loss = [0.1, 0.4]", 'loss = "0,1"', "not_a_number", "line_slips[0].loss", 7, "Maybe 0.1"),
        ("loss = [0.1, 0.4]", "loss = [0.1]", "wrong_length", "line_slips[0].loss", 7, ""),
        ("loss = [0.1, 0.4]", "loss = {low=0, hihg=1}", "unknown_setting", "line_slips[0].loss", 7, "Maybe high"),
        ("loss = [0.1, 0.4]", "loss = {low=0}", "missing_setting", "line_slips[0].loss", 7, ""),
        ("weeks = [4, 26]", "weeks = [1.5, 2]", "not_whole", "line_slips[0].weeks", 8, ""),
        ("weeks = [4, 26]", "weeks = 0", "too_small", "line_slips[0].weeks", 8, ""),
        ("weeks = [4, 26]", 'weeks = "forgood"', "unknown_choice", "line_slips[0].weeks", 8, 'Maybe "for_good"'),
        ("weeks = [4, 26]", "", "missing_setting", "line_slips[0].weeks", 3, ""),
        ("per_week = 0.5", "per_week = 1.5", "too_large", "line_slips[0].per_week", 6, ""),
        ("per_week = 0.5", "per_weak = 0.5", "unknown_setting", "line_slips[0].per_weak", 6, "Maybe per_week"),
        ("per_week = 0.5", "", "missing_setting", "line_slips[0]", 3, ""),
        ("per_week = 0.5", "per_week = 0.5\nper_horizon = 0.5", "wrong_type", "line_slips[0]", 3, ""),
        ("per_week = 0.5", 'per_week = 1\nfirst = "2026-01-05"', "not_a_date", "line_slips[0].first", 7, "2026-01-05"),
        (
            "per_week = 0.5",
            "per_week = 1\nfirst = 2026-02-02\nlast = 2026-01-05",
            "end_before_beginning",
            "line_slips[0].last",
            3,
            "",
        ),
        ('lines = "*"', "", "missing_setting", "line_slips[0]", 3, ""),
        ('lines = "*"', 'lines = "*"\nitems = "*"', "wrong_type", "line_slips[0]", 3, ""),
        ('lines = "*"', "lines = []", "wrong_length", "line_slips[0].lines", 5, ""),
        ('lines = "*"', "lines = [3]", "wrong_type", "line_slips[0].lines", 5, ""),
        ('lines = "*"', 'lines = ["shell_lin"]', "unknown_key", "line_slips[0].lines", 5, "Maybe shell_line"),
        ('lines = "*"', 'categories = ["amunition"]', "unknown_key", "line_slips[0].categories", 5, "Maybe ammunition"),
        ('name = "slip"', 'name = "=1+1"', "bad_text", "line_slips[0].name", 4, ""),
        ("[[line_slips]]", "[[line_slip]]", "unknown_setting", "line_slip", 3, "Maybe line_slips"),
        ("[[line_slips]]", "[[lane_closures]]", "unknown_setting", "lane_closures", 3, "lanes have no dates"),
        ("[[line_slips]]", "[line_slips]", "wrong_type", "line_slips", None, ""),
        (SLIP, SLIP + SLIP, "duplicate_key", "line_slips", None, ""),
    ],
)
def test_a_finding(old: str, new: str, code: str, column: str, row: int | None, hint: str) -> None:  # noqa: PLR0917
    assert old in SLIP
    found = findings_of(SLIP.replace(old, new, 1))
    (finding,) = [one for one in found if one.code == code and one.column == column]
    assert finding.file == "x.toml"
    assert row is None or finding.row == row
    assert hint in finding.hint
    assert bool(finding.hint) == bool(hint)
    assert finding.expected


def test_all_findings_at_once_by_line() -> None:
    text = SLIP.replace("[0.1, 0.4]", "7").replace("per_week = 0.5", "") + NEED.replace("missile", "missle").replace(
        "quantity = 3", ""
    )
    found = findings_of(text)
    # a name is compared with the instance only in a file that is sound by itself
    assert [finding.code for finding in found] == ["missing_setting", "too_large", "missing_setting"]
    assert [finding.row for finding in found] == sorted(finding.row or 0 for finding in found)


def test_names_are_compared_only_with_an_instance() -> None:
    text = f'name = "x"\n{NEED.replace("missile", "missle")}'.encode()
    assert judged(text, "x.toml")[1] == ()
    (finding,) = judged(text, "x.toml", small_problem())[1]
    assert (finding.code, finding.value, finding.hint) == ("unknown_key", "missle", "Maybe missile")


def test_braces_and_brackets_of_the_user_are_text() -> None:
    (finding,) = findings_of(SLIP.replace('lines = "*"', 'lines = ["{message}", "shell_line"]'))
    assert finding.value == "{message}"
    (finding,) = findings_of(SLIP.replace("[4, 26]", '"{0}"'))
    assert "{0}" in finding.message


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"name = ", b'name = "a"\nname = "b"'])
def test_broken_files_are_findings(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(data)
    disturbances, findings = read_disturbances(path)
    assert disturbances is None
    assert [finding.severity for finding in findings] == ["error"]


def test_a_missing_file_and_a_folder_are_findings(tmp_path: Path) -> None:
    assert [finding.code for finding in read_disturbances(tmp_path / "none.toml")[1]] == ["no_such_path"]
    assert [finding.code for finding in read_disturbances(tmp_path)[1]] == ["cannot_read"]


def test_ranges() -> None:
    assert Range(2, 4).at(0.5) == 3
    assert [Range(1, 3).whole_at(unit) for unit in (0.01, 0.34, 0.99)] == [1, 2, 3]
    leaning = Range(0, 10, mode=0)
    assert leaning.at(0.5) == pytest.approx(10 - 50**0.5)
    assert Range(0, 10, mode=10).at(0.25) == pytest.approx(5)
    assert Range(3, 3, mode=3).at(0.7) == 3


def test_a_history_goes_through_json() -> None:
    with pytest.raises(KeyError):
        Drawn.from_dict({})
    with pytest.raises(ValueError, match="isoformat"):
        Drawn.from_dict({"scenario": "", "seed": 0, "withdrawn_offers": [{"offer": "V", "known_on": "soon"}]})
    assert Drawn.from_dict(Drawn("s", 3).as_dict()) == Drawn("s", 3)
    assert dt.date(2026, 1, 5).isoformat() == "2026-01-05"
