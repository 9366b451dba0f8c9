"""The programs of others that commands run, each in an environment of its own with what its lock names."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from nightly.cache import cache_dir
from nightly.venvs import ensure_venv

LOCKS = Path(__file__).resolve().parent.parent / "tools"


def tool(name: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The command that runs a tool, to which its arguments are added. It's installed at the first call.

    Raises:
        UserError: it can't be installed.
    """
    python = ensure_venv(LOCKS / f"{name}.txt", cache=cache_dir(environ, sys.platform))
    return (str(python), "-I", "-X", "utf8", "-m", name)
