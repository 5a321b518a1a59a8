"""When complete orders are completed and which offers are accepted: a dive, then local search with two prices.

Such a decision is a chain of nondecreasing 0/1 columns; its position says from which of them on they are 1. With all
positions given, the guide's relaxation is a linear program that a dual simplex solves from the basis before. It takes
a few hundredths of a second, too long to try every move; so moves are tried first where they happen. Without its
coupling rows the program falls into blocks. At the duals λ of the best solution in hand, a move within one block costs
at least what it costs there,

    value(moved) ≥ value + block(moved; c − λA) − block(now; c − λA),

by weak duality; a block's program is solved in a thousandth of a second. What is no better there is no better at all,
and what is better there is tried in the whole program, the most promising first.

Sources: Lagrangian bounds after Geoffrion (1974); compound moves (two decisions at once) as in the pairwise
interchange of scheduling (Potts & Van Wassenhove, 1991).
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
from optimizer.solving.blockwise import Block, blocks
from optimizer.solving.highs import HotSimplex, Limits
from optimizer.solving.program import Mask, Program

log = logging.getLogger(__name__)
Indices = npt.NDArray[np.int64]
Positions = tuple[int, ...]
"""By chain, its position: the first of its columns that is 1; as many as it has columns if none is."""
Move = dict[int, int]
"""New positions of some chains."""
FAR = (1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 29, 38)
"""By how many positions one decision is moved."""
STEPS = (1, 3, 9)
"""By how many positions two decisions of a block are moved together."""
TRIES = 80
"""Moves of a block that are tried in the whole program before it is left."""
WORTH_IT = 1e-6
"""Relative gain from which on a move is taken."""
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


@dataclass
class _Part:
    """A block of the program: its own simplex, the chains in it, and what it costs now."""

    block: Block
    simplex: HotSimplex
    chains: list[int]
    columns: Indices
    place: dict[int, tuple[int, int]]
    value: float = math.inf


class CompletionSearch:
    """Decides the chains of a program in which releases are fixed. `over` is polled; the best so far stays in hand."""

    def __init__(
        self, program: Program, chains: list[Chain], coupling: Mask, limits: Limits, over: Callable[[], bool]
    ) -> None:
        """`coupling`: rows without which the program falls apart into blocks."""
        self.over, self.chains, self.limits = over, chains, limits
        self.full = program.relaxed()
        rows = self.full.live_rows()
        self.program, self.free = self.full.compressed()
        self.coupling = coupling[rows]
        to_small = np.full(self.full.A.shape[1], -1, dtype=np.int64)
        to_small[self.free] = np.arange(self.free.size)
        self.at = [to_small[chain.columns] for chain in chains]
        self.columns = np.concatenate([at[at >= 0] for at in self.at])
        self.lower, self.upper = self.program.lower[self.columns], self.program.upper[self.columns]
        self.first = np.cumsum([0, *(int((at >= 0).sum()) for at in self.at)])
        self.simplex = HotSimplex(self.program, limits, over)
        self.positions: dict[int, int] = {}
        self.value, self.x = math.inf, np.zeros(0)
        self.tried = self.priced = 0

    # --- what a position is -------------------------------------------------------------------------------------------

    def _range(self, chain: int) -> range:
        """Positions that the bounds of the chain's columns leave: columns of 1 stay, columns of 0 as well."""
        columns = self.chains[chain].columns
        least = int((self.full.upper[columns] < 0.5).sum())
        most = len(columns) - int((self.full.lower[columns] > 0.5).sum())
        return range(least, most + 1)

    def _bounds(self, positions: Move) -> tuple[Vector, Vector]:
        low, high = self.lower.copy(), self.upper.copy()
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
        if not self._dive():
            return None
        log.debug("completions: dived to %.0f, %d programs", self.value, self.tried)
        parts = self._parts()
        helped = True
        while helped and not self.over():
            helped = False
            for moves in (self._single, self._double):
                for part in parts:
                    while not self.over() and self._improve(part, moves):
                        helped = True
        log.debug("completions: %.0f, %d programs, %d of blocks", self.value, self.tried, self.priced)
        return self.value, self.full.completed(self.free, self.x)

    def _solve(self, positions: Move, cutoff: float = math.inf) -> bool:
        """Solves the program with these chains decided; takes it if it is below the cutoff."""
        self.tried += 1
        found = self.simplex.solve(self.columns, *self._bounds(positions), cutoff=cutoff)
        if found is None:
            return False
        self.value, self.x = found
        self.positions = dict(positions)
        return True

    def _dive(self) -> bool:
        """Decides chain after chain, the least fractional first, at the best of the positions next to its values."""
        if not self._solve({}):
            return False
        while len(self.positions) < len(self.chains):
            open_ = [c for c in range(len(self.chains)) if c not in self.positions]
            loose = {c: float(np.minimum(z, 1 - z).sum()) for c in open_ for z in [self._values(c)]}
            settled = {c: self._near(c)[0] for c in open_ if loose[c] < WHOLE}
            if settled:
                self.positions |= settled
                continue
            if self.over() or not self._decide(min(loose, key=lambda c: loose[c])):
                return False
        return True

    def _decide(self, chain: int) -> bool:
        basis, decided, best = self.simplex.keep(), dict(self.positions), None
        for position in self._near(chain):
            self.simplex.back(basis)
            if self._solve({**decided, chain: position}, math.inf if best is None else best[0]):
                best = (self.value, self.x, dict(self.positions), self.simplex.keep())
        if best is None:
            return False
        self.value, self.x, self.positions, basis = best
        self.simplex.back(basis)
        return True

    def _values(self, chain: int) -> Vector:
        """The chain's columns at the solution in hand, fixed ones with their bounds."""
        at, columns = self.at[chain], self.chains[chain].columns
        return np.where(at >= 0, self.x[np.maximum(at, 0)], self.full.lower[columns])

    def _near(self, chain: int) -> list[int]:
        """Positions next to the chain's values: where it begins, where it is full, and those around its sum."""
        z, allowed = self._values(chain), self._range(chain)
        around = float((1 - z).sum())
        near = {math.floor(around + WHOLE), math.ceil(around - WHOLE)}
        near |= {int((z < WHOLE).sum()), int((z < 1 - WHOLE).sum())}
        return sorted(near & set(allowed)) or [min(max(round(around), allowed[0]), allowed[-1])]

    # --- local search -------------------------------------------------------------------------------------------------

    def _parts(self) -> list[_Part]:
        """Blocks with decisions, those with the most first."""
        parts = []
        for block in blocks(self.program, self.coupling):
            inside = {int(j): k for k, j in enumerate(block.columns)}
            chains = [c for c, at in enumerate(self.at) if any(int(j) in inside for j in at)]
            if not chains:
                continue
            place, columns = {}, list[int]()
            for c in chains:
                mine = [inside[int(j)] for j in self.at[c] if j >= 0]
                place[c] = (len(columns), len(columns) + len(mine))
                columns += mine
            p = self.program
            program = Program(
                p.cost[block.columns], 0.0, sparse.csr_array(p.A[block.rows][:, block.columns]),
                p.row_lower[block.rows], p.row_upper[block.rows], p.lower[block.columns], p.upper[block.columns],
                np.zeros(block.columns.size, dtype=bool),
            )  # fmt: skip
            simplex = HotSimplex(program, self.limits, self.over)
            parts.append(_Part(block, simplex, chains, np.array(columns, dtype=np.int64), place))
        return sorted(parts, key=lambda part: -len(part.chains))

    def _improve(self, part: _Part, moves: Callable[[_Part], Iterator[Move]]) -> bool:
        """Takes the moves of the block that help the whole program, of those that promise most; whether any did."""
        helped, basis = False, self.simplex.keep()
        for _, move in self._promising(part, moves)[:TRIES]:
            if self.over():
                break
            self.simplex.back(basis)
            if self._solve({**self.positions, **move}, self.value - WORTH_IT * max(1.0, abs(self.value))):
                helped, basis = True, self.simplex.keep()
        self.simplex.back(basis)
        self._solve(self.positions)  # duals of the best again, for the next block
        return helped

    def _promising(self, part: _Part, moves: Callable[[_Part], Iterator[Move]]) -> list[tuple[float, Move]]:
        """Moves of the block that cost less there at the duals of the solution in hand, by what they cost."""
        duals = np.where(self.coupling, self.simplex.duals(), 0.0)
        columns = part.block.columns
        part.simplex.price(self.program.cost[columns] - (self.program.A.T @ duals)[columns])
        now = part.simplex.solve(part.columns, *self._block_bounds(part, {}))
        if now is None:
            return []
        basis, limit = part.simplex.keep(), now[0] - WORTH_IT * max(1.0, abs(self.value))
        found: list[tuple[float, Move]] = []
        for move in moves(part):
            if self.over():
                break
            self.priced += 1
            part.simplex.back(basis)
            value = part.simplex.solve(part.columns, *self._block_bounds(part, move), cutoff=limit)
            if value is not None:
                found.append((value[0], move))
        return sorted(found, key=lambda pair: pair[0])

    def _block_bounds(self, part: _Part, move: Move) -> tuple[Vector, Vector]:
        values = np.zeros(part.columns.size)
        for chain, (first, last) in part.place.items():
            values[first:last] = self._ones(chain, move.get(chain, self.positions[chain]))
        return values, values

    def _single(self, part: _Part) -> Iterator[Move]:
        """One decision, to all positions near and some farther away."""
        for chain in part.chains:
            allowed = self._range(chain)
            for step in FAR:
                for position in (self.positions[chain] - step, self.positions[chain] + step):
                    if position in allowed:
                        yield {chain: position}

    def _double(self, part: _Part) -> Iterator[Move]:
        """Two decisions at once: one earlier and one later by steps, or each in the other's place."""
        for one, other in combinations(part.chains, 2):
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
