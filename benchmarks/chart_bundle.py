"""The JavaScript that draws the charts of `report.html`, made from the libraries that vl-convert carries.

    python -m benchmarks.chart_bundle            # writes optimizer/reporting/vega/vega.js
    python -m benchmarks.chart_bundle --check    # says whether it is what would be written

Bundling takes about six seconds, which a report does not have: so the file is kept with the program. It changes only
when the pinned vl-convert does (`pyproject.toml`). Addresses of web pages in the libraries' texts are made unusable, so
that the page names nothing outside itself; names of XML namespaces stay what they are, written with an escape.
`LICENSES.txt` beside it holds the libraries' terms: look whether they still are all there when the versions change.
"""

from __future__ import annotations

import argparse
import re
from importlib.metadata import version

import vl_convert

from optimizer.reporting.figures.bundle import BUNDLE

VEGA_LITE = "6.4"
"""The version that Altair writes for; vl-convert carries several."""
_ADDRESS = re.compile(r"https?://(?!www\.w3\.org/)")


def made() -> str:
    """The text of the file."""
    code = vl_convert.javascript_bundle("window.vegaEmbed=vegaEmbed;", vl_version=VEGA_LITE)
    code = _ADDRESS.sub("about:blank#", code).replace("http://", r"http:\x2f/")
    code = code.replace(
        r"/\//g", "/[/]/g"
    ).strip()  # no two slashes before a letter, which a search takes for an address
    if "</script" in code.lower() or "<!--" in code:
        raise ValueError("the libraries hold text that would end the script element they stand in")
    return f"{head()}\n{code}\n"


def head() -> str:
    """The first line: what is inside, and by what it was made."""
    embed = vl_convert.get_vega_embed_version()
    inside = f"Vega {vl_convert.get_vega_version()}, Vega-Lite {VEGA_LITE}, Vega-Embed {embed}"
    terms = "Copyright University of Washington Interactive Data Lab, Mike Bostock and others; BSD-3-Clause, ISC, MIT"
    maker = f"bundled by vl-convert-python {version('vl-convert-python')}"
    return f"/* {inside}. {terms}: the texts are in burdenshare, reporting/vega/LICENSES.txt; {maker}. */"


def main() -> int:
    """Write the file, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    text = made()
    if parser.parse_args().check:
        same = BUNDLE.read_text(encoding="utf-8") == text
        print("the bundle is what would be written" if same else "the bundle is another than would be written")
        return 0 if same else 1
    BUNDLE.write_text(text, encoding="utf-8", newline="\n")
    print(f"{len(text.encode()):,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
