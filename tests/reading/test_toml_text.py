"""TOML files: bytes, text and document, or the finding that says why not; the same for every file of the program."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from optimizer.batch.sweep_file import read_sweep
from optimizer.findings import Finding
from optimizer.reading.toml_text import Toml, Unreadable, bytes_of, parsed
from optimizer.scenarios.disturbance_file import read_disturbances
from optimizer.scenarios.robust_file import read_robust
from optimizer.scenarios.scenario_file import read_scenarios

READERS: dict[str, Callable[[Path], tuple[object, tuple[Finding, ...]]]] = {
    "sweep": read_sweep,
    "disturbances": read_disturbances,
    "robust": read_robust,
    "scenarios": read_scenarios,
}


def test_text_and_document() -> None:
    found, findings = parsed(b"\xef\xbb\xbfa = 1\r\n[b]\r\nc = '<x>'\r\n", "f.toml")
    assert found == Toml("a = 1\r\n[b]\r\nc = '<x>'\r\n", {"a": 1, "b": {"c": "<x>"}})
    assert findings == ()


@pytest.mark.parametrize(
    ("data", "code", "row"),
    [
        (b"a = 1\nb = \n", "broken_toml", 2),
        (b"a = 1\na = 2\n", "broken_toml", 2),
        (b"a = [", "broken_toml", None),
        (b"day = 2026-13-05", "broken_toml", 1),
        (b"a = " + b"[" * 5000, "broken_toml", None),
        (b"a = 'x'\nb = '\xe4'\n", "wrong_encoding", 2),
        ("a = 1".encode("utf-16"), "wrong_encoding", None),
    ],
)
def test_what_is_no_toml_is_said_with_its_row(data: bytes, code: str, row: int | None) -> None:
    found, (finding,) = parsed(data, "f.toml")
    assert found is None
    assert (finding.severity, finding.code, finding.file, finding.row) == ("error", code, "f.toml", row)


@pytest.mark.parametrize(
    ("name", "code"), [("none.toml", "no_such_path"), (".", "cannot_read"), ("a\0b", "no_such_path")]
)
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str, code: str) -> None:
    found = bytes_of(tmp_path / name)
    assert isinstance(found, Unreadable)
    finding = found.finding(expected="a file")
    assert (finding.code, finding.file, finding.expected) == (code, str(tmp_path / name), "a file")
    assert found.why in finding.message
    assert found.finding("In words of its own.").message == "In words of its own."


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_says_it_alike(tmp_path: Path, reader: str) -> None:
    read, path = READERS[reader], tmp_path / "f.toml"
    for data, code, row in ((b"\na = ?\n", "broken_toml", 2), (b"\n\n\xe4", "wrong_encoding", 3)):
        path.write_bytes(data)
        found, (finding,) = read(path)
        assert found is None
        assert (finding.code, finding.row, Path(finding.file).name) == (code, row, "f.toml")
    for where, code in ((tmp_path / "none.toml", "no_such_path"), (tmp_path, "cannot_read")):
        found, (finding,) = read(where)
        assert found is None
        assert (finding.code, finding.file) == (code, str(where))
