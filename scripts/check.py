"""Check what a build has made: that its files can be believed, belong together, and are all there."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nightly.actions import Runner
from nightly.building.identifiers import parse_identifier
from nightly.building.records import BuildInfo, BuildPlan, BuiltFile
from nightly.checking.gathering import Gathered, gather
from nightly.checking.rules import missing_faults, not_there, subject_of, together
from nightly.checking.telling import Checked, file_lines, headline, problem_list, summary
from nightly.checking.tools import tools_of
from nightly.checking.twine_check import of_each_metadata, twine_faults, twine_version
from nightly.checking.writing import check_output, write
from nightly.data import Unreadable, load
from nightly.errors import UserError, bad_input
from nightly.options import Input, one_of, parse_inputs

PATHS = Input("paths", "", "Files and directories, a line each. A directory is searched at every depth.", many=True)
INPUTS = (
    Input("plan", "", "The build-plan.json of the build, to which the files are held."),
    Input("require_complete", "strict", "If something that is planned is missing: strict fails, warn only says so."),
    Input("output", "", "A directory to put the files into if nothing is wrong, with SHA256SUMS and BUILD-INFO.json."),
)


@dataclass(frozen=True)
class Options:
    """What is asked for. Without a plan, nothing is known to be missing; without `output`, nothing is written."""

    paths: tuple[Path, ...]
    plan: BuildPlan | None
    strict: bool
    output: Path | None

    @classmethod
    def parse(cls, argv: Sequence[str], environ: Mapping[str, str]) -> Options:
        given = parse_inputs("check", str(__doc__), INPUTS, argv, environ, (PATHS,))
        paths = tuple(Path(line.strip()) for line in given["paths"].splitlines() if line.strip())
        if not paths:
            raise bad_input("paths", "", "files and directories with what was built")
        output = Path(given["output"]) if given["output"] else None
        if output:
            check_output(output, paths)
        strict = one_of("require_complete", given["require_complete"], ("strict", "warn")) == "strict"
        return cls(paths, read_plan(Path(given["plan"])) if given["plan"] else None, strict, output)


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    runner = Runner.from_environ(os.environ, sys.stdout)
    try:
        return run(argv, os.environ, runner)
    except UserError as error:
        runner.fail(error)
        return error.exit_code


def run(argv: Sequence[str], environ: Mapping[str, str], runner: Runner) -> int:
    """Check, say all that is wrong, and put sound files into the output. Returns 0.

    Raises:
        UserError: an input is wrong, there's nothing to check, or something is wrong with it.
    """
    options = Options.parse(argv, environ)
    gathered = gather(options.paths, options.output)
    checked = check(options, gathered, environ)
    tell(checked, gathered, runner)
    if checked.errors:
        raise _unfit(checked)
    if options.output:
        write(options.output, checked.found, build_info(checked, environ))
        runner.output("directory", str(options.output))
        runner.line(
            f"They are in {options.output}, with SHA256SUMS{'' if options.plan else ' (no plan, no BUILD-INFO.json)'}."
        )
    return 0


def check(options: Options, gathered: Gathered, environ: Mapping[str, str]) -> Checked:
    """All that is to say of the files."""
    found, plan = gathered.distributions, options.plan
    missing = not_there(gathered.names, plan)
    return Checked(
        found=found,
        subject=subject_of(found, plan),
        plan=plan,
        missing=missing,
        faults=(
            *gathered.faults,
            *together(found, plan),
            *missing_faults(missing, strict=options.strict),
            *twine_faults(of_each_metadata(found), environ),
        ),
    )


def tell(checked: Checked, gathered: Gathered, runner: Runner) -> None:
    """Say how it is in the log, in the outputs and in the summary. Errors are said by who ends the run."""
    runner.line(headline(checked))
    for line in file_lines(checked):
        runner.line(line)
    if gathered.others:
        runner.line(f"Passed over: {', '.join(sorted({path.name for path in gathered.others}))}")
    if checked.warnings:
        runner.warning(problem_list(checked.warnings), title="To be looked at")
    runner.output("version", checked.version)
    runner.output("files", json.dumps(sorted(each.filename for each in checked.found)))
    runner.output("complete", "false" if checked.missing else "true")
    runner.summary(summary(checked))


def build_info(checked: Checked, environ: Mapping[str, str]) -> BuildInfo | None:
    """What BUILD-INFO.json says; nothing without a plan, as nobody knows then what was built."""
    if checked.plan is None:
        return None
    files = sorted(checked.found, key=lambda each: each.filename)
    return BuildInfo(
        plan=checked.plan,
        version=checked.version,
        files=tuple(BuiltFile(each.filename, each.size, each.sha256) for each in files),
        missing=checked.missing,
        run_url=run_url(environ),
        tools={**tools_of(files), "python": platform.python_version(), "twine": twine_version()},
    )


def run_url(environ: Mapping[str, str]) -> str:
    """Where the run is to be seen, or "" outside of a workflow."""
    server, repository, run = (environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    return f"{server}/{repository}/actions/runs/{run}" if server and repository and run else ""


def read_plan(path: Path) -> BuildPlan:
    """The plan that the build's first job has written.

    Raises:
        UserError: it's none.
    """
    try:
        plan = load(BuildPlan, path)
        for identifier in plan.identifiers:
            parse_identifier(identifier)
    except (OSError, Unreadable, ValueError) as error:
        raise UserError(
            f"The plan {str(path)!r} can't be read: {error}",
            title="Bad input",
            do="Give the build-plan.json of the run that has built the files.",
            exit_code=2,
        ) from error
    return plan


def _unfit(checked: Checked) -> UserError:
    return UserError(
        f"What was built isn't to be published:\n{problem_list(checked.errors)}",
        title="Check failed",
        do="Nothing was written. Mend this, and check all files again.",
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
