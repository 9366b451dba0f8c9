"""Putting our plugin into whatever pytest a user's command runs, and taking note when it can't be."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from nightly.downstream.planning.constraints import tox_override

DIRECTORY = Path(__file__).with_name("plugin")
"""What goes on PYTHONPATH. It holds nothing but the two plugins, which run in the tested environment."""


def plugin_variables(log: Path, selection: Path | None, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that make each pytest below append to this log, and run only the selected tests if there's a file.

    To be added to `environ`, whose own PYTHONPATH, PYTEST_ADDOPTS and TOX_OVERRIDE they keep. nox and hatch pass
    them on as they are, tox 4 by its override.
    """
    plugins = ["-p nightly_report"] + ["-p nightly_selection"] * (selection is not None)
    variables = {
        "PYTHONPATH": os.pathsep.join(filter(None, [str(DIRECTORY), environ.get("PYTHONPATH")])),
        "PYTEST_ADDOPTS": " ".join(filter(None, [environ.get("PYTEST_ADDOPTS"), *plugins])),
        "NIGHTLY_REPORT_LOG": str(log.absolute()),
        **({} if selection is None else {"NIGHTLY_REPORT_SELECTION": str(selection.absolute())}),
    }
    return {**variables, "TOX_OVERRIDE": tox_override(environ, tuple(variables))}


def write_selection(path: Path, tests: Iterable[str]) -> None:
    """Write the tests to run, each as a line of JSON: a node id may hold a newline, or half a character."""
    path.write_text("".join(f"{json.dumps(test)}\n" for test in tests), encoding="ascii", newline="\n")


def plugin_was_refused(log_text: str) -> bool:
    """Whether pytest said that it can't import our plugin, as below `python -I`, or where PYTHONPATH is cleared."""
    return re.search(r'Error importing plugin "nightly_(report|selection)"', log_text) is not None
