"""What blocks write into while a model is built: variables and rows, the objective's terms, and the ledger.

The ledger is how blocks meet without knowing each other: a block that lets units leave the pool *posts* terms under
`("taken", item, period)`, and the supply block sums what was posted. Posts are lists of `(coefficient, variable)`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from models.arrays import ArrayWriter
from models.facts import Facts
from models.matrix import IN_UNITS
from models.plan import Plan
from models.problem import TERMS
from models.writer import Row, Rows, Term, Terms_, Writer

__all__ = ["Block", "Draft", "Rows", "Start", "Term", "Terms_", "Value"]


def _same(plan: Plan) -> Plan:
    return plan


@dataclass
class Draft:
    """A model under construction. Blocks add variables and rules, and post to the ledger.

    `writer` is what it is written into, plain arrays or Pyomo; `model.<name>[index]` is a variable there.

    The blocks of `units` and `demand` come first and set how the others' variables are taken (their docstrings say
    what for): `integer_units`, `totals`, and the pair `to_model`, `to_answer` where the model's demands are not those
    of the problem.
    """

    facts: Facts
    writer: Writer = field(default_factory=ArrayWriter)
    ledger: dict[tuple[Any, ...], Terms_] = field(default_factory=lambda: defaultdict(list))
    costs: dict[str, Terms_] = field(default_factory=lambda: {term: [] for term in TERMS})
    constants: dict[str, float] = field(default_factory=lambda: dict.fromkeys(TERMS, 0.0))
    notes: dict[str, Any] = field(default_factory=dict)
    integer_units: bool = False
    """Whether every variable in units is declared whole, also where the structure makes it so."""
    totals: dict[str, Callable[[Draft, Any], None]] = field(default_factory=dict)
    """By variable name, what is called with the new variables, to have them replaced (see `replace`)."""
    replaced: dict[int, Terms_] = field(default_factory=dict)
    """What stands in rows and costs for a variable that was replaced, by its `id`."""
    chains: list[list[tuple[Any, Any]]] = field(default_factory=list)
    """Replaced variables in the order of their periods, each with its running total."""
    to_model: Callable[[Plan], Plan] = _same
    """A plan of the problem as one of the model's demands (for starts)."""
    to_answer: Callable[[Plan], Plan] = _same
    """A plan of the model's demands as one of the problem's."""

    @property
    def model(self) -> Any:
        """What holds the variables by name: `model.<name>[index]`."""
        return self.writer.model

    def variables(
        self, name: str, bounds: Mapping[Any, tuple[float, float | None]], whole: bool | Container[Any] = False
    ) -> Any:
        """Adds `model.name`, one variable an index with its bounds; `whole`: True, or the set of whole indices.

        Of variables in units (`matrix.IN_UNITS`), `whole` names those that the structure does not make whole.
        """
        if self.integer_units and name in IN_UNITS:
            whole = True
        component = self.writer.variables(name, bounds, whole)
        if name in self.totals:
            self.totals[name](self, component)
        return component

    def replace(self, chain: list[tuple[Any, Any]]) -> None:
        """Replaces variables by the steps of their running totals: pairs (variable, total), in order of time."""
        before: Terms_ = []
        for variable, total in chain:
            self.replaced[id(variable)] = [(1.0, total), *before]
            before = [(-1.0, total)]
        self.chains.append(chain)

    def expanded(self, terms: Iterable[Term]) -> Terms_:
        """The terms with replaced variables written out, each variable once where anything was replaced."""
        if not self.replaced:
            return list(terms)
        total: dict[int, list[Any]] = {}
        for coefficient, variable in terms:
            for factor, other in self.replaced.get(id(variable), ((1.0, variable),)):
                total.setdefault(id(other), [0.0, other])[0] += factor * coefficient
        return [(coefficient, variable) for coefficient, variable in total.values() if abs(coefficient) > 1e-12]

    def rule(self, name: str, rows: Mapping[Any, Row]) -> None:
        """Adds the rule `name`: for every index, lower ≤ Σ terms ≤ upper. A row without terms must hold by itself."""
        kept: Rows = {}
        for index, (lower, stated, upper) in rows.items():
            terms = self.expanded(stated) if self.replaced else stated
            if any(coefficient for coefficient, _ in terms):
                kept[index] = (lower, terms, upper)
            elif (lower is not None and lower > 1e-9) or (upper is not None and upper < -1e-9):
                kept[index] = (lower, [(1.0, self._nothing())], upper)
        self.writer.rule(name, kept)

    def _nothing(self) -> Any:
        """A variable that is always 0: it makes a row that cannot hold visible to the solver."""
        if not hasattr(self.model, "nothing"):
            self.writer.variables("nothing", {0: (0.0, 0.0)}, whole=False)
        return self.model.nothing[0]

    def post(self, *key: Any, terms: Iterable[Term]) -> None:
        """Posts terms under a ledger key such as `("taken", item, period)`."""
        self.ledger[key].extend(terms)

    def posted(self, *key: Any) -> Terms_:
        """The terms posted under a key; empty where none were."""
        return self.ledger.get(key, [])

    def cost(self, term: str, coefficient: float, variable: Any) -> None:
        """Adds coefficient · variable to a term of the objective."""
        if coefficient:
            self.costs[term].append((coefficient, variable))


Value = Callable[[Any], float]
"""The solved value of a variable."""
Start = dict[int, float]
"""Values for a start, by `id` of the variable."""


@dataclass(frozen=True, slots=True)
class Block:
    """One way to model one part of the problem.

    `adds`: rules and ledger names it brings; `needs`: names it relies on, which other blocks must add.
    `build` writes into the draft. `read` returns what the block's solved values say, as pieces of a plan (a dict from
    field of `Plan` to records). `start` gives values of its whole-number variables for a known plan. `relaxes`: the
    exact choice of the same part that the block relaxes, so that its optimum is a bound only; "" if it is exact itself.
    """

    name: str
    summary: str
    adds: tuple[str, ...]
    needs: tuple[str, ...]
    build: Callable[[Draft], None]
    read: Callable[[Draft, Value], dict[str, list[Any]]] | None = None
    start: Callable[[Draft, Plan], Start] | None = None
    relaxes: str = ""
