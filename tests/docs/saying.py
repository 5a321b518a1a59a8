"""Whether an output says what a page shows."""

from __future__ import annotations

import re

_FRAME = re.compile(r"[\u2500-\u257f]")


def says(output: str, line: str) -> bool:
    """Whether some line of the output has all the words of the line, in order; frames of tables are left out."""
    wanted = _FRAME.sub(" ", line).split()
    if not wanted:
        return True
    for printed in _FRAME.sub(" ", output).splitlines():
        there = iter(re.split(r"\s+", printed))
        if all(any(word in part for part in there) for word in wanted):
            return True
    return False
