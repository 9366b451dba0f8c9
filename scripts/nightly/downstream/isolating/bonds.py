"""Which nightlies can't be without each other, by what they require. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from nightly.downstream.planning.plan import Plan

_SYSTEMS = {
    "linux": ("linux", "Linux", "posix"),
    "mac": ("darwin", "Darwin", "posix"),
    "win": ("win32", "Windows", "nt"),
}


def requirements(lines: Sequence[str], plan: Plan | None) -> Iterator[Requirement]:
    """Those that apply in the environment of this plan, but for extras'. What can't be read is passed over."""
    markers = _markers(plan) if plan else None
    for requirement in filter(None, map(_parsed, lines)):
        if requirement.marker is None or (markers and requirement.marker.evaluate(markers)):
            yield requirement


def binds(requirement: Requirement, stable: str | None) -> bool:
    """Whether it can't be met with the other one at stable, or pins it, so that its own stable surely does as well."""
    if any(each.operator in ("==", "===") and not each.version.endswith(".*") for each in requirement.specifier):
        return True
    version = _version(stable)
    return version is not None and not requirement.specifier.contains(version, prereleases=True)


def _parsed(line: str) -> Requirement | None:
    try:
        return Requirement(line)
    except InvalidRequirement:
        return None


def _version(text: str | None) -> Version | None:
    try:
        return Version(text) if text else None
    except InvalidVersion:
        return None


def _markers(plan: Plan) -> dict[str, str]:
    """The plan's environment for markers (PEP 508), as far as it tells; nothing is taken from this machine."""
    systems = (names for key, names in _SYSTEMS.items() if plan.platform.startswith(key))
    sys_platform, platform_system, os_name = next(systems, ("", "", ""))
    return {
        "python_version": ".".join(plan.python.split(".")[:2]),
        "python_full_version": plan.python,
        "implementation_name": "cpython",
        "implementation_version": plan.python,
        "platform_python_implementation": "CPython",
        "platform_machine": plan.platform.rpartition("-")[2],
        "platform_release": "",
        "platform_system": platform_system,
        "platform_version": "",
        "sys_platform": sys_platform,
        "os_name": os_name,
        "extra": "",
    }
