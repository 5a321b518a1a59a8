"""The command `burdenshare`: arguments, exit codes, and what is printed (`interface.md`)."""

from __future__ import annotations

from optimizer.cli.guard import main

__all__ = ["main"]
