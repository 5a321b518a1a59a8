"""Warnings about delivery: lanes, routes and loads that can never be."""

from __future__ import annotations

from collections.abc import Iterator

from models.problem import DeliveryPolicy
from optimizer.findings import Finding
from optimizer.reading.scene import Scene

_SHOWN = 5


def lanes(scene: Scene) -> Iterator[Finding]:
    """Lanes that no route can use."""
    problem = scene.problem
    if problem.lanes and problem.delivery is None:
        message = "There is no section [delivery]: goods arrive in the period they leave."
        yield scene.warn("lanes_without_delivery", ("lanes", 0, "lane"), message, "a section [delivery]")
    for k, lane in enumerate(problem.lanes):
        if lane.from_site == lane.to_site:
            message = "The lane ends where it begins: no route uses it."
            yield scene.warn("lane_to_itself", ("lanes", k, "to_site"), message, f"another site than {lane.from_site}")


def heavy_units(scene: Scene) -> Iterator[Finding]:
    """Lanes that carry less in every period than one unit of a need weighs."""
    problem = scene.problem
    if problem.delivery is None:
        return
    tonnes = {item.item: item.tonnes for item in problem.items}
    loads: dict[str, float] = {}
    for need in problem.needs:
        for item, units in scene.substitutes[need.item]:
            loads[item] = min(units * tonnes[item], loads.get(item, units * tonnes[item]))
    longest = max(scene.calendar.weeks)
    for k, lane in enumerate(problem.lanes):
        if lane.tonnes_per_week is None:
            continue
        room = lane.tonnes_per_week * longest
        heavy = [item for item, load in loads.items() if load > room + 1e-9]
        if heavy:
            names = ", ".join(heavy[:_SHOWN]) + (f" and {len(heavy) - _SHOWN} more" if len(heavy) > _SHOWN else "")
            message = f"{lane.lane} carries {room:g} t in a period at most: never a unit of {names}."
            yield scene.warn("unit_too_heavy", ("lanes", k, "tonnes_per_week"), message)


def origins(scene: Scene) -> Iterator[Finding]:
    """Origins from which nothing can reach the destination within the horizon."""
    problem = scene.problem
    policy = problem.delivery
    if policy is None or not problem.lanes:
        return
    weeks = _weeks_to_destination(scene, policy)
    last = len(scene.calendar.weeks) - 1
    if problem.needs and scene.calendar.shift(0, weeks.get(policy.pool_site, 10**6)) > last:
        message = f"From {policy.pool_site} nothing can reach {policy.destination_site} within the horizon."
        yield scene.warn_setting("no_route", "delivery.pool_site", message)
    for k, offer in enumerate(problem.offers):
        first = scene.calendar.period(offer.available_on)
        if first <= last and scene.calendar.shift(first, weeks.get(offer.site or "", 10**6)) > last:
            where = offer.site or "a blank site"
            message = f"From {where} nothing can reach {policy.destination_site} within the horizon."
            yield scene.warn("no_route", ("offers", k, "site"), message)


def _weeks_to_destination(scene: Scene, policy: DeliveryPolicy) -> dict[str, int]:
    """For every site the fewest weeks to the destination by at most `max_lanes_per_route` lanes."""
    weeks = {policy.destination_site: 0}
    for _ in range(policy.max_lanes_per_route):
        longer = dict(weeks)
        for lane in scene.problem.lanes:
            if lane.to_site in weeks:
                way = weeks[lane.to_site] + lane.weeks
                longer[lane.from_site] = min(way, longer.get(lane.from_site, way))
        if longer == weeks:
            break
        weeks = longer
    return weeks
