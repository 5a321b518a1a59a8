"""The plan's folder: written whole or not at all, and never over something that is not a plan (`interface.md`)."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from optimizer.findings import Finding, error
from optimizer.reporting.csv_files import csv_files
from optimizer.reporting.manifest import PROGRAM, HashedFile
from optimizer.reporting.summary import Report
from optimizer.reporting.values_csv import values_text

SUMMARY, MANIFEST, CLASHES = "summary.json", "manifest.json", "clashes.json"
VALUES = "marginal_values.csv"
"""What one more is worth; left out where nothing was valued."""
INSTANCE = "instance"
"""The folder inside a plan's folder that holds the copy of the instance."""
PAGE, WORKBOOK = "report.html", "plan.xlsx"
TOLD = (SUMMARY, MANIFEST, PAGE, WORKBOOK)
"""What also tells of a plan before, where there is one; the other files are the plan alone."""

Made = TypeVar("Made")


class OutputError(Exception):
    """The result cannot be written; `finding` says why, in words for the user."""

    def __init__(self, finding: Finding) -> None:
        """The finding is shown to the user as it is."""
        super().__init__(finding.line())
        self.finding = finding


def is_ours(folder: Path) -> bool:
    """Whether the folder holds a result of this program: its summary and its manifest."""
    try:
        made_by = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(summary, dict) and isinstance(made_by, dict) and made_by.get("program") == PROGRAM


def holds_plan(folder: Path) -> bool:
    """Whether the folder holds a plan, not only the account of a solve that found none."""
    return is_ours(folder) and (folder / "dispatches.csv").is_file()


def refusal(folder: Path) -> Finding | None:
    """Why nothing can be written to the folder, found out before any work is done; None if all is well."""
    target = folder.absolute()
    if not target.name:
        return error("target_exists", str(folder), "this is the root of a drive", expected="a folder of its own")
    if target.is_dir():
        if target.is_mount():
            hint = f"Maybe {folder / 'plan'}."
            message = "a mounted folder cannot be replaced as a whole"
            return error("cannot_write", str(folder), message, expected="a folder inside it", hint=hint)
        if any(target.iterdir()) and not is_ours(target):
            message = "the folder is not empty and holds no plan, so nothing in it is overwritten"
            return error("target_exists", str(folder), message, expected="a new folder, or one that holds a plan")
    elif target.exists() or target.is_symlink():
        return error("target_exists", str(folder), "this is not a folder", expected="a new folder")
    try:
        _try_parent(target)
    except OSError as problem:
        return error("cannot_write", str(folder), f"nothing can be written there: {problem.strerror or problem}")
    return None


def _try_parent(target: Path) -> None:
    parent = target.parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir():
        raise NotADirectoryError(20, f"{parent.name} is a file, not a folder")
    probe = _beside(parent / target.name)
    probe.mkdir()
    probe.rmdir()


def _beside(target: Path) -> Path:
    return target.parent / f".{target.name[:80]}.{secrets.token_hex(4)}"


@contextmanager
def whole_or_nothing(folder: Path) -> Iterator[Path]:
    """A temporary folder that takes the place of `folder` at the end; after an exception nothing is left of it.

    Raises `OutputError` if the folder cannot be made, filled or put in place.
    """
    target = folder.absolute()
    created = [parent for parent in target.parents if not parent.exists()]
    partial = _beside(target)
    done = False
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.mkdir()
        yield partial
        refused = refusal(folder)  # the folder may have come into being since the start
        if refused is not None:
            raise OutputError(refused)
        _put_in_place(partial, target)
        done = True
    except OSError as problem:
        message = f"nothing could be written there: {problem.strerror or problem}"
        raise OutputError(error("cannot_write", str(folder), message)) from problem
    finally:
        if not done:
            shutil.rmtree(partial, ignore_errors=True)
            for parent in created:
                with suppress(OSError):
                    parent.rmdir()


