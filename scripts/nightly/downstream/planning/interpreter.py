"""The Python for which is planned, as that Python itself says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from packaging.tags import Tag


@dataclass(frozen=True)
class Interpreter:
    """A Python of an environment, which may be another than ours.

    `path` is its executable, `version` like "3.13.1", `platform` as sysconfig names it ("linux-x86_64"). `tags` are
    those of the wheels that it can install, the best first; `markers` the values of PEP 508's variables; `pip` its
    version of pip, None where it has none. `prefix` is the environment's directory, and `site_packages` are the
    directories that it imports from.
    """

    path: str
    version: str
    platform: str
    tags: tuple[Tag, ...]
    markers: Mapping[str, str]
    pip: str | None
    prefix: str
    site_packages: tuple[str, ...]


def describe(python: str) -> Interpreter:
    """Ask a Python (3.8 or newer) what it is.

    Raises:
        UserError: it can't be run, or is too old.
    """
    raise NotImplementedError


def default_python(environ: Mapping[str, str]) -> str:
    """The path of the `python` or `python3` that is first on PATH.

    Raises:
        UserError: there's none.
    """
    raise NotImplementedError
