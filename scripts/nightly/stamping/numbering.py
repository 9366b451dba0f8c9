"""The next release, and the number of a build on the way to it. Pure."""

from __future__ import annotations

import re

from packaging.version import InvalidVersion, Version

from nightly.stamping.refusals import bad_declared, no_release_known, unknown_commits, unknown_scheme
from nightly.stamping.source import Source
from nightly.stamping.wanted import Form


def next_release(source: Source) -> Version:
    """The release that the commit is on the way to.

    That is what is written down, if it isn't out yet; else what setuptools-scm's guess-next-dev makes of the newest
    tag: 1.2.1 of 1.2.0, 1.3.0rc2 of 1.3.0rc1, and 1.3.0 of 1.3.0.dev0.

    Raises:
        UserError: it can't be known.
    """
    newest, declared = source.repository.newest, _declared(source)
    if declared and declared.is_devrelease:
        return without_dev(declared)
    if source.project.scheme:
        raise unknown_scheme(source)
    if source.repository.shallow or newest is None:
        raise no_release_known(source)
    if declared and declared > newest.version and not _is_tagged(declared, source):
        return declared
    return guess_next(max(filter(None, (declared, newest.version))))


def guess_next(released: Version) -> Version:
    """The next release, with the least of steps."""
    if released.is_devrelease:
        return without_dev(released)
    return Version(re.sub(r"\d+$", lambda last: str(int(last[0]) + 1), released.public))


def number(form: Form, source: Source, serial: int | None) -> str:
    """The digits behind `.dev`. A date is the commit's in UTC; `serial` counts the builds of such a day from 0 to 99.

    Raises:
        UserError: commits can't be counted.
    """
    repository = source.repository
    if form is Form.COUNT:
        if repository.shallow or repository.newest is None:
            raise unknown_commits(source)
        return str(repository.commits)
    if form is Form.HOUR:
        return f"{repository.committed_at:%Y%m%d%H}"
    return f"{repository.committed_at:%Y%m%d}" + (f"{serial:02}" if serial is not None else "")


def _declared(source: Source) -> Version | None:
    try:
        return Version(source.project.declared) if source.project.declared else None
    except InvalidVersion as error:
        raise bad_declared(source) from error


def without_dev(version: Version) -> Version:
    return Version(re.sub(r"\.dev\d+$", "", version.public))


def _is_tagged(version: Version, source: Source) -> bool:
    return any(tag.version == version for tag in source.repository.tags)
