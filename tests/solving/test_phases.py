"""What phases of a solve take: a phase that comes again adds up, the simplex counts where it ran."""

from __future__ import annotations

import pytest

from optimizer.settings import Settings
from optimizer.solving.effort import account, measured
from optimizer.solving.here import solve_here
from optimizer.solving.outcome import Phase
from optimizer.solving.phases import Phases
from tests.models.cases import all_cases
from tests.solving.test_bulk_runs import TIGHT, book


def test_phases_add_up() -> None:
    with measured():
        phases = Phases("start", 10.0)
        phases.enter("start", 10.5)
        phases.enter("relaxation", 11.0)
        account().grown(2.0)
        account().grown(1.0)
        phases.enter("packages", 16.0)
        phases.enter("relaxation", 17.0)
        account().grown(0.5)
        found = phases.ended(18.0)
    assert found == (
        Phase("start", 1.0, 0.0, 0),
        Phase("relaxation", 6.0, 3.5, 3),
        Phase("packages", 1.0, 0.0, 0),
    )


def test_without_an_account_nobody_ran_the_simplex() -> None:
    phases = Phases("start", 0.0)
    account().grown(1.0)
    assert phases.ended(2.0) == (Phase("start", 2.0, 0.0, 0),)


def test_a_book_tells_its_phases(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the start of the process to the verdict; only the two relaxations run linear programs that grow."""
    case = next(case for case in all_cases() if case.objective is not None and not case.lexicographic)
    outcome = book(case.problem, monkeypatch)
    phases = {phase.phase: phase for phase in outcome.phases}
    assert list(phases)[:2] == ["start", "relaxation"]
    assert list(phases)[-1] == "judging"
    assert phases["relaxation"].rounds >= 1
    assert phases["relaxation"].simplex_seconds <= phases["relaxation"].seconds
    assert {name for name, phase in phases.items() if phase.rounds} <= {"relaxation", "settled relaxation"}
    whole = outcome.seconds["build"] + outcome.seconds["solve"]
    assert sum(phase.seconds for phase in outcome.phases) <= whole + 1e-6


def test_other_methods_say_nothing_of_phases() -> None:
    case = next(case for case in all_cases() if case.objective is not None and not case.lexicographic)
    assert solve_here(case.problem, TIGHT, Settings(seconds=20.0, threads=1)).phases == ()
