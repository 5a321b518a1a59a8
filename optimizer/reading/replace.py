"""Writing whole or not at all: beside the target first, then renamed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_file(target: Path) -> Iterator[Path]:
    """A path to write a file to; it takes the target's place when the block ends without an error.

    Raises `OSError` if it cannot be written; the target is then as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".writing-") as room:
        path = Path(room) / target.name
        yield path
        path.replace(target)


@contextmanager
def written_folder(target: Path) -> Iterator[Path]:
    """A new folder to write into; it takes the target's place when the block ends without an error.

    Raises `OSError` if it cannot be written; the target is then as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".writing-") as room:
        path, old = Path(room) / "new", Path(room) / "old"
        path.mkdir()
        yield path
        if target.exists():
            target.rename(old)
        try:
            path.rename(target)
        except OSError:
            if old.exists():
                old.rename(target)
            raise


def copy_others(source: Path, target: Path, written: frozenset[str]) -> None:
    """Copy from one folder to another whatever is not in `written`, files and folders."""
    for path in source.iterdir():
        if path.name in written:
            continue
        if path.is_dir():
            shutil.copytree(path, target / path.name)
        else:
            shutil.copy2(path, target / path.name)
