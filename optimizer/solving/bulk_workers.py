"""Parts of an order book given to whoever works on them, each with its share of the time or of the work that is left.

By the wall, a part gets its share of the seconds that are left when it is given. By work that would depend on who was
quick: so a part's limit follows from what the parts long before it have spent, `AHEAD` of them or more, and what comes
of parts is taken up in their order, each with what it has spent. Then nothing depends on the number of workers or on
where they are; nobody waits as long as there are no more than `AHEAD`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Self

import numpy as np

from models.matrix import Vector
from optimizer.solving.bulk_part import Part, Piece, Solved, solve_piece
from optimizer.solving.clock import clock
from optimizer.solving.effort import account
from optimizer.solving.highs import Limits
from optimizer.solving.places.interface import Ended, LostError, Place
from optimizer.solving.places.opening import beside, opened
from optimizer.solving.places.where import Where

log = logging.getLogger(__name__)
GENEROUS, LEAST = 4.0, 0.5
"""How much more than its share a block may take, as most take less, and how much it has at least: seconds, or units."""
AHEAD = 16
"""By work: how many parts are given before the first of them is taken up."""
Done = Callable[[Part, Vector | None], None]


class Workers:
    """Who solves blocks: opened when they are first needed. `disturbed`: another run may end elsewhere."""

    def __init__(self, where: Where, over: Callable[[], bool], asked: Callable[[], bool]) -> None:
        """Nothing is opened yet.

        Args:
            where: they are; without `workers`, one.
            over: polled; once it says so no block is begun. By the wall, all end with what they have.
            asked: polled; somebody wants it to end. By work, that alone ends blocks that are being solved.
        """
        self.where, self._over, self._asked = where, over, asked
        self.disturbed = False
        self._place: Place | None = None
        self._given: dict[int, Piece] = {}
        self._messages: list[str] = []
        self._ending = False

    def __enter__(self) -> Self:
        """Nothing is started yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Ends whatever was started."""
        if self._place is not None:
            self._place.close()

    def solve(self, parts: Sequence[Part], limits: Limits, left: Callable[[], float], done: Done) -> list[str]:
        """Solves all parts; `done` hears of each. What went wrong.

        A part gets a share of the time that is left by its weight, and ends earlier if it is proven.
        """
        parts = sorted(parts, key=lambda part: -part.weight)
        self._given, self._messages = {}, []
        if clock().counted:
            self._by_work(parts, limits, left, done)
        else:
            self._by_wall(parts, limits, left, done)
        return self._messages

    # --- two ways to share ----------------------------------------------------------------------------------------

    def _by_wall(self, parts: Sequence[Part], limits: Limits, left: Callable[[], float], done: Done) -> None:
        weights = np.array([part.weight for part in parts], dtype=float)
        total, spent, number = max(LEAST, float(weights.sum())), 0.0, 0
        while True:
            if self._over():
                self._end_soon()
            size = self._size() if number < len(parts) and not self._ending else 1
            while number < len(parts) and not self._ending and len(self._given) < (2 * size if size > 1 else 1):
                share = size * left() * weights[number] / max(LEAST, total - spent) * GENEROUS
                spent += weights[number]
                seconds = max(LEAST, min(share, left()))
                self._give(number, Piece(parts[number], replace(limits, seconds=seconds), counted=False))
                number += 1
            if not self._working():
                return
            for ended in self._ended():
                self._take_up(ended, parts, done)

    def _by_work(self, parts: Sequence[Part], limits: Limits, left: Callable[[], float], done: Done) -> None:
        """Every step follows from what was taken up before it, however long anybody took.

        What is given ahead of that counts as spent by as much as it may spend, so that together parts never spend more
        than there is; the more of them are still to come, the more generous shares can be.
        """
        weights = np.array([part.weight for part in parts], dtype=float)
        rest = np.append(np.cumsum(weights[::-1])[::-1], 0.0)
        reserved: dict[int, float] = {}
        answers: dict[int, Ended] = {}
        taken = given = 0
        while True:
            while given < min(len(parts), taken + AHEAD) and not self._over():
                near = max(LEAST, float(rest[given] - rest[min(given + AHEAD, len(parts))]))
                generous = min(GENEROUS, max(1.0, rest[given] / near))
                share = generous * (left() - sum(reserved.values())) * weights[given] / max(LEAST, rest[given])
                reserved[given] = max(LEAST, float(share))
                limited = replace(limits, seconds=reserved[given])
                self._give(given, Piece(parts[given], limited, counted=True, net=clock().net()))
                given += 1
            if taken == given:
                return
            while taken not in answers and self._working():
                if self._asked() or clock().late:
                    self._end_soon()
                answers.update((ended.key, ended) for ended in self._ended())
            if taken in answers:
                self._take_up(answers.pop(taken), parts, done)
            del reserved[taken]
            taken += 1

    # --- one part ---------------------------------------------------------------------------------------------------

    def _take_up(self, ended: Ended, parts: Sequence[Part], done: Done) -> None:
        """What came of a part, with what it cost."""
        solved: Solved | None = ended.answer
        if solved is None:
            self.disturbed = True
            self._messages.append(
                f"a process that solved a block ended by itself{ended.died}; its block stays as it was"
            )
            done(parts[ended.key], None)
            return
        clock().spend(solved.spent)
        if solved.nodes is not None:
            account().spent(solved.nodes)
        if solved.late:
            clock().tear()
        self.disturbed |= not solved.alone
        done(parts[ended.key], solved.x)

    def _give(self, key: int, piece: Piece) -> None:
        self._given[key] = piece
        try:
            self._opened().give(key, piece, _seconds(piece))
        except LostError as gone:
            self._instead(gone)

    def _ended(self) -> list[Ended]:
        """What has ended by now."""
        assert self._place is not None
        try:
            found = self._place.ended()
        except LostError as gone:
            self._instead(gone)
            return []
        for ended in found:
            del self._given[ended.key]
        return found

    def _working(self) -> bool:
        return self._place is not None and self._place.busy

    # --- the place --------------------------------------------------------------------------------------------------

    def _opened(self) -> Place:
        if self._place is None:
            stop = self._asked if clock().counted else self._over
            self._place = opened(self.where, solve_piece, stop)
        return self._place

    def _size(self) -> int:
        try:
            return self._opened().size
        except LostError as gone:
            self._instead(gone)
            return self._opened().size

    def _end_soon(self) -> None:
        """Asks for the end, once."""
        if not self._ending:
            self._ending = True
            if self._place is not None:
                self._place.end_soon()

    def _instead(self, gone: LostError) -> None:
        """Goes on beside this process with what had not ended."""
        self._messages.append(f"the cluster at {self.where.cluster} could not be used ({gone}): blocks are solved here")
        log.warning(self._messages[-1])
        if self._place is not None:
            self._place.close()
        self.where = replace(self.where, cluster="")
        stop = self._asked if clock().counted else self._over
        self._place = beside(self.where, solve_piece, stop)
        for key, piece in sorted(self._given.items() if not self._ending else ()):
            self._place.give(key, piece, _seconds(piece))


def _seconds(piece: Piece) -> float:
    """Wall-clock seconds that a part may take."""
    return piece.net if piece.counted else piece.limits.seconds
