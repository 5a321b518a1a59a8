"""When complete orders are completed and which offers are accepted: a dive, then local search led by tangents.

Such a decision is a chain of nondecreasing 0/1 columns; its position says from which of them on they are 1. With all
positions given, the guide's relaxation is a linear program that a dual simplex solves from the basis before, in a few
hundredths of a second; `tangents` says which moves are worth it. Moves are one decision to any other position, two
decisions by steps in opposite directions, and two that change places.

Sources: compound moves (two decisions at once) as in the pairwise interchange of scheduling (Potts & Van Wassenhove,
1991).
"""

from __future__ import annotations

import logging
import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import numpy.typing as npt
from scipy import sparse

from models.matrix import Matrix, Vector
from optimizer.solving.highs import Limits
from optimizer.solving.program import Program
from optimizer.solving.tangents import TangentSearch

log = logging.getLogger(__name__)
Indices = npt.NDArray[np.int64]
Move = dict[int, int]
"""By chain, its new position: the first of its columns that is 1; as many as it has columns if none is."""
STEPS = (1, 2, 3, 5, 9, 13)
"""By how many positions two decisions are moved together."""
WHOLE = 1e-6


@dataclass(frozen=True)
class Chain:
    """A decision: columns of a program, nondecreasing in their order, with the period of each."""

    name: str
    columns: Indices
    periods: tuple[int, ...]


def chains_of(matrix: Matrix, program: Program) -> list[Chain]:
    """The decisions of a guide that are still open: completions of orders, and offers."""
    found: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for j in np.flatnonzero(np.isin(matrix.kinds, ("is_completed", "is_accepted")) & program.whole):
        key = matrix.column_keys[j]
        found[str(matrix.kinds[j]), key[0]].append((key[1] if len(key) > 1 else 0, int(j)))
    chains = []
    for (_, name), pairs in found.items():
        pairs.sort()
        columns = np.array([j for _, j in pairs], dtype=np.int64)
        if (program.lower[columns] < program.upper[columns]).any():
            chains.append(Chain(name, columns, tuple(t for t, _ in pairs)))
    return chains


