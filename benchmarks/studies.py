"""The policy studies of the project, each a sweep file in `benchmarks/studies`, and their pictures in `docs/studies`.

    python -m benchmarks.studies --out DIR                          # all of them, as the files say
    python -m benchmarks.studies donors ramp --out DIR --work 30    # two of them, with less work a run
    python -m benchmarks.studies shares --out DIR --draws 10        # fewer draws; --values: fewer values of a grid
    python -m benchmarks.studies --out DIR --draw                   # only the pictures, of what DIR holds

Runs are kept in DIR by study and go on where they stopped; what was reduced stands in the pictures' page.
"""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path
from typing import Any

import tomli_w

from optimizer.batch.executors.pool import Pool
from optimizer.batch.sweep import planned_sweep, sweep
from optimizer.batch.sweep_page import write_pages

HERE = Path(__file__).parent
STUDIES = HERE / "studies"
PICTURES = HERE.parent / "docs" / "studies"


def names() -> list[str]:
    """All studies."""
    return sorted(path.stem for path in STUDIES.glob("*.toml"))


def reduced(name: str, *, work: float | None, values: list[Any] | None, draws: int | None) -> dict[str, Any]:
    """A study's file with less work a run, fewer values of its first parameter, fewer draws."""
    found = tomllib.loads((STUDIES / f"{name}.toml").read_text(encoding="utf-8"))
    found["instances"] = [(STUDIES / path).resolve().as_posix() for path in found["instances"]]
    if work is not None:
        found["settings"] = [{**row, "work": work} for row in found["settings"]]
    if values and "grid" in found:
        first = next(iter(found["grid"]))
        found["grid"][first] = values
    if draws is not None and "draws" in found:
        found["draws"]["count"] = draws
    return found


def run(name: str, out: Path, workers: int, **less: Any) -> None:
    """Makes the runs of a study that are not there yet."""
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    file = out / f"{name}.toml"
    file.write_text(tomli_w.dumps(reduced(name, **less)), encoding="utf-8")
    plan, findings = planned_sweep(file, folder)
    if plan is None:
        raise SystemExit("\n".join(finding.line() for finding in findings))
    print(f"{name}: {len(plan.planned)} runs", flush=True)

    def told(reached: Any) -> None:
        if reached.last is not None:
            row = reached.last
            print(f"  {reached.done}/{reached.wanted} {row['status']}, gap {row['gap']}, {row['total_seconds']:.0f} s",
                  flush=True)  # fmt: skip

    sweep(plan, folder, Pool(workers), told=told, also=write_pages)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("studies", nargs="*", metavar="NAME", help=f"of {', '.join(names())}; default: all")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--work", type=float)
    parser.add_argument("--values", nargs="*")
    parser.add_argument("--draws", type=int)
    parser.add_argument("--draw", action="store_true", help="only the pictures")
    asked = parser.parse_args()
    values = [_value(text) for text in asked.values] if asked.values else None
    for name in asked.studies or names():
        if not asked.draw:
            run(name, asked.out, asked.workers, work=asked.work, values=values, draws=asked.draws)
    from benchmarks.study_pictures import draw

    for name in asked.studies or names():
        if (asked.out / name / "results.parquet").is_file():
            draw(name, asked.out / name, PICTURES)


def _value(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        return text


if __name__ == "__main__":
    main()
