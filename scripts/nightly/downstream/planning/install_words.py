"""What installers say when they can't install: of whom, and whether it's the channel's doing. Pure.

The words are those of pip 22 to 26 and uv 0.11 to 0.13.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from nightly.downstream.records.plan import Package

_MOST_LINES = 12
_LONGEST_LINE = 500

_STUMBLES = re.compile(
    r"AssertionError: (.* != .* for wheel|.*Candidate is not for this requirement)|has inconsistent name"
)
_OTHER_BYTES = re.compile(r"Hash mismatch for|DO NOT MATCH THE HASHES")
_REFUSED = re.compile(r"ResolutionImpossible|No solution found when resolving|No matching distribution found")
_GONE = re.compile(r"HTTP error 4(04|10)|(404|410) (Client Error|Not Found|Gone)")
_SILENT = re.compile(
    r"HTTP error 5\d\d|server error \(5\d\d|Max retries exceeded|Failed to connect|error sending request"
    r"|timed out|Connection (refused|reset|aborted)|connection closed|IncompleteRead",
    re.IGNORECASE,
)
_TRIED_AGAIN = "WARNING: Retrying"

_SIGN = re.compile(r"\s{0,2}(\N{MULTIPLICATION SIGN} |error: )")
"""With which uv's errors begin, and those of pip that have a reference."""


def why_failed(output: str) -> str:
    """Which package and which requirement couldn't be installed, as the installer says it; else the last line."""
    lines = output.splitlines()
    found = _conflict_of_pip(lines) or [*_errors_of_pip(lines), *_signed(lines)] or _last(lines)
    return "\n".join(line.rstrip()[:_LONGEST_LINE] for line in found[:_MOST_LINES])


def says_refused(output: str) -> bool:
    """Whether an installer found that requirements can't be met together, or had other bytes than were planned."""
    return bool(_REFUSED.search(output) or _OTHER_BYTES.search(output))


def stumbles_over_extras(output: str) -> bool:
    """Whether it's how a pip before 26.1 fails where an extra of what a constraint names by URL is required.

    It crashes, or discards the wheel and then every older release in turn.
    """
    return bool(_STUMBLES.search(output))


def says_moved(output: str, planned: Iterable[Package]) -> bool:
    """Whether it failed at a planned wheel that isn't there any more, or has other bytes."""
    files = _files(planned)
    if mismatch := _OTHER_BYTES.search(output):
        return any(name in unquote(output[mismatch.start() :]) for name in files)
    return _together(_GONE, output, files)


def says_down(output: str, planned: Iterable[Package]) -> bool:
    """Whether it failed at a planned wheel that couldn't be downloaded."""
    return _together(_SILENT, output, _files(planned))


def _files(planned: Iterable[Package]) -> list[str]:
    return [each.filename for each in planned if each.filename]


def _together(pattern: re.Pattern[str], output: str, files: Sequence[str]) -> bool:
    """Whether the pattern is in the line of one of the files, or in the one before: uv breaks its lines."""
    lines = [line for line in output.splitlines() if _TRIED_AGAIN not in line]
    pairs = (line + after for line, after in zip(lines, [*lines[1:], ""], strict=True) if pattern.search(line))
    return any(name in unquote(pair) for pair in pairs for name in files)


def _conflict_of_pip(lines: Sequence[str]) -> list[str]:
    for number, line in enumerate(lines):
        if line.lstrip().startswith("The conflict is caused by"):
            return [*_errors_of_pip(lines)[:1], *_paragraph(lines[number:])]
    return []


def _errors_of_pip(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if line.lstrip().startswith("ERROR: ")]


def _signed(lines: Sequence[str]) -> list[str]:
    return [each for number, line in enumerate(lines) if _SIGN.match(line) for each in _paragraph(lines[number:])]


def _last(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if line.strip()][-1:]


def _paragraph(lines: Sequence[str]) -> list[str]:
    end = next((number for number, line in enumerate(lines) if not line.strip()), len(lines))
    return list(lines[:end])
