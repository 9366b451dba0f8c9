"""The version policy of a nightly channel: whether installers will choose what is about to be published.

A version that is wrong in one of the ways below is published without an error, and then installed by nobody or by
everybody. A local label (`+g1a2b3c`) is none of them: a nightly channel takes it, and `.devN` gives the order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from packaging.utils import NormalizedName

from nightly import ordering
from nightly.channel import Listing
from nightly.ordering import Night, night_of
from nightly.wheels import Wheel

Severity = Literal["warning", "notice"]

_COUNT_COMMITS = (
    "Number the nightlies with what grows, .devYYYYMMDD (the commit's UTC date) or .devN (commits since the last tag)"
)


@dataclass(frozen=True)
class Finding:
    """How `count` wheels of a project, `filename` the first of them, will disappoint; and why, and what to do."""

    project: NormalizedName
    check: str
    severity: Severity
    count: int
    filename: str
    what: str
    means: str
    fix: str

    @property
    def message(self) -> str:
        """All of it in one paragraph."""
        files = self.filename if self.count == 1 else f"{self.count} wheels, the first is {self.filename}"
        return f"{self.what} {self.means} {self.fix} ({files})"

    @property
    def fails(self) -> bool:
        """Whether the policy `error` makes the run fail of it."""
        return self.severity == "warning"


@dataclass(frozen=True)
class _Rule:
    """A check: which wheels it concerns, and what to say of them; `what` has fields for `str.format`."""

    check: str
    concerns: Callable[[Wheel, Night], bool]
    what: str
    means: str
    fix: str
    severity: Severity = "warning"


_RULES = (
    _Rule(
        "several-versions",
        ordering.has_other_version,
        "{project} comes in several versions: {version} beside {usual}.",
        "Usually wheels of an older build, or of jobs that built different commits, were collected together.",
        "Let all jobs of the matrix build one commit (`ref:` of actions/checkout), and empty the directory first.",
    ),
    _Rule(
        "not-a-dev-release",
        ordering.is_no_dev_release,
        "{project} {version} isn't a development release.",
        "Installers take it for the real one of that number, and don't replace it when that is out.",
        "Build nightlies as X.Y.Z.devN, where X.Y.Z is the next release.",
    ),
    _Rule(
        "fallback-version",
        ordering.is_fallback,
        "{project} {version} is what a build backend makes up when it finds no tag.",
        "Usually the checkout is shallow or has no tags, so that the version can't be counted from one.",
        "Give actions/checkout `fetch-depth: 0`; in a fork, push the tags as well (`git push --tags`).",
    ),
    _Rule(
        "older-than-channel",
        ordering.is_older,
        "{project} {version} is older than {newest}, which the channel has for the same platform.",
        "Installers keep choosing {newest}: usually a branch was cut, the count began anew, or {newest} is a mistake.",
        "Raise the version to that of the next release; or delete {newest} from the channel, if it's the mistake.",
    ),
    _Rule(
        "same-version",
        ordering.replaces_its_like,
        "{project} {version} replaces files of the same version.",
        "Who has it installed stays with the old files: `pip install --upgrade` sees nothing new.",
        f"{_COUNT_COMMITS}, if users should get every night's.",
        severity="notice",
    ),
    _Rule(
        "dev0",
        ordering.is_unordered,
        "{project} {version} doesn't grow from night to night.",
        "All nightlies are one version .dev0, and a label such as a hash has no order: installers choose by chance.",
        f"{_COUNT_COMMITS}. setuptools-scm and hatch-vcs do so by default.",
    ),
    _Rule(
        "dev-number-length",
        ordering.has_other_digits,
        "{project} {version} has a dev number of another length than the channel's recent ones.",
        "Numbers are compared, not dates: .dev2024053101 stays above every later .devYYYYMMDD.",
        "Keep one length until X.Y.Z is released; change it with the next X.Y.Z.",
    ),
    _Rule(
        "build-tag",
        ordering.has_build_tag,
        "{project} {version} has a build tag.",
        "Installers prefer the highest build tag of a version, so a later file without it isn't chosen.",
        "Build without a build number (`--build-number`), and give each night its own version.",
    ),
    _Rule(
        "raw-linux",
        ordering.is_raw_linux,
        "{project} {version} is for linux_*, which says nothing of the libraries that it needs.",
        "It is installed on systems where it can't be imported; usually the wheel wasn't repaired after the build.",
        "Run `auditwheel repair`, or build with cibuildwheel, which does, for a manylinux or musllinux wheel.",
    ),
)


def findings(wheels: Iterable[Wheel], listings: Mapping[NormalizedName, Listing]) -> tuple[Finding, ...]:
    """All that is to say of the wheels' versions, by project: one finding for each project and check.

    `listings` is what the channel holds, as far as it could be read; a project that isn't there is new.
    """
    ordered = sorted(wheels, key=lambda wheel: (wheel.project, wheel.filename))
    return tuple(
        finding
        for project, own in groupby(ordered, key=lambda wheel: wheel.project)
        for finding in _project_findings(tuple(own), listings.get(project))
    )


def _project_findings(wheels: Sequence[Wheel], listing: Listing | None) -> Iterator[Finding]:
    night = night_of(wheels, listing.files if listing else ())
    for rule in _RULES:
        concerned = [wheel for wheel in wheels if rule.concerns(wheel, night)]
        if concerned:
            yield _finding(rule, concerned, night)


def _finding(rule: _Rule, concerned: Sequence[Wheel], night: Night) -> Finding:
    first = concerned[0]
    fields = {
        "project": first.name,
        "version": first.version,
        "usual": str(night.usual),
        "newest": str(night.newest_for(first)),
    }
    what, means, fix = (text.format_map(fields) for text in (rule.what, rule.means, rule.fix))
    return Finding(first.project, rule.check, rule.severity, len(concerned), first.filename, what, means, fix)
