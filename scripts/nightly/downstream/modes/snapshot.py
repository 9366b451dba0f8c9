"""What the channels offer now, and the matrix of Pythons and systems that are all tested against it.

Inputs of later jobs are checked here too, as those would refuse them much later, and each by itself.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from nightly.actions import Runner
from nightly.channels import ChannelOptions
from nightly.data import save
from nightly.downstream.planning import snapshot_text
from nightly.downstream.planning.channels_asked import CHANNELS_INPUTS, channels_asked
from nightly.downstream.planning.matrix import cells, matrix_json, matrix_name
from nightly.downstream.planning.request import REQUEST_INPUTS, plan_request
from nightly.downstream.planning.taking import open_sources, take_snapshot
from nightly.downstream.records.result import Cell
from nightly.downstream.records.snapshot import Snapshot, Trouble
from nightly.downstream.telling.lifecycle import ISSUE, When
from nightly.errors import UserError
from nightly.options import Input, parse_inputs
from nightly.patience import Patience

INPUTS = (
    *CHANNELS_INPUTS,
    *REQUEST_INPUTS,
    Input("name", "nightlies", "Tells several calls of the workflow in one repository apart."),
    Input("python", "3.x", "Versions of Python as setup-python takes them: by comma, space or line, or as JSON."),
    Input("os", "ubuntu-latest", "Labels of runners: by comma, space or line, or as JSON."),
    ISSUE,
)


@dataclass(frozen=True)
class Options:
    """What is asked for. `packages` are normalised names; if there are none, all that the channels have is meant."""

    channels: tuple[ChannelOptions, ...]
    packages: tuple[str, ...]
    cells: tuple[Cell, ...]


def run(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, patience: Patience) -> int:
    """Take the snapshot, and set the outputs `matrix` and `results`, also where there's trouble.

    Raises:
        UserError: an input can't be, or a channel can't be read, which `trouble.json` tells the other jobs.
    """
    options = parse(argv, environ)
    results = Path(tempfile.mkdtemp(prefix="nightlies-", dir=runner.temp))
    runner.output("matrix", matrix_json(options.cells))
    runner.output("results", str(results))
    try:
        snapshot = take(options, runner, patience)
    except UserError as error:
        save(results / "trouble.json", Trouble(str(error)))
        raise
    save(results / "snapshot.json", snapshot)
    tell(snapshot, runner)
    return 0


def parse(argv: Sequence[str], environ: Mapping[str, str]) -> Options:
    """The options that the inputs give."""
    given = parse_inputs("nightlies snapshot", __doc__ or "", INPUTS, argv, environ)
    matrix_name("name", given["name"])
    When.asked(given)
    return Options(
        channels=channels_asked(given, environ),
        packages=plan_request(given, Path()).named,
        cells=cells(given["python"], given["os"]),
    )


def take(options: Options, runner: Runner, patience: Patience) -> Snapshot:
    """Ask the channels."""
    sources = open_sources(options.channels, patience, runner.line)
    return take_snapshot(sources, options.packages or None, datetime.now(timezone.utc))


def tell(snapshot: Snapshot, runner: Runner) -> None:
    """Say what there is, in the log and in the summary."""
    runner.line(snapshot_text.headline(snapshot))
    for line in snapshot_text.snapshot_lines(snapshot):
        runner.line(line)
    runner.summary(snapshot_text.snapshot_summary(snapshot))
