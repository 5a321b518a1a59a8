"""The one-minute answer: the content of `summary.json`, as a frozen record that goes both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from models.baselines import first_come_first_served
from models.plan import Plan, Terms, Verdict
from models.problem import TERMS, Problem
from optimizer.explaining.asks import Gap, gap
from optimizer.explaining.facts import Facts, facts_of
from optimizer.explaining.industry import Binding, LineFacts, bindings, industry
from optimizer.explaining.ledger import Ledger, ledger, ledger_of_commitments
from optimizer.explaining.reasons import Subject
from optimizer.explaining.sharing import Sharing, sharing
from optimizer.explaining.values import MarginalValues
from optimizer.reporting.explanation_words import Words
from optimizer.reporting.hedging import Hedging
from optimizer.reporting.numbers import clean
from optimizer.reporting.replanned import Replanning, rounded
from optimizer.solving.outcome import Clash, Outcome, Stage, relative_gap

BASELINES = {
    "first_come_first_served": "First come, first served",
    "priority_list": "Priority list",
}
"""The two cases every plan is compared with (`problem.md`, "Two cases to compare with"), and their titles."""

Checked = str | list[str]
"""`passed`, or the names of the broken rules."""


@dataclass(frozen=True)
class Baseline:
    """One of the two cases to compare with, judged by the checker like any plan."""

    name: str
    objective: float
    terms: dict[str, float]
    checker: Checked

    @property
    def title(self) -> str:
        """Its name for people."""
        return BASELINES.get(self.name, self.name)

    @property
    def passed(self) -> bool:
        """Whether it is a legal plan."""
        return self.checker == "passed"


@dataclass(frozen=True)
class Summary:
    """What `summary.json` holds; `None` where nothing is known. `seconds` by part, `unmet` counts."""

    instance: str
    status: str
    objective: float | None
    bound: float | None
    gap: float | None
    terms: dict[str, float] | None
    formulation: str
    seconds: dict[str, float]
    checker: Checked | None
    unmet: dict[str, int] | None
    baselines: tuple[Baseline, ...] = ()
    stages: tuple[Stage, ...] = ()
    clashes: tuple[Clash, ...] = ()
    method: str = ""
    mode: str = "weighted"
    warnings: tuple[str, ...] = field(default=())
    replanning: Replanning | None = None
    robust: Hedging | None = None

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON, numbers rounded for a file."""
        found = asdict(self)
        found["seconds"] = {part: clean(value, 3) for part, value in self.seconds.items()}
        for key in ("objective", "bound", "gap"):
            found[key] = None if found[key] is None else clean(found[key])
        if self.terms is not None:
            found["terms"] = {term: clean(value) for term, value in self.terms.items()}
        if self.replanning is not None:
            found["replanning"] = rounded(found["replanning"])
        if self.robust is None:
            del found["robust"]
        else:
            found["robust"] = self.robust.as_dict()
        for row in found["baselines"]:
            row["objective"] = clean(row["objective"])
            row["terms"] = {term: clean(value) for term, value in row["terms"].items()}
        for key in ("baselines", "stages", "clashes", "warnings"):
            found[key] = list(found[key])
        return found

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Summary:
        """Back from `summary.json`. Raises `KeyError` or `TypeError` where it is not one."""
        known = {name: found[name] for name in cls.__dataclass_fields__ if name in found}
        known["baselines"] = tuple(Baseline(**row) for row in found.get("baselines", ()))
        known["stages"] = tuple(Stage(**row) for row in found.get("stages", ()))
        known["clashes"] = tuple(
            Clash(**{**row, "entities": tuple(row["entities"])}) for row in found.get("clashes", ())
        )
        known["warnings"] = tuple(found.get("warnings", ()))
        if found.get("replanning") is not None:
            known["replanning"] = Replanning.from_dict(found["replanning"])
        if found.get("robust") is not None:
            known["robust"] = Hedging.from_dict(found["robust"])
        return cls(**known)


