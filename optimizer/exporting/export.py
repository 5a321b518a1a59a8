"""A model into a file: MPS or LP by its ending, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from models.build import compile_model
from models.catalog import DEFAULT
from models.formulation import Formulation
from models.problem import Problem
from optimizer.exporting.linear import Linear, linear_of, stage_of
from optimizer.exporting.lp import lp_lines
from optimizer.exporting.mps import mps_lines

FORMATS: dict[str, Callable[[Linear], Iterator[str]]] = {".mps": mps_lines, ".lp": lp_lines}
"""Writers by file ending."""


RELAXATION = (
    "a relaxation: a solution need not be a plan, and its value is a lower bound; a formulation that is none: {}"
)


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    `stage`: the term minimised if the instance is lexicographic, else None (the sum of all). `relaxation`: what to know
    of a formulation that leaves something to its method, else None.
    """

    file: Path
    rows: int
    columns: int
    nonzeros: int
    stage: str | None
    relaxation: str | None


def export(problem: Problem, formulation: Formulation, file: Path) -> Exported:
    """Builds the model and writes it.

    Raises:
        ValueError: the file's ending is neither .mps nor .lp.
        OSError: the file cannot be written; then nothing stands there.
    """
    writer_of(file)  # an ending nobody knows is told before the model is built
    relaxation = None if formulation.exact == formulation else RELAXATION.format(DEFAULT)
    model = linear_of(compile_model(problem, formulation), () if relaxation is None else (relaxation,))
    write_model(model, file)
    rows, columns = model.A.shape
    return Exported(file, int(rows), int(columns), int(model.A.nnz), stage_of(problem), relaxation)


def write_model(model: Linear, file: Path) -> None:
    """Writes a model; errors as in `export`."""
    _write_whole(file, writer_of(file)(model))


def writer_of(file: Path) -> Callable[[Linear], Iterator[str]]:
    """The writer for the file's ending; `ValueError` if there is none."""
    try:
        return FORMATS[file.suffix.lower()]
    except KeyError:
        raise ValueError(f"{str(file)!r} ends in neither .mps nor .lp") from None


def _write_whole(file: Path, lines: Iterator[str]) -> None:
    """Into a file beside, then renamed."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-", suffix=".part")
    partial = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="ascii", errors="replace", newline="\n") as stream:
            stream.writelines(f"{line}\n" for line in lines)
        partial.chmod(0o666 & ~_umask())
        partial.replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise


def _umask() -> int:
    """What new files of this process may not be (mkstemp makes files for the owner only)."""
    current = os.umask(0)
    os.umask(current)
    return current
