"""What an exit code and an output say of a crash. Pure."""

from __future__ import annotations

import re

_SIGNALS = {
    4: "SIGILL (an instruction that this processor doesn't know)",
    5: "SIGTRAP",
    6: "SIGABRT (the program gave up: an assertion of C or C++, or a heap that is broken)",
    7: "SIGBUS (a bad access to memory)",
    8: "SIGFPE (a bad calculation, such as a division by zero)",
    9: "SIGKILL (somebody ended it, mostly the system as memory ran out)",
    10: "SIGBUS (a bad access to memory)",
    11: "SIGSEGV (segmentation fault)",
}
"""By their numbers on Linux and on macOS, which differ in SIGBUS alone."""

_WINDOWS = {
    0xC0000005: "an access violation (segmentation fault)",
    0xC000001D: "an instruction that this processor doesn't know",
    0xC0000017: "want of memory",
    0xC0000094: "a division by zero",
    0xC00000FD: "a stack overflow",
    0xC0000135: "a DLL that isn't there",
    0xC0000374: "a heap that is broken",
    0xC0000409: "a stack that is broken, or an abort",
}

_SAID = {
    r"^Fatal Python error: (.{1,80})": "{}",
    r"\b(Segmentation fault)\b": "SIGSEGV ({})",
    r"\bexited with code (-\d+ \(SIG[A-Z]+\))": "{}",
    r"^make.*\bError (1(?:3[2-9]))\b": "exit code {}",
}

_TOLD_BY_PYTHON = re.compile(r"(?:Fatal Python error|Windows fatal exception): .*", re.DOTALL)
"""What faulthandler says, behind what pytest has said on that line. The innermost frames come first."""

_CRASH_LINES = 16
_TAIL_LINES = 60
_TAIL_CHARACTERS = 12_000


def crash_of(code: int) -> str:
    """What ended a program, by its exit code or that of the shell around it; "" where it wasn't a crash.

    A shell adds 128 to a signal's number (POSIX, "Exit Status for Commands"), and Python says it negative.
    """
    if words := _WINDOWS.get(code & 0xFFFFFFFF):
        return words
    return _SIGNALS.get(-code if code < 0 else code - 128, "")


def crash_said(output: str) -> str:
    """What the end of an output says of a crash within it, for a tool around the tests has an exit code of its own."""
    for pattern, words in _SAID.items():
        if found := re.findall(pattern, output, re.MULTILINE):
            return words.format(str(found[-1]).strip())
    return ""


def tail_of(output: str) -> str:
    """The end of an output, short enough for an issue; of a crash, from where Python tells of it."""
    if crash := _TOLD_BY_PYTHON.search(output):
        return "\n".join(crash[0].splitlines()[:_CRASH_LINES])[:_TAIL_CHARACTERS]
    return "\n".join(output.splitlines()[-_TAIL_LINES:])[-_TAIL_CHARACTERS:]
