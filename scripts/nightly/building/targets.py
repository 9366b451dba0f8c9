"""What is built where: the names that a caller writes, as jobs on runners. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from nightly.building.identifiers import PURE
from nightly.building.records import Target
from nightly.data import to_json
from nightly.errors import UserError, bad_input

MOST_TARGETS = 256
"""GitHub starts no more jobs from one matrix."""


@dataclass(frozen=True)
class Job:
    """A runner, and what cibuildwheel builds there: one of its platforms, and one of its architectures or `all`."""

    runner: str
    platform: str
    arch: str
    emulated: bool = False


_LINUX, _LINUX_ARM = "ubuntu-24.04", "ubuntu-24.04-arm"
_MAC, _MAC_INTEL = "macos-15", "macos-15-intel"
_WINDOWS, _WINDOWS_ARM = "windows-2025", "windows-11-arm"

JOBS: Mapping[str, Job] = {
    "linux_x86_64": Job(_LINUX, "linux", "x86_64"),
    "linux_aarch64": Job(_LINUX_ARM, "linux", "aarch64"),
    "linux_i686": Job(_LINUX, "linux", "i686"),
    "linux_ppc64le": Job(_LINUX, "linux", "ppc64le", emulated=True),
    "linux_s390x": Job(_LINUX, "linux", "s390x", emulated=True),
    "linux_riscv64": Job(_LINUX, "linux", "riscv64", emulated=True),
    "linux_armv7l": Job(_LINUX, "linux", "armv7l", emulated=True),
    "macos_arm64": Job(_MAC, "macos", "arm64"),
    "macos_x86_64": Job(_MAC_INTEL, "macos", "x86_64"),
    "macos_universal2": Job(_MAC, "macos", "universal2"),
    "windows_amd64": Job(_WINDOWS, "windows", "AMD64"),
    "windows_x86": Job(_WINDOWS, "windows", "x86"),
    "windows_arm64": Job(_WINDOWS_ARM, "windows", "ARM64"),
    "pyodide": Job(_LINUX, "pyodide", "wasm32"),
    "ios": Job(_MAC, "ios", "all"),
    "android": Job(_LINUX, "android", "all"),
    PURE: Job(_LINUX, PURE, "any"),
}
"""The targets that have a name. Manylinux and musllinux are built by the same job."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "linux": ("linux_x86_64", "linux_aarch64"),
    "macos": ("macos_arm64", "macos_x86_64"),
    "windows": ("windows_amd64",),
}
"""Several targets by one name: what most people have, each on a runner of its own kind."""

_SEPARATOR = re.compile(r"[,\s](?![^{}]*\})")
"""A comma between braces belongs to a glob."""

_GLOB = re.compile(r"(?P<python>[\w*?{},!\[\]]+)-(?P<platform>\w+|\*linux_\w+)", re.ASCII)
_PLATFORMS = (
    (r"(?:manylinux|musllinux|\*linux)_(?P<arch>\w+)", "linux_"),
    (r"macosx_(?P<arch>\w+)", "macos_"),
    (r"win_(?P<arch>\w+)", "windows_"),
    (r"win(?P<arch>32)", "windows_"),
    (r"(?P<name>pyodide)_wasm32", ""),
    (r"(?P<name>ios|android)_(?P<arch>\w+)", ""),
)
_ARCHES = {
    "ios": ("arm64_iphoneos", "arm64_iphonesimulator", "x86_64_iphonesimulator"),
    "android": ("arm64_v8a", "x86_64"),
}


def parse_targets(value: str) -> tuple[Target, ...]:
    """The targets that are named by comma, space or line, in their order.

    Raises:
        UserError: one of them isn't known, or there is none, or more than GitHub starts jobs.
    """
    words = dict.fromkeys(word for word in _SEPARATOR.split(value) if word)
    names = dict.fromkeys(name for word in words for name in GROUPS.get(word, (word,)))
    if not 0 < len(names) <= MOST_TARGETS:
        raise bad_input("targets", value, f"1 to {MOST_TARGETS} targets, such as linux, macos, windows")
    return tuple(_target(index, name) for index, name in enumerate(names))


def matrix(targets: Iterable[Target]) -> str:
    """The targets as `strategy.matrix` takes them."""
    return json.dumps({"include": to_json(tuple(targets))}, separators=(",", ":"))


def _target(index: int, name: str) -> Target:
    if name in JOBS:
        return _of(JOBS[name], index, name)
    found = _GLOB.fullmatch(name)
    job = _job_for(found["platform"]) if found else None
    if job is None:
        raise _unknown(name)
    return _of(job, index, name, build=name)


def _of(job: Job, index: int, name: str, build: str = "") -> Target:
    return Target(index, name, job.runner, job.platform, job.arch, build, job.emulated)


def _job_for(platform: str) -> Job | None:
    """The job that builds for the platform of a build identifier; the globs of the platform can be only `*linux`."""
    for pattern, prefix in _PLATFORMS:
        if found := re.fullmatch(pattern, platform):
            parts = found.groupdict()
            name, arch = parts.get("name"), parts.get("arch") or ""
            if name is None:
                return JOBS.get(prefix + {"32": "x86"}.get(arch, arch))
            if arch and arch not in _ARCHES[name]:
                return None
            return Job(JOBS[name].runner, name, arch or JOBS[name].arch)
    return None


def _unknown(name: str) -> UserError:
    near = get_close_matches(name.lower(), [*GROUPS, *JOBS], 3, 0.6)
    return UserError(
        f"The input 'targets' can't hold {name!r}." + (f" Is {' or '.join(near)} meant?" if near else ""),
        title="Bad input",
        do=f"Allowed: {', '.join([*GROUPS, *JOBS])}, and build identifiers of cibuildwheel with a platform, or globs "
        "of Pythons, such as cp313-manylinux_aarch64, cp31*-win_amd64, cp312-*linux_x86_64.",
        exit_code=2,
    )
