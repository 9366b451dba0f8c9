"""What has to hold before files are released. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from packaging.utils import parse_wheel_filename

from nightly.building.records import BUILD_INFO
from nightly.releasing.evidence import Evidence, Indexed, SeenRun, identity, is_wheel, tag_version
from nightly.sums import differences

TRUSTED_EVENTS = ("push", "schedule", "workflow_dispatch", "repository_dispatch", "release")
"""Of runs that only run what people with write access have put there. Into others, strangers may have put theirs."""

_REFUSED_PLATFORMS = re.compile(r"linux_(?!armv[67]l$).*|(emscripten|pyodide|wasi)_.*")
"""What PyPI's upload refuses. It takes wheels for Pyodide as pyemscripten_YEAR_PATCH_wasm32 (PEP 783)."""


@dataclass(frozen=True)
class Gate:
    """One thing that has to hold: what was `found`, what speaks against it, and what to `do` then."""

    name: str
    found: str
    problems: tuple[str, ...]
    do: str

    @property
    def passed(self) -> bool:
        return not self.problems


def gates(evidence: Evidence) -> tuple[Gate, ...]:
    """All of them, also after one that failed."""
    return tuple(gate for each in _GATES if (gate := each(evidence)))


def bytes_gate(evidence: Evidence) -> Gate:
    """The files are those of the build: all of them, nothing else, and not a byte changed since."""
    there = {file.filename: file.sha256 for file in evidence.files}
    built = {file.filename: file.sha256 for file in evidence.info.files}
    sums = {name: digest for name, digest in evidence.sums.items() if name != BUILD_INFO}
    problems = (*differences(there, built, BUILD_INFO), *differences(there, sums))
    return Gate(
        "bytes",
        f"{len(there)} files, as SHA256SUMS and BUILD-INFO.json have them",
        problems,
        "Take the artifact of the run as it is. If it is like this there, build again.",
    )


def complete_gate(evidence: Evidence) -> Gate:
    """All is there that the plan of the build names."""
    plan = evidence.info.plan
    problems = [f"{each} is missing" for each in evidence.info.missing]
    names = [file.filename for file in evidence.files]
    if not any(map(is_wheel, names)) and plan.identifiers:
        problems.append("there is no wheel")
    if all(map(is_wheel, names)) and plan.sdist:
        problems.append("there is no sdist")
    return Gate(
        "complete",
        f"{len(plan.identifiers)} builds were planned{', and an sdist' * plan.sdist}",
        tuple(problems),
        "Rerun the jobs of the build that failed. A release is of all files or of none: who installs meanwhile gets "
        "the sdist on the systems that are missing.",
    )


def version_gate(evidence: Evidence) -> Gate:
    """Every file is of this project, and of the one version that the tag names."""
    wanted = tag_version(evidence.tag)
    if wanted is None:
        problem = f"the tag {evidence.tag!r} names no version (as v1.2.3 or 1.2.3 do, PEP 440)"
        return Gate("version", "", (problem,), "Tag the commit with the version's name.")
    strangers = [file.filename for file in evidence.files if identity(file.filename) != (evidence.project, wanted)]
    problems = [f"{name} isn't {evidence.project} {wanted}" for name in strangers]
    if evidence.info.version and tag_version(evidence.info.version) != wanted:
        problems.append(f"BUILD-INFO.json says version {evidence.info.version}, and the tag {evidence.tag} {wanted}")
    return Gate(
        "version",
        f"{evidence.project} {wanted}, in every file and in the tag {evidence.tag}",
        tuple(problems),
        "Usually the files were built before the tag was there, so that the version was counted from the one before. "
        "Build the tag, or build its commit with `version_stamp` set to the version.",
    )


def release_gate(evidence: Evidence) -> Gate:
    """It is a version that a release may have."""
    version, problems = tag_version(evidence.tag), list[str]()
    if version and version.local:
        problems.append(f"{version} is a local version, which PyPI refuses")
    if version and version.is_devrelease:
        problems.append(f"{version} is a development release, which is for a nightly channel")
    kind = "a pre-release" if version and version.is_prerelease else "a release"
    return Gate("release", kind, tuple(problems), "Tag a release (1.2.3), or a candidate (1.2.3rc1).")


def commit_gate(evidence: Evidence) -> Gate:
    """The tag is there now, and is the commit that was built."""
    tagged, plan = evidence.tagged, evidence.info.plan
    problems, commit = list[str](), tagged.commits.get(evidence.tag)
    if plan.source_repository.casefold() != tagged.repository.casefold():
        problems.append(f"{plan.source_repository} was built, and the tag is looked for in {tagged.repository}")
    if commit is None:
        problems.append(f"{tagged.repository} has no tag {evidence.tag}")
    elif commit != evidence.sha:
        others = ", ".join(tagged.at(evidence.sha)) or "no tag"
        problems.append(f"the tag {evidence.tag} is {commit}, and {evidence.sha} was built (which has {others})")
    return Gate(
        "commit",
        f"the tag {evidence.tag} is {evidence.sha}, which was built",
        tuple(problems),
        "Push the tag to the commit that was built, or build the commit that is tagged. Don't move a tag that others "
        "may have fetched: make a new version.",
    )


