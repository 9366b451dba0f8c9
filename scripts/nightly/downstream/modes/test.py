"""Install, test and prove, in one cell of the matrix, as the workflow does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from nightly.actions import Runner
from nightly.channels import ChannelOptions
from nightly.data import Unreadable, load, parse, save
from nightly.downstream.planning.channels_asked import CHANNELS_INPUTS, channels_asked
from nightly.downstream.planning.hashing import wheel_hasher
from nightly.downstream.planning.installers import find_resolver
from nightly.downstream.planning.interpreter import default_python, describe
from nightly.downstream.planning.request import REQUEST_INPUTS, PlanRequest, plan_request
from nightly.downstream.planning.taking import open_sources
from nightly.downstream.records.result import Cell, CellResult, End
from nightly.downstream.records.snapshot import Snapshot
from nightly.downstream.running.cell import Bench, Task, Work, run_cell
from nightly.downstream.running.cell_plan import CellPlanner
from nightly.downstream.running.cell_text import annotation, headline, summary
from nightly.downstream.running.commands import COMMAND_INPUTS, attempt_asked, open_bench, work_asked
from nightly.downstream.running.known import Entry, read_known
from nightly.downstream.running.place import Place
from nightly.errors import UserError, bad_input
from nightly.options import Input, parse_inputs
from nightly.patience import Patience

INPUTS = (
    Input("cell", "", "The cell of the matrix, as JSON."),
    Input("snapshot", "", "The directory in which the snapshot is, at any depth."),
    *COMMAND_INPUTS,
    Input("known_failures", "", "The file of failures that are known, from the working directory."),
    *REQUEST_INPUTS,
    *CHANNELS_INPUTS,
)


@dataclass(frozen=True)
class Options:
    """What is asked for."""

    cell: Cell
    attempt: int
    snapshot: Snapshot
    work: Work
    known: tuple[Entry, ...]
    request: PlanRequest
    channels: tuple[ChannelOptions, ...]


def run(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, patience: Patience) -> int:
    """Do a cell's work, and set the output `results`. Whatever the tests do is no error of ours.

    Raises:
        UserError: an input can't be, or there's no bash.
    """
    options = parse_options(argv, environ)
    place = Place.new(runner.temp)
    result = test_cell(options, place, environ, runner, patience)
    save(place.results / "result.json", result)
    runner.output("results", str(place.results))
    tell(result, runner)
    return 0 if result.end is End.PASSED else 1


def parse_options(argv: Sequence[str], environ: Mapping[str, str]) -> Options:
    """The options that the inputs give."""
    given = parse_inputs("nightlies test", __doc__ or "", INPUTS, argv, environ)
    work = work_asked(given)
    return Options(
        cell=_cell(given["cell"]),
        attempt=attempt_asked(given, environ),
        snapshot=find_snapshot(Path(given["snapshot"])),
        work=work,
        known=read_known(work.directory / given["known_failures"]) if given["known_failures"] else (),
        request=plan_request(given, work.directory),
        channels=channels_asked(given, environ),
    )


def test_cell(
    options: Options, place: Place, environ: Mapping[str, str], runner: Runner, patience: Patience
) -> CellResult:
    """The cell's result."""
    bench = open_bench(options.work, place, environ, runner, patience)
    task = Task(options.cell, options.attempt, options.known, datetime.now(timezone.utc).date())
    try:
        planner = _planner(options, bench, patience)
    except UserError as error:
        return CellResult(options.cell, options.attempt, End.CANNOT_INSTALL, str(error))
    return run_cell(task, planner, bench)


def _planner(options: Options, bench: Bench, patience: Patience) -> CellPlanner:
    environ = bench.shell.environ
    interpreter = describe(default_python(environ))
    return CellPlanner(
        request=options.request,
        snapshot=options.snapshot,
        sources=open_sources(options.channels, patience, bench.shell.tell),
        interpreter=interpreter,
        resolver=find_resolver(interpreter, environ, options.work.directory),
        hash_wheel=wheel_hasher(patience),
        now=lambda: datetime.now(timezone.utc),
    )


def find_snapshot(directory: Path) -> Snapshot:
    """The newest snapshot below a directory: each attempt of a run in which the channels could be read has left one.

    Raises:
        UserError: there's none.
    """
    try:
        snapshots = [load(Snapshot, path) for path in directory.rglob("snapshot.json")]
    except (Unreadable, OSError) as error:
        raise bad_input("snapshot", str(directory), f"a directory with a snapshot ({error})") from error
    if not snapshots:
        raise bad_input("snapshot", str(directory), "a directory with a file snapshot.json")
    return max(snapshots, key=lambda snapshot: snapshot.taken_at)


def tell(result: CellResult, runner: Runner) -> None:
    """Say how it ended, in the log, the summary and, where it's red, as an annotation."""
    runner.line(headline(result))
    runner.summary(summary(result))
    if result.is_red:
        runner.error(annotation(result), title=f"Nightlies: {result.end.value}")
    elif result.flaky:
        runner.warning(annotation(result), title="Nightlies: flaky tests")


def _cell(value: str) -> Cell:
    try:
        return parse(Cell, value, "the cell")
    except Unreadable as error:
        raise bad_input("cell", value, f"an entry of the matrix as JSON ({error})") from error
