"""The robust file: what may stand in it, and everything that is wrong said at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.stochastic.risk import Risk
from optimizer.scenarios.robust_file import KEYS, read_robust
from tests.builders import small_problem
from tests.docs.pages import ROOT

SHIPPED = ROOT / "instances" / "scenarios" / "robust.toml"
SLIPS = """
name = "slips"
[[line_slips]]
name = "slip"
lines = "*"
per_week = 0.3
loss = [0.4, 0.9]
weeks = [2, 6]
"""


def written(tmp_path: Path, text: str, slips: str = SLIPS) -> Path:
    (tmp_path / "slips.toml").write_text(slips, encoding="utf-8")
    path = tmp_path / "robust.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_file_is_right() -> None:
    file, findings = read_robust(SHIPPED, small_problem())
    assert findings == ()
    assert file is not None
    assert file.risk == Risk(0.9, 0.5)


def test_defaults(tmp_path: Path) -> None:
    file, findings = read_robust(written(tmp_path, 'disturbances = "slips.toml"'))
    assert findings == ()
    assert file is not None
    assert (file.draws, file.scenarios, file.shared_weeks, file.nominal_weight) == (100, 5, 4, 0.2)
    assert file.disturbances is not None
    assert file.disturbances.name == "slips"
    assert file.files == {"slips.toml": SLIPS.encode()}


def test_everything_is_said_at_once(tmp_path: Path) -> None:
    text = """disturbances = "slps.toml"
draws = 3
scenarios = 4
shared_week = 4
level = 90
weight = "0.5"
seed = 1.5
nominal_weight = 0
broken_weeks = nan
"""
    file, findings = read_robust(written(tmp_path, text))
    assert file is None
    said = {finding.column: (finding.code, finding.row) for finding in findings}
    assert said == {
        "shared_week": ("unknown_setting", 4),
        "level": ("too_large", 5),
        "weight": ("not_a_number", 6),
        "seed": ("not_whole", 7),
        "nominal_weight": ("too_small", 8),
        "broken_weeks": ("not_finite", 9),
        "scenarios": ("too_large", 3),
        "disturbances": ("no_such_path", 1),
    }
    hints = {finding.column: finding.hint for finding in findings}
    assert "shared_weeks" in hints["shared_week"]
    assert "0.9" in hints["level"]
    assert "slips.toml" in hints["disturbances"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("draws = 3", "missing_setting"),
        ("disturbances = 3", "wrong_type"),
        ('disturbances = "slips.toml', "broken_toml"),
        ('disturbances = "a\\u0000b"', "wrong_type"),
        ('disturbances = "slips.toml"\nlevel = 1', "too_large"),
        ('disturbances = "slips.toml"\nweight = true', "not_a_number"),
    ],
)
def test_what_is_wrong(tmp_path: Path, text: str, code: str) -> None:
    file, findings = read_robust(written(tmp_path, text))
    assert file is None
    assert [finding.code for finding in findings] == [code]


def test_findings_of_the_disturbance_file_are_told_too(tmp_path: Path) -> None:
    path = written(tmp_path, 'disturbances = "slips.toml"\nlevel = 2', SLIPS.replace("per_week", "per_wek"))
    file, findings = read_robust(path)
    assert file is None
    assert {finding.file for finding in findings} == {"robust.toml", "slips.toml"}


def test_no_such_file(tmp_path: Path) -> None:
    file, findings = read_robust(tmp_path / "nothing.toml")
    assert file is None
    assert [finding.code for finding in findings] == ["no_such_path"]


def test_the_page_lists_every_key() -> None:
    page = (ROOT / "docs" / "robust.md").read_text(encoding="utf-8")
    for key in KEYS:
        assert f"| `{key.name}` |" in page
        assert key.default is not None
        assert f"| {key.default:g} |" in page.split(f"| `{key.name}` |")[1].splitlines()[0]