def write_or_keep(folder: Path, fill: Callable[[Path], Made]) -> Made:
    """Fill a folder that takes the place of `folder`, and give what `fill` gives; if it fails, keep the work elsewhere.

    Raises `OutputError` if `folder` could not be written. A plan may have taken hours, and a full disk or a share that
    went away must not cost it: then `fill` is called once more on a new folder among the system's temporary files, and
    the finding says where that is. The exit code is that of any place that cannot be written, 2: `--out` was wrong.
    """
    try:
        with whole_or_nothing(folder) as partial:
            return fill(partial)
    except OutputError as problem:
        kept = _kept_elsewhere(fill)
        if kept is None:
            raise
        hint = f"The result is not lost: it was written to {kept} instead. Move that folder to where it belongs."
        raise OutputError(replace(problem.finding, hint=hint)) from problem


def _kept_elsewhere(fill: Callable[[Path], object]) -> Path | None:
    """A new folder, filled, among the system's temporary files; None if nothing can be written there either."""
    kept: Path | None = None
    try:
        kept = Path(tempfile.mkdtemp(prefix=f"{PROGRAM}-plan-"))
        fill(kept)
    except OSError:
        if kept is not None:
            shutil.rmtree(kept, ignore_errors=True)
        return None
    return kept


def _put_in_place(partial: Path, target: Path) -> None:
    """Rename; a plan that stands there is moved aside first, and back if the second rename fails."""
    if not target.exists():
        partial.rename(target)
        return
    aside = _beside(target)
    target.rename(aside)
    try:
        partial.rename(target)
    except OSError:
        aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def snapshot(instance: Path, files: Sequence[HashedFile]) -> dict[str, bytes]:
    """The bytes of every source file, as they were read.

    Raises `OutputError` if a file has changed or gone since: the copy would not be the instance that was planned.
    """
    found = {}
    for file in files:
        path = instance / file.name if instance.is_dir() else instance
        try:
            content = path.read_bytes()
        except OSError as problem:
            raise OutputError(error("cannot_read", file.name, f"{problem.strerror or problem}")) from problem
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise OutputError(error("cannot_read", file.name, "the file was changed while it was being read"))
        found[file.name] = content
    return found


def copy_instance(folder: Path, sources: Mapping[str, bytes]) -> None:
    """Write the source files of the instance, byte for byte."""
    (folder / INSTANCE).mkdir()
    for name, content in sources.items():
        (folder / INSTANCE / Path(name).name).write_bytes(content)


def copy_plan(source: Path, target: Path) -> None:
    """Copy a plan's folder whole. Raises `OSError`."""
    shutil.copytree(source, target)


def write_json(path: Path, content: Any) -> None:
    """One JSON document, keys in the order given, UTF-8. Raises `ValueError` for NaN and infinity."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def write_plan_files(folder: Path, report: Report) -> None:
    """Everything that follows from the plan alone: the CSV files, the page and the workbook."""
    for name, text in csv_files(report):
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    if report.values is not None:
        (folder / VALUES).write_text(values_text(report.values), encoding="utf-8", newline="\n")
    write_for_people(folder, report)


def write_for_people(folder: Path, report: Report) -> None:
    """`report.html` and `plan.xlsx`, each put in place whole."""
    # who only reads a folder back does not wait for charts and workbooks to be loaded
    from optimizer.reporting.excel import write_workbook
    from optimizer.reporting.html import page
    from optimizer.reporting.tables import tables

    found = tables(report)
    html = folder / f".{PAGE}.{secrets.token_hex(4)}"
    book = folder / f".{WORKBOOK}.{secrets.token_hex(4)}"
    try:
        html.write_text(page(report, found), encoding="utf-8", newline="\n")
        write_workbook(book, report, found)
        html.replace(folder / PAGE)
        book.replace(folder / WORKBOOK)
    finally:
        html.unlink(missing_ok=True)
        book.unlink(missing_ok=True)


def instance_in(folder: Path) -> Path:
    """The instance that a folder stands for: itself, or the one workbook in it (as a plan's copy may be)."""
    if folder.is_dir() and not (folder / "instance.toml").exists():
        books = sorted(folder.glob("*.xlsx"))
        if len(books) == 1:
            return books[0]
    return folder
