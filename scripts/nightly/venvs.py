"""Virtual environments for the tools of development, made once and kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from nightly import pip
from nightly.cache import kept, key_of
from nightly.errors import UserError


def ensure_venv(lock: Path, *, cache: Path) -> Path:
    """The `python` of a virtual environment with exactly what the lock names. Two runs at once both end well.

    Raises:
        UserError: it can't be made.
    """

    def fill(directory: Path) -> None:
        print(f"Installing {lock.parent.name}/{lock.name}, once for this Python.", flush=True)
        make_venv(directory)
        pip.install(str(python_of(directory)), lock)

    return python_of(kept(cache, f"venv-{key_of(lock)}", fill))


def python_of(venv: Path) -> Path:
    """The program of a virtual environment."""
    return venv / "Scripts" / "python.exe" if sys.platform == "win32" else venv / "bin" / "python"


def make_venv(directory: Path) -> None:
    """Make a virtual environment of this Python, with the pip that comes with it.

    Raises:
        UserError: it can't be made.
    """
    made = subprocess.run(
        [sys.executable, "-I", "-m", "venv", str(directory)], check=False, capture_output=True, text=True
    )
    if made.returncode:
        raise UserError(
            f"The Python {sys.executable!r} can't make a virtual environment. It said:\n{made.stdout}{made.stderr}",
            title="No venv",
            do="On Debian and Ubuntu, install the package python3-venv; elsewhere, call another Python.",
        )
