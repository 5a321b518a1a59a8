"""One sweep a folder: a lock file with who holds it, so that a second one is refused and a dead one is not waited for.

On one machine a holder is known to be alive by its process: the same boot, the same process table, a process of that
number that began at that time. What cannot be looked at, as on another host, is alive while it touches its lock; the
time is told by the file system that holds the lock, so clocks of hosts need not agree.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import platform
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from optimizer.batch.extras import extra

_log = logging.getLogger(__name__)
NAME = "lock.json"
TOUCHED_EVERY, STALE_AFTER = 10.0, 60.0
"""Seconds: how often a holder touches its lock; from when on one that cannot be looked at counts as dead."""


class LockedError(RuntimeError):
    """Somebody else holds the folder; the message is for the user."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock. `boot` and `table` tell apart boots and process tables; `began` is the process's own start."""

    host: str
    pid: int
    boot: str
    table: str
    began: float
    token: str


def _me() -> Holder:
    process = extra("psutil").Process()
    return Holder(platform.node(), os.getpid(), _boot(), _table(), process.create_time(), secrets.token_hex(8))


def _boot() -> str:
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{platform.node()} {extra('psutil').boot_time():.0f}"


def _table() -> str:
    """Which process numbers are seen: those of a container are its own."""
    with contextlib.suppress(OSError):
        return os.readlink("/proc/self/ns/pid")
    return ""


@contextmanager
def locked(folder: Path) -> Iterator[Path]:
    """Holds the folder while inside; gives the lock file.

    Raises:
        LockedError: somebody else holds it.
        OSError: nothing can be written there.
    """
    path, me = folder / NAME, _me()
    folder.mkdir(parents=True, exist_ok=True)
    _take(path, me)
    done = threading.Event()
    toucher = threading.Thread(target=_touch, args=(path, me, done), name="lock", daemon=True)
    toucher.start()
    try:
        yield path
    finally:
        done.set()
        toucher.join()
        if _holder(path) == me:
            with contextlib.suppress(OSError):
                path.unlink()


def _take(path: Path, me: Holder) -> None:
    text = json.dumps(asdict(me))
    for _ in range(3):
        try:
            _put_new(path, text)
        except FileExistsError:
            _clear_stale(path)
        else:
            return
    raise LockedError(f"{path.parent} is being written by another sweep that takes and gives it back all the time")


def _put_new(path: Path, text: str) -> None:
    """Makes the file with its content, unless it is there: a name of its own first, then a link, which is all or
    nothing also on network drives. Raises `FileExistsError`."""
    mine = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        mine.write_text(text, encoding="utf-8")
        try:
            os.link(mine, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
    finally:
        mine.unlink(missing_ok=True)


def _clear_stale(path: Path) -> None:
    """Takes a lock away whose holder is dead. Raises `LockedError` where it lives."""
    holder = _holder(path)
    age = _age(path)
    if age is None:
        return  # gone in the meantime
    if _alive(holder, age):
        who = "another sweep" if holder is None else f"another sweep (process {holder.pid} on {holder.host})"
        raise LockedError(
            f"{path.parent} is being written by {who}: wait for its end, or stop it. If you know that there is none, "
            f"delete {path}"
        )
    aside = path.with_name(f".{path.name}.stale-{secrets.token_hex(6)}")
    try:
        os.rename(path, aside)
    except FileNotFoundError:
        return
    if _holder(aside) != holder:  # not the one that was looked at: somebody was faster, and holds it now
        with contextlib.suppress(OSError):
            os.link(aside, path)
        aside.unlink(missing_ok=True)
        raise LockedError(f"{path.parent} is being written by another sweep that has just begun")
    aside.unlink(missing_ok=True)
    _log.info("the lock of a sweep that is dead was taken away: %s", holder)


def _holder(path: Path) -> Holder | None:
    try:
        return Holder(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _age(path: Path) -> float | None:
    """Seconds since the lock was touched, by the clock of its file system; None where it is gone."""
    probe = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        touched = path.stat().st_mtime
        probe.touch()
        return probe.stat().st_mtime - touched
    except FileNotFoundError:
        return None
    finally:
        probe.unlink(missing_ok=True)


def _alive(holder: Holder | None, age: float) -> bool:
    """Whether the holder lives, as far as can be known from here."""
    if holder is None:
        return age < STALE_AFTER  # not whole: somebody is just writing it, or died of it
    if holder.host == platform.node() and holder.boot != _boot():
        return False
    if holder.boot != _boot() or holder.table != _table():
        return age < STALE_AFTER
    psutil = extra("psutil")
    try:
        return abs(float(psutil.Process(holder.pid).create_time()) - holder.began) < 1.0
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return age < STALE_AFTER


def _touch(path: Path, me: Holder, done: threading.Event) -> None:
    while not done.wait(TOUCHED_EVERY):
        with contextlib.suppress(OSError):
            if _holder(path) == me:
                os.utime(path, None)