class CompletionSearch:
    """Decides the chains of a program in which releases are fixed. `over` is polled; the best so far stays in hand."""

    def __init__(self, program: Program, chains: list[Chain], limits: Limits, over: Callable[[], bool]) -> None:
        """`chains`: the decisions of the program that are open; every other column is continuous."""
        self.over, self.chains = over, chains
        self.full = program.relaxed()
        small, self.free = self.full.compressed()
        to_small = np.full(self.full.A.shape[1], -1, dtype=np.int64)
        to_small[self.free] = np.arange(self.free.size)
        self.at = [to_small[chain.columns] for chain in chains]
        self.first = np.cumsum([0, *(int((at >= 0).sum()) for at in self.at)])
        columns = np.concatenate([at[at >= 0] for at in self.at])
        self.search = TangentSearch(small, columns, limits, self.over)
        self.positions: dict[int, int] = {}

    # --- what a position is -------------------------------------------------------------------------------------------

    def _range(self, chain: int) -> range:
        """Positions that the bounds of the chain's columns leave: columns of 1 stay, columns of 0 as well."""
        columns = self.chains[chain].columns
        least = int((self.full.upper[columns] < 0.5).sum())
        most = len(columns) - int((self.full.lower[columns] > 0.5).sum())
        return range(least, most + 1)

    def _bounds(self, positions: Move) -> tuple[Vector, Vector]:
        low, high = self.search.lower.copy(), self.search.upper.copy()
        for chain, position in positions.items():
            part = slice(self.first[chain], self.first[chain + 1])
            low[part] = high[part] = self._ones(chain, position)
        return low, high

    def _ones(self, chain: int, position: int) -> Vector:
        """Values of the chain's columns that are not fixed."""
        values = np.arange(len(self.chains[chain].columns)) >= position
        return np.asarray(values[self.at[chain] >= 0], dtype=float)

    # --- the run ------------------------------------------------------------------------------------------------------

    def run(self) -> tuple[float, Vector] | None:
        """Value and solution of the program with every chain decided; None if none was found in time."""
        search = self.search
        if not self._dive():
            return None
        log.debug("completions: dived to %.0f, %d programs", search.value, search.valued)
        pools = (self._single, self._double)
        widest = 0
        while widest < len(pools) and not self.over():
            widest = 0 if self._improve(list(pools[widest]())) else widest + 1
        log.debug("completions: %.0f, %d programs", search.value, search.valued)
        return search.value, self.full.completed(self.free, search.x)

    # --- the dive -----------------------------------------------------------------------------------------------------

    def _dive(self) -> bool:
        """Decides chain after chain, the least fractional first, at the best of the positions next to its values."""
        found = self.search.look(self.search.lower, self.search.upper)
        if found is None:
            return False
        self.search.take(found)
        while len(self.positions) < len(self.chains):
            open_ = [c for c in range(len(self.chains)) if c not in self.positions]
            loose = {c: float(np.minimum(z, 1 - z).sum()) for c in open_ for z in [self._values(c)]}
            settled = {c: self._near(c)[0] for c in open_ if loose[c] < WHOLE}
            if settled:
                self.positions |= settled
                continue
            if self.over() or not self._decide(min(loose, key=lambda c: loose[c])):
                return False
        self.search.point = np.round(self.search.point)
        return True

    def _decide(self, chain: int) -> bool:
        """Holds one more chain at the best of the positions next to its values."""
        search, basis, decided, best = self.search, self.search.basis, dict(self.positions), math.inf
        for position in self._near(chain):
            search.simplex.back(basis)
            found = search.look(*self._bounds({**decided, chain: position}), cutoff=best)
            if found is not None:
                search.take(found)
                best, self.positions[chain] = found[0], position
        return best < math.inf

    def _values(self, chain: int) -> Vector:
        """The chain's columns at the solution in hand, fixed ones with their bounds."""
        at, columns = self.at[chain], self.chains[chain].columns
        return np.where(at >= 0, self.search.x[np.maximum(at, 0)], self.full.lower[columns])

    def _near(self, chain: int) -> list[int]:
        """Positions next to the chain's values: where it begins, where it is full, and those around its sum."""
        z, allowed = self._values(chain), self._range(chain)
        around = float((1 - z).sum())
        near = {math.floor(around + WHOLE), math.ceil(around - WHOLE)}
        near |= {int((z < WHOLE).sum()), int((z < 1 - WHOLE).sum())}
        return sorted(near & set(allowed)) or [min(max(round(around), allowed[0]), allowed[-1])]

    # --- local search -------------------------------------------------------------------------------------------------

    def _improve(self, moves: list[Move]) -> bool:
        """Values moves until one is better; False if none can be."""
        row = self.search.improve(self._changes(moves))
        if row is not None:
            self.positions |= moves[row]
        return row is not None

    def _changes(self, moves: list[Move]) -> sparse.csr_array:
        """What every move changes in the columns."""
        steps = {pair: self._step(*pair) for move in moves for pair in move.items()}
        columns = [np.concatenate([steps[pair][0] for pair in move.items()]) for move in moves]
        values = [np.concatenate([steps[pair][1] for pair in move.items()]) for move in moves]
        ends = np.cumsum([0, *(part.size for part in columns)])
        none = np.zeros(0)
        return sparse.csr_array(
            (np.concatenate([none, *values]), np.concatenate([none.astype(np.int64), *columns]), ends),
            shape=(len(moves), self.search.columns.size),
        )

    def _step(self, chain: int, position: int) -> tuple[Indices, Vector]:
        """Columns that change where a chain goes to another position, and by how much."""
        change = self._ones(chain, position) - self._ones(chain, self.positions[chain])
        places = np.flatnonzero(change)
        return self.first[chain] + places, change[places]

    def _single(self) -> Iterator[Move]:
        """One decision, to any other position."""
        for chain, position in self.positions.items():
            for other in self._range(chain):
                if other != position:
                    yield {chain: other}

    def _double(self) -> Iterator[Move]:
        """Two decisions at once: one earlier and one later by steps, or each in the other's place."""
        for one, other in combinations(sorted(self.positions), 2):
            a, b = self.positions[one], self.positions[other]
            moves = [{one: a + sign * k, other: b - sign * n} for k, n in product(STEPS, STEPS) for sign in (1, -1)]
            moves.append({one: self._since(one, other), other: self._since(other, one)})
            for move in moves:
                if all(position in self._range(chain) for chain, position in move.items()):
                    yield move

    def _since(self, chain: int, other: int) -> int:
        """The position at which the chain begins when the other one does now."""
        periods, position = self.chains[other].periods, self.positions[other]
        if position >= len(periods):
            return len(self.chains[chain].columns)
        return int(np.searchsorted(self.chains[chain].periods, periods[position]))
