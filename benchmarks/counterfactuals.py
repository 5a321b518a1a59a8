"""What would bring late demands on time: the kind of change, its amount and how long the answer took.

    python -m benchmarks.counterfactuals DIR [HOW_MANY] [SEED]

DIR is the folder of a plan. Demands are drawn among those that are late, short or undelivered.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

from optimizer.explaining.counterfactual import KINDS, RELIEFS, Counterfactual
from optimizer.reporting.again import read_report
from optimizer.reporting.counterfactual_words import sentences
from optimizer.reporting.numbers import short
from optimizer.valuing.on_time import on_time_by_kind


def amount(answer: Counterfactual) -> str:
    """The change in a few words."""
    if answer.state != "enough":
        return answer.state.replace("_", " ")
    if answer.weight is not None:
        return f"{answer.weight.present:.2f} -> {answer.weight.needed:.2f}"
    if answer.kind == "slips":
        cost, own = short(answer.cost_to_others or 0.0), short(answer.own_delay or 0.0)
        return f"{len(answer.slips)} demands, {cost} against {own}"
    units = {kind: f"{short(answer.amount(kind))} {kind}" for kind in RELIEFS if answer.amount(kind)}
    return ", ".join(units.values()) or sentences(answer)[0]


def main(folder: str, count: int = 10, seed: int = 0) -> None:
    """Prints the table."""
    report, _ = read_report(Path(folder))
    if report is None:
        sys.exit(f"{folder} holds no plan that can be read")
    late = [d.demand for d in report.facts.orders + report.facts.needs if d.state in ("late", "short", "none")]
    chosen = np.random.default_rng(seed).permutation(sorted(late))[:count]
    print("| demand | kind | answer | proven | seconds |\n|---|---|---|---|---|")
    cheap: list[float] = []
    whole: list[float] = []
    for demand in map(str, chosen):
        began = time.perf_counter()
        last, spent = began, dict[str, float]()
        for answer in on_time_by_kind(report.problem, report.plan, demand, KINDS):
            now = time.perf_counter()
            spent[answer.kind] = now - last
            proven = "yes" if answer.proven else "no"
            print(f"| {demand} | {answer.kind} | {amount(answer)} | {proven} | {now - last:.2f} |", flush=True)
            last = now
        cheap.append(sum(spent[kind] for kind in RELIEFS))
        whole.append(last - began)
    print(f"\nsingle reliefs together: {np.median(cheap):.2f} s in the median, {max(cheap):.2f} s at most")
    print(f"all kinds together: {np.median(whole):.2f} s in the median, {max(whole):.2f} s at most")


if __name__ == "__main__":
    main(sys.argv[1], *(int(word) for word in sys.argv[2:]))
