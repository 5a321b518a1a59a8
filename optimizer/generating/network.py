"""Sites and lanes: an invented network with as many corridors as the class has."""

from __future__ import annotations

from optimizer.generating.market import rounded
from optimizer.generating.tables import Tables
from optimizer.generating.volumes import Volumes

POOL, DESTINATION = "POOL", "HANDOVER"
_WAYS = ("North", "South", "West", "East", "Centre")


def write_network(tables: Tables, asked: Volumes) -> list[str]:
    """Write sites and lanes; the depots of offers.

    Lanes carry a few times the mean mass that needs ask for, so that they bind in busy weeks; each carries at least
    two units of the heaviest item a week.
    """
    size, market, draws = asked.world.size, asked.world.market, asked.world.draws("lanes")
    tonnes = [item.tonnes * units for item, units in zip(market.items, asked.needed, strict=True)]
    a_week = sum(tonnes) / size.weeks
    heaviest = max(item.tonnes for item in market.items)

    def carries(share: float) -> float:
        return rounded(max(2 * heaviest, a_week * share * draws.between(0.8, 1.3)), 2)

    ways = _WAYS[: size.corridors]
    tables.write("sites", site=POOL, name="Pool of all production and stock (invented)")
    for way in ways:
        tables.write("sites", site=f"PORT-{way[0]}", name=f"Port {way} (invented)")
        tables.write("sites", site=f"HUB-{way[0]}", name=f"Hub {way} (invented)")
        tables.write("sites", site=f"DEPOT-{way[0]}", name=f"Depot {way} of gifts (invented)")
    tables.write("sites", site=DESTINATION, name="Handover point (invented)")

    def lane(name: str, begin: str, end: str, weeks: int, tonnes_per_week: float | None) -> None:
        tables.write("lanes", lane=name, from_site=begin, to_site=end, weeks=weeks, tonnes_per_week=tonnes_per_week)

    lane("AIR", POOL, f"HUB-{ways[0][0]}", 1, carries(0.25))
    for k, way in enumerate(ways):
        key = way[0]
        lane(f"SEA-{key}", POOL, f"PORT-{key}", draws.whole(2, 4), carries(2.2 / len(ways)))
        lane(f"RAIL-{key}", f"PORT-{key}", f"HUB-{key}", 1, carries(2.2 / len(ways)))
        lane(f"ROAD-{key}", f"HUB-{key}", DESTINATION, k % 2, carries(2.8 / len(ways)))
        lane(f"DEPOT-{key}", f"DEPOT-{key}", f"HUB-{key}", draws.whole(1, 2), carries(0.8))
        if k:
            lane(f"LINK-{key}", f"HUB-{key}", f"HUB-{ways[0][0]}", 1, None)
    return [f"DEPOT-{way[0]}" for way in ways]
