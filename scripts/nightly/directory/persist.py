"""Windows alone: a file that somebody has open, a virus scanner too, can't be replaced or read for a moment."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_TRIES = 20 if sys.platform == "win32" else 0
_PAUSE = 0.1


def persisting(action: Callable[[], T], tries: int = _TRIES) -> T:
    """Do it; on Windows, again for two seconds while access is denied, which elsewhere is never a matter of time."""
    try:
        return action()
    except PermissionError:
        if not tries:
            raise
    time.sleep(_PAUSE)
    return persisting(action, tries - 1)
