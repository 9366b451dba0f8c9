"""The files of a project that tell how it takes its version."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

from nightly.errors import UserError
from nightly.stamping.editing import Toml
from nightly.stamping.project import Files, project_of
from nightly.stamping.source import Project

PYPROJECT = "pyproject.toml"


def read_project(directory: Path) -> Project:
    """What the project in a directory says of its version.

    Raises:
        UserError: there's no project, or pyproject.toml can't be read.
    """
    pyproject = read_text(directory / PYPROJECT)
    setup_py = read_text(directory / "setup.py")
    if not pyproject and not setup_py:
        raise UserError(
            f"There is neither a pyproject.toml nor a setup.py in {str(directory)!r}.",
            title="No project",
            do="Name the directory of the project by --directory.",
            exit_code=2,
        )
    setup_cfg, meson_build = (read_text(directory / name) for name in ("setup.cfg", "meson.build"))
    return project_of(Files(parse_toml(pyproject) if pyproject else {}, setup_cfg, setup_py, meson_build))


def read_text(path: Path) -> str:
    """The text of a file with its newlines as they are; nothing, if it isn't there.

    Raises:
        UserError: it can't be read, or isn't UTF-8.
    """
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} can't be read: {error}.", title="Can't read", exit_code=2) from error


def parse_toml(text: str) -> Toml:
    """Read TOML.

    Raises:
        UserError: it isn't TOML, or this Python can't read it.
    """
    try:
        # By its name, as it isn't in the oldest Python that this runs on.
        loads: Callable[[str], Toml] = importlib.import_module("tomllib").loads
    except ModuleNotFoundError as error:
        raise UserError(
            "To read pyproject.toml, Python 3.11 or newer is needed.",
            title="Python is too old",
            do="Call a newer one; the project itself may be built with any. In a workflow, give actions/setup-python "
            "the python-version 3.13, say.",
        ) from error
    try:
        return loads(text)
    except ValueError as error:
        raise UserError(f"{PYPROJECT} isn't TOML: {error}.", title="Bad pyproject.toml", exit_code=2) from error
