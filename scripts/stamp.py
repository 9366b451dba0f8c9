"""Give a source the version that its nightly, or any other build, is to have, where installers will see it grow."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from nightly.actions import Runner
from nightly.errors import UserError, bad_input
from nightly.options import Input, names, parse_inputs, true_or_false, whole_number
from nightly.stamping import wanted
from nightly.stamping.source import Source, Way
from nightly.stamping.stamping import apply, decide, read_source
from nightly.stamping.warning import warnings

STAMP = Input(
    wanted.INPUT,
    wanted.Form.DATE.value,
    f"The version: {wanted.ALLOWED}. dev-date is .devYYYYMMDD of the commit's date (UTC), dev-hour has the hour "
    "behind it, dev-count is .devN of N commits since the newest tag. The next release is what the project says or "
    "its tags let guess, unless it's named, as in 1.3.0.dev-date.",
)

INPUTS = (
    Input("directory", ".", "The directory of the project, in a checkout with all tags."),
    Input("serial", "", "Two digits behind the date of dev-date: the build of such a day, from 0 to 99."),
    Input("earlier", "", "Versions of earlier builds, by comma, the latest first: what's lower than these is refused."),
    Input("hook", "", "A bash command that writes $STAMP_VERSION where the project keeps its version."),
    Input("env_file", "", "A file to write the variables for the build to, as NAME=VALUE."),
    Input("dry_run", "false", "Say the version, and change nothing.", switch=True),
)


@dataclass(frozen=True)
class Options:
    """What is asked for."""

    stamp: str
    directory: Path
    serial: int | None
    earlier: tuple[str, ...]
    hook: str
    env_file: Path | None
    dry_run: bool

    @classmethod
    def parse(cls, argv: Sequence[str], environ: Mapping[str, str]) -> Options:
        given = parse_inputs("stamp", str(__doc__), INPUTS, argv, environ, (STAMP,))
        directory = Path(given["directory"])
        if not directory.is_dir():
            raise bad_input("directory", given["directory"], "a directory that is there")
        return cls(
            stamp=given[STAMP.name],
            directory=directory,
            serial=whole_number("serial", given["serial"], 0, 99) if given["serial"] else None,
            earlier=_versions("earlier", given["earlier"]),
            hook=given["hook"].strip(),
            env_file=Path(given["env_file"]) if given["env_file"] else None,
            dry_run=true_or_false("dry_run", given["dry_run"]),
        )


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    runner = Runner.from_environ(os.environ, sys.stdout)
    try:
        return stamp(argv, os.environ, runner)
    except UserError as error:
        runner.fail(error)
        return error.exit_code


def stamp(argv: Sequence[str], environ: Mapping[str, str], runner: Runner) -> int:
    """Decide on the version, and have the source built with it.

    Raises:
        UserError: an input is wrong, or the version would not sort or can't be given.
    """
    options = Options.parse(argv, environ)
    source = read_source(options.directory, environ, options.hook)
    version = decide(options.stamp, source, serial=options.serial, earlier=options.earlier)
    for each in warnings(version, source):
        runner.warning(each, title="Version")
    runner.line(_headline(version, source))
    runner.output("version", version)
    if not options.dry_run:
        _hand_over(apply(source, version, environ, runner.line), options, runner)
    return 0


def _versions(name: str, value: str) -> tuple[str, ...]:
    try:
        return tuple(str(Version(each)) for each in names(value))
    except InvalidVersion as error:
        raise bad_input(name, value, "versions as PEP 440 has them") from error


def _headline(version: str, source: Source) -> str:
    repository, project = source.repository, source.project
    day = f"{repository.committed_at:%Y-%m-%d %H:%M} UTC"
    given = f"{version}, by {'a hook' if project.way is Way.OTHER else project.way.value}" if version else "not stamped"
    newest = f"the newest tag behind it is {repository.newest.name}" if repository.newest else "no tag behind it"
    return f"{project.name or 'The project'}: {given} (commit {repository.sha[:12]} of {day}, {newest})"


def _hand_over(variables: Mapping[str, str], options: Options, runner: Runner) -> None:
    """To the steps after this one on a runner, to a file, and else to the person who reads."""
    for name, value in variables.items():
        runner.variable(name, value)
    if options.env_file:
        _write(options.env_file, "".join(f"{name}={value}\n" for name, value in variables.items()))
    elif runner.variables_file is None:
        runner.line("Build with these variables set:")
        for name, value in variables.items():
            runner.line(f"  {_assignment(name, value, sys.platform)}")


def _assignment(name: str, value: str, platform: str) -> str:
    """As a shell of this system reads it: PowerShell on Windows, else sh."""
    return f"$env:{name} = '{value}'" if platform == "win32" else f"export {name}={shlex.quote(value)}"


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UserError(
            f"The variables can't be written to {str(path)!r}: {error.strerror}.",
            title="Can't write",
            do="Set `env_file` to a file in a directory that is there and may be written to.",
        ) from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
