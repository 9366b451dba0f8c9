"""Run by the Python of an environment, 3.8 or newer: prints in a line of JSON what that is.

The argument is the directory of our own `packaging`. It doesn't support 3.8: there pip's copy of it has to do, or that
of the pip which every Python brings for its virtual environments.
"""

from __future__ import annotations

import json
import os
import platform
import site
import sys
import sysconfig
from importlib import import_module, metadata, util
from pathlib import Path
from types import ModuleType

_OLDEST_OF_OURS = 0x03090000
"""The first Python that our own `packaging` supports, as sys.hexversion writes it."""


def _modules(directory: str) -> tuple[ModuleType, ModuleType]:
    if sys.hexversion >= _OLDEST_OF_OURS:
        sys.path.insert(0, directory)
        return import_module("packaging.tags"), import_module("packaging.markers")
    brought = util.find_spec("ensurepip")
    if brought is not None and brought.origin is not None:
        sys.path += [str(wheel) for wheel in Path(brought.origin).parent.glob("_bundled/pip-*.whl")]
    return import_module("pip._vendor.packaging.tags"), import_module("pip._vendor.packaging.markers")


def _pip() -> str | None:
    try:
        return metadata.version("pip")
    except metadata.PackageNotFoundError:
        return None


def _site_packages() -> list[str]:
    """In the order of sys.path: the user's own directory comes first, but after that of a virtual environment."""
    own = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    users = [site.getusersitepackages()] if _has_users_own() else []
    first = [*users, *own] if sys.prefix == sys.base_prefix else [*own, *users]
    directories = dict.fromkeys([*first, *site.getsitepackages()])
    # Path.is_dir raises where it may not look, as into another user's home.
    return [directory for directory in directories if os.path.isdir(directory)]  # noqa: PTH112


def _has_users_own() -> bool:
    """Unless it's an environment without the system's packages. The option -I, with which this runs, hides it."""
    return sys.base_prefix in site.PREFIXES and not os.environ.get("PYTHONNOUSERSITE")


def _main() -> None:
    # Before `packaging` is at hand, as that directory may hold a pip as well.
    pip, directories = _pip(), _site_packages()
    tags, markers = _modules(sys.argv[1])
    about = {
        "path": sys.executable,
        "version": platform.python_version(),
        "platform": sysconfig.get_platform(),
        "tags": [str(tag) for tag in tags.sys_tags()],
        "markers": markers.default_environment(),
        "pip": pip,
        "prefix": sys.prefix,
        "site_packages": directories,
    }
    print()
    print(json.dumps(about))


if __name__ == "__main__":
    _main()
