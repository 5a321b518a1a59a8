"""Places: every piece ends once, a dead worker costs only its piece, and a wish to end reaches those that work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from optimizer.solving.places import cluster as clusters
from optimizer.solving.places import link
from optimizer.solving.places.here import Here
from optimizer.solving.places.interface import Ended, LostError, MadeBy, PieceError, Place
from optimizer.solving.places.link import ClusterError, ready
from optimizer.solving.places.pool import Pool
from optimizer.solving.places.where import Where
from tests.batch.sites import Site
from tests.solving.misbehaving import DEADLY, patient, squared, wrong

pytest.importorskip("distributed")
from optimizer.solving.places.cluster import OnCluster

Made = Callable[[MadeBy], Place]
PLACES: dict[str, Made] = {
    "pool": lambda made_by: Pool(2, made_by),
    "Dask": lambda made_by: OnCluster("local", 2, made_by),
}
both = pytest.mark.parametrize("name", list(PLACES))


def all_ends(place: Place) -> dict[int, Ended]:
    """The ends of all pieces that were given."""
    found: dict[int, Ended] = {}
    while place.busy:
        for ended in place.ended():
            assert ended.key not in found
            found[ended.key] = ended
    return found


def answers(name: str, pieces: list[object]) -> list[tuple[object, bool]]:
    """What comes of the pieces, in their order, and whether they were given up."""
    place = PLACES[name](squared)
    try:
        for key, piece in enumerate(pieces):
            place.give(key, piece, 60.0)
        found = all_ends(place)
    finally:
        place.close()
    return [(found[key].answer, bool(found[key].died)) for key in range(len(pieces))]


@both
def test_a_worker_that_dies_costs_only_its_piece(name: str) -> None:
    """One that kills every worker has no answer; the others have theirs."""
    found = answers(name, [1, 2, DEADLY, 3, 4])
    assert found == [(1, False), (4, False), (None, True), (9, False), (16, False)]


@both
def test_a_piece_that_killed_the_first_is_done_by_another(name: str, tmp_path: Path) -> None:
    """By itself: a cluster holds a worker's death against all that it had, also that of another deadly piece."""
    found = answers(name, [1, 2, str(tmp_path / "mark"), 3])
    assert found == [(1, False), (4, False), ("again", False), (9, False)]


@pytest.mark.parametrize("turn", range(2))
def test_one_that_shared_a_dying_worker_is_tried_alone_before_it_is_given_up(tmp_path: Path, turn: int) -> None:
    """A cluster holds a worker's death against all that it had: the deadly piece takes that of the other along."""
    pieces = [DEADLY, str(tmp_path / "mark")]
    found = dict(zip(pieces, answers("Dask", pieces[:: 1 - 2 * turn])[:: 1 - 2 * turn], strict=True))
    assert found == {DEADLY: (None, True), pieces[1]: ("again", False)}


def test_one_that_kills_alone_too_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    place = OnCluster("local", 2, squared)
    given: list[tuple[int, int]] = []
    submit = place._submit
    monkeypatch.setattr(place, "_submit", lambda key: (given.append((key, len(place._running))), submit(key)))
    try:
        for key, piece in enumerate([DEADLY, 1, 2]):
            place.give(key, piece, 60.0)
        assert {key: ended.answer for key, ended in all_ends(place).items()} == {0: None, 1: 1, 2: 4}
    finally:
        place.close()
    first, *again = [beside for key, beside in given if key == 0]
    assert (first, again) == (0, [0])
    assert [key for key, _ in given].index(0, 1) >= 3, "after the others"


@both
def test_those_that_work_are_asked_to_end(name: str) -> None:
    """Those that wait are forgotten; both that work would take a minute."""
    place = PLACES[name](patient)
    try:
        for key in range(4):
            place.give(key, None, 60.0)
        place.ended()
        place.end_soon()
        found = all_ends(place)
    finally:
        place.close()
    assert {key: ended.answer for key, ended in found.items()} == {0: True, 1: True}


def test_an_error_of_the_program_is_told() -> None:
    pool = Pool(1, wrong)
    pool.give(0, "this piece", 60.0)
    with pytest.raises(PieceError, match="ZeroDivisionError: this piece"):
        all_ends(pool)
    pool.close()


def test_a_process_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.solving.places.pool.GRACE", 2.0)
    pool = Pool(1, patient)
    pool.give(0, None, 0.0)
    found = all_ends(pool)
    pool.close()
    assert found[0].answer is None
    assert "exit code -9" in found[0].died


def test_where_all_processes_die_the_rest_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.solving.places.pool.MOST", 3)
    pool = Pool(2, squared)
    for key in range(20):
        pool.give(key, DEADLY, 60.0)
    found = all_ends(pool)
    pool.close()
    assert len(found) == 20
    assert sum("exit code" in ended.died for ended in found.values()) < 5


def test_this_process_works_on_one_at_a_time() -> None:
    here = Here(squared, lambda: False)
    for key in range(3):
        here.give(key, key, 60.0)
    assert here.ended() == [Ended(0, 0)]
    here.end_soon()
    assert not here.busy
    assert here.ended() == []


# --- a cluster elsewhere ----------------------------------------------------------------------------------------------


@pytest.fixture
def site() -> Iterator[Site]:
    found = Site()
    found.start()
    yield found
    found.kill()


def test_a_worker_with_another_program_is_refused(monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    """One that is there before anything begins; one that comes later, with its first piece."""
    ready(Where(site.address))
    place = OnCluster(site.address, 0, squared)
    place.give(0, -1, 60.0)
    assert all_ends(place)[0].answer == 1
    for module in (clusters, link):
        monkeypatch.setattr(module, "solver", lambda: "another")
    with pytest.raises(ClusterError, match="another state of the program"):
        ready(Where(site.address))
    place.give(1, -1, 60.0)
    with pytest.raises(LostError, match="another state of the program"):
        all_ends(place)
    place.close()


def test_a_cluster_without_workers_is_lost(site: Site) -> None:
    ready(Where(site.address))
    place = OnCluster(site.address, 0, squared, empty=1.0)
    site.kill_workers()
    place.give(0, 1, 60.0)
    with pytest.raises(LostError, match="no worker is there"):
        all_ends(place)
    place.close()


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere", "http://x", "tcp://x:y"])
def test_where_nobody_answers(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr(link, "ANSWERS", 0.5)
    with pytest.raises(ClusterError, match="no scheduler answers at"):
        ready(Where(address))
    with pytest.raises(LostError, match="no scheduler answers at"):
        OnCluster(address, 1, squared)
