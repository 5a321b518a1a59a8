"""Routes for goods to Ukraine (`problem.md`, "Routes")."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from models.plan import POOL
from models.problem import Lane, Problem


@dataclass(frozen=True, slots=True)
class Route:
    """Lanes in order, the weeks before each of them, and the total weeks."""

    lanes: tuple[str, ...]
    before: tuple[int, ...]
    weeks: int

    @property
    def name(self) -> str:
        """The lanes joined by ` > `, as `dispatches.csv` writes them; empty where goods arrive as they leave."""
        return " > ".join(self.lanes)


DIRECT = Route((), (), 0)
"""No lane at all: goods arrive in the period they leave."""


def has_lanes(problem: Problem) -> bool:
    """Whether goods travel: there are lanes and a `[delivery]` section."""
    return bool(problem.lanes) and problem.delivery is not None


def _from_site(problem: Problem, site: str) -> list[Route]:
    policy = problem.delivery
    if policy is None:
        return [DIRECT]
    leaving: dict[str, list[Lane]] = defaultdict(list)
    for lane in problem.lanes:
        leaving[lane.from_site].append(lane)
    found: list[Route] = []

    def walk(at: str, seen: frozenset[str], path: tuple[Lane, ...]) -> None:
        if at == policy.destination_site:
            before = tuple(sum(lane.weeks for lane in path[:k]) for k in range(len(path)))
            found.append(Route(tuple(lane.lane for lane in path), before, sum(lane.weeks for lane in path)))
            return
        if len(path) == policy.max_lanes_per_route:
            return
        for lane in leaving[at]:
            if lane.to_site not in seen:
                walk(lane.to_site, seen | {lane.to_site}, (*path, lane))

    walk(site, frozenset({site}), ())
    found.sort(key=lambda route: (route.weeks, len(route.lanes), list(route.lanes)))
    return found[: policy.routes_per_origin]


def routes_by_origin(problem: Problem) -> dict[str, list[Route]]:
    """For the pool and every offer, its allowed routes, best first; `[DIRECT]` where nothing travels."""
    if not has_lanes(problem) or problem.delivery is None:
        return {POOL: [DIRECT], **{offer.offer: [DIRECT] for offer in problem.offers}}
    sites: dict[str, list[Route]] = {}
    origins = {POOL: problem.delivery.pool_site, **{offer.offer: offer.site or "" for offer in problem.offers}}
    for site in origins.values():
        if site not in sites:
            sites[site] = _from_site(problem, site)
    return {origin: sites[site] for origin, site in origins.items()}
