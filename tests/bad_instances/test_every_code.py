"""One bad instance for every finding: exactly that one is given, with its file, row, column, value and guess."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from optimizer.findings import CODES, Finding
from optimizer.reading.instance import read_instance
from tests.bad_instances.cases import BETWEEN, CELLS, ERRORS, SETTINGS, SHAPES, WARNINGS, Bad
from tests.bad_instances.good import GOOD, write_good


def found(folder: Path) -> list[Finding]:
    return list(read_instance(folder).findings)


def test_good_instance_has_no_finding(tmp_path: Path) -> None:
    reading = read_instance(write_good(tmp_path))
    assert reading.findings == ()
    assert reading.problem is not None
    assert {file.name for file in reading.files} == set(GOOD)


def is_that(finding: Finding, bad: Bad, severity: str) -> None:
    assert (finding.severity, finding.code) == (severity, bad.code)
    assert (finding.file, finding.row, finding.column, finding.value) == (bad.file, bad.row, bad.column, bad.value)
    assert bad.hint in finding.hint
    assert finding.hint.startswith("Maybe ") if bad.hint else not finding.hint
    assert finding.message


@pytest.mark.parametrize("bad", ERRORS, ids=str)
def test_error_is_found_and_nothing_else(tmp_path: Path, bad: Bad) -> None:
    reading = read_instance(write_good(tmp_path, *bad.edits))
    assert reading.problem is None
    assert len(reading.findings) == 1, [finding.line() for finding in reading.findings]
    is_that(reading.findings[0], bad, "error")


@pytest.mark.parametrize("bad", WARNINGS, ids=str)
def test_warning_is_found_and_the_instance_is_usable(tmp_path: Path, bad: Bad) -> None:
    reading = read_instance(write_good(tmp_path, *bad.edits))
    assert reading.problem is not None
    assert len(reading.findings) == 1, [finding.line() for finding in reading.findings]
    is_that(reading.findings[0], bad, "warning")


@pytest.mark.parametrize("table", sorted(file for file in GOOD if file.endswith(".csv")))
def test_missing_table_is_named_if_another_refers_to_it(tmp_path: Path, table: str) -> None:
    folder = write_good(tmp_path)
    (folder / table).unlink()
    findings = [finding for finding in found(folder) if finding.severity == "error"]
    referred = {"items", "lines", "components", "recipients", "needs", "packages", "sites"}
    if table.removesuffix(".csv") in referred:
        assert ("missing_table", table) in {(finding.code, finding.file) for finding in findings}
    elif table in {"orders.csv", "offers.csv"}:  # the commitments still name them
        assert {finding.code for finding in findings} == {"unknown_key"}
    else:
        assert findings == []


def test_missing_settings_file(tmp_path: Path) -> None:
    folder = write_good(tmp_path)
    (folder / "instance.toml").unlink()
    assert [(finding.code, finding.file) for finding in found(folder)] == [("missing_table", "instance.toml")]


@pytest.mark.parametrize(
    ("name", "hint"), [("order.csv", "Maybe orders.csv"), ("Orders.csv", "Maybe orders.csv"), ("weather.csv", "")]
)
def test_unknown_table_is_an_error(tmp_path: Path, name: str, hint: str) -> None:
    folder = write_good(tmp_path)
    (folder / name).write_text("a,b\n1,2\n")
    (finding,) = found(folder)
    assert (finding.code, finding.file, finding.hint) == ("unknown_table", name, hint)


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    folder = write_good(tmp_path)
    for name in ("README.md", "provenance.csv", "expected.json", "notes.txt"):
        (folder / name).write_text("anything, \x01 at all\n")
    (folder / "old").mkdir()
    assert found(folder) == []


@pytest.mark.parametrize(
    ("data", "row"),
    [
        ("site,name\nPlant,Fabrik Köln\n".encode("cp1252"), 2),
        ("site,name\nPlant,Plant\n".encode("utf-16"), None),
        (b"site,name\nPlant,\x00\n", 2),
    ],
)
def test_wrong_encoding(tmp_path: Path, data: bytes, row: int | None) -> None:
    folder = write_good(tmp_path)
    (folder / "sites.csv").write_bytes(data)
    (finding,) = found(folder)
    assert (finding.code, finding.file, finding.row) == ("wrong_encoding", "sites.csv", row)
    assert finding.hint.startswith("Maybe")


def test_settings_in_wrong_encoding(tmp_path: Path) -> None:
    folder = write_good(tmp_path)
    (folder / "instance.toml").write_bytes(GOOD["instance.toml"].replace("Good", "Für").encode("cp1252"))
    (finding,) = found(folder)
    assert (finding.code, finding.file, finding.row) == ("wrong_encoding", "instance.toml", 1)


def test_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    folder = write_good(tmp_path)
    plain = read_instance(folder).problem
    for file, text in GOOD.items():
        (folder / file).write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert read_instance(folder).problem == plain


def test_paths_that_are_no_instance(tmp_path: Path) -> None:
    folder = write_good(tmp_path / "good")
    for path in ("nowhere", "x" * 5000, "nul\0byte"):
        assert [finding.code for finding in found(tmp_path / path)] == ["no_such_path"]
    assert [finding.code for finding in found(folder / "items.csv")] == ["not_an_instance"]
    (tmp_path / "empty").mkdir()
    codes = [finding.code for finding in found(tmp_path / "empty")]
    assert codes == ["missing_table", "missing_table"]


def test_a_folder_in_place_of_a_file_cannot_be_read(tmp_path: Path) -> None:
    folder = write_good(tmp_path)
    (folder / "receipts.csv").unlink()
    (folder / "receipts.csv").mkdir()
    (finding,) = found(folder)
    assert (finding.code, finding.file) == ("cannot_read", "receipts.csv")


def test_too_many_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.reading.csv_text.MAX_ROWS", 3)
    codes = {(finding.code, finding.file) for finding in found(write_good(tmp_path))}
    assert ("too_many_rows", "orders.csv") in codes
    assert ("too_many_rows", "needs.csv") not in codes


def test_blank_contribution_is_noted(tmp_path: Path) -> None:
    folder = write_good(tmp_path, ("recipients.csv", "2.5,1.9,0.6", ",1.9,"))
    reading = read_instance(folder)
    assert reading.problem is not None
    places = [(note.severity, note.code, note.file, note.row, note.column) for note in reading.findings]
    assert places == [
        ("note", "missing_score", "recipients.csv", 3, "defence_pct_gdp"),
        ("note", "missing_score", "recipients.csv", 3, "ukraine_military_pct_gdp"),
    ]
    assert "defence_level and defence_trend" in reading.findings[0].message


def test_features_without_their_section_are_warned_of(tmp_path: Path) -> None:
    text = GOOD["instance.toml"]
    for section, code in (
        ("packages", "packages_without_policy"),
        ("delivery", "lanes_without_delivery"),
        ("approval", "approvals_without_policy"),
    ):
        folder = write_good(tmp_path / section)
        (folder / "instance.toml").write_text(re.sub(rf"\[{section}\]\n(.+\n)+", "", text))
        reading = read_instance(folder)
        assert reading.problem is not None
        assert [finding.code for finding in reading.findings] == [code]


def test_nothing_to_plan_is_warned_of(tmp_path: Path) -> None:
    folder = tmp_path / "items-only"
    folder.mkdir()
    for file in ("instance.toml", "items.csv"):
        (folder / file).write_text(GOOD[file])
    reading = read_instance(folder)
    assert reading.problem is not None
    assert [finding.code for finding in reading.findings] == ["no_demand"]


def test_all_findings_come_at_once(tmp_path: Path) -> None:
    one_each = {bad.edits[0][0]: bad for bad in [*SHAPES[:4], *CELLS, *BETWEEN] if len(bad.edits) == 1}
    folder = write_good(tmp_path, *(bad.edits[0] for bad in one_each.values()))
    codes = {(finding.code, finding.file, finding.row, finding.column) for finding in found(folder)}
    for bad in one_each.values():
        assert (bad.code, bad.file, bad.row, bad.column) in codes
    assert len(one_each) > 12


def test_warnings_are_heard_beside_errors_of_other_tables(tmp_path: Path) -> None:
    edits = (("sites.csv", "Depot,Depot", "Depot,"), ("line_items.csv", "interceptor,1", "interceptor,20"))
    codes = [finding.code for finding in found(write_good(tmp_path, *edits))]
    assert codes == ["missing_value", "item_never_made"]


def test_every_code_of_an_instance_has_a_bad_instance() -> None:
    elsewhere = {
        *("no_such_path", "not_an_instance", "cannot_read", "wrong_encoding", "missing_table", "unknown_table"),
        *("too_many_rows", "missing_score", "no_demand"),
        *("lanes_without_delivery", "approvals_without_policy", "packages_without_policy"),
    }
    in_workbooks = {"not_a_workbook", "merged_cells", "formula_error", "duplicate_setting"}
    in_plans_and_writing = {
        *("missing_file", "date_outside_horizon", "cannot_compare", "cannot_rerun", "target_exists", "cannot_write"),
    }
    in_scenarios = {"bad_scenario", "unknown_scenario", "wrong_change", "nothing_selected", "nothing_changed"}
    here = {bad.code for bad in [*ERRORS, *WARNINGS]}
    assert here | elsewhere | in_workbooks | in_plans_and_writing | in_scenarios == set(CODES)
    assert {bad.code for bad in SETTINGS} <= set(CODES)


def test_finding_of_an_unknown_code_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="no_such_code"):
        Finding("error", "no_such_code", "items.csv")


def test_line_says_everything() -> None:
    finding = Finding("error", "not_a_date", "needs.csv", 2, "needed_by", "x", "A date.", "a date", "Maybe tomorrow")
    line = "error: needs.csv, row 2, needed_by: A date. [not_a_date] Found: 'x'. Expected: a date. Maybe tomorrow"
    assert finding.line() == line
    assert finding.as_dict()["row"] == 2


def test_line_shows_the_value_once_short_and_on_one_line() -> None:
    named = Finding("error", "unknown_key", "orders.csv", 2, "item", "MISILE", "items has no MISILE.")
    assert named.line().count("MISILE") == 1
    long = Finding("error", "too_long", "items.csv", 2, "name", "a\nb" * 100, "Too long.", "a name.")
    assert len(long.line()) < 150
    assert "\n" not in long.line()
    assert long.line().endswith("Expected: a name.")
