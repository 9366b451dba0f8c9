"""Which installer is asked what it would install."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from packaging.version import Version

from nightly.downstream.planning.interpreter import Interpreter
from nightly.downstream.planning.pip_resolver import PipResolver
from nightly.downstream.planning.resolving import Resolver
from nightly.downstream.planning.uv_resolver import UvResolver
from nightly.errors import UserError

_OLDEST_PIP = Version("22.2")
"""The first that has --report."""


def find_resolver(interpreter: Interpreter, environ: Mapping[str, str], cwd: Path) -> Resolver:
    """uv, where PATH has one, else the pip of the interpreter, to be run in `cwd` with these variables.

    Raises:
        UserError: there's neither, or pip is older than 22.2, which can't tell what it would install.
    """
    if uv := shutil.which("uv", path=environ.get("PATH")):
        return UvResolver(uv, interpreter, environ, cwd)
    if interpreter.pip is None:
        raise UserError(
            f"There is no uv on PATH, and the Python {interpreter.path!r} has no pip.",
            title="No installer",
            do="Install uv, or give the path of a Python that has pip by the input `python`.",
        )
    if Version(interpreter.pip) < _OLDEST_PIP:
        raise UserError(
            f"The pip of {interpreter.path!r} is {interpreter.pip}, and 22.2 or newer is needed.",
            title="pip is too old",
            means="Older ones can't tell what they would install.",
            do="Upgrade it: python -m pip install --upgrade pip.",
        )
    return PipResolver(interpreter, environ, cwd)
