"""Why what is installed isn't the planned nightly, so that a person finds the mistake at once. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nightly.downstream.proving.caps import Cap, same_version
from nightly.downstream.proving.installed import Installed
from nightly.downstream.records.plan import Package

NOT_REACHED: Mapping[str, str] = {
    "pip": "PIP_CONSTRAINT didn't reach pip (tox's set_env, a step's env or --isolated cleared it), or it was "
    "installed before that was set; tox 4 ignores indexserver",
    "uv": "UV_CONSTRAINT didn't reach `uv pip` (uv reads no PIP_* variable), or it was installed before that was set, "
    "or by uv sync or uv run, which install what uv.lock says",
    "uv-pixi": "pixi installs what its lock file says, and knows no constraints",
    "conda": "conda knows no constraints of pip's; install the nightlies by pip, after it and with --no-deps",
    "poetry": "Poetry installs what its lock file says, and knows no constraints",
    "pdm": "PDM installs what its lock file says, and knows no constraints",
}
"""By installer, as INSTALLER names it: what it usually means that it took another file than the constraint's."""

_SOMEHOW = (
    "PIP_CONSTRAINT or UV_CONSTRAINT didn't reach the installer. Usually a lock file is installed (uv sync, Poetry, "
    "pixi), tox doesn't pass the variable on (pass_env), or this was installed before the variable was set"
)

UNPLANNED = (
    "the channel has it, but nobody planned it: name the extra or group that brings it in `extras` or `groups`, "
    "or all that is to be tested in `packages`"
)


def not_installed_from_plan(package: Package, found: Installed, caps: Sequence[Cap]) -> str:
    """Why it comes from elsewhere than from the planned URL."""
    if found.origin and found.origin.is_editable:
        return f"it's an editable install of {found.origin.url}: a checkout, not the planned nightly"
    if found.origin:
        return (
            f"it was installed from {found.origin.url}, though the constraint asks for {package.url}: usually the "
            "project, or a constraint of its own, requires it by that URL"
        )
    if caps:
        return _capped(package, found, caps[0])
    return _from_an_index(package, found)


def mismatch(package: Package, found: Installed) -> str:
    """Why it isn't the planned file although it comes from the planned URL, "" where nothing shows that."""
    sha256 = found.origin.sha256 if found.origin else None
    if package.sha256 is None:
        return "the plan knows no hash of it, so nothing shows which file it is: make the plan again"
    if sha256 and sha256 != package.sha256:
        return (
            f"the file under that URL changed: the installed one has the sha256 {sha256}, the planned one "
            f"{package.sha256}; usually the environment was kept from an earlier night"
        )
    if not same_version(found.version, package.version or ""):
        return f"the file under that URL changed: it was {package.version}, and {found.version} was installed"
    return ""


def moved(said: str) -> str:
    """The channel has another file there by now."""
    return f"the file under that URL changed since the plan was made, so the installed one can't be compared: {said}"


def not_compared(said: str) -> str:
    """The planned wheel can't be had now."""
    return f"the installer wrote no hash, and the planned wheel couldn't be downloaded to compare: {said}"


def changed_after(paths: Sequence[str]) -> str:
    """Files were changed, or never were the planned wheel's."""
    return f"its files were changed after the installation: {_named(paths)}"


def another_wheel(paths: Sequence[str]) -> str:
    """The same without knowing the hash of what was installed: both may be."""
    return (
        f"its files aren't those of the planned wheel: {_named(paths)}; either another file of that name was "
        "installed, or they were changed after the installation"
    )


def twice(found: Sequence[Installed]) -> str:
    """There are several of one name."""
    versions = " and ".join(sorted({each.version or "an unknown version" for each in found}))
    return f"it's installed {len(found)} times in one place ({versions}): which one is imported can't be told"


def _capped(package: Package, found: Installed, cap: Cap) -> str:
    if cap.is_pin:
        return f"another version is pinned: {cap.requirement} by {cap.by}; the planned one is {package.version}"
    return f"{cap.by} requires {cap.requirement}, which the planned {package.version} isn't; {found.version} is"


def _from_an_index(package: Package, found: Installed) -> str:
    hint = NOT_REACHED.get(found.installer.partition(" ")[0], _SOMEHOW)
    if same_version(found.version, package.version or ""):
        there = "it has the planned version, but it was installed from an index, and nothing shows that it's that file"
    else:
        there = f"{found.version} was installed from an index, not the planned {package.version}"
    return f"{there}: {hint}"


def _named(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - 2} more" if len(paths) > 2 else ""
    return f"{', '.join(paths[:2])}{more}"
