"""Records and jobs to test with."""

from __future__ import annotations

import json
from typing import Any

from optimizer.bench.records import Record
from optimizer.peers.records import Job


def a_record(**changes: Any) -> Record:
    """A solved run of half a minute, with what is given changed; `trace` and `changes` as values."""
    trace = changes.pop("trace", [[5.0, 120.0, 90.0], [30.0, 100.0, 100.0]])
    fields: dict[str, Any] = {
        "key": "", "suite": "s", "commit": "aaaa", "dirty": False, "started": "2026-01-05T00:00:00.000+00:00",
        "kind": "formulation", "name": "slots", "changes": json.dumps(changes.pop("changes", {})), "instance": "one",
        "digest": "d1", "seed": 0, "repeat": 0, "seconds_limit": 100.0, "gap_limit": 1e-4, "threads": 1,
        "status": "optimal", "total_seconds": 30.0, "demands": 10, "periods": 5, "mode": "weighted",
        "objective": 100.0, "bound": 100.0, "gap": 0.0, "plan_ok": True, "peak_memory_mib": 50.0,
        "trace": json.dumps(trace), **changes,
    }  # fmt: skip
    key = "-".join(str(fields[part]) for part in ("commit", "name", "changes", "instance", "seed", "repeat"))
    return Record(**{**fields, "key": fields["key"] or key})


def unsolved(**changes: Any) -> Record:
    """A run that ended at its limit with a gap of 10 %."""
    told = {"status": "time_limit", "bound": 90.0, "gap": 0.1, "total_seconds": 101.0, "trace": [[5.0, 100.0, 90.0]]}
    return a_record(**{**told, **changes})


def a_job(**changes: Any) -> Job:
    """A job that nobody runs."""
    return Job(**{"kind": "formulation", "name": "slots", "instance": "nowhere", "label": "one", **changes})
