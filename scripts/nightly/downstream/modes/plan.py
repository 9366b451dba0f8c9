"""Choosing the nightlies for one Python: a plan, and constraints that make installers keep to it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from nightly.actions import Runner
from nightly.channels import ChannelOptions
from nightly.data import Unreadable, load, save
from nightly.downstream.planning import plan_text
from nightly.downstream.planning.channels_asked import CHANNELS_INPUTS, channels_asked
from nightly.downstream.planning.constraints import constraints_text, installer_variables, overrides_text
from nightly.downstream.planning.hashing import wheel_hasher
from nightly.downstream.planning.installers import find_resolver
from nightly.downstream.planning.interpreter import default_python, describe
from nightly.downstream.planning.making import Planner, wanted_names
from nightly.downstream.planning.needs import find_needs
from nightly.downstream.planning.request import REQUEST_INPUTS, PlanRequest, plan_request
from nightly.downstream.planning.resolving import Moved
from nightly.downstream.planning.taking import open_sources, take_snapshot
from nightly.downstream.records.plan import Plan
from nightly.downstream.records.snapshot import Snapshot
from nightly.errors import UserError, bad_input
from nightly.launcher import SCRIPTS
from nightly.options import Input, parse_inputs
from nightly.patience import Patience

INPUTS = (
    Input("project", ".", "The project's directory."),
    *REQUEST_INPUTS,
    *CHANNELS_INPUTS,
    Input("python", "", "The python of the environment to test in. If empty, the first one on PATH."),
    Input("snapshot", "", "A snapshot of the channels to plan from. If empty, they are asked now."),
    Input("output", "plan.json", "Where the plan is written to."),
    Input("constraints", "nightly.txt", "Where the constraints are written to, for PIP_CONSTRAINT and UV_CONSTRAINT."),
)


@dataclass(frozen=True)
class Options:
    """What is asked for. `snapshot` is None where the channels are to be asked now."""

    request: PlanRequest
    channels: tuple[ChannelOptions, ...]
    python: str
    snapshot: Path | None
    output: Path
    constraints: Path

    @property
    def overrides(self) -> Path:
        """Where uv's overrides are written to, if something is forced."""
        return self.constraints.with_name(f"{self.constraints.stem}-overrides{self.constraints.suffix}")


def run(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, patience: Patience) -> int:
    """Plan, and write the plan down.

    Raises:
        UserError: an input can't be, something can't be asked, or no nightly is left.
    """
    options = parse(argv, environ)
    now = datetime.now(timezone.utc)
    plan = make(options, environ, runner, patience, now)
    tell(plan, runner, now)
    write(plan, options)
    if not plan.planned:
        raise plan_text.no_nightly(plan)
    tell_use(options, environ, runner)
    return 0


def parse(argv: Sequence[str], environ: Mapping[str, str]) -> Options:
    """The options that the inputs give."""
    given = parse_inputs("nightlies plan", __doc__ or "", INPUTS, argv, environ)
    return Options(
        request=plan_request(given, _directory("project", given["project"])),
        channels=channels_asked(given, environ),
        python=given["python"] or default_python(environ),
        snapshot=Path(given["snapshot"]) if given["snapshot"] else None,
        output=Path(given["output"]),
        constraints=Path(given["constraints"]),
    )


def _directory(name: str, value: str) -> Path:
    directory = Path(value).resolve()
    if not directory.is_dir():
        raise bad_input(name, value, "a directory that is there")
    return directory


def make(options: Options, environ: Mapping[str, str], runner: Runner, patience: Patience, now: datetime) -> Plan:
    """The plan. Channels are asked for what is needed alone, and again if a wheel is replaced meanwhile."""
    interpreter = describe(options.python)
    resolver = find_resolver(interpreter, environ, options.request.project)
    needs = find_needs(options.request, resolver)
    planner = Planner(interpreter, resolver, now, wheel_hasher(patience))
    if options.snapshot:
        return planner.plan(options.request, needs, _read(options.snapshot))
    sources, names = open_sources(options.channels, patience, runner.line), wanted_names(options.request, needs)
    try:
        return planner.plan(options.request, needs, take_snapshot(sources, names, now))
    except Moved as moved:
        runner.line(f"The channels are asked again: {moved.what}")
        return planner.plan(options.request, needs, take_snapshot(sources, names, now))


def _read(path: Path) -> Snapshot:
    try:
        return load(Snapshot, path)
    except (OSError, Unreadable) as error:
        raise UserError(f"The snapshot {path} can't be read: {error}", title="Bad input", exit_code=2) from error


def tell(plan: Plan, runner: Runner, now: datetime) -> None:
    """Say what is planned, in the log and in the summary."""
    runner.line(plan_text.headline(plan))
    for line in plan_text.plan_lines(plan, now):
        runner.line(line)
    runner.summary(plan_text.plan_summary(plan, now))


def write(plan: Plan, options: Options) -> None:
    """Write the files, also of a plan in which nothing is planned.

    Raises:
        UserError: they can't be written.
    """
    overrides = overrides_text(plan.packages)
    try:
        save(options.output, plan)
        options.constraints.write_text(constraints_text(plan.packages), encoding="utf-8", newline="\n")
        options.overrides.unlink(missing_ok=True)
        if overrides:
            options.overrides.write_text(overrides, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UserError(
            f"The plan can't be written: {error}",
            title="Can't write",
            do="Set `output` and `constraints` to files in a directory that is there and may be written to.",
        ) from error


def tell_use(options: Options, environ: Mapping[str, str], runner: Runner) -> None:
    """Say how to install by the plan. How tox passes the variables on is a matter of its own."""
    overrides = options.overrides.resolve() if options.overrides.exists() else None
    variables = installer_variables(options.constraints.resolve(), overrides, environ)
    runner.line("Install as usual, with these variables set:")
    for name in sorted(variables.keys() - {"TOX_OVERRIDE"}):
        runner.line(f"  {name}={shlex.quote(variables[name])}")
    verify = ["nightlies", "verify", "--plan", str(options.output), "--python", options.python]
    runner.line(f"Then: {shlex.join(['python3', str(SCRIPTS), *verify])}")
