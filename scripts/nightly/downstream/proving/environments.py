"""The environments in which tests may have run, each as the directories that it imports from."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from nightly.downstream.planning.interpreter import Interpreter, describe
from nightly.errors import UserError

_DEEPEST = 5
"""Below the directory that is searched: hatch keeps its own in env/virtual/PROJECT/ID/NAME."""

_NOT_SEARCHED = frozenset({".git", ".hg", "node_modules", "site-packages", "__pycache__"})

_FOR_BUILDING = (".pkg", ".tox", "hatch-build")
"""How tox and hatch name environments in which no tests run."""

_MARKS = ("pyvenv.cfg", "conda-meta")

_LAYOUTS = (
    *("lib/python3*/site-packages", "lib64/python3*/site-packages", "lib/pypy3*/site-packages", "Lib/site-packages"),
    *("local/lib/python3*/dist-packages", "lib/python3*/dist-packages"),
)
"""Of virtual environments and installed Pythons: posix, PyPy's, Windows', Debian's."""


_PYTHONS = ("bin/python", "Scripts/python.exe")


def find_environments(root: Path, python: str, prefixes: Sequence[str]) -> tuple[str, ...]:
    """The environments to look into, each as a search path: directories joined by `os.pathsep`, the first one wins.

    Where tests have said in which `prefixes` they ran, it's these alone. Otherwise it's the environment of `python`
    and those below `root` (.venv, .tox/*, .nox/*); a prefix that is no environment is searched like the root (hatch's
    HATCH_DATA_DIR).

    Raises:
        UserError: the Python can't be asked.
    """
    own = describe(python)
    tested = [path for prefix in prefixes if (path := _search_path(Path(prefix), own))]
    if tested:
        return tuple(dict.fromkeys(tested))
    found = [_search_path(Path(own.prefix), own)]
    for place in (root, *map(Path, prefixes)):
        found += [_search_path(prefix, own) for prefix in _below(place)]
    return tuple(dict.fromkeys(path for path in found if path))


def environment_of(python: str) -> str:
    """The search path of one Python's environment.

    Raises:
        UserError: the Python can't be asked.
    """
    own = describe(python)
    return _search_path(Path(own.prefix), own)


def _search_path(prefix: Path, own: Interpreter) -> str:
    """Empty where there's no environment."""
    once: dict[str, str] = {}
    for directory in _directories(prefix, own):
        # lib64 is often a link to lib, and Lib is lib where case doesn't matter.
        once.setdefault(os.path.realpath(directory), directory)
    return os.pathsep.join(once.values())


def _directories(prefix: Path, own: Interpreter) -> Sequence[str]:
    """Where there are the system's packages too, only the environment's own Python knows where these are."""
    if prefix.resolve() == Path(own.prefix).resolve():
        return own.site_packages
    for python in (prefix / name for name in _PYTHONS if _has_systems(prefix)):
        with suppress(UserError):
            return describe(str(python)).site_packages
    return [str(each) for layout in _LAYOUTS for each in sorted(prefix.glob(layout)) if each.is_dir()]


def _has_systems(prefix: Path) -> bool:
    """Whether it was made with --system-site-packages."""
    try:
        settings = (prefix / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return bool(re.search(r"^include-system-site-packages *= *true *$", settings, re.MULTILINE | re.IGNORECASE))


def _below(place: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(place):
        inner = Path(folder)
        is_environment = any(mark in (*names, *files) for mark in _MARKS)
        if is_environment and not inner.name.startswith(_FOR_BUILDING):
            yield inner
        is_end = (is_environment and inner != place) or len(inner.relative_to(place).parts) >= _DEEPEST
        names[:] = [] if is_end else sorted(set(names) - _NOT_SEARCHED)
