"""Uploading what was fetched: all of it, or none as far as can be known before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import Enum
from pathlib import Path

from nightly import markdown
from nightly.actions import Runner
from nightly.errors import UserError
from nightly.fetching.artifact_files import project_of
from nightly.fetching.destination import UploadOptions, index_of
from nightly.fetching.files import Fetched, IndexFile
from nightly.fetching.simple_index import SimpleIndex
from nightly.fetching.twine import check, send
from nightly.http import Http
from nightly.wheels import hashes


class Standing(Enum):
    """What an index has of a file."""

    ABSENT = "not there"
    SAME = "there"
    OTHER = "there with other bytes"
    UNKNOWN = "there without a hash that could be compared"


def upload(
    files: Sequence[Fetched], options: UploadOptions, environ: Mapping[str, str], runner: Runner, http: Http
) -> None:
    """Upload the files, which are all that were asked for and whole, and are of one project.

    Nothing is sent unless all are good, and none is at the index with other bytes. Those that are there are left out,
    so what stopped in the middle goes on when it's run again.

    Raises:
        UserError: it can't be done, or stopped; which files are there and which aren't is told then.
    """
    runner.mask(environ.get("TWINE_PASSWORD", ""))
    paths = in_order([each.path for each in files])
    check(paths, environ)
    index = index_of(options, environ, http)
    before = standings(paths, index)
    _refuse_differing(before, index.name)
    new = [path for path in paths if before[path] is Standing.ABSENT]
    sent = send(new, options, environ) if new else None
    if sent and sent.failed:
        raise _stopped(_after(paths, before, sent.accepted, index), sent.said)
    for path in paths:
        runner.line(f"{'uploaded' if path in new else 'was there'}  {path.name}")
    runner.summary(f"{len(new)} of {len(paths)} files uploaded to {markdown.code(index.name)}; the others were there.")
    _check_served(standings(new, index) if new else {}, index.name, runner)


def in_order(paths: Sequence[Path]) -> list[Path]:
    """Wheels before the sdist: who installs in between would otherwise build it from source."""
    return sorted(paths, key=lambda path: (not path.name.endswith(".whl"), path.name))


def standings(paths: Sequence[Path], index: SimpleIndex) -> dict[Path, Standing]:
    """What the index has of each file now.

    Raises:
        UserError: it can't be asked.
    """
    listed = {each.filename: each for project in _projects(paths) for each in index.files(project)}
    return {path: _standing(path, listed.get(path.name)) for path in paths}


def _projects(paths: Sequence[Path]) -> list[str]:
    return sorted({project_of(path.name) for path in paths})


def _standing(path: Path, listed: IndexFile | None) -> Standing:
    if listed is None:
        return Standing.ABSENT
    _, sha256, md5 = hashes(path)
    for theirs, ours in ((listed.sha256, sha256), (listed.md5, md5)):
        if theirs:
            return Standing.SAME if theirs == ours else Standing.OTHER
    return Standing.UNKNOWN


def _refuse_differing(found: Mapping[Path, Standing], index: str) -> None:
    differing = {path: each for path, each in found.items() if each in (Standing.OTHER, Standing.UNKNOWN)}
    if differing:
        raise UserError(
            f"Nothing was uploaded, for {index} has files of these names already:\n{_told(differing)}",
            title="Already there",
            means="Usually this version was uploaded before, from another build.",
            do="Upload that build's other files, or make a new version: a file's name stands for the same bytes "
            "for ever.",
        )


def _after(
    paths: Sequence[Path], before: Mapping[Path, Standing], accepted: Sequence[str], index: SimpleIndex
) -> dict[Path, Standing]:
    """What is there after a failure: what was, what the index lists, and what it accepted but may not list yet."""
    found = dict(before)
    with suppress(UserError):
        found = standings(paths, index)
    kept = {path for path in paths if path.name in accepted or before[path] is Standing.SAME}
    return {path: Standing.SAME if path in kept else found[path] for path in paths}


def _stopped(found: Mapping[Path, Standing], said: str) -> UserError:
    there = sum(each is Standing.SAME for each in found.values())
    return UserError(
        f"The upload stopped, and {there} of {len(found)} files are there:\n{_told(found)}\ntwine said:\n{said}",
        title="Upload failed",
        means="A server refuses a file that it doesn't like, or a user or a password. Those come from TWINE_USERNAME "
        "and TWINE_PASSWORD, or from .pypirc.",
        do="Mend what twine says, and run this again: what is there is left out then.",
    )


def _check_served(found: Mapping[Path, Standing], index: str, runner: Runner) -> None:
    """Look whether what was sent is what the index has; it may be late."""
    lied = {path: each for path, each in found.items() if each is Standing.OTHER}
    if lied:
        raise UserError(
            f"Files were uploaded, but {index} has others:\n{_told(lied)}",
            title="Other bytes",
            means="Usually somebody else uploaded the same names at the same time.",
            do="Compare their hashes with SHA256SUMS, and delete or yank what is wrong.",
        )
    late = [path.name for path, each in found.items() if each is Standing.ABSENT]
    if late:
        runner.notice(f"{index} doesn't list these yet: {', '.join(late)}.", title="Uploaded, but not listed yet")


def _told(found: Mapping[Path, Standing]) -> str:
    return "\n".join(f"- {path.name}: {each.value}" for path, each in found.items())
