"""What the tables of a sweep file and of a suite have in common, and the one that both have: instances."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from optimizer.reading import guess


def wrong(message: str, code: str = "bad_scenario") -> PydanticCustomError:
    """A finding; braces of the user's text are no placeholders."""
    return PydanticCustomError(code, "{message}", {"message": message})


def known(value: str, names: list[str], what: str) -> str:
    """The value if it is one of the names; otherwise a finding with the nearest one."""
    if value in names:
        return value
    near = guess.maybe(guess.name(value, names))
    raise wrong(f"{value!r} is no {what}; there are {', '.join(names) or 'none'}. {near}".strip(), "unknown_key")


def as_table(key: str) -> BeforeValidator:
    """A plain string stands for a table with one key."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, str) else value)


class Strict(BaseModel):
    """A table of the file: nothing unknown in it, nothing of another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Instances(Strict):
    """Instances on disk (`path`, which may hold * and ?), or generated ones (`class`, `seeds`, `factor`)."""

    path: str | None = None
    of_class: str | None = Field(default=None, alias="class")
    seeds: list[Annotated[int, Field(ge=0)]] = Field(default=[0], min_length=1)
    factor: float = Field(default=1.0, gt=0, le=1000, allow_inf_nan=False)

    @field_validator("of_class")
    @classmethod
    def _there_is_such_a_class(cls, name: str | None) -> str | None:
        from optimizer.generating.classes import CLASSES

        return name if name is None else known(name, list(CLASSES), "class of instances")

    @model_validator(mode="after")
    def _one_of_both(self) -> Instances:
        if (self.path is None) == (self.of_class is None):
            raise wrong("either 'path' or 'class' is needed, and not both.")
        if self.path is not None and (self.factor != 1.0 or self.seeds != [0]):
            raise wrong("'seeds' and 'factor' belong to a 'class'.")
        return self

    def paths(self, folder: Path) -> list[Path]:
        """The instances on disk that `path` means, seen from the folder of the file; without * and ? the path itself,
        whatever is there, so that reading it says why."""
        assert self.path is not None
        if not glob.has_magic(self.path):
            return [folder / self.path]
        found = sorted(Path(name) for name in glob.glob(os.path.join(glob.escape(str(folder)), self.path)))
        return [path for path in found if is_instance(path)]

    def generated(self, folder: Path) -> Iterator[Path]:
        """One folder a seed below `folder`, named after the class; what is there is not made again.

        Raises `ValueError` and `OSError` as `generate` does.
        """
        from optimizer.generating.generate import generate

        factor = "" if self.factor == 1.0 else f"-x{self.factor:g}"
        for seed in self.seeds:
            path = folder / f"{self.of_class}{factor}-{seed}"
            if not (path / "instance.toml").is_file():
                folder.mkdir(parents=True, exist_ok=True)
                generate(self.of_class or "", seed, path, factor=self.factor)
            yield path


def is_instance(path: Path) -> bool:
    """Whether it looks like an instance, unread: a folder with its `instance.toml`, or a workbook."""
    return (path / "instance.toml").is_file() or (path.suffix.lower() == ".xlsx" and path.exists())
