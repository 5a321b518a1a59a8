"""What the log of HiGHS says of a branch and bound, line by line."""

from __future__ import annotations

from optimizer.solving.effort import account


class Tree:
    """How far a branch and bound has come: nodes, iterations, and whether its first linear program is solved."""

    def __init__(self) -> None:
        """Nothing is solved yet."""
        self.nodes, self.rooted, self.iterations, self._account = 0, False, 0, account()

    def reached(self, nodes: int) -> None:
        """Takes the count of nodes so far; HiGHS says −1 where there is no tree."""
        if nodes >= self.nodes:
            self._account.spent(nodes - self.nodes)
            self.nodes = nodes

    def read(self, line: str) -> None:
        """Looks for the line of the log that follows the first linear program: the first with iterations.

        Lines of new solutions begin with a letter and may come before the bound knows of the program they are from.
        """
        words = line.split()
        if len(words) >= 10 and words[0].isdigit() and words[-1].endswith("s") and "%" in line:
            self.rooted |= words[-2] != "0"
            self.iterations = int(words[-2]) if words[-2].isdigit() else self.iterations
