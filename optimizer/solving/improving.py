"""Method "improving": fix-and-optimize from the best baseline, then branch and bound in what time is left.

The best baseline is the first plan; where none is legal, the first solution of branch and bound is. Neighbourhoods of
the best plan (groups of items, some orders, approvals, packages next to each other) are freed in turn and solved again
with the rest fixed, until a whole round helps nowhere or their share of the time is over. The bound is that of the
linear relaxation until branch and bound on the whole model, which starts from the best plan, raises it.

Source: fix-and-optimize after Helber & Sahling, International Journal of Production Economics 123 (2010), and
Pochet & Wolsey, "Production Planning by Mixed Integer Programming" (2006), sec. 3.6 (exchange).
"""

from __future__ import annotations

from optimizer.solving.direct import direct
from optimizer.solving.neighbourhoods import Neighbourhoods
from optimizer.solving.search import Search
from optimizer.solving.started import offer_baselines, root_bound

SHARE = 0.6
"""Share of the time left in which neighbourhoods are solved."""


def improving(search: Search) -> None:
    """Runs the method; improves `search` until it is over."""
    offer_baselines(search)
    root_bound(search)
    if search.best is None:
        # proves by itself that there is no plan, if there is none
        direct(search, lambda: search.over or search.best is not None)
    until = search.left * (1 - SHARE)

    def over() -> bool:
        return search.over or search.left <= until

    around = Neighbourhoods(search, over)
    while not over() and around.step():
        pass
    if not search.over:
        direct(search)
