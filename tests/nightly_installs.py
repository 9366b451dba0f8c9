"""Nightlies on a channel, releases in an index, and environments that real pip and real uv install them into."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from urllib.parse import quote

from anaconda_server import AnacondaServer
from nightly.cache import cache_dir
from nightly.downstream.proving.environments import environment_of
from nightly.downstream.records.plan import Package, Plan, State
from nightly.venvs import ensure_venv
from nightly.wheels import hashes
from registry import Registry
from sample_wheels import make_package

OLDER_PIP = Path(__file__).parent / "tools" / "pip-older.txt"
"""Made from the `.in` beside it by `uv pip compile --universal --generate-hashes --no-header --no-annotate
--python-version 3.10 pip-older.in -o pip-older.txt`."""

UPLOADED_AT = datetime(2026, 6, 21, 3, tzinfo=timezone.utc)

Installer = Callable[[Path], list[str]]
"""The command that installs into the environment of this python."""


def newest_pip(python: Path) -> list[str]:
    return [sys.executable, "-I", "-m", "pip", "--python", str(python), "install", "--no-cache-dir"]


def older_pip(python: Path) -> list[str]:
    return [str(_python_with_older_pip()), "-I", "-m", "pip", "--python", str(python), "install", "--no-cache-dir"]


def uv(python: Path) -> list[str]:
    return [sys.executable, "-m", "uv", "pip", "install", "--no-config", "--no-cache", "--python", str(python)]


@cache
def _python_with_older_pip() -> Path:
    return ensure_venv(OLDER_PIP, cache=cache_dir(os.environ, sys.platform))


@dataclass
class Night:
    """A channel and an index on loopback, and a directory for environments."""

    directory: Path
    channel: AnacondaServer
    registry: Registry
    environments: dict[str, str] = field(default_factory=dict)

    def nightly(self, name: str, version: str, modules: Mapping[str, str] | None = None, url: str = "") -> Package:
        """Put a nightly on the channel, in the place of one of that name and version. Returns it as it is planned."""
        wheel = self._wheel(self.directory / "nightlies", name, version, modules, ())
        self._forget(name, wheel.name)
        self.channel.seed(wheel, uploaded_at=UPLOADED_AT)
        url = url or f"{self.channel.simple_index()}/{name}/{quote(version)}/{quote(wheel.name)}"
        return Package(
            name=name,
            state=State.NIGHTLY,
            version=version,
            url=url,
            sha256=hashes(wheel)[1],
            filename=wheel.name,
            uploaded_at=UPLOADED_AT,
            channel=self.channel.simple_index(),
        )

    def release(self, name: str, version: str, *requires: str) -> Path:
        """Put a release into the index."""
        return self._wheel(self.directory / "releases", name, version, None, requires)

    def environment(self, name: str) -> Path:
        """The python of a new environment without pip."""
        folder = self.directory / name
        command = [sys.executable, "-m", "uv", "venv", "--no-config", "--quiet", "--python", sys.executable]
        subprocess.run([*command, str(folder)], check=True, env=self._environ({}))
        return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

    def install(
        self, installer: Installer, python: Path, *requirements: str, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Install from the index, with these variables set."""
        done = subprocess.run(
            [*installer(python), *requirements],
            check=False,
            env=self._environ(variables),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def constraints(self, *packages: Package) -> str:
        """A file of constraints, as the plan writes it."""
        lines = [f"{package.name} @ {package.url}#sha256={package.sha256}" for package in packages]
        path = self.directory / f"constraints-{len(list(self.directory.glob('constraints-*')))}.txt"
        path.write_text("\n".join([*lines, ""]), encoding="utf-8")
        return str(path)

    def installed(
        self, name: str, installer: Installer, requirements: Sequence[str], nightlies: Sequence[Package]
    ) -> str:
        """The search path of an environment where this was installed by constraints, made at the first call."""
        key = f"{name}-{installer.__name__}"
        if key not in self.environments:
            python, file = self.environment(key), self.constraints(*nightlies)
            self.install(installer, python, *requirements, PIP_CONSTRAINT=file, UV_CONSTRAINT=file)
            self.environments[key] = self.search_path(python)
        return self.environments[key]

    def search_path(self, python: Path) -> str:
        """The environment of this python, as a proof looks into it."""
        return environment_of(str(python))

    def _forget(self, name: str, filename: str) -> None:
        """A name is free again once its file is deleted."""
        state, owner = self.channel.state, self.channel.organization
        for file in state.files(owner, name) if name in state.packages(owner) else ():
            if file.basename == filename:
                state.delete_file(file)

    def _wheel(
        self, directory: Path, name: str, version: str, modules: Mapping[str, str] | None, requires: Sequence[str]
    ) -> Path:
        text = {f"{name}/__init__.py": f"__version__ = {version!r}\n"}
        return make_package(directory, name, version, {**text, **(modules or {})}, requires=requires)

    def _environ(self, variables: Mapping[str, str]) -> dict[str, str]:
        """Settings of this machine are none of the tests' business."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "UV_", "VIRTUAL_ENV"))}
        index = {"PIP_INDEX_URL": self.registry.index_url, "UV_DEFAULT_INDEX": self.registry.index_url}
        quiet = {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_NO_CONFIG": "1"}
        return {**kept, **index, **quiet, **variables}


@contextmanager
def a_night(directory: Path) -> Iterator[Night]:
    """An empty channel and an empty index."""
    (directory / "releases").mkdir()
    registry = Registry(directory / "releases")
    with AnacondaServer(directory / "channel") as channel:
        yield Night(directory, channel, registry)
    registry.close()


def plan_of(*packages: Package) -> Plan:
    """A plan for the Python that runs the tests."""
    python = ".".join(map(str, sys.version_info[:3]))
    return Plan(python=python, platform="linux-x86_64", made_at=UPLOADED_AT, packages=packages)


def folder_of(environment: str) -> Path:
    """The directory that packages are installed to."""
    return Path(environment.split(os.pathsep, maxsplit=1)[0])
