"""The pages of counterfactuals and curves name the kinds, states, causes, options and figures there are."""

from __future__ import annotations

from typing import get_args

import typer

from optimizer.cli.app import app
from optimizer.explaining.counterfactual import CAUSES, KINDS, State
from optimizer.reporting.incentive_words import curve_dict
from optimizer.valuing.incentive import incentive
from tests.builders import small_plan, small_problem
from tests.docs.pages import DOCS, names, read, tables

PAGE = tables(DOCS / "counterfactuals.md")
CURVE = tables(DOCS / "incentive.md")


def test_kinds_states_and_causes() -> None:
    assert names(PAGE["Kinds"]) == list(KINDS)
    assert set(names(PAGE["How it ends"])) == set(get_args(State))
    assert names(PAGE["Obstacles"]) == list(CAUSES)


def test_options_of_incentive() -> None:
    parameters = typer.main.get_command(app).commands["incentive"].params  # type: ignore[attr-defined]
    options = {option for parameter in parameters for option in parameter.opts if option.startswith("--")}
    rows = CURVE["What a recipient gains by contributing more"]
    assert {row[0].strip("`") for row in rows} == options - {"--json"}


def test_figures_of_a_point() -> None:
    found = curve_dict(incentive(small_problem(), small_plan(), "CHE", points=2))
    known = {*found, *found["points"][0]}
    page = read(DOCS / "incentive.md")
    for row in CURVE["What it says"]:
        for name in row[0].replace("`", "").split(", "):
            assert name in known, name
    assert "saturated_at" in page
