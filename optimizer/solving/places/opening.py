"""From what a user says to a place."""

from __future__ import annotations

from optimizer.solving.places.here import Here
from optimizer.solving.places.interface import MadeBy, Place, Stop
from optimizer.solving.places.pool import Pool
from optimizer.solving.places.where import Where


def opened(where: Where, made_by: MadeBy, stop: Stop) -> Place:
    """The place. `stop`: what a piece polls that is worked on in this process. Raises `LostError` if there is none."""
    if where.cluster:
        from optimizer.solving.places.cluster import OnCluster  # another extra: most solves never need it

        return OnCluster(where.cluster, where.workers or 1, made_by)
    return beside(where, made_by, stop)


def beside(where: Where, made_by: MadeBy, stop: Stop) -> Place:
    """The place on this machine, whatever cluster was asked for: processes, or this one where fewer than two."""
    workers = where.workers or 1
    return Pool(workers, made_by) if workers > 1 else Here(made_by, stop)
