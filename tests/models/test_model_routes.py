"""Routes of the model, against every sequence of lanes there is."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.problem import DeliveryPolicy, Lane, Problem, Site
from models.routes import DIRECT, Route, routes_by_origin
from tests.builders import an_offer, small_problem

ends = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2)), max_size=7)


def network(lanes: list[Lane], how_many: int = 9, max_lanes: int = 4, offer_site: str | None = None) -> Problem:
    """Goods go from s0 to s3; an offer lies at `offer_site`."""
    return small_problem(
        sites=tuple(Site(f"s{k}", f"s{k}") for k in range(4)),
        lanes=tuple(lanes),
        delivery=DeliveryPolicy("s0", "s3", how_many, max_lanes),
        offers=(an_offer("V", site=offer_site),),
    )


def by_definition(lanes: list[Lane], origin: str, how_many: int, max_lanes: int) -> list[Route]:
    """Sequences of lanes that join up and visit no site twice, the quickest first."""
    found = []
    for count in range(max_lanes + 1):
        for path in permutations(lanes, count):
            sites = [origin, *(lane.to_site for lane in path)]
            joined = all(lane.from_site == site for lane, site in zip(path, sites, strict=False))
            if joined and len(set(sites)) == len(sites) and sites[-1] == "s3":
                before = tuple(sum(lane.weeks for lane in path[:k]) for k in range(count))
                names = tuple(lane.lane for lane in path)
                found.append(Route(names, before, sum(lane.weeks for lane in path)))
    return sorted(found, key=lambda route: (route.weeks, len(route.lanes), route.lanes))[:how_many]


@given(ends, st.integers(1, 3), st.integers(1, 4), st.sampled_from(["s0", "s1", "s3"]))
def test_routes_are_their_definition(
    drawn: list[tuple[int, int, int]], how_many: int, max_lanes: int, site: str
) -> None:
    lanes = [Lane(f"l{k}", f"s{a}", f"s{b}", weeks) for k, (a, b, weeks) in enumerate(drawn)]
    problem = network([*lanes, Lane("own", "s2", "s1", 1)], how_many, max_lanes, site)
    found = routes_by_origin(problem)
    assert found["pool"] == by_definition(list(problem.lanes), "s0", how_many, max_lanes)
    assert found["V"] == by_definition(list(problem.lanes), site, how_many, max_lanes)


def test_quickest_first_then_fewest_lanes_then_names() -> None:
    lanes = [
        Lane("b", "s0", "s3", 2),
        Lane("a", "s0", "s3", 2),
        Lane("x", "s0", "s1", 1),
        Lane("y", "s1", "s3", 1),
        Lane("z", "s1", "s3", 0),
    ]
    routes = routes_by_origin(network(lanes))["pool"]
    assert [route.name for route in routes] == ["x > z", "a", "b", "x > y"]
    assert [route.before for route in routes] == [(0, 1), (0,), (0,), (0, 1)]
    assert [route.weeks for route in routes] == [1, 2, 2, 2]


@pytest.mark.parametrize("problem", [small_problem(lanes=()), small_problem(delivery=None)])
def test_where_nothing_travels_goods_arrive_as_they_leave(problem: Problem) -> None:
    assert routes_by_origin(problem) == {"pool": [DIRECT], "V-open": [DIRECT]}


def test_an_offer_with_no_site_goes_nowhere_where_goods_travel() -> None:
    assert routes_by_origin(network([Lane("a", "s0", "s3", 0)]))["V"] == []