def terms_dict(terms: Terms) -> dict[str, float]:
    """The objective by term, in the order of `problem.md`."""
    return {term: float(getattr(terms, term)) for term in TERMS}


def checked(verdict: Verdict) -> Checked:
    """`passed`, or the broken rules by name, each once, in the order found."""
    return "passed" if verdict.passed else list(dict.fromkeys(v.rule for v in verdict.violations))


def baseline(name: str, verdict: Verdict) -> Baseline:
    """A judged baseline, ready for the summary."""
    return Baseline(name, verdict.terms.total, terms_dict(verdict.terms), checked(verdict))


def summarise(
    problem: Problem,
    outcome: Outcome,
    *,
    verdict: Verdict | None,
    facts: Facts | None,
    baselines: Sequence[Baseline],
    seconds: Mapping[str, float],
    warnings: Sequence[str] = (),
    replanning: Replanning | None = None,
    robust: Hedging | None = None,
) -> Summary:
    """The summary of one solve. Objective and terms are the checker's, never the solver's own word."""
    objective = None if verdict is None else verdict.terms.total
    bound = outcome.bound
    if objective is not None and bound is not None:
        # The solver's tolerances may leave its bound a hair above the value recomputed from whole units.
        bound = min(bound, objective)
    return Summary(
        instance=problem.name,
        status=outcome.status,
        objective=objective,
        bound=bound,
        gap=relative_gap(objective, bound),
        terms=None if verdict is None else terms_dict(verdict.terms),
        formulation=outcome.formulation,
        seconds=dict(seconds),
        checker=None if verdict is None else checked(verdict),
        unmet=None if facts is None else facts.unmet(),
        baselines=tuple(baselines),
        stages=outcome.stages,
        clashes=outcome.clashes,
        method=outcome.method,
        mode=problem.objective.mode,
        warnings=tuple(warnings),
        replanning=replanning,
        robust=robust,
    )


@dataclass(frozen=True)
class Report:
    """A judged plan with everything the pages and tables say about it: what the writers take.

    `values`: what one more of everything scarce is worth; None if nothing was valued.
    """

    problem: Problem
    plan: Plan
    verdict: Verdict
    facts: Facts
    summary: Summary
    served_first: Plan | None = None
    """The plan of first come, first served, where the caller has it; else it is made when it is asked for."""
    values: MarginalValues | None = None

    @cached_property
    def explanations(self) -> Mapping[tuple[Subject, str], Sequence[str]]:
        """By subject and name why it is as it is: the leading reason in a few words, then a sentence each."""
        words, found = Words(self.problem, self.facts), self.facts.explanations.items()
        return {key: (words.headline(said), *words.sentences(said)) for key, said in found if said.reasons}

    @cached_property
    def ledger(self) -> Ledger:
        """Who passed whom, against first come, first served."""
        first = self.served_first or first_come_first_served(self.problem)
        return ledger(self.problem, self.plan, self.facts, facts_of(self.problem, first, explained=False))

    @cached_property
    def ledger_before(self) -> Ledger | None:
        """Who passed whom, against the commitments of the plan before; None without any."""
        return ledger_of_commitments(self.problem, self.plan, self.facts)

    @cached_property
    def sharing(self) -> Sharing:
        """What every donor carries."""
        why = {name: said[0] for (subject, name), said in self.explanations.items() if subject == "pledge"}
        return sharing(self.problem, self.facts, why)

    @cached_property
    def gap(self) -> Gap:
        """What the most urgent needs lack in money."""
        return gap(self.problem, self.facts)

    @cached_property
    def industry(self) -> tuple[LineFacts, ...]:
        """What every line is used for and owes."""
        return industry(self.problem, self.plan, self.facts)

    @cached_property
    def bindings(self) -> tuple[Binding, ...]:
        """Which component binds when."""
        return bindings(self.problem, self.facts)
