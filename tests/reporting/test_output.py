"""The plan's folder: whole or not at all, and never over something that is not a plan."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from optimizer.reporting import output
from optimizer.reporting.output import OutputError, refusal, snapshot, whole_or_nothing, write_json, write_or_keep


@dataclass(frozen=True)
class Source:
    name: str
    sha256: str


def a_plan_in(folder: Path, mark: str) -> None:
    with whole_or_nothing(folder) as partial:
        (partial / "dispatches.csv").write_text(mark)
        write_json(partial / "summary.json", {"instance": mark})
        write_json(partial / "manifest.json", {"program": "burdenshare"})


def tree(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_new_folder_is_put_in_place_with_its_parents(tmp_path: Path) -> None:
    a_plan_in(tmp_path / "a" / "b" / "plan", "one")
    assert tree(tmp_path) == [
        "a",
        "a/b",
        "a/b/plan",
        "a/b/plan/dispatches.csv",
        "a/b/plan/manifest.json",
        "a/b/plan/summary.json",
    ]


def test_a_failure_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    def fails() -> None:
        with whole_or_nothing(tmp_path / "a" / "plan") as partial:
            (partial / "dispatches.csv").write_text("half")
            raise RuntimeError("disk on fire")

    with pytest.raises(RuntimeError, match="disk on fire"):
        fails()
    assert tree(tmp_path) == []


def test_a_failure_keeps_the_plan_that_was_there(tmp_path: Path) -> None:
    a_plan_in(tmp_path / "plan", "old")
    before = {name: (tmp_path / name).read_bytes() for name in tree(tmp_path) if (tmp_path / name).is_file()}

    def interrupted() -> None:
        with whole_or_nothing(tmp_path / "plan") as partial:
            (partial / "dispatches.csv").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert {name: (tmp_path / name).read_bytes() for name in tree(tmp_path) if (tmp_path / name).is_file()} == before


def test_a_rename_that_fails_brings_the_old_plan_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_plan_in(tmp_path / "plan", "old")
    real = Path.rename

    def fails_into_place(self: Path, target: Path) -> Path:
        if Path(target).name == "plan" and (self / "dispatches.csv").read_text() == "new":
            raise OSError(5, "Input/output error")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", fails_into_place)
    with pytest.raises(OutputError, match="Input/output"):
        a_plan_in(tmp_path / "plan", "new")
    assert (tmp_path / "plan" / "dispatches.csv").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]


def test_a_plan_is_replaced_as_a_whole(tmp_path: Path) -> None:
    a_plan_in(tmp_path / "plan", "old")
    (tmp_path / "plan" / "stale.csv").write_text("of the old plan")
    a_plan_in(tmp_path / "plan", "new")
    assert (tmp_path / "plan" / "dispatches.csv").read_text() == "new"
    assert not (tmp_path / "plan" / "stale.csv").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]


@pytest.mark.parametrize("name", ["notes.txt", "summary.json", "dispatches.csv"])
def test_a_folder_with_something_else_in_it_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / name).write_text('{"program": "another"}')
    found = refusal(tmp_path / "mine")
    assert found is not None
    assert found.code == "target_exists"
    assert tree(tmp_path) == ["mine", f"mine/{name}"]


def test_a_manifest_of_another_program_is_no_plan_of_ours(tmp_path: Path) -> None:
    for name in ("summary.json", "manifest.json", "dispatches.csv"):
        (tmp_path / name).write_text('{"program": "another"}')
    assert not output.holds_plan(tmp_path)
    assert refusal(tmp_path) is not None


def test_an_empty_folder_and_a_plan_may_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert refusal(tmp_path / "empty") is None
    a_plan_in(tmp_path / "empty", "new")
    assert refusal(tmp_path / "empty") is None
    assert output.holds_plan(tmp_path / "empty")


def test_a_file_or_a_dangling_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert refusal(tmp_path / "file") is not None
    assert refusal(tmp_path / "link") is not None


def test_a_parent_that_is_a_file_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    found = refusal(tmp_path / "file" / "plan")
    assert found is not None
    assert found.code == "cannot_write"
    assert "not a folder" in found.message


def test_what_the_system_forbids_is_said_before_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", forbidden)
    found = refusal(tmp_path / "plan")
    assert found is not None
    assert (found.code, "Permission denied" in found.message) == ("cannot_write", True)
    with pytest.raises(OutputError, match="Permission denied"), whole_or_nothing(tmp_path / "plan"):
        pass


def test_something_that_came_into_being_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    def meanwhile() -> None:
        with whole_or_nothing(tmp_path / "plan"):
            (tmp_path / "plan").mkdir()
            (tmp_path / "plan" / "notes.txt").write_text("mine")

    with pytest.raises(OutputError, match="not empty"):
        meanwhile()
    assert tree(tmp_path) == ["plan", "plan/notes.txt"]


def test_the_copy_of_the_instance_is_what_was_read(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_bytes(b"item\r\n")
    digest = hashlib.sha256(b"item\r\n").hexdigest()
    copies = snapshot(tmp_path, [Source("items.csv", digest)])
    (tmp_path / "out").mkdir()
    output.copy_instance(tmp_path / "out", copies)
    assert (tmp_path / "out" / "instance" / "items.csv").read_bytes() == b"item\r\n"
    (tmp_path / "items.csv").write_bytes(b"changed")
    with pytest.raises(OutputError, match="changed"):
        snapshot(tmp_path, [Source("items.csv", digest)])


def test_a_workbook_in_a_folder_stands_for_the_instance(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(b"")
    assert output.instance_in(tmp_path) == tmp_path / "book.xlsx"
    (tmp_path / "instance.toml").write_text("")
    assert output.instance_in(tmp_path) == tmp_path


def test_json_never_holds_nan_and_ends_with_a_line(tmp_path: Path) -> None:
    write_json(tmp_path / "x.json", {"ü": 1.5})
    assert (tmp_path / "x.json").read_bytes() == '{\n "ü": 1.5\n}\n'.encode()
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "x.json", {"x": float("nan")})


def test_the_folder_has_the_rights_that_the_user_gives_to_new_folders(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        a_plan_in(tmp_path / "plan", "one")
    finally:
        os.umask(before)
    assert (tmp_path / "plan").stat().st_mode & 0o777 == 0o755


def fill(partial: Path) -> str:
    (partial / "dispatches.csv").write_text("hours of work")
    write_json(partial / "summary.json", {})
    write_json(partial / "manifest.json", {"program": "burdenshare"})
    return "done"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's place for temporary files, for one test."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return tmp_path / "tmp"


def test_a_plan_that_can_be_written_goes_where_it_should(tmp_path: Path, temporary: Path) -> None:
    assert write_or_keep(tmp_path / "plan", fill) == "done"
    assert output.holds_plan(tmp_path / "plan")
    assert tree(temporary) == []


@pytest.mark.parametrize("when", ["while it is written", "when it is put in place"])
def test_a_disk_that_is_full_does_not_cost_the_plan(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    full = OSError(28, "No space left on device")

    def fails_there(partial: Path) -> None:
        fill(partial)
        if when == "while it is written" and temporary not in partial.parents:
            raise full

    def no_place(*_: object) -> None:
        raise full

    if when == "when it is put in place":
        monkeypatch.setattr(output, "_put_in_place", no_place)
    with pytest.raises(OutputError, match="No space left on device") as refused:
        write_or_keep(tmp_path / "deep" / "plan", fails_there)
    (kept,) = temporary.iterdir()
    assert output.holds_plan(kept)
    assert (kept / "dispatches.csv").read_text() == "hours of work"
    assert str(kept) in refused.value.finding.line()
    assert [path.name for path in tmp_path.iterdir()] == ["tmp"], "nothing half-written is left where it failed"


def test_with_no_place_at_all_the_first_failure_is_told(tmp_path: Path, temporary: Path) -> None:
    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="No space left on device") as refused:
        write_or_keep(tmp_path / "plan", full)
    assert "not lost" not in refused.value.finding.line()
    assert tree(tmp_path) == ["tmp"]


def test_a_fault_of_the_program_is_not_tried_twice(tmp_path: Path, temporary: Path) -> None:
    calls = []

    def broken(partial: Path) -> None:
        calls.append(partial)
        raise RuntimeError("wheels came off")

    with pytest.raises(RuntimeError, match="wheels"):
        write_or_keep(tmp_path / "plan", broken)
    assert len(calls) == 1
    assert tree(temporary) == []
