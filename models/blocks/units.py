"""Units: which variables that count units are declared whole.

All decisions on units are whole. But with binaries and contents fixed, output, stock and demands whose items use one
slot a unit and no components form a network (periods of the pool are its nodes, stock its arcs in time, capacities of
lines and what an order may take by a period bounds on arcs): its matrix is totally unimodular, so that for whole
right-hand sides every vertex is whole (Hoffman & Kruskal 1956). There a declaration adds nothing but work to branch
and bound."""

from __future__ import annotations

from models.draft import Block, Draft


def _integer(draft: Draft) -> None:
    """Every variable of `matrix.IN_UNITS` is declared whole, whatever the structure."""
    draft.integer_units = True


def _continuous(draft: Draft) -> None:
    """Whole are those that their block names: where components, slots, substitutes, offers or lanes break the network.

    The last solve, with all whole columns fixed, ends at a vertex; `extract` takes it as it is. Should it split a unit
    all the same, units are declared whole and what is left is solved again.
    """
    draft.integer_units = False


integer = Block("integer", "every unit declared whole", (), (), _integer)
continuous = Block(
    "continuous", "units declared whole only where the structure does not make them so", (), (), _continuous
)
