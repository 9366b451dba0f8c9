"""What the files of a build have to be to each other, and to what was planned. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, NormalizedName, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from nightly.building.identifiers import covers, missing
from nightly.building.records import BuildPlan
from nightly.checking.distributions import Distribution
from nightly.checking.faults import Fault

SDIST = "sdist"
"""What is missing where the plan wants an sdist and there's none."""

_ONE_COMMIT = "Let all jobs build one commit, and gather into an empty directory."


@dataclass(frozen=True)
class Subject:
    """What the files say that they are: the planned project and version, else what most of them say."""

    project: NormalizedName
    version: Version


def subject_of(found: Sequence[Distribution], plan: BuildPlan | None) -> Subject | None:
    """What all files should be; None where no file could be read."""
    if not found:
        return None
    usual, _ = max(Counter((each.project, each.version) for each in found).items(), key=lambda item: (item[1], item[0]))
    project = canonicalize_name(plan.project) if plan and plan.project else usual[0]
    return Subject(project, _planned_version(plan) or usual[1])


def _planned_version(plan: BuildPlan | None) -> Version | None:
    """The stamped version, if there's one."""
    try:
        return Version(plan.version) if plan and plan.version else None
    except InvalidVersion:
        return None


def together(found: Sequence[Distribution], plan: BuildPlan | None) -> tuple[Fault, ...]:
    """What is wrong with the files together, but for what isn't there."""
    subject = subject_of(found, plan)
    if subject is None:
        return ()
    licensed = any(each.licensed and not each.is_wheel for each in found)
    return (
        *(fault for each in found for fault in _identity_faults(each, subject, plan)),
        *(_raw_linux(each) for each in found if any(_is_raw_linux(tag) for tag in each.tags)),
        *(_unlicensed(each) for each in found if each.is_wheel and licensed and not each.licensed),
        *(_unexpected(each) for each in found if plan and plan.identifiers and _is_unexpected(each, plan)),
        *_several_sdists(found),
    )


def not_there(names: Iterable[str], plan: BuildPlan | None) -> tuple[str, ...]:
    """What the plan wants and no file of these `names` is: build identifiers, and SDIST.

    A file counts by its name: one that is there but broken has a fault of its own.
    """
    if plan is None:
        return ()
    names = tuple(names)
    tags = [_tags_of(name) for name in names if name.endswith(".whl")]
    no_sdist = plan.sdist and not any(name.endswith(".tar.gz") for name in names)
    return (*missing(tags, plan.identifiers), *([SDIST] if no_sdist else []))


def missing_faults(absent: Sequence[str], *, strict: bool) -> tuple[Fault, ...]:
    """That something is missing, as an error where all has to be there."""
    if not absent:
        return ()
    return (
        Fault(
            "Not all was built",
            "",
            f"{len(absent)} of what is planned {'is' if len(absent) == 1 else 'are'} missing: {', '.join(absent)}.",
            "Usually a job failed or was skipped, or its artifact wasn't downloaded.",
            "Look at the jobs of those platforms, and run the failed ones again; or leave them out of the plan.",
            warning=not strict,
        ),
    )


def _identity_faults(each: Distribution, subject: Subject, plan: BuildPlan | None) -> Iterator[Fault]:
    if each.project != subject.project:
        yield Fault(
            "Another project",
            each.filename,
            f"It is of the project {each.name!r}, and not of {subject.project!r}.",
            "Usually the wheels of dependencies were built or downloaded beside the project's own.",
            "Leave it out of what is gathered.",
        )
    elif each.version != subject.version:
        planned = _planned_version(plan) is not None
        yield Fault(
            "Another version",
            each.filename,
            f"It is of version {each.version}, and {'what is planned' if planned else 'most files'} of "
            f"{subject.version}.",
            "Usually jobs built different commits or stamped differently, or files of an older build lay there.",
            _ONE_COMMIT,
        )


def _raw_linux(each: Distribution) -> Fault:
    return Fault(
        "Not repaired",
        each.filename,
        "It is for linux_*, which says nothing of the libraries that it needs.",
        "Usually it wasn't repaired after the build; PyPI refuses it, and elsewhere it may not be importable.",
        "Run `auditwheel repair`, or build with cibuildwheel, which does.",
    )


def _is_raw_linux(tag: Tag) -> bool:
    return tag.platform.startswith("linux_")


def _unlicensed(each: Distribution) -> Fault:
    """A warning: which file is a licence is guessed by names, and a nightly isn't worth losing over a guess."""
    return Fault(
        "Without a licence",
        each.filename,
        "It has no licence's text in .dist-info, and the sdist has one.",
        "Most licences ask that their text comes with every copy, also of binaries.",
        "Name it in `license-files` of pyproject.toml.",
        warning=True,
    )


def _unexpected(each: Distribution) -> Fault:
    """A warning: more than was wanted harms nobody, but somebody's expectation is wrong."""
    return Fault(
        "Not planned",
        each.filename,
        "The plan has no build for its tags.",
        "Usually a job built more than it was asked for, or the plan is of another run.",
        "Hold `targets` against the tags; leave the file out if it isn't meant to be there.",
        warning=True,
    )


def _is_unexpected(each: Distribution, plan: BuildPlan) -> bool:
    """A raw linux wheel has a fault that says more."""
    if not each.is_wheel or any(_is_raw_linux(tag) for tag in each.tags):
        return False
    return not any(covers(each.tags, identifier) for identifier in plan.identifiers)


def _several_sdists(found: Sequence[Distribution]) -> Iterator[Fault]:
    sdists = [each for each in found if not each.is_wheel]
    if len({(each.project, each.version) for each in sdists}) < len(sdists):
        for each in sdists:
            yield Fault(
                "Several sdists",
                each.filename,
                "There is more than one sdist of its version.",
                "Usually sdists of two builds, under differently spelt names, were gathered.",
                "Keep one: a release has one sdist.",
            )


def _tags_of(filename: str) -> frozenset[Tag]:
    try:
        return parse_wheel_filename(filename)[3]
    except (InvalidWheelFilename, ValueError):
        return frozenset()
