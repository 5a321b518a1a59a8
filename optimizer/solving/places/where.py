"""What a user says of where parts are worked on. Light: it travels with the job."""

from __future__ import annotations

from dataclasses import dataclass, replace

LOCAL = "local"
"""In the place of an address: a scheduler and workers on this machine."""


@dataclass(frozen=True, slots=True)
class Where:
    """Where independent parts of a solve are worked on. A plan found by work (`Settings.work`) does not depend on it.

    `cluster`: the address of a Dask scheduler, `local` for one that is started on this machine, or nothing: processes
    beside that of the solver. `workers`: how many processes, of a local cluster or beside; with fewer than two beside
    it, that of the solver works on them itself. None: as many as the threads of the solve.
    """

    cluster: str = ""
    workers: int | None = None

    @property
    def asked(self) -> bool:
        """Whether anything is said."""
        return bool(self.cluster) or self.workers is not None

    def usually(self, workers: int) -> Where:
        """With so many workers if none are given."""
        return self if self.workers is not None else replace(self, workers=workers)


BESIDE = Where()
"""Nothing said: processes beside the solver's, as many as its threads."""
