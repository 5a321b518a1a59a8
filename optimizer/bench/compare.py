"""What changed between two states of the program: slower, faster, lost, won, or the same within noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from optimizer.bench.records import Record
from optimizer.bench.statistics import Change, change, pooled_spread, shifted_geometric_mean
from optimizer.bench.summary import groups, solved_seconds

LEAST = 0.25
"""Seconds by which a mean must differ at least: starting a process is no more regular than that."""

Word = Literal["slower", "faster", "lost", "won", "same", "unclear", "wrong"]
WORDS: dict[Word, str] = {
    "wrong": "the two commits contradict each other: one has a plan below what the other proved",
    "lost": "solved before in more runs than now",
    "slower": "takes longer, by more than the tolerance and more than noise explains",
    "won": "solved now in more runs than before",
    "faster": "takes less, by more than the tolerance and more than noise explains",
    "unclear": "differs by more than the tolerance, but noise may explain it",
    "same": "differs by no more than the tolerance",
}
"""Every verdict, worst first."""
REGRESSIONS: tuple[Word, ...] = ("wrong", "lost", "slower")
_AGREEMENT = 1e-5


class CompareError(ValueError):
    """There is nothing to compare; the message is for the user."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry on one instance at one setting, before and after.

    Attributes:
        entry: formulation, peer or baseline.
        instance: what the instance is called.
        setting: the limits.
        word: the verdict, a key of `WORDS`.
        old_seconds: shifted geometric mean of the runs before; an unsolved run counts the limit.
        new_seconds: of the runs after.
        ratio: geometric mean of new to old, seed by seed.
        low: lower end of the 95 % interval of the ratio; None where nothing is known about noise.
        high: its upper end.
        old_solved: runs solved before.
        new_solved: runs solved after.
        old_runs: runs before.
        new_runs: runs after.
        note: more, where there is more to say.
    """

    entry: str
    instance: str
    setting: str
    word: Word
    old_seconds: float
    new_seconds: float
    ratio: float
    low: float | None
    high: float | None
    old_solved: int
    new_solved: int
    old_runs: int
    new_runs: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """All lines, worst first; `spread`: pooled standard deviation of the logarithm of a time among equal runs."""

    old: str
    new: str
    tolerance: float
    spread: float | None
    lines: tuple[Line, ...]
    only_old: int
    only_new: int

    @property
    def regressions(self) -> tuple[Line, ...]:
        """What got worse."""
        return tuple(line for line in self.lines if line.word in REGRESSIONS)

    def as_dict(self) -> dict[str, Any]:
        """One JSON document."""
        return {**asdict(self), "regressions": len(self.regressions)}


def compare_records(records: Sequence[Record], old: str, new: str, tolerance: float) -> Comparison:
    """Compares two commits on what both have run: same entry, same setting, same instance content, same seeds.

    Every run counts, also those of one key that were made again: they are repeats.

    Args:
        records: oldest first, of any commits.
        old: the commit before, or the beginning of its name; "" is the one measured before `new`.
        new: the commit after; "" is the one measured last.
        tolerance: relative difference of times that does not matter.

    Raises:
        CompareError: a commit is not there, is ambiguous, or the two have nothing in common.
    """
    commits = list(dict.fromkeys(record.commit for record in reversed(records)))
    after = _commit(new, commits) if new else next(iter(commits), None)
    if after is None:
        raise CompareError("there are no results yet")
    before = _commit(old, commits) if old else next((commit for commit in commits if commit != after), None)
    if before is None:
        raise CompareError(f"there are results of one commit only ({after}); measure the suite at another one")
    if before == after:
        raise CompareError(f"both are {after}")
    runs = groups([r for r in records if r.kind != "baseline"], lambda r: (r.commit, r.entry, r.setting, *r.problem))
    mine = [{key[1:]: found for key, found in runs.items() if key[0] == commit} for commit in (before, after)]
    both = [key for key in mine[1] if key in mine[0] and _seeds(mine[0][key]) & _seeds(mine[1][key])]
    if not both:
        raise CompareError(f"{before} and {after} have no run in common: same entry, limits, instance and seed")
    spread = _spread([found for key in both for found in (mine[0][key], mine[1][key])])
    lines = [_line(mine[0][key], mine[1][key], tolerance, spread) for key in both]
    order = list(WORDS)
    lines.sort(key=lambda line: (order.index(line.word), -line.ratio, line.entry, line.instance))
    return Comparison(
        before, after, tolerance, spread, tuple(lines), len(mine[0]) - len(both), len(mine[1]) - len(both)
    )


def _commit(wanted: str, commits: Sequence[str]) -> str:
    if wanted in commits:
        return wanted
    found = [commit for commit in commits if commit.startswith(wanted) or wanted.startswith(commit)]
    if len(found) == 1:
        return found[0]
    if found:
        raise CompareError(f"{wanted!r} is ambiguous: {', '.join(found)}")
    raise CompareError(f"there are no results of {wanted!r}; there are: {', '.join(commits) or 'none'}")


def _seeds(runs: Sequence[Record]) -> set[int]:
    return {record.seed for record in runs}


def _by_seed(runs: Sequence[Record], seeds: set[int]) -> dict[object, list[float]]:
    return {seed: [solved_seconds(r) for r in runs if r.seed == seed] for seed in seeds}


def _spread(sets: Sequence[Sequence[Record]]) -> float | None:
    """From runs that are alike in everything, seed included."""
    return pooled_spread([times for runs in sets for times in _by_seed(runs, _seeds(runs)).values()])


def _line(old: Sequence[Record], new: Sequence[Record], tolerance: float, spread: float | None) -> Line:
    seeds = _seeds(old) & _seeds(new)
    old, new = [r for r in old if r.seed in seeds], [r for r in new if r.seed in seeds]
    found = change(_by_seed(old, seeds), _by_seed(new, seeds), spread)
    means = [shifted_geometric_mean([solved_seconds(r) for r in runs], 0.0) for runs in (old, new)]
    solved = [sum(r.solved for r in runs) for runs in (old, new)]
    word, note = _clash(old, new)
    if word is None:
        shares = [count / len(runs) for count, runs in zip(solved, (old, new), strict=True)]
        word, note = _word(found, tolerance, means[1] - means[0], shares[1] - shares[0])
        failed = [r.status for r in new if r.failed]
        note = "; ".join(filter(None, [note, f"now: {', '.join(dict.fromkeys(failed))}" if failed else ""]))
    return Line(
        new[0].entry, new[0].instance, new[0].setting, word, means[0], means[1], found.ratio, found.low, found.high,
        solved[0], solved[1], len(old), len(new), note,
    )  # fmt: skip


def _word(times: Change, tolerance: float, seconds: float, share: float) -> tuple[Word, str]:
    """The verdict on times. `seconds` and `share`: new less old, of the means and of the shares solved."""
    if abs(share) > 1e-9:
        return ("won" if share > 0 else "lost"), ""
    if abs(seconds) < LEAST or 1 / (1 + tolerance) <= times.ratio <= 1 + tolerance:
        return "same", ""
    word: Word = "slower" if times.ratio > 1 else "faster"
    if times.low is None or times.high is None:
        return word, "single runs: noise is not known"
    return ("unclear" if times.low <= 1.0 <= times.high else word), ""


def _clash(old: Sequence[Record], new: Sequence[Record]) -> tuple[Word | None, str]:
    """A legal plan of one commit below the bound of the other. Lexicographic values have another order."""
    for plans, bounds in ((old, new), (new, old)):
        values = [r.objective for r in plans if r.plan_ok and r.objective is not None and r.mode != "lexicographic"]
        proofs = [r.bound for r in bounds if r.bound is not None and r.mode != "lexicographic"]
        if values and proofs and max(proofs) > min(values) + _AGREEMENT * max(1.0, abs(min(values))):
            who = "now" if bounds is new else "before"
            return "wrong", f"a plan of {min(values):.9g}, and at least {max(proofs):.9g} proven {who}"
    return None, ""
