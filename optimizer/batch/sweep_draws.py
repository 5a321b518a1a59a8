"""Parameters of a sweep: lists of values for its grid, and distributions for its random draws, each with its seed."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from optimizer.batch.file_tables import Strict, wrong
from optimizer.batch.sweep_task import Scalar

NAME = r"^[a-z][a-z0-9_]*$"
"""How parameters are called: they become columns of the results."""
_MOST_STEPS = 100_000


Finite = Annotated[float, Field(allow_inf_nan=False)]
Value = Annotated[str | bool | int | Finite, Field(union_mode="left_to_right")]


class Axis(Strict):
    """Values of one parameter of the grid: a list, equal steps, or what stands in a column of the instance."""

    values: list[Value] | None = Field(default=None, min_length=1)
    start: Finite | None = Field(default=None, alias="from")
    end: Finite | None = Field(default=None, alias="to")
    steps: int | None = Field(default=None, ge=2, le=_MOST_STEPS)
    column: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Axis:
        ranged = (self.start, self.end, self.steps)
        ways = [self.values is not None, any(part is not None for part in ranged), self.column is not None]
        if sum(ways) != 1 or (ways[1] and None in ranged):
            raise wrong("either a list of values, or 'from', 'to' and 'steps', or 'column' is needed.")
        return self

    def fixed(self) -> list[Scalar] | None:
        """The values, where they do not depend on the instance."""
        if self.column is not None:
            return None
        if self.values is not None:
            return list(self.values)
        assert self.start is not None
        assert self.end is not None
        assert self.steps is not None
        found = np.linspace(self.start, self.end, self.steps)
        return [_tidy(float(value)) for value in found]


def _pair(values: list[float]) -> list[float]:
    if values[0] > values[-1]:
        raise wrong(f"{values} does not rise from the least to the greatest.", "end_before_beginning")
    return values


Two = Annotated[list[Finite], Field(min_length=2, max_length=2)]
Range = Annotated[Two, AfterValidator(_pair)]
Alphas = Annotated[dict[Annotated[str, Field(pattern=NAME)], Annotated[Finite, Field(gt=0)]], Field(min_length=2)]
_WAYS = ("uniform", "normal", "lognormal", "triangular", "integers", "choice", "dirichlet")


class Distribution(Strict):
    """What one parameter is drawn from: one way, and for numbers `clip` (least, greatest) and `whole`.

    `uniform` (least, greatest); `normal` (mean, standard deviation); `lognormal` (median, standard deviation of the
    logarithm); `triangular` (least, mode, greatest); `integers` (least, greatest, both included); `choice` of a list;
    `dirichlet`: weights by name, which sum to 1, one parameter `NAME_PART` each.
    """

    uniform: Range | None = None
    normal: Two | None = None
    lognormal: Two | None = None
    triangular: list[Finite] | None = Field(default=None, min_length=3, max_length=3)
    integers: Annotated[list[int], Field(min_length=2, max_length=2), AfterValidator(_pair)] | None = None
    choice: list[Value] | None = Field(default=None, min_length=1)
    dirichlet: Alphas | None = None
    clip: Range | None = None
    whole: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Distribution:
        given = [way for way in _WAYS if getattr(self, way) is not None]
        if len(given) != 1:
            raise wrong(f"one distribution is needed, of {', '.join(_WAYS)}.")
        if given[0] in ("choice", "dirichlet") and (self.clip is not None or self.whole):
            raise wrong(f"'clip' and 'whole' say nothing to {given[0]!r}.")
        for way in ("normal", "lognormal"):
            pair = getattr(self, way)
            if pair is not None and pair[1] < 0:
                raise wrong(f"{way}: a standard deviation of {pair[1]:g} is below 0.", "too_small")
        if self.lognormal is not None and self.lognormal[0] <= 0:
            raise wrong("lognormal: the median must be above 0.", "too_small")
        if self.triangular is not None and not self.triangular == sorted(self.triangular):
            raise wrong(f"triangular: {self.triangular} does not rise.", "end_before_beginning")
        return self

    def names(self, parameter: str) -> list[str]:
        """The parameters that it gives."""
        return [parameter] if self.dirichlet is None else [f"{parameter}_{part}" for part in self.dirichlet]

    def draws(self, parameter: str, seed: int, count: int) -> Iterator[dict[str, Scalar]]:
        """So many draws. They depend on the name and the seed alone: other parameters and more draws change nothing."""
        chance = np.random.default_rng([seed, zlib.crc32(parameter.encode())])
        for _ in range(count):
            yield self._one(parameter, chance)

    def _one(self, parameter: str, chance: np.random.Generator) -> dict[str, Scalar]:
        if self.dirichlet is not None:
            return {
                f"{parameter}_{part}": value
                for part, value in zip(self.dirichlet, _shares(chance, list(self.dirichlet.values())), strict=True)
            }
        if self.choice is not None:
            return {parameter: self.choice[int(chance.integers(len(self.choice)))]}
        if self.integers is not None:
            return {parameter: int(chance.integers(self.integers[0], self.integers[1] + 1))}
        value = self._number(chance)
        if self.clip is not None:
            value = min(max(value, self.clip[0]), self.clip[1])
        return {parameter: round(value) if self.whole else _tidy(value)}

    def _number(self, chance: np.random.Generator) -> float:
        if self.uniform is not None:
            return float(chance.uniform(self.uniform[0], self.uniform[1]))
        if self.normal is not None:
            return float(chance.normal(self.normal[0], self.normal[1]))
        if self.lognormal is not None:
            return float(self.lognormal[0] * math.exp(chance.normal(0.0, self.lognormal[1])))
        assert self.triangular is not None
        least, mode, greatest = self.triangular
        return least if least == greatest else float(chance.triangular(least, mode, greatest))


def _shares(chance: np.random.Generator, alphas: list[float]) -> list[float]:
    """Shares that sum to 1 as the reader counts: the last is what the others leave."""
    drawn = [round(float(share), 9) for share in chance.dirichlet(alphas)]
    rest = round(1.0 - math.fsum(drawn[:-1]), 9)
    return [*drawn[:-1], max(0.0, rest)]


def _tidy(value: float) -> float:
    """Twelve digits: enough for anybody, and the same on every machine."""
    return float(f"{value:.12g}") + 0.0


class Draws(Strict):
    """Seeded random draws: `count` of them, each with a value for every parameter."""

    count: int = Field(ge=1)
    seed: int = Field(default=0, ge=0)
    parameters: dict[Annotated[str, Field(pattern=NAME)], Distribution] = Field(min_length=1)

    def names(self) -> list[str]:
        """All parameters that are drawn."""
        return [name for parameter, one in self.parameters.items() for name in one.names(parameter)]

    def drawn(self) -> list[dict[str, Scalar]]:
        """Every draw, as values by parameter."""
        columns = [list(one.draws(name, self.seed, self.count)) for name, one in self.parameters.items()]
        return [_joined(parts) for parts in zip(*columns, strict=True)]


def _joined(parts: tuple[Mapping[str, Any], ...]) -> dict[str, Scalar]:
    return {name: value for part in parts for name, value in part.items()}
