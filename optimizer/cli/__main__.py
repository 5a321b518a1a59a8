"""`python -m optimizer.cli` is the same as `burdenshare`."""

from __future__ import annotations

import sys

from optimizer.cli.guard import main

sys.exit(main())
