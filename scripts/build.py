"""Build a commit for every platform, bring it to the right channel, and from there to a release."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from nightly.dispatching import Modes

MODES = Modes(
    "build",
    "nightly.building.modes",
    {
        "plan": "In the workflow: which commit is built, where, and which wheels have to come out.",
        "source": "In the workflow: make the source ready in the job that builds it.",
        "sdist": "In the workflow: build the sdist.",
        "wheels": "In the workflow: build the wheels of one target.",
        "channel": "In the workflow: which channel the event is for.",
        "sums": "In the workflow: whether the files are those that a build has gathered.",
        "release": "In the workflow: whether the files may be released.",
        "cells": "In the workflow: where what was published is installed.",
        "install": "In the workflow: install from the channel what was published, and try it.",
    },
)


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    return MODES.main(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
