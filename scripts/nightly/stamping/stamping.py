"""Giving a source the version that it's built with: reading the source, deciding, and doing it."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path

from packaging.version import Version

from nightly.downstream.running.said import Tell
from nightly.downstream.running.shell import find_bash
from nightly.downstream.running.step_files import STEP_FILES, without_ours
from nightly.errors import UserError, bad_input
from nightly.stamping.editing import with_version
from nightly.stamping.numbering import next_release, number
from nightly.stamping.reading import PYPROJECT, parse_toml, read_project, read_text
from nightly.stamping.refusals import no_way
from nightly.stamping.repository import read_repository
from nightly.stamping.sorting import Candidate, refusal
from nightly.stamping.source import Source, Way
from nightly.stamping.variables import STAMP, build_variables
from nightly.stamping.wanted import Form, Wanted, parse_wanted


def read_source(directory: Path, environ: Mapping[str, str], hook: str = "") -> Source:
    """What is known of the project in a directory of a checkout; a `hook` is a bash command that writes its version.

    Raises:
        UserError: there's no project, or no checkout.
    """
    project = read_project(directory)
    repository = read_repository(directory, project.name, environ)
    return Source(directory, project, repository, hook, datetime.now(timezone.utc))


def decide(wanted: str, source: Source, *, serial: int | None = None, earlier: Sequence[str] = ()) -> str:
    """The version to build, in its normal form; empty for `none`: the build backend decides.

    `serial` (0 to 99) follows the date of `dev-date`, for several builds a day. `earlier` are versions of earlier
    builds as PEP 440 has them, the latest first. The same arguments give the same version, in every job.

    Raises:
        UserError: it can't be known, can't be given to this project, or wouldn't sort.
    """
    asked = parse_wanted(wanted)
    if asked is None:
        return ""
    if serial is not None and asked.form is not Form.DATE:
        raise bad_input("serial", str(serial), f"nothing, but for {Form.DATE.value}")
    if source.project.way is Way.OTHER and not source.hook:
        raise no_way(source)
    version = _version(asked, source, serial)
    refused = refusal(Candidate(version, source, [Version(each) for each in earlier]), 1 if asked.form else 2)
    if refused:
        raise refused
    return str(version)


def _version(asked: Wanted, source: Source, serial: int | None) -> Version:
    if asked.form is None:
        assert asked.version  # noqa: S101 - that's all there is then
        return asked.version
    return Version(f"{asked.version or next_release(source)}.dev{number(asked.form, source, serial)}")


def apply(source: Source, version: str, environ: Mapping[str, str], tell: Tell) -> dict[str, str]:
    """Run the hook, and write the version into pyproject.toml, if it's there. Returns the variables for the build.

    Nothing is committed, and what is built already stays what it is. Without a version, nothing is changed.

    Raises:
        UserError: the hook fails, or the version isn't found.
    """
    variables = build_variables(source, version)
    if version and source.hook:
        _run_hook(source, {**environ, **variables, STAMP: version}, tell)
    if version and source.project.way is Way.STATIC:
        path = source.directory / PYPROJECT
        changed = with_version(read_text(path), source.project.table, version, parse_toml)
        path.write_bytes(changed.encode())
    return variables


def _run_hook(source: Source, environ: Mapping[str, str], tell: Tell) -> None:
    given = {name: value for name, value in without_ours(environ).items() if name not in STEP_FILES}
    tell(f"$ {source.hook}")
    done = subprocess.run(
        [find_bash(environ), "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", source.hook],
        cwd=source.directory,
        env=given,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    tell(done.stdout)
    if done.returncode:
        raise UserError(
            f"The hook that writes the version ended with code {done.returncode}.",
            title="Hook failed",
            means="What it said is above.",
            do=f"Run it in the source with {STAMP} set to a version.",
        )
