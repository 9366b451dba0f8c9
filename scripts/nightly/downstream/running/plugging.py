"""Putting our plugin into whatever pytest a user's command runs, and taking note when it can't be."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from nightly.downstream.planning.constraints import tox_override

DIRECTORY = Path(__file__).with_name("plugin")
"""What goes on PYTHONPATH. It holds nothing but the plugins, which run in the tested environment."""


def plugin_variables(
    log: Path, selection: Path | None, environ: Mapping[str, str], known: Path | None = None
) -> dict[str, str]:
    """The variables that make each pytest below append to this log, and run only the selected tests if there's a file.

    Where all that fails is `known` (a file of regular expressions for node ids), such a pytest ends as if all had
    passed, so that what the command does after it is done.

    To be added to `environ`, whose own PYTHONPATH, PYTEST_ADDOPTS and TOX_OVERRIDE they keep. nox and hatch pass
    them on as they are, tox 4 by its override.
    """
    given = {"selection": selection, "known": known}
    files = {name: str(path.absolute()) for name, path in given.items() if path is not None}
    plugins = [f"-p nightly_{name}" for name in ("report", *files)]
    variables = {
        "PYTHONPATH": os.pathsep.join(filter(None, [str(DIRECTORY), environ.get("PYTHONPATH")])),
        "PYTEST_ADDOPTS": " ".join(filter(None, [environ.get("PYTEST_ADDOPTS"), *plugins])),
        "NIGHTLY_REPORT_LOG": str(log.absolute()),
        **{f"NIGHTLY_REPORT_{name.upper()}": path for name, path in files.items()},
    }
    return {**variables, "TOX_OVERRIDE": tox_override(environ, tuple(variables))}


def write_words(path: Path, words: Iterable[str]) -> None:
    """Write node ids, or expressions for such, each as a line of JSON: one may hold a newline, or half a character."""
    path.write_text("".join(f"{json.dumps(word)}\n" for word in words), encoding="ascii", newline="\n")


def plugin_was_refused(log_text: str) -> bool:
    """Whether pytest said that it can't import our plugin, as below `python -I`, or where PYTHONPATH is cleared."""
    return re.search(r'Error importing plugin "nightly_(report|selection|known)"', log_text) is not None
