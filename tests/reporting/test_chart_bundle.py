"""The libraries in the page: made by the command, with their terms, naming nothing outside."""

from __future__ import annotations

import re
from importlib.metadata import version

from benchmarks import chart_bundle
from optimizer.reporting.figures.bundle import BUNDLE, bundle
from tests.house.tree import ROOT


def test_the_file_is_what_the_command_makes() -> None:
    assert chart_bundle.made() == bundle(), "run python -m benchmarks.chart_bundle"


def test_a_changed_file_is_found_out() -> None:
    changed = bundle().replace("vegaEmbed", "vegaembed", 1)
    assert chart_bundle.made() != changed


def test_the_maker_is_pinned() -> None:
    maker = f"vl-convert-python=={version('vl-convert-python')}"
    assert maker in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert maker.replace("==", " ") in bundle().splitlines()[0]


def test_it_is_for_the_vega_lite_that_altair_writes() -> None:
    from altair.vegalite.v6.schema import SCHEMA_VERSION

    major, minor = SCHEMA_VERSION.removeprefix("v").split(".")[:2]
    ours = chart_bundle.VEGA_LITE.split(".")
    assert ours[0] == major
    assert int(ours[1]) >= int(minor)


def test_it_names_nothing_outside_and_cannot_end_its_element() -> None:
    assert not re.search(r"(https?:)?//[a-z]", bundle())
    assert "</script" not in bundle().lower()
    assert "<!--" not in bundle()


def test_the_terms_of_the_libraries_are_beside_it() -> None:
    terms = (BUNDLE.parent / "LICENSES.txt").read_text(encoding="utf-8")
    for library in ("vega", "vega-lite", "vega-embed", "vega-interpreter", "d3-array", "fast-json-patch"):
        assert re.search(rf"(^|, ){library}(,|$)", terms, re.MULTILINE), library
    assert terms.count("Redistribution and use in source and binary forms") >= 2
