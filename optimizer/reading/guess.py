"""Guesses at what was meant: the "Maybe …" of a finding. A guess is given only where one stands out."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from rapidfuzz.distance import OSA

_NAMES_ARE_SHORT = 4
_TWO_MISTAKES_FROM = 8
_DATE = re.compile(r"(\d{1,4})\s*[-./ ]\s*(\d{1,2})\s*[-./ ]\s*(\d{1,4})\.?(?:[T ].*)?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_PLAIN_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}([,' _\u00a0\u202f]\d{3})+(\.\d+)?")
_EXCEL_EPOCH = dt.date(1899, 12, 30)


def _folded(name: str) -> str:
    return re.sub(r"[\s_\-]+", "", name).casefold()


def name(value: str, candidates: Iterable[str]) -> str:
    """The one candidate that `value` is a slip of (case, spaces, a letter or two), or an empty text."""
    known = list(dict.fromkeys(candidates))
    same = [candidate for candidate in known if _folded(candidate) == _folded(value)]
    if len(same) == 1:
        return same[0]
    if len(value) < _NAMES_ARE_SHORT or len(same) > 1:
        return ""
    allowed = 2 if len(value) >= _TWO_MISTAKES_FROM else 1
    near: dict[int, list[str]] = {}
    folded = value.casefold()
    for candidate in known:
        distance = OSA.distance(folded, candidate.casefold(), score_cutoff=allowed)
        if distance <= allowed:
            near.setdefault(distance, []).append(candidate)
    best = near[min(near)] if near else []
    return best[0] if len(best) == 1 else ""


def maybe(guess: str) -> str:
    """The guess as a hint, or an empty text."""
    return f"Maybe {guess}" if guess else ""


def _real(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def date(value: str) -> str:
    """A hint for a text that was meant as a date: another order of day and month, other separators, no such day."""
    text = value.strip()
    match = _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
    if not match:
        return ""
    first, second, third = (int(part) for part in match.groups())
    if len(match[1]) == 4:
        readings = [(first, second, third), (first, third, second)]
        if _real(*readings[0]):
            readings = readings[:1]
    elif len(match[3]) == 4:
        readings = [(third, second, first), (third, first, second)]
    else:
        return ""
    found = list(dict.fromkeys(day.isoformat() for day in (_real(*reading) for reading in readings) if day))
    if not found and 28 < third <= 31 and 1 <= second <= 12:
        found = [last.isoformat() for last in [_last_of_month(first, second)] if last]
    return maybe(" or ".join(found))


def _last_of_month(year: int, month: int) -> dt.date | None:
    return next((day for day in (_real(year, month, last) for last in (30, 29, 28)) if day), None)


def excel_date(serial: float) -> str:
    """A hint for a number in a date column: the day that Excel shows for it."""
    if 18_000 <= serial <= 110_000:
        return maybe(f"{_EXCEL_EPOCH + dt.timedelta(days=int(serial))} (give the cell a date format)")
    return ""


def number(value: str) -> str:
    """A hint for a text that was meant as a number: a decimal comma, separated thousands, letters for digits."""
    text = value.strip()
    readings = []
    if _GROUPED.fullmatch(text):
        readings.append(re.sub(r"[,' _\u00a0\u202f]", "", text))
    if re.fullmatch(r"[+-]?\d+,\d+", text):
        readings.append(text.replace(",", "."))
    stripped = re.sub(r"^[$€£]\s*|\s*(%|[$€£]|usd|t|weeks?)$", "", text, flags=re.IGNORECASE)
    readings += [stripped, text.translate(str.maketrans("OoIl", "0011")), text.replace("\u2212", "-")]
    found = list(dict.fromkeys(guess for guess in readings if guess != text and _PLAIN_NUMBER.fullmatch(guess)))
    return maybe(" or ".join(found))


def is_plain_number(text: str) -> bool:
    """Whether the text is a number in ASCII digits: no underscores, no words, no separators of thousands."""
    return _PLAIN_NUMBER.fullmatch(text) is not None
