"""What to know of a version that can be used all the same. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from nightly.stamping.source import Source, Way
from nightly.stamping.variables import GENERIC, variable_of

_BY_TAG = frozenset({Way.SETUPTOOLS_SCM, Way.HATCH_VCS, Way.PDM_BACKEND, Way.POETRY_DYNAMIC})


def warnings(version: str, source: Source) -> tuple[str, ...]:
    """What may go wrong with this version; empty, the build backend decides."""
    return tuple(_of_version(Version(version), source) if version else _of_none(source))


def _of_version(version: Version, source: Source) -> Iterator[str]:
    repository = source.repository
    if repository.shallow:
        yield "The clone is shallow: the version wasn't compared with tags. `fetch-depth: 0` brings them."
    higher = max((tag for tag in repository.tags if not tag.merged), key=lambda tag: tag.version, default=None)
    if higher and higher.version > version:
        yield (
            f"{version} is lower than the tag {higher.name}, which isn't behind this commit: who has that release, "
            "or a nightly after it, won't get this. So it is for a maintenance branch, and for an old commit."
        )
    if source.project.of_commit:
        yield (
            "meson-python makes an sdist of what is committed: it would hold the old version, and so would a wheel "
            "that is built of it. Let the hook end with `git commit -am stamped`, which is pushed nowhere."
        )
    if variable_of(source.project) == GENERIC:
        yield (
            f"{GENERIC} holds for every project that is built in the same environment, also for a dependency that "
            "comes as an sdist and asks setuptools-scm. Set it for the build alone, and install other things before."
        )


def _of_none(source: Source) -> Iterator[str]:
    repository, project = source.repository, source.project
    if project.way in _BY_TAG and (repository.shallow or repository.newest is None):
        yield (
            f"{project.way.value} finds no tag here, and makes up a version such as 0.1.dev1 that nobody will get. "
            "`fetch-depth: 0` brings tags; in a fork, push them as well."
        )
    if project.versioneer_style and project.versioneer_style != "pep440-pre":
        yield (
            f"versioneer's style {project.versioneer_style} makes versions above the release that the commit comes "
            "after (1.2.0+3.gabc), in no order: set pep440-pre, or stamp the version by a hook."
        )
