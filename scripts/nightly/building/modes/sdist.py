"""Build the sdist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nightly.actions import Runner
from nightly.building.making import make
from nightly.building.places import DRIVER, SOURCE, places_asked
from nightly.options import parse_inputs
from nightly.patience import Patience

INPUTS = (SOURCE, DRIVER)


def run(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, patience: Patience) -> int:
    """Build it, and set the output `results` to the directory that it is in.

    Raises:
        UserError: it can't be built.
    """
    del patience
    given = parse_inputs("build sdist", str(__doc__), INPUTS, argv, environ)
    made = make("sdist", places_asked(given).source, environ, runner)
    runner.line(f"Built: {made.name}")
    runner.output("results", str(made.parent))
    return 0
