"""What to say where the version of a build can't be known. Pure."""

from __future__ import annotations

from nightly.errors import UserError
from nightly.stamping.source import Source

_CHECK_OUT = (
    "Check out the whole history with its tags (`fetch-depth: 0` of actions/checkout, or `git fetch --unshallow "
    "--tags`); in a fork, push the tags as well (`git push --tags`)."
)
_NAMED = "`1.3.0.dev-date`, where 1.3.0 is the next release"


def unknown_scheme(source: Source) -> UserError:
    """The project counts its releases in another way."""
    return UserError(
        f"The project finds its next release by {source.project.scheme!r}, a version_scheme that isn't known here.",
        title="Next release unknown",
        means="A guess could be lower than the nightlies that were built so far, and then nobody would get this one.",
        do=f"Name it: {_NAMED}.",
    )


def no_release_known(source: Source) -> UserError:
    """There is nothing to tell the next release by."""
    return UserError(
        f"The next release can't be told: {_why(source)}.",
        title="Next release unknown",
        means="A version that is made up all the same is lower than what is released, so that nobody would get it.",
        do=f"{_CHECK_OUT} Or name the release: {_NAMED}.",
    )


def unknown_commits(source: Source) -> UserError:
    """There is nothing to count commits from."""
    return UserError(
        f"The commits since the last release can't be counted: {_why(source)}.",
        title="No commit count",
        means="Counted from elsewhere, the number would be lower than that of the last build.",
        do=f"{_CHECK_OUT} Or number by the commit's date: `dev-date`.",
    )


def bad_declared(source: Source) -> UserError:
    """What is written down isn't a version."""
    return UserError(
        f"The project's version {source.project.declared!r} isn't one as PEP 440 has it.",
        title="Bad version",
        means="Build backends refuse it, or write it in another way than installers do.",
        do="Write it as 1.3.0.dev0, where 1.3.0 is the next release.",
    )


def no_way(source: Source) -> UserError:
    """Nothing tells the build backend which version to use."""
    style = " by versioneer" if source.project.versioneer_style else ""
    return UserError(
        f"The project makes its version up in a way of its own{style}, and no setting of its build backend changes it.",
        title="No way to stamp",
        means="The version is neither written in pyproject.toml nor from setuptools-scm, hatch-vcs, pdm-backend or "
        "poetry-dynamic-versioning. (So it is with meson.build, and with versions that are read from a module.)",
        do="Give a hook, a command that writes $STAMP_VERSION to where the project keeps its version.",
    )


def _why(source: Source) -> str:
    if source.repository.shallow:
        return "the clone is shallow, so that tags and commits are missing"
    return "no tag that names a version leads to this commit"
