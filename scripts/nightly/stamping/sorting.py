"""Whether a version sorts as its build does: after what was built and released before, and before the release. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from packaging.version import Version

from nightly.dev_versions import date_of, has_other_digits, is_fallback, is_unordered
from nightly.errors import UserError
from nightly.stamping.numbering import without_dev
from nightly.stamping.source import Source, Tag


@dataclass(frozen=True)
class Candidate:
    """A version that a source may get, and those of earlier builds, the latest first."""

    version: Version
    source: Source
    earlier: Sequence[Version]

    @property
    def newest_earlier(self) -> Version | None:
        return max(self.earlier, default=None)

    @property
    def released(self) -> Tag | None:
        """The tag of the release that it is, or leads to; but a release may be built of its own tag."""
        release = without_dev(self.version)
        tags = (tag for tag in self.source.repository.tags if tag.version == release)
        return next((tag for tag in tags if self.version.is_devrelease or not tag.here), None)


@dataclass(frozen=True)
class _Rule:
    """A reason to refuse; the texts have fields for `str.format`."""

    name: str
    concerns: Callable[[Candidate], bool]
    what: str
    means: str
    do: str


def _is_in_future(candidate: Candidate) -> bool:
    day = date_of(candidate.version)
    return day is not None and day > (candidate.source.read_at + timedelta(days=1)).date()


def _is_below_tag(candidate: Candidate) -> bool:
    newest = candidate.source.repository.newest
    return newest is not None and candidate.version < newest.version


def _is_older(candidate: Candidate) -> bool:
    newest = candidate.newest_earlier
    return newest is not None and candidate.version < newest


_RULES = (
    _Rule(
        "fallback-version",
        lambda candidate: is_fallback(candidate.version),
        "{version} looks like what a build backend makes up when it finds no tag.",
        "Such a version is lower than any release, and a channel's policy refuses it.",
        "If it's meant, write all of its numbers (0.1.0 for 0.1); else name the release: `1.3.0.dev-date`.",
    ),
    _Rule(
        "above-the-release",
        lambda candidate: bool(candidate.version.local) and not candidate.version.is_devrelease,
        "{version} is above the release {public}, and no development release.",
        "A local label sorts after the version that it's at (versioneer's style pep440 makes such ones), and hashes "
        "have no order among themselves.",
        "Use `dev-date` or `dev-count`, or a version X.Y.Z.devN, where X.Y.Z is the next release.",
    ),
    _Rule(
        "dev0",
        lambda candidate: is_unordered(candidate.version),
        "{version} doesn't grow from build to build.",
        "All builds are one version .dev0, and a label such as a hash has no order: who has one never gets the next. "
        "A count is 0 where the commit is the tag itself.",
        "Use `dev-date`; or build a tagged commit as the release (`none`).",
    ),
    _Rule(
        "future",
        _is_in_future,
        "{version} is of a day that is yet to come: it's {today} (UTC).",
        "Usually the commit was made on a machine with a wrong clock. Builds of the days until then would be lower.",
        "Build a commit with a right date (`git commit --amend --date=now --no-edit`), or use `dev-count`.",
    ),
    _Rule(
        "dev-number-length",
        lambda candidate: has_other_digits(candidate.version, candidate.earlier),
        "{version} has a dev number of another length than earlier builds ({newest_earlier}).",
        "Numbers are compared, not dates: .dev2024053101 stays above every later .devYYYYMMDD.",
        "Keep one form until X.Y.Z is released; change it with the next X.Y.Z.",
    ),
    _Rule(
        "older-than-earlier",
        _is_older,
        "{version} is older than {newest_earlier}, which is there already.",
        "Installers would keep choosing {newest_earlier}: usually a branch was cut, or the count began anew.",
        "Raise the next release, or build a newer commit.",
    ),
    _Rule(
        "already-released",
        lambda candidate: candidate.released is not None,
        "{version} belongs to a release that is out already: the tag {released}.",
        "Installers would choose the release. Usually main wasn't told of a release that was made on a branch.",
        "Raise the version in the source, or tag main after a branch was cut (v1.4.0.dev0, which setuptools-scm "
        "understands); or name the next release: `1.4.0.dev-date`.",
    ),
    _Rule(
        "below-the-tag",
        _is_below_tag,
        "{version} is lower than the tag {newest} behind this commit.",
        "Installers would choose what is tagged. A .devN is below the pre-releases of its release, too.",
        "Raise the version in the source, or name the next release: `1.4.0.dev-date`.",
    ),
)


def refusal(candidate: Candidate, exit_code: int) -> UserError | None:
    """Why the version won't do; None if it sorts."""
    rule = next((rule for rule in _RULES if rule.concerns(candidate)), None)
    if rule is None:
        return None
    what, means, do = (text.format_map(_fields(candidate)) for text in (rule.what, rule.means, rule.do))
    return UserError(what, title=f"Can't sort ({rule.name})", means=means, do=do, exit_code=exit_code)


def _fields(candidate: Candidate) -> dict[str, str]:
    newest, released = candidate.source.repository.newest, candidate.released
    return {
        "version": str(candidate.version),
        "public": candidate.version.public,
        "today": f"{candidate.source.read_at:%Y-%m-%d}",
        "newest": newest.name if newest else "",
        "newest_earlier": str(candidate.newest_earlier),
        "released": released.name if released else "",
    }
