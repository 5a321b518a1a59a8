"""For all tests: hypothesis sets no deadlines, as timings belong in benchmarks; a busy machine fails no test."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
