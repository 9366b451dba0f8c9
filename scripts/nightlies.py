"""Test a project against the nightlies of what it depends on, prove it, and tell which one broke it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from nightly.dispatching import Modes

MODES = Modes(
    "nightlies",
    "nightly.downstream.modes",
    {
        "plan": "Choose the nightlies for one Python, and write a plan and constraints.",
        "verify": "Hold what is installed against the plan.",
        "badge": "Write a badge of how many dependencies are really nightlies.",
        "snapshot": "In the workflow: what the channels offer, and the matrix.",
        "test": "In the workflow: install, prove and test, in one cell of the matrix.",
        "suspects": "In the workflow: which experiments would show who broke the tests.",
        "experiment": "In the workflow: run the failing tests with other nightlies.",
        "report": "In the workflow: what all of it shows, in the summary and one issue.",
    },
)


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    return MODES.main(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
