"""Unneeded: a library is imported without a module that it imports and never uses for us."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def without(name: str) -> Iterator[None]:
    """Let imports inside find an empty module called `name`, unless it is there already; later ones find the real one.

    Only for a module whose names are looked up when they are used, in functions that we never call.
    """
    if name in sys.modules:
        yield
        return
    sys.modules[name] = ModuleType(name)
    try:
        yield
    finally:
        del sys.modules[name]
