"""pip, kept apart from a job's settings, but reaching the registry the way that the user set up.

A job may set PIP_USER, PIP_CONSTRAINT, PIP_REQUIRE_VIRTUALENV or PIP_PRE for its own installs; each breaks or bends
ours. So pip gets none of the user's settings but those that say how a registry is reached. They are given as variables
and not as flags, because an index's URL may hold a password, and everyone on a machine may read a command line.
"""

from __future__ import annotations

import configparser
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from nightly.actions import printable
from nightly.auth import without_passwords
from nightly.errors import README, UserError

WAY_TO_REGISTRY = frozenset(
    {"index-url", "extra-index-url", "find-links", "no-index", "trusted-host"}
    | {"proxy", "cert", "client-cert", "timeout", "retries"}
)
_ALIASES = {"default-timeout": "timeout", "pypi-url": "index-url"}
_SETTINGS_OF_INSTALL = ("global", "install")
"""The sections of a configuration file that `pip install` reads; the later one wins."""

_FILES_BY_PRECEDENCE = ("global", "user", "site", "env")
"""The kinds of configuration files in pip's order: the later one wins (pip's user guide, "Configuration")."""

_LINES_SHOWN = 8


def install(python: str, lock: Path, *options: str) -> None:
    """Install exactly what the lock names: wheels alone, each by its hash, with the pip of the Python given.

    Raises:
        UserError: there's no pip, or it failed.
    """
    arguments = ("--no-deps", "--only-binary=:all:", "--require-hashes", "--no-input", "--disable-pip-version-check")
    _run(python, "install", *arguments, *options, "-r", str(lock), environ=_environ())


def require_pip() -> None:
    """Raise UserError when this Python has no pip."""
    if importlib.util.find_spec("pip") is None:
        raise UserError(
            f"The Python {sys.executable!r} has no pip.",
            title="No pip",
            means="It is a system's own Python, or an environment that was made without pip.",
            do="In a workflow, add a step that uses actions/setup-python before this one; elsewhere, install pip "
            "(on Debian and Ubuntu the packages python3-pip and python3-venv), or call another Python.",
            more=f"{README}troubleshooting",
        )


def environ_for_install(environ: Mapping[str, str], files: Iterable[Path]) -> dict[str, str]:
    """The environment for pip: without inputs (one is a token), and of pip's settings only the way to the registry.

    `files` are the user's configuration files; the later one wins, and the environment over all of them, as in pip.
    PIP_CONFIG_FILE keeps pip from reading any file; --isolated alone would leave it the machine's and the prefix's.
    """
    settings = _settings_of_files(files) | _settings_of_variables(environ)
    way = {name: value for name, value in settings.items() if name in WAY_TO_REGISTRY}
    variables = {f"PIP_{name.replace('-', '_').upper()}": value for name, value in way.items()}
    return _without(("INPUT_", "PIP_"), environ) | variables | {"PIP_CONFIG_FILE": os.devnull}


def configuration_files(shown: str) -> list[Path]:
    """The files that exist of those that `pip config debug` shows, by precedence.

    `pip config list` can't be asked: it shows settings in the order of their files' names, whichever wins.
    """
    kind = ""
    files: dict[str, list[Path]] = {}
    for line in shown.splitlines():
        if heading := re.fullmatch(r"(\w+):", line):
            kind = heading[1]
        elif file := re.fullmatch(r"  (\S.*), exists: True", line):
            files.setdefault(kind, []).append(Path(file[1]))
    return [file for kind in _FILES_BY_PRECEDENCE for file in files.get(kind, [])]


def settings(environ: Mapping[str, str]) -> dict[str, str]:
    """What pip is set up with, by the names of its options: its files, and the variables over them.

    Raises:
        UserError: it can't be asked.
    """
    return _settings_of_files(_configuration_files_of(environ)) | _settings_of_variables(environ)


def default_index(environ: Mapping[str, str]) -> str:
    """The index that pip has of itself, where it's set up with none. No option of pip's tells it.

    Raises:
        UserError: it can't be asked.
    """
    told = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    return _run_python(sys.executable, "-c", told, environ=_without(("INPUT_", "PIP_"), environ)).strip()


def _environ() -> dict[str, str]:
    return environ_for_install(os.environ, _configuration_files_of(os.environ))


def _configuration_files_of(environ: Mapping[str, str]) -> list[Path]:
    asking = _without(("INPUT_", "PIP_"), environ)
    if "PIP_CONFIG_FILE" in environ:
        asking["PIP_CONFIG_FILE"] = environ["PIP_CONFIG_FILE"]
    # A configuration file may make pip silent, and -vvv outweighs the most that it can ask for.
    return configuration_files(_run(sys.executable, "config", "debug", "-vvv", environ=asking))


def _without(prefixes: tuple[str, ...], environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if not name.upper().startswith(prefixes)}


def _settings_of_files(files: Iterable[Path]) -> dict[str, str]:
    sections: dict[str, dict[str, str]] = {name: {} for name in _SETTINGS_OF_INSTALL}
    for file in files:
        parser = configparser.RawConfigParser()
        parser.read(file, encoding="utf-8")
        for name in sections.keys() & set(parser.sections()):
            sections[name].update((_setting(key), value) for key, value in parser.items(name))
    return {key: value for section in sections.values() for key, value in section.items() if value}


def _settings_of_variables(environ: Mapping[str, str]) -> dict[str, str]:
    return {_setting(name[4:]): value for name, value in environ.items() if name.startswith("PIP_") and value}


def _setting(name: str) -> str:
    plain = name.lower().replace("_", "-").removeprefix("--")
    return _ALIASES.get(plain, plain)


def _run(python: str, *arguments: str, environ: Mapping[str, str]) -> str:
    return _run_python(python, "-m", "pip", *arguments, environ=environ)


def _run_python(python: str, *arguments: str, environ: Mapping[str, str]) -> str:
    done = subprocess.run(
        [python, "-I", "-X", "utf8", *arguments],
        check=False,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        raise _failed(done.stdout)
    return done.stdout


def _failed(output: str) -> UserError:
    lines = [line for line in without_passwords(printable(output)).splitlines() if line.strip()]
    return UserError(
        "pip could not install what this command needs. It said:\n" + "\n".join(lines[-_LINES_SHOWN:]),
        title="Set-up failed",
        means="Mostly the package registry can't be reached from here, or it lacks a file that the lock names.",
        do="Run it again when the network is back. Where a registry is reached by a proxy or a mirror, set that in "
        "pip's configuration or its variables (PIP_INDEX_URL, PIP_PROXY, HTTPS_PROXY): they are used.",
        more=f"{README}troubleshooting",
    )
