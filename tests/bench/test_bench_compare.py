"""Comparing commits: a slowdown is seen, noise is not taken for one."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from optimizer.bench.compare import CompareError, Comparison, compare_records
from optimizer.bench.compare_table import lines
from optimizer.bench.records import Record
from tests.bench.records import a_record, unsolved

Seconds = Callable[[str, int, int], float]


def measured(commit: str, seconds: Seconds, repeats: int = 1) -> list[Record]:
    return [
        a_record(
            commit=commit,
            name=name,
            seed=seed,
            repeat=repeat,
            total_seconds=seconds(name, seed, repeat),
            started=f"2026-01-0{1 + (commit != 'aaaa')}T00:00:00.000+00:00",
        )
        for name in ("slots", "textbook")
        for seed in (0, 1, 2)
        for repeat in range(repeats)
    ]


def noisy(rng: random.Random, factor: float = 1.0) -> Seconds:
    """Seeds differ threefold, runs by 5 %; `slots` takes `factor` times as long."""
    return lambda name, seed, _: 10 * 3**seed * rng.lognormvariate(0, 0.05) * (factor if name == "slots" else 1.0)


def compared(old: list[Record], new: list[Record], tolerance: float = 0.2) -> Comparison:
    return compare_records([*old, *new], "", "", tolerance)


def words(comparison: Comparison) -> dict[str, str]:
    return {line.entry: line.word for line in comparison.lines}


def test_a_slowdown_is_found_and_only_where_it_is() -> None:
    rng = random.Random(1)
    found = compared(measured("aaaa", noisy(rng), 3), measured("bbbb", noisy(rng, 1.6), 3))
    assert (found.old, found.new) == ("aaaa", "bbbb")
    assert words(found) == {"slots": "slower", "textbook": "same"}
    assert [line.entry for line in found.regressions] == ["slots"]
    assert found.lines[0].ratio == pytest.approx(1.6, rel=0.1)
    assert found.lines[0].low is not None
    assert found.lines[0].low > 1.3


def test_a_gain_is_no_regression() -> None:
    rng = random.Random(2)
    found = compared(measured("aaaa", noisy(rng), 3), measured("bbbb", noisy(rng, 0.5), 3))
    assert words(found) == {"slots": "faster", "textbook": "same"}
    assert found.regressions == ()


@pytest.mark.parametrize("seed", range(20))
def test_noise_is_no_slowdown(seed: int) -> None:
    rng = random.Random(seed)
    assert compared(measured("aaaa", noisy(rng), 2), measured("bbbb", noisy(rng), 2)).regressions == ()


def test_great_noise_is_unclear() -> None:
    """One seed is four times slower, another twice as fast: more than the tolerance, and anything may be behind it."""
    wild = measured("bbbb", lambda _, seed, __: 10 * (4.0, 1.0, 0.5)[seed])
    found = compared(measured("aaaa", lambda *_: 10.0), wild)
    assert set(words(found).values()) == {"unclear"}
    assert found.regressions == ()


def test_the_tolerance_decides() -> None:
    old, new = measured("aaaa", lambda *_: 10.0), measured("bbbb", lambda *_: 13.0)
    assert set(words(compared(old, new, 0.2)).values()) == {"slower"}
    assert set(words(compared(old, new, 0.4)).values()) == {"same"}


def test_parts_of_a_second_are_nothing() -> None:
    old, new = measured("aaaa", lambda *_: 0.2), measured("bbbb", lambda *_: 0.4)
    assert set(words(compared(old, new)).values()) == {"same"}


def test_single_runs_say_that_noise_is_not_known() -> None:
    old, new = [a_record(total_seconds=10.0)], [a_record(commit="bbbb", total_seconds=20.0, started="2026-01-09")]
    found = compared(old, new)
    assert (found.lines[0].word, found.lines[0].low) == ("slower", None)
    assert "noise is not known" in found.lines[0].note
    assert any("No run was repeated" in line for line in lines(found))


def test_lost_and_won() -> None:
    later = {"commit": "bbbb", "started": "2026-01-09T00:00:00.000+00:00"}
    found = compared([a_record(), unsolved(name="textbook")], [unsolved(**later), a_record(name="textbook", **later)])
    assert words(found) == {"slots": "lost", "textbook": "won"}
    assert len(found.regressions) == 1


def test_a_killed_run_is_lost_and_says_how() -> None:
    killed = unsolved(commit="bbbb", status="killed: memory", plan_ok=None, objective=None, started="2026-01-09")
    (line,) = compared([a_record()], [killed]).lines
    assert (line.word, line.note) == ("lost", "now: killed: memory")


@pytest.mark.parametrize("old_is_better", [True, False])
def test_a_plan_below_a_bound_is_wrong(old_is_better: bool) -> None:
    values = ((99.0, 99.0), (100.0, 100.0))
    (old, low), (new, high) = values if old_is_better else values[::-1]
    later = a_record(commit="bbbb", objective=new, bound=high, started="2026-01-09")
    (line,) = compared([a_record(objective=old, bound=low)], [later]).lines
    assert line.word == "wrong"
    assert "99" in line.note


def test_stages_have_another_order() -> None:
    later = a_record(commit="bbbb", objective=100.0, bound=100.0, mode="lexicographic", started="2026-01-09")
    (line,) = compared([a_record(objective=99.0, bound=99.0, mode="lexicographic")], [later]).lines
    assert line.word == "same"


def test_only_what_both_have_is_compared() -> None:
    old = [*measured("aaaa", lambda *_: 10.0), a_record(name="gone")]
    new = [r for r in measured("bbbb", lambda *_: 10.0) if r.seed != 2]
    new += [a_record(commit="bbbb", digest="edited", name="textbook", total_seconds=99.0, started="2026-01-02")]
    found = compared(old, new)
    assert {line.old_runs for line in found.lines} == {2}
    assert (len(found.lines), found.only_old, found.only_new) == (2, 1, 1)


@pytest.mark.parametrize(
    ("old", "new", "piece"),
    [("", "", "one commit only"), ("", "zz", "no results of 'zz'"), ("aaaa", "aaaa", "both are aaaa")],
)
def test_nothing_to_compare(old: str, new: str, piece: str) -> None:
    with pytest.raises(CompareError, match=piece):
        compare_records([a_record()], old, new, 0.2)


def test_nothing_in_common_or_nothing_at_all() -> None:
    with pytest.raises(CompareError, match="no run in common"):
        compare_records([a_record(), a_record(commit="bbbb", seed=7)], "aaaa", "bbbb", 0.2)
    with pytest.raises(CompareError, match="no results yet"):
        compare_records([], "", "", 0.2)


def test_commits_by_their_beginning() -> None:
    runs = [a_record(commit=c, started=f"2026-01-0{n}") for n, c in enumerate(["aa11", "aa12", "bb"], 1)]
    assert compare_records(runs, "aa11", "bb", 0.2).old == "aa11"
    assert compare_records(runs, "aa12", "b", 0.2).new == "bb"
    assert compare_records(runs, "", "", 0.2).old == "aa12"
    with pytest.raises(CompareError, match="ambiguous"):
        compare_records(runs, "aa", "bb", 0.2)
