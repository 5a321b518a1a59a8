"""The routes a dispatch for Ukraine may take, from each origin (`problem.md`, "Routes")."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from models.plan import POOL
from models.problem import Lane, Problem

Route = tuple[str, ...]
DIRECT: Mapping[Route, int] = {(): 0}
"""No lanes to travel: goods arrive in the period they leave."""


def routes_by_origin(problem: Problem) -> dict[str, Mapping[Route, int]]:
    """For the pool and every offer, each allowed route and its weeks, best first.

    Without lanes or a `[delivery]` section there is only the empty route. Where goods travel, an origin with no way to
    the destination has no route at all, nor has an offer with no site.
    """
    policy = problem.delivery
    if policy is None or not problem.lanes:
        return {POOL: DIRECT, **{offer.offer: DIRECT for offer in problem.offers}}
    sites = {policy.pool_site} | {offer.site for offer in problem.offers if offer.site is not None}
    ways = {
        site: best_routes(
            problem.lanes, site, policy.destination_site, policy.max_lanes_per_route, policy.routes_per_origin
        )
        for site in sites
    }
    routes: dict[str, Mapping[Route, int]] = {POOL: ways[policy.pool_site]}
    for offer in problem.offers:
        routes[offer.offer] = {} if offer.site is None else ways[offer.site]
    return routes


def best_routes(
    lanes: tuple[Lane, ...], origin: str, destination: str, max_lanes: int, how_many: int
) -> Mapping[Route, int]:
    """The first simple paths by (weeks, number of lanes, lane names), with their weeks."""
    leaving: dict[str, list[Lane]] = defaultdict(list)
    for lane in lanes:
        leaving[lane.from_site].append(lane)
    hops = _lanes_to_go(lanes, destination)
    ranked = sorted(
        (sum(lane.weeks for lane in path), len(path), tuple(lane.lane for lane in path))
        for path in _simple_paths(leaving, hops, origin, destination, max_lanes)
    )
    return {names: weeks for weeks, _, names in ranked[:how_many]}


def _lanes_to_go(lanes: tuple[Lane, ...], destination: str) -> dict[str, int]:
    """The least number of lanes from each site to the destination, for sites that reach it."""
    entering: dict[str, list[str]] = defaultdict(list)
    for lane in lanes:
        entering[lane.to_site].append(lane.from_site)
    hops, frontier = {destination: 0}, [destination]
    while frontier:
        reached = []
        for site in frontier:
            for before in entering[site]:
                if before not in hops:
                    hops[before] = hops[site] + 1
                    reached.append(before)
        frontier = reached
    return hops


def _simple_paths(
    leaving: Mapping[str, list[Lane]], hops: Mapping[str, int], origin: str, destination: str, max_lanes: int
) -> Iterator[tuple[Lane, ...]]:
    """Every path that visits no site twice, ends on reaching the destination, and has at most `max_lanes` lanes."""
    unfinished: list[tuple[str, tuple[Lane, ...], frozenset[str]]] = [(origin, (), frozenset({origin}))]
    while unfinished:
        site, path, visited = unfinished.pop()
        if site == destination:
            yield path
            continue
        for lane in leaving.get(site, ()):
            onward = lane.to_site
            if onward in visited or onward not in hops or len(path) + 1 + hops[onward] > max_lanes:
                continue
            unfinished.append((onward, (*path, lane), visited | {onward}))
