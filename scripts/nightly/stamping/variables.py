"""The variables of the environment by which build backends take a version. Pure."""

from __future__ import annotations

from packaging.utils import canonicalize_name

from nightly.stamping.source import Project, Source, Way

EPOCH = "SOURCE_DATE_EPOCH"
"""The commit's time, in seconds since 1970, which build backends give to the files in a wheel."""

GENERIC = "SETUPTOOLS_SCM_PRETEND_VERSION"
"""Holds for every project. hatch-vcs (0.5) reads nothing else."""

STAMP = "STAMP_VERSION"
"""What a hook is given."""

_OF_BACKENDS = {
    Way.HATCH_VCS: GENERIC,
    Way.PDM_BACKEND: "PDM_BUILD_SCM_VERSION",
    Way.POETRY_DYNAMIC: "POETRY_DYNAMIC_VERSIONING_BYPASS",
}


def variable_of(project: Project) -> str:
    """The variable that the project's build backend reads its version from; empty, there is none."""
    if project.way is Way.SETUPTOOLS_SCM and project.name:
        return f"{GENERIC}_FOR_{canonicalize_name(project.name).replace('-', '_').upper()}"
    return GENERIC if project.way is Way.SETUPTOOLS_SCM else _OF_BACKENDS.get(project.way, "")


def build_variables(source: Source, version: str) -> dict[str, str]:
    """What to set for the build of this version; without one, the backend decides."""
    variable = variable_of(source.project)
    epoch = {EPOCH: str(int(source.repository.committed_at.timestamp()))}
    return epoch | ({variable: version} if version and variable else {})
