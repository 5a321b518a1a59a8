"""The values of a disturbance file: ranges, durations, names; what turns them into records, or into findings.

A finding is raised as an error of pydantic that carries code, message, what would be right, and a guess.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from optimizer.reading import guess
from optimizer.reading.column import FIRST_DATE, LAST_DATE, MAX_WEEKS
from optimizer.scenarios.disturbances import Range

FOR_GOOD = "for_good"
"""Stands for weeks without end."""
ALL = "*"
"""Stands for all names."""
OURS = "ours"
"""The type of our own errors among those of pydantic."""


def wrong(code: str, message: str, expected: str, hint: str = "") -> PydanticCustomError:
    """A finding of our own; braces of the user's text are no placeholders."""
    return PydanticCustomError(
        OURS, "{message}", {"code": code, "message": message, "expected": expected, "hint": hint}
    )


def is_number(value: object) -> bool:
    """Whether it is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def range_of(low: float, high: float, *, whole: bool = False) -> Callable[[Any], Range]:
    """What turns a number, a pair or a table of low, mode and high into a `Range` within the limits."""
    kind = "whole number" if whole else "number"
    limits = f"from {low:,g} to {high:,g}"
    expected = f"a {kind} {limits}, a pair of them as [low, high], or {{ low = …, mode = …, high = … }}"

    def judge(value: Any) -> Range:
        if isinstance(value, Range):
            return value
        if isinstance(value, dict):
            unknown = sorted(set(value) - {"low", "mode", "high"})
            if unknown:
                hint = guess.maybe(guess.name(unknown[0], ("low", "mode", "high")))
                raise wrong("unknown_setting", f"A range has no key {unknown[0]!r}.", expected, hint)
            numbers = [value.get("low"), value.get("mode"), value.get("high")]
        elif isinstance(value, list):
            if len(value) != 2:
                raise wrong("wrong_length", f"A range has two ends, and here are {len(value)} values.", expected)
            numbers = [value[0], None, value[1]]
        else:
            numbers = [value, None, value]
        begin, mode, end = numbers
        given = [number for number in (begin, mode, end) if number is not None]
        if begin is None or end is None:
            raise wrong("missing_setting", "A range needs its low and its high end.", expected)
        for number in given:
            if not is_number(number):
                hint = guess.number(number) if isinstance(number, str) else ""
                raise wrong("not_a_number", f"{number!r} is not a number.", expected, hint)
            if not math.isfinite(number):
                raise wrong("not_finite", f"{number} is never a number.", expected)
            if whole and number != int(number):
                raise wrong("not_whole", f"{number:g} is not a whole number.", expected)
            if number < low:
                hint = ""
                raise wrong("too_small", f"{number:g} is too small.", expected, hint)
            if number > high:
                hint = guess.maybe(f"{number / 100:g}") if high == 1 and number <= 100 else ""
                raise wrong("too_large", f"{number:g} is too large.", expected, hint)
        if sorted(given) != given:
            hint = guess.maybe(f"[{end:g}, {begin:g}]") if mode is None else ""
            raise wrong("end_before_beginning", "The ends of the range are not in order.", expected, hint)
        return Range(float(begin), float(end), None if mode is None else float(mode))

    return judge


def spell(value: Any) -> Range | None:
    """Weeks as a range, or None for `"for_good"`."""
    if value == FOR_GOOD:
        return None
    if isinstance(value, str):
        hint = guess.maybe(f'"{FOR_GOOD}"' if guess.name(value, [FOR_GOOD]) else "")
        raise wrong("unknown_choice", f"{value!r} is no duration.", f'weeks as a range, or "{FOR_GOOD}"', hint)
    return range_of(1, MAX_WEEKS, whole=True)(value)


def names_of(value: Any) -> tuple[str, ...]:
    """`"*"`, a name, or a list of names."""
    names = [value] if isinstance(value, str) else value
    expected = 'a list of names, or "*" for all'
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise wrong("wrong_type", "Names are texts.", expected)
    if not names:
        raise wrong("wrong_length", "The list is empty: the row would mean nothing.", expected)
    return tuple(names)


Share = Annotated[Range, BeforeValidator(range_of(0, 1))]
Weeks = Annotated[Range, BeforeValidator(range_of(0, MAX_WEEKS, whole=True))]
After = Annotated[Range, BeforeValidator(range_of(-MAX_WEEKS, MAX_WEEKS, whole=True))]
Spell = Annotated[Range | None, BeforeValidator(spell)]
Probability = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Names = Annotated[tuple[str, ...] | None, BeforeValidator(names_of)]
Day = Annotated[dt.date, Field(ge=FIRST_DATE, le=LAST_DATE)]
