"""Lines of a report log, as pytest-reportlog writes them."""

from __future__ import annotations

import json
from pathlib import Path

START: dict[str, object] = {"$report_type": "SessionStart", "pytest_version": "9.0"}


def finish(status: int = 1) -> dict[str, object]:
    return {"$report_type": "SessionFinish", "exitstatus": status}


def report_of(test: str, outcome: str = "passed", when: str = "call", **more: object) -> dict[str, object]:
    return {"$report_type": "TestReport", "nodeid": test, "outcome": outcome, "when": when, "longrepr": None, **more}


def collect_report(test: str, outcome: str = "failed", longrepr: object = None) -> dict[str, object]:
    return {"$report_type": "CollectReport", "nodeid": test, "outcome": outcome, "longrepr": longrepr}


def started(test: str) -> dict[str, object]:
    return {"$report_type": "NightlyStart", "nodeid": test}


def warned(message: str = "old", **more: object) -> dict[str, object]:
    return {"$report_type": "WarningMessage", "message": message, "category": "DeprecationWarning", **more}


def crash(message: str) -> dict[str, object]:
    """The `longrepr` of an exception, in short."""
    return {"reprcrash": {"path": "x.py", "lineno": 1, "message": message}, "reprtraceback": {"reprentries": []}}


def write(path: Path, *lines: object) -> Path:
    """Write lines as JSON; those that are bytes or text as they are."""
    with path.open("wb") as file:
        for line in lines:
            file.write(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")
    return path
