"""On which systems, with which Pythons, what was published is installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nightly.actions import Runner
from nightly.building.modes.install import VERSIONS
from nightly.downstream.planning.matrix import cells, matrix_json
from nightly.options import Input, parse_inputs
from nightly.patience import Patience
from nightly.releasing.published import published

INPUTS = (
    VERSIONS,
    Input("python", "3.x", "Versions of Python as setup-python takes them: by comma, space or line, or as JSON."),
    Input("os", "ubuntu-latest", "Labels of runners: by comma, space or line, or as JSON."),
)


def run(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, _patience: Patience) -> int:
    """Set the output `matrix`, empty where nothing was published: no matrix may be.

    Raises:
        UserError: an input's value isn't allowed.
    """
    given = parse_inputs("build cells", str(__doc__), INPUTS, argv, environ)
    matrix = cells(given["python"], given["os"])
    if published("versions", given["versions"]):
        runner.output("matrix", matrix_json(matrix))
        return 0
    runner.output("matrix", "")
    runner.notice("Nothing was published, so there is nothing to install.", title="Nothing published")
    return 0
