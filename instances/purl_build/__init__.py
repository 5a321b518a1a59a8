"""Builds `purl-2026-w02` from the public figures of `data/` and the hand-kept rows of `purl_book/`."""
