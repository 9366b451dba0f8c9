"""What installers say when they can't install: of whom, and whether it's the channel's doing. Pure.

The words are those of pip 22 to 26 and uv 0.11 to 0.13.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from nightly.downstream.planning.plan import Package

_MOST_LINES = 12

_OTHER_BYTES = re.compile(r"Hash mismatch for|DO NOT MATCH THE HASHES")
_GONE = re.compile(r"\b(404|410)\b")
_SILENT = re.compile(
    r"\b5\d\d\b.{0,40}(error|for url|while getting)|(error|status).{0,20}\b5\d\d\b|Max retries exceeded"
    r"|error sending request|timed out|Connection (refused|reset|aborted)|IncompleteRead",
    re.IGNORECASE,
)


def why_failed(output: str) -> str:
    """Which package and which requirement couldn't be installed, as the installer says it; else the last line."""
    lines = output.splitlines()
    found = _of_uv(lines) or _of_pip(lines) or [line for line in lines if line.strip()][-1:]
    return "\n".join(line.rstrip() for line in found[:_MOST_LINES])


def says_moved(output: str, planned: Iterable[Package]) -> bool:
    """Whether it failed at a planned wheel that isn't there any more, or has other bytes."""
    files = _files(planned)
    if mismatch := _OTHER_BYTES.search(output):
        return any(name in unquote(output[mismatch.start() :]) for name in files)
    return _in_one_line(_GONE, output, files)


def says_down(output: str, planned: Iterable[Package]) -> bool:
    """Whether it failed at a planned wheel that couldn't be downloaded."""
    return _in_one_line(_SILENT, output, _files(planned))


def _files(planned: Iterable[Package]) -> list[str]:
    return [each.filename for each in planned if each.filename]


def _in_one_line(pattern: re.Pattern[str], output: str, files: Sequence[str]) -> bool:
    lines = [line for line in output.splitlines() if pattern.search(line)]
    return any(name in unquote(line) for line in lines for name in files)


def _of_uv(lines: Sequence[str]) -> list[str]:
    """From uv's sign of an error to the end of what it says about it."""
    for number, line in enumerate(lines):
        if re.match(r"\s{0,2}\N{MULTIPLICATION SIGN} |error: ", line):
            return _paragraph(lines[number:])
    return []


def _of_pip(lines: Sequence[str]) -> list[str]:
    errors = [line for line in lines if line.startswith("ERROR: ")]
    for number, line in enumerate(lines):
        if line.startswith("The conflict is caused by"):
            return [*errors[:1], *_paragraph(lines[number:])]
    return errors


def _paragraph(lines: Sequence[str]) -> list[str]:
    end = next((number for number, line in enumerate(lines) if not line.strip()), len(lines))
    return list(lines[:end])