def platforms_gate(evidence: Evidence) -> Gate:
    """PyPI takes wheels for these platforms."""
    wheels = [file.filename for file in evidence.files if is_wheel(file.filename) and identity(file.filename)]
    platforms = {name: sorted({tag.platform for tag in parse_wheel_filename(name)[3]}) for name in wheels}
    refused = {name: [each for each in own if _REFUSED_PLATFORMS.fullmatch(each)] for name, own in platforms.items()}
    return Gate(
        "platforms",
        ", ".join(sorted({each for own in platforms.values() for each in own})) or "no wheels",
        tuple(f"{name} is for {', '.join(own)}, which PyPI refuses" for name, own in refused.items() if own),
        "Repair wheels for Linux (cibuildwheel does). Build those for Pyodide with a version that tags them "
        "pyemscripten_..._wasm32 (cibuildwheel 4), or leave them out.",
    )


def index_gate(evidence: Evidence) -> Gate:
    """The index has no file of these names with other bytes: what was released once stays what it is."""
    index, there = evidence.index, {file.filename: file.sha256 for file in evidence.files}
    if index.trouble:
        problem = f"it isn't known what {index.place} has: {index.trouble}"
        return Gate("index", "", (problem,), "Run this again when the index can be reached.")
    met = [file for file in index.files if file.filename in there]
    same = [file.filename for file in met if file.sha256 == there[file.filename]]
    problems = tuple(
        f"{index.place} has {file.filename} with {_bytes(file)}" for file in met if file.filename not in same
    )
    return Gate(
        "index",
        f"{index.place} has {f'{len(same)} of them already, with the same bytes' if same else 'none of them'}",
        problems,
        "A file can't be replaced on PyPI, not even after it was deleted. Release a new version.",
    )


def staging_gate(evidence: Evidence) -> Gate | None:
    """The staging index has all wheels, and they are these very bytes."""
    staging = evidence.staging
    if staging is None:
        return None
    do = "Publish the files of this run to staging, try them there, and run this again."
    if staging.trouble:
        return Gate("staging", "", (f"it isn't known what {staging.place} has: {staging.trouble}",), do)
    staged = {file.filename: file for file in staging.files}
    wheels = [file for file in evidence.files if is_wheel(file.filename)]
    missing = [f"{file.filename} isn't at {staging.place}" for file in wheels if file.filename not in staged]
    other = [
        f"{staging.place} has {file.filename} with {_bytes(staged[file.filename])}"
        for file in wheels
        if file.filename in staged and staged[file.filename].sha256 != file.sha256
    ]
    return Gate("staging", f"{len(wheels)} wheels at {staging.place}, with these bytes", (*missing, *other), do)


def run_gate(evidence: Evidence) -> Gate | None:
    """Whoever wrote the files may write to this repository: a pull request's run leaves artifacts too."""
    run = evidence.run
    if run is None:
        return None
    problems = [f"it isn't known what the run {run.id} was: {run.trouble}"] if run.trouble else list(_distrust(run))
    do = "Name a run that ended well, of a push, a schedule or a dispatch, in this repository."
    return Gate("run", f"{run.id} of {run.repository}: {run.event}, {run.conclusion}", tuple(problems), do)


def _distrust(run: SeenRun) -> Iterator[str]:
    if run.head.casefold() != run.repository.casefold():
        yield f"the run {run.id} is for a commit of {run.head or 'a repository that is gone'}"
    if run.event not in TRUSTED_EVENTS:
        yield f"the run {run.id} was started by {run.event}, in which strangers may have a say"
    if run.conclusion != "success":
        yield f"the run {run.id} ended with {run.conclusion or 'nothing yet'}, not with success"


def _bytes(file: Indexed) -> str:
    return f"other bytes (sha256 {file.sha256})" if file.sha256 else "bytes whose sha256 it doesn't tell"


def failed(found: Sequence[Gate]) -> tuple[Gate, ...]:
    return tuple(gate for gate in found if not gate.passed)


_GATES: tuple[Callable[[Evidence], Gate | None], ...] = (
    bytes_gate,
    complete_gate,
    version_gate,
    release_gate,
    commit_gate,
    platforms_gate,
    index_gate,
    staging_gate,
    run_gate,
)
