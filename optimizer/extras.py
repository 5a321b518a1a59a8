"""Libraries that come with an extra of the installation; without them the rest of the program works as before."""

from __future__ import annotations

import importlib
from typing import Any


class MissingExtraError(RuntimeError):
    """A library of an extra is not installed; the message is one line for the user."""


def imported(module: str, needs_it: str, extra: str, package: str = "") -> Any:
    """The module, imported now. Raises `MissingExtraError` where it is not installed.

    `needs_it`: "a sweep needs"; `extra`: what to install; `package`: its name there, if it is another.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as missing:
        name = package or module.partition(".")[0]
        message = f"{name} is not installed, which {needs_it}: pip install 'burdenshare[{extra}]'"
        raise MissingExtraError(message) from missing
