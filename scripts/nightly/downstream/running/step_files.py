"""What a step hands to those after it, as GitHub's "Workflow commands" have it, for the commands of one cell. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

STEP_FILES = ("GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_STATE")
"""Files that a step may write to. Ours stay out of the reach of the user's commands, which get others."""

_OURS = re.compile(r"INPUT_.*|ACTIONS_.*|GITHUB_TOKEN|GH_TOKEN", re.IGNORECASE)
_RESERVED = re.compile(r"GITHUB_.*|RUNNER_.*|NODE_OPTIONS", re.IGNORECASE)


def without_ours(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without our inputs (one is a token) and without what the runner gives to actions alone."""
    return {name: value for name, value in environ.items() if not _OURS.fullmatch(name)}


def after_step(environ: Mapping[str, str], variables: str, paths: str, separator: str) -> dict[str, str]:
    """The environment, as a step that wrote this to GITHUB_ENV and this to GITHUB_PATH leaves it for the next.

    What was written last comes first in PATH, whose parts the `separator` is between.
    """
    added = [line for line in paths.splitlines() if line.strip()]
    path = separator.join([*reversed(added), *filter(None, [environ.get("PATH", "")])])
    set_ = {name: value for name, value in _assignments(variables) if not _RESERVED.fullmatch(name)}
    return {**environ, "PATH": path, **set_}


def _assignments(text: str) -> Iterator[tuple[str, str]]:
    """Of NAME=VALUE, and of NAME<<END, lines, END. What is neither is passed over."""
    lines = iter(text.splitlines())
    for line in lines:
        if plain := re.match(r"([^=<]+)=(.*)", line):
            yield plain[1], plain[2]
        elif several := re.match(r"([^=<]+)<<(.+)", line):
            yield several[1], "\n".join(_until(several[2], lines))


def _until(end: str, lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line == end:
            return
        yield line
